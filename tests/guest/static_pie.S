/* SPDX-License-Identifier: BSD-2-Clause */
/* Linked at 0 and placed elsewhere: addresses relative to rip are right and
 * the place is page-aligned and not 0. */
#include "guest.h"

_start:
	lea	rax, [rip + __ehdr_start]
	test	rax, rax
	jz	1f
	test	eax, 4095
	jnz	1f
	cmp	dword ptr [rax], 0x464c457f
	jne	1f
	say	"placed\n"
	inc	qword ptr [rip + cell]
	mov	rax, [rip + cell]
	call	say_decimal
	quit	0
1:	quit	1

	printers

	.hidden	__ehdr_start
	.data
cell:	.quad	41
