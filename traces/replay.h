/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Executing a trace again.  A replay is a vkernel whose decisions come from a
 * file: it makes the recorded calls, puts the recorded inputs into memory files
 * of its own, runs each guest for as long as it ran, and compares.
 */
#ifndef VMS_TRACES_REPLAY_H
#define VMS_TRACES_REPLAY_H

#include "traces/file.h"

struct replay;

/* A difference, in words, and where: at the end of insns instructions of all
 * guests. */
struct replay_difference {
	uint64_t event, insns;
	char field[64]; /* "tf_rax", "error", "digest of memory" ... */
	char recorded[80], replayed[80];
	char text[2000]; /* further sentences, each a line; may be empty */
	bool in_memory;  /* a byte of vmspace id is different */
	uint32_t id;
	vms_va_t va;
};

/* Opens a struct vms for the trace, whose next event is its first, or a
 * CHECKPOINT.  reader stays the caller's and must live
 * longer.  EBADMSG and *problem: the header asks for what cannot be had. */
int replay_open(struct trace_reader *reader, struct replay **out,
    struct trace_problem *problem);
/* The same from the last checkpoint before which fewer than insns instructions
 * were retired, or from the start: the first step is that CHECKPOINT. */
int replay_open_at(struct trace_reader *reader, uint64_t insns,
    struct replay **out, struct trace_problem *problem);
void replay_close(struct replay *replay); /* NULL is accepted */

/* What a replay_step() gives. */
enum replay_result {
	REPLAY_DONE,      /* *event was executed and is the same */
	REPLAY_END,       /* nothing is left */
	REPLAY_DIFFERENT, /* *difference says how; the replay cannot go on */
	REPLAY_UNUSABLE   /* *problem says why */
};

/* Executes the next event and hands it out; borrowed until the next call.
 * The INPUTs before a RUN are steps of their own, and so are its DIGESTs, which
 * are compared when the RUN has been executed. */
enum replay_result replay_step(
    struct replay *replay, const struct trace_event **event);
const struct replay_difference *replay_difference(const struct replay *replay);
const struct trace_problem *replay_problem(const struct replay *replay);

/*
 * For tools that look into runs.  If set, it is called in each RUN whose
 * instructions lie in [from, to) (retired by all guests): before the
 * instruction, with its registers; the RUN is executed one instruction at a
 * time there, which changes no result.  fn may call replay_set_insn().
 */
typedef void replay_insn_fn(void *arg, const struct trace_event *run,
    const struct trapframe *tf, const uint64_t tls[2], uint64_t insns);
void replay_set_insn(struct replay *replay, uint64_t from, uint64_t to,
    replay_insn_fn *fn, void *arg);

/* Tells fn each store of a guest to [start, end) of the vmspace id. */
typedef void replay_store_fn(
    void *arg, uint64_t insns, const struct vms_store *store);
void replay_set_store(struct replay *replay, uint32_t id, vms_va_t start,
    vms_va_t end, replay_store_fn *fn, void *arg);

/* Calls fn now and then in the middle of runs. */
typedef void replay_tick_fn(void *arg, uint64_t insns);
void replay_set_tick(struct replay *replay, replay_tick_fn *fn, void *arg);

/* Copies guest memory as it is now: bytes that could be read. */
size_t replay_peek(struct replay *replay, uint32_t proc, uint32_t id,
    vms_va_t va, void *buf, size_t len);
/* The FP registers of lwp: 512 bytes. */
int replay_getfp(struct replay *replay, uint32_t lwp, void *fxsave);

#endif
