/* SPDX-License-Identifier: BSD-2-Clause */
/* The reference vkernel's pipes: slots of a page, as Linux has them. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "vkernel/pipe.h"

#define SLOT ((size_t)PIPE_SLOT_BYTES)
#define FULL (SLOT * PIPE_SLOTS)

static struct vk_pipe *ring;
static uint8_t out[4 * PIPE_SLOT_BYTES * PIPE_SLOTS];
static uint8_t in[sizeof(out)];

static void
setup(void)
{
	size_t i;

	ring = pipe_create();
	ck_assert_ptr_nonnull(ring);
	ring->readers = ring->writers = 1;
	for (i = 0; i < sizeof(out); i++)
		out[i] = (uint8_t)(i * 7 + i / 251);
}

static void
teardown(void)
{
	pipe_destroy(ring);
}

static int64_t
put(size_t off, size_t len)
{
	struct iovec iov = { out + off, len };

	return pipe_write(ring, &iov, 1, false);
}

static int64_t
get(size_t off, size_t len)
{
	struct iovec iov = { in + off, len };

	return pipe_read(ring, &iov, 1);
}

static const struct {
	const char *name;
	size_t chunk;
	int writes; /* that find room, the last one perhaps in part */
	size_t bytes;
} capacity_rows[] = {
	{ "bytes join", 1, 65536, 65536 },
	{ "what does not fit a page starts another", 3000, 16, 48000 },
	{ "pages", 4096, 16, 65536 },
	{ "a page and a byte", 4097, 15, 15 * 4097 + 4096 - 15 + 1 },
};

START_TEST(test_capacity_is_counted_in_slots)
{
	size_t chunk, sum;
	int64_t done;
	int n;

	chunk = capacity_rows[_i].chunk;
	for (n = 0, sum = 0; (done = put(0, chunk)) > 0; n++)
		sum += (size_t)done;
	ck_assert_int_eq(done, -LX_EAGAIN);
	ck_assert(pipe_is_full(ring));
	ck_assert_uint_eq(sum, pipe_bytes(ring));
	if (chunk <= SLOT) {
		ck_assert_msg(n == capacity_rows[_i].writes, "%s: %d",
		    capacity_rows[_i].name, n);
		ck_assert_uint_eq(sum, capacity_rows[_i].bytes);
	}
}
END_TEST

START_TEST(test_what_is_read_is_what_was_written)
{
	size_t len, read, written;
	unsigned state;
	int64_t done;

	state = (unsigned)_i + 1;
	for (read = written = 0; read < sizeof(out);) {
		state = state * 1103515245u + 12345u;
		len = (state >> 8) % 9000;
		if (len > sizeof(out) - written)
			len = sizeof(out) - written;
		done = put(written, len);
		ck_assert(done >= 0 || done == -LX_EAGAIN);
		written += done > 0 ? (size_t)done : 0;
		state = state * 1103515245u + 12345u;
		len = (state >> 8) % 9000;
		if (len > sizeof(in) - read)
			len = sizeof(in) - read;
		done = get(read, len);
		ck_assert(done >= 0 || done == -LX_EAGAIN);
		read += done > 0 ? (size_t)done : 0;
		ck_assert_uint_eq(written - read, pipe_bytes(ring));
	}
	ck_assert_mem_eq(in, out, sizeof(out));
}
END_TEST

START_TEST(test_small_write_is_whole_or_not_at_all)
{
	int i;

	for (i = 0; i < 15; i++)
		ck_assert_int_eq(put(0, SLOT), SLOT);
	ck_assert_int_eq(put(0, 4000), 4000);
	ck_assert_int_eq(put(0, 97), -LX_EAGAIN);
	ck_assert_int_eq(put(0, 96), 96);
}
END_TEST

START_TEST(test_packet_is_read_at_once)
{
	struct iovec iov = { out, 10 };

	ck_assert_int_eq(pipe_write(ring, &iov, 1, true), 10);
	ck_assert_int_eq(pipe_write(ring, &iov, 1, true), 10);
	ck_assert_int_eq(get(0, 4), 4);
	ck_assert_int_eq(get(0, 100), 10);
	ck_assert_int_eq(get(0, 100), -LX_EAGAIN);
}
END_TEST

START_TEST(test_ends_that_are_gone)
{
	ck_assert_int_eq(put(0, 5), 5);
	ring->writers = 0;
	ck_assert_int_eq(get(0, 100), 5);
	ck_assert_int_eq(get(0, 100), 0);
	ring->readers = 0;
	ck_assert_int_eq(put(0, 5), -LX_EPIPE);
	ck_assert_int_eq(put(0, 0), 0);
}
END_TEST

START_TEST(test_resize_keeps_what_is_there)
{
	ck_assert_int_eq(put(0, FULL), FULL);
	ck_assert_int_eq(get(0, SLOT * 12), SLOT * 12);
	ck_assert_int_eq(put(FULL, SLOT * 2), SLOT * 2);
	ck_assert_int_eq(pipe_resize(ring, SLOT * 4), LX_EBUSY);
	ck_assert_int_eq(pipe_resize(ring, SLOT * 5), 0);
	ck_assert_uint_eq(ring->room, 8);
	ck_assert_int_eq(get(SLOT * 12, sizeof(in)), SLOT * 6);
	ck_assert_mem_eq(in, out, SLOT * 18);
}
END_TEST

START_TEST(test_peek_takes_nothing)
{
	ck_assert_int_eq(put(0, SLOT * 3 + 100), SLOT * 3 + 100);
	ck_assert_uint_eq(pipe_peek(ring, 0, in, 10), 10);
	ck_assert_uint_eq(
	    pipe_peek(ring, SLOT - 5, in, sizeof(in)), SLOT * 2 + 105);
	ck_assert_mem_eq(in, out + SLOT - 5, SLOT * 2 + 105);
	ck_assert_uint_eq(pipe_bytes(ring), SLOT * 3 + 100);
}
END_TEST

START_TEST(test_edges_tell_of_news)
{
	uint64_t before;

	before = ring->read_edges;
	put(0, 1);
	ck_assert_uint_gt(ring->read_edges, before);
	before = ring->write_edges;
	get(0, 1);
	ck_assert_uint_eq(ring->write_edges, before);
	put(0, FULL);
	get(0, 100);
	ck_assert_uint_eq(ring->write_edges, before);
	get(0, SLOT);
	ck_assert_uint_gt(ring->write_edges, before);
}
END_TEST

int
main(void)
{
	SRunner *runner;
	Suite *suite;
	TCase *tcase;
	int failed;

	suite = suite_create("vk_pipe");
	tcase = tcase_create("pipe");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_capacity_is_counted_in_slots, 0,
	    sizeof(capacity_rows) / sizeof(capacity_rows[0]));
	tcase_add_loop_test(
	    tcase, test_what_is_read_is_what_was_written, 0, 20);
	tcase_add_test(tcase, test_small_write_is_whole_or_not_at_all);
	tcase_add_test(tcase, test_packet_is_read_at_once);
	tcase_add_test(tcase, test_ends_that_are_gone);
	tcase_add_test(tcase, test_resize_keeps_what_is_there);
	tcase_add_test(tcase, test_peek_takes_nothing);
	tcase_add_test(tcase, test_edges_tell_of_news);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
