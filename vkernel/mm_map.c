/* SPDX-License-Identifier: BSD-2-Clause */
/* mmap, munmap, mprotect and brk on areas and tables. */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

/* Where MAP_32BIT puts things. */
#define LOW_START UINT64_C(0x40000000)
#define LOW_END   UINT64_C(0x80000000)

#define PROT_PERMITTED (LX_PROT_ALL | LX_PROT_SEM | LX_PROT_GROWSDOWN)

bool
mm_range(uint64_t addr, uint64_t len, uint64_t *end)
{
	uint64_t sum;

	if (!page_aligned(addr) || len > MM_VA_END ||
	    add_wraps(addr, page_round(len), &sum) || sum > MM_VA_END)
		return false;
	*end = sum;
	return true;
}

int
mm_cut(struct vk_mm *mm, uint64_t start, uint64_t end)
{
	int error;

	error = areas_split(&mm->areas, start);
	if (error == 0)
		error = areas_split(&mm->areas, end);
	return error;
}

/* Changed pages of a shared file mapping are not lost. */
static void
zap_slot(
    struct vk_mm *mm, const struct vk_area *area, uint64_t va, vk_slot *slot)
{
	vms_vpte_t entry;

	entry = slot_get(slot);
	slot_set(&mm->memory->image, slot, 0);
	if ((entry & VMS_VPTE_M) != 0 && (area->flags & AREA_SHARED) != 0)
		object_write_back(area->object,
		    (area->offset + (va - area->start)) >> PAGE_SHIFT);
	image_drop(&mm->memory->image, entry & VMS_VPTE_FRAME);
}

static bool
zap_area(
    struct vk_mm *mm, const struct vk_area *area, uint64_t start, uint64_t end)
{
	uint64_t va;
	vk_slot *slot;
	bool any;

	any = false;
	va = start > area->start ? start : area->start;
	if (end > area->end)
		end = area->end;
	while ((slot = vptab_next(&mm->tab, &va, end)) != NULL) {
		zap_slot(mm, area, va, slot);
		any = true;
	}
	return any;
}

/* The frames are free at once, but nothing runs before mm_inval(). */
void
mm_zap(struct vk_mm *mm, uint64_t start, uint64_t end)
{
	const struct vk_area *area;
	size_t i;
	bool any;

	any = false;
	for (i = areas_index(&mm->areas, start); i < mm->areas.count; i++) {
		area = &mm->areas.rows[i];
		if (area->start >= end)
			break;
		if (zap_area(mm, area, start, end))
			any = true;
	}
	if (any)
		mm_inval(mm, start, end);
}

static int
unmap_range(struct vk_mm *mm, uint64_t start, uint64_t end)
{
	int error;

	error = mm_cut(mm, start, end);
	if (error != 0)
		return error;
	mm_zap(mm, start, end);
	areas_remove(&mm->areas, start, end);
	return 0;
}

int
mm_unmap(struct vk_mm *mm, uint64_t addr, uint64_t len)
{
	uint64_t end;

	if (len == 0 || !mm_range(addr, len, &end))
		return LX_EINVAL;
	return unmap_range(mm, addr, end);
}

/* A hint is followed if it is free, and what grows down keeps its gap. */
static bool
hint_is_free(const struct vk_mm *mm, uint64_t hint, uint64_t len)
{
	uint64_t end;
	size_t i;

	if (hint < MM_VA_MIN || !mm_range(hint, len, &end))
		return false;
	i = areas_index(&mm->areas, hint);
	if (i == mm->areas.count)
		return true;
	if ((mm->areas.rows[i].flags & AREA_GROWSDOWN) != 0)
		end += AREA_GAP;
	return mm->areas.rows[i].start >= end;
}

static int
place_anywhere(const struct vk_mm *mm, const struct vk_mapping *mapping,
    uint64_t len, uint64_t *out)
{
	uint64_t hint, va;

	hint = page_trunc(mapping->addr);
	if (hint != 0 && hint < MM_VA_MIN)
		hint = MM_VA_MIN;
	if (hint_is_free(mm, hint, len) &&
	    (!mapping->low || hint + len <= LOW_END)) {
		va = hint;
	} else if (mapping->low) {
		va = areas_find_low_gap(&mm->areas, len, LOW_START, LOW_END);
	} else {
		va = areas_find_gap(&mm->areas, len, MM_VA_MIN, mm->mmap_base);
		if (va == 0)
			va = areas_find_gap(
			    &mm->areas, len, MM_VA_MIN, MM_VA_END);
	}
	*out = va;
	return va == 0 ? LX_ENOMEM : 0;
}

int
mm_place(
    const struct vk_mm *mm, const struct vk_mapping *mapping, uint64_t *out)
{
	uint64_t len;

	len = page_round(mapping->len);
	if (mapping->len == 0)
		return LX_EINVAL;
	if (len == 0 || len > MM_VA_END)
		return LX_ENOMEM;
	if (!mapping->fixed)
		return place_anywhere(mm, mapping, len, out);
	if (mapping->addr > MM_VA_END - len)
		return LX_ENOMEM;
	if (!page_aligned(mapping->addr))
		return LX_EINVAL;
	if (mapping->keep &&
	    !areas_are_free(&mm->areas, mapping->addr, mapping->addr + len))
		return LX_EEXIST;
	*out = mapping->addr;
	return 0;
}

/* Only such areas have to be searched for changed pages. */
static unsigned
area_stored(unsigned flags, int prot)
{
	return (flags & AREA_SHARED) != 0 && (prot & LX_PROT_WRITE) != 0
		   ? AREA_STORED
		   : 0;
}

/* What is replaced does not count. */
static int
map_permitted(const struct vk_mm *mm, const struct vk_mapping *mapping,
    uint64_t va, uint64_t len)
{
	uint64_t replaced;
	int error;

	replaced = areas_bytes(&mm->areas, va, va + len, 0, 0);
	error = mm_may_grow(mm, mapping->prot, mapping->flags, len - replaced);
	if (error == 0)
		error = mm_may_commit(mm, mapping->prot, mapping->flags, len);
	return error;
}

int
mm_map(struct vk_mm *mm, const struct vk_mapping *mapping, uint64_t *out)
{
	struct vk_area area;
	uint64_t len, va;
	int error;

	len = page_round(mapping->len);
	error = mm_place(mm, mapping, &va);
	if (error == 0)
		error = map_permitted(mm, mapping, va, len);
	if (error == 0 && mapping->fixed)
		error = unmap_range(mm, va, va + len);
	if (error != 0)
		return error;
	area = (struct vk_area){ va, va + len, mapping->prot, mapping->flags,
		object_ref(mapping->object), mapping->offset };
	area.flags |= area_stored(area.flags, area.prot);
	error = areas_insert(&mm->areas, &area);
	if (error != 0) {
		object_drop(mapping->object);
		return error;
	}
	if (mapping->object != NULL) {
		mm->shares_files |= mapping->object->shared;
		mapping->object->program |= (mapping->prot & LX_PROT_EXEC) != 0;
	}
	*out = va;
	return 0;
}

/* True when a translation that was possible must go. */
static bool
protect_slot(struct vk_mm *mm, const struct vk_area *area, vk_slot *slot)
{
	struct vk_image *image;
	vms_vpte_t bits, old;
	uint64_t frame;
	bool writable;

	image = &mm->memory->image;
	old = slot_get(slot);
	frame = old & VMS_VPTE_FRAME;
	writable =
	    (area->flags & AREA_SHARED) != 0 || image_refs(image, frame) == 1;
	bits = mm_bits(area->prot, writable);
	if ((bits & VMS_VPTE_X) != 0)
		image_mark_code(image, frame);
	slot_clear(image, slot, ~bits & (VMS_VPTE_R | VMS_VPTE_W | VMS_VPTE_X));
	slot_mark(image, slot, bits);
	return (old & ~bits & (VMS_VPTE_R | VMS_VPTE_W)) != 0;
}

static void
protect_area(struct vk_mm *mm, struct vk_area *area)
{
	uint64_t va;
	vk_slot *slot;
	bool any;

	any = false;
	va = area->start;
	while ((slot = vptab_next(&mm->tab, &va, area->end)) != NULL) {
		if (protect_slot(mm, area, slot))
			any = true;
		va += PAGE_BYTES;
	}
	if (any)
		mm_inval(mm, area->start, area->end);
}

static bool
area_may(const struct vk_area *area, int prot)
{
	return (prot & LX_PROT_WRITE) == 0 ||
	       (area->flags & AREA_SHARED) == 0 ||
	       (area->flags & AREA_MAYWRITE) != 0;
}

/* Pages that may be written from now on count. */
static int
protect_permitted(const struct vk_mm *mm, const struct vk_area *area, int prot)
{
	uint64_t bytes;

	if (!area_may(area, prot))
		return LX_EACCES;
	if ((area->prot & LX_PROT_WRITE) != 0)
		return 0;
	bytes = area->end - area->start;
	if (mm->limits.data != UINT64_MAX && area_is_data(prot, area->flags) &&
	    areas_data_bytes(&mm->areas) + bytes > mm->limits.data)
		return LX_ENOMEM;
	return mm_may_commit(mm, prot, area->flags, bytes);
}

static int
protect_range(struct vk_mm *mm, uint64_t start, uint64_t end, int prot)
{
	struct vk_area *area;
	size_t i;
	int error;

	for (i = areas_index(&mm->areas, start);
	     i < mm->areas.count && mm->areas.rows[i].start < end; i++) {
		area = &mm->areas.rows[i];
		if (area->start != start)
			return LX_ENOMEM;
		error = protect_permitted(mm, area, prot);
		if (error != 0)
			return error;
		start = area->end;
		if (area->prot == prot)
			continue;
		area->prot = prot;
		area->flags |= area_stored(area->flags, prot);
		protect_area(mm, area);
	}
	return start == end ? 0 : LX_ENOMEM;
}

static int
protect_down(const struct vk_mm *mm, uint64_t *addr)
{
	const struct vk_area *area;

	area = areas_lookup(&mm->areas, *addr);
	if (area == NULL)
		return LX_ENOMEM;
	if ((area->flags & AREA_GROWSDOWN) == 0)
		return LX_EINVAL;
	*addr = area->start;
	return 0;
}

int
mm_protect(struct vk_mm *mm, uint64_t addr, uint64_t len, int prot)
{
	uint64_t end;
	int error;

	if (!page_aligned(addr))
		return LX_EINVAL;
	if (len == 0)
		return 0;
	if (add_wraps(addr, page_round(len), &end) || end <= addr)
		return LX_ENOMEM;
	if ((prot & ~PROT_PERMITTED) != 0)
		return LX_EINVAL;
	if (areas_lookup(&mm->areas, addr) == NULL || end > MM_VA_END)
		return LX_ENOMEM;
	error = (prot & LX_PROT_GROWSDOWN) != 0 ? protect_down(mm, &addr) : 0;
	if (error == 0)
		error = mm_cut(mm, addr, end);
	if (error != 0)
		return error;
	error = protect_range(mm, addr, end, prot & LX_PROT_ALL);
	areas_join(&mm->areas, addr, end);
	return error;
}

static int
grow_brk(struct vk_mm *mm, uint64_t start, uint64_t end)
{
	struct vk_mapping mapping = { .addr = start,
		.len = end - start,
		.prot = LX_PROT_READ | LX_PROT_WRITE,
		.flags = AREA_HEAP | (mm->lock_future ? AREA_LOCKED : 0U),
		.fixed = true };
	uint64_t at;

	if (!areas_are_free(&mm->areas, start, end + PAGE_BYTES))
		return LX_ENOMEM;
	return mm_map(mm, &mapping, &at);
}

uint64_t
mm_set_brk(struct vk_mm *mm, uint64_t brk)
{
	uint64_t new_end, old_end;
	int error;

	if (brk < mm->brk_start || brk >= MM_VA_END - PAGE_BYTES ||
	    brk - mm->brk_start > mm->limits.data)
		return mm->brk;
	error = 0;
	old_end = page_round(mm->brk);
	new_end = page_round(brk);
	if (new_end > old_end)
		error = grow_brk(mm, old_end, new_end);
	else if (new_end < old_end)
		error = unmap_range(mm, new_end, old_end);
	if (error == 0)
		mm->brk = brk;
	return mm->brk;
}
