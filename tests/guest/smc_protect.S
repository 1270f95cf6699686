/* SPDX-License-Identifier: BSD-2-Clause */
/* A page that goes from writable to executable and back, as just-in-time
 * compilers do it, runs what was written last; a store while it is executable
 * ends in SIGSEGV. */
#include "guest.h"

_start:
	fresh	4096, (PROT_READ | PROT_WRITE)
	mov	rbx, rax
	xor	r12d, r12d
	xor	r13d, r13d
1:	mov	byte ptr [rbx], 0xb8
	mov	[rbx + 1], r12d
	mov	byte ptr [rbx + 5], 0xc3
	mov	edx, PROT_READ | PROT_EXEC
	call	protect
	call	rbx
	add	r13, rax
	inc	r12d
	cmp	r12d, 100
	je	2f
	mov	edx, PROT_READ | PROT_WRITE
	call	protect
	jmp	1b
2:	mov	rax, r13
	call	say_decimal
	mov	byte ptr [rbx], 0
	quit	0

protect:
	mov	rdi, rbx
	mov	esi, 4096
	sys	SYS_mprotect
	ret

	printers
