/* SPDX-License-Identifier: BSD-2-Clause */
/* The first stack is not executable. */
#include "guest.h"

_start:
	mov	byte ptr [rsp - 64], 0xc3
	lea	rax, [rsp - 64]
	call	rax
	quit	0
