/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invariant: slot_kind[i] says what slot i is; every pool slot has a
 * struct pool, which is on the partial list while it has a free page.
 */
#include "emu/arena.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/assert.h"
#include "base/os.h"
#include "base/page.h"

#if defined(__SANITIZE_THREAD__)
#define ARENA_DEFAULT_BYTES (UINT64_C(8) << 30)
#elif defined(__SANITIZE_ADDRESS__)
#define ARENA_DEFAULT_BYTES (UINT64_C(64) << 30)
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define ARENA_DEFAULT_BYTES (UINT64_C(8) << 30)
#elif __has_feature(address_sanitizer)
#define ARENA_DEFAULT_BYTES (UINT64_C(64) << 30)
#endif
#endif
#ifndef ARENA_DEFAULT_BYTES
#define ARENA_DEFAULT_BYTES ARENA_MAX_BYTES
#endif

#define POOL_PAGES   512
#define BROKEN_SLOTS 8
#define NO_SLOT      UINT64_MAX

enum slot_kind {
	SLOT_FREE,
	SLOT_POOL,
	SLOT_FILE,
	SLOT_LOST /* the host refused to make it anonymous again */
};

struct pool {
	uint64_t free[POOL_PAGES / 64];  /* bit set: page is free */
	uint64_t dirty[POOL_PAGES / 64]; /* bit set: was handed out before */
	struct pool *prev, *next;        /* partial list */
	size_t slot;
	unsigned free_count;
};

struct arena {
	uint8_t *host;
	uint64_t bytes;
	size_t slots;
	uint8_t *slot_kind;   /* [slots] enum slot_kind */
	struct pool **pools;  /* [slots] NULL unless SLOT_POOL */
	uint32_t *free_slots; /* stack of slots that were used before */
	size_t free_count;
	size_t fresh;         /* slots from here on were never used */
	struct pool *partial; /* pools with a free page */
	uint64_t used;        /* bytes */
	atomic_uint_fast64_t broken[BROKEN_SLOTS]; /* pa; NO_SLOT: empty */
};

static int reserve(uint64_t bytes, struct arena *arena);
static int tables_alloc(struct arena *arena);
static int slot_take(struct arena *arena, size_t *slot);
static void slot_give(struct arena *arena, size_t slot);
static int slot_show(
    struct arena *arena, size_t slot, int fd, uint64_t off, bool writable);
static size_t slot_of(const struct arena *arena, uint64_t pa);
static uint8_t *slot_host(const struct arena *arena, size_t slot);
static int pool_create(struct arena *arena, struct pool **out);
static void pool_destroy(struct arena *arena, struct pool *pool);
static void partial_add(struct arena *arena, struct pool *pool);
static void partial_remove(struct arena *arena, struct pool *pool);
static unsigned bit_first(const uint64_t *words);

int
arena_create(uint64_t bytes, struct arena **out)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	struct pool *pool;
	int error;

	if (arena == NULL)
		return ENOMEM;
	for (int i = 0; i < BROKEN_SLOTS; i++)
		atomic_init(&arena->broken[i], NO_SLOT);
	if ((error = reserve(bytes, arena)) != 0 ||
	    (error = tables_alloc(arena)) != 0 ||
	    (error = pool_create(arena, &pool)) != 0) {
		arena_destroy(arena);
		return error;
	}
	pool->free[0] &= ~UINT64_C(1); /* page 0 belongs to nobody */
	pool->free_count--;
	*out = arena;
	return 0;
}

void
arena_destroy(struct arena *arena)
{
	if (arena == NULL)
		return;
	if (arena->pools != NULL)
		for (size_t i = 0; i < arena->fresh; i++)
			free(arena->pools[i]);
	free(arena->pools);
	free(arena->slot_kind);
	free(arena->free_slots);
	if (arena->host != NULL)
		os_release(arena->host, arena->bytes);
	free(arena);
}

uint64_t
arena_size(const struct arena *arena)
{
	return arena->bytes;
}

uint64_t
arena_used(const struct arena *arena)
{
	return arena->used;
}

uint8_t *
arena_host(const struct arena *arena, uint64_t pa)
{
	VMS_ASSERT("arena-pa", pa < arena->bytes);
	return arena->host + pa;
}

int
arena_page_alloc(struct arena *arena, uint64_t *pa)
{
	struct pool *pool = arena->partial;
	unsigned page;
	uint64_t bit;
	int error;

	if (pool == NULL && (error = pool_create(arena, &pool)) != 0)
		return error;
	page = bit_first(pool->free);
	bit = UINT64_C(1) << (page & 63);
	pool->free[page / 64] &= ~bit;
	if (--pool->free_count == 0)
		partial_remove(arena, pool);
	*pa = pool->slot * ARENA_SLOT_BYTES + page * PAGE_BYTES;
	if (pool->dirty[page / 64] & bit)
		memset(arena->host + *pa, 0, PAGE_BYTES);
	pool->dirty[page / 64] |= bit;
	arena->used += PAGE_BYTES;
	return 0;
}

void
arena_page_free(struct arena *arena, uint64_t pa)
{
	size_t slot = slot_of(arena, pa);
	unsigned page = (unsigned)(pa % ARENA_SLOT_BYTES / PAGE_BYTES);
	uint64_t bit = UINT64_C(1) << (page & 63);
	struct pool *pool = arena->pools[slot];

	VMS_ASSERT("arena-page", pa != 0 && page_aligned(pa) && pool != NULL &&
				     !(pool->free[page / 64] & bit));
	pool->free[page / 64] |= bit;
	if (pool->free_count++ == 0)
		partial_add(arena, pool);
	arena->used -= PAGE_BYTES;
	/* One empty pool is kept, so that a page at the edge is cheap. */
	if (pool->free_count == POOL_PAGES &&
	    (pool->prev != NULL || pool->next != NULL))
		pool_destroy(arena, pool);
}

int
arena_file_map(
    struct arena *arena, int fd, uint64_t off, bool writable, uint64_t *pa)
{
	size_t slot;
	int error;

	if ((error = slot_take(arena, &slot)) != 0)
		return error;
	if ((error = slot_show(arena, slot, fd, off, writable)) != 0) {
		slot_give(arena, slot);
		return error;
	}
	arena->slot_kind[slot] = SLOT_FILE;
	arena->used += ARENA_SLOT_BYTES;
	*pa = slot * ARENA_SLOT_BYTES;
	return 0;
}

int
arena_file_remap(
    struct arena *arena, uint64_t pa, int fd, uint64_t off, bool writable)
{
	size_t slot = slot_of(arena, pa);

	VMS_ASSERT("arena-remap", arena->slot_kind[slot] == SLOT_FILE);
	return slot_show(arena, slot, fd, off, writable);
}

void
arena_file_unmap(struct arena *arena, uint64_t pa)
{
	size_t slot = slot_of(arena, pa);

	VMS_ASSERT("arena-unmap", arena->slot_kind[slot] == SLOT_FILE);
	arena->used -= ARENA_SLOT_BYTES;
	if (os_remap_zero(slot_host(arena, slot), ARENA_SLOT_BYTES) == 0)
		slot_give(arena, slot);
	else
		arena->slot_kind[slot] = SLOT_LOST;
}

bool
arena_repair(struct arena *arena, void *addr)
{
	uintptr_t at = (uintptr_t)addr, base = (uintptr_t)arena->host;
	uintptr_t page = (uintptr_t)os_page_bytes();
	uint64_t pa, empty;

	if (at < base || at - base >= arena->bytes)
		return false;
	pa = (at - base) / ARENA_SLOT_BYTES * ARENA_SLOT_BYTES;
	if (os_remap_zero(arena->host + (at - base) / page * page, page) != 0)
		return false;
	for (int i = 0; i < BROKEN_SLOTS; i++) {
		empty = NO_SLOT;
		if (atomic_compare_exchange_strong(
			&arena->broken[i], &empty, pa) ||
		    empty == pa)
			break;
	}
	return true;
}

uint64_t
arena_broken(struct arena *arena)
{
	uint64_t pa;

	for (int i = 0; i < BROKEN_SLOTS; i++) {
		if (atomic_load_explicit(
			&arena->broken[i], memory_order_relaxed) == NO_SLOT)
			continue;
		pa = atomic_exchange(&arena->broken[i], NO_SLOT);
		if (pa != NO_SLOT)
			return pa;
	}
	return NO_SLOT;
}

static int
reserve(uint64_t bytes, struct arena *arena)
{
	void *host;

	if (bytes == 0)
		bytes = ARENA_DEFAULT_BYTES;
	if (bytes > ARENA_MAX_BYTES)
		bytes = ARENA_MAX_BYTES;
	bytes -= bytes % ARENA_SLOT_BYTES;
	while (bytes >= ARENA_MIN_BYTES) {
		if (os_reserve(bytes, &host) == 0) {
			arena->host = host;
			arena->bytes = bytes;
			arena->slots = (size_t)(bytes / ARENA_SLOT_BYTES);
			return 0;
		}
		bytes = bytes / 2 - bytes / 2 % ARENA_SLOT_BYTES;
	}
	return ENOMEM;
}

static int
tables_alloc(struct arena *arena)
{
	arena->slot_kind = calloc(arena->slots, sizeof(*arena->slot_kind));
	arena->pools = calloc(arena->slots, sizeof(*arena->pools));
	arena->free_slots = calloc(arena->slots, sizeof(*arena->free_slots));
	if (arena->slot_kind == NULL || arena->pools == NULL ||
	    arena->free_slots == NULL)
		return ENOMEM;
	return 0;
}

static int
slot_take(struct arena *arena, size_t *slot)
{
	if (arena->free_count > 0)
		*slot = arena->free_slots[--arena->free_count];
	else if (arena->fresh < arena->slots)
		*slot = arena->fresh++;
	else
		return ENOMEM;
	return 0;
}

static void
slot_give(struct arena *arena, size_t slot)
{
	arena->slot_kind[slot] = SLOT_FREE;
	arena->free_slots[arena->free_count++] = (uint32_t)slot;
}

/* A refused MAP_FIXED may have left a hole: the invariant is restored. */
static int
slot_show(struct arena *arena, size_t slot, int fd, uint64_t off, bool writable)
{
	void *at = slot_host(arena, slot);
	int prot = PROT_READ | (writable ? PROT_WRITE : 0);
	int error, hole;

	if (mmap(at, (size_t)ARENA_SLOT_BYTES, prot, MAP_SHARED | MAP_FIXED, fd,
		(off_t)off) != MAP_FAILED)
		return 0;
	error = errno;
	if (arena->slot_kind[slot] == SLOT_FREE) {
		hole = os_remap_zero(at, ARENA_SLOT_BYTES);
		VMS_ASSERT("arena-hole", hole == 0 || error == ENOMEM);
	}
	return error;
}

static size_t
slot_of(const struct arena *arena, uint64_t pa)
{
	VMS_ASSERT("arena-slot", pa < arena->bytes);
	return (size_t)(pa / ARENA_SLOT_BYTES);
}

static uint8_t *
slot_host(const struct arena *arena, size_t slot)
{
	return arena->host + slot * ARENA_SLOT_BYTES;
}

static int
pool_create(struct arena *arena, struct pool **out)
{
	struct pool *pool = calloc(1, sizeof(*pool));
	int error;

	if (pool == NULL)
		return ENOMEM;
	if ((error = slot_take(arena, &pool->slot)) != 0) {
		free(pool);
		return error;
	}
	memset(pool->free, 0xff, sizeof(pool->free));
	pool->free_count = POOL_PAGES;
	arena->slot_kind[pool->slot] = SLOT_POOL;
	arena->pools[pool->slot] = pool;
	partial_add(arena, pool);
	*out = pool;
	return 0;
}

/* The slot's pages go back to the host and read as zero again. */
static void
pool_destroy(struct arena *arena, struct pool *pool)
{
	size_t slot = pool->slot;

	if (os_discard(slot_host(arena, slot), ARENA_SLOT_BYTES) != 0)
		return;
	partial_remove(arena, pool);
	arena->pools[slot] = NULL;
	free(pool);
	slot_give(arena, slot);
}

static void
partial_add(struct arena *arena, struct pool *pool)
{
	pool->prev = NULL;
	pool->next = arena->partial;
	if (pool->next != NULL)
		pool->next->prev = pool;
	arena->partial = pool;
}

static void
partial_remove(struct arena *arena, struct pool *pool)
{
	if (pool->prev != NULL)
		pool->prev->next = pool->next;
	else
		arena->partial = pool->next;
	if (pool->next != NULL)
		pool->next->prev = pool->prev;
	pool->prev = pool->next = NULL;
}

/* The number of the first set bit; there is one. */
static unsigned
bit_first(const uint64_t *words)
{
	unsigned n = 0, bit = 0;

	while (words[n] == 0)
		n++;
	while (!(words[n] >> bit & 1))
		bit++;
	return n * 64 + bit;
}
