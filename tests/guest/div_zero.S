/* SPDX-License-Identifier: BSD-2-Clause */
/* A division by zero ends in SIGFPE. */
#include "guest.h"

_start:
	xor	ecx, ecx
	mov	eax, 1
	xor	edx, edx
	div	ecx
	quit	0
