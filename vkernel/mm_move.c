/* SPDX-License-Identifier: BSD-2-Clause */
/* mremap: errors and their order as in mm/mremap.c of Linux. */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

struct move {
	uint64_t addr, old_len, new_len; /* page-aligned */
	uint64_t new_addr;
	int flags;
};

static int
move_check(uint64_t addr, uint64_t new_len, int flags)
{
	if ((flags & ~(LX_MREMAP_MAYMOVE | LX_MREMAP_FIXED |
			 LX_MREMAP_DONTUNMAP)) != 0)
		return LX_EINVAL;
	if ((flags & LX_MREMAP_FIXED) != 0 && (flags & LX_MREMAP_MAYMOVE) == 0)
		return LX_EINVAL;
	if ((flags & LX_MREMAP_DONTUNMAP) != 0)
		return LX_EINVAL;
	if (!page_aligned(addr) || new_len == 0 || new_len > MM_VA_END)
		return LX_EINVAL;
	return 0;
}

/* The leaves change their addresses; their frames keep their counts. */
static int
move_leaves(struct vk_mm *mm, uint64_t from, uint64_t to, uint64_t len)
{
	struct vk_image *image;
	uint64_t va;
	vk_slot *new_slot, *slot;

	image = &mm->memory->image;
	va = from;
	while ((slot = vptab_next(&mm->tab, &va, from + len)) != NULL) {
		new_slot = vptab_reach(&mm->tab, to + (va - from));
		if (new_slot == NULL)
			return LX_ENOMEM;
		slot_set(image, new_slot, slot_get(slot));
		slot_set(image, slot, 0);
		va += PAGE_BYTES;
	}
	mm_inval(mm, from, from + len);
	return 0;
}

static int
move_to(struct vk_mm *mm, const struct move *move, uint64_t *out)
{
	const struct vk_area *area;
	struct vk_mapping mapping;
	uint64_t len;
	int error;

	area = areas_lookup(&mm->areas, move->addr);
	mapping = (struct vk_mapping){ .addr = move->new_addr,
		.len = move->new_len,
		.prot = area->prot,
		.flags = area->flags & ~(unsigned)AREA_HEAP,
		.object = area->object,
		.offset = area->offset + (move->addr - area->start),
		.fixed = (move->flags & LX_MREMAP_FIXED) != 0 };
	object_ref(mapping.object);
	error = mm_map(mm, &mapping, out);
	object_drop(mapping.object);
	if (error != 0)
		return error;
	len = move->old_len < move->new_len ? move->old_len : move->new_len;
	error = move_leaves(mm, move->addr, *out, len);
	if (error != 0)
		return error;
	return mm_unmap(mm, move->addr, move->old_len);
}

static bool
overlap(const struct move *move)
{
	return move->addr < move->new_addr + move->new_len &&
	       move->new_addr < move->addr + move->old_len;
}

static int
move_fixed(struct vk_mm *mm, struct move *move, uint64_t *out)
{
	int error;

	if (!page_aligned(move->new_addr) ||
	    move->new_addr > MM_VA_END - move->new_len || overlap(move))
		return LX_EINVAL;
	if (move->old_len > move->new_len) {
		error = mm_unmap(mm, move->addr + move->new_len,
		    move->old_len - move->new_len);
		if (error != 0)
			return error;
		move->old_len = move->new_len;
	}
	return move_to(mm, move, out);
}

/* In place, if nothing is in the way. */
static int
grow_here(struct vk_mm *mm, const struct move *move, uint64_t *out)
{
	const struct vk_area *area;
	struct vk_mapping mapping;
	uint64_t at, end, old_end;
	int error;

	area = areas_lookup(&mm->areas, move->addr);
	old_end = move->addr + move->old_len;
	end = move->addr + move->new_len;
	if (old_end != area->end || end > MM_VA_END ||
	    !areas_are_free(&mm->areas, old_end, end))
		return LX_ENOMEM;
	mapping = (struct vk_mapping){ .addr = old_end,
		.len = end - old_end,
		.prot = area->prot,
		.flags = area->flags,
		.object = area->object,
		.offset = area->offset + (old_end - area->start),
		.fixed = true };
	object_ref(mapping.object);
	error = mm_map(mm, &mapping, &at);
	object_drop(mapping.object);
	if (error == 0)
		*out = move->addr;
	return error;
}

static int
remap(struct vk_mm *mm, struct move *move, uint64_t *out)
{
	const struct vk_area *area;
	int error;

	area = areas_lookup(&mm->areas, move->addr);
	if (area == NULL)
		return LX_EFAULT;
	if ((move->flags & LX_MREMAP_FIXED) != 0)
		return move_fixed(mm, move, out);
	*out = move->addr;
	if (move->old_len >= move->new_len)
		return move->old_len == move->new_len
			   ? 0
			   : mm_unmap(mm, move->addr + move->new_len,
				 move->old_len - move->new_len);
	if (move->addr + move->old_len > area->end)
		return LX_EFAULT;
	error = grow_here(mm, move, out);
	if (error == 0 || (move->flags & LX_MREMAP_MAYMOVE) == 0)
		return error;
	move->new_addr = 0;
	return move_to(mm, move, out);
}

int
mm_remap(struct vk_mm *mm, uint64_t addr, uint64_t old_len, uint64_t new_len,
    int flags, uint64_t new_addr, uint64_t *out)
{
	struct move move;
	int error;

	error = move_check(addr, new_len, flags);
	if (error != 0)
		return error;
	move = (struct move){ addr, page_round(old_len), page_round(new_len),
		new_addr, flags };
	if (old_len > MM_VA_END || addr > MM_VA_END - move.old_len)
		return LX_EFAULT;
	if (move.old_len == 0) /* duplicating a shared mapping */
		return LX_EINVAL;
	return remap(mm, &move, out);
}
