/* SPDX-License-Identifier: BSD-2-Clause */
/* A load from an address that no page table can map ends in SIGSEGV. */
#include "guest.h"

_start:
	movabs	rax, 0x8000000000000000
	mov	rbx, [rax]
	quit	0
