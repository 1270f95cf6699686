/* SPDX-License-Identifier: BSD-2-Clause */
/* What the reference vkernel tells of an address space. */
#include <stdio.h>
#include <unistd.h>

#include "tests/unit/vk_fixture.h"

#define PAGE UINT64_C(4096)
#define AT   UINT64_C(0x100000)

static char text[4096];

static void
name_file(
    void *arg, const struct vk_object *object, uint64_t *dev, uint64_t *ino)
{
	(void)arg;
	(void)object;
	*dev = 0x801;
	*ino = 77;
}

static const char *
maps(void)
{
	FILE *out;

	out = fmemopen(text, sizeof(text), "w");
	ck_assert_ptr_nonnull(out);
	mm_maps(mm, out, name_file, NULL);
	fclose(out);
	return text;
}

static uint64_t
map_as(uint64_t addr, unsigned flags, struct vk_object *object)
{
	struct vk_mapping mapping = { .addr = addr,
		.len = 2 * PAGE,
		.prot = RW,
		.flags = flags,
		.object = object,
		.offset = object == NULL ? 0 : PAGE,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(object);
	return va;
}

static struct vk_object *
zero_object(void)
{
	struct vk_object *object;

	ck_assert_int_eq(object_anonymous(&memory.cache, &object), 0);
	return object;
}

static struct vk_object *
file_object(const char *path)
{
	char name[] = "/tmp/vk_maps.XXXXXX";
	struct vk_object *object;
	int fd;

	fd = mkstemp(name);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(ftruncate(fd, 5 * PAGE), 0);
	ck_assert_int_eq(object_of_file(&memory.cache, fd, false, &object), 0);
	object_set_path(object, path);
	unlink(name);
	close(fd);
	return object;
}

START_TEST(test_maps_are_as_linux_prints_them)
{
	map_as(AT, 0, NULL);
	map_as(UINT64_C(0x555555560000), AREA_HEAP, NULL);
	map_as(
	    UINT64_C(0x7ffff7000000), 0, file_object("/lib/gone.so (deleted)"));
	map_as(UINT64_C(0x7ffff7100000), AREA_SHARED, zero_object());
	map_as(UINT64_C(0x7ffffffdd000), AREA_STACK | AREA_GROWSDOWN, NULL);
	ck_assert_int_eq(mm_protect(mm, AT, 2 * PAGE, LX_PROT_EXEC), 0);
	ck_assert_str_eq(maps(),
	    "00100000-00102000 --xp 00000000 00:00 0 \n"
	    "555555560000-555555562000 rw-p 00000000 00:00 0 "
	    "                         [heap]\n"
	    "7ffff7000000-7ffff7002000 rw-p 00001000 08:01 77 "
	    "                        /lib/gone.so (deleted)\n"
	    "7ffff7100000-7ffff7102000 rw-s 00001000 00:01 2 "
	    "                         /dev/zero (deleted)\n"
	    "7ffffffdd000-7ffffffdf000 rw-p 00000000 00:00 0 "
	    "                         [stack]\n");
}
END_TEST

START_TEST(test_usage_counts_pages)
{
	struct mm_usage usage;
	struct vk_object *object;
	char c;

	map_anonymous(AT, 10 * PAGE, RW);
	ck_assert_int_eq(copyout(mm, AT, "x", 1), 0);
	object = file_object("/x");
	map_as(AT + 20 * PAGE, 0, object);
	ck_assert_int_eq(copyin(mm, &c, AT + 20 * PAGE, 1), 0);
	ck_assert_int_eq(copyout(mm, AT + 21 * PAGE, "x", 1), 0);
	mm_usage(mm, &usage);
	ck_assert_uint_eq(usage.mapped, 12);
	ck_assert_uint_eq(usage.resident, 3);
	ck_assert_uint_eq(usage.shared, 1);
	ck_assert_uint_eq(usage.data, 12);
	ck_assert_uint_eq(usage.text, 0);
}
END_TEST

START_TEST(test_futex_words_have_names)
{
	uint64_t a[2], b[2];
	struct vk_mm *child;
	struct vk_object *object;

	map_anonymous(AT, PAGE, RW);
	object = zero_object();
	object_ref(object);
	map_as(AT + 8 * PAGE, AREA_SHARED, object);
	map_as(AT + 16 * PAGE, AREA_SHARED, object);
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	ck_assert_int_eq(mm_futex_key(mm, AT + 4, a), 0);
	ck_assert_int_eq(mm_futex_key(child, AT + 4, b), 0);
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_int_eq(mm_futex_key(mm, AT + 8, b), 0);
	ck_assert_mem_ne(a, b, sizeof(a));
	ck_assert_int_eq(mm_futex_key(mm, AT + 8 * PAGE + 4, a), 0);
	ck_assert_int_eq(mm_futex_key(child, AT + 16 * PAGE + 4, b), 0);
	ck_assert_mem_eq(a, b, sizeof(a));
	mm_drop(child);
	ck_assert_int_eq(mm_futex_key(mm, AT + PAGE, a), LX_EFAULT);
	ck_assert_int_eq(mm_futex_key(mm, AT + 2, a), LX_EINVAL);
	ck_assert_int_eq(mm_futex_key(mm, UINT64_MAX - 7, a), LX_EFAULT);
	ck_assert_int_eq(mm_protect(mm, AT, PAGE, 0), 0);
	ck_assert_int_eq(mm_futex_key(mm, AT, a), LX_EFAULT);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_maps");
	TCase *tc = tcase_create("vk_maps");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vk_setup, vk_teardown);
	tcase_add_test(tc, test_maps_are_as_linux_prints_them);
	tcase_add_test(tc, test_usage_counts_pages);
	tcase_add_test(tc, test_futex_words_have_names);
	return vk_run_suite(suite);
}
