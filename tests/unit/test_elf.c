/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of ELF files: one good file, and each way to spoil it. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
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
static void
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

static void
pokes_apply(const struct poke *pokes)
{
	for (size_t i = 0; i < POKES && pokes[i].bytes != 0; i++)
		for (size_t b = 0; b < pokes[i].bytes; b++)
			file[pokes[i].off + b] =
			    (unsigned char)(pokes[i].value >> (8 * b));
}

static int
temporary_file(const void *bytes, size_t len)
{
	char path[] = "/tmp/test_elf.XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	return fd;
}

static int
read_bytes(const void *bytes, size_t len)
{
	int fd = temporary_file(bytes, len);
	int error;

	message[0] = '\0';
	error = elf_read(fd, "guest", &image, message, sizeof(message));
	ck_assert_int_eq(close(fd), 0);
	return error;
}

static int
read_poked(const struct poke *pokes)
{
	pokes_apply(pokes);
	return read_bytes(file, sizeof(file));
}

START_TEST(test_good_file_is_described)
{
	const struct poke none[POKES] = { { 0, 0, 0 } };

	ck_assert_msg(read_poked(none) == 0, "%s", message);
	ck_assert_uint_eq(image.count, 2);
	ck_assert_uint_eq(image.segments[0].va, 0x400000);
	ck_assert_int_eq(image.segments[0].prot, VMS_PROT_READ | VMS_PROT_EXEC);
	ck_assert_uint_eq(image.segments[1].va, 0x402000);
	ck_assert_uint_eq(image.segments[1].file_off, 0x1000);
	ck_assert_uint_eq(image.segments[1].file_bytes, 0x800);
	ck_assert_uint_eq(image.segments[1].mem_bytes, 0x3000);
	ck_assert_uint_eq(image.segments[1].index, 1);
	ck_assert_int_eq(
	    image.segments[1].prot, VMS_PROT_READ | VMS_PROT_WRITE);
	ck_assert_uint_eq(image.entry, 0x400800);
	ck_assert_uint_eq(image.phdr_va, 0x400040);
	ck_assert_uint_eq(image.phnum, PHDRS);
	ck_assert_uint_eq(image.phentsize, 56);
	ck_assert_uint_eq(image.va_start, 0x400000);
	ck_assert_uint_eq(image.va_end, 0x405000);
	ck_assert_uint_eq(image.align, 0x1000);
	ck_assert_int_eq(image.pie, 0);
	ck_assert_int_eq(image.stack_exec, 0);
	ck_assert_str_eq(image.interp, "");
}
END_TEST

START_TEST(test_static_pie_is_pie)
{
	const struct poke pokes[POKES] = { { EH(e_type), ET_DYN },
		{ PH(0, p_align), 0x200000 } };

	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_int_eq(image.pie, 1);
	ck_assert_uint_eq(image.align, 0x200000);
}
END_TEST

START_TEST(test_interpreter_is_named)
{
	const struct poke pokes[POKES] = { { PH(3, p_type), PT_INTERP },
		{ PH(3, p_filesz), 13 } };

	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_str_eq(image.interp, "/lib/ld.so.1");
}
END_TEST

START_TEST(test_executable_stack_is_noticed)
{
	const struct poke pokes[POKES] = { { PH(2, p_flags), PF_X } };

	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_int_eq(image.stack_exec, 1);
}
END_TEST

START_TEST(test_segments_stay_in_the_order_of_their_headers)
{
	Elf64_Phdr first, second;
	unsigned char *at = file + sizeof(Elf64_Ehdr);
	const struct poke none[POKES] = { { 0, 0, 0 } };

	memcpy(&first, at, sizeof(first));
	memcpy(&second, at + sizeof(first), sizeof(second));
	memcpy(at, &second, sizeof(second));
	memcpy(at + sizeof(second), &first, sizeof(first));
	ck_assert_msg(read_poked(none) == 0, "%s", message);
	ck_assert_uint_eq(image.segments[0].va, 0x402000);
	ck_assert_uint_eq(image.segments[1].va, 0x400000);
	ck_assert_uint_eq(image.segments[1].index, 1);
	ck_assert_uint_eq(image.va_start, 0x400000);
	ck_assert_uint_eq(image.va_end, 0x405000);
}
END_TEST

START_TEST(test_segment_without_file_bytes_needs_no_file)
{
	const struct poke pokes[POKES] = { { PH(1, p_filesz), 0 },
		{ PH(1, p_offset), 0x7fff0000000 } };

	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_uint_eq(image.segments[1].file_bytes, 0);
}
END_TEST

START_TEST(test_empty_segment_is_left_out)
{
	const struct poke pokes[POKES] = { { PH(1, p_filesz), 0 },
		{ PH(1, p_memsz), 0 } };

	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_uint_eq(image.count, 1);
}
END_TEST

/* Linux takes them too. */
static const struct {
	const char *name;
	size_t count;
	uint64_t align;
	struct poke pokes[POKES];
} odd[] = {
	{ "one page of the file in two segments", 2, 0x1000,
	    { { PH(0, p_filesz), 0x1010 }, { PH(0, p_memsz), 0x1010 },
		{ PH(1, p_offset), 0x1010 }, { PH(1, p_vaddr), 0x401010 },
		{ PH(1, p_align), 0x10 } } },
	{ "one page from two places", 2, 0x1000,
	    { { PH(0, p_filesz), 0x1010 }, { PH(0, p_memsz), 0x1010 },
		{ PH(1, p_vaddr), 0x401020 }, { PH(1, p_offset), 0x20 },
		{ PH(1, p_align), 0x10 } } },
	{ "overlap", 2, 0x1000, { { PH(1, p_vaddr), 0x400000 } } },
	{ "alignment 3", 2, 0x1000, { { PH(0, p_align), 3 } } },
	{ "alignment broken", 2, 0x200000, { { PH(1, p_align), 0x200000 } } },
	{ "entry in data", 2, 0x1000, { { EH(e_entry), 0x402000 } } },
	{ "entry nowhere", 2, 0x1000, { { EH(e_entry), 0 } } },
	{ "last page", 2, 0x1000, { { PH(1, p_vaddr), 0x7fffffffc000 } } },
	{ "notes beyond the file", 2, 0x1000,
	    { { PH(3, p_offset), UINT64_MAX } } },
	{ "notes without end", 2, 0x1000, { { PH(3, p_filesz), UINT64_MAX } } },
};

START_TEST(test_what_linux_takes_is_read)
{
	ck_assert_msg(
	    read_poked(odd[_i].pokes) == 0, "%s: %s", odd[_i].name, message);
	ck_assert_msg(image.count == odd[_i].count, "%s", odd[_i].name);
	ck_assert_msg(image.align == odd[_i].align, "%s", odd[_i].name);
}
END_TEST

START_TEST(test_first_interpreter_counts)
{
	const struct poke pokes[POKES] = { { PH(3, p_type), PT_INTERP },
		{ PH(3, p_filesz), 13 }, { PH(2, p_type), PT_INTERP },
		{ PH(2, p_offset), 0x1700 }, { PH(2, p_filesz), 3 } };

	memcpy(file + 0x1700, "/x", 3);
	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_str_eq(image.interp, "/x");
}
END_TEST

START_TEST(test_interpreter_may_have_a_long_name)
{
	const struct poke pokes[POKES] = { { PH(3, p_type), PT_INTERP },
		{ PH(3, p_offset), 0x1000 }, { PH(3, p_filesz), 0x1000 } };

	memset(file + 0x1000, 'i', 0xfff);
	file[0x1fff] = 0;
	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_uint_eq(strlen(image.interp), 0xfff);
}
END_TEST

/* Writes a note at off; returns the offset after it. */
static size_t
note_put(size_t off, const char *owner, uint32_t type, uint32_t word)
{
	uint32_t head[3] = { (uint32_t)strlen(owner) + 1, 4, type };

	memcpy(file + off, head, sizeof(head));
	off += sizeof(head);
	memcpy(file + off, owner, head[0]);
	off += (head[0] + 3) & ~3U;
	memcpy(file + off, &word, 4);
	return off + 4;
}

/* name NULL: it is read. */
static const struct {
	const char *owner;
	uint32_t type, word;
	const char *name;
} brands[] = {
	{ "GNU", 1, 0, NULL },
	{ "GNU", 3, 1, NULL },
	{ "Go", 4, 1, NULL },
	{ "FreeBSD", 2, 1, NULL },
	{ "GNU", 1, 77, NULL },
	{ "FreeBSD", 1, 1300000, "FreeBSD" },
	{ "DragonFly", 1, 600400, "DragonFly" },
	{ "NetBSD", 1, 1, "NetBSD" },
	{ "OpenBSD", 1, 0, "OpenBSD" },
	{ "GNU", 1, 1, "GNU Hurd" },
	{ "GNU", 1, 3, "kFreeBSD" },
};

START_TEST(test_notes_say_whose_program_it_is)
{
	size_t end = note_put(0x1800, "GNU", 3, 0x12345678);
	char expected[64];
	int error;

	end = note_put(end, brands[_i].owner, brands[_i].type, brands[_i].word);
	error = read_poked(
	    (struct poke[POKES]){ { PH(3, p_filesz), end - 0x1800 } });
	if (brands[_i].name == NULL) {
		ck_assert_msg(error == 0, "%s", message);
		return;
	}
	snprintf(expected, sizeof(expected),
	    "is a program for %s (a note says so)", brands[_i].name);
	ck_assert_int_eq(error, ENOEXEC);
	ck_assert_msg(
	    strstr(message, expected) != NULL, "%s: %s", expected, message);
}
END_TEST

START_TEST(test_headers_outside_segments_have_no_address)
{
	const struct poke pokes[POKES] = { { EH(e_phoff), 0x1900 },
		{ PH(0, p_type), 0 } };

	memcpy(file + 0x1900, file + sizeof(Elf64_Ehdr),
	    PHDRS * sizeof(Elf64_Phdr));
	ck_assert_msg(read_poked(pokes) == 0, "%s", message);
	ck_assert_uint_eq(image.phdr_va, 0);
}
END_TEST

static const struct {
	const char *name;
	const char *expected; /* part of the sentence */
	struct poke pokes[POKES];
} bad[] = {
	{ "script", "is a script (#!)", { { 0, 4, 0x622f2123 } } },
	{ "text", "not an ELF file (its first bytes are 74 65 78 74)",
	    { { 0, 4, 0x74786574 } } },
	{ "class 32", "32-bit", { { ID(EI_CLASS), ELFCLASS32 } } },
	{ "class 9", "unknown ELF class 9", { { ID(EI_CLASS), 9 } } },
	{ "big-endian", "big-endian", { { ID(EI_DATA), ELFDATA2MSB } } },
	{ "byte order 7", "unknown byte order 7", { { ID(EI_DATA), 7 } } },
	{ "version 2", "unknown ELF version 2", { { ID(EI_VERSION), 2 } } },
	{ "FreeBSD", "FreeBSD or DragonFly (OS ABI 9)",
	    { { ID(EI_OSABI), 9 } } },
	{ "NetBSD", "NetBSD", { { ID(EI_OSABI), 2 } } },
	{ "OS ABI 77", "unknown OS ABI 77", { { ID(EI_OSABI), 77 } } },
	{ "AArch64", "AArch64 (ELF machine 183)",
	    { { EH(e_machine), EM_AARCH64 } } },
	{ "RISC-V", "RISC-V", { { EH(e_machine), 243 } } },
	{ "machine 9999", "an unknown machine (ELF machine 9999)",
	    { { EH(e_machine), 9999 } } },
	{ "relocatable", "relocatable object", { { EH(e_type), ET_REL } } },
	{ "core", "core dump", { { EH(e_type), ET_CORE } } },
	{ "type 0x1234", "ELF type 0x1234", { { EH(e_type), 0x1234 } } },
	{ "no headers", "no program headers", { { EH(e_phnum), 0 } } },
	{ "header size", "program headers of 0x20 bytes; they have 0x38",
	    { { EH(e_phentsize), 32 } } },
	{ "headers beyond the file",
	    "4 program headers at offset 0x1fff need 0xe0 bytes, the file has "
	    "0x2000",
	    { { EH(e_phoff), 0x1fff } } },
	{ "headers wrap", "is truncated", { { EH(e_phoff), UINT64_MAX } } },
	{ "many headers", "has 74 program headers, Linux takes at most 73",
	    { { EH(e_phnum), 74 } } },
	{ "headers without end", "has 65535 program headers",
	    { { EH(e_phnum), 0xffff } } },
	{ "headers to the end", "is truncated",
	    { { EH(e_phnum), 73 }, { EH(e_phoff), 0x2000 - 73 * 56 + 1 } } },
	{ "segment beyond the file",
	    "segment 1 takes 0x1001 bytes from offset 0x1000, the file has "
	    "0x2000",
	    { { PH(1, p_filesz), 0x1001 } } },
	{ "segment's offset wraps", "truncated: segment 1",
	    { { PH(1, p_offset), UINT64_MAX - 0xfff },
		{ PH(1, p_filesz), 0x1000 } } },
	{ "segment's offset is negative", "truncated: segment 1",
	    { { PH(1, p_offset), UINT64_MAX - 0x1fff } } },
	{ "more in the file",
	    "segment 0 has more bytes in the file (0x1000) than in memory "
	    "(0xfff)",
	    { { PH(0, p_memsz), 0xfff } } },
	{ "address wraps", "segment 1 at 0xfffffffffffff000",
	    { { PH(1, p_vaddr), UINT64_MAX - 0xfff } } },
	{ "address of a kernel",
	    "goes beyond user space, which ends at "
	    "0x7ffffffff000",
	    { { PH(1, p_vaddr), 0xffff800000000000 } } },
	{ "last page", "goes beyond user space",
	    { { PH(1, p_vaddr), 0x7fffffffd000 } } },
	{ "absurd size", "goes beyond user space",
	    { { PH(1, p_memsz), UINT64_MAX - 0xfff } } },
	{ "size wraps", "goes beyond user space",
	    { { PH(1, p_memsz), UINT64_MAX - 0x402000 + 2 } } },
	{ "page broken", "differ within their page",
	    { { PH(1, p_vaddr), 0x402008 }, { PH(1, p_align), 8 } } },
	{ "nothing to load", "has no segment to load among its 4 program",
	    { { PH(0, p_type), PT_NOTE }, { PH(1, p_type), PT_NOTE } } },
	{ "entry of a kernel",
	    "starts at 0xffff800000000000, beyond user space, which ends at "
	    "0x7ffffffff000",
	    { { EH(e_entry), 0xffff800000000000 } } },
	{ "interpreter beyond the file", "interpreter's name (segment 3) takes",
	    { { PH(3, p_type), PT_INTERP }, { PH(3, p_offset), 0x1ff8 } } },
	{ "interpreter without end", "does not end where it should",
	    { { PH(3, p_type), PT_INTERP }, { PH(3, p_filesz), 5 } } },
	{ "interpreter too long", "of 0x1001 bytes; 0x2 to 0x1000 are possible",
	    { { PH(3, p_type), PT_INTERP }, { PH(3, p_offset), 0x800 },
		{ PH(3, p_filesz), 0x1001 } } },
	{ "interpreter without name", "does not end where it should",
	    { { PH(3, p_type), PT_INTERP }, { PH(3, p_offset), 0x1900 } } },
	{ "interpreter empty", "of 0x1 bytes",
	    { { PH(3, p_type), PT_INTERP }, { PH(3, p_filesz), 1 } } },
};

/* The sentence begins with the name, is one line, and nothing is written. */
static void
refusal_check(const char *row, int error, const char *expected)
{
	ck_assert_msg(error == ENOEXEC, "%s: error %d", row, error);
	ck_assert_msg(strncmp(message, "guest: ", 7) == 0 &&
			  strchr(message, '\n') == NULL,
	    "%s: %s", row, message);
	ck_assert_msg(
	    strstr(message, expected) != NULL, "%s: %s", row, message);
	ck_assert_uint_eq(image.phnum, 0xeeeeeeee);
}

START_TEST(test_malformed_file_is_refused)
{
	refusal_check(
	    bad[_i].name, read_poked(bad[_i].pokes), bad[_i].expected);
}
END_TEST

START_TEST(test_short_files_are_refused)
{
	refusal_check("empty", read_bytes(file, 0), "is empty");
	refusal_check("1 byte", read_bytes(file, 1), "not an ELF file");
	refusal_check("4 bytes", read_bytes(file, 4), "too short");
	refusal_check("63 bytes", read_bytes(file, 63),
	    "it has 0x3f bytes, the header needs 0x40");
	refusal_check("64 bytes", read_bytes(file, 64), "is truncated");
}
END_TEST

START_TEST(test_every_truncation_is_refused)
{
	/* The last bytes that a segment needs end at 0x1800. */
	for (size_t len = 0; len < 0x1800; len += 7)
		ck_assert_int_eq(read_bytes(file, len), ENOEXEC);
	ck_assert_int_eq(read_bytes(file, 0x1800), 0);
}
END_TEST

START_TEST(test_as_many_segments_as_headers_are_read)
{
	const Elf64_Phdr one = { .p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_memsz = 0x1000,
		.p_align = 0x1000 };
	const struct poke count[POKES] = { { EH(e_phnum), ELF_MAX_HEADERS } };

	for (size_t i = 0; i < ELF_MAX_HEADERS; i++) {
		Elf64_Phdr phdr = one;

		phdr.p_vaddr = 0x400000 + 0x1000 * i;
		memcpy(file + sizeof(Elf64_Ehdr) + i * sizeof(phdr), &phdr,
		    sizeof(phdr));
	}
	ck_assert_msg(read_poked(count) == 0, "%s", message);
	ck_assert_uint_eq(image.count, ELF_MAX_HEADERS);
	ck_assert_uint_eq(image.va_end, 0x400000 + 0x1000 * ELF_MAX_HEADERS);
}
END_TEST

START_TEST(test_directory_and_pipe_are_no_programs)
{
	int fd = open("/", O_RDONLY);
	int ends[2];

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(
	    elf_read(fd, "guest", &image, message, sizeof(message)), EACCES);
	ck_assert_str_eq(message, "guest: is not a regular file");
	close(fd);
	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(
	    elf_read(ends[0], "guest", &image, message, sizeof(message)),
	    EACCES);
	close(ends[0]);
	close(ends[1]);
}
END_TEST

START_TEST(test_bad_descriptor_is_the_hosts_error)
{
	ck_assert_int_eq(
	    elf_read(-1, "guest", &image, message, sizeof(message)), EBADF);
	ck_assert_ptr_nonnull(strstr(message, "cannot be examined"));
}
END_TEST

START_TEST(test_message_is_cut_to_its_buffer)
{
	int fd = temporary_file(file, 0);
	char small[12];

	ck_assert_int_eq(
	    elf_read(fd, "guest", &image, small, sizeof(small)), ENOEXEC);
	ck_assert_str_eq(small, "guest: is e");
	ck_assert_int_eq(elf_read(fd, "guest", &image, NULL, 0), ENOEXEC);
	close(fd);
}
END_TEST

START_TEST(test_name_cannot_drive_the_terminal)
{
	int fd = temporary_file(file, 0);

	elf_read(fd, "a\033[2J\nb", &image, message, sizeof(message));
	ck_assert_str_eq(message, "a?[2J?b: is empty, not an ELF program");
	close(fd);
}
END_TEST

/* xorshift64: the same bytes on every host. */
static uint64_t
random_next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

START_TEST(test_changed_bytes_never_crash)
{
	uint64_t state = 88172645463325252;

	for (int round = 0; round < 3000; round++) {
		int error;

		setup();
		for (uint64_t n = random_next(&state) % 6 + 1; n > 0; n--)
			file[random_next(&state) % 0x120] =
			    (unsigned char)random_next(&state);
		error = read_bytes(file, sizeof(file));
		ck_assert(error == 0 || error == ENOEXEC);
		ck_assert((error == 0) == (message[0] == '\0'));
	}
}
END_TEST

static TCase *
reading_cases(void)
{
	TCase *tc = tcase_create("reading");

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, test_good_file_is_described);
	tcase_add_test(tc, test_static_pie_is_pie);
	tcase_add_test(tc, test_interpreter_is_named);
	tcase_add_test(tc, test_executable_stack_is_noticed);
	tcase_add_test(tc, test_segments_stay_in_the_order_of_their_headers);
	tcase_add_loop_test(
	    tc, test_what_linux_takes_is_read, 0, sizeof(odd) / sizeof(odd[0]));
	tcase_add_test(tc, test_as_many_segments_as_headers_are_read);
	tcase_add_test(tc, test_first_interpreter_counts);
	tcase_add_test(tc, test_interpreter_may_have_a_long_name);
	tcase_add_loop_test(tc, test_notes_say_whose_program_it_is, 0,
	    sizeof(brands) / sizeof(brands[0]));
	tcase_add_test(tc, test_segment_without_file_bytes_needs_no_file);
	tcase_add_test(tc, test_empty_segment_is_left_out);
	tcase_add_test(tc, test_headers_outside_segments_have_no_address);
	return tc;
}

static TCase *
refusal_cases(void)
{
	TCase *tc = tcase_create("refusing");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_malformed_file_is_refused, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, test_short_files_are_refused);
	tcase_add_test(tc, test_every_truncation_is_refused);
	tcase_add_test(tc, test_directory_and_pipe_are_no_programs);
	tcase_add_test(tc, test_bad_descriptor_is_the_hosts_error);
	tcase_add_test(tc, test_message_is_cut_to_its_buffer);
	tcase_add_test(tc, test_name_cannot_drive_the_terminal);
	tcase_add_test(tc, test_changed_bytes_never_crash);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("elf");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, reading_cases());
	suite_add_tcase(suite, refusal_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
