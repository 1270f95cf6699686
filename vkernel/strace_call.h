/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system call as a line in the form that strace(1) made familiar, from its
 * numbers and the guest memory that they name.
 */
#ifndef VMS_VKERNEL_STRACE_CALL_H
#define VMS_VKERNEL_STRACE_CALL_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vkernel/strace_args.h"
#include "vkernel/strace_text.h"

struct syscall_row;

struct strace_call {
	struct text text; /* the line so far */
	const struct syscall_row *row;
	uint64_t args[6];
	size_t args_done; /* formatted so far */
};

/* The name, and the arguments up to the first that the call writes; memory
 * is read as it is before the call. */
void strace_call_begin(struct strace_call *call, uint64_t nr,
    const uint64_t *args, const struct strace_memory *memory);
/* The rest, with memory as it is after the call, which gave result: negative
 * errno numbers of Linux and of its restarts included.  NULL: it did not
 * come back. */
void strace_call_end(struct strace_call *call, const int64_t *result,
    const struct strace_memory *memory);

/* The whole line, with the memory of one moment. */
void strace_call_print(FILE *file, uint64_t nr, const uint64_t *args,
    const int64_t *result, strace_read *read, void *arg);

#endif
