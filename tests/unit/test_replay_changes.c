/* SPDX-License-Identifier: BSD-2-Clause */
/* Recordings of which something was changed, which must be noticed and
 * named. */
#include "traces/replay.h"

#include "tests/unit/replay_fixture.h"

/* Changes an event; content is room for what it points to. */
typedef void change_fn(struct trace_event *event, uint8_t *content);

static void
change_register(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.run.frame_out.tf_rbx++;
}

static void
change_register_in(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.run.frame_in.tf_r12++;
}

static void
change_count(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.run.insns--;
}

static void
change_trap(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.run.how = VMS_RUN_ASKED;
}

static void
change_error(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.call.error = 22;
}

static void
change_result(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.call.result += PAGE;
}

static void
change_data(struct trace_event *event, uint8_t *content)
{
	memcpy(content, event->u.call.data, event->u.call.data_bytes);
	content[0] ^= 1;
	event->u.call.data = content;
}

static void
change_input(struct trace_event *event, uint8_t *content)
{
	memcpy(content, event->u.input.bytes, event->u.input.len);
	content[0] ^= 0x40;
	event->u.input.bytes = content;
}

static void
change_input_place(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.input.off += 8 * PAGE;
}

static void
change_digest(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.digest.memory ^= 1;
}

static void
change_digest_registers(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.digest.registers ^= 1;
}

static void
change_digest_place(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.digest.insns ^= 1;
}

static void
change_lwp(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.run.lwp = 99;
}

static void
change_resumed(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.run.resumed = true;
}

static void
change_object(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.object.number = 7;
}

static void
change_object_size(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.object.bytes = UINT64_MAX;
}

static void
change_proc(struct trace_event *event, uint8_t *content)
{
	(void)content;
	event->u.call.proc = UINT32_MAX;
}

/* The nth event of a kind (calls: of an op) is changed.  Rows are read in this
 * order. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
static const struct change {
	const char *name;
	enum trace_kind kind;
	enum vms_op op;
	unsigned nth;
	change_fn *fn;
	int result;
	const char *words; /* of the report */
} changes[] = {
	{ "register", TRACE_RUN, 0, 2, change_register, VMS_REPLAY_DIFFERENT,
	    ": tf_rbx: recorded 0x4, replayed 0x3\n" },
	{ "register at entry", TRACE_RUN, 0, 1, change_register_in,
	    VMS_REPLAY_DIFFERENT, ": tf_r12: recorded 0x0, replayed 0x1\n" },
	{ "count", TRACE_RUN, 0, 1, change_count, VMS_REPLAY_DIFFERENT,
	    ": end of the run: recorded trap 0x81 after 3 instructions" },
	{ "reason", TRACE_RUN, 0, 1, change_trap, VMS_REPLAY_DIFFERENT,
	    ": end of the run: recorded stopped after 4 instructions" },
	{ "error", TRACE_CALL, VMS_OP_MUNMAP, 0, change_error,
	    VMS_REPLAY_DIFFERENT, ": error: recorded 22, replayed 0\n" },
	{ "result", TRACE_CALL, VMS_OP_MMAP, 0, change_result,
	    VMS_REPLAY_DIFFERENT,
	    ": result: recorded 0x401000, replayed 0x400000\n" },
	{ "byte read", TRACE_CALL, VMS_OP_MEM_READ, 0, change_data,
	    VMS_REPLAY_DIFFERENT, ": byte read: recorded 0x4, replayed 0x5\n" },
	{ "byte of an input", TRACE_INPUT, 0, 5, change_input,
	    VMS_REPLAY_DIFFERENT, ": tf_rbx: recorded 0x" },
	{ "place of an input", TRACE_INPUT, 0, 2, change_input_place,
	    VMS_REPLAY_DIFFERENT, "page that the recording does not have" },
	{ "digest of memory", TRACE_DIGEST, 0, 1, change_digest,
	    VMS_REPLAY_DIFFERENT, ": digest of memory: recorded 0x" },
	{ "digest of registers", TRACE_DIGEST, 0, 1, change_digest_registers,
	    VMS_REPLAY_DIFFERENT, ": digest of registers: recorded 0x" },
	{ "place of a digest", TRACE_DIGEST, 0, 1, change_digest_place,
	    VMS_REPLAY_DIFFERENT, ": instructions at a digest: recorded 0x" },
	{ "lwp", TRACE_RUN, 0, 1, change_lwp, VMS_REPLAY_UNUSABLE,
	    ": there is no lwp 99\n" },
	{ "pause", TRACE_RUN, 0, 1, change_resumed, VMS_REPLAY_UNUSABLE,
	    "goes on with a run that was not paused" },
	{ "object", TRACE_OBJECT, 0, 0, change_object, VMS_REPLAY_UNUSABLE,
	    "object 7 comes before object 1" },
	{ "size", TRACE_OBJECT, 0, 0, change_object_size, VMS_REPLAY_UNUSABLE,
	    "cannot have 18446744073709551615 bytes" },
	{ "proc", TRACE_CALL, VMS_OP_MUNMAP, 0, change_proc,
	    VMS_REPLAY_UNUSABLE, ": there is no proc 4294967295\n" },
};

/* Copies the recording with one event changed. */
static void
change_make(const struct change *change)
{
	static uint8_t content[1 << 16];
	struct trace_problem problem;
	struct trace_reader *reader;
	struct trace_writer *writer;
	struct trace_event event;
	unsigned seen = 0;

	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_int_eq(trace_writer_create(changed,
			     trace_reader_header(reader), NULL, &writer),
	    0);
	while (trace_next(reader, &event, &problem) == 0) {
		if (event.kind == change->kind &&
		    (event.kind != TRACE_CALL ||
			event.u.call.op == change->op) &&
		    seen++ == change->nth)
			change->fn(&event, content);
		ck_assert_int_eq(trace_write(writer, &event), 0);
	}
	ck_assert_uint_gt(seen, change->nth);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	trace_reader_close(reader);
}

static void
expect_change(const struct change *change)
{
	int result;

	change_make(change);
	result = replay(changed);
	ck_assert_msg(
	    result == change->result && strstr(report, change->words) != NULL,
	    "%s: %d: %s", change->name, result, report);
}

START_TEST(test_change_is_found_and_named)
{
	record_begin(VMS_RECORD_DECLARED);
	scene_runs();
	scene_stops();
	scene_calls();
	record_end();
	expect_change(&changes[_i]);
}
END_TEST

START_TEST(test_difference_has_instructions_and_last_store)
{
	const struct change change = { "byte read", TRACE_CALL, VMS_OP_MEM_READ,
		0, change_data, VMS_REPLAY_DIFFERENT, "inc qword ptr" };

	record_begin(0);
	scene_runs();
	record_end();
	expect_change(&change);
	ck_assert_msg(strstr(report, "lwp 1 stored to 0x402000 last, by the "
				     "instruction at 0x400000, after 16 "
				     "instructions") != NULL,
	    "%s", report);
	ck_assert_msg(strstr(report, "syscall") != NULL, "%s", report);
}
END_TEST

static void
change_written(struct trace_event *event, uint8_t *content)
{
	change_input(event, content);
}

START_TEST(test_what_guests_wrote_is_compared)
{
	const struct change change = { "written", TRACE_WRITTEN, 0, 1,
		change_written, VMS_REPLAY_DIFFERENT,
		": byte written: recorded 0x42, replayed 0x2\n" };

	record_begin(VMS_RECORD_WRITTEN | VMS_RECORD_DECLARED);
	scene_runs();
	record_end();
	expect_change(&change);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("replay_changes");
	TCase *tc = tcase_create("replay_changes");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_change_is_found_and_named, 0,
	    sizeof(changes) / sizeof(changes[0]));
	tcase_add_test(tc, test_difference_has_instructions_and_last_store);
	tcase_add_test(tc, test_what_guests_wrote_is_compared);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
