/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * VMSPACE_RECORD: what the environment does to a program that knows nothing of
 * recordings.  That program is this one, started again with an argument.
 */
#include <sys/wait.h>

#include <dragonfly/sys/vmspace.h>

#include "tests/unit/record_fixture.h"

#define ID ((void *)0x7000)

static const char *self;

/* One run of a guest that makes a system call; prints what failed. */
static void
guest_once(void)
{
	static const uint8_t code[] = { 0x0f, 0x05 };

	memcpy(memory, code, sizeof(code));
	memory[100]++;
	memset(&tf, 0, sizeof(tf));
	tf.tf_rip = CODE;
	tf.tf_rsp = STACK;
	if (vmspace_ctl(ID, VMS_CTL_RUN, &tf, &vf) != 0)
		printf("ctl: %s\n", strerror(errno));
}

static void
guest_map(void)
{
	if (os_memfile("guest", &memory_fd) != 0 ||
	    ftruncate(memory_fd, PAGES * PAGE) != 0)
		exit(EXIT_FAILURE);
	memory = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    memory_fd, 0);
	if (memory == MAP_FAILED ||
	    vmspace_mmap(ID, (void *)(uintptr_t)CODE, PAGES * PAGE, RWX,
		VMS_MAP_SHARED | VMS_MAP_FIXED, memory_fd,
		0) != (void *)(uintptr_t)CODE)
		exit(EXIT_FAILURE);
}

static int
vkernel_main(const char *how)
{
	pid_t pid;

	/* What the host's code leaves in these registers is not the same. */
	vmspace_set_fp_mirror(0);
	if (vmspace_create(ID, 0, NULL) != 0) {
		printf("create: %s\n", strerror(errno));
		return EXIT_SUCCESS;
	}
	guest_map();
	guest_once();
	if (strcmp(how, "forks") == 0) {
		fflush(stdout);
		if ((pid = fork()) == 0)
			exit(EXIT_SUCCESS);
		if (pid < 0 || waitpid(pid, NULL, 0) != pid)
			return EXIT_FAILURE;
		guest_once();
	}
	if (strcmp(how, "dies") == 0)
		_exit(EXIT_SUCCESS);
	return EXIT_SUCCESS;
}

static void
setup(void)
{
	ck_assert_ptr_nonnull(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/t.vmt", directory);
	snprintf(partial, sizeof(partial), "%s.partial", path);
	ck_assert_int_eq(setenv("VMSPACE_VKERNEL_ENABLE", "1", 1), 0);
	ck_assert_int_eq(setenv("VMSPACE_RECORD", path, 1), 0);
	ck_assert_int_eq(unsetenv("VMSPACE_RECORD_OPTIONS"), 0);
}

static void
teardown(void)
{
	unlink(path);
	unlink(partial);
	ck_assert_int_eq(rmdir(directory), 0);
}

/* Runs the program; answers what it has printed, also on stderr.  A process
 * that has forked has threads that the search for leaks does not find again. */
#define NO_LEAK_SEARCH "ASAN_OPTIONS=\"$ASAN_OPTIONS:detect_leaks=0\""

static const char *
vkernel_run(const char *how)
{
	static char output[400];
	char command[400];
	FILE *pipe;
	size_t len;

	snprintf(command, sizeof(command), NO_LEAK_SEARCH " '%s' %s 2>&1", self,
	    how);
	pipe = popen(command, "r");
	ck_assert_ptr_nonnull(pipe);
	len = fread(output, 1, sizeof(output) - 1, pipe);
	output[len] = '\0';
	ck_assert_int_eq(pclose(pipe), 0);
	return output;
}

static void
count_runs(void *arg, const struct trace_event *event)
{
	*(unsigned *)arg += event->kind == TRACE_RUN;
}

static const struct {
	const char *how;
	unsigned runs;
} programs[] = { { "plain", 1 }, { "forks", 2 } };

START_TEST(test_exit_ends_the_recording)
{
	unsigned runs = 0;

	ck_assert_str_eq(vkernel_run(programs[_i].how), "");
	ck_assert_int_eq(access(partial, F_OK), -1);
	ck_assert_int_eq(
	    events_each(path, count_runs, &runs).how, TRACE_END_COMPLETE);
	ck_assert_uint_eq(runs, programs[_i].runs);
}
END_TEST

START_TEST(test_program_that_does_not_exit_leaves_the_partial_file)
{
	ck_assert_str_eq(vkernel_run("dies"), "");
	ck_assert_int_eq(access(path, F_OK), -1);
	ck_assert_int_eq(access(partial, F_OK), 0);
}
END_TEST

START_TEST(test_nothing_is_recorded_unless_asked)
{
	ck_assert_int_eq(setenv("VMSPACE_RECORD", "", 1), 0);
	ck_assert_str_eq(vkernel_run("plain"), "");
	ck_assert_int_eq(unsetenv("VMSPACE_RECORD"), 0);
	ck_assert_str_eq(vkernel_run("plain"), "");
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(test_two_recordings_are_the_same)
{
	char *first, *second;
	size_t len;

	vkernel_run("plain");
	len = file_read(path, &first);
	vkernel_run("plain");
	ck_assert_uint_eq(file_read(path, &second), len);
	ck_assert_mem_eq(first, second, len);
	free(first);
	free(second);
}
END_TEST

START_TEST(test_options_reach_the_recording)
{
	struct trace_problem problem;
	struct trace_reader *reader;

	setenv("VMSPACE_RECORD_OPTIONS",
	    "declared,check,written,verify=full,optional,max-size=1000000,"
	    "digest=77",
	    1);
	/* This program declares nothing. */
	ck_assert_ptr_nonnull(strstr(vkernel_run("forks"),
	    "vmspace record: a store was not declared: file object 1"));
	ck_assert_int_eq(trace_reader_open(path, &reader, &problem), 0);
	ck_assert_uint_eq(trace_reader_header(reader)->observe_flags,
	    VMS_OBSERVE_DECLARED | VMS_OBSERVE_CHECK | VMS_OBSERVE_WRITTEN |
		VMS_OBSERVE_DIGEST_RUN);
	ck_assert_uint_eq(trace_reader_header(reader)->digest_insns, 77);
	ck_assert_uint_eq(
	    trace_reader_header(reader)->config_flags & VMS_CONFIG_EXACT_CODE,
	    VMS_CONFIG_EXACT_CODE);
	trace_reader_close(reader);
}
END_TEST

static const char *const bad_options[] = { "fast", "written,", ",written",
	"digest=", "digest=x", "digest=1x", "max-size=99999999999999999999",
	"verify=some", "writtenx", "check" };

START_TEST(test_bad_options_fail_the_create)
{
	const char *said;

	setenv("VMSPACE_RECORD_OPTIONS", bad_options[_i], 1);
	said = vkernel_run("plain");
	ck_assert_msg(strncmp(said, "vmspace record: ", 16) == 0 &&
			  strstr(said, "create: Invalid argument\n") != NULL,
	    "%s: %s", bad_options[_i], said);
	ck_assert_int_eq(access(path, F_OK), -1);
}
END_TEST

START_TEST(test_unknown_option_is_named)
{
	setenv("VMSPACE_RECORD_OPTIONS", "optional,writen,check", 1);
	ck_assert_str_eq(vkernel_run("plain"),
	    "vmspace record: VMSPACE_RECORD_OPTIONS has an unknown word: "
	    "'writen'\n");
}
END_TEST

START_TEST(test_file_that_cannot_be_made_fails_the_create)
{
	setenv("VMSPACE_RECORD", "/no/such/dir/t.vmt", 1);
	ck_assert_str_eq(vkernel_run("plain"),
	    "vmspace record: /no/such/dir/t.vmt cannot be recorded: No such "
	    "file or directory\ncreate: No such file or directory\n");
	setenv("VMSPACE_RECORD_OPTIONS", "optional", 1);
	ck_assert_str_eq(vkernel_run("plain"),
	    "vmspace record: /no/such/dir/t.vmt cannot be recorded: No such "
	    "file or directory\n");
}
END_TEST

int
main(int argc, char **argv)
{
	Suite *suite;
	TCase *tcase;
	SRunner *runner;
	int failed;

	if (argc > 1)
		return vkernel_main(argv[1]);
	self = argv[0];
	suite = suite_create("dragonfly_record");
	tcase = tcase_create("environment");
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_loop_test(tcase, test_exit_ends_the_recording, 0,
	    sizeof(programs) / sizeof(programs[0]));
	tcase_add_test(
	    tcase, test_program_that_does_not_exit_leaves_the_partial_file);
	tcase_add_test(tcase, test_nothing_is_recorded_unless_asked);
	tcase_add_test(tcase, test_two_recordings_are_the_same);
	tcase_add_test(tcase, test_options_reach_the_recording);
	tcase_add_loop_test(tcase, test_bad_options_fail_the_create, 0,
	    sizeof(bad_options) / sizeof(bad_options[0]));
	tcase_add_test(tcase, test_unknown_option_is_named);
	tcase_add_test(tcase, test_file_that_cannot_be_made_fails_the_create);
	suite_add_tcase(suite, tcase);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
