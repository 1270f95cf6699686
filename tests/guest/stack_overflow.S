/* SPDX-License-Identifier: BSD-2-Clause */
/* Recursion without end leaves the stack and ends in SIGSEGV. */
#include "guest.h"

_start:
	sub	rsp, 256
	call	_start
	quit	0
