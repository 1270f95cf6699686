/* SPDX-License-Identifier: BSD-2-Clause */
/* A handler sees the address, skips the instruction by changing rip, and the
 * program goes on. */
#include "guest.h"

_start:
	catch	11, handler
	movabs	rbx, 0x123456789000
	mov	ecx, 1
fault:	mov	dword ptr [rbx + 8], 5
after:	mov	rax, [rip + address]
	call	say_hex
	mov	rax, [rip + number_of]
	call	say_decimal
	quit	0

handler:
	mov	rax, [rsi + 16]
	mov	[rip + address], rax
	mov	[rip + number_of], rdi
	lea	rax, [rip + after]
	mov	[rdx + CONTEXT_RIP], rax
	ret

	printers

	.bss
	.balign	8
address:
	.skip	8
number_of:
	.skip	8
