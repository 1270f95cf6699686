/* SPDX-License-Identifier: BSD-2-Clause */
/* Segments and the first stack, put into an address space of three windows. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vmspace/vmspace.h>

#include "loader/load.h"

#define WINDOW_BYTES 0x200000
#define PAGES        (WINDOW_BYTES / 4096)
#define FILE_BYTES   0x2400

#define EXEC_VA   UINT64_C(0x400000)
#define PIE_VA    UINT64_C(0x7f0000200000)
#define STACK_END UINT64_C(0x7ffffffff000)
#define STRINGS   0x40000 /* for argv and envp */
#define MMAP_BASE UINT64_C(0x7fff00000000)

enum { EXEC, PIE, STACK, INTERP, WINDOWS };

struct window {
	uint64_t va;
	unsigned char bytes[WINDOW_BYTES];
	int prot[PAGES]; /* -1: not mapped */
};

static struct window windows[WINDOWS];
static int calls, fail_map, fail_write, fail_open;
static int file_fd, interp_fd;
static char interp_path[64];
static FILE *interp_file;
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

/* The loader closes what it gets. */
static int
target_open(void *arg, const char *path, int *fd)
{
	ck_assert_ptr_eq(arg, &calls);
	ck_assert_int_eq(calls, 0);
	snprintf(interp_path, sizeof(interp_path), "%s", path);
	if (fail_open == 0)
		*fd = interp_fd = dup(fileno(interp_file));
	return fail_open;
}

static const struct load_target target = { .arg = &calls,
	.map = target_map,
	.write = target_write,
	.open_interp = target_open };

static const char *const no_strings[] = { NULL };
static const char *const some_args[] = { "guest", "", "two words", NULL };
static const char *const some_env[] = { "A=1", "LONG=0123456789abcdef", NULL };

static const struct load_info base_info = { .argv = some_args,
	.envp = some_env,
	.execfn = "./guest",
	.bases = { PIE_VA, MMAP_BASE, STACK_END, 0 },
	.stack_bytes = 4 * STRINGS,
	.random = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 },
	.uid = 1000,
	.euid = 1001,
	.gid = 1002,
	.egid = 1003,
	.hwcap = 0x178bfbff,
	.hwcap2 = 2,
	.clktck = 100,
	.minsigstksz = 1040 };

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
	windows[INTERP].va = MMAP_BASE - WINDOW_BYTES;
	for (int i = 0; i < WINDOWS; i++) {
		memset(windows[i].bytes, 0xcc, WINDOW_BYTES);
		for (int page = 0; page < PAGES; page++)
			windows[i].prot[page] = -1;
	}
	memset(&result, 0xee, sizeof(result));
	calls = fail_map = fail_write = fail_open = 0;
	interp_file = tmpfile();
	ck_assert_ptr_nonnull(interp_file);
	interp_fd = -1;
	interp_path[0] = '\0';
	message[0] = '\0';
}

static void
teardown(void)
{
	close(file_fd);
	/* Whatever happened, the loader kept nothing open. */
	if (interp_fd >= 0)
		ck_assert_int_eq(fcntl(interp_fd, F_GETFD), -1);
	fclose(interp_file);
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
	info.egid = info.gid;
	ck_assert_int_eq(load(&base_image, &info), 0);
	auxv = strings_check(strings_check(result.sp + 8, some_args), some_env);
	ck_assert_uint_eq(aux_value(auxv, 23), 0);
}
END_TEST

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
	tcase_add_test(tc, test_pie_goes_down_to_its_alignment);
	tcase_add_test(tc, test_pie_linked_above_its_base_goes_there);
	tcase_add_test(tc, test_pie_without_a_place_is_refused);
	tcase_add_test(tc, test_brk_has_its_offset);
	tcase_add_test(tc, test_later_segment_covers_an_earlier_one);
	tcase_add_test(tc, test_zeros_in_the_middle_are_zeros);
	tcase_add_test(tc, test_segments_in_the_stack_are_refused);
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
	tcase_add_test(tc, test_error_of_open_interp_is_passed_on);
	tcase_add_test(tc, test_target_without_open_has_no_interpreters);
	return tc;
}

int
main(void)
{
	Suite *suite = suite_create("load");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, segment_cases());
	suite_add_tcase(suite, interp_cases());
	suite_add_tcase(suite, stack_cases());
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
