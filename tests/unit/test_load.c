/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments and the first stack, put into an address space of three windows. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vmspace/vmspace.h>

#include "loader/load.h"

#define WINDOW_BYTES 0x10000
#define PAGES        (WINDOW_BYTES / 4096)
#define FILE_BYTES   0x2400

#define EXEC_VA   UINT64_C(0x400000)
#define PIE_VA    UINT64_C(0x7f0000200000)
#define STACK_END UINT64_C(0x7ffffffff000)

enum { EXEC, PIE, STACK, WINDOWS };

struct window {
	uint64_t va;
	unsigned char bytes[WINDOW_BYTES];
	int prot[PAGES]; /* -1: not mapped */
};

static struct window windows[WINDOWS];
static int calls, fail_map, fail_write;
static int file_fd;
static unsigned char file[FILE_BYTES];
static char message[512];
static struct load_result result;

/* Aborts the test when [va, va + len) is not within one window. */
static struct window *
window_find(uint64_t va, uint64_t len)
{
	for (int i = 0; i < WINDOWS; i++)
		if (va >= windows[i].va && va - windows[i].va < WINDOW_BYTES &&
		    len <= WINDOW_BYTES - (va - windows[i].va))
			return &windows[i];
	ck_abort_msg("access to 0x%llx", (unsigned long long)va);
}

static void *
at(uint64_t va, uint64_t len)
{
	struct window *w = window_find(va, len);

	return w->bytes + (va - w->va);
}

static int
target_map(void *arg, uint64_t va, uint64_t len, int prot, int fd, uint64_t off)
{
	struct window *w = window_find(va, len);

	ck_assert_ptr_eq(arg, &calls);
	ck_assert_uint_eq((va | len | off) & 4095, 0);
	ck_assert_uint_gt(len, 0);
	calls++;
	if (fail_map != 0)
		return fail_map;
	memset(at(va, len), 0, len);
	if (fd != -1)
		ck_assert_int_ge(pread(fd, at(va, len), len, (off_t)off), 0);
	for (uint64_t page = 0; page < len / 4096; page++)
		w->prot[(va - w->va) / 4096 + page] = prot;
	return 0;
}

static int
target_write(void *arg, uint64_t va, const void *bytes, size_t len)
{
	ck_assert_ptr_eq(arg, &calls);
	calls++;
	if (fail_write != 0)
		return fail_write;
	memcpy(at(va, len), bytes, len);
	return 0;
}

static const struct load_target target = {
	.arg = &calls, .map = target_map, .write = target_write
};

static const char *const no_strings[] = { NULL };
static const char *const some_args[] = { "guest", "", "two words", NULL };
static const char *const some_env[] = { "A=1", "LONG=0123456789abcdef", NULL };

static const struct load_info base_info = { .argv = some_args,
	.envp = some_env,
	.execfn = "./guest",
	.pie_base = PIE_VA,
	.stack_end = STACK_END,
	.stack_bytes = WINDOW_BYTES,
	.random = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	.uid = 1000,
	.euid = 1001,
	.gid = 1002,
	.egid = 1003,
	.hwcap = 0x178bfbff,
	.clktck = 100 };

/* Text [0, 0x1400) and data with .bss, of which a page is anonymous. */
static const struct elf_image base_image = {
	.segments = { { .va = EXEC_VA,
			  .file_bytes = 0x1400,
			  .mem_bytes = 0x1400,
			  .prot = VMS_PROT_READ | VMS_PROT_EXEC },
	    { .va = EXEC_VA + 0x2400,
		.file_off = 0x1400,
		.file_bytes = 0x800,
		.mem_bytes = 0x2000,
		.prot = VMS_PROT_READ | VMS_PROT_WRITE,
		.index = 1 } },
	.count = 2,
	.entry = EXEC_VA + 0x100,
	.phdr_va = EXEC_VA + 0x40,
	.phnum = 4,
	.phentsize = 56,
	.va_start = EXEC_VA,
	.va_end = EXEC_VA + 0x5000,
	.align = 0x1000
};

static void
setup(void)
{
	FILE *stream = tmpfile();

	ck_assert_ptr_nonnull(stream);
	file_fd = dup(fileno(stream));
	fclose(stream);
	for (size_t i = 0; i < FILE_BYTES; i++)
		file[i] = (unsigned char)(i % 251 + 1);
	ck_assert_int_eq(write(file_fd, file, FILE_BYTES), FILE_BYTES);
	windows[EXEC].va = EXEC_VA;
	windows[PIE].va = PIE_VA;
	windows[STACK].va = STACK_END - WINDOW_BYTES;
	for (int i = 0; i < WINDOWS; i++) {
		memset(windows[i].bytes, 0xcc, WINDOW_BYTES);
		for (int page = 0; page < PAGES; page++)
			windows[i].prot[page] = -1;
	}
	memset(&result, 0xee, sizeof(result));
	calls = fail_map = fail_write = 0;
	message[0] = '\0';
}

static void
teardown(void)
{
	close(file_fd);
}

static int
load(const struct elf_image *image, const struct load_info *info)
{
	return load_program(
	    &target, file_fd, image, info, &result, message, sizeof(message));
}

static uint64_t
word_at(uint64_t va)
{
	const unsigned char *le = at(va, 8);
	uint64_t word = 0;

	for (int i = 7; i >= 0; i--)
		word = word << 8 | le[i];
	return word;
}

static int
all_bytes_are(uint64_t va, uint64_t len, unsigned char byte)
{
	const unsigned char *bytes = at(va, len);

	for (uint64_t i = 0; i < len; i++)
		if (bytes[i] != byte)
			return 0;
	return 1;
}

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

/* base_image as a PIE linked at 0. */
static struct elf_image
pie_image(uint64_t align)
{
	struct elf_image image = base_image;

	image.pie = 1;
	image.align = align;
	for (size_t i = 0; i < image.count; i++)
		image.segments[i].va -= EXEC_VA;
	image.entry -= EXEC_VA;
	image.phdr_va -= EXEC_VA;
	image.va_start -= EXEC_VA;
	image.va_end -= EXEC_VA;
	return image;
}

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

START_TEST(test_pie_base_is_rounded_to_the_alignment)
{
	struct elf_image image = pie_image(0x200000);
	struct load_info info = base_info;

	info.pie_base = PIE_VA - 0x1000;
	ck_assert_int_eq(load(&image, &info), 0);
	ck_assert_uint_eq(result.bias, PIE_VA);
}
END_TEST

START_TEST(test_pie_beyond_user_space_is_refused)
{
	static const uint64_t aligns[] = { 0x1000, UINT64_C(1) << 47,
		UINT64_C(1) << 63 };
	struct load_info info = base_info;

	info.pie_base = UINT64_C(0x7fffffffe000);
	for (size_t i = 0; i < sizeof(aligns) / sizeof(aligns[0]); i++) {
		struct elf_image image = pie_image(aligns[i]);

		ck_assert_int_eq(load(&image, &info), ENOEXEC);
		ck_assert_ptr_nonnull(
		    strstr(message, "./guest: does not fit at"));
		ck_assert_int_eq(calls, 0);
	}
}
END_TEST

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
	{ 23, 0 },              /* AT_SECURE */
};

/* The value of tag, which must be there once. */
static uint64_t
aux_value(uint64_t auxv, uint64_t tag)
{
	uint64_t value = 0;
	int found = 0;

	for (; word_at(auxv) != 0; auxv += 16)
		if (word_at(auxv) == tag) {
			value = word_at(auxv + 8);
			found++;
		}
	ck_assert_msg(found == 1, "tag %llu is there %d times",
	    (unsigned long long)tag, found);
	return value;
}

/* The pointers from va on are strings; returns the address after their NULL. */
static uint64_t
strings_check(uint64_t va, const char *const *strings)
{
	for (; *strings != NULL; strings++, va += 8) {
		size_t bytes = strlen(*strings) + 1;

		ck_assert_str_eq(at(word_at(va), bytes), *strings);
	}
	ck_assert_uint_eq(word_at(va), 0);
	return va + 8;
}

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

START_TEST(test_stack_has_no_vdso)
{
	uint64_t auxv;

	ck_assert_int_eq(load(&base_image, &base_info), 0);
	auxv = strings_check(strings_check(result.sp + 8, some_args), some_env);
	for (; word_at(auxv) != 0; auxv += 16)
		ck_assert_uint_ne(word_at(auxv), 33);
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

START_TEST(test_too_long_arguments_are_e2big)
{
	char *words = calloc(1, WINDOW_BYTES);
	const char *args[] = { words, NULL };
	struct load_info info = base_info;

	ck_assert_ptr_nonnull(words);
	info.argv = args;
	memset(words, 'w', WINDOW_BYTES / 4 - 2000);
	ck_assert_int_eq(load(&base_image, &info), 0);
	memset(words, 'w', WINDOW_BYTES / 4);
	ck_assert_int_eq(load(&base_image, &info), E2BIG);
	ck_assert_str_eq(message,
	    "./guest: has too long a list of arguments and environment: it "
	    "must fit 0x4000 bytes");
	free(words);
}
END_TEST

START_TEST(test_too_many_arguments_are_e2big)
{
	enum { COUNT = WINDOW_BYTES / 4 / 8 };
	static const char *args[COUNT + 1];
	struct load_info info = base_info;

	for (int i = 0; i < COUNT; i++)
		args[i] = "";
	info.argv = args;
	ck_assert_int_eq(load(&base_image, &info), E2BIG);
}
END_TEST

START_TEST(test_dynamic_program_is_refused_before_anything)
{
	struct elf_image image = base_image;

	strcpy(image.interp, "/lib64/ld-linux-x86-64.so.2");
	ck_assert_int_eq(load(&image, &base_info), ENOEXEC);
	ck_assert_str_eq(message,
	    "./guest: is dynamically linked (it asks for "
	    "/lib64/ld-linux-x86-64.so.2): dynamically linked programs are "
	    "not supported yet");
	ck_assert_int_eq(calls, 0);
	ck_assert_uint_eq(result.sp, UINT64_C(0xeeeeeeeeeeeeeeee));
}
END_TEST

START_TEST(test_error_of_map_is_passed_on)
{
	fail_map = ENOMEM;
	ck_assert_int_eq(load(&base_image, &base_info), ENOMEM);
	ck_assert_int_eq(calls, 1);
	ck_assert_ptr_nonnull(strstr(message,
	    "./guest: segment 0 with 0x1400 bytes cannot be placed at "
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
	tcase_add_test(tc, test_pie_base_is_rounded_to_the_alignment);
	tcase_add_test(tc, test_pie_beyond_user_space_is_refused);
	tcase_add_test(tc, test_dynamic_program_is_refused_before_anything);
	tcase_add_test(tc, test_error_of_map_is_passed_on);
	tcase_add_test(tc, test_error_of_write_is_passed_on);
	return tc;
}

static TCase *
stack_cases(void)
{
	TCase *tc = tcase_create("stack");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_stack_is_that_of_the_abi);
	tcase_add_test(tc, test_stack_has_no_vdso);
	tcase_add_test(tc, test_headers_outside_memory_have_no_address);
	tcase_add_loop_test(tc, test_stack_is_aligned_for_every_argc, 0, 33);
	tcase_add_test(tc, test_too_long_arguments_are_e2big);
	tcase_add_test(tc, test_too_many_arguments_are_e2big);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("load");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, segment_cases());
	suite_add_tcase(suite, stack_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
