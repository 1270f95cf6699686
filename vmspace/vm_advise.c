/* SPDX-License-Identifier: BSD-2-Clause */
/* vm_map_madvise (sys/vm/vm_map.c): advice, MADV_INVAL and MADV_SETMAP. */
#include <errno.h>

#include "base/page.h"
#include "vmspace/space.h"
#include "vmspace/vm_map_impl.h"
#include "vmspace/vm_object.h"

static int advise_entries(struct space *space, vms_va_t start, vms_va_t end,
    int behav, vms_vpte_t value);
static void free_pages(struct space *space, vms_va_t start, vms_va_t end);
static void drop_translations(
    struct space *space, vms_va_t start, vms_va_t end, int behav);

int
vm_map_madvise(struct space *space, vms_va_t start, vms_va_t end, int behav,
    vms_vpte_t value)
{
	if (start >= end)
		return 0;
	switch (behav) {
	case VMS_MADV_WILLNEED:
	case VMS_MADV_DONTNEED:
		return 0;
	case VMS_MADV_FREE:
		free_pages(space, start, end);
		return 0;
	default:
		drop_translations(space, start, end, behav);
		return advise_entries(space, start, end, behav, value);
	}
}

/* 0, or EINVAL for SETMAP on an entry without tables; it is left alone. */
static int
advise_entry(struct vm_entry *entry, int behav, vms_vpte_t value)
{
	switch (behav) {
	case VMS_MADV_NORMAL:
	case VMS_MADV_RANDOM:
	case VMS_MADV_SEQUENTIAL:
		entry->advice = (uint8_t)behav;
		break;
	case VMS_MADV_NOSYNC:
	case VMS_MADV_AUTOSYNC:
		entry->nosync = behav == VMS_MADV_NOSYNC;
		break;
	case VMS_MADV_NOCORE:
	case VMS_MADV_CORE:
		entry->nocore = behav == VMS_MADV_NOCORE;
		break;
	case VMS_MADV_SETMAP:
		if (!entry->vpagetable)
			return EINVAL;
		entry->master = value;
		break;
	}
	return 0;
}

/* Each entry is cut to the range, changed, and joined again with neighbours
 * that are alike: the changed one's master wins over both. */
static int
advise_entries(struct space *space, vms_va_t start, vms_va_t end, int behav,
    vms_vpte_t value)
{
	struct vm_map *map = &space->map;
	int result = 0;
	int error;
	size_t i;

	if ((error = map_reserve(map, 2)) != 0)
		return error;
	if ((error = map_clip_start(space, start, &i)) != 0)
		return error;
	for (; i < map->count && map->entries[i].start < end; i++) {
		if ((error = map_clip_end(space, i, end)) != 0)
			return error;
		error = advise_entry(&map->entries[i], behav, value);
		if (error != 0)
			result = error;
		i = map_simplify(map, i);
	}
	return result;
}

static void
range_clip(const struct vm_entry *entry, vms_va_t *start, vms_va_t *end)
{
	if (*start < entry->start)
		*start = entry->start;
	if (*end > entry->end)
		*end = entry->end;
}

/* INVAL drops the range; SETMAP what lies in mappings with tables. */
static void
drop_translations(struct space *space, vms_va_t start, vms_va_t end, int behav)
{
	const struct vm_map *map = &space->map;

	if (behav == VMS_MADV_INVAL)
		pmap_remove(&space->pmap, start, end);
	if (behav != VMS_MADV_SETMAP)
		return;
	for (size_t i = map_index(map, start);
	     i < map->count && map->entries[i].start < end; i++) {
		vms_va_t from = start, to = end;
		range_clip(&map->entries[i], &from, &to);
		if (map->entries[i].vpagetable)
			pmap_remove(&space->pmap, from, to);
	}
}

/* Contents of anonymous memory go at once: the kernel may keep them for a
 * while, but nobody can rely on either.  Private pages of files stay. */
static void
free_pages(struct space *space, vms_va_t start, vms_va_t end)
{
	const struct vm_map *map = &space->map;

	for (size_t i = map_index(map, start);
	     i < map->count && map->entries[i].start < end; i++) {
		const struct vm_entry *entry = &map->entries[i];
		vms_va_t from = start, to = end;
		if (entry->vpagetable || entry->object == NULL ||
		    vm_object_kind(entry->object) != VM_OBJECT_ANON)
			continue;
		range_clip(entry, &from, &to);
		vm_object_discard(entry->object,
		    (entry->offset + (from - entry->start)) >> PAGE_SHIFT,
		    (to - from) >> PAGE_SHIFT);
	}
}

bool
vm_map_setmap_is_partial(const struct vm_map *map, vms_va_t start, vms_va_t end)
{
	for (size_t i = map_index(map, start);
	     i < map->count && map->entries[i].start < end; i++) {
		const struct vm_entry *e = &map->entries[i];
		if (!e->vpagetable)
			continue;
		if (e->start < start || e->end > end)
			return true;
		if (e->start == start && i > 0 && entries_join(e - 1, e))
			return true;
		if (e->end == end && i + 1 < map->count &&
		    entries_join(e, e + 1))
			return true;
	}
	return false;
}
