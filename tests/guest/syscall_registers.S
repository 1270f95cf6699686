/* SPDX-License-Identifier: BSD-2-Clause */
/* A system call leaves all registers but rax, rcx (the next address) and r11
 * (the flags); an unknown one gives -ENOSYS, a bad pointer -EFAULT. */
#include "guest.h"

_start:
	mov	ebx, 1
	mov	ebp, 2
	mov	r12d, 3
	mov	r13d, 4
	mov	r14d, 5
	mov	r15d, 6
	mov	edi, 7
	mov	esi, 8
	mov	edx, 9
	mov	r10d, 10
	mov	r8d, 11
	mov	r9d, 12
	mov	eax, 9999
	stc
	syscall
here:	setc	cl
	shl	rdx, 4
	add	rax, rbx
	add	rax, rbp
	add	rax, r12
	add	rax, r13
	add	rax, r14
	add	rax, r15
	add	rax, rdi
	add	rax, rsi
	add	rax, rdx
	add	rax, r10
	add	rax, r8
	add	rax, r9
	movzx	r12d, cl
	mov	r13, r11
	call	say_decimal
	mov	rax, r12
	call	say_decimal
	mov	rax, r13
	and	eax, 1
	call	say_decimal
	sys	SYS_getpid
there:	lea	rax, [rip + there]
	sub	rax, rcx
	call	say_decimal
	mov	edi, 1
	mov	esi, 0x10
	mov	edx, 4
	sys	SYS_write
	neg	rax
	call	say_decimal
	quit	0

	printers
