/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The HEADER block: what a file says about itself, by names.  It lists the
 * names of registers, event kinds and calls in the order of their numbers in
 * this file, from which a reader makes its codec_map.
 */
#ifndef VMS_TRACES_HEADER_H
#define VMS_TRACES_HEADER_H

#include "traces/block.h"
#include "traces/codec.h"

struct header {
	struct trace_header about;
	struct codec_map map;
	const char **notes; /* ours, and the one block that they lie in */
	char *notes_text;
};

void preamble_encode(uint8_t *preamble);
/* The first PREAMBLE_BYTES of a file; got: so many there were. */
int preamble_decode(struct trace_header *about, const uint8_t *preamble,
    size_t got, struct trace_problem *problem);

/* EINVAL: a bit without a name. */
int header_encode(const struct trace_header *about, struct bytes *out);

/* header->about has major and minor.  EBADMSG, ENOMEM and *problem. */
int header_decode(struct header *header, const uint8_t *raw, size_t len,
    struct trace_problem *problem);
void header_finish(struct header *header);

#endif
