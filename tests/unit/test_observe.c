/* SPDX-License-Identifier: BSD-2-Clause */
/* What an observer is told, on the real engine: guests of a few bytes in a
 * memory file that the test shares with them. */
#include <check.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/observe.h>

#include "base/os.h"

#define PAGE  ((size_t)VMS_PAGE_SIZE)
#define PAGES 16
#define CODE  UINT64_C(0x10000) /* page 0 of the file, and so on */
#define DATA  (CODE + 4 * PAGE)
#define RW    (VMS_PROT_READ | VMS_PROT_WRITE)
#define ID    ((void *)0x77)

/* A line for each thing that was told. */
struct log {
	char text[16384];
	size_t len;
};

static struct log told;
static struct vms *vms;
static struct vms_proc *proc;
static struct vms_lwp *lwp;
static uint8_t *memory;
static int fd;
static struct trapframe tf;
static struct vextframe vf;
static uint64_t limit;
static struct vms_digest last_digest;

#define TELL(...) tell(arg, __VA_ARGS__)

static void
tell(struct log *log, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	log->len += (size_t)vsnprintf(
	    log->text + log->len, sizeof(log->text) - log->len, format, args);
	va_end(args);
	ck_assert_uint_lt(log->len, sizeof(log->text));
}

static void
on_call(void *arg, const struct vms_call *call)
{
	TELL("call %d proc %u lwp %u error %d result %llx\n", call->op,
	    call->proc, call->lwp, call->error,
	    (unsigned long long)call->result);
}

static void
on_object(void *arg, const struct vms_object_info *object)
{
	TELL("object %u bytes %llu\n", object->number,
	    (unsigned long long)object->bytes);
}

static int
on_start(void *arg, const struct vms_run_start *start, uint64_t *limit_insns)
{
	TELL("start lwp %u rip %llx\n", start->lwp,
	    (unsigned long long)start->tf->tf_rip);
	*limit_insns = limit;
	return 0;
}

static void
on_end(void *arg, const struct vms_run_end *end)
{
	TELL("end how %d error %d trap %d insns %llu\n", end->how, end->error,
	    (int)end->tf->tf_trapno, (unsigned long long)end->insns);
}

static void
on_input(void *arg, const struct vms_input *input)
{
	TELL("input %llx+%zu%s%s\n", (unsigned long long)input->off, input->len,
	    input->first ? " first" : "",
	    input->undeclared ? " undeclared" : "");
}

static void
on_digest(void *arg, const struct vms_digest *digest)
{
	TELL("digest lwp %u insns %llu\n", digest->lwp,
	    (unsigned long long)digest->insns);
	last_digest = *digest;
}

static void
on_written(
    void *arg, uint32_t object, uint64_t off, const void *bytes, size_t len)
{
	(void)bytes;
	TELL("written %u %llx+%zu\n", object, (unsigned long long)off, len);
}

static void
on_store(void *arg, const struct vms_store *store)
{
	TELL("store rip %llx va %llx insns %llu\n",
	    (unsigned long long)store->before.tf_rip,
	    (unsigned long long)store->va, (unsigned long long)store->insns);
}

static struct vms_observer
observer(uint32_t flags, uint64_t digest_insns)
{
	return (struct vms_observer){ .size = sizeof(struct vms_observer),
		.flags = flags,
		.digest_insns = digest_insns,
		.call = on_call,
		.object = on_object,
		.run_start = on_start,
		.run_end = on_end,
		.input = on_input,
		.digest = on_digest,
		.written = on_written,
		.store = on_store };
}

static void
setup(void)
{
	limit = UINT64_MAX;
	ck_assert_int_eq(vms_open(NULL, &vms), 0);
	ck_assert_int_eq(os_memfile("test", &fd), 0);
	ck_assert_int_eq(ftruncate(fd, PAGES * (off_t)PAGE), 0);
	memory =
	    mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
}

/* Begins to observe and maps the file at CODE. */
static void
begin(uint32_t flags, uint64_t digest_insns)
{
	const struct vms_observer to = observer(flags, digest_insns);
	vms_va_t out;

	told.len = 0;
	ck_assert_int_eq(vms_observe(vms, &to, &told), 0);
	ck_assert_int_eq(vms_proc_open(vms, &proc), 0);
	ck_assert_int_eq(vms_lwp_open(proc, &lwp), 0);
	ck_assert_int_eq(vms_create(proc, ID, 0, NULL), 0);
	ck_assert_int_eq(vms_mmap(proc, ID, CODE, PAGES * PAGE, RW,
			     VMS_MAP_FIXED | VMS_MAP_SHARED, fd, 0, &out),
	    0);
	memset(&tf, 0, sizeof(tf));
	memset(&vf, 0, sizeof(vf));
	tf.tf_rip = CODE;
	tf.tf_rdi = DATA;
	told.len = 0;
}

static void
teardown(void)
{
	vms_proc_exit(proc);
	ck_assert_int_eq(vms_close(vms), EBUSY);
	ck_assert_int_eq(vms_observe(vms, NULL, NULL), 0);
	ck_assert_int_eq(vms_close(vms), 0);
	munmap(memory, PAGES * PAGE);
	close(fd);
	proc = NULL;
}

static void
code(const char *bytes, size_t len)
{
	memcpy(memory, bytes, len);
}
#define CODE_IS(bytes) code(bytes, sizeof(bytes) - 1)

static void
run_syscall(void)
{
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, &vf), 0);
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
}

static void
expect(const char *text)
{
	told.text[told.len] = '\0';
	ck_assert_str_eq(told.text, text);
	told.len = 0;
}

/* inc qword [rdi]; syscall; jmp back */
#define COUNT "\x48\xff\x07\x0f\x05\xeb\xf9"

START_TEST(test_calls_and_objects_are_told_in_order)
{
	const struct vms_observer to = observer(VMS_OBSERVE_DECLARED, 0);
	vms_va_t out;

	told.len = 0;
	ck_assert_int_eq(vms_observe(vms, &to, &told), 0);
	ck_assert_int_eq(vms_observe(vms, &to, &told), EBUSY);
	ck_assert_int_eq(vms_proc_open(vms, &proc), 0);
	ck_assert_int_eq(vms_destroy(proc, ID), EINVAL);
	ck_assert_int_eq(vms_create(proc, ID, 0, NULL), 0);
	ck_assert_int_eq(vms_create(proc, ID, 0, NULL), EEXIST);
	ck_assert_int_eq(vms_mmap(proc, ID, CODE, PAGE, RW,
			     VMS_MAP_FIXED | VMS_MAP_SHARED, fd, 0, &out),
	    0);
	ck_assert_int_eq(vms_munmap(proc, ID, CODE, PAGE), 0);
	expect("call 1 proc 0 lwp 0 error 0 result 1\n"
	       "call 11 proc 1 lwp 0 error 22 result 0\n"
	       "call 10 proc 1 lwp 0 error 0 result 0\n"
	       "call 10 proc 1 lwp 0 error 17 result 0\n"
	       "object 1 bytes 65536\n"
	       "call 13 proc 1 lwp 0 error 0 result 10000\n"
	       "call 14 proc 1 lwp 0 error 0 result 0\n");
}
END_TEST

START_TEST(test_pages_enter_when_they_are_used_first)
{
	CODE_IS(COUNT);
	begin(VMS_OBSERVE_DECLARED, 0);
	run_syscall();
	expect("start lwp 1 rip 10000\n"
	       "input 0+4096 first\n"
	       "input 4000+4096 first\n"
	       "end how 0 error 0 trap 129 insns 2\n");
	run_syscall();
	expect("start lwp 1 rip 10005\n"
	       "end how 0 error 0 trap 129 insns 3\n");
}
END_TEST

START_TEST(test_declared_stores_are_told_at_the_next_run)
{
	const struct vms_range ranges[] = { { 4 * PAGE + 8, 8 },
		{ 4 * PAGE + 16, 4 }, { 9 * PAGE, 100 } };

	CODE_IS(COUNT);
	begin(VMS_OBSERVE_DECLARED, 0);
	ck_assert(vms_wants_notes(vms));
	run_syscall();
	told.len = 0;
	memset(memory + 4 * PAGE + 8, 1, 12);
	ck_assert_int_eq(vms_note_writes(vms, fd, ranges, 3), 0);
	expect("");
	run_syscall();
	expect("start lwp 1 rip 10005\n"
	       "input 4008+12\n"
	       "end how 0 error 0 trap 129 insns 3\n");
}
END_TEST

/* Also the second time, when the page is in use already; the bytes that the
 * guest has written are none of the host's. */
START_TEST(test_stores_are_found_without_declaration)
{
	CODE_IS(COUNT);
	begin(0, 0);
	ck_assert(!vms_wants_notes(vms));
	run_syscall();
	told.len = 0;
	for (int i = 0; i < 200; i++) {
		run_syscall();
		told.text[told.len] = '\0';
		ck_assert_ptr_null(strstr(told.text, "input"));
		told.len = 0;
		memory[4 * PAGE + 100]++;
		memory[7 * PAGE] = 1;
		run_syscall();
		expect("start lwp 1 rip 10005\n"
		       "input 4064+1\n"
		       "end how 0 error 0 trap 129 insns 3\n");
	}
	ck_assert_uint_eq(*(uint64_t *)(void *)(memory + 4 * PAGE), 401);
}
END_TEST

START_TEST(test_undeclared_stores_are_named_when_checked)
{
	CODE_IS(COUNT);
	begin(VMS_OBSERVE_DECLARED | VMS_OBSERVE_CHECK, 0);
	run_syscall();
	told.len = 0;
	memory[4 * PAGE + 100] = memory[4 * PAGE + 300] = 1;
	ck_assert_int_eq(vms_note_write(vms, fd, 4 * PAGE + 100, 1), 0);
	run_syscall();
	expect("start lwp 1 rip 10005\n"
	       "input 4064+1\n"
	       "input 412c+1 undeclared\n"
	       "end how 0 error 0 trap 129 insns 3\n");
}
END_TEST

START_TEST(test_what_guests_write_is_told)
{
	CODE_IS(COUNT);
	begin(VMS_OBSERVE_DECLARED | VMS_OBSERVE_WRITTEN, 0);
	for (int i = 0; i < 3; i++) {
		run_syscall();
		told.text[told.len] = '\0';
		ck_assert_ptr_nonnull(strstr(told.text, "end how"));
		ck_assert_ptr_nonnull(
		    strstr(strstr(told.text, "end how"), "written 1 4000+1\n"));
		told.len = 0;
	}
}
END_TEST

/* inc qword [rdi]; jmp back: for ever */
#define SPIN "\x48\xff\x07\xeb\xfb"

START_TEST(test_digests_come_at_exact_counts)
{
	CODE_IS(SPIN);
	begin(VMS_OBSERVE_DECLARED, 1000);
	limit = 2500;
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, &vf), 0);
	expect("start lwp 1 rip 10000\n"
	       "input 0+4096 first\n"
	       "input 4000+4096 first\n"
	       "digest lwp 1 insns 1000\n"
	       "digest lwp 1 insns 2000\n"
	       "end how 2 error 0 trap 0 insns 2500\n");
	ck_assert_uint_eq(*(uint64_t *)(void *)(memory + 4 * PAGE), 1250);
	ck_assert_uint_eq(vms_lwp_retired(lwp), 0);
}
END_TEST

/* The digest follows what guests do, is the same for the same memory, and
 * searching does not change it. */
START_TEST(test_digest_is_of_the_memory)
{
	uint64_t sums[4];

	CODE_IS(SPIN);
	begin(_i ? 0 : VMS_OBSERVE_DECLARED, 1000);
	limit = 1000;
	for (int i = 0; i < 3; i++) {
		tf.tf_rip = CODE;
		ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, &vf), 0);
		sums[i] = last_digest.memory;
	}
	ck_assert_uint_ne(sums[0], sums[1]);
	ck_assert_uint_ne(sums[1], sums[2]);
	*(uint64_t *)(void *)(memory + 4 * PAGE) = 0;
	ck_assert_int_eq(vms_note_write(vms, fd, 4 * PAGE, 8), 0);
	tf.tf_rip = CODE;
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, &vf), 0);
	ck_assert_uint_eq(last_digest.memory, sums[0]);
}
END_TEST

START_TEST(test_limit_zero_gives_the_frame_back)
{
	struct trapframe before;

	CODE_IS(COUNT);
	begin(VMS_OBSERVE_DECLARED, 0);
	limit = 0;
	tf.tf_err = 77;
	before = tf;
	ck_assert_int_eq(vms_ctl(lwp, ID, VMS_CTL_RUN, &tf, &vf), 0);
	before.tf_cs = tf.tf_cs;
	before.tf_ss = tf.tf_ss;
	before.tf_rflags = tf.tf_rflags;
	ck_assert_mem_eq(&tf, &before, sizeof(tf));
	expect("start lwp 1 rip 10000\nend how 2 error 0 trap 0 insns 0\n");
}
END_TEST

/* rdtsc twice; syscall */
#define CLOCK "\x0f\x31\x89\xc3\x0f\x31\x0f\x05"

START_TEST(test_clock_and_counts_do_not_show_the_observer)
{
	vms_va_t out;
	uint64_t seen[2][3] = { { 0 }, { 0 } };

	CODE_IS(CLOCK);
	begin(VMS_OBSERVE_DECLARED, 3);
	for (int i = 0; i < 3; i++) {
		tf.tf_rip = CODE;
		run_syscall();
		seen[0][i] = (uint64_t)tf.tf_rax << 32 | (uint32_t)tf.tf_rbx;
	}
	vms_proc_exit(proc);
	ck_assert_int_eq(vms_observe(vms, NULL, NULL), 0);
	ck_assert_int_eq(vms_proc_open(vms, &proc), 0);
	ck_assert_int_eq(vms_lwp_open(proc, &lwp), 0);
	ck_assert_int_eq(vms_create(proc, ID, 0, NULL), 0);
	ck_assert_int_eq(vms_mmap(proc, ID, CODE, PAGES * PAGE, RW,
			     VMS_MAP_FIXED | VMS_MAP_SHARED, fd, 0, &out),
	    0);
	for (int i = 0; i < 3; i++) {
		tf.tf_rip = CODE;
		run_syscall();
		seen[1][i] = (uint64_t)tf.tf_rax << 32 | (uint32_t)tf.tf_rbx;
	}
	ck_assert_mem_eq(seen[0], seen[1], sizeof(seen[0]));
	ck_assert_int_eq(vms_proc_exit(proc), 0);
	begin(VMS_OBSERVE_DECLARED, 0);
}
END_TEST

/* mov [rdi],eax; mov [rdi+8],rcx; rep stosb; syscall */
START_TEST(test_watched_stores_are_told_one_by_one)
{
	CODE_IS("\x89\x07\x48\x89\x4f\x08\xf3\xaa\x0f\x05");
	begin(VMS_OBSERVE_DECLARED, 0);
	ck_assert_int_eq(vms_watch_stores(proc, ID, DATA, DATA + 16), 0);
	tf.tf_rcx = 2;
	run_syscall();
	expect("start lwp 1 rip 10000\n"
	       "input 0+4096 first\n"
	       "input 4000+4096 first\n"
	       "store rip 10000 va 14000 insns 0\n"
	       "store rip 10002 va 14008 insns 1\n"
	       "store rip 10006 va 14000 insns 2\n"
	       "store rip 10006 va 14001 insns 3\n"
	       "end how 0 error 0 trap 129 insns 6\n");
}
END_TEST

START_TEST(test_peek_changes_nothing)
{
	uint8_t byte = 1;
	size_t done;

	begin(VMS_OBSERVE_DECLARED, 0);
	memory[4 * PAGE] = 9;
	ck_assert_int_eq(vms_mem_peek(proc, ID, DATA, &byte, 1, &done), 0);
	ck_assert_uint_eq(byte, 9);
	ck_assert_uint_eq(done, 1);
	ck_assert_int_eq(
	    vms_mem_peek(proc, ID, 0x1000, &byte, 1, &done), EFAULT);
	expect("");
	ck_assert_int_eq(vms_mem_read(proc, ID, DATA, &byte, 1, &done), 0);
	expect("input 4000+4096 first\n"
	       "call 18 proc 1 lwp 0 error 0 result 1\n");
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("observe");
	TCase *tc = tcase_create("observe");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_calls_and_objects_are_told_in_order);
	tcase_add_test(tc, test_pages_enter_when_they_are_used_first);
	tcase_add_test(tc, test_declared_stores_are_told_at_the_next_run);
	tcase_add_test(tc, test_stores_are_found_without_declaration);
	tcase_add_test(tc, test_undeclared_stores_are_named_when_checked);
	tcase_add_test(tc, test_what_guests_write_is_told);
	tcase_add_test(tc, test_digests_come_at_exact_counts);
	tcase_add_loop_test(tc, test_digest_is_of_the_memory, 0, 2);
	tcase_add_test(tc, test_limit_zero_gives_the_frame_back);
	tcase_add_test(tc, test_clock_and_counts_do_not_show_the_observer);
	tcase_add_test(tc, test_watched_stores_are_told_one_by_one);
	tcase_add_test(tc, test_peek_changes_nothing);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0;
}
