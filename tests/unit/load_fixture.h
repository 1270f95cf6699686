/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An address space of four windows, a program with text, data and .bss, and an
 * interpreter's file, which tests fill.
 */
#ifndef VMS_TESTS_UNIT_LOAD_FIXTURE_H
#define VMS_TESTS_UNIT_LOAD_FIXTURE_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
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
static inline struct window *
window_find(uint64_t va, uint64_t len)
{
	for (int i = 0; i < WINDOWS; i++)
		if (va >= windows[i].va && va - windows[i].va < WINDOW_BYTES &&
		    len <= WINDOW_BYTES - (va - windows[i].va))
			return &windows[i];
	ck_abort_msg("access to 0x%llx", (unsigned long long)va);
}

static inline void *
at(uint64_t va, uint64_t len)
{
	struct window *w = window_find(va, len);

	return w->bytes + (va - w->va);
}

static inline int
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

static inline int
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
static inline int
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

static inline int
load(const struct elf_image *image, const struct load_info *info)
{
	return load_program(
	    &target, file_fd, image, info, &result, message, sizeof(message));
}

static inline uint64_t
word_at(uint64_t va)
{
	const unsigned char *le = at(va, 8);
	uint64_t word = 0;

	for (int i = 7; i >= 0; i--)
		word = word << 8 | le[i];
	return word;
}

static inline int
all_bytes_are(uint64_t va, uint64_t len, unsigned char byte)
{
	const unsigned char *bytes = at(va, len);

	for (uint64_t i = 0; i < len; i++)
		if (bytes[i] != byte)
			return 0;
	return 1;
}

/* base_image as a PIE linked at 0. */
static inline struct elf_image
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

/* The value of tag, which must be there once. */
static inline uint64_t
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
static inline uint64_t
strings_check(uint64_t va, const char *const *strings)
{
	for (; *strings != NULL; strings++, va += 8) {
		size_t bytes = strlen(*strings) + 1;

		ck_assert_str_eq(at(word_at(va), bytes), *strings);
	}
	ck_assert_uint_eq(word_at(va), 0);
	return va + 8;
}

#endif
