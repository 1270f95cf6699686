/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The digest of a stream of events: XXH3-128 of their canonical encodings one
 * after the other.  It knows nothing of blocks, compression or page numbers.
 */
#ifndef VMS_TRACES_DIGEST_H
#define VMS_TRACES_DIGEST_H

#include "traces/codec.h"

struct digest {
	void *state;
	struct bytes pending; /* not yet in state */
};

int digest_init(struct digest *digest); /* ENOMEM */
void digest_finish(struct digest *digest);
void digest_reset(struct digest *digest);
void digest_copy(struct digest *to, struct digest *from);
int digest_event(struct digest *digest, const struct trace_event *event);
/* The same for less work: by state, codec_encode() has just taken event. */
int digest_encoded(struct digest *digest, const struct codec_state *state,
    const struct trace_event *event);
void digest_value(struct digest *digest, uint64_t value[2]);

#endif
