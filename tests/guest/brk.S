/* SPDX-License-Identifier: BSD-2-Clause */
/* The heap grows with zero bytes, and what was given back faults. */
#include "guest.h"

_start:
	xor	edi, edi
	sys	SYS_brk
	mov	rbx, rax
	lea	rdi, [rbx + 0x20000]
	sys	SYS_brk
	sub	rax, rbx
	call	say_decimal
	mov	rax, [rbx + 0x1fff8]
	call	say_decimal
	mov	qword ptr [rbx + 0x1fff8], 77
	mov	rax, [rbx + 0x1fff8]
	call	say_decimal
	lea	rdi, [rbx + 0x10000]
	sys	SYS_brk
	lea	rdi, [rbx + 0x20000]
	sys	SYS_brk
	mov	rax, [rbx + 0x1fff8]
	call	say_decimal
	mov	rdi, rbx
	sys	SYS_brk
	mov	rax, [rbx + 0x1000]
	quit	0

	printers
