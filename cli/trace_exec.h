/* SPDX-License-Identifier: BSD-2-Clause */
/* Executes a trace again and hands out every instruction with what it did. */
#ifndef VMS_CLI_TRACE_EXEC_H
#define VMS_CLI_TRACE_EXEC_H

#include <stdbool.h>

#include "cli/trace.h"
#include "cli/trace_decode.h"
#include "cli/trace_symbols.h"

/* An access to memory: what was there before and after. */
struct exec_access {
	struct decoded_access at;
	uint8_t before[DECODED_ACCESS_BYTES], after[DECODED_ACCESS_BYTES];
	size_t before_len, after_len; /* what of it could be read */
};

struct exec_insn {
	uint64_t number; /* retired before it */
	uint64_t event;  /* the RUN */
	uint32_t proc, lwp, id;
	uint64_t rip;
	struct decoded decoded;
	char symbol[96]; /* "" */
	struct trapframe before, after;
	bool has_after; /* false: the run went on elsewhere */
	bool retired;   /* false: it trapped */
	/* Of the last of a run, how it ended: "system call"; else NULL. */
	const char *end;
	uint8_t fp_before[512], fp_after[512];
	bool has_fp;
	struct exec_access accesses[DECODED_ACCESSES];
};

typedef void exec_fn(void *arg, const struct exec_insn *insn);

#define EXEC_DETAILS 0x1u /* accesses, fp; else only what they execute */

/* CLI_OK; TRACE_DIFFERENT, TRACE_UNUSABLE or CLI_FAILED, and why is on
 * stderr. */
int exec_each(
    const struct trace_args *args, unsigned flags, exec_fn *fn, void *arg);

/* Where a range of events lies in instructions, and where the guest began. */
struct exec_span {
	uint64_t from, to; /* both belong to it */
	vms_va_t start;    /* rip of the first RUN; 0: there is none */
};
int exec_span_find(struct trace_reader *reader, const char *path,
    const struct trace_range *range, struct exec_span *span);

/* Says on stderr why a replay ended with result; the exit status. */
int exec_failed(
    struct replay *replay, const char *path, enum replay_result result);

/* "system call", "page fault" ...; "stopped" for none. */
const char *exec_trap_name(const struct trace_run *run);

#endif
