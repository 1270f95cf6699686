/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/index.h"

#include <errno.h>
#include <stdlib.h>

void
index_finish(struct trace_index *index)
{
	free(index->entries);
	*index = (struct trace_index){ 0 };
}

void
index_clear(struct trace_index *index)
{
	index->count = 0;
	index->stride = index->skipped = 0;
}

static int
index_grow(struct trace_index *index)
{
	size_t capacity = index->capacity == 0 ? 64 : 2 * index->capacity;
	struct index_entry *entries =
	    realloc(index->entries, capacity * sizeof(*entries));

	if (entries == NULL)
		return ENOMEM;
	index->entries = entries;
	index->capacity = capacity;
	return 0;
}

static void
index_thin(struct trace_index *index)
{
	for (size_t i = 0; i < index->count / 2; i++)
		index->entries[i] = index->entries[2 * i];
	index->count /= 2;
	index->stride *= 2;
}

int
index_add(struct trace_index *index, const struct index_entry *entry)
{
	if (index->stride == 0)
		index->stride = 1;
	if (index->count > 0 && ++index->skipped < index->stride)
		return 0;
	index->skipped = 0;
	if (index->count == INDEX_MAX)
		index_thin(index);
	if (index->count == index->capacity && index_grow(index) != 0)
		return ENOMEM;
	index->entries[index->count++] = *entry;
	return 0;
}

static const struct index_entry *
index_last(const struct trace_index *index, uint64_t number, bool page)
{
	size_t low = 0, high = index->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct index_entry *entry = &index->entries[middle];
		if ((page ? entry->page : entry->event) <= number)
			low = middle + 1;
		else
			high = middle;
	}
	return low == 0 ? NULL : &index->entries[low - 1];
}

const struct index_entry *
index_event(const struct trace_index *index, uint64_t number)
{
	return index_last(index, number, false);
}

const struct index_entry *
index_page(const struct trace_index *index, uint64_t number)
{
	return index_last(index, number, true);
}

/* Count, then per entry what was added to offset, event, insns and page. */
void
index_encode(const struct trace_index *index, struct bytes *out)
{
	struct index_entry last = { 0 };

	bytes_varint(out, index->count);
	for (size_t i = 0; i < index->count; i++) {
		const struct index_entry *entry = &index->entries[i];
		bytes_varint(out, entry->offset - last.offset);
		bytes_varint(out, entry->event - last.event);
		bytes_varint(out, entry->insns - last.insns);
		bytes_varint(out, entry->page - last.page);
		last = *entry;
	}
}

static bool
add(uint64_t *sum, uint64_t value)
{
	*sum += value;
	return *sum >= value;
}

static int
entry_decode(struct index_entry *last, struct cursor *in)
{
	uint64_t step = cursor_varint(in);
	bool good = step > 0 && add(&last->offset, step);

	good = add(&last->event, cursor_varint(in)) && good;
	good = add(&last->insns, cursor_varint(in)) && good;
	good = add(&last->page, cursor_varint(in)) && good;
	return good && !in->bad ? 0 : EBADMSG;
}

int
index_decode(struct trace_index *index, struct cursor *in)
{
	struct index_entry last = { 0 };
	uint64_t count = cursor_varint(in);
	int error = 0;

	index_clear(index);
	if (count > INDEX_MAX || in->bad)
		return EBADMSG;
	for (uint64_t i = 0; i < count && error == 0; i++) {
		error = entry_decode(&last, in);
		if (error == 0)
			error = index_add(index, &last);
	}
	return error == 0 && cursor_left(in) > 0 ? EBADMSG : error;
}
