/* SPDX-License-Identifier: BSD-2-Clause */
/* The first stack of a program, and how much may be on it. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/load_fixture.h"

static const struct {
	uint64_t tag, value;
} fixed_aux[] = {
	{ 3, EXEC_VA + 0x40 },  /* AT_PHDR */
	{ 4, 56 },              /* AT_PHENT */
	{ 5, 4 },               /* AT_PHNUM */
	{ 6, 4096 },            /* AT_PAGESZ */
	{ 7, 0 },               /* AT_BASE */
	{ 8, 0 },               /* AT_FLAGS */
	{ 9, EXEC_VA + 0x100 }, /* AT_ENTRY */
	{ 11, 1000 },           /* AT_UID */
	{ 12, 1001 },           /* AT_EUID */
	{ 13, 1002 },           /* AT_GID */
	{ 14, 1003 },           /* AT_EGID */
	{ 16, 0x178bfbff },     /* AT_HWCAP */
	{ 17, 100 },            /* AT_CLKTCK */
	{ 23, 1 },              /* AT_SECURE */
	{ 26, 2 },              /* AT_HWCAP2 */
	{ 51, 1040 },           /* AT_MINSIGSTKSZ */
};

START_TEST(test_stack_is_that_of_the_abi)
{
	uint64_t va, auxv;

	ck_assert_int_eq(load(&base_image, &base_info), 0);
	ck_assert_uint_eq(result.sp % 16, 0);
	ck_assert_uint_eq(word_at(result.sp), 3);
	va = strings_check(result.sp + 8, some_args);
	auxv = strings_check(va, some_env);
	for (size_t i = 0; i < sizeof(fixed_aux) / sizeof(fixed_aux[0]); i++)
		ck_assert_uint_eq(
		    aux_value(auxv, fixed_aux[i].tag), fixed_aux[i].value);
	ck_assert_int_eq(
	    memcmp(at(aux_value(auxv, 25), 16), base_info.random, 16), 0);
	ck_assert_str_eq(at(aux_value(auxv, 31), 8), "./guest");
	ck_assert_str_eq(at(aux_value(auxv, 15), 7), "x86_64");
	ck_assert_uint_eq(word_at(STACK_END - 8), 0);
	ck_assert_str_eq(at(STACK_END - 16, 8), "./guest");
}
END_TEST

/* create_elf_tables() of Linux 6.1; no vDSO, no rseq. */
START_TEST(test_auxv_has_the_order_of_linux)
{
	static const uint64_t tags[] = { 51, 16, 6, 17, 3, 4, 5, 7, 8, 9, 11,
		12, 13, 14, 23, 25, 26, 31, 15, 0 };
	struct load_info info = base_info;
	uint64_t auxv;

	for (size_t from = 0; from < 2; from++) {
		info.minsigstksz = from == 0 ? 1040 : 0;
		ck_assert_int_eq(load(&base_image, &info), 0);
		auxv = strings_check(
		    strings_check(result.sp + 8, some_args), some_env);
		ck_assert_uint_eq(result.auxv_start, auxv);
		for (size_t i = from; i < sizeof(tags) / sizeof(tags[0]); i++) {
			ck_assert_uint_eq(word_at(auxv), tags[i]);
			auxv += 16;
		}
		ck_assert_uint_eq(result.auxv_end, auxv);
		ck_assert_uint_eq(result.sp % 16, 0);
	}
}
END_TEST

START_TEST(test_result_names_the_strings)
{
	ck_assert_int_eq(load(&base_image, &base_info), 0);
	ck_assert_uint_eq(result.arg_end - result.arg_start, 17);
	ck_assert_int_eq(
	    memcmp(at(result.arg_start, 17), "guest\0\0two words", 17), 0);
	ck_assert_uint_eq(result.env_start, result.arg_end);
	ck_assert_uint_eq(result.env_end - result.env_start, 26);
	ck_assert_int_eq(
	    memcmp(at(result.env_start, 26), "A=1\0LONG=0123456789abcdef", 26),
	    0);
	ck_assert_uint_eq(result.env_end, STACK_END - 16);
}
END_TEST

START_TEST(test_same_ids_are_not_secure)
{
	struct load_info info = base_info;
	uint64_t auxv;

	info.euid = info.uid;
	for (int differ = 1; differ >= 0; differ--) {
		info.egid = info.gid + (unsigned)differ;
		ck_assert_int_eq(load(&base_image, &info), 0);
		auxv = strings_check(
		    strings_check(result.sp + 8, some_args), some_env);
		ck_assert_uint_eq(aux_value(auxv, 23), (unsigned)differ);
	}
}
END_TEST

START_TEST(test_headers_outside_memory_have_no_address)
{
	struct elf_image image = base_image;
	uint64_t auxv;

	image.phdr_va = 0;
	ck_assert_int_eq(load(&image, &base_info), 0);
	auxv = strings_check(strings_check(result.sp + 8, some_args), some_env);
	ck_assert_uint_eq(aux_value(auxv, 3), 0);
}
END_TEST

/* _i arguments of _i bytes: every rest modulo 16 is met. */
START_TEST(test_stack_is_aligned_for_every_argc)
{
	static const char x[] = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";
	const char *args[40] = { NULL };
	struct load_info info = base_info;

	for (int i = 0; i < _i; i++)
		args[i] = x + sizeof(x) - 1 - _i % 20;
	info.argv = args;
	info.envp = no_strings;
	ck_assert_int_eq(load(&base_image, &info), 0);
	ck_assert_uint_eq(result.sp % 16, 0);
	ck_assert_uint_eq(word_at(result.sp), (unsigned)_i);
	strings_check(strings_check(result.sp + 8, args), no_strings);
}
END_TEST

/* No argument: Linux since 5.18 gives an empty one. */
START_TEST(test_no_argument_becomes_an_empty_one)
{
	static const char *const one_empty[] = { "", NULL };
	struct load_info info = base_info;

	info.argv = no_strings;
	ck_assert_int_eq(load(&base_image, &info), 0);
	ck_assert_uint_eq(word_at(result.sp), 1);
	strings_check(strings_check(result.sp + 8, one_empty), some_env);
}
END_TEST

/* Arguments that with their pointers and "./guest" have all bytes of room. */
static int
load_filled(uint64_t room, uint64_t stack_bytes, uint64_t more)
{
	enum { MOST = 64 };
	static char text[LOAD_STRING_MAX];
	const char *args[MOST + 1] = { NULL };
	struct load_info info = base_info;
	uint64_t left = room - 8 + more;

	memset(text, 'w', sizeof(text) - 1);
	for (int i = 0; i < MOST && left > 0; i++) {
		uint64_t bytes =
		    left - 8 < sizeof(text) ? left - 8 : sizeof(text);

		if (left - 8 - bytes > 0 && left - 8 - bytes < 16)
			bytes -= 16;
		args[i] = text + sizeof(text) - bytes;
		left -= bytes + 8;
	}
	info.argv = args;
	info.envp = no_strings;
	info.stack_bytes = stack_bytes;
	return load(&base_image, &info);
}

static const struct {
	uint64_t stack_bytes, room;
} rooms[] = {
	{ 4 * STRINGS, STRINGS },
	{ 0x1000, 0x20000 },
	{ 4 * UINT64_C(0x1f0000), 0x1f0000 },
};

START_TEST(test_strings_fill_a_quarter_of_the_stack)
{
	const uint64_t room = rooms[_i].room, stack = rooms[_i].stack_bytes;
	char expected[64];

	ck_assert_int_eq(load_filled(room, stack, 0), 0);
	ck_assert_int_eq(load_filled(room, stack, 1), E2BIG);
	snprintf(expected, sizeof(expected), "it must fit 0x%llx bytes, each",
	    (unsigned long long)room);
	ck_assert_msg(strstr(message, expected) != NULL, "%s", message);
}
END_TEST

START_TEST(test_strings_have_at_most_six_mebibytes)
{
	ck_assert_int_eq(load_filled(6 << 20, UINT64_MAX, 1), E2BIG);
	ck_assert_ptr_nonnull(strstr(message, "fit 0x600000 bytes"));
}
END_TEST

START_TEST(test_too_long_string_is_e2big)
{
	char *word = calloc(1, LOAD_STRING_MAX + 1);
	const char *strings[] = { word, NULL };
	struct load_info info = base_info;

	ck_assert_ptr_nonnull(word);
	memset(word, 'w', LOAD_STRING_MAX - 1);
	info.argv = strings;
	ck_assert_int_eq(load(&base_image, &info), 0);
	word[LOAD_STRING_MAX - 1] = 'w';
	ck_assert_int_eq(load(&base_image, &info), E2BIG);
	ck_assert_ptr_nonnull(strstr(message, "each string 0x20000"));
	info.argv = some_args;
	info.envp = strings;
	ck_assert_int_eq(load(&base_image, &info), E2BIG);
	free(word);
}
END_TEST

START_TEST(test_too_many_arguments_are_e2big)
{
	enum { COUNT = STRINGS / 8 };
	static const char *args[COUNT + 1];
	struct load_info info = base_info;

	for (int i = 0; i < COUNT; i++)
		args[i] = "";
	info.argv = args;
	ck_assert_int_eq(load(&base_image, &info), E2BIG);
}
END_TEST

static TCase *
stack_cases(void)
{
	TCase *tc = tcase_create("stack");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_stack_is_that_of_the_abi);
	tcase_add_test(tc, test_auxv_has_the_order_of_linux);
	tcase_add_test(tc, test_result_names_the_strings);
	tcase_add_test(tc, test_same_ids_are_not_secure);
	tcase_add_test(tc, test_headers_outside_memory_have_no_address);
	tcase_add_loop_test(tc, test_stack_is_aligned_for_every_argc, 1, 33);
	tcase_add_test(tc, test_no_argument_becomes_an_empty_one);
	tcase_add_loop_test(tc, test_strings_fill_a_quarter_of_the_stack, 0,
	    sizeof(rooms) / sizeof(rooms[0]));
	tcase_add_test(tc, test_strings_have_at_most_six_mebibytes);
	tcase_add_test(tc, test_too_long_string_is_e2big);
	tcase_add_test(tc, test_too_many_arguments_are_e2big);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("load_stack");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, stack_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
