/* SPDX-License-Identifier: BSD-2-Clause */
/* Code that writes `lock bts eax, eax`, which is undefined and at whose
 * translation Unicorn would end the process, into its own page, and goes
 * there. */
#include "guest.h"

_start:
	fresh	4096, (PROT_READ | PROT_WRITE | PROT_EXEC)
	mov	rbx, rax
	mov	rdi, rax
	lea	rsi, [rip + code]
	mov	ecx, offset code_end - code
	rep	movsb
	jmp	rbx

	/* Runs where it is copied to. */
code:	mov	eax, 0xc0ab0ff0 ^ 1
	xor	eax, 1
	mov	dword ptr [rip + killer], eax
	jmp	killer
	.skip	64, 0x90
killer:	.skip	4, 0x90
	ret
code_end:
