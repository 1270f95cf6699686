/* SPDX-License-Identifier: BSD-2-Clause */
/* mremap: errors and their order as in mm/mremap.c of Linux. */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

#define NEW_PLACE (LX_MREMAP_FIXED | LX_MREMAP_DONTUNMAP)

struct move {
	uint64_t addr, old_len, new_len; /* page-aligned */
	uint64_t new_addr;
	int flags;
};

static bool
overlap(const struct move *move)
{
	return move->addr < move->new_addr + move->new_len &&
	       move->new_addr < move->addr + move->old_len;
}

static int
move_check(const struct move *move)
{
	if ((move->flags & ~(LX_MREMAP_MAYMOVE | NEW_PLACE)) != 0 ||
	    !page_aligned(move->addr) || move->new_len == 0 ||
	    move->new_len > MM_VA_END)
		return LX_EINVAL;
	if ((move->flags & NEW_PLACE) == 0)
		return 0;
	if ((move->flags & LX_MREMAP_MAYMOVE) == 0)
		return LX_EINVAL;
	if ((move->flags & LX_MREMAP_DONTUNMAP) != 0 &&
	    move->old_len != move->new_len)
		return LX_EINVAL;
	if (!page_aligned(move->new_addr) ||
	    move->new_addr > MM_VA_END - move->new_len || overlap(move))
		return LX_EINVAL;
	return 0;
}

/* All tables that the leaves need, so that none is left behind. */
static int
reach_tables(struct vk_mm *mm, uint64_t from, uint64_t to, uint64_t len)
{
	uint64_t last, va;
	size_t count;

	for (va = from; vptab_span(&mm->tab, &va, from + len, &count) != NULL;
	     va += count * PAGE_BYTES) {
		last = va + (count - 1) * PAGE_BYTES;
		if (vptab_reach(&mm->tab, to + (va - from)) == NULL ||
		    vptab_reach(&mm->tab, to + (last - from)) == NULL)
			return LX_ENOMEM;
	}
	return 0;
}

/* The leaves change their addresses; their frames keep their counts. */
static int
move_leaves(struct vk_mm *mm, uint64_t from, uint64_t to, uint64_t len)
{
	struct vk_image *image;
	uint64_t va;
	vk_slot *slot;
	int error;

	error = reach_tables(mm, from, to, len);
	if (error != 0)
		return error;
	image = &mm->memory->image;
	va = from;
	while ((slot = vptab_next(&mm->tab, &va, from + len)) != NULL) {
		slot_set(image, vptab_reach(&mm->tab, to + (va - from)),
		    slot_get(slot));
		slot_set(image, slot, 0);
		va += PAGE_BYTES;
	}
	mm_inval(mm, from, from + len);
	return 0;
}

/* A piece of area's mapping of len bytes, off bytes from its start. */
static struct vk_mapping
piece(const struct vk_area *area, uint64_t off, uint64_t len)
{
	return (struct vk_mapping){ .len = len,
		.prot = area->prot,
		.flags = area->flags,
		.object = area->object,
		.offset = area->offset + off };
}

/* Maps with a reference of its own: the area may go meanwhile. */
static int
map_piece(struct vk_mm *mm, const struct vk_mapping *mapping, uint64_t *out)
{
	int error;

	object_ref(mapping->object);
	error = mm_map(mm, mapping, out);
	object_drop(mapping->object);
	return error;
}

/* The old place stays mapped, empty and not locked. */
static int
keep_old(struct vk_mm *mm, const struct move *move)
{
	uint64_t end;
	size_t i;
	int error;

	end = move->addr + move->old_len;
	error = mm_cut(mm, move->addr, end);
	for (i = areas_index(&mm->areas, move->addr);
	     error == 0 && i < mm->areas.count && mm->areas.rows[i].start < end;
	     i++)
		mm->areas.rows[i].flags &= ~(unsigned)AREA_LOCKED;
	areas_join(&mm->areas, move->addr, end);
	return error;
}

static int
leave_old(struct vk_mm *mm, const struct move *move)
{
	if (move->old_len == 0)
		return 0;
	if ((move->flags & LX_MREMAP_DONTUNMAP) != 0)
		return keep_old(mm, move);
	return mm_unmap(mm, move->addr, move->old_len);
}

static int
move_to(struct vk_mm *mm, const struct move *move, uint64_t *out)
{
	const struct vk_area *area;
	struct vk_mapping mapping;
	int error;

	area = areas_lookup(&mm->areas, move->addr);
	mapping = piece(area, move->addr - area->start, move->new_len);
	mapping.addr = move->new_addr;
	mapping.flags &= ~(unsigned)AREA_HEAP;
	mapping.fixed = (move->flags & LX_MREMAP_FIXED) != 0;
	error = map_piece(mm, &mapping, out);
	if (error != 0)
		return error;
	error = move_leaves(mm, move->addr, *out, move->old_len);
	if (error != 0) {
		mm_unmap(mm, *out, move->new_len);
		return error;
	}
	return leave_old(mm, move);
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
	mapping =
	    piece(area, old_end - area->start, move->new_len - move->old_len);
	mapping.addr = old_end;
	mapping.fixed = true;
	error = map_piece(mm, &mapping, &at);
	if (error == 0)
		*out = move->addr;
	return error;
}

/* What is too long is cut off, even what lies in other areas. */
static int
shrink(struct vk_mm *mm, struct move *move)
{
	int error;

	if (move->old_len <= move->new_len)
		return 0;
	error = mm_unmap(
	    mm, move->addr + move->new_len, move->old_len - move->new_len);
	move->old_len = move->new_len;
	return error;
}

/* The limits that growth by bytes meets, whoever gives way to it. */
static int
may_resize(
    const struct vk_mm *mm, const struct vk_area *area, const struct move *move)
{
	uint64_t bytes;
	int error;

	bytes = move->new_len - move->old_len;
	if ((move->flags & LX_MREMAP_DONTUNMAP) != 0)
		bytes = move->old_len;
	if (bytes == 0)
		return 0;
	error = mm_may_grow(mm, area->prot, area->flags, bytes);
	if (error == 0)
		error = mm_may_commit(mm, area->prot, area->flags, bytes);
	return error;
}

static int
remap_check(
    const struct vk_mm *mm, const struct vk_area *area, const struct move *move)
{
	if (area == NULL)
		return LX_EFAULT;
	if (move->old_len == 0 && (area->flags & AREA_SHARED) == 0)
		return LX_EINVAL;
	if (move->old_len > move->new_len)
		return 0;
	if (move->old_len > area->end - move->addr)
		return LX_EFAULT;
	if (area->object != NULL &&
	    area->offset + (move->addr - area->start) + move->new_len <
		move->new_len)
		return LX_EINVAL;
	return may_resize(mm, area, move);
}

static int
remap(struct vk_mm *mm, struct move *move, uint64_t *out)
{
	bool resizes;
	int error;

	error = remap_check(mm, areas_lookup(&mm->areas, move->addr), move);
	if (error == 0)
		error = shrink(mm, move);
	if (error != 0)
		return error;
	if ((move->flags & NEW_PLACE) != 0)
		return move_to(mm, move, out);
	*out = move->addr;
	resizes = move->old_len < move->new_len;
	error = resizes ? grow_here(mm, move, out) : 0;
	if (error != LX_ENOMEM || (move->flags & LX_MREMAP_MAYMOVE) == 0)
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

	move = (struct move){ addr, page_round(old_len), page_round(new_len),
		new_addr, flags };
	error = move_check(&move);
	return error != 0 ? error : remap(mm, &move, out);
}
