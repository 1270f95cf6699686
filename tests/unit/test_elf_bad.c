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

#include "tests/unit/elf_fixture.h"

static const struct {
	const char *name;
	const char *expected; /* part of the sentence */
	struct poke pokes[POKES];
} bad[] = {
	{ "script", "is a script (#!)", { { 0, 4, 0x622f2123 } } },
	{ "text", "is not an ELF file but text without #!",
	    { { 0, 4, 0x74786574 } } },
	{ "other bytes", "not an ELF file (its first bytes are 01 78 65 74)",
	    { { 0, 4, 0x74657801 } } },
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
	{ "many headers", "has 1171 program headers, Linux takes at most 1170",
	    { { EH(e_phnum), 1171 } } },
	{ "headers without end", "has 65535 program headers",
	    { { EH(e_phnum), 0xffff } } },
	{ "headers to the end", "is truncated",
	    { { EH(e_phnum), 73 }, { EH(e_phoff), 0x2001 - 73 * 56 } } },
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

START_TEST(test_more_segments_are_refused)
{
	refusal_check("129 segments", read_segments(129),
	    "has more than 128 segments to load");
}
END_TEST

START_TEST(test_interpreter_without_name_is_eacces)
{
	const struct poke pokes[POKES] = { { PH(3, p_type), PT_INTERP },
		{ PH(3, p_offset), 0x1900 } };

	ck_assert_int_eq(read_poked(pokes), EACCES);
	ck_assert_str_eq(
	    message, "guest: has an interpreter without a name (segment 3)");
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
refusal_cases(void)
{
	TCase *tc = tcase_create("refusing");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_loop_test(tc, test_malformed_file_is_refused, 0,
	    (int)(sizeof(bad) / sizeof(bad[0])));
	tcase_add_test(tc, test_short_files_are_refused);
	tcase_add_test(tc, test_every_truncation_is_refused);
	tcase_add_test(tc, test_more_segments_are_refused);
	tcase_add_test(tc, test_interpreter_without_name_is_eacces);
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
	Suite *suite = suite_create("elf_bad");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, refusal_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
