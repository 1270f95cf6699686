/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference vkernel's epoll files, over its pipes and a host's. */
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <check.h>

#include "vkernel/epoll.h"
#include "vkernel/file.h"
#include "vkernel/pipe.h"

static struct vk_open *ends[2], *self;
static struct vk_epoll *epoll;
static struct vk_epoll_event got[8];

static void
setup(void)
{
	struct vk_pipe *ring;

	ring = pipe_create();
	ck_assert_int_eq(pipe_open(ring, LX_O_NONBLOCK, &ends[0]), 0);
	ck_assert_int_eq(
	    pipe_open(ring, LX_O_NONBLOCK | LX_O_WRONLY, &ends[1]), 0);
	ck_assert_int_eq(epoll_open(0, &self), 0);
	epoll = epoll_of(self);
}

static void
teardown(void)
{
	open_drop(self);
	open_drop(ends[0]);
	open_drop(ends[1]);
}

static void
put(size_t len)
{
	static char bytes[4096];
	struct iovec iov = { bytes, len };

	ck_assert_int_eq(
	    pipe_write(pipe_of(ends[1]), &iov, 1, false), (int64_t)len);
}

static void
add(struct vk_open *open, int fd, uint32_t events)
{
	const struct vk_epoll_event event = { events, (uint64_t)fd };

	ck_assert_int_eq(epoll_add(epoll, open, fd, &event), 0);
}

START_TEST(test_level_is_told_each_time)
{
	add(ends[0], 3, POLLIN);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	put(1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_uint_eq(got[0].events, POLLIN);
	ck_assert_uint_eq(got[0].data, 3);
}
END_TEST

START_TEST(test_edge_is_told_once)
{
	add(ends[0], 3, POLLIN | EPOLL_ET);
	put(1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	put(1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
}
END_TEST

START_TEST(test_one_shot_is_armed_again)
{
	const struct vk_epoll_event event = { POLLIN | EPOLL_ONESHOT, 4 };

	add(ends[0], 3, POLLIN | EPOLL_ONESHOT);
	put(1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	ck_assert_int_eq(epoll_modify(epoll, ends[0], 3, &event), 0);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_uint_eq(got[0].data, 4);
}
END_TEST

START_TEST(test_room_is_shared_fairly)
{
	add(ends[1], 4, POLLOUT);
	add(ends[0], 3, POLLIN);
	put(1);
	ck_assert_int_eq(epoll_take(epoll, got, 1), 1);
	ck_assert_uint_eq(got[0].data, 4);
	ck_assert_int_eq(epoll_take(epoll, got, 1), 1);
	ck_assert_uint_eq(got[0].data, 3);
	ck_assert_int_eq(epoll_take(epoll, got, 1), 1);
	ck_assert_uint_eq(got[0].data, 4);
}
END_TEST

START_TEST(test_last_close_removes)
{
	open_ref(ends[0]);
	add(ends[0], 3, POLLIN);
	put(1);
	open_drop(ends[0]);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	open_drop(ends[0]);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	ck_assert_ptr_null(epoll->first);
	ck_assert_int_eq(
	    pipe_open(pipe_of(ends[1]), LX_O_NONBLOCK, &ends[0]), 0);
}
END_TEST

START_TEST(test_loops_and_towers_are_refused)
{
	const struct vk_epoll_event event = { POLLIN, 0 };
	struct vk_open *tower[8];
	int i;

	tower[0] = self;
	for (i = 1; i < 8; i++) {
		ck_assert_int_eq(epoll_open(0, &tower[i]), 0);
		ck_assert_int_eq(
		    epoll_add(epoll_of(tower[i]), tower[i - 1], i, &event),
		    i == 5 ? 40 : 0); /* ELOOP, and a new tower */
	}
	ck_assert_int_eq(epoll_add(epoll, tower[2], 9, &event), 40);
	for (i = 1; i < 8; i++)
		open_drop(tower[i]);
}
END_TEST

START_TEST(test_host_descriptor_has_edges_too)
{
	struct vk_open *host;
	int fds[2];

	ck_assert_int_eq(pipe(fds), 0);
	ck_assert_int_eq(open_create(fds[0], &host), 0);
	add(host, 7, POLLIN | EPOLL_ET);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_uint_eq(got[0].data, 7);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	ck_assert_int_eq(write(fds[1], "x", 1), 1);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	add(host, 8, POLLIN);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 1);
	ck_assert_uint_eq(got[0].data, 8);
	open_drop(host);
	ck_assert_int_eq(epoll_take(epoll, got, 8), 0);
	close(fds[1]);
}
END_TEST

START_TEST(test_file_is_refused)
{
	const struct vk_epoll_event event = { POLLIN, 0 };
	char name[] = "/tmp/vk_epoll.XXXXXX";
	struct vk_open *file;
	int fd;

	fd = mkstemp(name);
	ck_assert_int_ge(fd, 0);
	unlink(name);
	ck_assert_int_eq(open_create(fd, &file), 0);
	ck_assert_int_eq(epoll_add(epoll, file, 5, &event), LX_EPERM);
	open_drop(file);
}
END_TEST

int
main(void)
{
	SRunner *runner;
	Suite *suite;
	TCase *tcase;
	int failed;

	suite = suite_create("vk_epoll");
	tcase = tcase_create("epoll");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, test_level_is_told_each_time);
	tcase_add_test(tcase, test_edge_is_told_once);
	tcase_add_test(tcase, test_one_shot_is_armed_again);
	tcase_add_test(tcase, test_room_is_shared_fairly);
	tcase_add_test(tcase, test_last_close_removes);
	tcase_add_test(tcase, test_loops_and_towers_are_refused);
	tcase_add_test(tcase, test_host_descriptor_has_edges_too);
	tcase_add_test(tcase, test_file_is_refused);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
