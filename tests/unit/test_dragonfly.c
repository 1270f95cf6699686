/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The drop-in face, from the installed headers and the shared library only.
 * Every test is a process of its own, since the face has one registry per
 * process.
 */
#include <sys/mman.h>
#include <sys/sysctl.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/vkernel.h>
#include <sys/vmspace.h>
#include <sys/wait.h>

#include <machine/frame.h>
#include <machine/trap.h>
#include <machine/vframe.h>
#include <machine/vmparam.h>

#include <vmspace/vmspace.h>

#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * The thread sanitizer holds a signal back until the thread enters the C
 * library, so it never reaches a guest that loops.  Sanitizers handle SIGBUS
 * themselves, so that it has no default action.
 */
#if defined(__has_feature)
#define FEATURE(name) __has_feature(name)
#else
#define FEATURE(name) 0
#endif
#if defined(__SANITIZE_THREAD__) || FEATURE(thread_sanitizer)
#define SIGNALS_ARRIVE 0
#else
#define SIGNALS_ARRIVE 1
#endif
#if !SIGNALS_ARRIVE || defined(__SANITIZE_ADDRESS__) ||                        \
    FEATURE(address_sanitizer)
#define SIGBUS_FIRST 1
#else
#define SIGBUS_FIRST 0
#endif

#define ID    ((void *)0x7000)
#define ID2   ((void *)0x7040)
#define PAGE  4096
#define CODE  0x400000
#define STALE 77 /* errno before a call that must not touch it */

#define CODE_SYSCALL 0x0f, 0x05
/* inc rax; jmp back */
#define CODE_COUNT 0x48, 0xff, 0xc0, 0xeb, 0xfb
/* dec rcx; jnz back; syscall */
#define CODE_WAIT 0x48, 0xff, 0xc9, 0x75, 0xfb, 0x0f, 0x05
/* paddd xmm5, xmm5; syscall */
#define CODE_ADD_XMM 0x66, 0x0f, 0xfe, 0xed, 0x0f, 0x05
/* mov rax, [rsp]; jmp back */
#define CODE_READ 0x48, 0x8b, 0x04, 0x24, 0xeb, 0xfa
/* stmxcsr [rsp]; syscall */
#define CODE_MXCSR 0x0f, 0xae, 0x1c, 0x24, 0x0f, 0x05

static struct trapframe tf;
static struct vextframe vf;
static uint8_t *memory; /* two pages that the guest sees at CODE */
static int memory_fd;

#define OK(call)                                                               \
	do {                                                                   \
		errno = STALE;                                                 \
		ck_assert_int_eq(call, 0);                                     \
		ck_assert_int_eq(errno, STALE);                                \
	} while (0)
#define FAILS(call, error)                                                     \
	do {                                                                   \
		errno = STALE;                                                 \
		ck_assert_int_eq(call, -1);                                    \
		ck_assert_int_eq(errno, error);                                \
	} while (0)

static int
run(void)
{
	return vmspace_ctl(ID, VMSPACE_CTL_RUN, &tf, &vf);
}

/* A vmspace that runs code; its stack is the end of the second page. */
static void
guest(const uint8_t *code, size_t len)
{
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	memory_fd = fileno(file);
	ck_assert_int_eq(ftruncate(memory_fd, 2 * PAGE), 0);
	memory = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fileno(file), 0);
	ck_assert_ptr_ne(memory, MAP_FAILED);
	memcpy(memory, code, len);
	vmspace_set_vkernel_enable(1);
	OK(vmspace_create(ID, 0, NULL));
	ck_assert_ptr_eq(vmspace_mmap(ID, (void *)CODE, 2 * PAGE,
			     PROT_READ | PROT_WRITE | PROT_EXEC,
			     MAP_SHARED | MAP_FIXED, fileno(file), 0),
	    (void *)CODE);
	tf.tf_rip = CODE;
	tf.tf_rsp = CODE + 2 * PAGE - 64;
}

#define GUEST(...)                                                             \
	do {                                                                   \
		static const uint8_t code_[] = { __VA_ARGS__ };                \
		guest(code_, sizeof(code_));                                   \
	} while (0)

START_TEST(test_calls_without_registry_are_einval)
{
	FAILS(vmspace_destroy(ID), EINVAL);
	FAILS(vmspace_ctl(ID, 0, NULL, NULL), EINVAL);
	FAILS(vmspace_munmap(ID, NULL, 0), EINVAL);
	FAILS(vmspace_mcontrol(ID, NULL, 0, 0, 0), EINVAL);
	FAILS((int)vmspace_pread(ID, NULL, 0, 0, 0), EINVAL);
	FAILS((int)vmspace_pwrite(ID, NULL, 0, 0, 0), EINVAL);
	errno = STALE;
	ck_assert_ptr_eq(
	    vmspace_mmap(ID, NULL, 1, 0, MAP_ANON, -1, 0), MAP_FAILED);
	ck_assert_int_eq(errno, EINVAL);
	ck_assert_ptr_null(vmspace_default_vms());
}
END_TEST

/* C14, C15, C25. */
START_TEST(test_vkernel_enable_is_off_until_set)
{
	int value = 1, on = 1;
	size_t len = sizeof(value);

	FAILS(vmspace_create(ID, 0, NULL), EOPNOTSUPP);
	FAILS(vmspace_destroy(ID), EINVAL);
	OK(sysctlbyname("vm.vkernel_enable", &value, &len, &on, sizeof(on)));
	ck_assert_int_eq(value, 0);
	ck_assert_int_eq(vmspace_vkernel_enable(), 1);
	OK(vmspace_create(ID, 0, NULL));
	vmspace_set_vkernel_enable(0);
	FAILS(vmspace_create(ID2, 0, NULL), EOPNOTSUPP);
	OK(vmspace_destroy(ID));
	FAILS(sysctlbyname("vm.other", NULL, NULL, NULL, 0), ENOENT);
	len = 1;
	FAILS(sysctlbyname("vm.vkernel_enable", &value, &len, NULL, 0), ENOMEM);
}
END_TEST

START_TEST(test_vkernel_enable_comes_from_the_environment)
{
	ck_assert_int_eq(setenv("VMSPACE_VKERNEL_ENABLE", "1", 1), 0);
	OK(vmspace_create(ID, 0, NULL));
	FAILS(vmspace_create(ID, 0, NULL), EEXIST);
	OK(vmspace_destroy(ID));
	FAILS(vmspace_destroy(ID), ENOENT);
	ck_assert_ptr_nonnull(vmspace_default_vms());
}
END_TEST

START_TEST(test_era_is_fixed_by_the_first_create)
{
	vmspace_set_vkernel_enable(1);
	FAILS(vmspace_set_era(5), EINVAL);
	OK(vmspace_set_era(VMS_ERA_2013));
	OK(vmspace_create(ID, 0, NULL));
	OK(vmspace_set_era(VMS_ERA_2013));
	FAILS(vmspace_set_era(VMS_ERA_SEED), EBUSY);
	OK(vmspace_create_2013(ID2, 0, NULL));
}
END_TEST

START_TEST(test_guest_runs_and_system_call_is_reported)
{
	GUEST(CODE_SYSCALL);
	tf.tf_rax = 488;
	tf.tf_r10 = 4;
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(tf.tf_rip, CODE + 2);
	ck_assert_int_eq(tf.tf_rcx, 4);
	ck_assert_int_eq(tf.tf_rax, 488);
	OK(vmspace_munmap(ID, (void *)CODE, PAGE));
	tf.tf_rip = CODE;
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_PAGEFLT);
	ck_assert_int_eq(tf.tf_addr, CODE);
	OK(vmspace_destroy(ID));
}
END_TEST

/* The bytes of object end where the next, unreadable page starts. */
static void *
at_page_end(const void *object, size_t len, size_t beyond)
{
	uint8_t *pages = mmap(NULL, 2 * (size_t)65536, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON, -1, 0);

	ck_assert_ptr_ne(pages, MAP_FAILED);
	memcpy(pages + 65536 - len + beyond, object, len - beyond);
	ck_assert_int_eq(mprotect(pages + 65536, 65536, PROT_NONE), 0);
	return pages + 65536 - len + beyond;
}

/* C39-C42, C36. */
START_TEST(test_unreadable_frames_are_efault)
{
	struct trapframe before;

	GUEST(CODE_SYSCALL);
	before = tf;
	FAILS(vmspace_ctl(ID, 2, NULL, NULL), EOPNOTSUPP);
	FAILS(vmspace_ctl(ID, VMSPACE_CTL_RUN, NULL, &vf), EFAULT);
	FAILS(vmspace_ctl(ID, VMSPACE_CTL_RUN, &tf, NULL), EFAULT);
	FAILS(vmspace_ctl(
		  ID, VMSPACE_CTL_RUN, at_page_end(&tf, sizeof(tf), 1), &vf),
	    EFAULT);
	FAILS(vmspace_ctl(
		  ID, VMSPACE_CTL_RUN, &tf, at_page_end(&vf, sizeof(vf), 1)),
	    EFAULT);
	ck_assert_mem_eq(&tf, &before, sizeof(tf));
	OK(vmspace_ctl(ID, VMSPACE_CTL_RUN, at_page_end(&tf, sizeof(tf), 0),
	    at_page_end(&vf, sizeof(vf), 0)));
	OK(vmspace_destroy(ID));
}
END_TEST

/* C44, C45: the guest has run, which its store shows. */
START_TEST(test_unwritable_frame_is_efault_after_the_run)
{
	struct trapframe *frame;

	GUEST(CODE_MXCSR);
	frame = at_page_end(&tf, sizeof(tf), 0);
	ck_assert_int_eq(
	    mprotect((void *)((uintptr_t)frame & ~(uintptr_t)65535), 65536,
		PROT_READ),
	    0);
	FAILS(vmspace_ctl(ID, VMSPACE_CTL_RUN, frame, &vf), EFAULT);
	ck_assert_int_eq(memory[2 * PAGE - 64 + 1], 0x1f);
	ck_assert_mem_eq(frame, &tf, sizeof(tf));
	OK(vmspace_destroy(ID));
}
END_TEST

START_TEST(test_frames_may_be_unaligned)
{
	uint8_t frame[sizeof(tf) + 3], vframe[sizeof(vf) + 5];
	int64_t trapno;

	GUEST(CODE_SYSCALL);
	memcpy(frame + 3, &tf, sizeof(tf));
	memcpy(vframe + 5, &vf, sizeof(vf));
	OK(vmspace_ctl(
	    ID, VMSPACE_CTL_RUN, (void *)(frame + 3), (void *)(vframe + 5)));
	memcpy(&trapno, frame + 3 + 128, sizeof(trapno));
	ck_assert_int_eq(trapno, T_FAST_SYSCALL);
}
END_TEST

#if defined(__x86_64__)
/* C63: xmm5 goes in and comes out, with nothing but the call between. */
static int
run_with_xmm5(uint32_t lanes[4])
{
	int error;

	__asm__ volatile("movdqu %0, %%xmm5" : : "m"(*(char(*)[16])lanes));
	error = run();
	__asm__ volatile("movdqu %%xmm5, %0" : "=m"(*(char(*)[16])lanes));
	return error;
}

START_TEST(test_fp_registers_are_the_threads)
{
	uint32_t lanes[4] = { 1, 2, 3, 400 };

	GUEST(CODE_ADD_XMM);
	for (uint32_t i = 2; i <= 16; i *= 2) {
		tf.tf_rip = CODE;
		ck_assert_int_eq(run_with_xmm5(lanes), 0);
		ck_assert_uint_eq(lanes[0], i);
		ck_assert_uint_eq(lanes[3], 400 * i);
	}
	vmspace_set_fp_mirror(0);
	lanes[0] = 5;
	tf.tf_rip = CODE;
	run_with_xmm5(lanes);
	vmspace_set_fp_mirror(1);
	lanes[0] = 6;
	tf.tf_rip = CODE;
	ck_assert_int_eq(run_with_xmm5(lanes), 0);
	ck_assert_uint_eq(lanes[0], 12);
}
END_TEST

START_TEST(test_mxcsr_is_the_threads)
{
	uint32_t rounding = 0x7f80, after, seen;

	GUEST(CODE_MXCSR);
	__asm__ volatile("ldmxcsr %0" : : "m"(rounding));
	ck_assert_int_eq(run(), 0);
	__asm__ volatile("stmxcsr %0" : "=m"(after));
	memcpy(&seen, memory + 2 * PAGE - 64, sizeof(seen));
	ck_assert_uint_eq(seen & 0xffc0, 0x7f80);
	ck_assert_uint_eq(after & 0xffc0, 0x7f80);
}
END_TEST
#endif

static volatile sig_atomic_t handled, handled_trapno;
static siginfo_t handled_info;
static sigjmp_buf jump;

static void
on_signal(int sig)
{
	handled = sig;
	handled_trapno = (int)tf.tf_trapno;
}

static void
on_thread_signal(int sig)
{
	handled = sig;
}

static void
on_info(int sig, siginfo_t *info, void *context)
{
	(void)context;
	handled_info = *info;
	handled = sig;
}

static void
on_jump(int sig)
{
	handled = sig;
	siglongjmp(jump, 1);
}

static void
on_create(int sig)
{
	if (vmspace_create(ID2, 0, NULL) == 0)
		handled = sig;
}

static void
handler(int sig, void (*function)(int))
{
	struct sigaction act;

	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_handler = function;
	OK(sigaction(sig, &act, NULL));
}

static void
alarm_soon(void)
{
	struct itimerval soon = { .it_value = { .tv_usec = 20000 } };

	ck_assert_int_eq(setitimer(ITIMER_REAL, &soon, NULL), 0);
}

/* C101, C102: the frame is there before the handler, which is before the
 * return. */
START_TEST(test_signal_ends_the_run_after_its_handler)
{
	int64_t before = 0;

	GUEST(CODE_COUNT);
	handler(SIGALRM, on_signal);
	for (int i = 0; i < 5; i++) {
		tf.tf_trapno = 99;
		handled = 0;
		alarm_soon();
		OK(run());
		ck_assert_int_eq(handled, SIGALRM);
		ck_assert_int_eq(handled_trapno, 0);
		ck_assert_int_eq(tf.tf_trapno, 0);
		ck_assert_int_eq(tf.tf_err, 0);
		ck_assert_int_gt(tf.tf_rax, before);
		before = tf.tf_rax;
	}
	OK(vmspace_destroy(ID));
}
END_TEST

START_TEST(test_handler_may_jump_out_of_a_run)
{
	GUEST(CODE_COUNT);
	handler(SIGALRM, on_jump);
	for (int i = 0; i < 3; i++) {
		handled = 0;
		if (sigsetjmp(jump, 1) == 0) {
			alarm_soon();
			run();
			ck_abort_msg("no jump");
		}
		ck_assert_int_eq(handled, SIGALRM);
		ck_assert_int_eq(tf.tf_trapno, 0);
	}
	memory[0] = 0x0f;
	memory[1] = 0x05;
	tf.tf_rip = CODE;
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	OK(vmspace_destroy(ID));
}
END_TEST

START_TEST(test_handler_may_make_calls)
{
	GUEST(CODE_COUNT);
	handler(SIGALRM, on_create);
	alarm_soon();
	OK(run());
	ck_assert_int_eq(handled, SIGALRM);
	OK(vmspace_destroy(ID2));
}
END_TEST

START_TEST(test_handler_outside_a_call_runs_at_once)
{
	GUEST(CODE_SYSCALL);
	handler(SIGUSR1, on_signal);
	raise(SIGUSR1);
	ck_assert_int_eq(handled, SIGUSR1);
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
}
END_TEST

/* A signal with a value, where the host has such signals. */
#if defined(_POSIX_REALTIME_SIGNALS) && _POSIX_REALTIME_SIGNALS > 0
#define HAVE_SIGQUEUE
#endif

static void
send_value(int sig, int value)
{
#ifdef HAVE_SIGQUEUE
	sigqueue(getpid(), sig, (union sigval){ .sival_int = value });
#else
	(void)value;
	kill(getpid(), sig);
#endif
}

/* From a thread, to the one that runs the guest. */
struct sender {
	pthread_t target;
	int sig;
	int value; /* 0: pthread_kill */
};

static struct vms_stats before_run;

static struct vms_stats
stats_now(void)
{
	struct vms_stats stats = { .size = sizeof(stats) };

	vms_stats(vmspace_default_vms(), &stats);
	return stats;
}

/* Until the guest that is run next is inside its run, and the host has
 * resolved this many faults for it. */
static void
wait_for_guest(uint64_t faults)
{
	struct vms_stats now;

	do {
		sched_yield();
		now = stats_now();
	} while (now.runs == before_run.runs ||
		 now.faults_resolved < before_run.faults_resolved + faults);
}

static void *
send_soon(void *arg)
{
	const struct sender *sender = arg;

	wait_for_guest(0);
	if (sender->value == 0)
		pthread_kill(sender->target, sender->sig);
	else
		send_value(sender->sig, sender->value);
	return NULL;
}

/* Runs the guest; the signal comes meanwhile. */
static void
run_with_signal(int sig, int value)
{
	struct sender sender = { pthread_self(), sig, value };
	sigset_t set, old;
	pthread_t thread;

	before_run = stats_now();
	/* The sender must not take it itself. */
	sigfillset(&set);
	pthread_sigmask(SIG_SETMASK, &set, &old);
	ck_assert_int_eq(pthread_create(&thread, NULL, send_soon, &sender), 0);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	OK(run());
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
}

START_TEST(test_siginfo_is_the_senders)
{
	struct sigaction act, old;

	GUEST(CODE_COUNT);
	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	sigaddset(&act.sa_mask, SIGUSR2);
	act.sa_sigaction = on_info;
	act.sa_flags = SA_SIGINFO | (int)SA_RESETHAND;
	OK(sigaction(SIGUSR1, &act, NULL));
	OK(sigaction(SIGUSR1, NULL, &old));
	ck_assert(old.sa_sigaction == on_info);
	ck_assert_int_eq(old.sa_flags, act.sa_flags);
	ck_assert(sigismember(&old.sa_mask, SIGUSR2));
	run_with_signal(SIGUSR1, 4711);
	ck_assert_int_eq(tf.tf_trapno, 0);
	ck_assert_int_eq(handled, SIGUSR1);
	ck_assert_int_eq(handled_info.si_pid, getpid());
#ifdef HAVE_SIGQUEUE
	ck_assert_int_eq(handled_info.si_value.sival_int, 4711);
	ck_assert_int_eq(handled_info.si_code, SI_QUEUE);
#endif
	OK(sigaction(SIGUSR1, NULL, &old));
	ck_assert(old.sa_handler == SIG_DFL);
}
END_TEST

/* C104, C105: the guest counts to its end. */
START_TEST(test_blocked_and_ignored_signals_do_not_end_a_run)
{
	sigset_t set;

	GUEST(CODE_WAIT);
	handler(SIGUSR1, on_signal);
	ck_assert(signal(SIGUSR2, SIG_IGN) != SIG_ERR);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 2; i++) {
		tf.tf_rip = CODE;
		tf.tf_rcx = 100000000;
		run_with_signal(i == 0 ? SIGUSR1 : SIGUSR2, 0);
		ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
		ck_assert_int_eq(handled, 0);
	}
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	ck_assert_int_eq(handled, SIGUSR1);
}
END_TEST

static void *
signal_myself_soon(void *arg)
{
	(void)arg;
	wait_for_guest(0);
	pthread_kill(pthread_self(), SIGUSR1);
	return NULL;
}

/* C106. */
START_TEST(test_signal_of_another_thread_does_not_end_a_run)
{
	pthread_t thread;

	GUEST(CODE_WAIT);
	handler(SIGUSR1, on_thread_signal);
	tf.tf_rcx = 100000000;
	before_run = stats_now();
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, signal_myself_soon, NULL), 0);
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(handled, SIGUSR1);
}
END_TEST

static int mailbox;

/* C47-C51. */
START_TEST(test_mailbox_signal_stores_and_fails_once)
{
	struct sigaction act;

	GUEST(CODE_COUNT);
	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_mailbox = &mailbox;
	act.sa_flags = SA_MAILBOX;
	OK(sigaction(SIGUSR1, &act, NULL));
	raise(SIGUSR1);
	ck_assert_int_eq(mailbox, SIGUSR1);
	FAILS(vmspace_ctl(ID2, VMSPACE_CTL_RUN, &tf, &vf), ENOENT);
	FAILS(vmspace_ctl(ID, 0, NULL, NULL), EINTR);
	FAILS(vmspace_ctl(ID, 0, NULL, NULL), EOPNOTSUPP);
	mailbox = 0;
	tf.tf_trapno = 99;
	run_with_signal(SIGUSR1, 0);
	ck_assert_int_eq(mailbox, SIGUSR1);
	ck_assert_int_eq(tf.tf_trapno, 0);
	FAILS(run(), EINTR);
	memory[0] = 0x0f;
	memory[1] = 0x05;
	tf.tf_rip = CODE;
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
}
END_TEST

/* C64: two threads count in one vmspace; C205: their ends change nothing. */
static void *
thread_counts(void *arg)
{
	struct trapframe frame = tf;
	struct vextframe vframe = vf;

	frame.tf_rcx = 1000000;
	if (vmspace_ctl(ID, VMSPACE_CTL_RUN, &frame, &vframe) != 0 ||
	    frame.tf_trapno != T_FAST_SYSCALL || frame.tf_rcx != 0)
		*(int *)arg = 1;
	return NULL;
}

START_TEST(test_threads_have_guests_of_their_own)
{
	pthread_t threads[4];
	int failed[4] = { 0 };

	GUEST(0x48, 0xff, 0xc9, 0x75, 0xfb, 0x4d, 0x31, 0xd2, CODE_SYSCALL);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 4; i++)
			ck_assert_int_eq(pthread_create(&threads[i], NULL,
					     thread_counts, &failed[i]),
			    0);
		for (int i = 0; i < 4; i++) {
			ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
			ck_assert_int_eq(failed[i], 0);
		}
	}
	OK(vmspace_destroy(ID));
}
END_TEST

START_TEST(test_host_stores_into_code_are_seen)
{
	GUEST(CODE_SYSCALL);
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_FAST_SYSCALL);
	memory[0] = 0xcc;
	tf.tf_rip = CODE;
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_BPTFLT);
}
END_TEST

static void *
truncate_soon(void *arg)
{
	wait_for_guest(2); /* the code and what it reads */
	*(int *)arg = ftruncate(memory_fd, PAGE);
	return NULL;
}

START_TEST(test_file_truncated_in_mid_run_is_eio)
{
	pthread_t thread;
	int result = -1;

	GUEST(CODE_READ);
	before_run = stats_now();
	ck_assert_int_eq(
	    pthread_create(&thread, NULL, truncate_soon, &result), 0);
	FAILS(run(), EIO);
	ck_assert_int_eq(pthread_join(thread, NULL), 0);
	ck_assert_int_eq(result, 0);
	ck_assert_int_eq(tf.tf_trapno, 0);
	OK(run());
	ck_assert_int_eq(tf.tf_trapno, T_PAGEFLT);
	ck_assert_int_eq(tf.tf_addr, CODE + 2 * PAGE - 64);
	OK(vmspace_destroy(ID));
}
END_TEST

static void
on_jump_info(int sig, siginfo_t *info, void *context)
{
	(void)context;
	handled_info = *info;
	on_jump(sig);
}

/* The library's own handler does not keep the program from SIGBUS. */
START_TEST(test_sigbus_of_the_program_is_the_programs)
{
	struct sigaction act;

	GUEST(CODE_SYSCALL);
	ck_assert_int_eq(ftruncate(memory_fd, 0), 0);
	memset(&act, 0, sizeof(act));
	sigemptyset(&act.sa_mask);
	act.sa_sigaction = on_jump_info;
	act.sa_flags = SA_SIGINFO;
	OK(sigaction(SIGBUS, &act, NULL));
	if (sigsetjmp(jump, 1) == 0) {
		memory[PAGE] = 1;
		ck_abort_msg("no SIGBUS");
	}
	ck_assert_int_eq(handled, SIGBUS);
	ck_assert_ptr_eq(handled_info.si_addr, memory + PAGE);
}
END_TEST

START_TEST(test_sigbus_without_a_handler_ends_the_program)
{
	GUEST(CODE_SYSCALL);
	ck_assert_int_eq(ftruncate(memory_fd, 0), 0);
	if (_i > 0)
		ck_assert(
		    signal(SIGBUS, _i == 1 ? SIG_DFL : SIG_IGN) != SIG_ERR);
	memory[PAGE] = 1;
}
END_TEST

START_TEST(test_lint_goes_to_stderr_when_asked_to)
{
	char text[200] = "";
	FILE *file = tmpfile();

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(setenv("VMSPACE_LINT", "1", 1), 0);
	vmspace_set_vkernel_enable(1);
	ck_assert_int_eq(dup2(fileno(file), 2), 2);
	OK(vmspace_create(NULL, 0, NULL));
	ck_assert_int_gt(pread(2, text, sizeof(text) - 1, 0), 0);
	ck_assert_ptr_nonnull(strstr(text, "vmspace lint: vmspace_create: "));
}
END_TEST

START_TEST(test_forked_child_gets_enxio)
{
	int status;
	pid_t pid;

	GUEST(CODE_SYSCALL);
	OK(run());
	if ((pid = fork()) == 0)
		_exit(run() == -1 && errno == ENXIO &&
			      vmspace_destroy(ID) == -1 && errno == ENXIO
			  ? 0
			  : 1);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
	tf.tf_rip = CODE;
	OK(run());
}
END_TEST

#define RW (PROT_READ | PROT_WRITE)

START_TEST(test_own_mappings_take_dragonflys_flags)
{
	size_t size = 1 << 20;
	uint8_t *a = mmap(NULL, size, RW, MAP_ANON, -1, 0);

	ck_assert_ptr_ne(a, MAP_FAILED);
	a[0] = 1;
	ck_assert_ptr_eq(
	    mmap(a, size, RW, MAP_ANON | MAP_TRYFIXED, -1, 0), MAP_FAILED);
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_int_eq(a[0], 1);
	ck_assert_ptr_eq(mmap(a, size, RW, MAP_ANON | MAP_FIXED, -1, 0), a);
	ck_assert_int_eq(a[0], 0);
	a[0] = 2;
	OK(madvise(a, size, MADV_DONTNEED));
	OK(madvise(a, size, MADV_INVAL));
	OK(madvise(a, size, MADV_NOCORE));
	OK(mcontrol(a, size, MADV_NOSYNC, 0));
	ck_assert_int_eq(a[0], 2);
	FAILS(madvise(a, size, MADV_SETMAP), EINVAL);
	FAILS(mcontrol(a, size, MADV_SETMAP, 0), EINVAL);
	FAILS(mcontrol(a, size, 12, 0), EINVAL);
	OK(minherit(a, size, INHERIT_NONE));
	FAILS(minherit(a, size, 9), EINVAL);
	a = mmap(NULL, size, RW, MAP_ANON | MAP_SIZEALIGN, -1, 0);
	ck_assert_ptr_ne(a, MAP_FAILED);
	ck_assert_uint_eq((uintptr_t)a % size, 0);
	a[size - 1] = 1;
	ck_assert_int_eq(munmap(a, size), 0);
	ck_assert_ptr_eq(
	    mmap(NULL, size, RW, MAP_ANON | MAP_VPAGETABLE, -1, 0), MAP_FAILED);
	ck_assert_int_eq(errno, EOPNOTSUPP);
	ck_assert_ptr_eq(mmap(NULL, size, RW, MAP_ANON, 0, 0), MAP_FAILED);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

static void
add_signal_tests(TCase *tc)
{
	tcase_add_test(tc, test_signal_ends_the_run_after_its_handler);
	tcase_add_test(tc, test_handler_may_jump_out_of_a_run);
	tcase_add_test(tc, test_handler_may_make_calls);
	tcase_add_test(tc, test_siginfo_is_the_senders);
	tcase_add_test(tc, test_mailbox_signal_stores_and_fails_once);
}

int
main(void)
{
	Suite *suite = suite_create("dragonfly");
	TCase *tc = tcase_create("dragonfly");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, test_calls_without_registry_are_einval);
	tcase_add_test(tc, test_vkernel_enable_is_off_until_set);
	tcase_add_test(tc, test_vkernel_enable_comes_from_the_environment);
	tcase_add_test(tc, test_era_is_fixed_by_the_first_create);
	tcase_add_test(tc, test_guest_runs_and_system_call_is_reported);
	tcase_add_test(tc, test_unreadable_frames_are_efault);
	tcase_add_test(tc, test_unwritable_frame_is_efault_after_the_run);
	tcase_add_test(tc, test_frames_may_be_unaligned);
#if defined(__x86_64__)
	tcase_add_test(tc, test_fp_registers_are_the_threads);
	tcase_add_test(tc, test_mxcsr_is_the_threads);
#endif
	if (SIGNALS_ARRIVE)
		add_signal_tests(tc);
	tcase_add_test(tc, test_handler_outside_a_call_runs_at_once);
	tcase_add_test(tc, test_blocked_and_ignored_signals_do_not_end_a_run);
	tcase_add_test(tc, test_signal_of_another_thread_does_not_end_a_run);
	tcase_add_test(tc, test_threads_have_guests_of_their_own);
	tcase_add_test(tc, test_host_stores_into_code_are_seen);
	tcase_add_test(tc, test_file_truncated_in_mid_run_is_eio);
	tcase_add_test(tc, test_sigbus_of_the_program_is_the_programs);
	tcase_add_loop_test_raise_signal(tc,
	    test_sigbus_without_a_handler_ends_the_program, SIGBUS,
	    SIGBUS_FIRST, 3);
	tcase_add_test(tc, test_lint_goes_to_stderr_when_asked_to);
	tcase_add_test(tc, test_forked_child_gets_enxio);
	tcase_add_test(tc, test_own_mappings_take_dragonflys_flags);
	srunner_set_fork_status(runner, CK_FORK);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
