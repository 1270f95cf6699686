/* SPDX-License-Identifier: BSD-2-Clause */
/* The vmspaces of a snapshot: maps, pages, translations. */
#include "vmspace/snapshot_load.h"

#include <errno.h>
#include <string.h>

#include "base/page.h"
#include "emu/arena.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
#include "vmspace/registry.h"
#include "vmspace/space.h"
#include "vmspace/vm_map_impl.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"
#include "vmspace/watch.h"

static int
load_space(
    struct loader *loader, const struct snap_space *row, struct space **out)
{
	struct vkernel_proc *vkp;
	struct space *space;
	void *id;
	int error;

	if (row->registry == 0 || row->registry > loader->registry_count)
		return EBADMSG;
	vkp = loader->registries[row->registry - 1]->vkernel;
	id = loader->source->id(loader->arg, row->id);
	if (registry_lookup(vkp, id) != NULL)
		return EBADMSG;
	if ((error = space_create(loader->vms, &space)) != 0)
		return error;
	if ((error = registry_insert(vkp, id, space)) != 0)
		space_destroy(space);
	else
		*out = space;
	return error;
}

int
load_spaces(struct loader *loader)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_SPACES);
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = load_space(loader,
		    snapshot_row(&loader->snapshot, SNAP_SPACES, i),
		    &loader->spaces[i]);
	return error;
}

/* Row numbers of spaces count from 1. */
static struct space *
space_at(const struct loader *loader, uint64_t number)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_SPACES);

	return number == 0 || number > count ? NULL
					     : loader->spaces[number - 1];
}

/* --- Entries ------------------------------------------------------------- */

static bool
entry_is_sound(const struct vm_map *map, const struct snap_entry *row)
{
	uint64_t least = map->count == 0 ? 0 : map->entries[map->count - 1].end;
	uint64_t end;

	if (row->start < least || row->start >= row->end ||
	    row->end > VMS_VA_END)
		return false;
	if (!page_aligned(row->start | row->end | row->offset))
		return false;
	if (add_wraps(row->offset, row->end - row->start, &end))
		return false;
	return row->object != 0 || (!row->needs_copy && !row->file);
}

static int
load_entry(struct loader *loader, const struct snap_entry *row)
{
	struct space *space = space_at(loader, row->space);
	struct vm_object *object = NULL;
	struct vm_map *map;
	int error;

	if (space == NULL || !entry_is_sound(&space->map, row))
		return EBADMSG;
	if (row->object != 0 && (object = loader_object(loader, row->file != 0,
				     row->object)) == NULL)
		return EBADMSG;
	map = &space->map;
	if ((error = map_reserve(map, 1)) != 0 ||
	    (error = map_file_ref(map, object)) != 0)
		return error;
	if (object != NULL)
		vm_object_ref(object);
	map->entries[map->count++] = (struct vm_entry){
		.start = row->start,
		.end = row->end,
		.prot = (uint8_t)row->prot,
		.max_prot = (uint8_t)row->max_prot,
		.inherit = (uint8_t)row->inherit,
		.advice = (uint8_t)row->advice,
		.vpagetable = row->vpagetable != 0,
		.needs_copy = row->needs_copy != 0,
		.cow = row->cow != 0,
		.nosync = row->nosync != 0,
		.nocore = row->nocore != 0,
		.stack = row->stack != 0,
		.object = object,
		.offset = row->offset,
		.avail_ssize = row->avail_ssize,
		.master = row->master,
	};
	return 0;
}

int
load_entries(struct loader *loader)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_ENTRIES);
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = load_entry(
		    loader, snapshot_row(&loader->snapshot, SNAP_ENTRIES, i));
	return error;
}

/* --- Pages --------------------------------------------------------------- */

static int
load_file_page(
    struct loader *loader, struct vm_object *file, uint64_t index, uint64_t *pa)
{
	uint8_t scratch[PAGE_BYTES];
	const struct vms_snapshot_page where = { true, file->number, index };
	bool writable;
	int error = loader->source->page(loader->arg, &where, scratch);

	if (error == 0)
		error = file_page(file, index, pa, &writable);
	if (error == 0)
		error =
		    watch_restore_file(loader->vms, file->number, index, *pa);
	return error == EFAULT || error == EEXIST ? EBADMSG : error;
}

static int
load_made_page(struct loader *loader, struct vm_object *object, uint64_t index,
    uint64_t *pa)
{
	const struct vms_snapshot_page where = { false, object->number, index };
	int error;

	if (index >= object->pages || u64map_get(&object->shown, index, pa))
		return EBADMSG;
	if ((error = object_page_make(object, index, pa)) != 0)
		return error;
	if (loader->vms->observe->watch.failed)
		return ENOMEM;
	return loader->source->page(
	    loader->arg, &where, arena_host(loader->vms->arena, *pa));
}

static int
load_page(struct loader *loader, const struct snap_page *row, uint64_t *pa)
{
	struct vm_object *object =
	    loader_object(loader, row->file != 0, row->object);
	int error;

	if (object == NULL)
		return EBADMSG;
	if (row->file)
		error = load_file_page(loader, object, row->index, pa);
	else
		error = load_made_page(loader, object, row->index, pa);
	if (error == 0 && !row->dirty)
		watch_restore_clean(loader->vms, *pa);
	return error;
}

int
load_pages(struct loader *loader)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_PAGES);
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = load_page(loader,
		    snapshot_row(&loader->snapshot, SNAP_PAGES, i),
		    &loader->pages[i]);
	return error;
}

int
load_live(struct loader *loader)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_LIVE);
	size_t pages = snapshot_count(&loader->snapshot, SNAP_PAGES);
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++) {
		const struct snap_live *row =
		    snapshot_row(&loader->snapshot, SNAP_LIVE, i);
		if (row->page >= pages)
			return EBADMSG;
		error =
		    watch_restore_live(loader->vms, loader->pages[row->page]);
	}
	return error;
}

/* --- Translations -------------------------------------------------------- */

/* Stores to a window that shows a file read-only would end this process. */
static bool
page_takes_stores(const struct loader *loader, const struct snap_page *row)
{
	return !row->file ||
	       vm_object_stores(loader_object(loader, true, row->object));
}

static int
load_translation(struct loader *loader, const struct snap_translation *row)
{
	struct space *space = space_at(loader, row->space);
	size_t pages = snapshot_count(&loader->snapshot, SNAP_PAGES);

	if (space == NULL || row->va >= VMS_VA_END || !page_aligned(row->va) ||
	    row->page >= pages ||
	    pmap_lookup(&space->pmap, row->va, NULL, NULL))
		return EBADMSG;
	if (row->writable &&
	    !page_takes_stores(
		loader, snapshot_row(&loader->snapshot, SNAP_PAGES, row->page)))
		return EBADMSG;
	return pmap_enter(&space->pmap, row->va, loader->pages[row->page],
	    row->writable != 0);
}

int
load_translations(struct loader *loader)
{
	size_t count = snapshot_count(&loader->snapshot, SNAP_TRANSLATIONS);
	int error = 0;

	for (size_t i = 0; i < count && error == 0; i++)
		error = load_translation(loader,
		    snapshot_row(&loader->snapshot, SNAP_TRANSLATIONS, i));
	return error;
}
