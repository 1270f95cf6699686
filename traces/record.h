/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording in progress: the observer that writes events.  Its fields are
 * guarded by the run lock of its struct vms, under which observers are called,
 * until vms_record_stop() has ended the observation.
 */
#ifndef VMS_TRACES_RECORD_H
#define VMS_TRACES_RECORD_H

#include <vmspace/trace.h>

#include "base/u64map.h"
#include "traces/file.h"
#include "traces/record_checkpoint.h"

/* What is kept of an lwp from run to run, until it exits. */
struct record_lwp {
	struct record_lwp *next;
	uint32_t proc, number;
	struct trace_event
	    run; /* what is known of the one going on or paused */
	bool fp_known;
	uint8_t fp[512]; /* as the last FP or LWP_SETFP event has it */
};

struct vms_record {
	struct vms *vms;
	struct trace_writer *writer; /* NULL: not open yet */
	uint32_t flags;              /* VMS_RECORD_* */
	void (*report)(void *arg, const char *sentence);
	void *arg;
	bool early;     /* something was observed before there was a writer */
	bool capped;    /* max_bytes was reached */
	int error;      /* what ended the recording early */
	uint64_t insns; /* of runs that have ended */
	struct record_checkpoint checkpoint;
	uint64_t missed;    /* stores that were not declared */
	struct u64map ids;  /* id - 1 -> how-manieth different one */
	struct u64map lwps; /* number -> struct record_lwp */
	struct record_lwp *lwp_list;
	/* Of the part of a run that is going on; NULL: none, or not recorded.
	 */
	struct record_lwp *running;
	bool resumed;
	struct u64map reported; /* pages that report() was told of */
};

/* Functions of an observer whose arg is a struct vms_record. */
void record_observer_init(
    struct vms_observer *observer, const struct vms_record_options *options);

/* Frees what the functions have allocated. */
void record_observer_finish(struct vms_record *record);

/* Writes an event, unless the recording is over. */
void record_write(struct vms_record *record, struct trace_event *event);

/* The how-manieth different id this is.  Its value may differ from one run of
 * the vkernel to the next. */
uint32_t record_id_number(struct vms_record *record, const void *id);

/* Tells the caller of the recording, if it wants to know. */
void record_report(const struct vms_record *record, const char *sentence);

#endif
