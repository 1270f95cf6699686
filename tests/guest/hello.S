/* SPDX-License-Identifier: BSD-2-Clause */
/* The sample that `./dev run` runs: greets, counts its arguments, and finds
 * the 10,000th prime number by trial division. */
#include "guest.h"

_start:
	mov	rbx, [rsp]
	say	"Hello from inside a vmspace!\n"
	say	"Arguments, with my name: "
	mov	rax, rbx
	call	say_decimal
	say	"The 10000th prime number: "
	call	prime_10000
	call	say_decimal
	quit	0

/* rax = the 10,000th prime; rbx candidate, rdi divisor, rsi primes so far. */
prime_10000:
	mov	ebx, 1
	mov	esi, 1
next:	add	rbx, 2
	mov	edi, 3
divide:	mov	rax, rdi
	mul	rdi
	cmp	rax, rbx
	ja	prime
	mov	rax, rbx
	xor	edx, edx
	div	rdi
	test	rdx, rdx
	jz	next
	add	rdi, 2
	jmp	divide
prime:	inc	rsi
	cmp	rsi, 10000
	jne	next
	mov	rax, rbx
	ret

	printers
