/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * fork(): the child's tables get the parent's leaves, a table at a time.
 * Private leaves lose W in both, so that whoever writes first copies; the
 * parent's translations are dropped where a leaf has lost it, once per area
 * (section 9.6).
 */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

struct span {
	struct vk_image *image;
	vk_slot *from, *to;
	size_t count;
	bool shared;
};

/* One leaf for the child; true: the parent's has lost W. */
static bool
fork_leaf(const struct span *span, size_t i)
{
	vms_vpte_t entry;

	entry = slot_get(&span->from[i]);
	if ((entry & VMS_VPTE_V) == 0)
		return false;
	image_ref(span->image, entry & VMS_VPTE_FRAME);
	if (span->shared) {
		slot_set(span->image, &span->to[i], entry & ~VMS_VPTE_M);
		return false;
	}
	slot_set(span->image, &span->to[i], entry & ~VMS_VPTE_W);
	if ((entry & VMS_VPTE_W) == 0)
		return false;
	slot_set(span->image, &span->from[i], entry & ~VMS_VPTE_W);
	return true;
}

/* *first and *last become the indices of leaves that lost W; false: none. */
static bool
fork_span(const struct span *span, size_t *first, size_t *last)
{
	size_t i;
	bool any;

	any = false;
	for (i = 0; i < span->count; i++) {
		if (!fork_leaf(span, i))
			continue;
		if (!any)
			*first = i;
		*last = i;
		any = true;
	}
	return any;
}

/* [*low, *high) becomes what the parent must not write through any more. */
static int
fork_leaves(struct vk_mm *parent, struct vk_mm *child,
    const struct vk_area *area, uint64_t *low, uint64_t *high)
{
	struct span span;
	uint64_t va;
	size_t first = 0, last = 0;

	span.image = &parent->memory->image;
	span.shared = (area->flags & AREA_SHARED) != 0;
	for (va = area->start; (span.from = vptab_span(&parent->tab, &va,
				    area->end, &span.count)) != NULL;
	     va += span.count * PAGE_BYTES) {
		span.to = vptab_reach(&child->tab, va);
		if (span.to == NULL)
			return LX_ENOMEM;
		if (!fork_span(&span, &first, &last))
			continue;
		if (*low == *high)
			*low = va + first * PAGE_BYTES;
		*high = va + (last + 1) * PAGE_BYTES;
	}
	return 0;
}

static int
fork_area(struct vk_mm *parent, struct vk_mm *child, const struct vk_area *area)
{
	uint64_t high, low;
	int error;

	if ((area->flags & AREA_WIPE) != 0)
		return 0;
	low = high = 0;
	error = fork_leaves(parent, child, area, &low, &high);
	mm_inval(parent, low, high);
	return error;
}

static int
fork_areas(struct vk_mm *parent, struct vk_mm *child)
{
	size_t i;
	int error;

	error = areas_fork(&parent->areas, &child->areas);
	for (i = 0; i < child->areas.count && error == 0; i++)
		error = fork_area(parent, child, &child->areas.rows[i]);
	return error;
}

int
mm_fork(struct vk_mm *parent, struct vk_mm **out)
{
	struct vk_mm *child;
	int error;

	error = mm_create(parent->memory, &child);
	if (error != 0)
		return error;
	child->brk_start = parent->brk_start;
	child->brk = parent->brk;
	child->stack_limit = parent->stack_limit;
	child->mmap_base = parent->mmap_base;
	child->limits = parent->limits;
	child->shares_files = parent->shares_files;
	error = fork_areas(parent, child);
	if (error != 0) {
		mm_drop(child);
		return error;
	}
	*out = child;
	return 0;
}
