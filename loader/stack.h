/* SPDX-License-Identifier: BSD-2-Clause */
/* The first stack of a program, as bytes. */
#ifndef VMS_LOADER_STACK_H
#define VMS_LOADER_STACK_H

#include "loader/load.h"

struct stack_image {
	unsigned char *bytes; /* malloc'd: free() it */
	size_t len;
	uint64_t sp; /* where bytes belong; argc is at sp */
};

/* entry and phdr_va are biased.  E2BIG and ENOMEM as load_program(). */
int stack_build(const struct load_info *info, const struct elf_image *image,
    uint64_t entry, uint64_t phdr_va, struct stack_image *stack);

#endif
