/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/writer.h"

#define ENTRY_BYTES 20 /* of the index: more than four varints usually have */
#define END_TOTAL   (BLOCK_BYTES + END_BYTES)

/* Room for the END block is always kept. */
void
cap_init(struct trace_writer *w)
{
	if (w->max_bytes != 0)
		w->sink.limit =
		    w->max_bytes > END_TOTAL ? w->max_bytes - END_TOTAL : 1;
}

/* With the entries of the blocks that are buffered. */
static uint64_t
index_room(const struct trace_writer *w)
{
	return BLOCK_BYTES + (w->index.count + 3) * (uint64_t)ENTRY_BYTES;
}

bool
cap_fits(const struct trace_writer *w)
{
	uint64_t pages = (w->pages.next - w->pages.written) * CODEC_PAGE;

	if (w->max_bytes == 0)
		return true;
	return w->sink.offset + BLOCK_BYTES + pages + BLOCK_BYTES +
		   w->events.len + index_room(w) + END_TOTAL <=
	       w->max_bytes;
}

struct pending
cap_pending(const struct trace_writer *w)
{
	return (struct pending){ w->events.len, w->pages.next };
}

void
cap_back(struct trace_writer *w, const struct pending *to)
{
	w->events.len = to->events;
	page_store_back(&w->pages, to->pages);
}
