/* SPDX-License-Identifier: BSD-2-Clause */
/* One good ELF file, and the means to spoil it. */
#ifndef VMS_TESTS_UNIT_ELF_FIXTURE_H
#define VMS_TESTS_UNIT_ELF_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vmspace/vmspace.h>

#include "loader/elf.h"

#define FILE_BYTES 0x2000
#define PHDRS      4

#define EH(field) offsetof(Elf64_Ehdr, field), sizeof(((Elf64_Ehdr *)0)->field)
#define PH(i, field)                                                           \
	sizeof(Elf64_Ehdr) + (i) * sizeof(Elf64_Phdr) +                        \
	    offsetof(Elf64_Phdr, field),                                       \
	    sizeof(((Elf64_Phdr *)0)->field)
#define ID(i) (i), 1

/* A change of bytes at off; bytes 0 ends a list. */
struct poke {
	size_t off, bytes;
	uint64_t value;
};

#define POKES 6

static unsigned char file[FILE_BYTES];
static char message[512];
static struct elf_image image;

/* Text at 0x400000, data with .bss at 0x402000, a stack note, a note. */
static inline void
setup(void)
{
	Elf64_Ehdr ehdr = { .e_type = ET_EXEC,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = 0x400800,
		.e_phoff = sizeof(ehdr),
		.e_ehsize = sizeof(ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = PHDRS };
	const Elf64_Phdr phdrs[PHDRS] = {
		{ .p_type = PT_LOAD,
		    .p_flags = PF_R | PF_X,
		    .p_vaddr = 0x400000,
		    .p_filesz = 0x1000,
		    .p_memsz = 0x1000,
		    .p_align = 0x1000 },
		{ .p_type = PT_LOAD,
		    .p_flags = PF_R | PF_W,
		    .p_offset = 0x1000,
		    .p_vaddr = 0x402000,
		    .p_filesz = 0x800,
		    .p_memsz = 0x3000,
		    .p_align = 0x1000 },
		{ .p_type = PT_GNU_STACK, .p_flags = PF_R | PF_W },
		{ .p_type = PT_NOTE,
		    .p_offset = 0x1800,
		    .p_filesz = 0x10,
		    .p_memsz = 0x10 },
	};

	memset(file, 0, sizeof(file));
	memcpy(ehdr.e_ident, ELFMAG, SELFMAG);
	ehdr.e_ident[EI_CLASS] = ELFCLASS64;
	ehdr.e_ident[EI_DATA] = ELFDATA2LSB;
	ehdr.e_ident[EI_VERSION] = EV_CURRENT;
	memcpy(file, &ehdr, sizeof(ehdr));
	memcpy(file + sizeof(ehdr), phdrs, sizeof(phdrs));
	memcpy(file + 0x1800, "/lib/ld.so.1", 13);
	memset(&image, 0xee, sizeof(image));
}

static inline void
pokes_apply(const struct poke *pokes)
{
	for (size_t i = 0; i < POKES && pokes[i].bytes != 0; i++)
		for (size_t b = 0; b < pokes[i].bytes; b++)
			file[pokes[i].off + b] =
			    (unsigned char)(pokes[i].value >> (8 * b));
}

static inline int
temporary_file(const void *bytes, size_t len)
{
	char path[] = "/tmp/test_elf.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

static inline int
read_bytes(const void *bytes, size_t len)
{
	int fd = temporary_file(bytes, len);
	int error;

	message[0] = '\0';
	error = elf_read(fd, "guest", &image, message, sizeof(message));
	ck_assert_int_eq(close(fd), 0);
	return error;
}

static inline int
read_poked(const struct poke *pokes)
{
	pokes_apply(pokes);
	return read_bytes(file, sizeof(file));
}

/* A file with count program headers, each a segment of zeros. */
static inline int
read_segments(size_t count)
{
	static unsigned char large[0x4000];
	const struct poke phnum[POKES] = { { EH(e_phnum), count } };

	pokes_apply(phnum);
	memcpy(large, file, sizeof(Elf64_Ehdr));
	for (size_t i = 0; i < count; i++) {
		const Elf64_Phdr phdr = { .p_type = PT_LOAD,
			.p_flags = PF_R | PF_X,
			.p_vaddr = 0x400000 + 0x1000 * i,
			.p_memsz = 0x1000,
			.p_align = 0x1000 };

		memcpy(large + sizeof(Elf64_Ehdr) + i * sizeof(phdr), &phdr,
		    sizeof(phdr));
	}
	return read_bytes(large, sizeof(large));
}

#endif
