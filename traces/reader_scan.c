/* SPDX-License-Identifier: BSD-2-Clause */
/* Going from block to block by their headers alone. */
#include "traces/reader.h"

#include <errno.h>
#include <string.h>

struct position
reader_start(const struct trace_reader *r)
{
	return (struct position){ .next = block_end(&r->first),
		.chain = r->first.hash,
		.event = 0,
		.page = 1,
		.linked = true,
		.known =
		    (r->header.about.incompat & TRACE_INCOMPAT_RING) == 0 };
}

static int
place_check(const struct position *at, const struct block *block,
    struct trace_problem *problem)
{
	if (at->linked && block->chain != at->chain)
		return problem_set(problem, block->offset,
		    "a block does not follow the one before it");
	if (at->known && (block->event != at->event || block->page != at->page))
		return problem_set(problem, block->offset,
		    "a block does not continue the numbers");
	if (block->page == 0 || block->event + block->count < block->event ||
	    block->page + block->count < block->page)
		return problem_set(
		    problem, block->offset, "a block's numbers are too large");
	return 0;
}

int
reader_step(struct trace_reader *r, struct position *at, struct block *block,
    struct trace_problem *problem)
{
	int error = block_read(&r->source, at->next, block, problem);

	if (error == 0)
		error = place_check(at, block, problem);
	if (error != 0)
		return error;
	*at = (struct position){ .next = block_end(block),
		.chain = block->hash,
		.event = block->event,
		.page = block->page,
		.linked = true,
		.known = true };
	if (block->type == BLOCK_EVENTS)
		at->event += block->count;
	if (block->type == BLOCK_PAGES)
		at->page += block->count;
	return 0;
}

int
reader_note(struct trace_reader *r, const struct position *at,
    const struct block *block)
{
	const struct index_entry entry = { block->offset, block->event,
		block->insns, block->page };

	if (block->offset != r->scanned.next)
		return 0;
	r->scanned = *at;
	return index_add(&r->index, &entry);
}

/* Loads the PAGES block that has content number; r->index knows where to
 * begin. */
static int
page_find(struct trace_reader *r, uint64_t number)
{
	const struct index_entry *entry = index_page(&r->index, number);
	struct position at = { .next = entry == NULL ? block_end(&r->first)
						     : entry->offset };
	struct block block;

	while (at.next < r->block.offset) {
		int error = reader_step(r, &at, &block, &r->problem);
		if (error != 0)
			return error;
		if (block.page > number)
			break;
		if (block.type == BLOCK_PAGES && number < at.page)
			return page_cache_load(
			    &r->pages, &r->source, &block, &r->problem);
	}
	return ENOENT;
}

int
reader_page(struct trace_reader *r, uint64_t number, uint8_t *page)
{
	const uint8_t *from = NULL;
	int error = 0;

	if (number == 0 || number >= r->block.page)
		error = ENOENT;
	else
		from = page_cache_get(&r->pages, number);
	if (error == 0 && from == NULL) {
		error = page_find(r, number);
		from = page_cache_get(&r->pages, number);
	}
	if (error == ENOENT || (error == 0 && from == NULL))
		return problem_set(&r->problem, r->block.offset,
		    "event %llu has the page content %llu, which is missing",
		    (unsigned long long)r->number, (unsigned long long)number);
	if (error == 0)
		memcpy(page, from, CODEC_PAGE);
	return error;
}

static const char *
type_name(const struct block *block)
{
	static const char *const names[] = { [BLOCK_HEADER] = "header",
		[BLOCK_EVENTS] = "events",
		[BLOCK_PAGES] = "pages",
		[BLOCK_FILE] = "file",
		[BLOCK_INDEX] = "index",
		[BLOCK_END] = "end" };

	return block->type == BLOCK_UNKNOWN ? block->letters
					    : names[block->type];
}

static void
block_tell(const struct block *block, trace_block_fn *fn, void *arg)
{
	const struct trace_block_info info = { type_name(block), block->offset,
		BLOCK_BYTES + (uint64_t)block->stored, block->raw,
		block->type == BLOCK_EVENTS ? block->count : 0 };

	fn(arg, &info);
}

int
trace_reader_blocks(struct trace_reader *r, trace_block_fn *fn, void *arg,
    struct trace_problem *problem)
{
	struct position at = reader_start(r);
	struct block block = r->first;
	int error = 0;

	while (error == 0) {
		block_tell(&block, fn, arg);
		error = reader_step(r, &at, &block, problem);
	}
	return error == ENOENT ? 0 : error;
}
