/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments, put into an address space of windows. */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <vmspace/vmspace.h>

#include "tests/unit/load_fixture.h"

START_TEST(test_segments_hold_the_files_bytes_and_zeros)
{
	ck_assert_msg(load(&base_image, &base_info) == 0, "%s", message);
	ck_assert_int_eq(memcmp(at(EXEC_VA, 0x1400), file, 0x1400), 0);
	/* As on Linux, the rest of a page without .bss is the file's. */
	ck_assert_int_eq(
	    memcmp(at(EXEC_VA + 0x1400, 0xc00), file + 0x1400, 0xc00), 0);
	ck_assert_int_eq(
	    memcmp(at(EXEC_VA + 0x2400, 0x800), file + 0x1400, 0x800), 0);
	ck_assert(all_bytes_are(EXEC_VA + 0x2c00, 0x2400, 0));
	ck_assert(all_bytes_are(EXEC_VA + 0x5000, 0x1000, 0xcc));
}
END_TEST

START_TEST(test_segments_have_their_protections)
{
	const int rx = VMS_PROT_READ | VMS_PROT_EXEC;
	const int rw = VMS_PROT_READ | VMS_PROT_WRITE;
	const int expected[] = { rx, rx, rw, rw, rw, -1 };

	ck_assert_int_eq(load(&base_image, &base_info), 0);
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		ck_assert_int_eq(windows[EXEC].prot[i], expected[i]);
}
END_TEST

START_TEST(test_result_names_entry_and_brk)
{
	ck_assert_int_eq(load(&base_image, &base_info), 0);
	ck_assert_uint_eq(result.entry, EXEC_VA + 0x100);
	ck_assert_uint_eq(result.brk, EXEC_VA + 0x5000);
	ck_assert_uint_eq(result.bias, 0);
}
END_TEST

START_TEST(test_segment_without_file_bytes_is_zero_memory)
{
	struct elf_image image = base_image;

	image.segments[1].file_bytes = 0;
	ck_assert_int_eq(load(&image, &base_info), 0);
	ck_assert(all_bytes_are(EXEC_VA + 0x2000, 0x3000, 0));
}
END_TEST

START_TEST(test_pie_goes_to_its_base)
{
	struct elf_image image = pie_image(0x1000);

	ck_assert_msg(load(&image, &base_info) == 0, "%s", message);
	ck_assert_uint_eq(result.bias, PIE_VA);
	ck_assert_uint_eq(result.entry, PIE_VA + 0x100);
	ck_assert_uint_eq(result.brk, PIE_VA + 0x5000);
	ck_assert_int_eq(memcmp(at(PIE_VA, 0x1400), file, 0x1400), 0);
	ck_assert(all_bytes_are(EXEC_VA, 0x1000, 0xcc));
}
END_TEST

START_TEST(test_pie_goes_down_to_its_alignment)
{
	struct elf_image image = pie_image(0x200000);
	struct load_info info = base_info;

	info.bases.pie_base = PIE_VA + 0x1ff000;
	ck_assert_int_eq(load(&image, &info), 0);
	ck_assert_uint_eq(result.bias, PIE_VA);
}
END_TEST

START_TEST(test_pie_linked_above_its_base_goes_there)
{
	struct elf_image image = base_image;
	struct load_info info = base_info;

	image.pie = 1;
	image.align = 0x1000;
	for (size_t i = 0; i < image.count; i++)
		image.segments[i].va += PIE_VA;
	image.entry += PIE_VA;
	image.va_start += PIE_VA;
	image.va_end += PIE_VA;
	info.bases.pie_base = EXEC_VA;
	ck_assert_msg(load(&image, &info) == 0, "%s", message);
	ck_assert_uint_eq(result.bias, -PIE_VA);
	ck_assert_uint_eq(result.entry, EXEC_VA + 0x100);
}
END_TEST

/* Its bias is negative, and its entry below its segments. */
START_TEST(test_entry_outside_user_space_is_refused)
{
	struct elf_image image = base_image;
	struct load_info info = base_info;

	image.pie = 1;
	image.entry = 0x1000;
	info.bases.pie_base = EXEC_VA / 2;
	ck_assert_int_eq(load(&image, &info), ENOEXEC);
	ck_assert_str_eq(message,
	    "./guest: its entry 0x1000 lies outside user space when it is "
	    "moved by 0xffffffffffe00000");
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(test_pie_without_a_place_is_refused)
{
	static const struct {
		uint64_t base, align;
	} rows[] = { { UINT64_C(0x7fffffffe000), 0x1000 },
		{ PIE_VA, UINT64_C(1) << 47 }, { PIE_VA, UINT64_C(1) << 63 },
		{ 0xffff, 0x1000 } };
	struct load_info info = base_info;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct elf_image image = pie_image(rows[i].align);

		info.bases.pie_base = rows[i].base;
		ck_assert_int_eq(load(&image, &info), ENOEXEC);
		ck_assert_ptr_nonnull(
		    strstr(message, "./guest: does not fit at"));
		ck_assert_int_eq(calls, 0);
	}
}
END_TEST

START_TEST(test_brk_has_its_offset)
{
	struct load_info info = base_info;

	info.bases.brk_offset = 0x1000000;
	ck_assert_int_eq(load(&base_image, &info), 0);
	ck_assert_uint_eq(result.brk, EXEC_VA + 0x1005000);
}
END_TEST

/* The last segment has the page that two share. */
START_TEST(test_later_segment_covers_an_earlier_one)
{
	struct elf_image image = base_image;

	image.segments[1].va = EXEC_VA + 0x1400;
	image.segments[1].file_off = 0x400;
	image.segments[1].mem_bytes = 0x800;
	ck_assert_int_eq(load(&image, &base_info), 0);
	ck_assert_int_eq(memcmp(at(EXEC_VA, 0x1000), file, 0x1000), 0);
	ck_assert_int_eq(memcmp(at(EXEC_VA + 0x1000, 0x1000), file, 0x1000), 0);
	ck_assert_int_eq(windows[EXEC].prot[1], VMS_PROT_READ | VMS_PROT_WRITE);
}
END_TEST

START_TEST(test_zeros_in_the_middle_are_zeros)
{
	struct elf_image image = base_image;

	image.segments[0].file_bytes = 0x400;
	image.segments[0].mem_bytes = 0x2000;
	ck_assert_int_eq(load(&image, &base_info), 0);
	ck_assert_int_eq(memcmp(at(EXEC_VA, 0x400), file, 0x400), 0);
	ck_assert(all_bytes_are(EXEC_VA + 0x400, 0x1c00, 0));
	ck_assert_int_eq(
	    memcmp(at(EXEC_VA + 0x2400, 0x800), file + 0x1400, 0x800), 0);
}
END_TEST

START_TEST(test_segments_in_the_stack_are_refused)
{
	struct elf_image image = base_image;

	image.segments[0].va = image.va_start = STACK_END - 0x8000;
	image.va_end = STACK_END - 0x3000;
	ck_assert_int_eq(load(&image, &base_info), ENOEXEC);
	ck_assert_ptr_nonnull(
	    strstr(message, "./guest: has segments where its stack must be"));
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(test_error_of_map_is_passed_on)
{
	fail_map = ENOMEM;
	ck_assert_int_eq(load(&base_image, &base_info), ENOMEM);
	ck_assert_int_eq(calls, 1);
	ck_assert_ptr_nonnull(strstr(message,
	    "./guest: its segment 0 with 0x1400 bytes cannot be placed at "
	    "0x400000: "));
	ck_assert_uint_eq(result.sp, UINT64_C(0xeeeeeeeeeeeeeeee));
}
END_TEST

START_TEST(test_error_of_write_is_passed_on)
{
	struct elf_image image = base_image;

	fail_write = EFAULT;
	ck_assert_int_eq(load(&image, &base_info), EFAULT);
	ck_assert_ptr_nonnull(strstr(message, "segment 1"));
	image.segments[1].mem_bytes = image.segments[1].file_bytes;
	ck_assert_int_eq(load(&image, &base_info), EFAULT);
	ck_assert_ptr_nonnull(strstr(
	    message, "its first stack cannot be placed below 0x7ffffffff000"));
}
END_TEST

static TCase *
segment_cases(void)
{
	TCase *tc = tcase_create("segments");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_segments_hold_the_files_bytes_and_zeros);
	tcase_add_test(tc, test_segments_have_their_protections);
	tcase_add_test(tc, test_result_names_entry_and_brk);
	tcase_add_test(tc, test_segment_without_file_bytes_is_zero_memory);
	tcase_add_test(tc, test_pie_goes_to_its_base);
	tcase_add_test(tc, test_pie_goes_down_to_its_alignment);
	tcase_add_test(tc, test_pie_linked_above_its_base_goes_there);
	tcase_add_test(tc, test_pie_without_a_place_is_refused);
	tcase_add_test(tc, test_entry_outside_user_space_is_refused);
	tcase_add_test(tc, test_brk_has_its_offset);
	tcase_add_test(tc, test_later_segment_covers_an_earlier_one);
	tcase_add_test(tc, test_zeros_in_the_middle_are_zeros);
	tcase_add_test(tc, test_segments_in_the_stack_are_refused);
	tcase_add_test(tc, test_error_of_map_is_passed_on);
	tcase_add_test(tc, test_error_of_write_is_passed_on);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("load");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, segment_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
