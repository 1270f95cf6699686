/* SPDX-License-Identifier: BSD-2-Clause */
/* x87 and SSE results to the last bit, and their registers across system
 * calls and page faults. */
#include "guest.h"

_start:
	/* Fresh state: round to nearest, all exceptions masked. */
	fnstcw	[rip + cell]
	movzx	eax, word ptr [rip + cell]
	call	say_hex
	stmxcsr	[rip + cell]
	mov	eax, [rip + cell]
	call	say_hex

	/* SSE: sqrt(2), 1/3, 2^70 to integer (indefinite). */
	mov	eax, 2
	cvtsi2sd xmm8, eax
	sqrtsd	xmm9, xmm8
	movq	rax, xmm9
	call	say_hex
	mov	eax, 1
	cvtsi2sd xmm10, eax
	mov	eax, 3
	cvtsi2sd xmm11, eax
	divsd	xmm10, xmm11
	movq	rax, xmm10
	call	say_hex
	movabs	rax, 0x4450000000000000
	movq	xmm0, rax
	cvttsd2si rax, xmm0
	call	say_hex

	/* x87 with 64 bits of mantissa: 1/3 as 80-bit number. */
	fninit
	fld1
	fild	dword ptr [rip + three]
	fdivp
	fld	st(0)
	fstp	tbyte ptr [rip + cell]
	mov	rax, [rip + cell]
	call	say_hex
	movzx	eax, word ptr [rip + cell + 8]
	call	say_hex

	/* st(0) lives across the calls above and a fresh page. */
	fresh	4096, (PROT_READ | PROT_WRITE)
	fsqrt
	fstp	qword ptr [rax + 8]
	mov	rax, [rax + 8]
	call	say_hex

	/* Packed: the sum of 1..1000 in four lanes. */
	pxor	xmm0, xmm0
	movdqa	xmm1, [rip + lanes]
	movdqa	xmm2, [rip + fours]
	mov	ecx, 250
1:	paddd	xmm0, xmm1
	paddd	xmm1, xmm2
	dec	ecx
	jnz	1b
	movhlps	xmm3, xmm0
	paddd	xmm0, xmm3
	pshufd	xmm3, xmm0, 1
	paddd	xmm0, xmm3
	movd	eax, xmm0
	call	say_decimal
	quit	0

	printers

	.section .rodata
	.balign	16
lanes:	.long	1, 2, 3, 4
fours:	.long	4, 4, 4, 4
three:	.long	3
	.bss
	.balign	16
cell:	.skip	16
