/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that begin with "#!", as binfmt_script of Linux reads them. */
#ifndef VMS_LOADER_SCRIPT_H
#define VMS_LOADER_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#define SCRIPT_BYTES 256 /* of the file, that are looked at */

/* So many scripts may name each other before a program must come; what has
 * more is ELOOP. */
#define SCRIPT_MAX_DEPTH 5

struct script {
	char interp[SCRIPT_BYTES]; /* "": the file is no script */
	char arg[SCRIPT_BYTES];    /* all that follows, "": nothing */
	bool has_arg;
};

/*
 * fd: open for reading; name is used in messages only.  0: *script says what
 * to run, or that the file is something else.  ENOEXEC and a sentence in
 * message, as elf_read() has them: there is "#!", but no interpreter or one
 * that is cut off; EACCES: an interpreter without a name, or no regular file;
 * or what reading said.
 */
int script_read(int fd, const char *name, struct script *script, char *message,
    size_t message_bytes);

/* The same of the file's first bytes: 0, ENOEXEC, or EACCES for an interpreter
 * whose name is empty, as Linux says it. */
int script_parse(const char *bytes, size_t len, struct script *script);

/*
 * The arguments of the interpreter of script when path is run with argv:
 * interpreter, its argument, path, and argv without its first.  *out is the
 * caller's to free(), its strings are borrowed from the three.  ENOMEM.
 */
int script_argv(const struct script *script, const char *path,
    const char *const *argv, const char ***out);

#endif
