/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, names and lines: errno, open flags, randomness, strace. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>

#include "base/os_guest.h"
#include "tests/unit/vk_fixture.h"
#include "vkernel/errno_map.h"
#include "vkernel/rng.h"
#include "vkernel/strace.h"
#include "vkernel/strace_call.h"
#include "vkernel/strace_filter.h"
#include "vkernel/strace_text.h"
#include "vkernel/syscall.h"

#define ROWS(table) (int)(sizeof(table) / sizeof((table)[0]))

static const struct {
	int host, number;
	const char *name;
} errors[] = {
	{ EPERM, 1, "EPERM" },
	{ ENOENT, 2, "ENOENT" },
	{ EAGAIN, 11, "EAGAIN" },
	{ EDEADLK, 35, "EDEADLK" },
	{ ENAMETOOLONG, 36, "ENAMETOOLONG" },
	{ ENOSYS, 38, "ENOSYS" },
	{ ENOTEMPTY, 39, "ENOTEMPTY" },
	{ ELOOP, 40, "ELOOP" },
	{ EOVERFLOW, 75, "EOVERFLOW" },
	{ ENOTSUP, 95, "EOPNOTSUPP" },
	{ EADDRINUSE, 98, "EADDRINUSE" },
	{ ETIMEDOUT, 110, "ETIMEDOUT" },
	{ ESTALE, 116, "ESTALE" },
	{ EDQUOT, 122, "EDQUOT" },
};

START_TEST(test_errors_have_linux_numbers)
{
	ck_assert_int_eq(errno_to_linux(errors[_i].host), errors[_i].number);
	ck_assert_str_eq(errno_name(errors[_i].number), errors[_i].name);
}
END_TEST

START_TEST(test_an_unknown_error_is_eio)
{
	ck_assert_int_eq(errno_to_linux(99999), LX_EIO);
	ck_assert_ptr_null(errno_name(0));
}
END_TEST

static const struct {
	int guest, host;
} flags[] = {
	{ 0, O_RDONLY },
	{ 1, O_WRONLY },
	{ 2, O_RDWR },
	{ 0101, O_WRONLY | O_CREAT },
	{ 0302, O_RDWR | O_CREAT | O_EXCL },
	{ 01000, O_TRUNC },
	{ 02001, O_WRONLY | O_APPEND },
	{ 04000, O_NONBLOCK },
	{ 0200000, O_DIRECTORY },
	{ 0400000, O_NOFOLLOW },
	{ 04010001, O_WRONLY | O_SYNC | O_DSYNC },
};

START_TEST(test_open_flags_go_both_ways)
{
	ck_assert_int_eq(os_open_flags(flags[_i].guest), flags[_i].host);
	ck_assert_int_eq(os_linux_open_flags(flags[_i].host), flags[_i].guest);
}
END_TEST

START_TEST(test_signals_have_linux_numbers)
{
	ck_assert_int_eq(os_signal_of_linux(10), SIGUSR1);
	ck_assert_int_eq(os_signal_to_linux(SIGCHLD), 17);
	ck_assert_int_eq(os_signal_to_linux(SIGSEGV), 11);
	ck_assert_int_eq(os_signal_of_linux(40), 0);
}
END_TEST

/* First outputs of splitmix64 with seed 0. */
START_TEST(test_randomness_is_splitmix64)
{
	uint8_t bytes[12];
	struct vk_rng rng;

	rng_init(&rng, 0);
	ck_assert_uint_eq(rng_next(&rng), UINT64_C(0xe220a8397b1dcdaf));
	ck_assert_uint_eq(rng_next(&rng), UINT64_C(0x6e789e6aa1b965f4));
	rng_init(&rng, 0);
	rng_fill(&rng, bytes, sizeof(bytes));
	ck_assert_uint_eq(bytes[0], 0xaf);
	ck_assert_uint_eq(bytes[7], 0xe2);
	ck_assert_uint_eq(bytes[8], 0xf4);
}
END_TEST

static const struct {
	uint64_t nr;
	uint64_t args[6];
	int64_t result;
	const char *line;
} lines[] = {
	{ 39, { 0 }, 7, "getpid()                                = 7\n" },
	{ 3, { 3 }, -9,
	    "close(3)                                = -1 EBADF (Bad file "
	    "descriptor)\n" },
	{ 1, { 1, 0x100000, 5 }, 5,
	    "write(1, \"a\\n\\0\\\"b\", 5)                 = 5\n" },
	{ 0, { 0, 0x100000, 100 }, 2,
	    "read(0, \"a\\n\", 100)                     = 2\n" },
	{ 0, { 0, 0x100000, 100 }, -5,
	    "read(0, 0x100000, 100)                  = -1 EIO "
	    "(Input/output error)\n" },
	{ 257, { (uint64_t)LX_AT_FDCWD, 0x100010, 0101102, 0644 }, 3,
	    "openat(AT_FDCWD, \"path\", O_RDWR|O_CREAT|O_TRUNC|O_LARGEFILE, "
	    "0644) = 3\n" },
	{ 9, { 0, 4096, 3, 0x22, (uint64_t)-1, 0 }, 0x7000,
	    "mmap(NULL, 4096, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS,"
	    " -1, 0) = 0x7000\n" },
	{ 4, { 0x100010, 0xdead0000 }, -2,
	    "stat(\"path\", 0xdead0000)                = -1 ENOENT (No such "
	    "file or directory)\n" },
	{ 14, { 0, 0x100018, 0, 8 }, 0,
	    "rt_sigprocmask(SIG_BLOCK, [HUP INT], NULL, 8) = 0\n" },
	{ 62, { 5, 15 }, 0, "kill(5, SIGTERM)                        = 0\n" },
	{ 253, { 1, 2, 3, 4, 5, 6 }, -38,
	    "inotify_init(0x1, 0x2, 0x3, 0x4, 0x5, 0x6) = -1 ENOSYS (Function "
	    "not implemented) /* not provided: the host's file events are not "
	    "passed on */\n" },
	{ 511, { 0 }, -38,
	    "syscall_0x1ff(0, 0, 0, 0, 0, 0)         = -1 ENOSYS (Function "
	    "not implemented)\n" },
};

static void
fill_guest(void)
{
	static const uint64_t set = 3;

	map_anonymous(0x100000, 4096, RW);
	ck_assert_int_eq(copyout(mm, 0x100000, "a\n\0\"b", 6), 0);
	ck_assert_int_eq(copyout(mm, 0x100010, "path", 5), 0);
	ck_assert_int_eq(copyout(mm, 0x100018, &set, 8), 0);
}

START_TEST(test_strace_line)
{
	struct vk_options options = { .strace = NULL };
	struct vk_kernel kernel = { .thread_count = 1 };
	struct vk_process *process;
	struct vk_strace *strace;
	struct vk_thread *thread;
	char got[1024];
	FILE *file;

	process = calloc(1, sizeof(*process));
	thread = calloc(1, sizeof(*thread));
	file = tmpfile();
	options.strace = file;
	strace = strace_create(&options);
	fill_guest();
	process->mm = mm;
	process->kernel = &kernel;
	thread->process = process;
	thread->nr = lines[_i].nr;
	memcpy(thread->args, lines[_i].args, sizeof(thread->args));
	strace_enter(strace, thread);
	strace_leave(strace, thread, lines[_i].result);
	strace_forget(strace, thread);
	strace_destroy(strace);
	rewind(file);
	ck_assert_ptr_nonnull(fgets(got, sizeof(got), file));
	ck_assert_str_eq(got, lines[_i].line);
	fclose(file);
	free(thread);
	free(process);
}
END_TEST

/* A guest of one page, and nobody's memory before and after it. */
static bool
page_read(void *arg, uint64_t va, void *buf, size_t len)
{
	const uint8_t *page;

	page = arg;
	if (va < 0x5000 || va + len > 0x6000)
		return false;
	memcpy(buf, page + (va - 0x5000), len);
	return true;
}

static const struct {
	uint64_t nr;
	uint64_t args[6];
	int64_t result;
	bool came_back;
	const char *line;
} calls[] = {
	{ 2, { 0x5ffc, 0, 0 }, 3, true,
	    "open(\"end\", O_RDONLY)                   = 3\n" },
	{ 2, { 0x5ffd, 0, 0 }, 3, true,
	    "open(\"nd\", O_RDONLY)                    = 3\n" },
	{ 2, { 0x4fff, 0, 0 }, -14, true,
	    "open(0x4fff, O_RDONLY)                  = -1 EFAULT (Bad "
	    "address)\n" },
	{ 231, { 3 }, 0, false,
	    "exit_group(3)                           = ?\n" },
	{ 0, { 0, 0x5ffc, 9 }, 0, false,
	    "read(0, 0x5ffc, 9)                      = ?\n" },
	{ 9, { 0, 4096, 0, 0x22, (uint64_t)-1, 0 }, 0x7000, true,
	    "mmap(NULL, 4096, PROT_NONE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = "
	    "0x7000\n" },
};

START_TEST(test_strace_of_memory_that_is_elsewhere)
{
	uint8_t page[4096] = { 0 };
	char got[1024];
	FILE *file;

	memcpy(page + 4092, "end", 4);
	file = tmpfile();
	strace_call_print(file, calls[_i].nr, calls[_i].args,
	    calls[_i].came_back ? &calls[_i].result : NULL, page_read, page);
	rewind(file);
	ck_assert_ptr_nonnull(fgets(got, sizeof(got), file));
	ck_assert_str_eq(got, calls[_i].line);
	fclose(file);
}
END_TEST

static const struct {
	const char *set;
	bool known;
	uint64_t shown, hidden; /* a call that it shows, and one that not */
} filters[] = {
	{ "open,close", true, 2, 0 },
	{ "!open,close", true, 0, 3 },
	{ "%file", true, 257, 0 },
	{ "file", true, 2, 3 },
	{ "%process", true, 59, 9 },
	{ "%network,read", true, 41, 1 },
	{ "!%memory", true, 0, 9 },
	{ "all", true, 39, 9999 },
	{ "?no_such_call,read", true, 0, 1 },
	{ "%desc", true, 9, 59 },
	{ "no_such_call", false, 0, 0 },
	{ "%no_such_class", false, 0, 0 },
	{ "read,", false, 0, 0 },
};

START_TEST(test_a_filter_shows_what_it_names)
{
	struct strace_filter filter;
	const char *bad;
	size_t len;

	ck_assert_int_eq(
	    strace_filter_parse(filters[_i].set, &filter, &bad, &len),
	    filters[_i].known);
	if (!filters[_i].known)
		return;
	ck_assert(strace_wants(&filter, filters[_i].shown));
	if (strcmp(filters[_i].set, "all") != 0)
		ck_assert(!strace_wants(&filter, filters[_i].hidden));
	ck_assert(strace_wants(NULL, filters[_i].hidden));
}
END_TEST

START_TEST(test_a_long_line_is_whole)
{
	struct text text = { NULL, 0, 0 };
	int i;

	for (i = 0; i < 1000; i++)
		text_add(&text, "0123456789");
	ck_assert_uint_eq(text.len, 10000);
	ck_assert_uint_eq(strlen(text_string(&text)), 10000);
	text_finish(&text);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_text");
	TCase *tc = tcase_create("vk_text");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vk_setup, vk_teardown);
	tcase_add_loop_test(
	    tc, test_errors_have_linux_numbers, 0, ROWS(errors));
	tcase_add_test(tc, test_an_unknown_error_is_eio);
	tcase_add_loop_test(tc, test_open_flags_go_both_ways, 0, ROWS(flags));
	tcase_add_test(tc, test_signals_have_linux_numbers);
	tcase_add_test(tc, test_randomness_is_splitmix64);
	tcase_add_loop_test(tc, test_strace_line, 0, ROWS(lines));
	tcase_add_loop_test(
	    tc, test_strace_of_memory_that_is_elsewhere, 0, ROWS(calls));
	tcase_add_loop_test(
	    tc, test_a_filter_shows_what_it_names, 0, ROWS(filters));
	tcase_add_test(tc, test_a_long_line_is_whole);
	return vk_run_suite(suite);
}
