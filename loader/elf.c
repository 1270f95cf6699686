/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every byte of the file is hostile.  What leaves this file holds: sums of
 * an image's addresses and of its offsets do not wrap, and lie within user
 * space and within the file.
 */
#include "loader/elf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <gelf.h>
#include <vmspace/vmspace.h>

#include "base/page.h"
#include "loader/message.h"

/* The last page below VMS_VA_END stays free, as Linux keeps it. */
#define USER_END (VMS_VA_END - PAGE_BYTES)

#define HEX "0x%" PRIx64

struct reader {
	struct message message;
	int fd;
	uint64_t file_bytes;
	Elf *elf;
	GElf_Ehdr ehdr;
};

static int file_check(struct reader *r);
static int ident_check(struct reader *r);
static int reader_open(struct reader *r);
static int ehdr_check(struct reader *r);
static int table_check(struct reader *r);
static int image_fill(struct reader *r, struct elf_image *image);
static int image_check(const struct reader *r, struct elf_image *image);

int
elf_read(int fd, const char *name, struct elf_image *image, char *message,
    size_t message_bytes)
{
	struct reader r = { .message = { name, message, message_bytes },
		.fd = fd };
	struct elf_image result = { 0 };
	int error;

	error = file_check(&r);
	if (error == 0)
		error = ident_check(&r);
	if (error == 0)
		error = reader_open(&r);
	if (error == 0)
		error = ehdr_check(&r);
	if (error == 0)
		error = table_check(&r);
	if (error == 0)
		error = image_fill(&r, &result);
	if (error == 0)
		error = image_check(&r, &result);
	if (error == 0)
		*image = result;
	(void)elf_end(r.elf);
	return error;
}

static int
file_check(struct reader *r)
{
	struct stat st;

	if (fstat(r->fd, &st) != 0)
		return message_fail(&r->message, errno,
		    "cannot be examined: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return message_fail(
		    &r->message, EACCES, "is not a regular file");
	if (st.st_size == 0)
		return message_fail(
		    &r->message, ENOEXEC, "is empty, not an ELF program");
	r->file_bytes = (uint64_t)st.st_size;
	return 0;
}

static int
ident_read(struct reader *r, unsigned char *ident)
{
	ssize_t got = pread(r->fd, ident, EI_NIDENT, 0);

	if (got < 0)
		return message_fail(
		    &r->message, errno, "cannot be read: %s", strerror(errno));
	memset(ident + got, 0, EI_NIDENT - (size_t)got);
	return 0;
}

static int
abi_check(struct reader *r, unsigned char abi)
{
	const char *system = NULL;

	/* DragonFly's programs say FreeBSD or none. */
	if (abi == ELFOSABI_NETBSD)
		system = "NetBSD";
	else if (abi == ELFOSABI_FREEBSD)
		system = "FreeBSD or DragonFly";
	else if (abi == ELFOSABI_OPENBSD)
		system = "OpenBSD";
	else if (abi == ELFOSABI_SOLARIS)
		system = "Solaris";
	if (system != NULL)
		return message_fail(&r->message, ENOEXEC,
		    "is a program for %s (OS ABI %u), not for Linux", system,
		    abi);
	if (abi != ELFOSABI_NONE && abi != ELFOSABI_LINUX)
		return message_fail(&r->message, ENOEXEC,
		    "has the unknown OS ABI %u; a Linux program has 0 or 3",
		    abi);
	return 0;
}

static int
ident_check(struct reader *r)
{
	unsigned char ident[EI_NIDENT];
	int error = ident_read(r, ident);

	if (error != 0)
		return error;
	if (ident[0] == '#' && ident[1] == '!')
		return message_fail(&r->message, ENOEXEC,
		    "is a script (#!): scripts are not supported yet");
	if (memcmp(ident, ELFMAG, SELFMAG) != 0)
		return message_fail(&r->message, ENOEXEC,
		    "is not an ELF file (its first bytes are "
		    "%02x %02x %02x %02x)",
		    ident[0], ident[1], ident[2], ident[3]);
	if (r->file_bytes < sizeof(Elf64_Ehdr))
		return message_fail(&r->message, ENOEXEC,
		    "is too short for an ELF header: it has " HEX
		    " bytes, the header needs " HEX,
		    r->file_bytes, (uint64_t)sizeof(Elf64_Ehdr));
	if (ident[EI_CLASS] == ELFCLASS32)
		return message_fail(&r->message, ENOEXEC,
		    "is a 32-bit program; only 64-bit programs can run");
	if (ident[EI_CLASS] != ELFCLASS64)
		return message_fail(&r->message, ENOEXEC,
		    "has the unknown ELF class %u", ident[EI_CLASS]);
	if (ident[EI_DATA] == ELFDATA2MSB)
		return message_fail(&r->message, ENOEXEC,
		    "is big-endian; x86-64 programs are little-endian");
	if (ident[EI_DATA] != ELFDATA2LSB)
		return message_fail(&r->message, ENOEXEC,
		    "has the unknown byte order %u", ident[EI_DATA]);
	if (ident[EI_VERSION] != EV_CURRENT)
		return message_fail(&r->message, ENOEXEC,
		    "has the unknown ELF version %u", ident[EI_VERSION]);
	return abi_check(r, ident[EI_OSABI]);
}

/* ELF_C_READ and not ..._MMAP: a file that shrinks meanwhile must give a read
 * error, not SIGBUS. */
static int
reader_open(struct reader *r)
{
	if (elf_version(EV_CURRENT) == EV_NONE)
		return message_fail(&r->message, ENOTSUP,
		    "libelf is too old for ELF version %d", EV_CURRENT);
	r->elf = elf_begin(r->fd, ELF_C_READ, NULL);
	if (r->elf == NULL || elf_kind(r->elf) != ELF_K_ELF ||
	    gelf_getehdr(r->elf, &r->ehdr) == NULL)
		return message_fail(&r->message, ENOEXEC,
		    "has a malformed ELF header: %s", elf_errmsg(-1));
	return 0;
}

static const char *
machine_name(unsigned machine)
{
	static const struct {
		unsigned machine;
		const char *name;
	} rows[] = {
		{ EM_386, "x86 (32-bit)" },
		{ EM_AARCH64, "AArch64" },
		{ EM_ARM, "ARM (32-bit)" },
		{ EM_IA_64, "Itanium" },
		{ EM_MIPS, "MIPS" },
		{ EM_PPC, "PowerPC (32-bit)" },
		{ EM_PPC64, "PowerPC64" },
		{ 243, "RISC-V" },
		{ EM_S390, "S/390" },
		{ EM_SPARCV9, "SPARC64" },
		{ 258, "LoongArch" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].machine == machine)
			return rows[i].name;
	return "an unknown machine";
}

static int
type_check(struct reader *r)
{
	switch (r->ehdr.e_type) {
	case ET_EXEC:
	case ET_DYN:
		return 0;
	case ET_REL:
		return message_fail(&r->message, ENOEXEC,
		    "is a relocatable object, not a linked program");
	case ET_CORE:
		return message_fail(
		    &r->message, ENOEXEC, "is a core dump, not a program");
	default:
		return message_fail(&r->message, ENOEXEC,
		    "has the ELF type 0x%x; a program has 2 or 3",
		    r->ehdr.e_type);
	}
}

static int
ehdr_check(struct reader *r)
{
	if (r->ehdr.e_machine != EM_X86_64)
		return message_fail(&r->message, ENOEXEC,
		    "is a program for %s (ELF machine %u), not for x86-64",
		    machine_name(r->ehdr.e_machine), r->ehdr.e_machine);
	return type_check(r);
}

/* libelf would quietly shorten a table that the file cuts off. */
static int
table_check(struct reader *r)
{
	uint64_t bytes = (uint64_t)r->ehdr.e_phnum * sizeof(Elf64_Phdr);
	uint64_t end;

	if (r->ehdr.e_phnum == 0)
		return message_fail(&r->message, ENOEXEC,
		    "has no program headers, so nothing to load");
	if (r->ehdr.e_phentsize != sizeof(Elf64_Phdr))
		return message_fail(&r->message, ENOEXEC,
		    "has program headers of 0x%x bytes; they have 0x%zx",
		    r->ehdr.e_phentsize, sizeof(Elf64_Phdr));
	if (add_wraps(r->ehdr.e_phoff, bytes, &end) || end > r->file_bytes)
		return message_fail(&r->message, ENOEXEC,
		    "is truncated: its %u program headers at offset " HEX
		    " need " HEX " bytes, the file has " HEX,
		    r->ehdr.e_phnum, r->ehdr.e_phoff, bytes, r->file_bytes);
	return 0;
}

static int
segment_prot(uint32_t flags)
{
	int prot = VMS_PROT_NONE;

	if ((flags & PF_R) != 0)
		prot |= VMS_PROT_READ;
	if ((flags & PF_W) != 0)
		prot |= VMS_PROT_WRITE;
	if ((flags & PF_X) != 0)
		prot |= VMS_PROT_EXEC;
	return prot;
}

static int
range_check(const struct reader *r, unsigned i, const GElf_Phdr *p)
{
	uint64_t end;

	if (p->p_filesz > p->p_memsz)
		return message_fail(&r->message, ENOEXEC,
		    "segment %u has more bytes in the file (" HEX
		    ") than in memory (" HEX ")",
		    i, p->p_filesz, p->p_memsz);
	if (p->p_filesz > 0 &&
	    (add_wraps(p->p_offset, p->p_filesz, &end) || end > r->file_bytes))
		return message_fail(&r->message, ENOEXEC,
		    "is truncated: segment %u takes " HEX
		    " bytes from offset " HEX ", the file has " HEX,
		    i, p->p_filesz, p->p_offset, r->file_bytes);
	if (add_wraps(p->p_vaddr, p->p_memsz, &end) || end > USER_END)
		return message_fail(&r->message, ENOEXEC,
		    "segment %u at " HEX " with " HEX
		    " bytes goes beyond user space, which ends at " HEX,
		    i, p->p_vaddr, p->p_memsz, USER_END);
	return 0;
}

static int
align_check(const struct reader *r, unsigned i, const GElf_Phdr *p)
{
	if ((p->p_align & (p->p_align - 1)) != 0 && p->p_align != 0)
		return message_fail(&r->message, ENOEXEC,
		    "segment %u has the alignment " HEX
		    ", which is not a power of two",
		    i, p->p_align);
	if (p->p_align > 1 &&
	    ((p->p_vaddr ^ p->p_offset) & (p->p_align - 1)) != 0)
		return message_fail(&r->message, ENOEXEC,
		    "segment %u is unaligned: address " HEX
		    " and file offset " HEX " differ modulo " HEX,
		    i, p->p_vaddr, p->p_offset, p->p_align);
	if (p->p_filesz > 0 && ((p->p_vaddr ^ p->p_offset) & PAGE_MASK) != 0)
		return message_fail(&r->message, ENOEXEC,
		    "segment %u is unaligned: address " HEX
		    " and file offset " HEX " differ within their page",
		    i, p->p_vaddr, p->p_offset);
	return 0;
}

/* Inserts by address; the format asks for ascending order, Linux does not. */
static void
segment_insert(struct elf_image *image, const struct elf_segment *new)
{
	size_t at = image->count++;

	for (; at > 0 && image->segments[at - 1].va > new->va; at--)
		image->segments[at] = image->segments[at - 1];
	image->segments[at] = *new;
}

static int
load_add(const struct reader *r, unsigned i, const GElf_Phdr *p,
    struct elf_image *image)
{
	struct elf_segment new = { .va = p->p_vaddr,
		.file_off = p->p_offset,
		.file_bytes = p->p_filesz,
		.mem_bytes = p->p_memsz,
		.prot = segment_prot(p->p_flags),
		.index = i };
	int error = range_check(r, i, p);

	if (error == 0)
		error = align_check(r, i, p);
	if (error != 0 || p->p_memsz == 0)
		return error;
	if (image->count == ELF_MAX_SEGMENTS)
		return message_fail(&r->message, ENOEXEC,
		    "has more than %d segments to load", ELF_MAX_SEGMENTS);
	if (p->p_align > image->align)
		image->align = p->p_align;
	segment_insert(image, &new);
	return 0;
}

static int
interp_read(const struct reader *r, unsigned i, const GElf_Phdr *p,
    struct elf_image *image)
{
	uint64_t end;
	ssize_t got;

	if (add_wraps(p->p_offset, p->p_filesz, &end) || end > r->file_bytes)
		return message_fail(&r->message, ENOEXEC,
		    "is truncated: its interpreter's name (segment %u) "
		    "takes " HEX " bytes from offset " HEX
		    ", the file has " HEX,
		    i, p->p_filesz, p->p_offset, r->file_bytes);
	if (p->p_filesz < 2 || p->p_filesz > sizeof(image->interp))
		return message_fail(&r->message, ENOEXEC,
		    "has an interpreter's name (segment %u) of " HEX
		    " bytes; 0x2 to 0x%zx are possible",
		    i, p->p_filesz, sizeof(image->interp));
	got = pread(
	    r->fd, image->interp, (size_t)p->p_filesz, (off_t)p->p_offset);
	if (got != (ssize_t)p->p_filesz || image->interp[0] == '\0' ||
	    image->interp[p->p_filesz - 1] != '\0')
		return message_fail(&r->message, ENOEXEC,
		    "has an interpreter's name (segment %u) that does not "
		    "end where it should",
		    i);
	return 0;
}

static int
phdr_add(const struct reader *r, unsigned i, const GElf_Phdr *p,
    struct elf_image *image)
{
	switch (p->p_type) {
	case PT_LOAD:
		return load_add(r, i, p, image);
	case PT_INTERP:
		return interp_read(r, i, p, image);
	case PT_GNU_STACK:
		image->stack_exec = (p->p_flags & PF_X) != 0;
		return 0;
	default:
		return 0;
	}
}

static int
image_fill(struct reader *r, struct elf_image *image)
{
	image->entry = r->ehdr.e_entry;
	image->phnum = r->ehdr.e_phnum;
	image->phentsize = r->ehdr.e_phentsize;
	image->align = PAGE_BYTES;
	image->pie = r->ehdr.e_type == ET_DYN;
	/* Without PT_GNU_STACK the stack of x86-64 is not executable. */
	for (unsigned i = 0; i < image->phnum; i++) {
		GElf_Phdr phdr;
		int error;

		if (gelf_getphdr(r->elf, (int)i, &phdr) == NULL)
			return message_fail(&r->message, ENOEXEC,
			    "program header %u cannot be read: %s", i,
			    elf_errmsg(-1));
		error = phdr_add(r, i, &phdr, image);
		if (error != 0)
			return error;
	}
	return 0;
}

/* a lies below b; two may share a page when one mapping of it serves both. */
static int
pair_check(const struct reader *r, const struct elf_segment *a,
    const struct elf_segment *b)
{
	if (a->va + a->mem_bytes > b->va)
		return message_fail(&r->message, ENOEXEC,
		    "segments %u and %u overlap: [" HEX ", " HEX ") and [" HEX
		    ", " HEX ")",
		    a->index, b->index, a->va, a->va + a->mem_bytes, b->va,
		    b->va + b->mem_bytes);
	if (page_round(a->va + a->mem_bytes) <= b->va)
		return 0;
	if (page_trunc(b->va) < page_round(a->va + a->mem_bytes) &&
	    (a->file_bytes != a->mem_bytes || b->file_bytes == 0 ||
		a->va - a->file_off != b->va - b->file_off))
		return message_fail(&r->message, ENOEXEC,
		    "segments %u and %u overlap in the page at " HEX
		    " but take it from different places",
		    a->index, b->index, page_trunc(b->va));
	return 0;
}

static bool
entry_executable(const struct elf_image *image)
{
	for (size_t i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if ((s->prot & VMS_PROT_EXEC) != 0 && image->entry >= s->va &&
		    image->entry - s->va < s->mem_bytes)
			return true;
	}
	return false;
}

static uint64_t
phdr_find(const struct elf_image *image, uint64_t phoff)
{
	for (size_t i = 0; i < image->count; i++) {
		const struct elf_segment *s = &image->segments[i];

		if (phoff >= s->file_off && phoff - s->file_off < s->file_bytes)
			return s->va + (phoff - s->file_off);
	}
	return 0;
}

static int
image_check(const struct reader *r, struct elf_image *image)
{
	const struct elf_segment *last;

	if (image->count == 0)
		return message_fail(&r->message, ENOEXEC,
		    "has no segment to load among its %u program headers",
		    image->phnum);
	for (size_t i = 1; i < image->count; i++) {
		int error =
		    pair_check(r, &image->segments[i - 1], &image->segments[i]);

		if (error != 0)
			return error;
	}
	if (!entry_executable(image))
		return message_fail(&r->message, ENOEXEC,
		    "starts at " HEX ", which is in no executable segment",
		    image->entry);
	last = &image->segments[image->count - 1];
	image->va_start = page_trunc(image->segments[0].va);
	image->va_end = page_round(last->va + last->mem_bytes);
	image->phdr_va = phdr_find(image, r->ehdr.e_phoff);
	return 0;
}
