/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads an x86-64 ELF executable with libelf: says what belongs where, places
 * nothing. */
#ifndef VMS_LOADER_ELF_H
#define VMS_LOADER_ELF_H

#include <stddef.h>
#include <stdint.h>

/* Program headers fit 64 KiB, as on Linux. */
#define ELF_MAX_HEADERS  1170
#define ELF_MAX_SEGMENTS 128

struct elf_segment {
	uint64_t va; /* as linked; the load bias is not added */
	uint64_t file_off;
	uint64_t file_bytes;
	uint64_t mem_bytes; /* >= file_bytes, > 0; the rest is zero */
	int prot;           /* VMS_PROT_* */
	unsigned index;     /* of its program header */
};

struct elf_image {
	/* In the order of the program headers, in which Linux maps them: where
	 * two share a page the later one has it. */
	struct elf_segment segments[ELF_MAX_SEGMENTS];
	size_t count;
	uint64_t entry;   /* as linked; it may lie in no segment */
	uint64_t phdr_va; /* program headers in memory, 0: not loaded */
	unsigned phnum, phentsize;
	uint64_t va_start, va_end; /* page-rounded span of the segments */
	uint64_t align;    /* the bias must be a multiple of it: >= a page */
	int pie;           /* ET_DYN: may be placed anywhere */
	int stack_exec;    /* PT_GNU_STACK asks for an executable stack */
	char interp[4096]; /* the first PT_INTERP, "" when there is none */
};

/*
 * fd: open for reading; name is used in messages only.  0, or a positive
 * errno value (ENOEXEC for a malformed or foreign file, EACCES for what is no
 * regular file or names an interpreter without a name) and one sentence in
 * message, without newline, that begins with name: what is wrong and where.
 * *image is written only on success.
 */
int elf_read(int fd, const char *name, struct elf_image *image, char *message,
    size_t message_bytes);

#endif
