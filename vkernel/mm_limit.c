/* SPDX-License-Identifier: BSD-2-Clause */
/* How much an address space may hold: may_expand_vm(), mlock_future_ok() and
 * the heuristic of __vm_enough_memory() of Linux. */
#include "base/page.h"
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"

static bool
exceeds(uint64_t used, uint64_t bytes, uint64_t limit)
{
	return bytes > limit || used > limit - bytes;
}

static uint64_t
bytes_of(const struct vk_mm *mm, unsigned mask)
{
	return areas_bytes(&mm->areas, 0, MM_VA_END, mask, mask);
}

/* Limits are seldom set, and counting takes time. */
int
mm_may_grow(const struct vk_mm *mm, int prot, unsigned flags, uint64_t bytes)
{
	const struct mm_limits *limits;

	limits = &mm->limits;
	if ((flags & AREA_LOCKED) != 0 && limits->lock != UINT64_MAX &&
	    exceeds(bytes_of(mm, AREA_LOCKED), bytes, limits->lock))
		return LX_EAGAIN;
	if (limits->as != UINT64_MAX &&
	    exceeds(bytes_of(mm, 0), bytes, page_trunc(limits->as)))
		return LX_ENOMEM;
	if (limits->data != UINT64_MAX && area_is_data(prot, flags) &&
	    exceeds(
		areas_data_bytes(&mm->areas), bytes, page_trunc(limits->data)))
		return LX_ENOMEM;
	return 0;
}

int
mm_may_commit(const struct vk_mm *mm, int prot, unsigned flags, uint64_t bytes)
{
	if ((prot & LX_PROT_WRITE) == 0 ||
	    (flags & (AREA_SHARED | AREA_NORESERVE)) != 0)
		return 0;
	return (bytes >> PAGE_SHIFT) >= mm->memory->image.count ? LX_ENOMEM : 0;
}
