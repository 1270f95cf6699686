/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invariant: from the home slot of a key to the slot that holds it no slot is
 * empty.  Removal keeps it by moving later keys back, so there are no
 * tombstones.
 */
#include "base/u64map.h"

#include <errno.h>
#include <stdlib.h>

#include "base/assert.h"

#define CAPACITY_MIN 8

/* 2^64 divided by the golden ratio: spreads neighbouring keys. */
static size_t
slot_home(const struct u64map *map, uint64_t mark)
{
	uint64_t hash = mark * UINT64_C(0x9E3779B97F4A7C15);

	return (size_t)(hash >> 32) & (map->capacity - 1);
}

static size_t
slot_after(const struct u64map *map, size_t i)
{
	return (i + 1) & (map->capacity - 1);
}

/* The slot of mark, or the empty one where it would go.  Needs capacity. */
static size_t
slot_find(const struct u64map *map, uint64_t mark)
{
	size_t i = slot_home(map, mark);

	while (map->slots[i].mark != 0 && map->slots[i].mark != mark)
		i = slot_after(map, i);
	return i;
}

void
u64map_finish(struct u64map *map)
{
	free(map->slots);
	*map = (struct u64map){ 0 };
}

bool
u64map_get(const struct u64map *map, uint64_t key, uint64_t *value)
{
	size_t i;

	if (map->count == 0)
		return false;
	i = slot_find(map, key + 1);
	if (map->slots[i].mark == 0)
		return false;
	if (value != NULL)
		*value = map->slots[i].value;
	return true;
}

static int
map_grow(struct u64map *map)
{
	struct u64map grown = { .count = map->count };

	grown.capacity = map->capacity ? map->capacity * 2 : CAPACITY_MIN;
	grown.slots = calloc(grown.capacity, sizeof(*grown.slots));
	if (grown.slots == NULL)
		return ENOMEM;
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].mark != 0)
			grown.slots[slot_find(&grown, map->slots[i].mark)] =
			    map->slots[i];
	free(map->slots);
	*map = grown;
	return 0;
}

int
u64map_put(struct u64map *map, uint64_t key, uint64_t value)
{
	size_t i;
	int error;

	VMS_ASSERT("u64map-key", key != UINT64_MAX);
	if (map->count >= map->capacity / 4 * 3 && (error = map_grow(map)) != 0)
		return error;
	i = slot_find(map, key + 1);
	if (map->slots[i].mark == 0)
		map->count++;
	map->slots[i] = (struct u64map_slot){ key + 1, value };
	return 0;
}

/* Does the probe path from home to at pass through hole? */
static bool
path_passes(const struct u64map *map, size_t home, size_t hole, size_t at)
{
	size_t mask = map->capacity - 1;

	return ((hole - home) & mask) < ((at - home) & mask);
}

static void
slot_clear(struct u64map *map, size_t hole)
{
	size_t i = slot_after(map, hole);

	for (; map->slots[i].mark != 0; i = slot_after(map, i)) {
		size_t home = slot_home(map, map->slots[i].mark);
		if (!path_passes(map, home, hole, i))
			continue;
		map->slots[hole] = map->slots[i];
		hole = i;
	}
	map->slots[hole].mark = 0;
	map->count--;
}

bool
u64map_remove(struct u64map *map, uint64_t key, uint64_t *value)
{
	size_t i;

	if (map->count == 0)
		return false;
	i = slot_find(map, key + 1);
	if (map->slots[i].mark == 0)
		return false;
	if (value != NULL)
		*value = map->slots[i].value;
	slot_clear(map, i);
	if (map->count == 0)
		u64map_finish(map);
	return true;
}

/* After a removal the same slot is looked at again: a later key may have
 * moved into it.  Keys that move past the end were looked at before. */
static void
drain_by_slot(
    struct u64map *map, uint64_t first, uint64_t end, u64map_fn *fn, void *arg)
{
	size_t i = 0;

	while (i < map->capacity) {
		struct u64map_slot slot = map->slots[i];
		uint64_t key = slot.mark - 1;
		if (slot.mark == 0 || key < first || key >= end) {
			i++;
			continue;
		}
		slot_clear(map, i);
		fn(arg, key, slot.value);
	}
	if (map->count == 0)
		u64map_finish(map);
}

void
u64map_drain(
    struct u64map *map, uint64_t first, uint64_t end, u64map_fn *fn, void *arg)
{
	uint64_t value;

	if (first >= end || map->count == 0)
		return;
	if (end - first > map->capacity) {
		drain_by_slot(map, first, end, fn, arg);
		return;
	}
	for (uint64_t key = first; key < end; key++)
		if (u64map_remove(map, key, &value))
			fn(arg, key, value);
}

void
u64map_each(const struct u64map *map, u64map_fn *fn, void *arg)
{
	for (size_t i = 0; i < map->capacity; i++)
		if (map->slots[i].mark != 0)
			fn(arg, map->slots[i].mark - 1, map->slots[i].value);
}
