/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One argument of a system call as strace(1) prints it.
 *
 * The formats of a call's arguments are one word: each a letter, or a name in
 * braces.  The names of strace_names.c are formats, too.
 *
 *	d signed  u unsigned  x hex  p pointer  l offset  o octal mode
 *	f descriptor  a directory descriptor  s path  b bytes (next: length)
 *	B bytes written (result: length)  v V the same for iovec arrays
 *	G string written  S signal  m signal set  Y signal set written
 *	A C sigaction in, out  T t timespec in, out  j timeval out
 *	E stat out  R rlimit out  I two descriptors out  U uname out
 *	n poll rows  O open flags  P M L k w c h r g q names
 *
 * The list of names is at the end of strace_args.c.
 */
#ifndef VMS_VKERNEL_STRACE_ARGS_H
#define VMS_VKERNEL_STRACE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/strace_names.h"
#include "vkernel/strace_text.h"

#define STRACE_STRING_MAX 32

/* Copies guest memory [va, va + len) to buf; false: not all of it is there. */
typedef bool strace_read(void *arg, uint64_t va, void *buf, size_t len);

struct strace_memory {
	strace_read *read;
	void *arg;
	size_t string_max; /* bytes shown of a string; 0: 32 */
	uint64_t sp;       /* of a guest that returns from a signal; 0: none */
};

struct arg {
	struct text *text;
	struct text *note; /* goes behind the result, in parentheses */
	const struct strace_memory *memory;
	const uint64_t *args; /* all six */
	size_t i;             /* this one */
	bool before;          /* of the call */
	bool begun;           /* this format printed before the call */
	int64_t result;       /* of the call, once it is known */
	uint64_t *saved;      /* from before the call */
};

enum arg_done {
	ARG_DONE,
	ARG_LATER,   /* goes on after the call */
	ARG_NOTE,    /* prints nothing now; after the call a note, perhaps */
	ARG_LEFT_OUT /* not an argument of this call */
};

/* The first format of formats, which goes on at the next; its length. */
size_t arg_format_len(const char *formats);
enum arg_done arg_format(struct arg *arg, const char *format, size_t len);

/* For formats: */
typedef enum arg_done arg_format_fn(struct arg *arg);

struct arg_row {
	const char *name;
	arg_format_fn *format;
};

/* Tables of the other files; each ends with a row of NULL. */
extern const struct arg_row strace_memory_formats[];
extern const struct arg_row strace_time_formats[];
extern const struct arg_row strace_signal_formats[];
extern const struct arg_row strace_process_formats[];
extern const struct arg_row strace_call_formats[];
extern const struct arg_row strace_net_formats[];

static inline uint64_t
arg_value(const struct arg *arg)
{
	return arg->args[arg->i];
}

bool arg_read(const struct arg *arg, uint64_t va, void *buf, size_t len);
/* The same for a structure; NULL or unreadable: prints the address. */
bool arg_get(const struct arg *arg, uint64_t va, void *buf, size_t len);
/* NULL, or hex. */
void arg_pointer(struct text *text, uint64_t va);
void arg_bytes(const struct arg *arg, uint64_t va, uint64_t len);
/* A string of at most string_max bytes; a path is shown whole. */
void arg_string(const struct arg *arg, uint64_t va);
void arg_path(const struct arg *arg, uint64_t va);
/* Iovec rows with at most len bytes of data. */
void arg_vector(
    const struct arg *arg, uint64_t va, uint64_t count, uint64_t len);
void arg_timespec(const struct arg *arg, uint64_t va);
void arg_timeval(const struct arg *arg, uint64_t va);
void arg_sigset(const struct arg *arg, uint64_t va);
void arg_siginfo(struct text *text, const void *siginfo);
void arg_rusage(const struct arg *arg, uint64_t va);
/* Has failed, or is not known to have come back. */
bool arg_failed(const struct arg *arg);
/* Then an output was not written: prints its address; false otherwise. */
bool arg_only_address(const struct arg *arg);
/* "[5]" */
void arg_int(const struct arg *arg, uint64_t va);

#endif
