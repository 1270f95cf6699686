/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Playing the guests of a trace to a vkernel (vms_replay_guest).
 *
 * The trace is read from CALL to CALL and RUN to RUN, each of which the vkernel
 * must make in turn.  What lies between is told at the next of them: INPUTs are
 * compared with memory when a guest, or a copy from its memory, is about to use
 * it.  WRITTENs follow their RUN and are stored at once.
 * All fields are guarded by the run lock of vms.
 */
#ifndef VMS_TRACES_GUEST_H
#define VMS_TRACES_GUEST_H

#include <vmspace/trace.h>

#include "base/format.h"
#include "base/u64map.h"
#include "traces/file.h"
#include "traces/guest_verdict.h"
#include "traces/rules.h"

enum guest_state {
	GUEST_SAME,
	GUEST_ENDED, /* the same, but the trace was cut off here */
	GUEST_DIFFERENT,
	GUEST_UNUSABLE
};

/* What the vkernel is about to do, or has done. */
enum guest_mode {
	GUEST_CALL, /* memory is as that call has left it, or unknown */
	GUEST_COPY, /* memory is about to be read or written for a guest */
	GUEST_RUN
};

struct guest_object {
	struct trace_object recorded, actual; /* number 0: not known */
};

/* Bytes that an INPUT has told of before the vkernel got so far. */
struct guest_page {
	uint32_t object;
	uint64_t off;
	uint8_t known[512]; /* bit by bit */
	uint8_t bytes[4096];
};

/* A shared mapping of a file. */
struct guest_view {
	uint32_t id, object;
	uint64_t start, end, off;
	vms_vpte_t master;
	bool tables;
};

/* The last RUN that was made. */
struct guest_last {
	bool any;
	uint64_t event;
	struct trapframe left;
};

struct guest {
	struct vms *vms;
	struct trace_reader *reader;
	FILE *report; /* may be NULL */
	struct guest_verdict verdict;
	struct rules rules;
	enum guest_state state;
	struct trace_event next; /* a CALL or RUN, when has_next */
	bool has_next;
	bool pushed;     /* next has been read, and is to be taken */
	uint64_t passed; /* events that are behind */
	struct guest_last last;
	struct u64map by_id, by_ordinal; /* vmspaces that exist, both ways */
	struct guest_object *objects;
	size_t object_count;
	bool objects_changed;
	struct guest_page **pages; /* inputs that wait */
	size_t page_count;
	unsigned memory_lines; /* in the verdict's text */
	uint32_t first_object; /* of the first of them */
	uint64_t first_off;
	struct guest_view *views;
	size_t view_count;
};

/* Reads on to the next CALL that counts, or RUN.  false: there is none, or
 * guest->state is no more GUEST_SAME. */
bool guest_advance(struct guest *guest, enum guest_mode mode);

/* Adds a line to what will be reported if there is a difference. */
void guest_say(struct guest *guest, const char *format, ...) VMS_PRINTF(2, 3);

/* Ends it: prints the headline, what was said, and where it happened. */
void guest_differ(struct guest *guest, const char *format, ...)
    VMS_PRINTF(2, 3);
void guest_unusable(struct guest *guest, const char *format, ...)
    VMS_PRINTF(2, 3);

/* Of the recorder's DIFFERENT and END alike: the trace has no next event. */
void guest_past_end(struct guest *guest, const char *what);

/* Calls and ids (guest_call.c). */
void guest_called(void *arg, const struct vms_call *call);
void guest_copy_starts(void *arg, const struct vms_call *call);
void guest_copied(void *arg, const struct vms_call *call, void *bytes);
/* Are the recorded and the actual id the same vmspace, as far as known? */
bool guest_id_same(struct guest *guest, uint32_t ordinal, const void *id);
/* "mcontrol(vmspace 1, addr 0x1000, ...)" */
void guest_call_text(const struct trace_call *call, char *text, size_t size);

/* Runs (guest_run.c). */
int guest_play(
    void *arg, const struct vms_run_start *start, struct trapframe *tf);

/* Memory (guest_memory.c). */
void guest_object_told(void *arg, const struct vms_object_info *info);
void guest_object(struct guest *guest, const struct trace_object *recorded);
/* Says which sizes are not the recorded ones. */
void guest_objects_compare(struct guest *guest);
/* Compares an INPUT with memory and says what differs, or keeps it until
 * guest_inputs_compare(). */
void guest_input(
    struct guest *guest, const struct trace_bytes *input, bool now);
void guest_inputs_compare(struct guest *guest);
/* The guest has written this in the run that was just made. */
void guest_written(struct guest *guest, const struct trace_bytes *written);
void guest_memory_finish(struct guest *guest);

/* Addresses (guest_where.c): a call has succeeded; and, where vmspace id shows
 * this byte, if it does. */
void guest_view_learn(struct guest *guest, const struct trace_call *call);
void guest_where_say(
    struct guest *guest, uint32_t id, uint32_t object, uint64_t off);

#endif
