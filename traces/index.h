/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where blocks are, in the order of the file, for seeking.  It need not name
 * every block: when it is full, every second entry goes, and blocks between
 * two entries are found by walking.
 */
#ifndef VMS_TRACES_INDEX_H
#define VMS_TRACES_INDEX_H

#include "traces/bytes.h"

#define INDEX_MAX 65536

struct index_entry {
	uint64_t offset, event, insns, page;
};

/* All zero is an empty index. */
struct trace_index {
	struct index_entry *entries;
	size_t count, capacity;
	uint64_t stride; /* of so many added ones, one is kept; 0 is 1 */
	uint64_t skipped;
};

void index_finish(struct trace_index *index);
void index_clear(struct trace_index *index);
/* ENOMEM.  The first is always kept. */
int index_add(struct trace_index *index, const struct index_entry *entry);

/* The last entry whose event or page is not above number; NULL: none. */
const struct index_entry *index_event(
    const struct trace_index *index, uint64_t number);
const struct index_entry *index_page(
    const struct trace_index *index, uint64_t number);

/* The content of an INDEX block, and back.  EBADMSG: not ascending. */
void index_encode(const struct trace_index *index, struct bytes *out);
int index_decode(struct trace_index *index, struct cursor *in);

#endif
