/* SPDX-License-Identifier: BSD-2-Clause */
/* A store into the program's own text ends in SIGSEGV. */
#include "guest.h"

_start:
	say	"before\n"
	mov	byte ptr [rip + _start], 0x90
	say	"after\n"
	quit	0
