/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of section 10.2; the id is the address of the struct. */
#include "vkernel/mm.h"

#include <stdlib.h>

#include "base/assert.h"
#include "base/page.h"
#include "vkernel/errno_map.h"
#include "vkernel/linux_abi.h"

static void *
mm_id(struct vk_mm *mm)
{
	return mm;
}

static int
mm_enter_space(struct vk_mm *mm)
{
	struct vk_memory *memory;
	vms_va_t at;
	int error;

	memory = mm->memory;
	error = vms_mmap(memory->proc, mm_id(mm), 0, VMS_VA_END,
	    VMS_PROT_READ | VMS_PROT_WRITE,
	    VMS_MAP_FILE | VMS_MAP_SHARED | VMS_MAP_VPAGETABLE | VMS_MAP_FIXED,
	    memory->image.fd, 0, &at);
	if (error != 0)
		return error;
	error = vms_mcontrol(
	    memory->proc, mm_id(mm), 0, VMS_VA_END, VMS_MADV_NOSYNC, 0);
	if (error != 0)
		return error;
	return vms_mcontrol(memory->proc, mm_id(mm), 0, VMS_VA_END,
	    VMS_MADV_SETMAP, vptab_master(&mm->tab));
}

static int
mm_open_space(struct vk_mm *mm)
{
	int error;

	if (mm->memory->proc == NULL)
		return 0;
	error = vms_create(mm->memory->proc, mm_id(mm), 0, NULL);
	if (error != 0)
		return errno_to_linux(error);
	error = mm_enter_space(mm);
	if (error != 0)
		vms_destroy(mm->memory->proc, mm_id(mm));
	return error == 0 ? 0 : errno_to_linux(error);
}

static void
mm_link(struct vk_mm *mm)
{
	struct vk_memory *memory;

	memory = mm->memory;
	mm->id = ++memory->last_id;
	mm->next = memory->first;
	if (mm->next != NULL)
		mm->next->previous = mm;
	memory->first = mm;
}

static void
mm_unlink(struct vk_mm *mm)
{
	if (mm->previous != NULL)
		mm->previous->next = mm->next;
	else
		mm->memory->first = mm->next;
	if (mm->next != NULL)
		mm->next->previous = mm->previous;
}

int
mm_create(struct vk_memory *memory, struct vk_mm **out)
{
	struct vk_mm *mm;
	int error;

	mm = calloc(1, sizeof(*mm));
	if (mm == NULL)
		return LX_ENOMEM;
	mm->memory = memory;
	mm->refs = 1;
	mm->stack_limit = UINT64_C(8) << 20;
	mm->mmap_base = MM_MMAP_BASE;
	mm->limits = (struct mm_limits){ UINT64_MAX, UINT64_MAX, UINT64_MAX };
	error = vptab_create(&memory->image, &mm->tab);
	if (error == 0)
		error = mm_open_space(mm);
	if (error != 0) {
		vptab_destroy(&mm->tab);
		free(mm);
		return error;
	}
	mm_link(mm);
	*out = mm;
	return 0;
}

struct vk_mm *
mm_ref(struct vk_mm *mm)
{
	mm->refs++;
	return mm;
}

void
mm_drop(struct vk_mm *mm)
{
	int error;

	if (mm == NULL || --mm->refs != 0)
		return;
	mm_sync(mm, 0, MM_VA_END);
	mm_unlink(mm);
	if (mm->memory->proc != NULL) {
		image_flush(&mm->memory->image);
		error = vms_destroy(mm->memory->proc, mm_id(mm));
		VMS_ASSERT("vmspace-destroy", error == 0);
	}
	vptab_destroy(&mm->tab);
	areas_finish(&mm->areas);
	free(mm);
}

int
mm_run(struct vk_mm *mm, struct vms_lwp *lwp, struct trapframe *tf,
    struct vextframe *vf)
{
	image_flush(&mm->memory->image);
	return vms_ctl(lwp, mm_id(mm), VMS_CTL_RUN, tf, vf);
}

void
mm_inval(struct vk_mm *mm, uint64_t start, uint64_t end)
{
	int error;

	if (mm->memory->proc == NULL || start >= end)
		return;
	error = vms_mcontrol(
	    mm->memory->proc, mm_id(mm), start, end - start, VMS_MADV_INVAL, 0);
	VMS_ASSERT("vmspace-inval", error == 0);
}

vms_vpte_t
mm_bits(int prot, bool writable)
{
	vms_vpte_t bits;

	bits = VMS_VPTE_V | VMS_VPTE_U | VMS_VPTE_MANAGED;
	if (prot != 0)
		bits |= VMS_VPTE_R;
	if ((prot & LX_PROT_WRITE) != 0 && writable)
		bits |= VMS_VPTE_W;
	if ((prot & LX_PROT_EXEC) != 0)
		bits |= VMS_VPTE_X;
	return bits;
}
