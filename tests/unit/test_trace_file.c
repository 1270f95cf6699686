/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/unit/trace_fixture.h"

/* Reads scratch and compares it with the events of seed. */
static struct trace_end
read_back(uint64_t seed)
{
	static struct event_content content;
	struct trace_problem problem = { "", 0 };
	struct trace_reader *reader;
	struct trace_event wanted, event;
	struct trace_end end;
	uint64_t number = 0, insns = 0;
	int error;

	ck_assert_msg(trace_reader_open(scratch, &reader, &problem) == 0, "%s",
	    problem.text);
	while ((error = trace_next(reader, &event, &problem)) == 0) {
		random_event(&seed, &wanted, &content);
		wanted.number = number++;
		wanted.insns = insns;
		if (wanted.kind == TRACE_RUN)
			insns += wanted.u.run.insns;
		same_event(&wanted, &event);
	}
	ck_assert_msg(error == ENOENT, "%s", problem.text);
	end = *trace_reader_end(reader);
	ck_assert_uint_eq(end.events, number);
	ck_assert_uint_eq(end.insns, insns);
	trace_reader_close(reader);
	return end;
}

START_TEST(test_events_come_back)
{
	struct trace_end wrote = trace_make((uint64_t)_i + 1, 500 * _i, 0);
	struct trace_end end = read_back((uint64_t)_i + 1);

	ck_assert_int_eq(end.how, TRACE_END_COMPLETE);
	ck_assert_uint_eq(end.events, (uint64_t)(500 * _i));
	ck_assert_uint_eq(end.insns, wrote.insns);
	ck_assert_mem_eq(end.stream_digest, wrote.stream_digest,
	    sizeof(end.stream_digest)); /* end has padding */
}
END_TEST

START_TEST(test_digest_knows_no_blocks)
{
	struct trace_end one = trace_make(7, 300, 0);
	struct trace_end many = trace_make(7, 300, 3);

	ck_assert_mem_eq(
	    one.stream_digest, many.stream_digest, sizeof(one.stream_digest));
	(void)read_back(7);
	one = trace_make(8, 300, 0);
	ck_assert_mem_ne(
	    one.stream_digest, many.stream_digest, sizeof(one.stream_digest));
}
END_TEST

START_TEST(test_same_events_give_the_same_file)
{
	size_t len[2];
	uint8_t *bytes[2];

	for (int i = 0; i < 2; i++) {
		(void)trace_make(9, 1000, 0);
		bytes[i] = file_take(scratch, &len[i]);
	}
	ck_assert_uint_eq(len[0], len[1]);
	ck_assert_mem_eq(bytes[0], bytes[1], len[0]);
	free(bytes[0]);
	free(bytes[1]);
}
END_TEST

START_TEST(test_header_comes_back)
{
	static const char *const notes[] = { "command=ls -l", "", "x=y", NULL };
	struct trace_header header = plain_header;
	const struct trace_header *got;
	struct trace_writer *writer;
	struct trace_reader *reader;

	header.notes = notes;
	ck_assert_int_eq(
	    trace_writer_create(scratch, &header, NULL, &writer), 0);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	ck_assert_int_eq(trace_reader_open(scratch, &reader, NULL), 0);
	got = trace_reader_header(reader);
	ck_assert_uint_eq(got->major, TRACE_MAJOR);
	ck_assert_uint_eq(got->compat, header.compat);
	ck_assert_uint_eq(got->config_flags, 3);
	ck_assert_uint_eq(got->era, 1);
	ck_assert_uint_eq(got->arena_bytes, 1 << 20);
	ck_assert_uint_eq(got->digest_insns, 1 << 20);
	ck_assert_str_eq(got->cpu_model, "Nehalem");
	ck_assert_str_eq(got->unicorn, "2.1.4");
	ck_assert_str_eq(got->creator, "test 1");
	for (int i = 0; i < 3; i++)
		ck_assert_str_eq(got->notes[i], notes[i]);
	ck_assert_ptr_null(got->notes[3]);
	trace_reader_close(reader);
}
END_TEST

static Suite *
trace_file_suite(void)
{
	Suite *suite = suite_create("trace_file");
	TCase *tcase = tcase_create("file");

	tcase_add_checked_fixture(tcase, scratch_open, scratch_close);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, test_events_come_back, 0, 8);
	tcase_add_test(tcase, test_digest_knows_no_blocks);
	tcase_add_test(tcase, test_same_events_give_the_same_file);
	tcase_add_test(tcase, test_header_comes_back);
	suite_add_tcase(suite, tcase);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(trace_file_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
