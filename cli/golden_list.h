/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of golden traces of a directory: DIR/golden.txt. */
#ifndef VMS_CLI_GOLDEN_LIST_H
#define VMS_CLI_GOLDEN_LIST_H

#include <stddef.h>

#define GOLDEN_ARGS 32

/* One line "NAME: PROGRAM ARGS".  Words are parted by blanks; there is no
 * quoting. */
struct golden_row {
	unsigned number; /* of the line in its file */
	char *line;      /* what the other strings point into */
	const char *name;
	const char *args[GOLDEN_ARGS + 1]; /* PROGRAM first; NULL ends */
	size_t arg_count;
};

struct golden_list {
	struct golden_row *rows;
	size_t count;
};

/* CLI_OK; else TRACE_UNUSABLE or CLI_FAILED, and a sentence is on stderr.
 * To be finished in every case. */
int golden_list_read(const char *path, struct golden_list *list);
void golden_list_finish(struct golden_list *list);

#endif
