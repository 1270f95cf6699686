/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/file.h"

#include "vkernel/kernel.h"
#include "vkernel/usercopy.h"

#define LX_FIONBIO  0x5421
#define LX_FIOASYNC 0x5452

static int64_t
set_flag(struct vk_thread *thread, struct vk_open *open, uint64_t arg, int flag)
{
	int32_t on;
	int flags;

	if (copyin(thread->process->mm, &on, arg, sizeof(on)) != 0)
		return -LX_EFAULT;
	flags = open_flags(open);
	return -open_set_flags(open, on != 0 ? flags | flag : flags & ~flag);
}

int64_t
open_ioctl(struct vk_thread *thread, struct vk_open *open, uint64_t request,
    uint64_t arg)
{
	switch ((uint32_t)request) {
	case LX_FIONBIO:
		return set_flag(thread, open, arg, LX_O_NONBLOCK);
	case LX_FIOASYNC:
		return set_flag(thread, open, arg, LX_O_ASYNC);
	default:
		break;
	}
	if (open->ops == NULL || open->ops->ioctl == NULL)
		return -LX_ENOTTY;
	return open->ops->ioctl(thread, open, request, arg);
}
