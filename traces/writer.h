/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a writer: writer.c has events, writer_cap.c what keeps a file
 * below its largest size, writer_ring.c what keeps the last part only. */
#ifndef VMS_TRACES_WRITER_H
#define VMS_TRACES_WRITER_H

#include "traces/block.h"
#include "traces/digest.h"
#include "traces/index.h"
#include "traces/pages.h"

/* How far the trace has come. */
struct progress {
	uint64_t events, insns;
	struct digest digest;
};

/*
 * A ring has two files: the partial one, which starts at a checkpoint, and the
 * older one, which ends there.  When the partial one has half of the bytes,
 * the next checkpoint makes it the older one.
 */
struct ring {
	uint64_t bytes;          /* 0: no ring */
	char *path;              /* of the older one */
	struct block_sink older; /* fd -1: none yet */
	struct trace_index index;
	struct digest since; /* events of the partial file only */
	bool in_checkpoint;  /* the last event was (a part of) one */
};

struct trace_writer {
	char *path, *partial;
	struct bytes header; /* content of the HEAD block */
	struct block_sink sink;
	struct trace_index index;
	struct page_store pages;
	struct codec_state state;
	struct codec_store store;
	struct bytes events; /* the block in the making */
	uint32_t count;      /* events in it */
	bool checkpoint;     /* its first is a CHECKPOINT */
	struct progress now, block_start;
	size_t target; /* raw bytes of a block */
	uint64_t max_bytes;
	struct ring ring;
	int error; /* sticky */
};

/* Creates the partial file and writes what comes before all events. */
int writer_begin(struct trace_writer *w);
/* Writes out what is buffered. */
int writer_events(struct trace_writer *w);

/*
 * Below the largest size.  Invariant: between two events all that is buffered
 * fits, so that none of it is lost at the end; what is stored of a block is
 * never larger than its raw bytes.
 */
struct pending {
	size_t events;  /* bytes */
	uint64_t pages; /* number of the next one */
};

void cap_init(struct trace_writer *w);
/* Does all that is buffered fit, with an index and an end behind it? */
bool cap_fits(const struct trace_writer *w);
/* What is buffered now; and back to it after an event that did not fit. */
struct pending cap_pending(const struct trace_writer *w);
void cap_back(struct trace_writer *w, const struct pending *to);

int ring_init(struct trace_writer *w);
void ring_finish(struct trace_writer *w);
/* Before an event is encoded, and after it. */
int ring_before(struct trace_writer *w, const struct trace_event *event);
int ring_after(struct trace_writer *w, const struct trace_event *event);
/* Puts the two files together: w->sink and w->partial are the whole then. */
int ring_join(struct trace_writer *w);

#endif
