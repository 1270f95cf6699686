/* SPDX-License-Identifier: BSD-2-Clause */
/* Remainders of 80-bit numbers to the last bit, with their condition codes:
 * both instructions, one in parts, of a denormal, by a denormal and by zero. */
#include "guest.h"

_start:
	fld	tbyte ptr [rip + tenth]
	fld	tbyte ptr [rip + large]
	fprem
	call	say_top
	fld	tbyte ptr [rip + large]
	fprem1
	call	say_top
	fldpi
	fld	tbyte ptr [rip + huge]
	mov	r12d, 0
1:	inc	r12d
	fprem
	fnstsw	ax
	test	ah, 4
	jnz	1b
	mov	r13, rax
	call	say_top
	mov	rax, r13
	and	eax, 0x4700
	call	say_hex
	fld	tbyte ptr [rip + tiny]
	fld1
	fprem
	call	say_top
	fldz
	fld1
	fprem
	call	say_top
	quit	0

/* Prints st(0) and the condition codes, and pops it. */
say_top:
	fnstsw	ax
	and	eax, 0x4700
	mov	r14, rax
	fstp	tbyte ptr [rip + cell]
	mov	rax, [rip + cell]
	call	say_hex
	movzx	eax, word ptr [rip + cell + 8]
	call	say_hex
	mov	rax, r14
	jmp	say_hex

	printers

	.section .rodata
tenth:	.quad	0xccccccccccccccd0
	.short	0x3ffc
large:	.quad	0xd555555555555555
	.short	0x4020
huge:	.quad	0xaaaaaaaaaaaaaaab
	.short	0x5000
tiny:	.quad	0x0000000000001234
	.short	0
	.bss
	.balign	16
cell:	.skip	16
