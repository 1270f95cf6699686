/* SPDX-License-Identifier: BSD-2-Clause */
/* A page without PROT_EXEC cannot be run, although its bytes are code. */
#include "guest.h"

_start:
	lea	rax, [rip + code]
	call	rax
	quit	0

	.data
code:	ret
