/* SPDX-License-Identifier: BSD-2-Clause */
/* madvise and the mlock family: calls on each area of a range.  What is not
 * mapped is passed over and reported at the end, as mm/madvise.c does it. */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

/* One area's part of the range. */
struct part {
	struct vk_mm *mm;
	struct vk_area *area;
	uint64_t start, end;
};

/* 0 or the error that ends the call. */
typedef int part_fn(const struct part *part);

struct advice {
	part_fn *fn; /* NULL: nothing to be done */
	bool known;
	bool cuts; /* fn is given whole areas, to change their flags */
};

static part_fn part_discard, part_discard_locked, part_free, part_remove,
    part_dontfork, part_dofork, part_wipe, part_keep, part_read, part_write;

static const struct advice advices[] = { [0] = { NULL, true, false },
	[1] = { NULL, true, false },
	[2] = { NULL, true, false },
	[3] = { NULL, true, false },
	[LX_MADV_DONTNEED] = { part_discard, true, false },
	[LX_MADV_FREE] = { part_free, true, false },
	[LX_MADV_REMOVE] = { part_remove, true, false },
	[LX_MADV_DONTFORK] = { part_dontfork, true, true },
	[LX_MADV_DOFORK] = { part_dofork, true, true },
	[12] = { NULL, true, false }, /* MERGEABLE ... */
	[13] = { NULL, true, false },
	[14] = { NULL, true, false }, /* HUGEPAGE ... */
	[15] = { NULL, true, false },
	[16] = { NULL, true, false }, /* DONTDUMP ... */
	[17] = { NULL, true, false },
	[LX_MADV_WIPEONFORK] = { part_wipe, true, true },
	[LX_MADV_KEEPONFORK] = { part_keep, true, true },
	[20] = { NULL, true, false }, /* COLD, PAGEOUT */
	[21] = { NULL, true, false },
	[LX_MADV_POPULATE_READ] = { part_read, true, false },
	[LX_MADV_POPULATE_WRITE] = { part_write, true, false },
	[LX_MADV_DONTNEED_LOCKED] = { part_discard_locked, true, false },
	[25] = { NULL, true, false } }; /* COLLAPSE */

#define ADVICES (sizeof(advices) / sizeof(advices[0]))

/* fn may change the area, not how many there are. */
static int
each_part(struct vk_mm *mm, uint64_t start, uint64_t end, part_fn *fn)
{
	struct part part;
	size_t i;
	int error, hole;

	hole = 0;
	for (i = areas_index(&mm->areas, start);
	     i < mm->areas.count && mm->areas.rows[i].start < end; i++) {
		part.mm = mm;
		part.area = &mm->areas.rows[i];
		if (part.area->start > start)
			hole = LX_ENOMEM;
		part.start =
		    part.area->start > start ? part.area->start : start;
		part.end = part.area->end < end ? part.area->end : end;
		error = fn == NULL ? 0 : fn(&part);
		if (error != 0)
			return error;
		start = part.end;
	}
	return start < end ? LX_ENOMEM : hole;
}

/* The same on areas that are cut to the range. */
static int
each_whole(struct vk_mm *mm, uint64_t start, uint64_t end, part_fn *fn)
{
	int error;

	error = mm_cut(mm, start, end);
	if (error == 0)
		error = each_part(mm, start, end, fn);
	areas_join(&mm->areas, start, end);
	return error;
}

static int
part_discard_locked(const struct part *part)
{
	mm_zap(part->mm, part->start, part->end);
	return 0;
}

static int
part_discard(const struct part *part)
{
	if ((part->area->flags & AREA_LOCKED) != 0)
		return LX_EINVAL;
	return part_discard_locked(part);
}

static bool
is_anonymous(const struct vk_area *area)
{
	return area->object == NULL;
}

/* The pages would go when memory is short; they stay. */
static int
part_free(const struct part *part)
{
	if ((part->area->flags & AREA_LOCKED) != 0 || !is_anonymous(part->area))
		return LX_EINVAL;
	return 0;
}

static int
part_remove(const struct part *part)
{
	const struct vk_area *area;

	area = part->area;
	if ((area->flags & AREA_LOCKED) != 0 || is_anonymous(area))
		return LX_EINVAL;
	if ((area->flags & AREA_SHARED) == 0 ||
	    (area->flags & AREA_MAYWRITE) == 0)
		return LX_EACCES;
	return memory_punch(part->mm->memory, area->object,
	    area->offset + (part->start - area->start),
	    part->end - part->start);
}

static int
part_dontfork(const struct part *part)
{
	part->area->flags |= AREA_DONTFORK;
	return 0;
}

static int
part_dofork(const struct part *part)
{
	part->area->flags &= ~(unsigned)AREA_DONTFORK;
	return 0;
}

static int
part_wipe(const struct part *part)
{
	if (!is_anonymous(part->area))
		return LX_EINVAL;
	part->area->flags |= AREA_WIPE;
	return 0;
}

static int
part_keep(const struct part *part)
{
	part->area->flags &= ~(unsigned)AREA_WIPE;
	return 0;
}

static int
part_touch(const struct part *part, enum mm_access access)
{
	uint64_t va;

	for (va = part->start; va < part->end; va += PAGE_BYTES)
		switch (mm_fault(part->mm, va, access)) {
		case MM_DONE:
		case MM_SPURIOUS:
			break;
		case MM_DENIED:
			return LX_EINVAL;
		case MM_BEYOND:
			return LX_EFAULT;
		default:
			return LX_ENOMEM;
		}
	return 0;
}

static int
part_read(const struct part *part)
{
	return part_touch(part, MM_READ);
}

static int
part_write(const struct part *part)
{
	return part_touch(part, MM_WRITE);
}

int
mm_advise(struct vk_mm *mm, uint64_t addr, uint64_t len, uint64_t advice)
{
	const struct advice *row;
	uint64_t end;

	if (advice >= ADVICES || !advices[advice].known ||
	    !page_aligned(addr) || add_wraps(addr, page_round(len), &end) ||
	    (len != 0 && page_round(len) == 0))
		return LX_EINVAL;
	if (addr == end)
		return 0;
	row = &advices[advice];
	if (row->cuts)
		return each_whole(mm, addr, end, row->fn);
	return each_part(mm, addr, end, row->fn);
}

int
mm_discard(struct vk_mm *mm, uint64_t addr, uint64_t len)
{
	return mm_advise(mm, addr, len, LX_MADV_DONTNEED);
}

/* Memory of a private area that may be written is made its own. */
static int
part_populate(const struct part *part)
{
	bool writes;

	if (part->area->prot == 0)
		return 0;
	writes = (part->area->prot & LX_PROT_WRITE) != 0 &&
		 (part->area->flags & AREA_SHARED) == 0;
	part_touch(part, writes ? MM_WRITE : MM_READ);
	return 0;
}

void
mm_populate(struct vk_mm *mm, uint64_t addr, uint64_t len)
{
	each_part(mm, addr, addr + page_round(len), part_populate);
}

static int
part_lock(const struct part *part)
{
	part->area->flags |= AREA_LOCKED;
	return 0;
}

static int
part_unlock(const struct part *part)
{
	part->area->flags &= ~(unsigned)AREA_LOCKED;
	return 0;
}

/* The pages that [addr, addr + len) touches. */
static int
lock_range(uint64_t *addr, uint64_t len, uint64_t *end)
{
	uint64_t bytes;

	bytes = page_round(len + (*addr & PAGE_MASK));
	*addr = page_trunc(*addr);
	return add_wraps(*addr, bytes, end) ? LX_EINVAL : 0;
}

/* What is locked already does not count twice. */
static bool
lock_permitted(const struct vk_mm *mm, uint64_t start, uint64_t end)
{
	uint64_t bytes;

	if (mm->limits.lock == UINT64_MAX)
		return true;
	bytes =
	    end - start +
	    areas_bytes(&mm->areas, 0, MM_VA_END, AREA_LOCKED, AREA_LOCKED) -
	    areas_bytes(&mm->areas, start, end, AREA_LOCKED, AREA_LOCKED);
	return bytes <= page_trunc(mm->limits.lock);
}

int
mm_lock(struct vk_mm *mm, uint64_t addr, uint64_t len, bool populate)
{
	uint64_t end;
	int error;

	if (mm->limits.lock == 0)
		return LX_EPERM;
	error = lock_range(&addr, len, &end);
	if (error == 0 && addr == end)
		return 0;
	if (error == 0 && !lock_permitted(mm, addr, end))
		error = LX_ENOMEM;
	if (error == 0)
		error = each_whole(mm, addr, end, part_lock);
	if (error == 0 && populate)
		mm_populate(mm, addr, end - addr);
	return error;
}

int
mm_unlock(struct vk_mm *mm, uint64_t addr, uint64_t len)
{
	uint64_t end;
	int error;

	error = lock_range(&addr, len, &end);
	if (error == 0 && addr == end)
		return 0;
	return error != 0 ? error : each_whole(mm, addr, end, part_unlock);
}

int
mm_lock_all(struct vk_mm *mm, bool now, bool future, bool populate)
{
	if (mm->limits.lock == 0)
		return LX_EPERM;
	if (now &&
	    areas_bytes(&mm->areas, 0, MM_VA_END, 0, 0) > mm->limits.lock)
		return LX_ENOMEM;
	mm->lock_future = future;
	if (!now)
		return 0;
	each_part(mm, 0, MM_VA_END, part_lock);
	areas_join(&mm->areas, 0, MM_VA_END);
	if (populate)
		mm_populate(mm, 0, MM_VA_END);
	return 0;
}

void
mm_unlock_all(struct vk_mm *mm)
{
	mm->lock_future = false;
	each_part(mm, 0, MM_VA_END, part_unlock);
	areas_join(&mm->areas, 0, MM_VA_END);
}
