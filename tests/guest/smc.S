/* SPDX-License-Identifier: BSD-2-Clause */
/* Code that is written, run, changed and run again gives the new result, each
 * time: mov eax, N; ret with N from 0 to 999. */
#include "guest.h"

_start:
	fresh	4096, (PROT_READ | PROT_WRITE | PROT_EXEC)
	mov	rbx, rax
	mov	byte ptr [rbx], 0xb8
	mov	byte ptr [rbx + 5], 0xc3
	xor	r12d, r12d
	xor	r13d, r13d
1:	mov	[rbx + 1], r12d
	call	rbx
	add	r13, rax
	inc	r12d
	cmp	r12d, 1000
	jne	1b
	mov	rax, r13
	call	say_decimal
	quit	0

	printers
