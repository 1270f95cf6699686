/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that the host's processor judges; each ends with int3.  They
 * start with the registers of snippet_frame() (rows_native.c): rdi and r15
 * name data, rsi a read-only page, rdx nothing, r12 the end of the data, r13
 * is not canonical, r14 in the kernel's half.
 */
#ifndef TESTS_CONFORM_SNIPPETS_H
#define TESTS_CONFORM_SNIPPETS_H

#include <stddef.h>
#include <stdint.h>

struct snippet {
	const char *text; /* Intel syntax, without the int3 */
	uint32_t flags;   /* bits of rflags that are defined afterwards */
	uint8_t code[32];
};

extern const struct snippet snippets[];
extern const size_t snippet_count;

#endif
