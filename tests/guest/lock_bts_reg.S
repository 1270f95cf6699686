/* SPDX-License-Identifier: BSD-2-Clause */
/* LOCK BTS on a register is undefined; it ends the guest and not the host. */
#include "guest.h"

_start:
	.byte	0xf0, 0x0f, 0xab, 0xc0
	quit	0
