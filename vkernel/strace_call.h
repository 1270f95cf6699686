/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A system call as a line in the form that strace(1) made familiar, from its
 * numbers and the guest memory that they name.
 */
#ifndef VMS_VKERNEL_STRACE_CALL_H
#define VMS_VKERNEL_STRACE_CALL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "vkernel/strace_args.h"
#include "vkernel/strace_text.h"

struct syscall_row;

/* Zero is unused. */
struct strace_call {
	struct text text; /* the line so far */
	struct text note; /* goes behind the result */
	const struct syscall_row *row;
	uint64_t nr;
	uint64_t args[6];
	uint64_t saved;   /* of a format, from before the call */
	size_t args_done; /* formatted so far */
	size_t at;        /* of the next one in the formats */
	bool begun;       /* the next one has printed a part */
};

/* The name, and the arguments up to the first that the call writes; memory
 * is read as it is before the call. */
void strace_call_begin(struct strace_call *call, uint64_t nr,
    const uint64_t *args, const struct strace_memory *memory);
/* The other arguments, with memory as it is after the call, which gave result:
 * negative errno numbers of Linux and of its restarts included.  NULL: it did
 * not come back. */
void strace_call_args(struct strace_call *call, const int64_t *result,
    const struct strace_memory *memory);
/* " = RESULT", padded when the line has column characters. */
void strace_call_result(
    struct strace_call *call, const int64_t *result, size_t column);
/* The two for a line that begins with the call. */
void strace_call_end(struct strace_call *call, const int64_t *result,
    const struct strace_memory *memory);
void strace_call_finish(struct strace_call *call);

/* "read", or "syscall_0x1ff" in room bytes of buf. */
const char *strace_call_name(
    const struct strace_call *call, char *buf, size_t room);

/* The whole line, with the memory of one moment. */
void strace_call_print(FILE *file, uint64_t nr, const uint64_t *args,
    const int64_t *result, strace_read *read, void *arg);

#endif
