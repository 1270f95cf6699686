/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/epoll.h"

void
epoll_forget(struct vk_open *open)
{
	(void)open;
}
