/* SPDX-License-Identifier: BSD-2-Clause */
/* The vmspaces of a snapshot: maps, objects, pages, translations. */
#include "vmspace/snapshot_save.h"

#include <errno.h>
#include <stdlib.h>

#include "vmspace/observe.h"
#include "vmspace/pv.h"
#include "vmspace/registry.h"
#include "vmspace/space.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"

/* --- Vmspaces and their maps --------------------------------------------- */

struct space_ref {
	uint64_t id;
	struct space *space;
};

static int
space_compare(const void *a, const void *b)
{
	const struct space_ref *x = a, *y = b;

	return compare_u64(x->id, y->id);
}

static int
save_entry(struct saver *saver, const struct vm_entry *entry)
{
	struct vm_object *object = entry->object;
	struct snap_entry *row = snapshot_add(&saver->snapshot, SNAP_ENTRIES);

	if (row == NULL)
		return ENOMEM;
	*row = (struct snap_entry){ .space = saver->space,
		.start = entry->start,
		.end = entry->end,
		.prot = entry->prot,
		.max_prot = entry->max_prot,
		.inherit = entry->inherit,
		.advice = entry->advice,
		.vpagetable = entry->vpagetable,
		.needs_copy = entry->needs_copy,
		.cow = entry->cow,
		.nosync = entry->nosync,
		.nocore = entry->nocore,
		.stack = entry->stack,
		.offset = entry->offset,
		.avail_ssize = entry->avail_ssize,
		.master = entry->master };
	if (object == NULL)
		return 0;
	row->file = object->kind == VM_OBJECT_FILE;
	row->object = object->number;
	return list_add(&saver->objects, object);
}

static int
save_space(struct saver *saver, uint64_t registry, const struct space_ref *ref)
{
	struct snap_space *row = snapshot_add(&saver->snapshot, SNAP_SPACES);
	const struct vm_entry *entries;
	size_t count;
	int error = 0;

	if (row == NULL)
		return ENOMEM;
	row->registry = registry;
	row->id = ref->id;
	saver->space++;
	entries = vm_map_entries(&ref->space->map, &count);
	for (size_t i = 0; i < count && error == 0; i++)
		error = save_entry(saver, &entries[i]);
	return error;
}

/* Of every space of the registry, in the order of their ids. */
static int
registry_each(struct saver *saver, uint64_t registry,
    int (*fn)(struct saver *, uint64_t, const struct space_ref *))
{
	const struct vkernel_proc *vkp = saver->registries.at[registry - 1];
	struct space_ref *refs = calloc(vkp->count + 1, sizeof(*refs));
	size_t count = 0;
	int error = 0;

	if (refs == NULL)
		return ENOMEM;
	for (size_t i = 0; i < (size_t)1 << vkp->bits; i++)
		for (struct vmspace_entry *ve = vkp->buckets[i]; ve != NULL;
		     ve = ve->next)
			refs[count++] = (struct space_ref){
				saver->sink->id(saver->arg, ve->id), ve->space
			};
	qsort(refs, count, sizeof(*refs), space_compare);
	for (size_t i = 0; i < count && error == 0; i++)
		error = fn(saver, registry, &refs[i]);
	free(refs);
	return error;
}

int
save_spaces(struct saver *saver)
{
	int error = 0;

	for (size_t i = 0; i < saver->registries.count && error == 0; i++)
		error = registry_each(saver, i + 1, save_space);
	return error;
}

/* --- Objects ------------------------------------------------------------- */

static int
object_compare(const void *a, const void *b)
{
	const struct vm_object *const *x = a, *const *y = b;
	int order =
	    ((*x)->kind == VM_OBJECT_FILE) - ((*y)->kind == VM_OBJECT_FILE);

	return order != 0 ? order : compare_u64((*x)->number, (*y)->number);
}

static int
save_file(struct saver *saver, const struct vm_object *file)
{
	struct snap_file *row = snapshot_add(&saver->snapshot, SNAP_FILES);

	if (row == NULL)
		return ENOMEM;
	*row = (struct snap_file){ file->number, file->bytes, file->fixed_end,
		file->access };
	return 0;
}

/* Only a file ever lies below a shadow. */
static int
save_made(struct saver *saver, const struct vm_object *object)
{
	struct snap_made *row = snapshot_add(&saver->snapshot, SNAP_MADE);

	if (row == NULL)
		return ENOMEM;
	*row = (struct snap_made){ .number = object->number,
		.pages = object->pages,
		.backing_pages = object->backing_pages };
	if (object->backing == NULL)
		return 0;
	row->backing = object->backing->number;
	return object->backing->kind == VM_OBJECT_FILE ? 0 : ENOTSUP;
}

int
save_objects(struct saver *saver)
{
	struct list *objects = &saver->objects;
	size_t mapped = objects->count;
	int error = 0;

	for (size_t i = 0; i < mapped && error == 0; i++) {
		struct vm_object *object = objects->at[i];
		if (object->backing != NULL)
			error = list_add(objects, object->backing);
	}
	list_sort(objects, object_compare);
	for (size_t i = 0; i < objects->count && error == 0; i++) {
		const struct vm_object *object = objects->at[i];
		if (i > 0 && object == objects->at[i - 1])
			continue;
		error = object->kind == VM_OBJECT_FILE
			    ? save_file(saver, object)
			    : save_made(saver, object);
	}
	return error;
}

/* --- Pages --------------------------------------------------------------- */

static int
page_compare(const void *a, const void *b)
{
	const struct watch_page *const *x = a, *const *y = b;

	if ((*x)->file != (*y)->file)
		return (*x)->file - (*y)->file;
	if ((*x)->object != (*y)->object)
		return compare_u64((*x)->object, (*y)->object);
	return compare_u64((*x)->index, (*y)->index);
}

static void
page_keep(void *arg, struct pv_page *page)
{
	struct saver *saver = arg;

	if (page->watch != NULL && saver->error == 0)
		saver->error = list_add(&saver->pages, page->watch);
}

static int
save_page(struct saver *saver, const struct watch_page *page)
{
	struct snap_page *row = snapshot_add(&saver->snapshot, SNAP_PAGES);

	if (row == NULL)
		return ENOMEM;
	*row = (struct snap_page){ page->file, page->object, page->index,
		page->at[WATCH_DIRTY] != 0 };
	return 0;
}

/* The row of a page: where it is in the list. */
static uint64_t
page_row(const struct saver *saver, const struct watch_page *page)
{
	void *const *at = bsearch(&page, saver->pages.at, saver->pages.count,
	    sizeof(*saver->pages.at), page_compare);

	return (uint64_t)(at - saver->pages.at);
}

int
save_pages(struct saver *saver)
{
	const struct watch_list *live =
	    &saver->vms->observe->watch.lists[WATCH_LIVE];
	int error;

	pv_each(saver->vms, page_keep, saver);
	list_sort(&saver->pages, page_compare);
	error = saver->error;
	for (size_t i = 0; i < saver->pages.count && error == 0; i++)
		error = save_page(saver, saver->pages.at[i]);
	for (size_t i = 0; i < live->count && error == 0; i++) {
		struct snap_live *row =
		    snapshot_add(&saver->snapshot, SNAP_LIVE);
		if (row == NULL)
			return ENOMEM;
		row->page = page_row(saver, live->pages[i]);
	}
	return error;
}

static void
save_translation(void *arg, vms_va_t va, uint64_t pa, bool writable)
{
	struct saver *saver = arg;
	const struct pv_page *page = pv_page_find(saver->vms, pa);
	struct snap_translation *row;

	if (saver->error != 0)
		return;
	row = snapshot_add(&saver->snapshot, SNAP_TRANSLATIONS);
	if (row == NULL || page->watch == NULL) {
		saver->error = ENOMEM;
		return;
	}
	*row = (struct snap_translation){ saver->space, va,
		page_row(saver, page->watch), writable };
}

static int
save_pmap(struct saver *saver, uint64_t registry, const struct space_ref *ref)
{
	(void)registry;
	saver->space++;
	pmap_each(&ref->space->pmap, save_translation, saver);
	return saver->error;
}

int
save_translations(struct saver *saver)
{
	int error = 0;

	saver->space = 0;
	for (size_t i = 0; i < saver->registries.count && error == 0; i++)
		error = registry_each(saver, i + 1, save_pmap);
	return error;
}
