/* SPDX-License-Identifier: BSD-2-Clause */
/* Locked instructions, of 1 to 16 bytes. */
#include "guest.h"

_start:
	lea	rbx, [rip + cells]
	mov	ecx, 100
1:	lock inc byte ptr [rbx]
	lock add qword ptr [rbx + 8], 3
	mov	eax, 2
	lock xadd [rbx + 16], eax
	lock bts qword ptr [rbx + 24], rcx
	dec	ecx
	jnz	1b
	mov	rbp, rbx
	mov	rax, [rbp]
	call	say_decimal
	mov	rax, [rbp + 8]
	call	say_decimal
	mov	rax, [rbp + 16]
	call	say_decimal
	mov	rax, [rbp + 24]
	call	say_hex
	mov	eax, 1
	xor	edx, edx
	mov	ebx, 7
	mov	ecx, 8
	lock cmpxchg16b [rbp + 48]
	setz	cl
	movzx	r12d, cl
	mov	r13, rax
	lock cmpxchg16b [rbp + 48]
	mov	rax, r12
	call	say_decimal
	mov	rax, r13
	call	say_decimal
	mov	rax, [rbp + 48]
	call	say_decimal
	quit	0

	printers

	.data
	.balign	16
cells:	.quad	0, 0, 0, 0, 0, 0, 5, 6
