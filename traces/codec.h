/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One event as bytes.  Frames are stored as differences from the last frame of
 * the same lwp in the block, pages as numbers of contents; both depend on a
 * state that is reset where a block starts, so that every block can be read
 * alone.  docs/trace-format.md draws the bytes.
 */
#ifndef VMS_TRACES_CODEC_H
#define VMS_TRACES_CODEC_H

#include "traces/bytes.h"
#include "traces/kinds.h"

#define CODEC_PAGE  4096
#define CODEC_SLOTS 256

/* The last frame of an lwp; lwps whose numbers are congruent share a slot and
 * push each other out. */
struct codec_slot {
	bool used;
	uint32_t lwp;
	uint64_t regs[TRACE_REGS];
};

/* Of an encoding: [start, end) is relative to the state, if it is not empty,
 * and what follows fields is content. */
struct codec_span {
	size_t start, end, fields;
};

struct codec_state {
	struct codec_slot slots[CODEC_SLOTS];
	uint64_t page;          /* the last content that was referred to */
	struct bytes payload;   /* of the last event that was encoded, */
	struct codec_span span; /* and where its parts are */
};

void codec_reset(struct codec_state *state);

/* Gives page contents numbers, and contents for numbers; errno values end the
 * coding.  CODEC_PAGE bytes each. */
struct codec_store {
	int (*put)(void *arg, const uint8_t *page, uint64_t *number);
	int (*get)(void *arg, uint64_t number, uint8_t *page);
	void *arg;
};

/* Appends event to out.  EINVAL: it is none; ENOMEM; EFBIG. */
int codec_encode(struct codec_state *state, const struct trace_event *event,
    const struct codec_store *store, struct bytes *out);

/*
 * The encoding that the stream's digest covers: relative to nothing, without a
 * length, and without the bytes of a FIELD_BYTES, which follow it: *tail.
 */
int codec_canonical(const struct trace_event *event, struct bytes *out,
    const uint8_t **tail, size_t *tail_len);

/* The same for the event that codec_encode() took last. */
void codec_canonical_again(const struct codec_state *state,
    const struct trace_event *event, struct bytes *out, const uint8_t **tail,
    size_t *tail_len);

/* How the numbers of a file correspond to ours; 0 and TRACE_REGS: to none. */
struct codec_map {
	uint8_t kinds[256], ops[256];
	bool optional[256]; /* kinds that a reader may skip */
	uint8_t regs[64];
	unsigned reg_count;
	bool newer; /* there may be fields after those that we know */
};

/* That of the files that we write. */
void codec_map_init(struct codec_map *map);

/*
 * Takes the next event from in; what it points to is in data.  EAGAIN: it was
 * of an optional kind that we do not know, and is passed.  EBADMSG and *why;
 * ENOMEM; or what get() gives.
 */
int codec_decode(struct codec_state *state, const struct codec_map *map,
    struct cursor *in, const struct codec_store *store, struct bytes *data,
    struct trace_event *event, const char **why);

#endif
