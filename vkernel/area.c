/* SPDX-License-Identifier: BSD-2-Clause */
/* Binary search; a guest has tens to thousands of areas. */
#include "vkernel/area.h"

#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "vkernel/linux_abi.h"
#include "vkernel/object.h"

#define AREAS_MAX   65530 /* vm.max_map_count */
#define AREAS_SPARE 8     /* rows that a copy can grow by */

void
areas_finish(struct vk_areas *areas)
{
	size_t i;

	for (i = 0; i < areas->count; i++)
		object_drop(areas->rows[i].object);
	free(areas->rows);
	memset(areas, 0, sizeof(*areas));
}

int
areas_fork(const struct vk_areas *areas, struct vk_areas *copy)
{
	struct vk_area *row;
	size_t i;

	if (areas->count == 0)
		return 0;
	copy->rows = malloc((areas->count + AREAS_SPARE) * sizeof(*copy->rows));
	if (copy->rows == NULL)
		return LX_ENOMEM;
	copy->room = areas->count + AREAS_SPARE;
	for (i = 0; i < areas->count; i++) {
		if ((areas->rows[i].flags & AREA_DONTFORK) != 0)
			continue;
		row = &copy->rows[copy->count++];
		*row = areas->rows[i];
		row->flags &= ~(unsigned)AREA_LOCKED;
		object_ref(row->object);
	}
	return 0;
}

size_t
areas_index(const struct vk_areas *areas, uint64_t va)
{
	size_t low, high, middle;

	low = 0;
	high = areas->count;
	while (low < high) {
		middle = low + (high - low) / 2;
		if (areas->rows[middle].end <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct vk_area *
areas_lookup(const struct vk_areas *areas, uint64_t va)
{
	size_t i;

	i = areas_index(areas, va);
	if (i == areas->count || areas->rows[i].start > va)
		return NULL;
	return &areas->rows[i];
}

bool
areas_are_free(const struct vk_areas *areas, uint64_t start, uint64_t end)
{
	size_t i;

	i = areas_index(areas, start);
	return i == areas->count || areas->rows[i].start >= end;
}

bool
areas_cover(const struct vk_areas *areas, uint64_t start, uint64_t end)
{
	size_t i;

	for (i = areas_index(areas, start); start < end; i++) {
		if (i == areas->count || areas->rows[i].start > start)
			return false;
		start = areas->rows[i].end;
	}
	return true;
}

static int
areas_make_room(struct vk_areas *areas)
{
	struct vk_area *rows;
	size_t room;

	if (areas->count >= AREAS_MAX)
		return LX_ENOMEM;
	if (areas->count < areas->room)
		return 0;
	room = areas->room == 0 ? 32 : areas->room * 2;
	rows = realloc(areas->rows, room * sizeof(*rows));
	if (rows == NULL)
		return LX_ENOMEM;
	areas->rows = rows;
	areas->room = room;
	return 0;
}

static void
areas_put(struct vk_areas *areas, size_t i, const struct vk_area *area)
{
	memmove(&areas->rows[i + 1], &areas->rows[i],
	    (areas->count - i) * sizeof(*areas->rows));
	areas->rows[i] = *area;
	areas->count++;
}

static bool
areas_alike(const struct vk_area *a, const struct vk_area *b)
{
	return a->end == b->start && a->prot == b->prot &&
	       a->flags == b->flags && a->object == b->object &&
	       (a->object == NULL ||
		   a->offset + (a->end - a->start) == b->offset);
}

/* Joins row i with row i + 1 if they are alike. */
static bool
areas_join_at(struct vk_areas *areas, size_t i)
{
	if (i + 1 >= areas->count ||
	    !areas_alike(&areas->rows[i], &areas->rows[i + 1]))
		return false;
	areas->rows[i].end = areas->rows[i + 1].end;
	object_drop(areas->rows[i + 1].object);
	areas->count--;
	memmove(&areas->rows[i + 1], &areas->rows[i + 2],
	    (areas->count - i - 1) * sizeof(*areas->rows));
	return true;
}

void
areas_join(struct vk_areas *areas, uint64_t start, uint64_t end)
{
	size_t i;

	i = areas_index(areas, start);
	if (i > 0)
		i--;
	while (i < areas->count && areas->rows[i].start <= end)
		if (!areas_join_at(areas, i))
			i++;
}

int
areas_insert(struct vk_areas *areas, const struct vk_area *area)
{
	int error;

	VMS_ASSERT("area-free", areas_are_free(areas, area->start, area->end));
	error = areas_make_room(areas);
	if (error != 0)
		return error;
	areas_put(areas, areas_index(areas, area->start), area);
	areas_join(areas, area->start, area->end);
	return 0;
}

int
areas_split(struct vk_areas *areas, uint64_t va)
{
	struct vk_area upper, *lower;
	int error;

	error = areas_make_room(areas);
	if (error != 0)
		return error;
	lower = areas_lookup(areas, va);
	if (lower == NULL || lower->start == va)
		return 0;
	upper = *lower;
	upper.start = va;
	upper.offset += va - lower->start;
	object_ref(upper.object);
	lower->end = va;
	areas_put(areas, (size_t)(lower - areas->rows) + 1, &upper);
	return 0;
}

void
areas_remove(struct vk_areas *areas, uint64_t start, uint64_t end)
{
	size_t first, i;

	first = areas_index(areas, start);
	for (i = first; i < areas->count && areas->rows[i].start < end; i++) {
		VMS_ASSERT("area-border",
		    areas->rows[i].start >= start && areas->rows[i].end <= end);
		object_drop(areas->rows[i].object);
	}
	memmove(&areas->rows[first], &areas->rows[i],
	    (areas->count - i) * sizeof(*areas->rows));
	areas->count -= i - first;
}

/* Where what lies below it must end. */
static uint64_t
area_low(const struct vk_area *area)
{
	if ((area->flags & AREA_GROWSDOWN) == 0)
		return area->start;
	return area->start > AREA_GAP ? area->start - AREA_GAP : 0;
}

uint64_t
areas_find_gap(
    const struct vk_areas *areas, uint64_t len, uint64_t low, uint64_t high)
{
	const struct vk_area *area;
	size_t i;

	for (i = areas_index(areas, high); i > 0; i--) {
		if (i < areas->count && area_low(&areas->rows[i]) < high)
			high = area_low(&areas->rows[i]);
		area = &areas->rows[i - 1];
		if (high >= len && high - len >= area->end && high - len >= low)
			return high - len;
	}
	if (areas->count > 0 && area_low(&areas->rows[0]) < high)
		high = area_low(&areas->rows[0]);
	return high >= len && high - len >= low ? high - len : 0;
}

uint64_t
areas_find_low_gap(
    const struct vk_areas *areas, uint64_t len, uint64_t low, uint64_t high)
{
	uint64_t end;
	size_t i;

	for (i = areas_index(areas, low); low < high; i++) {
		end = high;
		if (i < areas->count && area_low(&areas->rows[i]) < high)
			end = area_low(&areas->rows[i]);
		if (end >= low && end - low >= len)
			return low;
		if (i >= areas->count)
			break;
		if (areas->rows[i].end > low)
			low = areas->rows[i].end;
	}
	return 0;
}

static uint64_t
area_bytes(const struct vk_area *area, uint64_t start, uint64_t end)
{
	if (start < area->start)
		start = area->start;
	if (end > area->end)
		end = area->end;
	return start < end ? end - start : 0;
}

uint64_t
areas_bytes(const struct vk_areas *areas, uint64_t start, uint64_t end,
    unsigned mask, unsigned wanted)
{
	uint64_t bytes;
	size_t i;

	bytes = 0;
	for (i = areas_index(areas, start);
	     i < areas->count && areas->rows[i].start < end; i++)
		if ((areas->rows[i].flags & mask) == wanted)
			bytes += area_bytes(&areas->rows[i], start, end);
	return bytes;
}

bool
area_is_data(int prot, unsigned flags)
{
	return (prot & LX_PROT_WRITE) != 0 &&
	       (flags & (AREA_SHARED | AREA_GROWSDOWN)) == 0;
}

uint64_t
areas_data_bytes(const struct vk_areas *areas)
{
	const struct vk_area *area;
	uint64_t bytes;
	size_t i;

	bytes = 0;
	for (i = 0; i < areas->count; i++) {
		area = &areas->rows[i];
		if (area_is_data(area->prot, area->flags))
			bytes += area->end - area->start;
	}
	return bytes;
}
