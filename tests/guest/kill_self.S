/* SPDX-License-Identifier: BSD-2-Clause */
/* A signal that the program sends to itself ends it. */
#include "guest.h"

_start:
	sys	SYS_getpid
	mov	edi, eax
	mov	esi, 6
	sys	SYS_kill
	quit	0
