/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a static x86-64 ELF executable with libelf: says what belongs where,
 * places nothing. */
#ifndef VMS_LOADER_ELF_H
#define VMS_LOADER_ELF_H

#include <stddef.h>
#include <stdint.h>

#define ELF_MAX_SEGMENTS 64

struct elf_segment {
	uint64_t va;         /* as linked; the load bias is not added */
	uint64_t file_off;
	uint64_t file_bytes;
	uint64_t mem_bytes;  /* >= file_bytes, the rest is zero */
	int prot;            /* VMS_PROT_* */
};

struct elf_image {
	struct elf_segment segments[ELF_MAX_SEGMENTS]; /* ascending, not overlapping */
	size_t count;
	uint64_t entry;      /* as linked */
	uint64_t phdr_va;    /* program headers in memory, 0: not loaded */
	unsigned phnum, phentsize;
	uint64_t va_start, va_end; /* page-rounded span of the segments */
	int pie;             /* ET_DYN: may be placed anywhere */
	int stack_exec;      /* PT_GNU_STACK asks for an executable stack */
	char interp[256];    /* PT_INTERP, "" when static */
};

/*
 * fd: a readable regular file; name is used in messages only.  0, or a positive errno value (ENOEXEC
 * for a malformed or foreign file) and one sentence in message, without
 * newline: what is wrong and where.
 */
int elf_read(int fd, const char *name, struct elf_image *image, char *message,
    size_t message_bytes);

#endif
