/* SPDX-License-Identifier: BSD-2-Clause */
/* What a futex word is known by: ids, which are never used again. */
#include "vkernel/linux_abi.h"
#include "vkernel/mm.h"
#include "vkernel/usercopy.h"

int
mm_futex_key(struct vk_mm *mm, uint64_t va, uint64_t key[2])
{
	const struct vk_area *area;

	if ((va & 3) != 0)
		return LX_EINVAL;
	if (user_host(mm, va, MM_READ) == NULL)
		return LX_EFAULT;
	area = areas_lookup(&mm->areas, va);
	if (area == NULL)
		return LX_EFAULT;
	if ((area->flags & AREA_SHARED) != 0) {
		key[0] = area->object->id << 1 | 1;
		key[1] = area->offset + (va - area->start);
	} else {
		key[0] = mm->id << 1;
		key[1] = va;
	}
	return 0;
}
