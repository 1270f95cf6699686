/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page faults.  A page that was never touched is read, zero-filled, or shared
 * with its object; a write to a frame that others hold too copies it first.
 * Neighbours that cost nothing are entered as well.
 */
#include <string.h>

#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

#define RUN_MAX 32
/* Pages of a small area that are copied with the one that is written. */
#define COPY_GROUP 4
#define COPY_SMALL 64

struct fault {
	struct vk_mm *mm;
	const struct vk_area *area;
	uint64_t va; /* of the page */
	bool write;  /* a private page is wanted */
};

static enum mm_answer
answer_of(int error)
{
	switch (error) {
	case 0:
		return MM_DONE;
	case LX_ENXIO:
	case LX_EIO:
		return MM_BEYOND;
	default:
		return MM_NO_MEMORY;
	}
}

static uint64_t
area_page(const struct vk_area *area, uint64_t va)
{
	return (area->offset + (va - area->start)) >> PAGE_SHIFT;
}

/* A copy of frame that only this page holds. */
static int
frame_copy(struct vk_image *image, uint64_t frame, uint64_t *out)
{
	int error;

	error = image_alloc(image, out);
	if (error != 0)
		return error;
	memcpy(image_at(image, *out), image_at(image, frame), PAGE_BYTES);
	image_note(image, *out, PAGE_BYTES);
	return 0;
}

/* A frame for an untouched page, with a count for the leaf. */
static int
fault_frame(const struct fault *fault, uint64_t *frame, bool *writable)
{
	const struct vk_area *area;
	struct vk_image *image;
	uint64_t shown;
	int error;

	area = fault->area;
	image = &fault->mm->memory->image;
	*writable = true;
	if (area->object == NULL)
		return image_alloc_zero(image, frame);
	error = object_page(area->object, area_page(area, fault->va), &shown);
	if (error != 0)
		return error;
	if (fault->write && (area->flags & AREA_SHARED) == 0)
		return frame_copy(image, shown, frame);
	*writable = (area->flags & AREA_SHARED) != 0;
	image_ref(image, shown);
	*frame = shown;
	return 0;
}

static enum mm_answer
fault_fill(const struct fault *fault, vk_slot *slot)
{
	struct vk_image *image;
	vms_vpte_t bits;
	uint64_t frame;
	bool writable;
	int error;

	image = &fault->mm->memory->image;
	error = fault_frame(fault, &frame, &writable);
	if (error != 0)
		return answer_of(error);
	bits = mm_bits(fault->area->prot, writable);
	if ((bits & VMS_VPTE_X) != 0)
		image_mark_code(image, frame);
	slot_set(image, slot, frame | bits);
	return MM_DONE;
}

/* The page is there, but may not be written yet. */
static enum mm_answer
fault_unshare(const struct fault *fault, vk_slot *slot)
{
	struct vk_image *image;
	vms_vpte_t bits;
	uint64_t frame, copy;

	image = &fault->mm->memory->image;
	frame = slot_get(slot) & VMS_VPTE_FRAME;
	bits = mm_bits(fault->area->prot, true);
	if ((fault->area->flags & AREA_SHARED) != 0 ||
	    image_refs(image, frame) == 1) {
		slot_mark(image, slot, bits);
		return MM_DONE;
	}
	if (frame_copy(image, frame, &copy) != 0)
		return MM_NO_MEMORY;
	if ((bits & VMS_VPTE_X) != 0)
		image_mark_code(image, copy);
	slot_set(image, slot, copy | bits);
	mm_inval(fault->mm, fault->va, fault->va + PAGE_BYTES);
	image_drop(image, frame);
	return MM_DONE;
}

static enum mm_answer
fault_page(const struct fault *fault)
{
	vms_vpte_t entry, need;
	vk_slot *slot;

	slot = vptab_reach(&fault->mm->tab, fault->va);
	if (slot == NULL)
		return MM_NO_MEMORY;
	entry = slot_get(slot);
	if ((entry & VMS_VPTE_V) == 0)
		return fault_fill(fault, slot);
	need = fault->write ? VMS_VPTE_W : VMS_VPTE_R;
	if ((entry & need) != 0)
		return MM_SPURIOUS;
	if (fault->write)
		return fault_unshare(fault, slot);
	slot_mark(
	    &fault->mm->memory->image, slot, mm_bits(fault->area->prot, false));
	return MM_DONE;
}

/* A page of the object that is in memory already, for a leaf that is free. */
static void
enter_peeked(
    const struct fault *fault, vk_slot *slot, uint64_t va, vms_vpte_t bits)
{
	struct vk_image *image;
	uint64_t frame;

	if ((slot_get(slot) & VMS_VPTE_V) != 0)
		return;
	frame = object_peek(fault->area->object, area_page(fault->area, va));
	if (frame == 0)
		return;
	image = &fault->mm->memory->image;
	image_ref(image, frame);
	if ((bits & VMS_VPTE_X) != 0)
		image_mark_code(image, frame);
	slot_set(image, slot, frame | bits);
}

/* Enters what the object has in memory and the leaf table of va can hold. */
static void
fault_around(const struct fault *fault)
{
	const struct vk_area *area;
	vms_vpte_t bits;
	uint64_t end, va;
	vk_slot *slot;

	area = fault->area;
	va = fault->va & ~(VPTAB_SPAN - 1);
	end = va + VPTAB_SPAN;
	if (va < area->start)
		va = area->start;
	if (end > area->end)
		end = area->end;
	slot = vptab_lookup(&fault->mm->tab, va);
	if (slot == NULL)
		return;
	bits = mm_bits(area->prot, (area->flags & AREA_SHARED) != 0);
	for (; va < end; va += PAGE_BYTES, slot++)
		enter_peeked(fault, slot, va, bits);
}

/* What write(2) changes shows in pages that were not copied: nobody writes to
 * programs. */
static bool
is_groupable(const struct vk_area *area)
{
	return (area->flags & AREA_SHARED) == 0 &&
	       area->end - area->start <= COPY_SMALL * PAGE_BYTES &&
	       (area->object == NULL || area->object->program);
}

/* Who writes to a page of a small area is likely to write to its neighbours:
 * a copy costs less than a fault. */
static void
fault_group(const struct fault *fault)
{
	const struct vk_area *area;
	struct fault near;
	uint64_t end;

	area = fault->area;
	near = *fault;
	near.va = fault->va & ~(COPY_GROUP * PAGE_BYTES - 1);
	end = near.va + COPY_GROUP * PAGE_BYTES;
	if (near.va < area->start)
		near.va = area->start;
	for (; near.va < end && near.va < area->end; near.va += PAGE_BYTES)
		if (mm_is_present(fault->mm, near.va) &&
		    fault_page(&near) == MM_NO_MEMORY)
			break;
}

/* Zero memory that is touched in ascending order is entered ahead. */
static void
fault_ahead(const struct fault *fault)
{
	struct vk_mm *mm;
	struct fault next;
	unsigned i;

	mm = fault->mm;
	if (fault->va != mm->next_fault) {
		mm->run_pages = 1;
	} else if (mm->run_pages < RUN_MAX) {
		mm->run_pages *= 2;
	}
	next = *fault;
	for (i = 1; i < mm->run_pages; i++) {
		next.va = fault->va + i * PAGE_BYTES;
		if (next.va >= fault->area->end || fault_page(&next) != MM_DONE)
			break;
	}
	mm->next_fault = fault->va + i * PAGE_BYTES;
}

static void
fault_neighbours(const struct fault *fault)
{
	const struct vk_area *area;

	area = fault->area;
	if (area->object != NULL)
		fault_around(fault);
	else if ((area->flags & AREA_GROWSDOWN) == 0)
		fault_ahead(fault);
	if (fault->write && is_groupable(area))
		fault_group(fault);
}

static bool
area_permits(const struct vk_area *area, enum mm_access access)
{
	switch (access) {
	case MM_WRITE:
		return (area->prot & LX_PROT_WRITE) != 0;
	case MM_FETCH:
		return (area->prot & LX_PROT_EXEC) != 0;
	default:
		return area->prot != 0;
	}
}

/* The stack grows down to va, if it may; NULL: it may not. */
static struct vk_area *
grow_stack(struct vk_mm *mm, uint64_t va)
{
	struct vk_area *area;
	uint64_t start;
	size_t i;

	i = areas_index(&mm->areas, va);
	if (i == mm->areas.count)
		return NULL;
	area = &mm->areas.rows[i];
	start = page_trunc(va);
	if ((area->flags & AREA_GROWSDOWN) == 0 ||
	    area->end - start > mm->stack_limit)
		return NULL;
	if (i > 0 && area[-1].prot != 0 &&
	    (area[-1].flags & AREA_GROWSDOWN) == 0 &&
	    start < area[-1].end + MM_STACK_GAP)
		return NULL;
	if (mm_may_grow(mm, area->prot, area->flags, area->start - start) != 0)
		return NULL;
	area->start = start;
	return area;
}

static struct vk_area *
fault_area(struct vk_mm *mm, uint64_t va)
{
	struct vk_area *area;

	if (va >= MM_VA_END)
		return NULL;
	area = areas_lookup(&mm->areas, va);
	return area != NULL ? area : grow_stack(mm, va);
}

/* Page-cache pages give way before memory is called full: idle files one by
 * one, then, once, what nobody maps of the others; the page that the fault
 * wants itself may be among these. */
static enum mm_answer
fault_page_reclaiming(const struct fault *fault)
{
	struct vk_cache *cache;
	enum mm_answer answer;

	cache = &fault->mm->memory->cache;
	do
		answer = fault_page(fault);
	while (answer == MM_NO_MEMORY && cache_reclaim(cache));
	if (answer == MM_NO_MEMORY && cache_shed(cache))
		answer = fault_page(fault);
	return answer;
}

enum mm_answer
mm_fault(struct vk_mm *mm, uint64_t va, enum mm_access access)
{
	struct fault fault;
	enum mm_answer answer;

	mm->faults++;
	fault.mm = mm;
	fault.va = page_trunc(va);
	fault.write = access == MM_WRITE;
	fault.area = fault_area(mm, va);
	if (fault.area == NULL)
		return MM_UNMAPPED;
	if (!area_permits(fault.area, access))
		return MM_DENIED;
	answer = fault_page_reclaiming(&fault);
	if (answer == MM_DONE)
		fault_neighbours(&fault);
	return answer;
}

bool
mm_is_present(const struct vk_mm *mm, uint64_t va)
{
	const vms_vpte_t need = VMS_VPTE_V | VMS_VPTE_R;
	vk_slot *slot;

	slot = vptab_lookup(&mm->tab, va);
	return slot != NULL && (slot_get(slot) & need) == need;
}

enum mm_answer
mm_force(struct vk_mm *mm, uint64_t va)
{
	struct fault fault;
	struct vk_area *area;
	vk_slot *slot;

	area = fault_area(mm, va);
	if (area == NULL)
		return MM_UNMAPPED;
	fault.mm = mm;
	fault.area = area;
	fault.va = page_trunc(va);
	fault.write = true;
	slot = vptab_reach(&mm->tab, fault.va);
	if (slot == NULL)
		return MM_NO_MEMORY;
	if ((slot_get(slot) & VMS_VPTE_V) == 0)
		return fault_page_reclaiming(&fault);
	return fault_unshare(&fault, slot);
}
