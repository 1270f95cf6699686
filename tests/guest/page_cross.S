/* SPDX-License-Identifier: BSD-2-Clause */
/* Loads, stores and instructions that lie across two pages, of which each
 * may be fresh. */
#include "guest.h"

_start:
	fresh	(16 * 4096), (PROT_READ | PROT_WRITE | PROT_EXEC)
	mov	rbx, rax
	movabs	rax, 0x1122334455667788
	mov	[rbx + 4093], rax
	mov	rax, [rbx + 4093]
	call	say_hex
	mov	rax, [rbx + 4096]
	call	say_hex
	movdqu	xmm0, [rbx + 3 * 4096 - 5]
	movq	rax, xmm0
	call	say_hex
	lock add qword ptr [rbx + 5 * 4096 - 1], 0x101
	mov	rax, [rbx + 5 * 4096 - 1]
	call	say_hex
	/* movabs rax, imm64; ret: 11 bytes, 4 of them in the first page. */
	mov	word ptr [rbx + 7 * 4096 - 4], 0xb848
	movabs	rax, 0x0807060504030201
	mov	[rbx + 7 * 4096 - 2], rax
	mov	byte ptr [rbx + 7 * 4096 + 6], 0xc3
	lea	rax, [rbx + 7 * 4096 - 4]
	call	rax
	call	say_hex
	quit	0

	printers
