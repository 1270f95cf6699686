/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting, anonymous objects and shadows; files are in vm_object_file.c.
 * Invariant: every pa in an anonymous object or shadow is an arena page that
 * nobody else has, and it is freed only after pv_remove_page().
 */
#include "vmspace/vm_object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/page.h"
#include "emu/arena.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"
#include "vmspace/watch.h"

static int anon_page(struct vm_object *object, uint64_t index, uint64_t *pa);
static int shadow_page(struct vm_object *object, uint64_t index, bool for_write,
    uint64_t *pa, bool *writable);
static void page_lose(void *arg, uint64_t index, uint64_t pa);

int
object_create(struct vms *vms, enum vm_object_kind kind, uint64_t pages,
    struct vm_object **out)
{
	struct vm_object *object = calloc(1, sizeof(*object));

	if (object == NULL)
		return ENOMEM;
	object->vms = vms;
	object->refs = 1;
	object->kind = kind;
	object->pages = pages;
	if (kind != VM_OBJECT_FILE)
		object->number = ++vms->objects.made_numbers;
	object->fd = -1;
	vms->objects.count++;
	*out = object;
	return 0;
}

void
object_free(struct vm_object *object)
{
	object->vms->objects.count--;
	u64map_finish(&object->shown);
	free(object);
}

int
vm_object_anon(struct vms *vms, uint64_t pages, struct vm_object **out)
{
	return object_create(vms, VM_OBJECT_ANON, pages, out);
}

int
vm_object_shadow(struct vms *vms, struct vm_object *backing,
    uint64_t offset_pages, uint64_t pages, struct vm_object **out)
{
	int error = object_create(vms, VM_OBJECT_SHADOW, pages, out);

	if (error != 0)
		return error;
	vm_object_ref(backing);
	(*out)->backing = backing;
	(*out)->backing_pages = offset_pages;
	return 0;
}

void
vm_object_ref(struct vm_object *object)
{
	object->refs++;
}

void
vm_object_drop(struct vm_object *object)
{
	if (object == NULL)
		return;
	VMS_ASSERT("object-referenced", object->refs > 0);
	if (--object->refs != 0)
		return;
	if (object->kind == VM_OBJECT_FILE)
		file_finish(object);
	else
		u64map_drain(
		    &object->shown, 0, UINT64_MAX, page_lose, object->vms);
	vm_object_drop(object->backing);
	object_free(object);
}

enum vm_object_kind
vm_object_kind(const struct vm_object *object)
{
	return object->kind;
}

uint64_t
vm_object_pages(struct vm_object *object)
{
	if (object->kind == VM_OBJECT_FILE)
		return file_pages(object);
	return object->pages;
}

uint64_t
vm_object_pages_used(struct vm_object *object)
{
	if (object->kind == VM_OBJECT_FILE && !object->fixed_end)
		return file_pages(object);
	return object->pages;
}

int
vm_object_page(struct vm_object *object, uint64_t index, bool for_write,
    uint64_t *pa, bool *writable)
{
	int error;

	switch (object->kind) {
	case VM_OBJECT_FILE:
		error = file_page(object, index, pa, writable);
		if (error == 0)
			watch_use_file(object->vms, object, index, *pa);
		return error;
	case VM_OBJECT_ANON:
		*writable = true;
		return anon_page(object, index, pa);
	case VM_OBJECT_SHADOW:
		return shadow_page(object, index, for_write, pa, writable);
	}
	VMS_ASSERT("object-kind", false);
}

int
object_page_make(struct vm_object *object, uint64_t index, uint64_t *pa)
{
	struct arena *arena = object->vms->arena;
	int error = arena_page_alloc(arena, pa);

	if (error != 0)
		return error;
	if ((error = u64map_put(&object->shown, index, *pa)) != 0)
		arena_page_free(arena, *pa);
	else
		watch_made(object->vms, object->number, index, *pa);
	return error;
}

static int
anon_page(struct vm_object *object, uint64_t index, uint64_t *pa)
{
	if (u64map_get(&object->shown, index, pa))
		return 0;
	if (index >= object->pages)
		return EFAULT;
	return object_page_make(object, index, pa);
}

static int
shadow_copy(struct vm_object *object, uint64_t index, uint64_t *pa)
{
	struct arena *arena = object->vms->arena;
	uint64_t from;
	bool writable;
	int error = vm_object_page(object->backing,
	    index + object->backing_pages, false, &from, &writable);

	if (error == 0 && (error = object_page_make(object, index, pa)) == 0)
		memcpy(arena_host(arena, *pa), arena_host(arena, from),
		    PAGE_BYTES);
	return error;
}

static int
shadow_page(struct vm_object *object, uint64_t index, bool for_write,
    uint64_t *pa, bool *writable)
{
	bool below;

	*writable = true;
	if (u64map_get(&object->shown, index, pa))
		return 0;
	if (index >= object->pages)
		return EFAULT;
	if (for_write)
		return shadow_copy(object, index, pa);
	*writable = false;
	return vm_object_page(
	    object->backing, index + object->backing_pages, false, pa, &below);
}

int
vm_object_peek(struct vm_object *object, uint64_t index, bool for_write,
    uint64_t *pa, bool *own)
{
	bool below;
	int error;

	if (object->kind == VM_OBJECT_FILE)
		return file_page(object, index, pa, own);
	*own = true;
	if (u64map_get(&object->shown, index, pa))
		return 0;
	if (index >= object->pages)
		return EFAULT;
	if (object->kind == VM_OBJECT_ANON)
		return ENOENT;
	*own = false;
	error = vm_object_peek(
	    object->backing, index + object->backing_pages, false, pa, &below);
	return error == 0 && for_write ? ENOENT : error;
}

static void
page_lose(void *arg, uint64_t index, uint64_t pa)
{
	struct vms *vms = arg;

	(void)index;
	pv_remove_page(vms, pa);
	arena_page_free(vms->arena, pa);
}

void
vm_object_discard(struct vm_object *object, uint64_t index, uint64_t count)
{
	uint64_t end;

	if (object->kind == VM_OBJECT_FILE)
		return;
	if (add_wraps(index, count, &end))
		end = UINT64_MAX;
	u64map_drain(&object->shown, index, end, page_lose, object->vms);
}

void
vm_object_cut(struct vm_object *object, uint64_t index, uint64_t count)
{
	if (object->kind == VM_OBJECT_FILE || object->refs == 1)
		return;
	vm_object_discard(object, index, count);
	if (index < object->pages && index + count >= object->pages)
		object->pages = index;
}

bool
vm_object_coalesce(
    struct vm_object *object, uint64_t index, uint64_t count, uint64_t more)
{
	uint64_t end = index + count;

	if (object == NULL)
		return true;
	if (object->kind != VM_OBJECT_ANON)
		return false;
	if (object->refs > 1 && object->pages != end)
		return false;
	vm_object_discard(object, end, more);
	if (end + more > object->pages)
		object->pages = end + more;
	return true;
}

struct vm_object *
vm_object_shrinkable(struct vm_object *object)
{
	while (object != NULL && object->kind == VM_OBJECT_SHADOW)
		object = object->backing;
	if (object == NULL || object->kind != VM_OBJECT_FILE)
		return NULL;
	return object->fixed_end ? NULL : object;
}
