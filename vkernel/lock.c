/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/lock.h"

void
locks_drop_open(struct vk_open *open)
{
	(void)open;
}
