/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page contents by number: 1, 2, ... in the order of the file.  The writer's
 * side finds a content that it has stored lately, by comparing bytes; the
 * reader's side keeps the PAGES blocks that were used last.
 */
#ifndef VMS_TRACES_PAGES_H
#define VMS_TRACES_PAGES_H

#include "traces/block.h"
#include "traces/codec.h"

/* --- Writing --- */

#define PAGES_RECENT  4096 /* contents that are looked through */
#define PAGES_BUCKETS 8192
#define PAGES_TRIES   16 /* contents of one bucket that are compared */

struct page_store {
	uint8_t *recent;   /* content n at n % PAGES_RECENT */
	uint64_t *buckets; /* by hash: the last content that fell there */
	uint64_t *before;  /* as recent: the one before it in its bucket */
	uint64_t first;    /* oldest that may be referred to */
	uint64_t next;     /* number of the next content */
	uint64_t written;  /* contents below it are in the file */
};

int page_store_init(struct page_store *store);
void page_store_finish(struct page_store *store);
/* The number of this content; *added: it is a new one. */
uint64_t page_store_put(
    struct page_store *store, const uint8_t *page, bool *added);
/* Contents up to now are not referred to any more. */
void page_store_forget(struct page_store *store);
/* Takes back the contents from number next on that are not written yet. */
void page_store_back(struct page_store *store, uint64_t next);
/* A content among the last PAGES_RECENT. */
const uint8_t *page_store_at(const struct page_store *store, uint64_t number);

/* --- Reading --- */

#define PAGE_BLOCKS      128
#define PAGE_BLOCK_BYTES (UINT64_C(32) << 20) /* of all of them */

struct page_block {
	uint64_t first, count,
	    used; /* used: when, for the choice of a victim */
	struct bytes raw;
};

struct page_cache {
	struct page_block blocks[PAGE_BLOCKS];
	uint64_t clock;
};

void page_cache_finish(struct page_cache *cache);
void page_cache_clear(struct page_cache *cache);
/* NULL: not here. */
const uint8_t *page_cache_get(struct page_cache *cache, uint64_t number);
/* Reads a PAGES block into the cache. */
int page_cache_load(struct page_cache *cache, struct block_source *source,
    const struct block *block, struct trace_problem *problem);

#endif
