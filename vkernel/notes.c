/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/notes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"

/* Rows that a range may join: page contents and table words alternate. */
#define NOTES_RECENT 4

int
notes_open(struct vk_notes *notes, uint64_t pages, notes_sink *sink, void *arg)
{
	notes->whole = calloc((size_t)pages, sizeof(*notes->whole));
	if (notes->whole == NULL)
		return ENOMEM;
	notes->pages = pages;
	notes->round = 1;
	notes->count = 0;
	notes->sink = sink;
	notes->arg = arg;
	return 0;
}

void
notes_close(struct vk_notes *notes)
{
	free(notes->whole);
	notes->whole = NULL;
}

static bool
row_join(struct vms_range *row, uint64_t off, uint64_t end)
{
	uint64_t row_end;

	row_end = row->off + row->len;
	if (off > row_end || row->off > end)
		return false;
	if (off < row->off)
		row->off = off;
	row->len = (end > row_end ? end : row_end) - row->off;
	return true;
}

static bool
recent_join(struct vk_notes *notes, uint64_t off, uint64_t end)
{
	size_t i;

	for (i = 0; i < NOTES_RECENT && i < notes->count; i++)
		if (row_join(&notes->rows[notes->count - 1 - i], off, end))
			return true;
	return false;
}

static void
part_add(struct vk_notes *notes, uint64_t off, uint64_t end)
{
	uint32_t *whole;

	whole = &notes->whole[off >> PAGE_SHIFT];
	if (*whole == notes->round)
		return;
	if (!recent_join(notes, off, end)) {
		if (notes->count == NOTES_ROWS)
			notes_flush(notes);
		notes->rows[notes->count++] =
		    (struct vms_range){ off, end - off };
	}
	if (end - off == PAGE_BYTES)
		*whole = notes->round;
}

void
notes_add(struct vk_notes *notes, uint64_t off, uint64_t len)
{
	uint64_t end, part_end;

	for (end = off + len; off < end; off = part_end) {
		part_end = page_trunc(off) + PAGE_BYTES;
		if (part_end > end)
			part_end = end;
		part_add(notes, off, part_end);
	}
}

void
notes_flush(struct vk_notes *notes)
{
	if (notes->count == 0)
		return;
	notes->sink(notes->arg, notes->rows, notes->count);
	notes->count = 0;
	if (++notes->round != 0)
		return;
	memset(notes->whole, 0, (size_t)notes->pages * sizeof(*notes->whole));
	notes->round = 1;
}
