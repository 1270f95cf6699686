/* SPDX-License-Identifier: BSD-2-Clause */
/* What the writer promises besides giving events back: sizes, caps, partial
 * files, contents stored once; and going to a place in what it wrote. */
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/trace_fixture.h"

static struct trace_writer *
writer_open(const struct trace_writer_options *options)
{
	struct trace_writer *writer;

	ck_assert_int_eq(
	    trace_writer_create(scratch, &plain_header, options, &writer), 0);
	return writer;
}

static struct trace_reader *
reader_open(const char *path)
{
	struct trace_problem problem = { "", 0 };
	struct trace_reader *reader;

	ck_assert_msg(trace_reader_open(path, &reader, &problem) == 0, "%s",
	    problem.text);
	return reader;
}

static uint64_t
file_bytes(const char *path)
{
	struct stat st;

	ck_assert_int_eq(stat(path, &st), 0);
	return (uint64_t)st.st_size;
}

/* Events of path, to its end; *end is that. */
static uint64_t
events_count(const char *path, struct trace_end *end)
{
	struct trace_problem problem = { "", 0 };
	struct trace_reader *reader = reader_open(path);
	struct trace_event event;
	uint64_t count = 0;
	int error;

	while ((error = trace_next(reader, &event, &problem)) == 0)
		count++;
	ck_assert_msg(error == ENOENT, "%s", problem.text);
	*end = *trace_reader_end(reader);
	trace_reader_close(reader);
	return count;
}

static void
write_input(struct trace_writer *writer, const uint8_t *page, int expected)
{
	struct trace_event event = { .kind = TRACE_INPUT,
		.u.input = { .object = 1, .bytes = page, .len = 4096 } };

	ck_assert_int_eq(trace_write(writer, &event), expected);
}

/* Bytes that do not compress, other ones for each number. */
static const uint8_t *
noise(uint64_t number)
{
	static uint8_t page[4096];
	uint64_t state = number + 1;

	for (size_t i = 0; i < sizeof(page); i++)
		page[i] = (uint8_t)(random_next(&state) >> 8);
	return page;
}

/* A guest that makes a system call again and again: what a vkernel and the
 * hardware change, and a few registers of its own. */
static void
syscall_next(uint64_t *state, struct trace_event *event)
{
	struct trace_run *run = &event->u.run;
	struct trapframe *out = &run->frame_out;

	run->frame_in = *out;
	run->frame_in.tf_rax = (int64_t)(random_next(state) % 4096);
	run->frame_in.tf_trapno = 0;
	run->insns = 200 + random_next(state) % 1000;
	*out = run->frame_in;
	out->tf_rip = 0x401000 + (int64_t)(random_next(state) % 0x20000);
	out->tf_rcx = out->tf_rip;
	out->tf_r11 = 0x246;
	out->tf_rax = (int64_t)(random_next(state) % 330);
	out->tf_rdi = (int64_t)(random_next(state) % 16);
	out->tf_rsi = 0x7fffffff0000 + (int64_t)(random_next(state) % 0xf000);
	out->tf_rdx = (int64_t)(random_next(state) % 0x10000);
	out->tf_rsp = 0x7fffffffe000 + (int64_t)(random_next(state) % 0xf00);
	out->tf_rbx = 0x600000 + (int64_t)(random_next(state) % 0x10000);
	out->tf_trapno = 0x81;
}

static void
tell_raw(void *arg, const struct trace_block_info *block)
{
	if (strcmp(block->type, "events") == 0)
		*(uint64_t *)arg += block->raw_bytes;
}

START_TEST(test_system_calls_are_small)
{
	struct trace_event event = { .kind = TRACE_RUN,
		.u.run = { .proc = 1,
		    .lwp = 1,
		    .id = 1,
		    .started = true,
		    .has_frame_out = true,
		    .tls_in = { 0x7ffff7d8a740, 0 } } };
	struct trace_writer *writer = writer_open(NULL);
	struct trace_reader *reader;
	uint64_t state = 3, raw = 0;

	for (int i = 0; i < 10000; i++) {
		syscall_next(&state, &event);
		ck_assert_int_eq(trace_write(writer, &event), 0);
	}
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	reader = reader_open(scratch);
	ck_assert_int_eq(trace_reader_blocks(reader, tell_raw, &raw, NULL), 0);
	trace_reader_close(reader);
	ck_assert_uint_lt(raw, 10000 * 60);
	ck_assert_uint_lt(file_bytes(scratch), 10000 * 40);
}
END_TEST

START_TEST(test_contents_are_stored_once)
{
	static const uint8_t zeroes[4096];
	struct trace_writer *writer = writer_open(NULL);

	for (int round = 0; round < 100; round++) {
		for (uint64_t n = 0; n < 50; n++)
			write_input(writer, noise(n), 0);
		write_input(writer, zeroes, 0);
	}
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	ck_assert_uint_lt(file_bytes(scratch), 52 * 4096);
}
END_TEST

/* More contents than the writer looks through and the reader keeps. */
START_TEST(test_old_contents_are_found)
{
	struct trace_problem problem = { "", 0 };
	struct trace_writer *writer = writer_open(NULL);
	struct trace_reader *reader;
	struct trace_event event;

	for (uint64_t n = 0; n < 12000; n++)
		write_input(writer, noise(n % 8 == 0 ? n / 2 : n), 0);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	reader = reader_open(scratch);
	for (uint64_t n = 0; n < 12000; n++) {
		ck_assert_msg(trace_next(reader, &event, &problem) == 0, "%s",
		    problem.text);
		ck_assert_mem_eq(
		    event.u.input.bytes, noise(n % 8 == 0 ? n / 2 : n), 4096);
	}
	ck_assert_int_eq(trace_next(reader, &event, &problem), ENOENT);
	trace_reader_close(reader);
}
END_TEST

/* 16 MiB, of which some is alike. */
START_TEST(test_large_content_comes_back)
{
	const size_t len = (16 << 20) + 5;
	uint8_t *bytes = malloc(len);
	struct trace_event event = { .kind = TRACE_CHECKPOINT,
		.u.checkpoint = { bytes, (uint32_t)len } };
	struct trace_writer *writer = writer_open(NULL);
	struct trace_reader *reader;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (uint8_t)(i / 4096 * (i >> 22) + i);
	ck_assert_int_eq(trace_write(writer, &event), 0);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	reader = reader_open(scratch);
	ck_assert_int_eq(trace_next(reader, &event, NULL), 0);
	ck_assert_uint_eq(event.u.checkpoint.len, len);
	ck_assert_mem_eq(event.u.checkpoint.bytes, bytes, len);
	trace_reader_close(reader);
	free(bytes);
}
END_TEST

START_TEST(test_content_over_the_limit_is_refused)
{
	struct trace_event event = { .kind = TRACE_CALL,
		.u.call = { .op = VMS_OP_MEM_READ,
		    .data = noise(0),
		    .data_bytes = TRACE_DATA_MAX + 1 } };
	struct trace_writer *writer = writer_open(NULL);

	ck_assert_int_eq(trace_write(writer, &event), EINVAL);
	event.u.call.data_bytes = 0;
	ck_assert_int_eq(trace_write(writer, &event), EINVAL);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), EINVAL);
	ck_assert_int_eq(access(scratch, F_OK), -1);
	ck_assert_int_eq(access(scratch_partial, F_OK), 0);
}
END_TEST

START_TEST(test_flushed_events_are_in_the_partial_file)
{
	static struct event_content content;
	struct trace_writer *writer = writer_open(NULL);
	struct trace_event event;
	struct trace_end end;
	uint64_t seed = 4;

	for (int i = 0; i < 20; i++) {
		random_event(&seed, &event, &content);
		ck_assert_int_eq(trace_write(writer, &event), 0);
		if (i % 5 != 4)
			continue;
		ck_assert_int_eq(trace_writer_flush(writer), 0);
		ck_assert_uint_eq(
		    events_count(scratch_partial, &end), (uint64_t)i + 1);
		ck_assert_int_eq(end.how, TRACE_END_TRUNCATED);
	}
	ck_assert_int_eq(access(scratch, F_OK), -1);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	ck_assert_int_eq(access(scratch_partial, F_OK), -1);
	ck_assert_uint_eq(events_count(scratch, &end), 20);
	ck_assert_int_eq(end.how, TRACE_END_COMPLETE);
}
END_TEST

static const uint64_t caps[] = { 1, 2000, 30000, 100000, 1 << 20, 3 << 20 };

START_TEST(test_capped_file_is_complete_and_small)
{
	const struct trace_writer_options options = { .max_bytes = caps[_i] };
	static struct event_content content;
	struct trace_writer *writer = writer_open(&options);
	struct trace_end wrote, read;
	struct trace_event event;
	uint64_t seed = 5, bytes, written = 0;
	int error = 0;

	while (error == 0) {
		random_event(&seed, &event, &content);
		error = trace_write(writer, &event);
		written++;
	}
	ck_assert_int_eq(error, ENOBUFS);
	ck_assert_int_eq(trace_write(writer, &event), ENOBUFS);
	ck_assert_int_eq(trace_writer_finish(writer, &wrote, &bytes), 0);
	ck_assert_int_eq(wrote.how, TRACE_END_CAPPED);
	ck_assert_uint_eq(events_count(scratch, &read), wrote.events);
	ck_assert_mem_eq(&read, &wrote, sizeof(read));
	ck_assert_uint_eq(file_bytes(scratch), bytes);
	ck_assert(bytes <= caps[_i] || (wrote.events == 0 && bytes < 2000));
	ck_assert_uint_le(wrote.events, written);
	if (caps[_i] >= 100000)
		ck_assert_uint_gt(bytes, caps[_i] / 2);
}
END_TEST

/* Event i of a recording: system calls, and pages that come before many of
 * them and compress to a half. */
static void
mixed_event(uint64_t i, struct trace_event *event)
{
	static struct trace_event run = { .kind = TRACE_RUN,
		.u.run = { .proc = 1,
		    .lwp = 1,
		    .id = 1,
		    .started = true,
		    .has_frame_out = true } };
	static uint64_t state;
	static uint8_t page[4096];

	if (i == 0)
		state = 7;
	if (i % 8 != 0) {
		syscall_next(&state, &run);
		*event = run;
		return;
	}
	memcpy(page, noise(i), 2048);
	*event = (struct trace_event){ .kind = TRACE_INPUT,
		.u.input = { .object = 1, .bytes = page, .len = 4096 } };
}

#define MIXED 800

/* Writes MIXED events, or those that fit; bytes of the file, and its end. */
static uint64_t
mixed_write(uint64_t cap, struct trace_end *end)
{
	const struct trace_writer_options options = { .max_bytes = cap };
	struct trace_writer *writer = writer_open(&options);
	struct trace_event event;
	uint64_t bytes, accepted = 0;
	int error = 0;

	for (uint64_t i = 0; i < MIXED && error == 0; i++) {
		mixed_event(i, &event);
		error = trace_write(writer, &event);
		accepted += error == 0;
	}
	ck_assert(error == 0 || error == ENOBUFS);
	ck_assert_int_eq(trace_writer_finish(writer, end, &bytes), 0);
	ck_assert_int_eq(
	    end->how, error == 0 ? TRACE_END_COMPLETE : TRACE_END_CAPPED);
	ck_assert_uint_eq(end->events, accepted);
	return bytes;
}

START_TEST(test_cap_keeps_what_was_accepted)
{
	struct trace_end whole, end, read;
	uint64_t full = mixed_write(0, &whole), empty = 2000, last = 0, bytes;

	ck_assert_uint_eq(whole.events, MIXED);
	for (uint64_t cap = 500; cap < full + 50000; cap += 3777) {
		bytes = mixed_write(cap, &end);
		ck_assert_uint_eq(file_bytes(scratch), bytes);
		ck_assert_uint_le(bytes, cap < empty ? empty : cap);
		ck_assert_uint_eq(events_count(scratch, &read), end.events);
		ck_assert_mem_eq(&read, &end, sizeof(read));
		ck_assert_uint_ge(end.events + 8, last);
		if (cap > 20000)
			ck_assert_uint_ge(end.events,
			    (cap < full ? cap : full) * MIXED * 6 / 10 / full);
		last = end.events;
	}
	ck_assert_uint_eq(last, MIXED);
}
END_TEST

/* One event may be larger than a block, and than the file. */
START_TEST(test_cap_before_a_large_event)
{
	const struct trace_writer_options options = { .max_bytes = 200000 };
	struct trace_writer *writer = writer_open(&options);
	const size_t len = 100 * 4096;
	uint8_t *bytes = malloc(len);
	struct trace_event event = { .kind = TRACE_CHECKPOINT,
		.u.checkpoint = { bytes, (uint32_t)len } };
	struct trace_end end, read;
	uint64_t written;

	for (size_t at = 0; at < len; at += 4096)
		memcpy(bytes + at, noise(1000 + at), 4096);
	for (uint64_t n = 0; n < 5; n++)
		write_input(writer, noise(n), 0);
	ck_assert_int_eq(trace_write(writer, &event), ENOBUFS);
	ck_assert_int_eq(trace_writer_finish(writer, &end, &written), 0);
	ck_assert_uint_eq(end.events, 5);
	ck_assert_uint_le(written, 200000);
	ck_assert_uint_eq(events_count(scratch, &read), 5);
	ck_assert_mem_eq(&read, &end, sizeof(read));
	free(bytes);
}
END_TEST

START_TEST(test_full_disk_leaves_a_readable_prefix)
{
	const struct rlimit limit = { 300000, RLIM_INFINITY };
	struct trace_writer *writer;
	struct trace_event event = { .kind = TRACE_CONCURRENT };
	struct trace_end end;
	uint64_t number = 0;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	writer = writer_open(NULL);
	for (int i = 0; i < 60; i++)
		write_input(writer, noise(number++), 0);
	ck_assert_int_eq(trace_writer_flush(writer), 0);
	for (int i = 0; i < 60; i++)
		write_input(writer, noise(number++), 0);
	ck_assert_int_eq(trace_writer_flush(writer), EFBIG);
	ck_assert_int_eq(trace_write(writer, &event), EFBIG);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), EFBIG);
	ck_assert_int_eq(access(scratch, F_OK), -1);
	ck_assert_uint_eq(events_count(scratch_partial, &end), 60);
	ck_assert_int_eq(end.how, TRACE_END_TRUNCATED);
}
END_TEST

START_TEST(test_seek_reaches_every_event)
{
	static struct event_content content;
	static struct trace_event wanted[3];
	struct trace_reader *reader;
	struct trace_event event;
	uint64_t seed = 6;

	(void)trace_make(6, 400, 7);
	reader = reader_open(scratch);
	for (uint64_t goal = 0; goal < 400; goal += 13) {
		uint64_t number = (goal * 7 + 300) % 400;
		seed = 6;
		for (uint64_t i = 0; i <= number; i++)
			random_event(&seed, &wanted[0], &content);
		ck_assert_int_eq(trace_reader_seek(reader, number, NULL), 0);
		do {
			ck_assert_int_eq(trace_next(reader, &event, NULL), 0);
			ck_assert_uint_le(event.number, number);
			ck_assert_uint_gt(event.number + 7, number);
		} while (event.number < number);
		wanted[0].number = number;
		wanted[0].insns = event.insns;
		same_event(&wanted[0], &event);
	}
	ck_assert_int_eq(trace_reader_seek(reader, 400, NULL), 0);
	while (trace_next(reader, &event, NULL) == 0)
		ck_assert_uint_lt(event.number, 400);
	ck_assert_int_eq(trace_reader_end(reader)->how, TRACE_END_COMPLETE);
	ck_assert_int_eq(trace_reader_seek(reader, 0, NULL), 0);
	ck_assert_int_eq(trace_next(reader, &event, NULL), 0);
	ck_assert_uint_eq(event.number, 0);
	trace_reader_close(reader);
}
END_TEST

START_TEST(test_files_are_carried)
{
	const size_t len = (3 << 20) + 11;
	uint8_t *large = malloc(len);
	struct trace_writer *writer = writer_open(NULL);
	struct trace_reader *reader;
	struct trace_end end;
	const uint8_t *bytes;
	size_t got;

	for (size_t i = 0; i < len; i++)
		large[i] = (uint8_t)(i * i >> 9);
	write_input(writer, noise(1), 0);
	ck_assert_int_eq(trace_write_file(writer, "/bin/x", large, len), 0);
	ck_assert_int_eq(trace_write_file(writer, "empty", NULL, 0), 0);
	write_input(writer, noise(2), 0);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	ck_assert_uint_eq(events_count(scratch, &end), 2);
	reader = reader_open(scratch);
	ck_assert_str_eq(trace_reader_file_name(reader, 0), "/bin/x");
	ck_assert_str_eq(trace_reader_file_name(reader, 1), "empty");
	ck_assert_ptr_null(trace_reader_file_name(reader, 2));
	ck_assert_int_eq(trace_reader_file(reader, "/bin/x", &bytes, &got), 0);
	same_bytes(large, len, bytes, got);
	ck_assert_int_eq(trace_reader_file(reader, "empty", &bytes, &got), 0);
	ck_assert_uint_eq(got, 0);
	ck_assert_int_eq(
	    trace_reader_file(reader, "none", &bytes, &got), ENOENT);
	trace_reader_close(reader);
	free(large);
}
END_TEST

/* Checkpoints and inputs alternate; the file keeps about the last ring_bytes.
 */
static const struct {
	uint64_t ring_bytes;
	int events;
	bool drops;
} rings[] = {
	{ 300000, 30, false },
	{ 300000, 70, false },
	{ 300000, 2000, true },
	{ 1 << 20, 3001, true },
};

/* Event i: each tenth a checkpoint, others inputs, some of which come again. */
static void
ring_event(uint64_t i, struct trace_event *event)
{
	*event = (struct trace_event){ .kind = TRACE_INPUT,
		.u.input = {
		    .object = 1, .bytes = noise(i % 100 / 2), .len = 4096 } };
	if (i % 10 < 3)
		event->u.input.bytes = noise(i);
	if (i % 10 == 0)
		*event = (struct trace_event){ .kind = TRACE_CHECKPOINT,
			.u.checkpoint = { noise(i), 4096 } };
}

START_TEST(test_ring_keeps_the_last_part)
{
	const struct trace_writer_options options = {
		.ring_bytes = rings[_i].ring_bytes
	};
	struct trace_problem problem = { "", 0 };
	struct trace_writer *writer = writer_open(&options);
	struct trace_reader *reader;
	struct trace_event event, wanted;
	struct trace_end end;
	uint64_t number, bytes, first = 0, events = (uint64_t)rings[_i].events;

	for (uint64_t i = 0; i < events; i++) {
		ring_event(i, &event);
		ck_assert_int_eq(trace_write(writer, &event), 0);
	}
	ck_assert_int_eq(trace_writer_finish(writer, &end, &bytes), 0);
	ck_assert_uint_eq(end.events, events);
	ck_assert_uint_eq(file_bytes(scratch), bytes);
	ck_assert_uint_lt(bytes, rings[_i].ring_bytes * 3 / 2);
	reader = reader_open(scratch);
	ck_assert_uint_eq(
	    trace_reader_header(reader)->incompat, TRACE_INCOMPAT_RING);
	for (number = 0; trace_next(reader, &event, &problem) == 0; number++) {
		if (number == 0)
			first = number = event.number;
		ring_event(number, &wanted);
		wanted.number = number;
		same_event(&wanted, &event);
	}
	ck_assert_str_eq(problem.text, "");
	ck_assert_uint_eq(number, events);
	ck_assert_int_eq(first > 0, rings[_i].drops);
	ck_assert_uint_eq(first % 10, 0);
	ck_assert_mem_eq(trace_reader_end(reader), &end, sizeof(end));
	ck_assert_int_eq(trace_reader_seek(reader, events - 1, NULL), 0);
	ck_assert_int_eq(trace_next(reader, &event, NULL), 0);
	ck_assert_uint_le(event.number, events - 1);
	trace_reader_close(reader);
	ck_assert_int_eq(access(scratch_partial, F_OK), -1);
}
END_TEST

static Suite *
trace_write_suite(void)
{
	Suite *suite = suite_create("trace_write");
	TCase *tcase = tcase_create("write");

	tcase_add_checked_fixture(tcase, scratch_open, scratch_close);
	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, test_system_calls_are_small);
	tcase_add_test(tcase, test_contents_are_stored_once);
	tcase_add_test(tcase, test_old_contents_are_found);
	tcase_add_test(tcase, test_large_content_comes_back);
	tcase_add_test(tcase, test_content_over_the_limit_is_refused);
	tcase_add_test(tcase, test_flushed_events_are_in_the_partial_file);
	tcase_add_loop_test(tcase, test_capped_file_is_complete_and_small, 0,
	    sizeof(caps) / sizeof(caps[0]));
	tcase_add_test(tcase, test_cap_keeps_what_was_accepted);
	tcase_add_test(tcase, test_cap_before_a_large_event);
	tcase_add_test(tcase, test_full_disk_leaves_a_readable_prefix);
	tcase_add_test(tcase, test_seek_reaches_every_event);
	tcase_add_test(tcase, test_files_are_carried);
	tcase_add_loop_test(tcase, test_ring_keeps_the_last_part, 0,
	    sizeof(rings) / sizeof(rings[0]));
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(trace_write_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
