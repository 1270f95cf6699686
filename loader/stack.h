/* SPDX-License-Identifier: BSD-2-Clause */
/* The first stack of a program, as bytes. */
#ifndef VMS_LOADER_STACK_H
#define VMS_LOADER_STACK_H

#include "loader/load.h"

/* What the auxiliary vector says of the image; addresses are biased. */
struct stack_image_info {
	uint64_t entry; /* the program's */
	uint64_t base;  /* AT_BASE */
	uint64_t phdr_va;
	unsigned phnum, phentsize;
};

struct stack_image {
	unsigned char *bytes; /* malloc'd: free() it */
	size_t len;
	uint64_t sp; /* where bytes belong; argc is at sp */
	uint64_t arg_start, env_start, env_end;
	uint64_t auxv_start, auxv_end;
};

/* E2BIG and ENOMEM as load_program(). */
int stack_build(const struct load_info *info,
    const struct stack_image_info *image, struct stack_image *stack);

/* How many bytes argv, envp and their pointers may have. */
uint64_t stack_room(const struct load_info *info);

#endif
