/* SPDX-License-Identifier: BSD-2-Clause */
/* An instruction that stores into its own page goes on, and one that changes
 * the instruction after the next branch is seen by it. */
#include "guest.h"

_start:
	fresh	8192, (PROT_READ | PROT_WRITE | PROT_EXEC)
	mov	rbx, rax
	mov	rdi, rax
	lea	rsi, [rip + code]
	mov	ecx, offset code_end - code
	rep	movsb
	call	rbx
	call	say_decimal
	quit	0

	/* Runs where it is copied to; counts in its own page. */
code:	mov	ecx, 1000
1:	inc	dword ptr [rip + counter]
	dec	ecx
	jnz	1b
	mov	byte ptr [rip + patch + 1], 5
	jmp	patch
patch:	mov	eax, 0
	add	eax, [rip + counter]
	ret
counter:
	.long	0
code_end:

	printers
