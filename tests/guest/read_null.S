/* SPDX-License-Identifier: BSD-2-Clause */
/* A load from page zero ends in SIGSEGV. */
#include "guest.h"

_start:
	xor	eax, eax
	mov	rbx, [rax + 0x10]
	quit	0
