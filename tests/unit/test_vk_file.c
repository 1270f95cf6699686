/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference vkernel's page cache: what files, calls on them and the
 * mappings of two address spaces show of each other. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/vk_fixture.h"

#define PAGE UINT64_C(4096)
#define AT   UINT64_C(0x100000)

static struct vk_mm *other;
static int file_fd;

/* Two and a half pages: 'a' all over. */
static void
file_setup(void)
{
	char name[] = "/tmp/vk_file.XXXXXX", bytes[10240];

	vk_setup();
	ck_assert_int_eq(mm_create(&memory, &other), 0);
	file_fd = mkstemp(name);
	ck_assert_int_ge(file_fd, 0);
	unlink(name);
	memset(bytes, 'a', sizeof(bytes));
	ck_assert_int_eq(write(file_fd, bytes, sizeof(bytes)), sizeof(bytes));
}

static void
file_teardown(void)
{
	mm_drop(other);
	close(file_fd);
	vk_teardown();
}

static void
map_file(struct vk_mm *to, uint64_t addr, bool shared)
{
	struct vk_mapping mapping = { .addr = addr,
		.len = 3 * PAGE,
		.prot = RW,
		.flags = shared ? AREA_SHARED | AREA_MAYWRITE : 0,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(
	    object_of_file(&memory.cache, file_fd, shared, &mapping.object), 0);
	ck_assert_int_eq(mm_map(to, &mapping, &va), 0);
	object_drop(mapping.object);
}

static char
file_byte(off_t off)
{
	char c;

	memory_before_io(&memory, file_fd);
	ck_assert_int_eq(pread(file_fd, &c, 1, off), 1);
	return c;
}

static void
file_put(off_t off, char c)
{
	memory_before_io(&memory, file_fd);
	ck_assert_int_eq(pwrite(file_fd, &c, 1, off), 1);
	memory_written(&memory, file_fd, (uint64_t)off, 1);
}

static char
byte_of(struct vk_mm *of, uint64_t va)
{
	char c;

	ck_assert_int_eq(copyin(of, &c, va, 1), 0);
	return c;
}

static void
put(struct vk_mm *to, uint64_t va, char c)
{
	ck_assert_int_eq(copyout(to, va, &c, 1), 0);
}

START_TEST(test_stores_of_all_spaces_are_read)
{
	map_file(mm, AT, true);
	map_file(other, AT + 8 * PAGE, true);
	put(mm, AT, 'm');
	put(other, AT + 9 * PAGE, 'o');
	ck_assert_int_eq(byte_of(other, AT + 8 * PAGE), 'm');
	ck_assert_int_eq(file_byte(0), 'm');
	ck_assert_int_eq(file_byte(4096), 'o');
	put(mm, AT, 'n');
	ck_assert_int_eq(file_byte(0), 'n');
}
END_TEST

START_TEST(test_stores_before_and_after_mprotect_are_read)
{
	map_file(mm, AT, true);
	put(mm, AT, 'm');
	ck_assert_int_eq(mm_protect(mm, AT, 3 * PAGE, LX_PROT_READ), 0);
	ck_assert_int_eq(file_byte(0), 'm');
	ck_assert_int_eq(mm_protect(mm, AT, PAGE, RW), 0);
	put(mm, AT, 'n');
	ck_assert_int_eq(file_byte(0), 'n');
}
END_TEST

START_TEST(test_a_forked_child_writes_to_the_file_too)
{
	struct vk_mm *child;

	map_file(mm, AT, true);
	put(mm, AT, 'm');
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	put(child, AT + PAGE, 'c');
	ck_assert_int_eq(mm_unmap(mm, AT, 3 * PAGE), 0);
	ck_assert_int_eq(file_byte(0), 'm');
	ck_assert_int_eq(file_byte(4096), 'c');
	put(child, AT + 2 * PAGE, 'd');
	mm_drop(child);
	ck_assert_int_eq(file_byte(8192), 'd');
}
END_TEST

START_TEST(test_written_bytes_are_mapped_where_not_copied)
{
	map_file(mm, AT, false);
	map_file(other, AT, false);
	ck_assert_int_eq(byte_of(mm, AT), 'a');
	put(other, AT + 1, 'o');
	file_put(0, 'w');
	ck_assert_int_eq(byte_of(mm, AT), 'w');
	ck_assert_int_eq(byte_of(other, AT), 'a');
	file_put(4096, 'x');
	ck_assert_int_eq(byte_of(other, AT + PAGE), 'x');
}
END_TEST

START_TEST(test_writes_do_not_undo_stores)
{
	map_file(mm, AT, true);
	map_file(other, AT, true);
	put(mm, AT + 7, 'm');
	put(other, AT + 8, 'o');
	file_put(9, 'w');
	ck_assert_int_eq(byte_of(mm, AT + 8), 'o');
	ck_assert_int_eq(byte_of(other, AT + 7), 'm');
	ck_assert_int_eq(byte_of(other, AT + 9), 'w');
}
END_TEST

START_TEST(test_truncation_reaches_all_spaces)
{
	map_file(mm, AT, true);
	map_file(other, AT, false);
	ck_assert_int_eq(byte_of(mm, AT + 2 * PAGE), 'a');
	put(other, AT + 2 * PAGE, 'o');
	ck_assert_int_eq(ftruncate(file_fd, 5000), 0);
	memory_truncated(&memory, file_fd, 5000);
	ck_assert_int_eq(mm_fault(mm, AT + 2 * PAGE, MM_READ), MM_BEYOND);
	ck_assert_int_eq(mm_fault(other, AT + 2 * PAGE, MM_READ), MM_BEYOND);
	ck_assert_int_eq(byte_of(mm, AT + 5000), 0);
	ck_assert_int_eq(byte_of(other, AT + 4999), 'a');
}
END_TEST

static void
look(char expected)
{
	map_file(mm, AT, false);
	ck_assert_int_eq(byte_of(mm, AT), expected);
	ck_assert_int_eq(mm_unmap(mm, AT, 3 * PAGE), 0);
}

/* Another time than the one before, however fast we are. */
static void
file_touch(time_t when)
{
	struct timespec times[2] = { { .tv_sec = when }, { .tv_sec = when } };

	ck_assert_int_eq(futimens(file_fd, times), 0);
}

START_TEST(test_a_file_changed_by_others_is_read_again)
{
	look('a');
	ck_assert_int_eq(pwrite(file_fd, "h", 1, 0), 1);
	file_touch(1000);
	look('h');
	map_file(other, AT, false);
	ck_assert_int_eq(byte_of(other, AT), 'h');
	ck_assert_int_eq(pwrite(file_fd, "i", 1, 0), 1);
	file_touch(2000);
	look('i');
	ck_assert_int_eq(byte_of(other, AT), 'i');
	ck_assert_uint_eq(memory.cache.last_id, 1);
}
END_TEST

START_TEST(test_a_file_is_read_once)
{
	struct vk_object *object;
	uint64_t frame;

	look('a');
	object = object_lookup(&memory.cache, file_fd);
	ck_assert_ptr_nonnull(object);
	frame = object_peek(object, 0);
	ck_assert_uint_ne(frame, 0);
	look('a');
	ck_assert_uint_eq(object_peek(object, 0), frame);
	file_put(0, 'w');
	look('w');
}
END_TEST

START_TEST(test_an_idle_shared_file_is_forgotten)
{
	map_file(mm, AT, true);
	put(mm, AT, 'm');
	ck_assert_uint_eq(memory.cache.shared_writable, 1);
	ck_assert_int_eq(mm_unmap(mm, AT, 3 * PAGE), 0);
	ck_assert_uint_eq(memory.cache.shared_writable, 0);
	ck_assert_ptr_null(object_lookup(&memory.cache, file_fd));
	ck_assert_int_eq(file_byte(0), 'm');
	look('m');
}
END_TEST

START_TEST(test_pages_that_nobody_maps_give_way)
{
	struct vk_object *object;

	map_file(mm, AT, false);
	ck_assert_int_eq(byte_of(mm, AT), 'a');
	object = object_lookup(&memory.cache, file_fd);
	ck_assert_ptr_nonnull(object);
	ck_assert(!cache_shed(&memory.cache));
	ck_assert_int_eq(mm_unmap(mm, AT + PAGE, 2 * PAGE), 0);
	ck_assert(cache_shed(&memory.cache));
	ck_assert_uint_ne(object_peek(object, 0), 0);
	ck_assert_uint_eq(object_peek(object, 1), 0);
	map_file(mm, AT + PAGE, false);
	ck_assert_int_eq(byte_of(mm, AT + PAGE), 'a');
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_file");
	TCase *tc = tcase_create("vk_file");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, file_setup, file_teardown);
	tcase_add_test(tc, test_stores_of_all_spaces_are_read);
	tcase_add_test(tc, test_stores_before_and_after_mprotect_are_read);
	tcase_add_test(tc, test_a_forked_child_writes_to_the_file_too);
	tcase_add_test(tc, test_written_bytes_are_mapped_where_not_copied);
	tcase_add_test(tc, test_writes_do_not_undo_stores);
	tcase_add_test(tc, test_truncation_reaches_all_spaces);
	tcase_add_test(tc, test_a_file_changed_by_others_is_read_again);
	tcase_add_test(tc, test_a_file_is_read_once);
	tcase_add_test(tc, test_pages_that_nobody_maps_give_way);
	tcase_add_test(tc, test_an_idle_shared_file_is_forgotten);
	return vk_run_suite(suite);
}
