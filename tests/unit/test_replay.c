/* SPDX-License-Identifier: BSD-2-Clause */
/* Recordings that replay the same, and what tools see in them. */
#include "traces/replay.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "tests/unit/replay_fixture.h"
#include "traces/replay_file.h"

/* mov byte [WORD], 1; again: cmp byte [INPUT], 0; je again; syscall */
#define WAIT                                                                   \
	0xc6, 0x04, 0x25, 0x00, 0x20, 0x40, 0x00, 0x01, 0x80, 0x3c, 0x25,      \
	    0x00, 0x30, 0x40, 0x00, 0x00, 0x74, 0xf6, 0x0f, 0x05

static const uint32_t recorder_flags[] = { 0, VMS_RECORD_DECLARED,
	VMS_RECORD_WRITTEN, VMS_RECORD_DECLARED | VMS_RECORD_WRITTEN,
	VMS_RECORD_VERIFY_FULL,
	VMS_RECORD_DECLARED | VMS_RECORD_CHECK | VMS_RECORD_VERIFY_FULL };

START_TEST(test_recordings_replay_the_same)
{
	record_begin(recorder_flags[_i]);
	scene_runs();
	scene_stops();
	scene_calls();
	scene_files();
	ck_assert_int_eq(vms_destroy(proc, ID), 0);
	record_end();
	expect_same(path);
}
END_TEST

/* --- A run that is paused ------------------------------------------------ */

static void *
disturber(void *arg)
{
	const atomic_uchar *seen = (void *)(memory + 2 * PAGE);
	struct trapframe frame = { .tf_rip = CODE };
	size_t done;

	(void)arg;
	while (atomic_load(seen) == 0)
		sched_yield();
	ck_assert_int_eq(vms_destroy(proc, ID), EBUSY);
	ck_assert_int_eq(vms_lwp_exit(lwp), EBUSY);
	ck_assert_int_eq(vms_proc_exit(proc), EBUSY);
	ck_assert_int_eq(vms_proc_exec(proc), EBUSY);
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &frame, &vf), EBUSY);
	ck_assert_int_eq(vms_mem_write(proc, ID, INPUT, "\1", 1, &done), 0);
	return NULL;
}

START_TEST(test_paused_run_replays_the_same)
{
	pthread_t thread;

	record_begin(recorder_flags[_i]);
	ck_assert_int_eq(pthread_create(&thread, NULL, disturber, NULL), 0);
	ck_assert_int_eq(RUN(ID, WAIT), 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	pthread_join(thread, NULL);
	record_end();
	expect_same(path);
}
END_TEST

/* inc qword [WORD]; cmp byte [flag], 0; je back; syscall */
#define WAIT_FOR(low, high)                                                    \
	0x48, 0xff, 0x04, 0x25, 0x00, 0x20, 0x40, 0x00, 0x80, 0x3c, 0x25, low, \
	    high, 0x40, 0x00, 0x00, 0x74, 0xee, 0x0f, 0x05

static const struct concurrent_row {
	size_t flag; /* in the memory */
	bool seen;   /* by the recording: no guest stores to that page */
} concurrent_rows[] = { { 3 * PAGE, true }, { 2 * PAGE + 0x40, false } };

/* Stores while the guest runs, as no vkernel should. */
static void *
store_flag(void *arg)
{
	const struct concurrent_row *row = arg;
	volatile uint64_t *word = (uint64_t *)(void *)(memory + 2 * PAGE);

	while (*word < 1000)
		sched_yield();
	*(volatile uint8_t *)(memory + row->flag) = 1;
	return NULL;
}

START_TEST(test_undeclared_concurrent_write_is_named)
{
	struct concurrent_row row = concurrent_rows[_i];
	pthread_t thread;
	int error;

	record_begin(0);
	ck_assert_int_eq(pthread_create(&thread, NULL, store_flag, &row), 0);
	error = row.seen ? RUN(ID, WAIT_FOR(0x00, 0x30))
			 : RUN(ID, WAIT_FOR(0x40, 0x20));
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	pthread_join(thread, NULL);
	record_end();
	ck_assert_uint_eq(reports, row.seen);
	ck_assert_int_eq(replay(path), VMS_REPLAY_DIFFERENT);
	ck_assert_msg(strstr(report, "undeclared") != NULL &&
			  strstr(report, "concurrent write") != NULL,
	    "%s", report);
	ck_assert_int_eq(strstr(report, "The recording saw") != NULL, row.seen);
}
END_TEST

START_TEST(test_recording_cut_short_is_the_same_so_far)
{
	struct replay_summary summary;
	const struct vms_replay_options options = { .size = sizeof(options) };

	record_begin(VMS_RECORD_DECLARED);
	scene_runs();
	record_end();
	ck_assert_int_eq(rename(path, changed), 0);
	ck_assert_int_eq(truncate(changed, 700), 0);
	ck_assert_int_eq(
	    replay_file(changed, &options, &summary), VMS_REPLAY_SAME);
	ck_assert_int_eq(summary.how, TRACE_END_TRUNCATED);
}
END_TEST

START_TEST(test_no_file_is_unusable)
{
	ck_assert_int_eq(vms_proc_open(vms, &proc), 0);
	ck_assert_int_eq(replay("/nonexistent/trace"), VMS_REPLAY_UNUSABLE);
	ck_assert_ptr_nonnull(strstr(report, "/nonexistent/trace: "));
	ck_assert_int_eq(vms_replay("/nonexistent", NULL), VMS_REPLAY_UNUSABLE);
}
END_TEST

/* --- Looking inside ------------------------------------------------------ */

struct looked {
	struct replay *replay;
	unsigned count;
	uint64_t first;
	int64_t rips[8];
	unsigned stores;
	uint64_t store_insns;
};

static void
look_insn(void *arg, const struct trace_event *run, const struct trapframe *now,
    const uint64_t tls[2], uint64_t insns)
{
	struct looked *looked = arg;
	uint8_t bytes[2];

	ck_assert_uint_lt(looked->count, 8);
	ck_assert_uint_eq(tls[0], 0);
	ck_assert_uint_eq(insns, looked->first + looked->count);
	ck_assert_uint_eq(replay_peek(looked->replay, run->u.run.proc,
			      run->u.run.id, (vms_va_t)now->tf_rip, bytes, 2),
	    2);
	looked->rips[looked->count++] = now->tf_rip;
}

static void
look_store(void *arg, uint64_t insns, const struct vms_store *store)
{
	struct looked *looked = arg;

	ck_assert_int_eq(store->before.tf_rip, (int64_t)CODE);
	looked->stores++;
	looked->store_insns = insns;
}

START_TEST(test_tools_see_instructions_and_stores)
{
	struct looked looked = { .count = 0, .first = 5 };
	struct trace_problem problem;
	const struct trace_event *event;
	struct trace_reader *reader;

	record_begin(recorder_flags[_i]);
	scene_runs();
	record_end();
	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_int_eq(replay_open(reader, &looked.replay, &problem), 0);
	replay_set_insn(looked.replay, 5, 9, look_insn, &looked);
	replay_set_store(looked.replay, 1, WORD, WORD + 8, look_store, &looked);
	while (replay_step(looked.replay, &event) == REPLAY_DONE)
		continue;
	ck_assert_int_eq(replay_step(looked.replay, &event), REPLAY_END);
	ck_assert_uint_eq(looked.count, 4);
	ck_assert_int_eq(looked.rips[0], (int64_t)CODE + 8);
	ck_assert_int_eq(looked.rips[3], (int64_t)CODE);
	ck_assert_uint_eq(looked.stores, 6);
	ck_assert_uint_eq(looked.store_insns, 20);
	replay_close(looked.replay);
	trace_reader_close(reader);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("replay");
	TCase *tc = tcase_create("replay");
	int flags = sizeof(recorder_flags) / sizeof(recorder_flags[0]);
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_recordings_replay_the_same, 0, flags);
	tcase_add_loop_test(tc, test_paused_run_replays_the_same, 0, flags);
	tcase_add_loop_test(
	    tc, test_undeclared_concurrent_write_is_named, 0, 2);
	tcase_add_test(tc, test_recording_cut_short_is_the_same_so_far);
	tcase_add_test(tc, test_no_file_is_unusable);
	tcase_add_loop_test(
	    tc, test_tools_see_instructions_and_stores, 0, flags);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
