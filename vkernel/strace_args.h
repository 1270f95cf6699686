/* SPDX-License-Identifier: BSD-2-Clause */
/* One argument of a system call as strace(1) prints it. */
#ifndef VMS_VKERNEL_STRACE_ARGS_H
#define VMS_VKERNEL_STRACE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/strace_text.h"

/* Copies guest memory [va, va + len) to buf; false: not all of it is there. */
typedef bool strace_read(void *arg, uint64_t va, void *buf, size_t len);

struct strace_memory {
	strace_read *read;
	void *arg;
};

struct arg {
	struct text *text;
	const struct strace_memory *memory;
	const uint64_t *args; /* all six */
	size_t i;             /* this one */
	int64_t result;       /* of the call, once it is known */
};

/* Does the call write what the argument names? */
bool arg_is_written(char letter);
/* By the letter of its format.  What a failed call would have written is only
 * an address. */
void arg_format(const struct arg *arg, char letter);
/* NULL, or hex. */
void arg_pointer(struct text *text, uint64_t va);

#endif
