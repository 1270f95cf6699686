/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A map from uint64_t to uint64_t: open addressing with linear probing, which
 * grows by doubling and gives its memory back when it becomes empty.
 * UINT64_MAX is no key.
 */
#ifndef VMS_BASE_U64MAP_H
#define VMS_BASE_U64MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct u64map_slot {
	uint64_t mark; /* key + 1; 0: empty */
	uint64_t value;
};

/* All zero is an empty map. */
struct u64map {
	struct u64map_slot *slots; /* capacity: 0 or a power of two */
	size_t capacity, count;
};

typedef void u64map_fn(void *arg, uint64_t key, uint64_t value);

void u64map_finish(struct u64map *map);

/* false: no such key.  value may be NULL. */
bool u64map_get(const struct u64map *map, uint64_t key, uint64_t *value);

/* Adds key or replaces its value.  ENOMEM. */
int u64map_put(struct u64map *map, uint64_t key, uint64_t value);

/* false: no such key.  value may be NULL. */
bool u64map_remove(struct u64map *map, uint64_t key, uint64_t *value);

/* Removes every key of [first, end), in no particular order, and hands each
 * to fn, which must not touch the map.  The cost is that of the smaller of
 * range and map. */
void u64map_drain(
    struct u64map *map, uint64_t first, uint64_t end, u64map_fn *fn, void *arg);

/* Calls fn for every key, in no particular order; fn must not change the map.
 */
void u64map_each(const struct u64map *map, u64map_fn *fn, void *arg);

#endif
