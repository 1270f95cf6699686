/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a trace may be written, and what another writer has there. */
#include "tests/unit/trace_fixture.h"

static char scratch_old[80];

static void
setup(void)
{
	scratch_open();
	snprintf(scratch_old, sizeof(scratch_old), "%s.partial.old", scratch);
}

static void
teardown(void)
{
	rmdir(scratch);
	unlink(scratch_old);
	scratch_close();
}

static struct trace_writer *
writer_create(const struct trace_writer_options *options, int expected)
{
	struct trace_writer *writer = NULL;

	ck_assert_int_eq(
	    trace_writer_create(scratch, &plain_header, options, &writer),
	    expected);
	return writer;
}

static unsigned
mode_of(const char *path)
{
	struct stat st;

	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode;
}

START_TEST(test_only_files_are_replaced)
{
	ck_assert_int_eq(mkdir(scratch, 0777), 0);
	writer_create(NULL, EISDIR);
	ck_assert_int_eq(rmdir(scratch), 0);
	ck_assert_int_eq(mkfifo(scratch, 0666), 0);
	writer_create(NULL, EEXIST);
	ck_assert(S_ISFIFO(mode_of(scratch)));
	ck_assert_int_ne(access(scratch_partial, F_OK), 0);
}
END_TEST

/* A FIFO without a writer must not be waited for. */
START_TEST(test_what_was_left_is_replaced)
{
	struct trace_writer *writer;

	ck_assert_int_eq(mkfifo(scratch_partial, 0666), 0);
	writer = writer_create(NULL, 0);
	ck_assert(S_ISREG(mode_of(scratch_partial)));
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	writer = writer_create(NULL, 0);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
}
END_TEST

START_TEST(test_two_writers_do_not_share_a_name)
{
	struct trace_writer *first = writer_create(NULL, 0);

	writer_create(NULL, EBUSY);
	ck_assert_int_eq(trace_writer_finish(first, NULL, NULL), 0);
	ck_assert_int_eq(
	    trace_writer_finish(writer_create(NULL, 0), NULL, NULL), 0);
}
END_TEST

/* vmspace run gives the process the guest's umask. */
START_TEST(test_all_files_of_a_ring_have_one_mode)
{
	const struct trace_writer_options options = { .ring_bytes = 1 };
	struct trace_event event = { .kind = TRACE_CHECKPOINT,
		.u.checkpoint = { (const uint8_t *)"c", 1 } };
	struct trace_event between = { .kind = TRACE_CALL,
		.u.call = { .op = VMS_OP_PROC_OPEN } };
	struct trace_writer *writer;
	mode_t old = umask(027);

	writer = writer_create(&options, 0);
	umask(0);
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(trace_write(writer, &event), 0);
		ck_assert_int_eq(trace_write(writer, &between), 0);
	}
	ck_assert_uint_eq(mode_of(scratch_old) & 0777, 0640);
	ck_assert_uint_eq(mode_of(scratch_partial) & 0777, 0640);
	umask(old);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	ck_assert_uint_eq(mode_of(scratch) & 0777, 0640);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("trace_place");
	TCase *tc = tcase_create("trace_place");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_only_files_are_replaced);
	tcase_add_test(tc, test_what_was_left_is_replaced);
	tcase_add_test(tc, test_two_writers_do_not_share_a_name);
	tcase_add_test(tc, test_all_files_of_a_ring_have_one_mode);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
