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
#include "loader/elf_ident.h"
#include "loader/message.h"

/* The last page below VMS_VA_END stays free, as Linux keeps it. */
#define USER_END (VMS_VA_END - PAGE_BYTES)

/* More than this of a PT_NOTE is not looked at. */
#define NOTE_BYTES 4096

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
ident_check(struct reader *r)
{
	unsigned char ident[EI_NIDENT] = { 0 };

	if (pread(r->fd, ident, sizeof(ident), 0) < 0)
		return message_fail(
		    &r->message, errno, "cannot be read: %s", strerror(errno));
	return elf_ident_check(&r->message, ident, r->file_bytes);
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

static int
ehdr_check(struct reader *r)
{
	int error = elf_machine_check(&r->message, r->ehdr.e_machine);

	if (error == 0)
		error = elf_type_check(&r->message, r->ehdr.e_type);
	if (error == 0 && r->ehdr.e_entry >= USER_END)
		error = message_fail(&r->message, ENOEXEC,
		    "starts at " HEX ", beyond user space, which ends at " HEX,
		    r->ehdr.e_entry, USER_END);
	return error;
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
	if (r->ehdr.e_phnum > ELF_MAX_HEADERS)
		return message_fail(&r->message, ENOEXEC,
		    "has %u program headers, Linux takes at most %d",
		    r->ehdr.e_phnum, ELF_MAX_HEADERS);
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

/* Linux asks for no more than this of p_align. */
static int
place_check(const struct reader *r, unsigned i, const GElf_Phdr *p)
{
	if (p->p_filesz > 0 && ((p->p_vaddr ^ p->p_offset) & PAGE_MASK) != 0)
		return message_fail(&r->message, ENOEXEC,
		    "segment %u is unaligned: address " HEX
		    " and file offset " HEX " differ within their page",
		    i, p->p_vaddr, p->p_offset);
	return 0;
}

static void
span_extend(struct elf_image *image, const struct elf_segment *s)
{
	uint64_t start = page_trunc(s->va);
	uint64_t end = page_round(s->va + s->mem_bytes);

	if (image->count == 0 || start < image->va_start)
		image->va_start = start;
	if (end > image->va_end)
		image->va_end = end;
}

static int
load_add(const struct reader *r, unsigned i, const GElf_Phdr *p,
    struct elf_image *image)
{
	const struct elf_segment new = { .va = p->p_vaddr,
		.file_off = p->p_offset,
		.file_bytes = p->p_filesz,
		.mem_bytes = p->p_memsz,
		.prot = segment_prot(p->p_flags),
		.index = i };
	int error = range_check(r, i, p);

	if (error == 0)
		error = place_check(r, i, p);
	if (error != 0 || p->p_memsz == 0)
		return error;
	if (image->count == ELF_MAX_SEGMENTS)
		return message_fail(&r->message, ENOEXEC,
		    "has more than %d segments to load", ELF_MAX_SEGMENTS);
	if ((p->p_align & (p->p_align - 1)) == 0 && p->p_align > image->align)
		image->align = p->p_align;
	span_extend(image, &new);
	image->segments[image->count++] = new;
	return 0;
}

static int
interp_read(const struct reader *r, unsigned i, const GElf_Phdr *p,
    struct elf_image *image)
{
	uint64_t end;
	ssize_t got;

	if (image->interp[0] != '\0')
		return 0;
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
	if (got != (ssize_t)p->p_filesz ||
	    image->interp[p->p_filesz - 1] != '\0')
		return message_fail(&r->message, ENOEXEC,
		    "has an interpreter's name (segment %u) that does not "
		    "end where it should",
		    i);
	/* Linux opens "", which is a directory. */
	if (image->interp[0] == '\0')
		return message_fail(&r->message, EACCES,
		    "has an interpreter without a name (segment %u)", i);
	return 0;
}

/* Notes that cannot be read say nothing. */
static int
note_read(const struct reader *r, const GElf_Phdr *p)
{
	unsigned char notes[NOTE_BYTES];
	size_t want = sizeof(notes);
	ssize_t got;

	if (p->p_filesz < want)
		want = (size_t)p->p_filesz;
	if (p->p_offset >= r->file_bytes)
		return 0;
	got = pread(r->fd, notes, want, (off_t)p->p_offset);
	return got < 0 ? 0 : elf_note_check(&r->message, notes, (size_t)got);
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
	case PT_NOTE:
		return note_read(r, p);
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

static uint64_t
phdr_find(const struct elf_image *image, uint64_t phoff)
{
	for (size_t i = image->count; i-- > 0;) {
		const struct elf_segment *s = &image->segments[i];

		if (phoff >= s->file_off && phoff - s->file_off < s->file_bytes)
			return s->va + (phoff - s->file_off);
	}
	return 0;
}

static int
image_check(const struct reader *r, struct elf_image *image)
{
	if (image->count == 0)
		return message_fail(&r->message, ENOEXEC,
		    "has no segment to load among its %u program headers",
		    image->phnum);
	image->phdr_va = phdr_find(image, r->ehdr.e_phoff);
	return 0;
}
