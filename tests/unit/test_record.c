/* SPDX-License-Identifier: BSD-2-Clause */
/* The recorder: from calls and runs to a file, and what ends a recording. */
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "tests/unit/record_fixture.h"
#include "traces/record.h"

#define ID  ((void *)0x1000)
#define ID2 ((void *)0x2000)

#define CODE_SYSCALL 0x0f, 0x05
/* mov [rsp], rsp; syscall */
#define CODE_STORE 0x48, 0x89, 0x24, 0x24, CODE_SYSCALL
/* mov al, [CODE + 2 pages]; syscall */
#define CODE_LOAD 0x8a, 0x04, 0x25, 0x00, 0x20, 0x40, 0x00, CODE_SYSCALL
/* pcmpeqd xmm5, xmm5; syscall */
#define CODE_XMM 0x66, 0x0f, 0x76, 0xed, CODE_SYSCALL
/* mov rcx, 1 << 20; dec rcx; jnz back; syscall */
#define CODE_LONG                                                              \
	0x48, 0xc7, 0xc1, 0x00, 0x00, 0x10, 0x00, 0x48, 0xff, 0xc9, 0x75,      \
	    0xfb, CODE_SYSCALL

static void
setup(void)
{
	reports = 0;
	fixture_open();
}

static void
teardown(void)
{
	fixture_close();
}

static const struct {
	const char *name;
	int host;
	int32_t dragonfly;
} errnos[] = {
	{ "none", 0, 0 },
	{ "EINTR", EINTR, 4 },
	{ "EIO", EIO, 5 },
	{ "EDEADLK", EDEADLK, 11 },
	{ "ENOMEM", ENOMEM, 12 },
	{ "EACCES", EACCES, 13 },
	{ "ENODEV", ENODEV, 19 },
	{ "EINVAL", EINVAL, 22 },
	{ "EAGAIN", EAGAIN, 35 },
	{ "EOPNOTSUPP", EOPNOTSUPP, 45 },
	{ "ECANCELED", ECANCELED, 85 },
	{ "ENOTRECOVERABLE", ENOTRECOVERABLE, 1001 },
	{ "not in the table", 4000, ERRNO_OF_HOST + 4000 },
	{ "of another host", ERRNO_OF_TRACE + 97, 97 },
};

START_TEST(test_errno_values_have_one_number_on_every_host)
{
	ck_assert_msg(
	    errno_to_dragonfly(errnos[_i].host) == errnos[_i].dragonfly, "%s",
	    errnos[_i].name);
	ck_assert_msg(
	    errno_from_dragonfly(errnos[_i].dragonfly) == errnos[_i].host, "%s",
	    errnos[_i].name);
	ck_assert_int_eq(errno_to_dragonfly(ENOTSUP), 45);
}
END_TEST

START_TEST(test_config_and_engine_are_told)
{
	struct vms_config config = { .size = sizeof(config) };
	char version[16] = "";
	unsigned major = 0;

	ck_assert_int_eq(vms_get_config(vms, &config), 0);
	ck_assert_uint_eq(config.arena_bytes, UINT64_C(64) << 20);
	ck_assert_uint_eq(config.max_map_entries, 1000000);
	ck_assert_uint_eq(config.size, sizeof(config));
	config.size = sizeof(config) + 1;
	ck_assert_int_eq(vms_get_config(vms, &config), EINVAL);
	vms_unicorn_version(version);
	ck_assert_int_eq(sscanf(version, "%u.", &major), 1);
	ck_assert_uint_eq(major, 2);
}
END_TEST

START_TEST(test_start_refuses_what_cannot_be)
{
	struct vms_record_options options = options_with(VMS_RECORD_CHECK);

	ck_assert_int_eq(
	    vms_record_start(vms, path, &options, &record), EINVAL);
	options = options_with(0x1000);
	ck_assert_int_eq(
	    vms_record_start(vms, path, &options, &record), EINVAL);
	options = options_with(0);
	options.size--;
	ck_assert_int_eq(
	    vms_record_start(vms, path, &options, &record), EINVAL);
	ck_assert_int_eq(vms_record_start(vms, NULL, NULL, &record), EINVAL);
	ck_assert_int_eq(vms_record_start(vms, "", NULL, &record), EINVAL);
	ck_assert_int_eq(
	    vms_record_start(vms, "/no/such/dir/t", NULL, &record), ENOENT);

	start(NULL);
	ck_assert_int_eq(vms_record_start(vms, "/tmp/x", NULL, &record), EBUSY);
	ck_assert_int_eq(access("/tmp/x.partial", F_OK), -1);
	ck_assert_int_eq(vms_close(vms), EBUSY);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	guest_open(ID);
	ck_assert_int_eq(vms_record_start(vms, "/tmp/x", NULL, &record), EBUSY);
	ck_assert_int_eq(vms_record_stop(NULL, NULL), 0);
}
END_TEST

/* Letters of the events, in order: calls by the table, R for a run. */
static const char call_letters[VMS_OP_COUNT] = { [VMS_OP_PROC_OPEN] = 'p',
	[VMS_OP_LWP_OPEN] = 'l',
	[VMS_OP_CREATE] = 'c',
	[VMS_OP_MMAP] = 'm',
	[VMS_OP_DESTROY] = 'd',
	[VMS_OP_MUNMAP] = 'u',
	[VMS_OP_PROC_EXIT] = 'x' };

static void
spell(void *arg, const struct trace_event *event)
{
	static const char kinds[] = { [TRACE_CALL] = '?',
		[TRACE_OBJECT] = 'O',
		[TRACE_INPUT] = 'I',
		[TRACE_RUN] = 'R',
		[TRACE_DIGEST] = 'D',
		[TRACE_CONCURRENT] = 'C',
		[TRACE_WRITTEN] = 'W',
		[TRACE_FP] = 'F',
		[TRACE_CHECKPOINT] = 'K' };
	char *text = arg;
	char letter = kinds[event->kind];

	if (event->kind == TRACE_CALL && call_letters[event->u.call.op] != '\0')
		letter = call_letters[event->u.call.op];
	ck_assert_uint_lt(strlen(text), 190);
	text[strlen(text)] = letter;
}

START_TEST(test_recorded_events_are_those_of_the_calls)
{
	struct vms_record_result result = { .size = sizeof(result) };
	struct trace_end end;
	char text[200] = "";

	start(NULL);
	guest_open(ID);
	ck_assert_int_eq(RUN(ID, CODE_STORE), 0);
	ck_assert_int_eq(RUN(ID, CODE_STORE), 0);
	ck_assert_int_eq(vms_destroy(proc, ID2), ENOENT);
	ck_assert_int_eq(vms_record_stop(record, &result), 0);
	ck_assert_int_eq(access(partial, F_OK), -1);
	end = events_each(path, spell, text);
	ck_assert_int_eq(end.how, TRACE_END_COMPLETE);
	ck_assert_msg(strncmp(text, "plcOm", 5) == 0, "%s", text);
	ck_assert_msg(strstr(text, "IR") != NULL, "%s", text);
	ck_assert_ptr_eq(strchr(text, 'W'), NULL);
	ck_assert_uint_eq(strlen(text), result.events);
	ck_assert_uint_eq(end.events, result.events);
	ck_assert_uint_eq(end.insns, 4);
	ck_assert_uint_eq(result.insns, 4);
	ck_assert_uint_eq(end.stream_digest[0], result.stream_digest[0]);
	ck_assert(!result.capped && result.error == 0 && result.missed == 0);
	ck_assert_uint_eq(reports, 0);
}
END_TEST

/* Everything that a run of this test's guest is. */
static void
check_events(void *arg, const struct trace_event *event)
{
	unsigned *runs = arg;

	if (event->kind == TRACE_CALL && event->u.call.op == VMS_OP_DESTROY) {
		ck_assert_uint_eq(event->u.call.id, 2);
		ck_assert_int_eq(
		    event->u.call.error, errno_to_dragonfly(ENOENT));
		ck_assert_int_eq(event->u.call.vkernel_enable, 1);
	}
	if (event->kind == TRACE_CALL && event->u.call.op == VMS_OP_MMAP) {
		ck_assert_uint_eq(event->u.call.id, 1);
		ck_assert_uint_eq(event->u.call.args[0], CODE);
		ck_assert_uint_eq(event->u.call.result, CODE);
		ck_assert_int_eq(event->u.call.fd_kind, VMS_FD_FILE);
		ck_assert_uint_eq(event->u.call.object, 1);
	}
	if (event->kind != TRACE_RUN)
		return;
	(*runs)++;
	ck_assert_uint_eq(event->u.run.proc, 1);
	ck_assert_uint_eq(event->u.run.lwp, 1);
	ck_assert_uint_eq(event->u.run.id, 1);
	ck_assert_int_eq(event->u.run.how, VMS_RUN_TRAP);
	ck_assert_uint_eq(event->u.run.insns, 2);
	ck_assert_int_eq(event->u.run.frame_in.tf_rip, (int64_t)CODE);
	ck_assert_int_eq(event->u.run.frame_out.tf_rip, (int64_t)CODE + 6);
	ck_assert_int_eq(event->u.run.frame_out.tf_trapno, T_FAST_SYSCALL);
	ck_assert_uint_eq(event->u.run.tls_in[0], 0x1234000);
	ck_assert_uint_eq(event->u.run.tls_in[1], 0x5678000);
	ck_assert(event->u.run.has_frame_out && event->u.run.started);
	ck_assert(!event->u.run.resumed);
}

START_TEST(test_run_and_call_hold_what_was_seen)
{
	unsigned runs = 0;

	start(NULL);
	guest_open(ID);
	vf.vx_tls.info[0].base = (void *)(uintptr_t)0x1234000;
	vf.vx_tls.info[1].base = (void *)(uintptr_t)0x5678000;
	ck_assert_int_eq(RUN(ID, CODE_STORE), 0);
	ck_assert_int_eq(vms_destroy(proc, ID2), ENOENT);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	events_each(path, check_events, &runs);
	ck_assert_uint_eq(runs, 1);
}
END_TEST

START_TEST(test_header_says_what_was_recorded)
{
	static const char *const notes[] = { "command=a b", "x=y", NULL };
	struct vms_record_options options = options_with(VMS_RECORD_WRITTEN);
	struct trace_problem problem;
	struct trace_reader *reader;
	const struct trace_header *header;
	char creator[32], unicorn[16];

	options.notes = notes;
	start(&options);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	header = trace_reader_header(reader);
	snprintf(creator, sizeof(creator), "vmspace %s", vms_version());
	vms_unicorn_version(unicorn);
	ck_assert_uint_eq(header->major, TRACE_MAJOR);
	ck_assert_uint_eq(
	    header->compat & TRACE_COMPAT_WRITTEN, TRACE_COMPAT_WRITTEN);
	ck_assert_uint_eq(
	    header->compat & TRACE_COMPAT_UNDECLARED, TRACE_COMPAT_UNDECLARED);
	ck_assert_uint_eq(header->observe_flags, VMS_OBSERVE_WRITTEN);
	ck_assert_uint_eq(header->digest_insns, 1 << 20);
	ck_assert_uint_eq(header->page_bytes, 4096);
	ck_assert_uint_eq(header->arena_bytes, UINT64_C(64) << 20);
	ck_assert_uint_eq(header->max_map_entries, 1000000);
	ck_assert_str_eq(header->cpu_model, "Nehalem");
	ck_assert_str_eq(header->creator, creator);
	ck_assert_str_eq(header->unicorn, unicorn);
	ck_assert_str_eq(header->notes[0], "command=a b");
	ck_assert_str_eq(header->notes[1], "x=y");
	ck_assert_ptr_null(header->notes[2]);
	trace_reader_close(reader);
}
END_TEST

static void
session(void *id)
{
	start(NULL);
	guest_open(id);
	ck_assert_int_eq(RUN(id, CODE_STORE), 0);
	ck_assert_int_eq(RUN(id, CODE_LONG), 0);
	memory[2 * PAGE] = 7;
	ck_assert_int_eq(RUN(id, CODE_LOAD), 0);
	ck_assert_int_eq(vms_destroy(proc, id), 0);
	ck_assert_int_eq(vms_proc_exit(proc), 0);
	proc = NULL;
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
}

/* Ids at other addresses included. */
START_TEST(test_recording_twice_is_byte_identical)
{
	char *first, *second;
	size_t first_len, second_len;

	session(ID);
	first_len = file_read(path, &first);
	ck_assert_int_eq(vms_close(vms), 0);
	ck_assert_int_eq(vms_open(NULL, &vms), 0);
	ck_assert_int_eq(vms_close(vms), 0);
	ck_assert_int_eq(
	    vms_open(&(struct vms_config){ .size = sizeof(struct vms_config),
			 .arena_bytes = UINT64_C(64) << 20 },
		&vms),
	    0);
	memset(memory, 0, PAGES * PAGE);
	session(ID2);
	second_len = file_read(path, &second);
	ck_assert_uint_eq(first_len, second_len);
	ck_assert_mem_eq(first, second, first_len);
	free(first);
	free(second);
}
END_TEST

START_TEST(test_path_is_of_the_directory_at_start)
{
	char old[4096];

	ck_assert_ptr_nonnull(getcwd(old, sizeof(old)));
	ck_assert_int_eq(chdir(directory), 0);
	ck_assert_int_eq(vms_record_start(vms, "t.vmt", NULL, &record), 0);
	ck_assert_int_eq(chdir(old), 0);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	ck_assert_int_eq(access(path, R_OK), 0);
}
END_TEST

START_TEST(test_cap_ends_the_recording_not_the_guest)
{
	struct vms_record_options options = options_with(0);
	struct vms_record_result result = { .size = sizeof(result) };

	options.max_bytes = 16384;
	start(&options);
	guest_open(ID);
	for (size_t i = PAGE; i < (PAGES - 1) * PAGE; i++)
		memory[i] = (uint8_t)(i * i >> 7 ^ i);
	for (uint8_t i = 1; i < PAGES - 1; i++)
		ck_assert_int_eq(
		    RUN(ID, 0x8a, 0x04, 0x25, 0x00, (uint8_t)(i << 4),
			(uint8_t)(0x40 + (i >> 4)), 0x00, CODE_SYSCALL),
		    0);
	ck_assert_int_eq(vms_record_stop(record, &result), 0);
	ck_assert(result.capped);
	ck_assert_uint_le(result.bytes, 16384);
	ck_assert_int_eq(events_each(path, NULL, NULL).how, TRACE_END_CAPPED);
	ck_assert_uint_eq(reports, 0);
}
END_TEST

/* Makes every write beyond the first bytes of a file fail with EFBIG. */
static void
limit_files(rlim_t bytes)
{
	struct rlimit limit;

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(getrlimit(RLIMIT_FSIZE, &limit), 0);
	limit.rlim_cur = bytes;
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* Input that does not compress, a page each run, until a run fails. */
static int
run_with_much_input(void)
{
	uint64_t random = 1;
	int error = 0;

	for (unsigned i = 0; i < 4000 && error == 0; i++) {
		for (size_t at = 0; at < PAGE; at += sizeof(random)) {
			random = random * UINT64_C(6364136223846793005) + 99991;
			memcpy(memory + 2 * PAGE + at, &random, sizeof(random));
		}
		vms_note_write(vms, memory_fd, 2 * PAGE, PAGE);
		error = RUN(ID, CODE_LOAD);
	}
	return error;
}

START_TEST(test_full_disk_ends_the_run_with_its_error)
{
	struct vms_record_options options = options_with(0);
	struct vms_record_result result = { .size = sizeof(result) };

	start(&options);
	guest_open(ID);
	limit_files(300000);
	ck_assert_int_eq(run_with_much_input(), EFBIG);
	ck_assert_int_eq(RUN(ID, CODE_SYSCALL), EFBIG);
	ck_assert_int_eq(vms_record_stop(record, &result), EFBIG);
	ck_assert_int_eq(result.error, EFBIG);
	ck_assert_uint_eq(reports, 0);
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(
	    events_each(partial, NULL, NULL).how, TRACE_END_TRUNCATED);
	ck_assert_int_eq(RUN(ID, CODE_SYSCALL), 0);
}
END_TEST

START_TEST(test_full_disk_is_reported_once_when_optional)
{
	struct vms_record_options options = options_with(VMS_RECORD_OPTIONAL);
	struct vms_record_result result = { .size = sizeof(result) };
	struct trace_end end;

	start(&options);
	guest_open(ID);
	limit_files(300000);
	ck_assert_int_eq(run_with_much_input(), 0);
	ck_assert_uint_eq(reports, 1);
	ck_assert_ptr_nonnull(strstr(last_report, strerror(EFBIG)));
	ck_assert_int_eq(vms_record_stop(record, &result), EFBIG);
	ck_assert_uint_eq(reports, 1);
	end = events_each(partial, NULL, NULL);
	ck_assert_int_eq(end.how, TRACE_END_TRUNCATED);
	ck_assert_uint_gt(end.events, 10);
}
END_TEST

START_TEST(test_forked_child_leaves_the_file_alone)
{
	struct vms_record_result result = { .size = sizeof(result) };
	int status;
	pid_t pid;

	start(NULL);
	guest_open(ID);
	ck_assert_int_eq(RUN(ID, CODE_STORE), 0);
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
		_exit(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, &vf) == ENXIO &&
			      vms_record_stop(record, NULL) == ENXIO
			  ? 0
			  : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	ck_assert_int_eq(access(partial, F_OK), 0);
	ck_assert_int_eq(RUN(ID, CODE_STORE), 0);
	ck_assert_int_eq(vms_record_stop(record, &result), 0);
	ck_assert_uint_eq(events_each(path, NULL, NULL).events, result.events);
}
END_TEST

START_TEST(test_undeclared_store_is_reported_once_a_page)
{
	struct vms_record_options options =
	    options_with(VMS_RECORD_DECLARED | VMS_RECORD_CHECK);
	struct vms_record_result result = { .size = sizeof(result) };

	start(&options);
	guest_open(ID);
	ck_assert_int_eq(RUN(ID, CODE_LOAD), 0);
	ck_assert_uint_eq(reports, 0);
	for (uint8_t i = 1; i < 4; i++) {
		memory[2 * PAGE] = i;
		ck_assert_int_eq(RUN(ID, CODE_LOAD), 0);
		ck_assert_uint_eq(reports, 1);
	}
	ck_assert_ptr_nonnull(strstr(last_report, "object 1"));
	ck_assert_ptr_nonnull(strstr(last_report, "0x2000"));
	memory[2 * PAGE] = 9;
	vms_note_write(vms, memory_fd, 2 * PAGE, 1);
	ck_assert_int_eq(RUN(ID, CODE_LOAD), 0);
	ck_assert_int_eq(vms_record_stop(record, &result), 0);
	ck_assert_uint_eq(result.missed, 3);
}
END_TEST

static void
count_fp(void *arg, const struct trace_event *event)
{
	unsigned *counts = arg;

	ck_assert_int_lt(event->kind, TRACE_KIND_COUNT);
	counts[event->kind]++;
	if (event->kind == TRACE_FP && counts[TRACE_FP] == 2)
		ck_assert_uint_eq(event->u.fp.fxsave[160 + 5 * 16], 0xff);
}

/* The first run, the one that changes them, not the others. */
START_TEST(test_written_has_fp_registers_that_changed)
{
	struct vms_record_options options = options_with(VMS_RECORD_WRITTEN);
	unsigned counts[TRACE_KIND_COUNT] = { 0 };

	start(&options);
	guest_open(ID);
	ck_assert_int_eq(RUN(ID, CODE_SYSCALL), 0);
	ck_assert_int_eq(RUN(ID, CODE_XMM), 0);
	ck_assert_int_eq(RUN(ID, CODE_XMM), 0);
	ck_assert_int_eq(RUN(ID, CODE_STORE), 0);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	events_each(path, count_fp, counts);
	ck_assert_uint_eq(counts[TRACE_RUN], 4);
	ck_assert_uint_eq(counts[TRACE_FP], 2);
	ck_assert_uint_ge(counts[TRACE_WRITTEN], 1);
}
END_TEST

START_TEST(test_digests_come_as_often_as_asked)
{
	struct vms_record_options options =
	    options_with(VMS_RECORD_VERIFY_FULL);
	unsigned counts[TRACE_KIND_COUNT] = { 0 };

	options.digest_insns = 100000;
	start(&options);
	guest_open(ID);
	ck_assert_int_eq(RUN(ID, CODE_LONG), 0);
	ck_assert_int_eq(RUN(ID, CODE_SYSCALL), 0);
	ck_assert_int_eq(vms_record_stop(record, NULL), 0);
	events_each(path, count_fp, counts);
	ck_assert_uint_ge(counts[TRACE_DIGEST], 20);
	ck_assert_uint_le(counts[TRACE_DIGEST], 25);
}
END_TEST

static void
keep_runs(void *arg, const struct trace_event *event)
{
	struct trace_run **next = arg;

	if (event->kind == TRACE_RUN)
		*(*next)++ = event->u.run;
}

/* The observer's functions, told of two lwps that take turns. */
START_TEST(test_parts_of_a_run_have_its_frame)
{
	struct vms_record_options options = options_with(0);
	struct trapframe frames[2] = { { .tf_rax = 1 }, { .tf_rax = 2 } };
	struct trace_header header = { .major = TRACE_MAJOR,
		.page_bytes = 4096 };
	struct trace_writer_options whole = { .max_bytes = 0 };
	struct vms_record fake = { .vms = vms };
	struct trace_run runs[4], *next = runs;
	struct vms_observer observer;
	uint64_t limit = UINT64_MAX;

	record_observer_init(&observer, &options);
	ck_assert_int_eq(
	    trace_writer_create(path, &header, &whole, &fake.writer), 0);
	for (uint32_t i = 0; i < 4; i++) {
		struct vms_run_start begin = { .proc = 1,
			.lwp = 1 + i % 2,
			.id = ID,
			.tf = i < 2 ? &frames[i] : NULL,
			.vf = &vf,
			.resumed = i >= 2 };
		struct vms_run_end end = { .proc = 1,
			.lwp = 1 + i % 2,
			.id = ID,
			.how = i < 2 ? VMS_RUN_PAUSED : VMS_RUN_TRAP,
			.tf = i < 2 ? NULL : &frames[0],
			.insns = 10 };

		ck_assert_int_eq(observer.run_start(&fake, &begin, &limit), 0);
		observer.run_end(&fake, &end);
	}
	observer.concurrent(&fake, 1, 0x3010);
	ck_assert_int_eq(trace_writer_finish(fake.writer, NULL, NULL), 0);
	record_observer_finish(&fake);
	events_each(path, keep_runs, &next);
	ck_assert_ptr_eq(next, runs + 4);
	for (uint32_t i = 0; i < 4; i++) {
		ck_assert_int_eq(runs[i].resumed, i >= 2);
		ck_assert_int_eq(runs[i].frame_in.tf_rax, 1 + i % 2);
		ck_assert_int_eq(runs[i].has_frame_out, i >= 2);
	}
	ck_assert_uint_eq(limit, UINT64_MAX);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("record");
	TCase *tcase = tcase_create("record");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase,
	    test_errno_values_have_one_number_on_every_host, 0,
	    sizeof(errnos) / sizeof(errnos[0]));
	tcase_add_test(tcase, test_config_and_engine_are_told);
	tcase_add_test(tcase, test_start_refuses_what_cannot_be);
	tcase_add_test(tcase, test_recorded_events_are_those_of_the_calls);
	tcase_add_test(tcase, test_run_and_call_hold_what_was_seen);
	tcase_add_test(tcase, test_header_says_what_was_recorded);
	tcase_add_test(tcase, test_recording_twice_is_byte_identical);
	tcase_add_test(tcase, test_path_is_of_the_directory_at_start);
	tcase_add_test(tcase, test_cap_ends_the_recording_not_the_guest);
	tcase_add_test(tcase, test_full_disk_ends_the_run_with_its_error);
	tcase_add_test(tcase, test_full_disk_is_reported_once_when_optional);
	tcase_add_test(tcase, test_forked_child_leaves_the_file_alone);
	tcase_add_test(tcase, test_undeclared_store_is_reported_once_a_page);
	tcase_add_test(tcase, test_written_has_fp_registers_that_changed);
	tcase_add_test(tcase, test_digests_come_as_often_as_asked);
	tcase_add_test(tcase, test_parts_of_a_run_have_its_frame);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
