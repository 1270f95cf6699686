/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

/* --- Writing --- */

int
page_store_init(struct page_store *store)
{
	*store = (struct page_store){ .first = 1, .next = 1, .written = 1 };
	store->recent = malloc((size_t)PAGES_RECENT * CODEC_PAGE);
	store->buckets = calloc(PAGES_BUCKETS, sizeof(*store->buckets));
	store->before = calloc(PAGES_RECENT, sizeof(*store->before));
	return store->recent == NULL || store->buckets == NULL ||
		       store->before == NULL
		   ? ENOMEM
		   : 0;
}

void
page_store_finish(struct page_store *store)
{
	free(store->recent);
	free(store->buckets);
	free(store->before);
}

static uint8_t *
slot(const struct page_store *store, uint64_t number)
{
	return store->recent + number % PAGES_RECENT * CODEC_PAGE;
}

const uint8_t *
page_store_at(const struct page_store *store, uint64_t number)
{
	return slot(store, number);
}

static bool
is_recent(const struct page_store *store, uint64_t number)
{
	return number >= store->first && number < store->next &&
	       store->next - number <= PAGES_RECENT;
}

/* The same bytes among the contents of a bucket; 0: not there. */
static uint64_t
bucket_find(
    const struct page_store *store, uint64_t number, const uint8_t *page)
{
	for (int i = 0; i < PAGES_TRIES && is_recent(store, number); i++) {
		if (memcmp(slot(store, number), page, CODEC_PAGE) == 0)
			return number;
		number = store->before[number % PAGES_RECENT];
	}
	return 0;
}

uint64_t
page_store_put(struct page_store *store, const uint8_t *page, bool *added)
{
	uint64_t *bucket =
	    &store->buckets[XXH3_64bits(page, CODEC_PAGE) % PAGES_BUCKETS];
	uint64_t number = bucket_find(store, *bucket, page);

	*added = number == 0;
	if (*added) {
		number = store->next++;
		memcpy(slot(store, number), page, CODEC_PAGE);
		store->before[number % PAGES_RECENT] = *bucket;
		*bucket = number;
	}
	return number;
}

void
page_store_forget(struct page_store *store)
{
	store->first = store->next;
}

/* They have taken the places of older ones. */
void
page_store_back(struct page_store *store, uint64_t next)
{
	if (store->next > store->first + PAGES_RECENT)
		store->first = store->next - PAGES_RECENT;
	store->next = next < store->written ? store->written : next;
}

/* --- Reading --- */

void
page_cache_finish(struct page_cache *cache)
{
	for (unsigned i = 0; i < PAGE_BLOCKS; i++)
		bytes_finish(&cache->blocks[i].raw);
}

void
page_cache_clear(struct page_cache *cache)
{
	for (unsigned i = 0; i < PAGE_BLOCKS; i++)
		cache->blocks[i].count = 0;
}

const uint8_t *
page_cache_get(struct page_cache *cache, uint64_t number)
{
	for (unsigned i = 0; i < PAGE_BLOCKS; i++) {
		struct page_block *block = &cache->blocks[i];
		if (number - block->first >= block->count)
			continue;
		block->used = ++cache->clock;
		return block->raw.at + (number - block->first) * CODEC_PAGE;
	}
	return NULL;
}

static struct page_block *
cache_oldest(struct page_cache *cache, bool with_memory)
{
	struct page_block *oldest = NULL;

	for (unsigned i = 0; i < PAGE_BLOCKS; i++) {
		struct page_block *block = &cache->blocks[i];
		if (with_memory && block->raw.capacity == 0)
			continue;
		if (oldest == NULL || block->used < oldest->used)
			oldest = block;
	}
	return oldest;
}

static uint64_t
cache_bytes(const struct page_cache *cache)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < PAGE_BLOCKS; i++)
		sum += cache->blocks[i].raw.capacity;
	return sum;
}

static void
block_empty(struct page_block *block)
{
	bytes_finish(&block->raw);
	*block = (struct page_block){ 0 };
}

int
page_cache_load(struct page_cache *cache, struct block_source *source,
    const struct block *block, struct trace_problem *problem)
{
	struct page_block *victim;
	int error;

	if (block->count == 0 ||
	    (uint64_t)block->count * CODEC_PAGE != block->raw)
		return problem_set(problem, block->offset,
		    "a block of pages has another length than its count");
	while (cache_bytes(cache) + block->raw > PAGE_BLOCK_BYTES)
		block_empty(cache_oldest(cache, true));
	victim = cache_oldest(cache, false);
	victim->count = 0;
	error = block_load(source, block, &victim->raw, problem);
	if (error != 0)
		return error;
	victim->first = block->page;
	victim->count = block->count;
	victim->used = ++cache->clock;
	return 0;
}
