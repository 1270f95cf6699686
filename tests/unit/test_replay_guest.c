/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests that are played to a vkernel: a small one is recorded, and played to
 * itself and to copies of it that each do one thing differently.
 */
#include <signal.h>

#include <dragonfly/sys/vmspace.h>

#include "tests/unit/record_fixture.h"
#include "traces/guest_verdict.h"
#include "traces/rules.h"

#define ID     ((void *)0x1000)
#define OTHER  ((void *)0x2000)
#define ANON   UINT64_C(0x800000)
#define RESULT (CODE + 2 * PAGE)

static const char *self;

/* rax = *(CODE + 1 page), which *ANON and *RESULT become; pcmpeqd xmm5, xmm5;
 * syscall; syscall */
static const uint8_t code[] = { 0x48, 0x8b, 0x04, 0x25, 0x00, 0x10, 0x40, 0x00,
	0x48, 0x89, 0x04, 0x25, 0x00, 0x00, 0x80, 0x00, 0x48, 0x89, 0x04, 0x25,
	0x00, 0x20, 0x40, 0x00, 0x66, 0x0f, 0x76, 0xed, 0x0f, 0x05, 0x0f,
	0x05 };

enum mistake {
	NONE,
	EXTRA_CALL,
	MISSING_CALL,
	EXTRA_RUN,
	EARLY_STOP,
	LATE_STOP,
	ARGUMENT,
	DATA,
	REGISTER,
	TLS,
	MEMORY,
	MEMORY_LATER,
	SIZE,
	RESULT_OF_CALL,
	OTHER_LWP,
	OTHER_ID,
	OTHER_ERROR,
	OTHER_MODE,
	OTHER_SPACE
};

/* What a run of the vkernel has come to. */
struct outcome {
	int ctl; /* the last answer of vms_ctl() */
	uint64_t anon, result, retired;
	uint8_t fxsave[512];
	struct trapframe tf;
};

static void
memory_open(size_t pages)
{
	ck_assert_int_eq(os_memfile("guest", &memory_fd), 0);
	ck_assert_int_eq(ftruncate(memory_fd, (off_t)(pages * PAGE)), 0);
	memory = mmap(
	    NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, memory_fd, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	memcpy(memory, code, sizeof(code));
	for (uint8_t i = 0; i < 8; i++)
		memory[PAGE + i] = (uint8_t)('1' + i);
}

static int
run(struct vms_lwp *by, void *id, struct outcome *outcome)
{
	struct vextframe frame = { .vx_tls.info[0].base = (void *)0x1234000 };

	outcome->ctl = vms_ctl(by, id, VMS_CTL_RUN, &outcome->tf, &frame);
	return outcome->ctl;
}

static void
first_half(struct vms *v, enum mistake mistake, void *id)
{
	vms_va_t at;

	memory_open(mistake == SIZE ? 5 : 4);
	ck_assert_int_eq(vms_set_counting(v, true), 0);
	ck_assert_int_eq(vms_proc_open(v, &proc), 0);
	ck_assert_int_eq(vms_lwp_open(proc, &lwp), 0);
	ck_assert_int_eq(vms_create(proc, id, 0, NULL), 0);
	ck_assert_int_eq(vms_mmap(proc, id, CODE, 4 * PAGE, RWX,
			     VMS_MAP_SHARED | VMS_MAP_FIXED, memory_fd, 0, &at),
	    0);
	ck_assert_int_eq(
	    vms_mmap(proc, id, ANON, PAGE, VMS_PROT_READ | VMS_PROT_WRITE,
		VMS_MAP_ANON | VMS_MAP_PRIVATE | VMS_MAP_FIXED, -1, 0, &at),
	    0);
	if (mistake == EXTRA_CALL)
		vms_munmap(proc, id, 0x900000, PAGE);
	if (mistake == MEMORY)
		memory[PAGE + 3] = 'x';
}

static void
second_half(enum mistake mistake, void *id, struct outcome *outcome)
{
	void *wrong = mistake == OTHER_ERROR ? id : OTHER;
	uint8_t byte;
	size_t done;

	vms_lwp_getfp(lwp, outcome->fxsave);
	vms_mem_read(proc, id, ANON, &outcome->anon, 8, &done);
	memcpy(&outcome->result, memory + 2 * PAGE, 8);
	if (mistake != MISSING_CALL)
		vms_mcontrol(proc, id, CODE,
		    PAGE * (mistake == ARGUMENT) + PAGE, VMS_MADV_INVAL, 0);
	vms_mem_write(
	    proc, id, ANON + 8, mistake == DATA ? "abd" : "abc", 3, &done);
	(void)vms_munmap(proc, wrong, 0x900000, PAGE);
	memory[3 * PAGE] = mistake == MEMORY_LATER;
	vms_mem_read(proc, id, CODE + 3 * PAGE, &byte, 1, &done);
	if (mistake != EARLY_STOP)
		run(lwp, id, outcome);
}

/* The vkernel. */
static struct outcome
vkernel(struct vms *v, enum mistake mistake)
{
	struct outcome outcome = { .tf = { .tf_rip = CODE } };
	struct vextframe no_tls = { 0 };
	struct vms_lwp *by;
	void *id = mistake == OTHER_SPACE ? (void *)0x3000 : ID;

	first_half(v, mistake, id);
	by = lwp;
	if (mistake == OTHER_LWP)
		ck_assert_int_eq(vms_lwp_open(proc, &by), 0);
	if (mistake == REGISTER)
		outcome.tf.tf_r12 = 5;
	if (mistake == TLS)
		outcome.ctl =
		    vms_ctl(by, id, VMS_CTL_RUN, &outcome.tf, &no_tls);
	else
		run(by, mistake == OTHER_ID ? OTHER : id, &outcome);
	if (mistake == EXTRA_RUN)
		run(by, id, &outcome);
	second_half(mistake, id, &outcome);
	if (mistake == LATE_STOP)
		run(lwp, id, &outcome);
	outcome.retired = vms_lwp_retired(lwp);
	ck_assert_int_eq(vms_proc_exit(proc), 0);
	munmap(memory, 4 * PAGE);
	close(memory_fd);
	return outcome;
}

static struct outcome
record_flags(uint32_t flags)
{
	struct vms_record_options options = options_with(flags);
	struct vms_config config = { .size = sizeof(config),
		.arena_bytes = UINT64_C(64) << 20 };
	struct outcome outcome;

	ck_assert_int_eq(vms_open(&config, &vms), 0);
	start(&options);
	outcome = vkernel(vms, NONE);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	ck_assert_int_eq(vms_close(vms), 0);
	return outcome;
}

/* Plays path to the vkernel; the report is in text. */
static char text[9000];

static int
play(const char *rules, enum mistake mistake, struct outcome *outcome)
{
	FILE *report = tmpfile();
	int result, error;
	size_t len;

	error = vms_replay_guest(path, rules, report, &vms);
	if (error == 0) {
		*outcome = vkernel(vms, mistake);
		result = vms_replay_guest_end(vms);
		ck_assert_int_eq(vms_close(vms), 0);
	} else {
		result = -error;
	}
	rewind(report);
	len = fread(text, 1, sizeof(text) - 1, report);
	text[len] = '\0';
	fclose(report);
	return result;
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/t.vmt", directory);
	snprintf(partial, sizeof(partial), "%s.partial", path);
}

static void
teardown(void)
{
	char name[80];

	unlink(path);
	unlink(partial);
	for (const char *const *file =
		 (const char *const[]){ "rules", "v", "other", NULL };
	     *file != NULL; file++) {
		snprintf(name, sizeof(name), "%s/%s", directory, *file);
		unlink(name);
	}
	ck_assert_int_eq(rmdir(directory), 0);
}

static const uint32_t flags[] = { VMS_RECORD_WRITTEN,
	VMS_RECORD_WRITTEN | VMS_RECORD_VERIFY_FULL };

START_TEST(test_the_same_vkernel_is_the_same)
{
	struct outcome recorded = record_flags(flags[_i]), played = { 0 };

	ck_assert_int_eq(recorded.ctl, 0);
	ck_assert_uint_eq(recorded.anon, recorded.result);
	ck_assert_uint_ne(recorded.anon, 0);
	ck_assert_msg(play(NULL, NONE, &played) == VMS_REPLAY_SAME, "%s", text);
	ck_assert_str_eq(text, "");
	ck_assert_int_eq(played.ctl, 0);
	ck_assert_uint_eq(played.anon, recorded.anon);
	ck_assert_uint_eq(played.result, recorded.result);
	ck_assert_uint_eq(played.retired, recorded.retired);
	ck_assert_uint_gt(played.retired, 0);
	ck_assert_mem_eq(&played.tf, &recorded.tf, sizeof(played.tf));
	ck_assert_mem_eq(played.fxsave, recorded.fxsave, 416);
	ck_assert_uint_eq(played.fxsave[160 + 16 * 5], 0xff);
}
END_TEST

/* mistake, what its report says, a rule with which it is none */
static const struct {
	enum mistake mistake;
	const char *says, *rule;
} mistakes[] = {
	{ OTHER_SPACE, NULL, NULL },
	{ EXTRA_CALL, "a call where a run is recorded",
	    "allow extra call munmap" },
	{ MISSING_CALL, "recorded:   mcontrol(",
	    "allow missing call mcontrol" },
	{ EXTRA_RUN, "a run where a call is recorded", NULL },
	{ EARLY_STOP, "recorded:   a run of vmspace 1 by lwp 1\n", NULL },
	{ LATE_STOP, "recorded:   proc_exit(", NULL },
	{ ARGUMENT, "\n  len: recorded 0x1000, the kernel 0x2000\n",
	    "ignore args mcontrol len" },
	{ DATA, "\n  data, byte 2: recorded 0x63, the kernel 0x64\n",
	    "ignore data mem_write" },
	{ REGISTER, "\n  r12: recorded 0x0, the kernel gave 0x5\n",
	    "ignore field r12" },
	{ TLS, "\n  fs_base: recorded 0x1234000, the kernel gave 0x0\n",
	    "ignore field fs_base" },
	{ MEMORY, "object 1, offset 0x1003: recorded 34 (4), the kernel has 78",
	    "ignore memory 1 0x1000-4100" },
	{ MEMORY, "\n  offset 0x1003 is 0x401003 of the guest\n", NULL },
	{ MEMORY_LATER, "object 1, offset 0x3000: recorded 00, the kernel has",
	    "ignore memory 1" },
	{ SIZE, "object 1: recorded 0x4000 bytes, the kernel's has 0x5000",
	    NULL },
	{ OTHER_LWP, "lwp_open(proc 1", NULL },
	{ OTHER_ID, "the kernel: ctl(lwp 1, a vmspace not seen so far", NULL },
	{ OTHER_ERROR, "\n  vmspace: recorded 0x2, the kernel 0x1\n", NULL },
};

static void
rules_write(const char *name, const char *line)
{
	FILE *file = fopen(name, "w");

	ck_assert_ptr_nonnull(file);
	fprintf(file, "# what may differ\n\n  %s # this\n", line);
	ck_assert_int_eq(fclose(file), 0);
}

START_TEST(test_mistakes_are_found_and_rules_forgive_them)
{
	struct outcome recorded = record_flags(VMS_RECORD_WRITTEN),
		       played = { 0 };
	const char *says = mistakes[_i].says;
	char name[80];
	int result = play(NULL, mistakes[_i].mistake, &played);

	if (says == NULL) {
		ck_assert_msg(result == VMS_REPLAY_SAME, "%s", text);
		return;
	}
	ck_assert_msg(result == VMS_REPLAY_DIFFERENT && strstr(text, says),
	    "%d, not '%s': %s", result, says, text);
	if (mistakes[_i].mistake != EARLY_STOP)
		ck_assert_int_eq(played.ctl, ECANCELED);
	if (mistakes[_i].rule == NULL)
		return;
	snprintf(name, sizeof(name), "%s/rules", directory);
	rules_write(name, mistakes[_i].rule);
	ck_assert_msg(
	    play(name, mistakes[_i].mistake, &played) == VMS_REPLAY_SAME, "%s",
	    text);
	ck_assert_int_eq(played.ctl, recorded.ctl);
}
END_TEST

START_TEST(test_end_without_the_last_calls_is_a_difference)
{
	struct vms_proc *p;

	record_flags(VMS_RECORD_WRITTEN);
	ck_assert_int_eq(vms_replay_guest(path, NULL, NULL, &vms), 0);
	ck_assert_int_eq(vms_set_counting(vms, true), 0);
	ck_assert_int_eq(vms_proc_open(vms, &p), 0);
	ck_assert_int_eq(vms_close(vms), EBUSY);
	ck_assert_int_eq(vms_replay_guest_end(vms), VMS_REPLAY_DIFFERENT);
	ck_assert_int_eq(vms_replay_guest_end(vms), VMS_REPLAY_UNUSABLE);
	ck_assert_int_eq(vms_proc_exit(p), 0);
	ck_assert_int_eq(vms_close(vms), 0);
	ck_assert_int_eq(vms_replay_guest_end(NULL), VMS_REPLAY_UNUSABLE);
}
END_TEST

START_TEST(test_what_cannot_be_played_is_refused)
{
	struct outcome played = { 0 };
	char name[80];

	ck_assert_int_eq(play(NULL, NONE, &played), -ENOENT);
	record_flags(0);
	ck_assert_int_eq(play(NULL, NONE, &played), -ENOTSUP);
	ck_assert_ptr_nonnull(strstr(text, "VMS_RECORD_WRITTEN"));
	ck_assert_int_eq(unlink(path), 0);
	record_flags(VMS_RECORD_WRITTEN);
	snprintf(name, sizeof(name), "%s/rules", directory);
	ck_assert_int_eq(play(name, NONE, &played), -ENOENT);
	rules_write(name, "ignore everything");
	ck_assert_int_eq(play(name, NONE, &played), -EBADMSG);
	ck_assert_ptr_nonnull(
	    strstr(text, "/rules:3: there is no such rule: ignore\n"));
	ck_assert_int_eq(vms_replay_guest(NULL, NULL, NULL, &vms), EINVAL);
	ck_assert_int_eq(vms_replay_guest(path, NULL, NULL, NULL), EINVAL);
}
END_TEST

/* --- Traces that no recorder has made ------------------------------------ */

typedef void change_fn(struct trace_writer *writer, struct trace_event *event);

static void
put(struct trace_writer *writer, const struct trace_event *event)
{
	struct trace_event copy = *event;

	ck_assert_int_eq(trace_write(writer, &copy), 0);
}

/* Writes path again, as fn changes it. */
static void
rewrite(change_fn *fn, size_t keep)
{
	struct trace_writer_options options = { .max_bytes = 0 };
	struct trace_problem problem;
	struct trace_reader *reader;
	struct trace_writer *writer;
	struct trace_event event;
	char name[80];

	snprintf(name, sizeof(name), "%s/other", directory);
	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_int_eq(trace_writer_create(name, trace_reader_header(reader),
			     &options, &writer),
	    0);
	while (keep-- > 0 && trace_next(reader, &event, &problem) == 0)
		fn(writer, &event);
	ck_assert_int_eq(trace_writer_finish(writer, NULL, NULL), 0);
	trace_reader_close(reader);
	ck_assert_int_eq(rename(name, path), 0);
}

/* The first run has been paused in its middle. */
static void
change_pause(struct trace_writer *writer, struct trace_event *event)
{
	struct trace_event part = *event;

	if (event->kind == TRACE_RUN && event->u.run.insns > 2 &&
	    !event->u.run.resumed) {
		part.u.run.how = VMS_RUN_PAUSED;
		part.u.run.has_frame_out = false;
		part.u.run.insns = 2;
		put(writer, &part);
		event->u.run.resumed = true;
		event->u.run.insns -= 2;
	}
	put(writer, event);
}

static void
change_resume(struct trace_writer *writer, struct trace_event *event)
{
	if (event->kind == TRACE_RUN)
		event->u.run.resumed = true;
	put(writer, event);
}

static void
change_pause_for_call(struct trace_writer *writer, struct trace_event *event)
{
	if (event->kind == TRACE_RUN)
		event->u.run.how = VMS_RUN_PAUSED;
	put(writer, event);
}

static void
change_input(struct trace_writer *writer, struct trace_event *event)
{
	if (event->kind == TRACE_INPUT)
		event->u.input.object = 77;
	put(writer, event);
}

static void
change_written(struct trace_writer *writer, struct trace_event *event)
{
	if (event->kind == TRACE_WRITTEN)
		event->u.written.off += 99 * PAGE;
	put(writer, event);
}

static void
change_lwp(struct trace_writer *writer, struct trace_event *event)
{
	if (event->kind == TRACE_FP)
		event->u.fp.lwp = 9;
	if (event->kind == TRACE_RUN)
		event->u.run.lwp = 9;
	put(writer, event);
}

static void
change_objects(struct trace_writer *writer, struct trace_event *event)
{
	struct trace_event object = { .kind = TRACE_OBJECT };

	put(writer, event);
	for (uint32_t i = 1; event->number == 0 && i < 70000; i += 1)
		if (i < 3 || i > 69990) {
			object.u.object.number = i * 50000;
			put(writer, &object);
		}
}

static void
change_nothing(struct trace_writer *writer, struct trace_event *event)
{
	put(writer, event);
}

static void
change_end_of_run(struct trace_writer *writer, struct trace_event *event)
{
	if (event->kind == TRACE_RUN) {
		event->u.run.how = VMS_RUN_FAILED;
		event->u.run.error = errno_to_dragonfly(EIO);
	}
	put(writer, event);
}

static const struct {
	const char *name;
	change_fn *change;
	int result, ctl;
	const char *says;
} changes[] = {
	{ "paused", change_pause, VMS_REPLAY_SAME, 0, "" },
	{ "resumed", change_resume, VMS_REPLAY_UNUSABLE, ECANCELED,
	    "calls of another thread" },
	{ "paused for a call", change_pause_for_call, VMS_REPLAY_UNUSABLE,
	    ECANCELED, "a call of another thread" },
	{ "unknown input", change_input, VMS_REPLAY_DIFFERENT, ECANCELED,
	    "object 77, offset 0x0: recorded, the kernel has no such page" },
	{ "unknown store", change_written, VMS_REPLAY_DIFFERENT, ECANCELED,
	    "which the kernel does not let it" },
	{ "unknown lwp", change_lwp, VMS_REPLAY_DIFFERENT, ECANCELED,
	    "lwp: recorded 9, the kernel ran 1" },
	{ "unknown objects", change_objects, VMS_REPLAY_DIFFERENT, ECANCELED,
	    "object 50000: recorded, the kernel has none" },
	{ "failed", change_end_of_run, VMS_REPLAY_SAME, EIO, "" },
};

START_TEST(test_traces_that_no_recorder_has_made)
{
	struct outcome played = { .ctl = 0 };
	int result;

	record_flags(VMS_RECORD_WRITTEN);
	rewrite(changes[_i].change, SIZE_MAX);
	result = play(NULL, NONE, &played);
	ck_assert_msg(result == changes[_i].result, "%s: %d: %s",
	    changes[_i].name, result, text);
	ck_assert_msg(strstr(text, changes[_i].says) != NULL, "%s: %s",
	    changes[_i].name, text);
	ck_assert_int_eq(played.ctl, changes[_i].ctl);
}
END_TEST

static void
count_events(void *arg, const struct trace_event *event)
{
	(void)event;
	++*(size_t *)arg;
}

START_TEST(test_every_trace_that_ends_too_early_is_a_difference)
{
	struct outcome played = { 0 };
	size_t events = 0;

	record_flags(VMS_RECORD_WRITTEN);
	events_each(path, count_events, &events);
	ck_assert_uint_gt(events, 20);
	/* The last one is a digest or the end of the process. */
	for (size_t keep = events - 3; keep > 0; keep--) {
		rewrite(change_nothing, keep);
		ck_assert_int_ne(
		    play(NULL, NONE, &played), VMS_REPLAY_UNUSABLE);
	}
	ck_assert_ptr_nonnull(
	    strstr(text, "the kernel went on after the last event"));
}
END_TEST

START_TEST(test_a_trace_that_was_cut_short_is_the_same_up_to_there)
{
	struct outcome played = { 0 };
	char *bytes;
	size_t len;
	FILE *file;

	record_flags(VMS_RECORD_WRITTEN);
	len = file_read(path, &bytes);
	file = fopen(path, "wb");
	/* Without its index and its end. */
	fwrite(bytes, 1, len - 100, file);
	fclose(file);
	free(bytes);
	ck_assert_msg(play(NULL, NONE, &played) == VMS_REPLAY_SAME, "%s", text);
}
END_TEST

/* --- Rules --------------------------------------------------------------- */

static const struct {
	const char *line, *why; /* NULL: it is good */
} lines[] = {
	{ "", NULL },
	{ "ignore call mcontrol munmap", NULL },
	{ "ignore field tf_r11 rflags gs_base", NULL },
	{ "ignore args mmap 0 len", NULL },
	{ "allow extra call mem_read", NULL },
	{ "ignore memory 3 0x1000-0x2000", NULL },
	{ "ignore memory 3", NULL },
	{ "ignore", "there is no such rule: ignore" },
	{ "ignore call", "the line says not of what" },
	{ "allow extra", "there is no such rule: allow" },
	{ "ignore call run", "there is no such call: run" },
	{ "ignore args munmap 2", "the call has no argument: 2" },
	{ "ignore args munmap", "an argument is missing" },
	{ "ignore memory 0", "objects count from 1: 0" },
	{ "ignore memory x", "not a number: x" },
	{ "ignore memory 1 5", "not a number: 5" },
	{ "ignore memory 1 5-x", "not a number: x" },
	{ "ignore memory 1 5-5", "an empty range: 5" },
	{ "ignore memory 1 1-2 3", "too many words: 3" },
	{ "ignore memory 99999999999999999999", "not a number: 9" },
};

START_TEST(test_lines_of_rules)
{
	struct rules rules = { .ranges = NULL };
	char name[80], problem[300] = "", wanted[300];
	int error;

	snprintf(name, sizeof(name), "%s/rules", directory);
	rules_write(name, lines[_i].line);
	error = rules_read(&rules, name, problem, sizeof(problem));
	rules_finish(&rules);
	if (lines[_i].why == NULL) {
		ck_assert_msg(error == 0, "%s: %s", lines[_i].line, problem);
		return;
	}
	snprintf(wanted, sizeof(wanted), "%s:3: %s", name, lines[_i].why);
	ck_assert_int_eq(error, EBADMSG);
	ck_assert_msg(strncmp(problem, wanted, strlen(wanted)) == 0,
	    "'%s', not '%s'", problem, wanted);
}
END_TEST

START_TEST(test_rules_say_what_they_were_told)
{
	struct rules rules = { .ranges = NULL };
	char name[80], problem[300] = "";
	FILE *file;

	snprintf(name, sizeof(name), "%s/rules", directory);
	file = fopen(name, "w");
	fprintf(file, "ignore call munmap\nignore args mmap 0 len\n"
		      "ignore field tf_rax\nignore memory 2 0x10-0x20");
	fclose(file);
	ck_assert_int_eq(rules_read(&rules, name, problem, sizeof(problem)), 0);
	ck_assert(rules_has(&rules, VMS_OP_MUNMAP, RULE_IGNORE));
	ck_assert(!rules_has(&rules, VMS_OP_MUNMAP, RULE_EXTRA));
	ck_assert(!rules_has(&rules, VMS_OP_MMAP, RULE_IGNORE));
	ck_assert_uint_eq(rules.args[VMS_OP_MMAP], 3);
	ck_assert_uint_eq(rules.registers, UINT32_C(1) << 6);
	ck_assert(rules_ignore_byte(&rules, 2, 0x10));
	ck_assert(rules_ignore_byte(&rules, 2, 0x1f));
	ck_assert(!rules_ignore_byte(&rules, 2, 0x20));
	ck_assert(!rules_ignore_byte(&rules, 1, 0x10));
	rules_finish(&rules);
	file = fopen(name, "w");
	fprintf(file, "%600d\n", 1);
	fclose(file);
	ck_assert_int_eq(
	    rules_read(&rules, name, problem, sizeof(problem)), EBADMSG);
	ck_assert_ptr_nonnull(strstr(problem, ":1: the line is too long"));
	rules_finish(&rules);
}
END_TEST

/* --- The environment ----------------------------------------------------- */

/* This program again: a vkernel on one face or the other, which prints what
 * failed. */
static void
program_handles(const char *how)
{
	int error = vms_open(NULL, &vms);

	if (error != 0) {
		printf("open: %s\n", strerror(error));
		return;
	}
	vkernel(vms, strcmp(how, "wrong") == 0 ? REGISTER : NONE);
	if (strcmp(how, "dies") == 0)
		raise(SIGKILL);
	if (strcmp(how, "closes") == 0)
		ck_assert_int_eq(vms_close(vms), 0);
}

static void
program_drop_in(void)
{
	struct trapframe frame = { .tf_rip = (int64_t)CODE };
	void *anon = (void *)(uintptr_t)ANON;

	vmspace_set_fp_mirror(0);
	memory_open(4);
	if (vmspace_create(ID, 0, NULL) != 0 ||
	    vmspace_mmap(ID, (void *)(uintptr_t)CODE, 4 * PAGE, RWX,
		VMS_MAP_SHARED | VMS_MAP_FIXED, memory_fd,
		0) == (void *)(intptr_t)-1 ||
	    vmspace_mmap(ID, anon, PAGE, RWX,
		VMS_MAP_ANON | VMS_MAP_PRIVATE | VMS_MAP_FIXED, -1,
		0) == (void *)(intptr_t)-1 ||
	    vmspace_ctl(ID, VMS_CTL_RUN, &frame, &vf) != 0)
		printf("failed: %s\n", strerror(errno));
	printf("%.8s\n", (const char *)memory + 2 * PAGE);
}

static const char *program;

START_TEST(test_program)
{
	if (strcmp(program, "drop-in") == 0)
		program_drop_in();
	else
		program_handles(program);
}
END_TEST

/* Assertions need a runner. */
static int
program_main(const char *how)
{
	Suite *suite = suite_create("program");
	TCase *tcase = tcase_create("program");
	SRunner *runner = srunner_create(suite);

	program = how;
	tcase_add_test(tcase, test_program);
	suite_add_tcase(suite, tcase);
	srunner_set_fork_status(runner, CK_NOFORK);
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return EXIT_SUCCESS;
}

/* Runs it; answers what it has printed, also on stderr. */
static const char *
program_run(const char *how)
{
	static char output[4000];
	char command[400];
	FILE *pipe;
	size_t len;

	snprintf(command, sizeof(command), "'%s' %s 2>&1", self, how);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	(void)pclose(pipe);
	return output;
}

static void
program_record(const char *how)
{
	setenv("VMSPACE_VKERNEL_ENABLE", "1", 1);
	setenv("VMSPACE_RECORD", path, 1);
	setenv("VMSPACE_RECORD_OPTIONS", "written", 1);
	program_run(how);
	unsetenv("VMSPACE_RECORD");
	ck_assert_int_eq(access(path, F_OK), 0);
	setenv("VMSPACE_REPLAY_GUEST", path, 1);
}

static int
verdict_of(const char *how, struct verdict_read *verdict, const char **output)
{
	char name[80];
	FILE *file;
	int error;

	snprintf(name, sizeof(name), "%s/v", directory);
	setenv("VMSPACE_REPLAY_VERDICT", name, 1);
	*output = program_run(how);
	unsetenv("VMSPACE_REPLAY_VERDICT");
	if ((file = fopen(name, "r")) == NULL)
		return errno;
	error = verdict_read(fileno(file), verdict);
	fclose(file);
	unlink(name);
	return error;
}

/* recorded program, played program, verdict, what is printed */
static const struct {
	const char *recorded, *played;
	int result;
	const char *prints;
} programs[] = {
	{ "handles", "handles", VMS_REPLAY_SAME, "" },
	{ "closes", "closes", VMS_REPLAY_SAME, "" },
	{ "closes", "handles", VMS_REPLAY_SAME, "" },
	{ "handles", "wrong", VMS_REPLAY_DIFFERENT, "" },
	{ "handles", "dies", -1, "" },
	{ "handles", "drop-in", VMS_REPLAY_DIFFERENT, "failed: " },
	{ "drop-in", "drop-in", VMS_REPLAY_SAME, "12345678\n" },
};

START_TEST(test_programs_are_played_when_the_environment_says_so)
{
	struct verdict_read verdict = { .result = -2 };
	const char *output;

	program_record(programs[_i].recorded);
	ck_assert_int_eq(verdict_of(programs[_i].played, &verdict, &output), 0);
	ck_assert_msg(verdict.result == programs[_i].result, "%s: %d: %s %s",
	    programs[_i].played, verdict.result, verdict.text, output);
	ck_assert_msg(strncmp(output, programs[_i].prints,
			  strlen(programs[_i].prints)) == 0,
	    "%s", output);
	if (verdict.result != VMS_REPLAY_DIFFERENT)
		ck_assert_uint_gt(verdict.events, 1);
	ck_assert_int_eq(
	    verdict.text[0] != '\0', verdict.result == VMS_REPLAY_DIFFERENT);
}
END_TEST

START_TEST(test_a_program_without_a_verdict_file_reports_on_stderr)
{
	program_record("handles");
	ck_assert_ptr_nonnull(strstr(program_run("wrong"),
	    "\n  r12: recorded 0x0, the kernel gave 0x5\n"));
	setenv("VMSPACE_REPLAY_GUEST", "/no/such/trace", 1);
	ck_assert_ptr_nonnull(
	    strstr(program_run("handles"), "open: Bad message\n"));
	setenv("VMSPACE_REPLAY_GUEST", path, 1);
	setenv("VMSPACE_REPLAY_RULES", "/no/such/rules", 1);
	ck_assert_ptr_nonnull(strstr(program_run("handles"), "/no/such/rules"));
	setenv("VMSPACE_REPLAY_GUEST", "", 1);
	ck_assert_str_eq(program_run("handles"), "");
}
END_TEST

START_TEST(test_other_files_are_no_verdict)
{
	struct verdict_read verdict;
	FILE *file = tmpfile();

	ck_assert_int_eq(verdict_read(fileno(file), &verdict), EBADMSG);
	fprintf(file, "%100d\n", 1);
	fflush(file);
	ck_assert_int_eq(verdict_read(fileno(file), &verdict), EBADMSG);
	ck_assert_int_eq(verdict_read(-1, &verdict), EBADF);
	fclose(file);
}
END_TEST

#define ROWS(rows) (int)(sizeof(rows) / sizeof((rows)[0]))

int
main(int argc, char **argv)
{
	SRunner *runner;
	Suite *suite;
	TCase *tcase;
	int failed;

	self = argv[0];
	if (argc > 1)
		return program_main(argv[1]);
	suite = suite_create("replay_guest");
	tcase = tcase_create("replay_guest");
	runner = srunner_create(suite);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(
	    tcase, test_the_same_vkernel_is_the_same, 0, ROWS(flags));
	tcase_add_loop_test(tcase,
	    test_mistakes_are_found_and_rules_forgive_them, 0, ROWS(mistakes));
	tcase_add_test(tcase, test_end_without_the_last_calls_is_a_difference);
	tcase_add_test(tcase, test_what_cannot_be_played_is_refused);
	tcase_add_loop_test(
	    tcase, test_traces_that_no_recorder_has_made, 0, ROWS(changes));
	tcase_add_test(
	    tcase, test_every_trace_that_ends_too_early_is_a_difference);
	tcase_add_test(
	    tcase, test_a_trace_that_was_cut_short_is_the_same_up_to_there);
	tcase_add_loop_test(tcase, test_lines_of_rules, 0, ROWS(lines));
	tcase_add_test(tcase, test_rules_say_what_they_were_told);
	tcase_add_loop_test(tcase,
	    test_programs_are_played_when_the_environment_says_so, 0,
	    ROWS(programs));
	tcase_add_test(
	    tcase, test_a_program_without_a_verdict_file_reports_on_stderr);
	tcase_add_test(tcase, test_other_files_are_no_verdict);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
