/* SPDX-License-Identifier: BSD-2-Clause */
/* Recordings with checkpoints: a replay may begin at each of them, and a ring
 * keeps what can be replayed. */
#include <vmspace/trace.h>

#include "tests/unit/snapshot_steps.h"
#include "traces/replay.h"

static const char path[] = "test_checkpoint.vmt";

static const struct mode {
	const char *name;
	uint32_t config, flags;
} modes[] = {
	{ "declared", 0, VMS_RECORD_DECLARED },
	{ "searched", 0, 0 },
	{ "checked", 0, VMS_RECORD_DECLARED | VMS_RECORD_CHECK },
	{ "written", 0, VMS_RECORD_DECLARED | VMS_RECORD_WRITTEN },
	{ "each run", 0, VMS_RECORD_DECLARED | VMS_RECORD_VERIFY_FULL },
	{ "chaos", VMS_CONFIG_CHAOS, VMS_RECORD_DECLARED },
	{ "exact code", VMS_CONFIG_EXACT_CODE, VMS_RECORD_DECLARED },
	{ "counting", VMS_CONFIG_COUNT, VMS_RECORD_DECLARED },
};
#define MODES (sizeof(modes) / sizeof(modes[0]))
#define SEEDS 4

static void
world_record(const struct mode *mode, unsigned seed, unsigned rounds,
    const struct vms_record_options *options)
{
	struct vms_record *record;
	struct world w;

	world_make(&w, mode->config);
	ck_assert_int_eq(vms_record_start(w.vms, path, options, &record), 0);
	world_begin(&w);
	for (unsigned i = 0; i < rounds * STEPS; i++) {
		step(&w, seed, i);
		w.log_len = 0;
	}
	world_end(&w);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	world_close(&w);
}

/* Replays from where the reader is; answers how many events were told. */
static uint64_t
replay_rest(struct replay *replay, const char *name)
{
	const struct trace_event *event;
	const struct replay_difference *difference;
	enum replay_result result;
	uint64_t count = 0;

	while ((result = replay_step(replay, &event)) == REPLAY_DONE)
		count++;
	difference = replay_difference(replay);
	ck_assert_msg(result == REPLAY_END,
	    "%s: %d, %s, event %llu %s: %s %s; %s", name, (int)result,
	    replay_problem(replay)->text, (unsigned long long)difference->event,
	    difference->field, difference->recorded, difference->replayed,
	    difference->text);
	return count;
}

/* Where checkpoints are: instructions before them. */
static size_t
checkpoints_find(uint64_t *insns, size_t most)
{
	struct trace_problem problem;
	struct trace_reader *reader;
	struct trace_event event;
	size_t count = 0;

	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	while (trace_next(reader, &event, &problem) == 0)
		if (event.kind == TRACE_CHECKPOINT && count < most)
			insns[count++] = event.insns;
	trace_reader_close(reader);
	return count;
}

static uint64_t
replay_from(uint64_t insns, const char *name, bool *at_checkpoint)
{
	const struct trace_event *event;
	struct trace_problem problem = { .text = "" };
	struct trace_reader *reader;
	struct replay *replay;
	uint64_t count;

	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_msg(replay_open_at(reader, insns, &replay, &problem) == 0,
	    "%s", problem.text);
	ck_assert_msg(replay_step(replay, &event) == REPLAY_DONE, "%s: %s",
	    name, replay_problem(replay)->text);
	*at_checkpoint = event->kind == TRACE_CHECKPOINT;
	if (*at_checkpoint)
		ck_assert_uint_lt(event->insns, insns);
	count = replay_rest(replay, name);
	replay_close(replay);
	trace_reader_close(reader);
	return count;
}

START_TEST(test_replay_begins_at_each_checkpoint)
{
	const struct mode *mode = &modes[(size_t)_i / SEEDS];
	const struct vms_record_options options = { .size = sizeof(options),
		.flags = mode->flags,
		.digest_insns = 50,
		.checkpoint_insns = 100 };
	uint64_t insns[256], last = UINT64_MAX;
	size_t count;
	bool at;

	world_record(mode, (unsigned)_i % SEEDS, 1, &options);
	count = checkpoints_find(insns, 256);
	ck_assert_uint_gt(count, 3);
	for (size_t i = 0; i < count; i++) {
		uint64_t events = replay_from(insns[i] + 1, mode->name, &at);
		ck_assert(at);
		ck_assert_uint_le(events, last);
		last = events;
	}
	(void)replay_from(insns[0], mode->name, &at);
	ck_assert(!at);
}
END_TEST

START_TEST(test_ring_is_replayed_from_a_checkpoint)
{
	const struct mode *mode = &modes[_i];
	const struct vms_record_options options = { .size = sizeof(options),
		.flags = mode->flags,
		.digest_insns = 50,
		.ring_bytes = 8192 };
	struct trace_problem problem;
	struct trace_reader *reader;
	struct trace_event event;

	world_record(mode, 1, 8, &options);
	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_int_eq(trace_next(reader, &event, &problem), 0);
	ck_assert_int_eq(event.kind, TRACE_CHECKPOINT);
	ck_assert_uint_gt(event.number, 0);
	trace_reader_close(reader);
	ck_assert_int_eq(vms_replay(path, NULL), VMS_REPLAY_SAME);
}
END_TEST

/* One bit in each page: a digest or a frame differs. */
START_TEST(test_checkpoint_that_is_wrong_is_noticed)
{
	const struct vms_record_options options = { .size = sizeof(options),
		.flags = VMS_RECORD_DECLARED,
		.digest_insns = 50,
		.checkpoint_insns = 100 };
	static const char bad[] = "test_checkpoint.bad";
	struct trace_header header;
	struct trace_problem problem;
	struct trace_reader *reader;
	struct trace_writer *writer;
	struct trace_event event;
	uint8_t page[4096];

	world_record(&modes[0], 2, 1, &options);
	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_int_eq(
	    trace_reader_seek_checkpoint(reader, 1000000, &problem), 0);
	header = *trace_reader_header(reader);
	ck_assert_int_eq(trace_writer_create(bad, &header, NULL, &writer), 0);
	while (trace_next(reader, &event, &problem) == 0) {
		if (event.kind == TRACE_PAGE) {
			memcpy(page, event.u.page.bytes, sizeof(page));
			page[100] ^= 1;
			event.u.page.bytes = page;
		}
		ck_assert_int_eq(trace_write(writer, &event), 0);
	}
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	trace_reader_close(reader);
	ck_assert_int_eq(vms_replay(bad, NULL), VMS_REPLAY_DIFFERENT);
	unlink(bad);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("checkpoint");
	TCase *tcase = tcase_create("checkpoint");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_loop_test(tcase, test_replay_begins_at_each_checkpoint, 0,
	    (int)MODES * SEEDS);
	tcase_add_loop_test(
	    tcase, test_ring_is_replayed_from_a_checkpoint, 0, (int)MODES);
	tcase_add_test(tcase, test_checkpoint_that_is_wrong_is_noticed);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	unlink(path);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
