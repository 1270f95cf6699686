/* SPDX-License-Identifier: BSD-2-Clause */
/* REP MOVS and REP STOS across pages, forwards and backwards, overlapping,
 * and one that faults in its middle with rcx, rsi and rdi in mid-way. */
#include "guest.h"

#define PAGES 4
#define BYTES (PAGES * 4096)

_start:
	fresh	(2 * BYTES), (PROT_READ | PROT_WRITE)
	mov	rbx, rax
	lea	rdi, [rbx + BYTES]
	mov	esi, BYTES
	xor	edx, edx
	sys	SYS_mprotect

	/* Fill: byte i = i mod 251. */
	xor	ecx, ecx
	xor	eax, eax
1:	mov	[rbx + rcx], al
	inc	eax
	cmp	eax, 251
	jne	2f
	xor	eax, eax
2:	inc	ecx
	cmp	ecx, BYTES
	jne	1b

	/* Overlapping, forwards by 3 bytes, 5000 of them. */
	lea	rsi, [rbx + 4000]
	lea	rdi, [rbx + 4003]
	mov	ecx, 5000
	rep	movsb
	call	checksum

	/* Backwards across two page borders. */
	std
	lea	rsi, [rbx + 12000]
	lea	rdi, [rbx + 14001]
	mov	ecx, 1200
	rep	movsq
	cld
	call	checksum

	lea	rdi, [rbx + 100]
	mov	ecx, 2000
	mov	eax, 0x01020304
	rep	stosd
	call	checksum

	/* 96 bytes fit, then the page that may not be touched. */
	catch	11, handler
	lea	rdi, [rbx + BYTES - 96]
	lea	rsi, [rbx]
	mov	ecx, 1000
	rep	movsb
	quit	1

handler:
	mov	rdi, [rdx + 104]
	sub	rdi, rbx
	mov	r12, [rdx + 112]
	sub	r12, rbx
	mov	r13, [rdx + 152]
	mov	rax, rdi
	call	say_decimal
	mov	rax, r12
	call	say_decimal
	mov	rax, r13
	call	say_decimal
	call	checksum
	quit	0

/* Prints sum of (byte i times (i + 1)). */
checksum:
	xor	r12d, r12d
	xor	ecx, ecx
1:	movzx	eax, byte ptr [rbx + rcx]
	inc	ecx
	imul	rax, rcx
	add	r12, rax
	cmp	ecx, BYTES
	jne	1b
	mov	rax, r12
	jmp	say_decimal

	printers
