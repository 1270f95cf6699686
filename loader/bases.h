/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the parts of a new address space begin, as Linux on x86-64 chooses. */
#ifndef VMS_LOADER_BASES_H
#define VMS_LOADER_BASES_H

#include <stdint.h>

struct load_bases {
	uint64_t pie_base;   /* where ET_DYN goes */
	uint64_t mmap_base;  /* mappings grow down from here, exclusive */
	uint64_t stack_end;  /* exclusive, page-aligned */
	uint64_t brk_offset; /* of the break from the program's end, in bytes */
};

/*
 * random: NULL for no randomisation, else any 64 bits, of which 28 bits each of
 * pie_base and mmap_base, 22 of the stack and 13 of brk are made; the same
 * number gives the same bases.  stack_limit: RLIMIT_STACK in bytes, for which
 * room is left below the stack.
 */
void load_bases_choose(
    const uint64_t *random, uint64_t stack_limit, struct load_bases *bases);

#endif
