/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest of fuzz_calls.c: pieces of code in the middle of each page. */
#ifndef VMS_TESTS_FUZZ_CALLS_GUEST_CODE_H
#define VMS_TESTS_FUZZ_CALLS_GUEST_CODE_H

#include <stdint.h>

#define GUEST_CODE_OFFSET 0x800u
#define GUEST_SNIPPET     16u /* bytes */
#define GUEST_SNIPPETS    13u

/* No aligned word may look like a page-table entry with W and without R:
 * tables_look() would see it. */
static const uint8_t guest_snippets[GUEST_SNIPPETS][GUEST_SNIPPET] = {
	/* mov rax,[rsi]; jmp rdx */
	{ 0x48, 0x8b, 0x06, 0xff, 0xe2 },
	/* mov [rdi],rax; jmp rdx */
	{ 0x48, 0x89, 0x07, 0xff, 0xe2 },
	/* nop; lock xadd [rdi],rax; int3 */
	{ 0x90, 0xf0, 0x48, 0x0f, 0xc1, 0x07, 0xcc },
	/* rep movsb; syscall */
	{ 0xf3, 0xa4, 0x0f, 0x05 },
	/* push rax; ret */
	{ 0x50, 0xc3 },
	/* inc qword [rdi]; jmp to the start: ends with the budget */
	{ 0x48, 0xff, 0x07, 0xeb, 0xfb },
	/* mov byte [rip+2],0x90; jmp +0; ud2: stores before itself */
	{ 0xc6, 0x05, 0x02, 0x00, 0x00, 0x00, 0x90, 0xeb, 0x00, 0x0f, 0x0b },
	/* nop; movups xmm0,[rsi]; movups [rdi],xmm0; syscall */
	{ 0x90, 0x0f, 0x10, 0x06, 0x0f, 0x11, 0x07, 0x0f, 0x05 },
	/* lock cmpxchg [rdi],rcx; syscall */
	{ 0xf0, 0x48, 0x0f, 0xb1, 0x0f, 0x0f, 0x05 },
	/* push [rsi]; pop [rdi]; int3 */
	{ 0xff, 0x36, 0x8f, 0x07, 0xcc },
	/* stosq; jmp to the start: walks through pages */
	{ 0x48, 0xab, 0xeb, 0xfc },
	/* hlt */
	{ 0xf4 },
	/* nop; lock bts eax,eax: may not even be translated */
	{ 0x90, 0xf0, 0x0f, 0xab, 0xc0 },
};

#endif
