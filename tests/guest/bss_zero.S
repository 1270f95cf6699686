/* SPDX-License-Identifier: BSD-2-Clause */
/* .bss is zero, also in the page that it shares with .data, whose bytes in
 * the file go on with something else. */
#include "guest.h"

#define BYTES 100000

_start:
	lea	rsi, [rip + zeros]
	mov	ecx, BYTES
	xor	eax, eax
	xor	ebx, ebx
1:	mov	al, [rsi]
	add	rbx, rax
	mov	byte ptr [rsi], 1
	inc	rsi
	dec	ecx
	jnz	1b
	mov	rax, rbx
	call	say_decimal
	mov	rax, [rip + cell]
	call	say_hex
	quit	0

	printers

	.data
cell:	.quad	0x1122334455667788
	.bss
zeros:	.skip	BYTES
