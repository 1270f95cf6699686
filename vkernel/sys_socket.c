/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/socket.h"

#include "vkernel/wait.h"

uint64_t
socket_timeout(const struct vk_open *open, short events)
{
	(void)open;
	(void)events;
	return WAIT_FOREVER;
}
