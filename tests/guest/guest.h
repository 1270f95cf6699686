/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the guests share: system calls of x86-64 Linux and printing.  All
 * macros may change rax, rcx, rdx, rsi, rdi and r11, the printing ones r8 too.
 */
.intel_syntax noprefix

#define SYS_write        1
#define SYS_mmap         9
#define SYS_mprotect     10
#define SYS_brk          12
#define SYS_rt_sigaction 13
#define SYS_rt_sigreturn 15
#define SYS_getpid       39
#define SYS_exit         60
#define SYS_kill         62

#define PROT_READ        1
#define PROT_WRITE       2
#define PROT_EXEC        4
#define MAP_PRIVATE_ANON 0x22

	.macro sys number
	mov	eax, \number
	syscall
	.endm

	.macro quit status
	mov	edi, \status
	sys	SYS_exit
	.endm

	/* Writes a string that is known now to stdout. */
	.macro say text:vararg
	.section .rodata
771:	.ascii	\text
772:
	.text
	lea	rsi, [rip + 771b]
	mov	edx, offset 772b - 771b
	mov	edi, 1
	sys	SYS_write
	.endm

	/* rax = size bytes of fresh memory. */
	.macro fresh size, prot
	xor	edi, edi
	mov	esi, \size
	mov	edx, \prot
	mov	r10d, MAP_PRIVATE_ANON
	mov	r8, -1
	xor	r9d, r9d
	sys	SYS_mmap
	.endm

	/* Places say_decimal and say_hex: print rax, and a newline. */
	.macro printers
say_decimal:
	lea	rsi, [rip + number_end - 1]
	mov	byte ptr [rsi], '\n'
	mov	ecx, 10
	mov	r8d, 1
1:	xor	edx, edx
	div	rcx
	add	dl, '0'
	dec	rsi
	inc	r8d
	mov	[rsi], dl
	test	rax, rax
	jnz	1b
	jmp	2f
say_hex:
	lea	rsi, [rip + number_end - 1]
	mov	byte ptr [rsi], '\n'
	mov	r8d, 17
	mov	ecx, 16
1:	mov	edx, eax
	and	edx, 15
	lea	rdi, [rip + digits]
	mov	dl, [rdi + rdx]
	dec	rsi
	mov	[rsi], dl
	shr	rax, 4
	dec	ecx
	jnz	1b
2:	mov	edx, r8d
	mov	edi, 1
	sys	SYS_write
	ret
	.section .rodata
digits:	.ascii	"0123456789abcdef"
	.bss
number:	.skip	32
number_end:
	.text
	.endm

	/* Makes every signal \number run \handler(signo, info, context). */
	.macro catch number, handler
	.data
	.balign	8
773:	.quad	\handler
	.quad	0x04000004	/* SA_RESTORER | SA_SIGINFO */
	.quad	774f
	.quad	0
	.text
	mov	edi, \number
	lea	rsi, [rip + 773b]
	xor	edx, edx
	mov	r10d, 8
	sys	SYS_rt_sigaction
	jmp	775f
774:	sys	SYS_rt_sigreturn
775:
	.endm

/* Offsets within the context that a handler gets in rdx. */
#define CONTEXT_RAX 144
#define CONTEXT_RIP 168

	.text
	.globl	_start
