/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event of a trace: what is recorded, replayed, printed and compared.  An
 * event is a value; pointers in it are borrowed.
 *
 * Order in a trace: an OBJECT comes before the first call that maps it.
 * INPUTs, DIGESTs and CONCURRENTs of a run come before its RUN, which is
 * written when it has ended; WRITTENs and FP of it come after.  A CHECKPOINT
 * stands between runs, none of which is paused there; the PAGEs that it names
 * follow it in its order.
 */
#ifndef VMS_TRACES_EVENT_H
#define VMS_TRACES_EVENT_H

#include <vmspace/observe.h>

/* Bytes in one event, at most: data of a call, a checkpoint. */
#define TRACE_DATA_MAX (UINT32_C(64) << 20)

enum trace_kind {
	TRACE_CALL = 1,
	TRACE_OBJECT,
	TRACE_INPUT,
	TRACE_RUN,
	TRACE_DIGEST,
	TRACE_CONCURRENT,
	TRACE_WRITTEN,
	TRACE_FP,         /* FP registers after the RUN before it */
	TRACE_CHECKPOINT, /* structure of a snapshot (vmspace/snapshot.h) */
	TRACE_PAGE,       /* a page of the CHECKPOINT before it */
	TRACE_KIND_COUNT
};

/* struct vms_call, with the id as the how-manieth different one: 1, 2, ... in
 * order of first use; 0: NULL. */
struct trace_call {
	enum vms_op op;
	uint32_t proc, lwp;
	uint32_t id;
	uint64_t args[5];
	int32_t error; /* DragonFly's number; see errno_map.h */
	uint64_t result;
	const uint8_t *data;
	uint32_t data_bytes;
	uint8_t vkernel_enable;
	uint8_t fd_kind, fd_mode;
	uint32_t object;
};

struct trace_object {
	uint32_t number;
	uint64_t bytes;
	bool fixed_end;
};

/* INPUT and WRITTEN. */
struct trace_bytes {
	uint32_t object;
	uint64_t off;
	uint32_t len; /* at most 4096, within one page */
	const uint8_t *bytes;
	bool first;      /* INPUT: nothing was known of the page */
	bool undeclared; /* INPUT */
};

struct trace_run {
	uint32_t proc, lwp, id;
	bool resumed; /* frame_in and tls_in are those of the part before */
	uint8_t how;  /* enum vms_run_how */
	bool started;
	int32_t error; /* DragonFly's number */
	uint64_t insns;
	bool has_frame_out;
	struct trapframe frame_in;
	uint64_t tls_in[2]; /* bases of fs and gs */
	struct trapframe frame_out;
};

struct trace_digest {
	uint32_t lwp;
	uint64_t insns; /* retired so far */
	uint64_t memory, registers;
};

struct trace_concurrent {
	uint32_t object;
	uint64_t off;
};

struct trace_fp {
	uint32_t lwp;
	const uint8_t *fxsave; /* 512 bytes */
};

struct trace_blob {
	const uint8_t *bytes;
	uint32_t len;
};

struct trace_page {
	bool file;
	uint32_t object;
	uint64_t index;
	const uint8_t *bytes; /* 4096 */
};

struct trace_event {
	enum trace_kind kind;
	uint64_t number; /* from 0; set by the reader and by the writer */
	uint64_t insns;  /* retired by all guests before it; likewise */
	union {
		struct trace_call call;
		struct trace_object object;
		struct trace_bytes input;
		struct trace_run run;
		struct trace_digest digest;
		struct trace_concurrent concurrent;
		struct trace_bytes written;
		struct trace_fp fp;
		struct trace_blob checkpoint;
		struct trace_page page;
	} u;
};

#endif
