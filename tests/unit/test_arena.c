/* SPDX-License-Identifier: BSD-2-Clause */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "emu/arena.h"

static struct arena *arena;

static void
setup(void)
{
	ck_assert_int_eq(arena_create(ARENA_MIN_BYTES, &arena), 0);
}

static void
teardown(void)
{
	arena_destroy(arena);
}

static int
file_of(uint64_t bytes)
{
	int fd;

	ck_assert_int_eq(os_memfile("test_arena", &fd), 0);
	ck_assert_int_eq(ftruncate(fd, (off_t)bytes), 0);
	return fd;
}

START_TEST(test_default_size_is_at_most_the_maximum)
{
	struct arena *big;

	ck_assert_int_eq(arena_create(0, &big), 0);
	ck_assert_uint_ge(arena_size(big), ARENA_MIN_BYTES);
	ck_assert_uint_le(arena_size(big), ARENA_MAX_BYTES);
	arena_destroy(big);
}
END_TEST

START_TEST(test_too_small_is_enomem)
{
	struct arena *small;

	ck_assert_int_eq(arena_create(ARENA_MIN_BYTES / 2, &small), ENOMEM);
}
END_TEST

START_TEST(test_pages_are_zero_distinct_and_never_page_0)
{
	uint64_t pa[600];

	for (size_t i = 0; i < 600; i++) {
		ck_assert_int_eq(arena_page_alloc(arena, &pa[i]), 0);
		ck_assert_uint_ne(pa[i], 0);
		ck_assert_uint_eq(pa[i] % 4096, 0);
		ck_assert_uint_eq(*arena_host(arena, pa[i] + 4095), 0);
		memset(arena_host(arena, pa[i]), (int)i | 1, 4096);
	}
	for (size_t i = 0; i < 600; i++)
		ck_assert_uint_eq(
		    *arena_host(arena, pa[i] + 1), (uint8_t)(i | 1));
	ck_assert_uint_eq(arena_used(arena), 600 * 4096);
	for (size_t i = 0; i < 600; i++)
		arena_page_free(arena, pa[i]);
	ck_assert_uint_eq(arena_used(arena), 0);
}
END_TEST

START_TEST(test_freed_page_is_zero_again)
{
	uint64_t pa, again;

	ck_assert_int_eq(arena_page_alloc(arena, &pa), 0);
	memset(arena_host(arena, pa), 0xff, 4096);
	arena_page_free(arena, pa);
	ck_assert_int_eq(arena_page_alloc(arena, &again), 0);
	ck_assert_uint_eq(pa, again);
	for (int i = 0; i < 4096; i++)
		ck_assert_uint_eq(arena_host(arena, again)[i], 0);
}
END_TEST

START_TEST(test_double_free_aborts)
{
	uint64_t pa;

	ck_assert_int_eq(arena_page_alloc(arena, &pa), 0);
	arena_page_free(arena, pa);
	arena_page_free(arena, pa);
}
END_TEST

START_TEST(test_address_outside_aborts)
{
	arena_host(arena, arena_size(arena));
}
END_TEST

START_TEST(test_used_up_is_enomem_and_comes_back)
{
	static uint64_t pa[ARENA_MIN_BYTES / 4096];
	size_t count = 0;

	while (arena_page_alloc(arena, &pa[count]) == 0)
		count++;
	ck_assert_uint_eq(count, ARENA_MIN_BYTES / 4096 - 1);
	for (size_t i = 0; i < count; i++)
		arena_page_free(arena, pa[i]);
	for (size_t i = 0; i < count; i++)
		ck_assert_int_eq(arena_page_alloc(arena, &pa[i]), 0);
}
END_TEST

START_TEST(test_file_is_shared_with_its_slot)
{
	int fd = file_of(2 * ARENA_SLOT_BYTES);
	uint64_t pa;
	char byte = 'x';

	ck_assert_int_eq(
	    arena_file_map(arena, fd, ARENA_SLOT_BYTES, true, &pa), 0);
	ck_assert_uint_eq(pa % ARENA_SLOT_BYTES, 0);
	ck_assert_uint_eq(arena_used(arena), ARENA_SLOT_BYTES);
	*arena_host(arena, pa + 5) = 'g';
	ck_assert_int_eq(pread(fd, &byte, 1, ARENA_SLOT_BYTES + 5), 1);
	ck_assert_int_eq(byte, 'g');
	ck_assert_int_eq(pwrite(fd, "h", 1, ARENA_SLOT_BYTES + 6), 1);
	ck_assert_int_eq(*arena_host(arena, pa + 6), 'h');
	arena_file_unmap(arena, pa);
	ck_assert_uint_eq(*arena_host(arena, pa + 5), 0);
	ck_assert_uint_eq(arena_used(arena), 0);
	close(fd);
}
END_TEST

START_TEST(test_remap_shows_the_same_slot_writable)
{
	int fd = file_of(ARENA_SLOT_BYTES);
	uint64_t pa;

	ck_assert_int_eq(arena_file_map(arena, fd, 0, false, &pa), 0);
	ck_assert_int_eq(arena_file_remap(arena, pa, fd, 0, true), 0);
	*arena_host(arena, pa) = 7;
	arena_file_unmap(arena, pa);
	close(fd);
}
END_TEST

START_TEST(test_refused_file_leaves_anonymous_memory)
{
	uint64_t pa;
	int fd = open("/dev/null", O_RDONLY), fds[2];

	ck_assert_int_ne(arena_file_map(arena, fd, 0, true, &pa), 0);
	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_ne(arena_file_map(arena, fds[0], 0, false, &pa), 0);
	ck_assert_int_eq(arena_file_map(arena, -1, 0, false, &pa), EBADF);
	for (uint64_t at = 0; at < arena_size(arena); at += ARENA_SLOT_BYTES)
		*arena_host(arena, at) = 1;
	ck_assert_uint_eq(arena_used(arena), 0);
}
END_TEST

static struct arena *shared_arena;

static void
on_sigbus(int sig, siginfo_t *info, void *context)
{
	(void)context;
	if (!arena_repair(shared_arena, info->si_addr))
		signal(sig, SIG_DFL);
}

START_TEST(test_truncated_file_is_repaired_and_reported_once)
{
	struct sigaction action = { .sa_flags = SA_SIGINFO };
	int fd = file_of(ARENA_SLOT_BYTES);
	uint64_t pa;

	shared_arena = arena;
	action.sa_sigaction = on_sigbus;
	sigaction(SIGBUS, &action, NULL);
	ck_assert_int_eq(arena_file_map(arena, fd, 0, true, &pa), 0);
	ck_assert_uint_eq(arena_broken(arena), UINT64_MAX);
	ck_assert_int_eq(ftruncate(fd, 65536), 0);
	ck_assert_uint_eq(
	    *(volatile uint8_t *)arena_host(arena, pa + 1048576), 0);
	ck_assert_uint_eq(
	    *(volatile uint8_t *)arena_host(arena, pa + 524288), 0);
	ck_assert_uint_eq(arena_broken(arena), pa);
	ck_assert_uint_eq(arena_broken(arena), UINT64_MAX);
	ck_assert(!arena_repair(arena, &pa));
	arena_file_unmap(arena, pa);
	close(fd);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tc = tcase_create("arena");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_default_size_is_at_most_the_maximum);
	tcase_add_test(tc, test_too_small_is_enomem);
	tcase_add_test(tc, test_pages_are_zero_distinct_and_never_page_0);
	tcase_add_test(tc, test_freed_page_is_zero_again);
	tcase_add_test_raise_signal(tc, test_double_free_aborts, SIGABRT);
	tcase_add_test_raise_signal(tc, test_address_outside_aborts, SIGABRT);
	tcase_add_test(tc, test_used_up_is_enomem_and_comes_back);
	tcase_add_test(tc, test_file_is_shared_with_its_slot);
	tcase_add_test(tc, test_remap_shows_the_same_slot_writable);
	tcase_add_test(tc, test_refused_file_leaves_anonymous_memory);
	tcase_add_test(tc, test_truncated_file_is_repaired_and_reported_once);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
