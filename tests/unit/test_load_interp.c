/* SPDX-License-Identifier: BSD-2-Clause */
/* Programs that ask for an interpreter. */
#include <check.h>
#include <errno.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/load_fixture.h"

/* An interpreter of one segment at va with one page of the file and one of
 * zeros, in interp_file; bytes: how many of it there are. */
static void
interp_write(unsigned type, uint64_t va, uint64_t align, size_t bytes)
{
	const Elf64_Ehdr ehdr = { .e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS64,
				      ELFDATA2LSB, EV_CURRENT },
		.e_type = (Elf64_Half)type,
		.e_machine = EM_X86_64,
		.e_version = EV_CURRENT,
		.e_entry = va + 0x200,
		.e_phoff = sizeof(ehdr),
		.e_ehsize = sizeof(ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 1 };
	const Elf64_Phdr phdr = { .p_type = PT_LOAD,
		.p_flags = PF_R | PF_X,
		.p_vaddr = va,
		.p_filesz = 0x1000,
		.p_memsz = 0x2000,
		.p_align = align };
	unsigned char page[0x1000] = { 0 };

	memcpy(page, &ehdr, sizeof(ehdr));
	memcpy(page + sizeof(ehdr), &phdr, sizeof(phdr));
	ck_assert_uint_eq(fwrite(page, 1, bytes, interp_file), bytes);
	ck_assert_int_eq(fflush(interp_file), 0);
}

static struct elf_image
dynamic_image(void)
{
	struct elf_image image = pie_image(0x1000);

	strcpy(image.interp, "/lib64/ld-linux-x86-64.so.2");
	return image;
}

START_TEST(test_interpreter_gets_control)
{
	struct elf_image image = dynamic_image();
	const uint64_t base = MMAP_BASE - 0x2000;
	uint64_t auxv;

	interp_write(ET_DYN, 0, 0x1000, 0x1000);
	ck_assert_msg(load(&image, &base_info) == 0, "%s", message);
	ck_assert_str_eq(interp_path, "/lib64/ld-linux-x86-64.so.2");
	ck_assert_uint_eq(result.interp_bias, base);
	ck_assert_uint_eq(result.entry, base + 0x200);
	ck_assert_uint_eq(result.bias, PIE_VA);
	ck_assert_uint_eq(result.brk, PIE_VA + 0x5000);
	ck_assert_int_eq(memcmp(at(base, 4), "\177ELF", 4), 0);
	ck_assert(all_bytes_are(base + 0x1000, 0x1000, 0));
	ck_assert_int_eq(memcmp(at(PIE_VA, 0x1400), file, 0x1400), 0);
	auxv = strings_check(strings_check(result.sp + 8, some_args), some_env);
	ck_assert_uint_eq(aux_value(auxv, 7), base);
	ck_assert_uint_eq(aux_value(auxv, 9), PIE_VA + 0x100);
	ck_assert_uint_eq(aux_value(auxv, 3), PIE_VA + 0x40);
}
END_TEST

START_TEST(test_interpreter_may_be_linked_to_a_place)
{
	struct elf_image image = dynamic_image();

	interp_write(ET_EXEC, EXEC_VA, 0x1000, 0x1000);
	ck_assert_msg(load(&image, &base_info) == 0, "%s", message);
	ck_assert_uint_eq(result.interp_bias, 0);
	ck_assert_uint_eq(result.entry, EXEC_VA + 0x200);
}
END_TEST

START_TEST(test_interpreter_has_its_alignment)
{
	struct elf_image image = dynamic_image();
	struct load_info info = base_info;

	info.bases.mmap_base = MMAP_BASE - 0x1000;
	interp_write(ET_DYN, 0, 0x10000, 0x1000);
	ck_assert_int_eq(load(&image, &info), 0);
	ck_assert_uint_eq(result.interp_bias, MMAP_BASE - 0x10000);
}
END_TEST

START_TEST(test_interpreter_avoids_the_program)
{
	struct elf_image image = dynamic_image();
	struct load_info info = base_info;

	info.bases.mmap_base = PIE_VA + 0x106000;
	info.bases.pie_base = PIE_VA + 0x100000;
	interp_write(ET_DYN, 0, 0x1000, 0x1000);
	ck_assert_int_eq(load(&image, &info), 0);
	ck_assert_uint_eq(result.interp_bias, PIE_VA + 0x100000 - 0x2000);
}
END_TEST

START_TEST(test_interpreter_without_a_place_is_enomem)
{
	struct elf_image image = dynamic_image();
	struct load_info info = base_info;

	info.bases.mmap_base = 0x11000;
	interp_write(ET_DYN, 0, 0x1000, 0x1000);
	ck_assert_int_eq(load(&image, &info), ENOMEM);
	ck_assert_ptr_nonnull(
	    strstr(message, "finds no place beside the program"));
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(test_interpreter_over_the_program_is_enomem)
{
	struct elf_image image = dynamic_image();

	interp_write(ET_EXEC, PIE_VA + 0x4000, 0x1000, 0x1000);
	ck_assert_int_eq(load(&image, &base_info), ENOMEM);
	ck_assert_int_eq(calls, 0);
}
END_TEST

START_TEST(test_interpreter_that_is_none_is_elibbad)
{
	struct elf_image image = dynamic_image();

	interp_write(ET_DYN, 0, 0x1000, 0x80);
	ck_assert_int_eq(load(&image, &base_info), LOAD_ELIBBAD);
	ck_assert_ptr_nonnull(strstr(message,
	    "./guest: its interpreter /lib64/ld-linux-x86-64.so.2: is "
	    "truncated: segment 0"));
	ck_assert_int_eq(calls, 0);
	ck_assert_uint_eq(result.sp, UINT64_C(0xeeeeeeeeeeeeeeee));
}
END_TEST

START_TEST(test_interpreter_without_header_is_eio)
{
	struct elf_image image = dynamic_image();

	interp_write(ET_DYN, 0, 0x1000, 0x3f);
	ck_assert_int_eq(load(&image, &base_info), EIO);
	ck_assert_ptr_nonnull(strstr(message, "too short for an ELF header"));
}
END_TEST

START_TEST(test_error_of_open_interp_is_passed_on)
{
	static const int errors[] = { ENOENT, EACCES, ELOOP };
	struct elf_image image = dynamic_image();

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		char expected[256];

		fail_open = errors[i];
		snprintf(expected, sizeof(expected),
		    "./guest: its interpreter /lib64/ld-linux-x86-64.so.2 "
		    "cannot be opened: %s",
		    strerror(errors[i]));
		ck_assert_int_eq(load(&image, &base_info), errors[i]);
		ck_assert_str_eq(message, expected);
		ck_assert_int_eq(calls, 0);
	}
}
END_TEST

START_TEST(test_target_without_open_has_no_interpreters)
{
	struct load_target no_open = target;
	struct elf_image image = dynamic_image();

	no_open.open_interp = NULL;
	ck_assert_int_eq(load_program(&no_open, file_fd, &image, &base_info,
			     &result, message, sizeof(message)),
	    ENOENT);
}
END_TEST

static TCase *
interp_cases(void)
{
	TCase *tc = tcase_create("interpreter");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_interpreter_gets_control);
	tcase_add_test(tc, test_interpreter_may_be_linked_to_a_place);
	tcase_add_test(tc, test_interpreter_has_its_alignment);
	tcase_add_test(tc, test_interpreter_avoids_the_program);
	tcase_add_test(tc, test_interpreter_without_a_place_is_enomem);
	tcase_add_test(tc, test_interpreter_over_the_program_is_enomem);
	tcase_add_test(tc, test_interpreter_that_is_none_is_elibbad);
	tcase_add_test(tc, test_interpreter_without_header_is_eio);
	tcase_add_test(tc, test_error_of_open_interp_is_passed_on);
	tcase_add_test(tc, test_target_without_open_has_no_interpreters);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("load_interp");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, interp_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
