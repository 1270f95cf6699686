/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entries of a space: find, insert, cut, join, remove.  What joins and
 * what is cut follows sys/vm/vm_map.c, because MADV_SETMAP shows it.
 *
 * Invariant: entries are sorted, not empty and do not overlap; map->files
 * counts exactly the entries whose pages come from a file that can shrink.
 */
#include "vmspace/vm_map.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/page.h"
#include "vmspace/space.h"
#include "vmspace/vm_map_impl.h"
#include "vmspace/vm_object.h"
#include "vmspace/vms.h"

static void file_unref(struct vm_map *map, struct vm_object *object);

void
vm_map_init(struct vm_map *map)
{
	*map = (struct vm_map){ 0 };
}

void
vm_map_finish(struct space *space)
{
	struct vm_map *map = &space->map;

	for (size_t i = 0; i < map->count; i++)
		vm_object_drop(map->entries[i].object);
	free(map->entries);
	free(map->files);
	vm_map_init(map);
}

size_t
map_index(const struct vm_map *map, vms_va_t va)
{
	size_t low = 0, high = map->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (map->entries[middle].end <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool
entry_contains(const struct vm_map *map, size_t i, vms_va_t va)
{
	return i < map->count && map->entries[i].start <= va;
}

struct vm_entry *
vm_map_lookup(struct vm_map *map, vms_va_t va)
{
	size_t i = map_index(map, va);

	return entry_contains(map, i, va) ? &map->entries[i] : NULL;
}

const struct vm_entry *
vm_map_entries(const struct vm_map *map, size_t *count)
{
	*count = map->count;
	return map->entries;
}

bool
vm_map_covered(const struct vm_map *map, vms_va_t start, vms_va_t end)
{
	size_t i = map_index(map, start);

	while (start < end) {
		if (!entry_contains(map, i, start))
			return false;
		start = map->entries[i++].end;
	}
	return true;
}

bool
vm_map_is_free(const struct vm_map *map, vms_va_t start, vms_va_t end)
{
	size_t i = map_index(map, start);

	return i == map->count || map->entries[i].start >= end;
}

/* First address below entry i that a request may not touch. */
static vms_va_t
entry_floor(const struct vm_entry *entry, bool stack)
{
	if (!entry->stack || stack)
		return entry->start;
	return entry->start < entry->avail_ssize
		   ? 0
		   : entry->start - entry->avail_ssize;
}

int
vm_map_findspace(const struct vm_map *map, vms_va_t hint, uint64_t len,
    uint64_t align, bool stack, vms_va_t *out)
{
	size_t i = map_index(map, hint);
	vms_va_t start = hint, end;

	if (entry_contains(map, i, start))
		start = map->entries[i++].end;
	for (;; start = map->entries[i++].end) {
		if (add_wraps(start, align - 1, &start))
			return ENOMEM;
		start &= ~(align - 1);
		if (add_wraps(start, len, &end) || end > VMS_VA_END)
			return ENOMEM;
		if (i == map->count ||
		    end <= entry_floor(&map->entries[i], stack))
			break;
	}
	*out = start;
	return 0;
}

/* Room for more entries, so that later steps cannot fail. */
int
map_reserve(struct vm_map *map, size_t more)
{
	size_t capacity = map->capacity ? map->capacity : 4;
	struct vm_entry *entries;

	if (map->count + more <= map->capacity)
		return 0;
	while (capacity < map->count + more)
		capacity *= 2;
	entries = realloc(map->entries, capacity * sizeof(*entries));
	if (entries == NULL)
		return ENOMEM;
	map->entries = entries;
	map->capacity = capacity;
	return 0;
}

static void
entry_add(struct vm_map *map, size_t i, const struct vm_entry *entry)
{
	VMS_ASSERT("map-reserved", map->count < map->capacity);
	memmove(&map->entries[i + 1], &map->entries[i],
	    (map->count - i) * sizeof(*entry));
	map->entries[i] = *entry;
	map->count++;
}

static void
entries_delete(struct vm_map *map, size_t i, size_t count)
{
	memmove(&map->entries[i], &map->entries[i + count],
	    (map->count - i - count) * sizeof(*map->entries));
	map->count -= count;
}

static uint64_t
entry_pages(const struct vm_entry *entry)
{
	return (entry->end - entry->start) >> PAGE_SHIFT;
}

/* The attributes that DragonFly keeps in eflags. */
static bool
flags_alike(const struct vm_entry *a, const struct vm_entry *b)
{
	return a->advice == b->advice && a->needs_copy == b->needs_copy &&
	       a->cow == b->cow && a->nosync == b->nosync &&
	       a->nocore == b->nocore && a->stack == b->stack;
}

static bool
rights_alike(const struct vm_entry *a, const struct vm_entry *b)
{
	return a->prot == b->prot && a->max_prot == b->max_prot &&
	       a->inherit == b->inherit;
}

bool
entries_join(const struct vm_entry *low, const struct vm_entry *high)
{
	return low->end == high->start && low->vpagetable == high->vpagetable &&
	       low->object == high->object &&
	       (low->object == NULL ||
		   low->offset + (low->end - low->start) == high->offset) &&
	       flags_alike(low, high) && rights_alike(low, high);
}

/* vm_map_simplify_entry: entry i absorbs neighbours that are alike, and keeps
 * its own master.  Returns its new index. */
size_t
map_simplify(struct vm_map *map, size_t i)
{
	struct vm_entry *e = map->entries;
	struct vm_object *object = e[i].object;

	if (i + 1 < map->count && entries_join(&e[i], &e[i + 1])) {
		e[i].end = e[i + 1].end;
		file_unref(map, object);
		vm_object_drop(object);
		entries_delete(map, i + 1, 1);
	}
	if (i > 0 && entries_join(&e[i - 1], &e[i])) {
		e[i].start = e[i - 1].start;
		e[i].offset = e[i - 1].offset;
		file_unref(map, object);
		vm_object_drop(object);
		entries_delete(map, --i, 1);
	}
	return i;
}

/* Cuts entry i at va: i keeps the part below, i + 1 is the rest.  The object
 * is made first, so that both parts share it. */
static int
map_cut(struct space *space, size_t i, vms_va_t va)
{
	struct vm_map *map = &space->map;
	struct vm_entry *low = &map->entries[i];
	struct vm_entry high;
	int error;

	if ((error = vm_entry_prepare(space, low, false)) != 0)
		return error;
	if ((error = map_file_ref(map, low->object)) != 0)
		return error;
	vm_object_ref(low->object);
	high = *low;
	high.start = va;
	high.offset += va - low->start;
	low->end = va;
	entry_add(map, i + 1, &high);
	return 0;
}

int
map_clip_start(struct space *space, vms_va_t va, size_t *i)
{
	struct vm_map *map = &space->map;
	int error;

	*i = map_index(map, va);
	if (!entry_contains(map, *i, va) || map->entries[*i].start == va)
		return 0;
	*i = map_simplify(map, *i);
	if ((error = map_cut(space, *i, va)) == 0)
		(*i)++;
	return error;
}

int
map_clip_end(struct space *space, size_t i, vms_va_t va)
{
	return va < space->map.entries[i].end ? map_cut(space, i, va) : 0;
}

/* The neighbour below, when entry can go on in its object. */
static struct vm_entry *
neighbour_coalesce(struct vm_map *map, size_t i, const struct vm_entry *entry)
{
	struct vm_entry *low = i > 0 ? &map->entries[i - 1] : NULL;

	if (low == NULL || entry->object != NULL || low->end != entry->start ||
	    low->vpagetable != entry->vpagetable || !flags_alike(low, entry))
		return NULL;
	if (!vm_object_coalesce(low->object, low->offset >> PAGE_SHIFT,
		entry_pages(low), entry_pages(entry)))
		return NULL;
	return low;
}

int
vm_map_insert(struct space *space, const struct vm_entry *entry)
{
	struct vm_map *map = &space->map;
	size_t i = map_index(map, entry->start);
	struct vm_entry new = *entry;
	struct vm_entry *low;
	int error;

	if (!vm_map_is_free(map, entry->start, entry->end))
		return ENOMEM;
	if ((error = map_reserve(map, 1)) != 0)
		return error;
	if ((error = map_file_ref(map, new.object)) != 0)
		return error;
	if ((low = neighbour_coalesce(map, i, entry)) != NULL) {
		if (rights_alike(low, entry)) {
			low->end = entry->end;
			map_simplify(map, i - 1);
			return 0;
		}
		new.object = low->object;
		new.offset = low->offset + (low->end - low->start);
		if (new.object != NULL)
			vm_object_ref(new.object);
	}
	entry_add(map, i, &new);
	return 0;
}

int
vm_map_reserve_below(
    struct space *space, vms_va_t start, vms_va_t end, uint64_t avail)
{
	size_t i = map_index(&space->map, start);
	int error;

	if ((error = map_reserve(&space->map, 2)) != 0)
		return error;
	if (space->map.entries[i].start < start) {
		if ((error = map_cut(space, i, start)) != 0)
			return error;
		i++;
	}
	if ((error = map_clip_end(space, i, end)) == 0)
		space->map.entries[i].avail_ssize = avail;
	return error;
}

int
vm_map_share(struct space *space, vms_va_t start, vms_va_t end)
{
	struct vm_map *map = &space->map;
	size_t i;
	int error;

	if ((error = map_reserve(map, 2)) != 0)
		return error;
	if ((error = map_clip_start(space, start, &i)) != 0)
		return error;
	for (; i < map->count && map->entries[i].start < end; i++) {
		if ((error = map_clip_end(space, i, end)) != 0)
			return error;
		map->entries[i].inherit = VM_INHERIT_SHARE;
		i = map_simplify(map, i);
	}
	return 0;
}

static void
entry_drop(struct vm_map *map, struct vm_entry *entry)
{
	file_unref(map, entry->object);
	if (entry->object != NULL)
		vm_object_cut(entry->object, entry->offset >> PAGE_SHIFT,
		    entry_pages(entry));
	vm_object_drop(entry->object);
}

int
vm_map_remove(struct space *space, vms_va_t start, vms_va_t end)
{
	struct vm_map *map = &space->map;
	size_t first, after;
	int error;

	if (start >= end)
		return 0;
	if ((error = map_reserve(map, 2)) != 0)
		return error;
	if ((error = map_clip_start(space, start, &first)) != 0)
		return error;
	after = map_index(map, end - 1);
	if (entry_contains(map, after, end - 1)) {
		if ((error = map_clip_end(space, after, end)) != 0)
			return error;
		after++;
	}
	if (after <= first)
		return 0;
	pmap_remove(&space->pmap, start, end);
	for (size_t i = first; i < after; i++)
		entry_drop(map, &map->entries[i]);
	entries_delete(map, first, after - first);
	return 0;
}

/* The artificial size of a VPAGETABLE object: its tables may address more
 * than the mapping is long. */
#define VPAGETABLE_PAGES UINT64_C(0x7FFFFFFF)

static uint64_t
object_pages(const struct vm_entry *entry)
{
	return entry->vpagetable ? VPAGETABLE_PAGES : entry_pages(entry);
}

int
vm_entry_prepare(struct space *space, struct vm_entry *entry, bool copy)
{
	struct vm_object *shadow;
	int error;

	if (entry->object == NULL) {
		entry->offset = 0;
		return vm_object_anon(
		    space->vms, object_pages(entry), &entry->object);
	}
	if (!copy || !entry->needs_copy)
		return 0;
	error = vm_object_shadow(space->vms, entry->object,
	    entry->offset >> PAGE_SHIFT, object_pages(entry), &shadow);
	if (error != 0)
		return error;
	vm_object_drop(entry->object);
	entry->object = shadow;
	entry->offset = 0;
	entry->needs_copy = false;
	return 0;
}

static struct vm_map_file *
file_find(struct vm_map *map, const struct vm_object *file)
{
	for (size_t i = 0; i < map->file_count; i++)
		if (map->files[i].object == file)
			return &map->files[i];
	return NULL;
}

static int
file_add(struct vm_map *map, struct vm_object *file)
{
	size_t capacity = map->file_capacity ? map->file_capacity * 2 : 1;
	struct vm_map_file *files;

	if (map->file_count == map->file_capacity) {
		files = realloc(map->files, capacity * sizeof(*files));
		if (files == NULL)
			return ENOMEM;
		map->files = files;
		map->file_capacity = capacity;
	}
	map->files[map->file_count++] = (struct vm_map_file){ file, 1 };
	return 0;
}

/* One more entry shows object. */
int
map_file_ref(struct vm_map *map, struct vm_object *object)
{
	struct vm_object *file = vm_object_shrinkable(object);
	struct vm_map_file *known;

	if (file == NULL)
		return 0;
	if ((known = file_find(map, file)) == NULL)
		return file_add(map, file);
	known->entries++;
	return 0;
}

static void
file_unref(struct vm_map *map, struct vm_object *object)
{
	struct vm_object *file = vm_object_shrinkable(object);
	struct vm_map_file *known;

	if (file == NULL)
		return;
	known = file_find(map, file);
	VMS_ASSERT("map-file-counted", known != NULL);
	if (--known->entries == 0)
		*known = map->files[--map->file_count];
}

void
vm_map_check_sizes(struct space *space)
{
	struct vm_map *map = &space->map;

	for (size_t i = 0; i < map->file_count; i++)
		vm_object_check_size(map->files[i].object);
}
