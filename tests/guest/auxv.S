/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what of the auxiliary vector does not depend on the machine: page
 * size, clock ticks, program headers, entry, and the strings. */
#include "guest.h"

_start:
	lea	rbx, [rsp + 8]
	call	list_skip
	call	list_skip
entry:	mov	rax, [rbx]
	mov	r12, [rbx + 8]
	add	rbx, 16
	cmp	eax, 31
	ja	entry
	lea	rcx, [rip + cases]
	movzx	ecx, byte ptr [rcx + rax]
	cmp	ecx, 1
	jb	entry
	je	value
	cmp	ecx, 3
	je	done
	ja	difference
	call	say_string
	jmp	entry
value:
	call	say_decimal
	mov	rax, r12
	call	say_decimal
	jmp	entry
difference:
	call	say_decimal
	lea	rax, [rip + _start]
	sub	rax, r12
	call	say_decimal
	jmp	entry
done:	say	"end\n"
	quit	0

list_skip:
	add	rbx, 8
	cmp	qword ptr [rbx - 8], 0
	jne	list_skip
	ret

say_string:
	xor	edx, edx
1:	inc	edx
	cmp	byte ptr [r12 + rdx], 0
	jne	1b
	mov	rsi, r12
	mov	edi, 1
	sys	SYS_write
	say	"\n"
	ret

	printers

	/* By tag.  0: do not show, 1: number, 2: string, 3: end,
	 * 4: distance from _start. */
	.section .rodata
cases:	.byte	3, 0, 0, 0, 1, 1, 1, 1, 1, 4, 0, 0, 0, 0, 0, 2
	.byte	0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0
