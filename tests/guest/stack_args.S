/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows argc, argv and envp as they lie on the first stack, and that rsp is a
 * multiple of 16 and rflags are fresh. */
#include "guest.h"

_start:
	mov	rbx, rsp
	mov	rax, rsp
	and	eax, 15
	call	say_decimal
	mov	rax, [rbx]
	call	say_decimal
	add	rbx, 8
	call	say_list
	call	say_list
	quit	0

/* Prints the strings of the list at rbx, one a line; rbx: after its NULL. */
say_list:
	mov	rsi, [rbx]
	add	rbx, 8
	test	rsi, rsi
	jz	2f
	xor	edx, edx
1:	cmp	byte ptr [rsi + rdx], 0
	lea	rdx, [rdx + 1]
	jne	1b
	dec	edx
	mov	edi, 1
	sys	SYS_write
	say	"\n"
	jmp	say_list
2:	ret

	printers
