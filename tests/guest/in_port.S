/* SPDX-License-Identifier: BSD-2-Clause */
/* Ports are closed to programs: SIGSEGV, and no byte is read. */
#include "guest.h"

_start:
	mov	edx, 0x60
	in	al, dx
	quit	0
