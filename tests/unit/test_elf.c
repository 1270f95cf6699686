/* SPDX-License-Identifier: BSD-2-Clause */
/* The reader of ELF files: what it says of those that Linux takes. */
#include <check.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vmspace/vmspace.h>

#include "tests/unit/elf_fixture.h"

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

START_TEST(test_note_that_is_cut_says_nothing)
{
	size_t end = note_put(0x1800, "FreeBSD", 1, 1300000);

	ck_assert_msg(read_poked((struct poke[POKES]){
			  { PH(3, p_filesz), end - 0x1800 - 1 } }) == 0,
	    "%s", message);
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

START_TEST(test_128_segments_are_read)
{
	ck_assert_msg(read_segments(128) == 0, "%s", message);
	ck_assert_uint_eq(image.count, 128);
	ck_assert_uint_eq(image.va_end, 0x400000 + 128 * 0x1000);
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
	tcase_add_test(tc, test_128_segments_are_read);
	tcase_add_test(tc, test_first_interpreter_counts);
	tcase_add_test(tc, test_interpreter_may_have_a_long_name);
	tcase_add_loop_test(tc, test_notes_say_whose_program_it_is, 0,
	    sizeof(brands) / sizeof(brands[0]));
	tcase_add_test(tc, test_segment_without_file_bytes_needs_no_file);
	tcase_add_test(tc, test_empty_segment_is_left_out);
	tcase_add_test(tc, test_note_that_is_cut_says_nothing);
	tcase_add_test(tc, test_headers_outside_segments_have_no_address);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("elf");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, reading_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
