/* SPDX-License-Identifier: BSD-2-Clause */
/* Stops: from threads and signal handlers, at any time, none lost. */
#include <check.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "tests/unit/cpu_guest.h"

/* Thread sanitizer holds signals back until the thread calls the C library,
 * which a thread that runs a guest does not. */
#if defined(__SANITIZE_THREAD__)
#define UNDER_TSAN
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define UNDER_TSAN
#endif
#endif

/* l: inc rax; jmp l */
static const uint8_t endless[] = { 0x48, 0xff, 0xc0, 0xeb, 0xfb };

static void
setup(void)
{
	guest_open();
	guest_code(CODE, endless, sizeof(endless));
}

START_TEST(test_stop_before_a_run_ends_it_at_once)
{
	for (int i = 0; i < 3; i++)
		g.cpu->ops->stop(g.cpu);
	ck_assert_int_eq(guest_run(), CPU_EXIT_STOPPED);
	ck_assert_uint_eq(g.regs.rax, 0);
	ck_assert_uint_eq(g.regs.rip, CODE);
	guest_code(CODE, "\x0f\x05", 2);
	ck_assert_int_eq(guest_run(), CPU_EXIT_SYSCALL);
}
END_TEST

static atomic_uint begun, ended;
static atomic_bool over;

static void
spin(unsigned n)
{
	for (volatile unsigned i = 0; i < n; i++)
		continue;
}

/* Stops each run once, at a varying moment after its begin. */
static void *
stopper(void *arg)
{
	unsigned seen = 0, now;

	(void)arg;
	while (!atomic_load(&over)) {
		now = atomic_load(&begun);
		if (now == seen) {
			sched_yield();
			continue;
		}
		seen = now;
		spin(now * 37 % 3000);
		g.cpu->ops->stop(g.cpu);
		while (atomic_load(&ended) != seen && !atomic_load(&over))
			sched_yield();
	}
	return NULL;
}

/* A lost stop would leave the guest running for ever. */
static void
run_and_stop(unsigned count)
{
	pthread_t thread;
	uint64_t before;

	atomic_store(&begun, 0);
	atomic_store(&ended, 0);
	atomic_store(&over, false);
	ck_assert_int_eq(pthread_create(&thread, NULL, stopper, NULL), 0);
	for (unsigned i = 0; i < count; i++) {
		before = g.regs.rax;
		atomic_fetch_add(&begun, 1);
		ck_assert_int_eq(guest_run(), CPU_EXIT_STOPPED);
		atomic_fetch_add(&ended, 1);
		ck_assert(g.regs.rip == CODE || g.regs.rip == CODE + 3);
		ck_assert_uint_ge(g.regs.rax, before);
		if (g.exit.insns != 0)
			ck_assert_uint_eq(
			    g.exit.insns, 2 * (g.regs.rax - before));
	}
	atomic_store(&over, true);
	pthread_join(thread, NULL);
}

START_TEST(test_stops_from_a_thread)
{
	run_and_stop(3000);
}
END_TEST

START_TEST(test_stops_from_a_thread_while_counting)
{
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, true), 0);
	run_and_stop(3000);
	ck_assert_int_eq(g.cpu->ops->set_counting(g.cpu, false), 0);
	run_and_stop(100);
}
END_TEST

/* A REP instruction of very many iterations is left between two. */
START_TEST(test_stops_inside_rep)
{
	guest_code(CODE, "\xf3\xaa\xeb\xfc", 4); /* l: rep stosb; jmp l */
	for (int i = 0; i < 2; i++) {
		pthread_t thread;
		*guest_leaf(DATA) |= PTE_W;
		atomic_store(&begun, 0);
		atomic_store(&over, false);
		pthread_create(&thread, NULL, stopper, NULL);
		g.regs.rip = CODE;
		g.regs.rdi = DATA;
		g.regs.rcx = 4096;
		atomic_store(&begun, 2999);
		ck_assert_int_eq(guest_run(), CPU_EXIT_STOPPED);
		ck_assert_uint_eq(g.regs.rdi - DATA + g.regs.rcx, 4096);
		atomic_store(&over, true);
		pthread_join(thread, NULL);
	}
}
END_TEST

static void
on_timer(int sig)
{
	(void)sig;
	g.cpu->ops->stop(g.cpu);
}

#ifndef UNDER_TSAN
/* The handler runs on the thread that runs the guest, wherever it is. */
START_TEST(test_stops_from_a_signal_handler)
{
	struct sigaction action = { .sa_handler = on_timer };
	struct itimerval timer = { { 0, 0 }, { 0, 0 } };

	sigaction(SIGALRM, &action, NULL);
	for (int i = 0; i < 300; i++) {
		timer.it_value.tv_usec = 1 + i % 60;
		setitimer(ITIMER_REAL, &timer, NULL);
		ck_assert_int_eq(guest_run(), CPU_EXIT_STOPPED);
	}
}
END_TEST
#endif

/* Stops that hit the moments between runs, code drops and page flushes. */
START_TEST(test_stops_during_everything_else)
{
	struct sigaction action = { .sa_handler = on_timer };
	struct itimerval timer = { { 0, 53 }, { 0, 53 } };
	uint64_t calls = 0, pa = *guest_leaf(CODE) & PTE_FRAME;

	guest_code(CODE, "\x48\xff\xc0\x0f\x05", 5);
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 20000; i++) {
		g.regs.rip = CODE;
		if (guest_run() == CPU_EXIT_SYSCALL)
			calls++;
		else
			ck_assert_int_eq(g.exit.kind, CPU_EXIT_STOPPED);
		ck_assert_uint_eq(g.regs.rax, calls);
		if (i % 16 == 0)
			g.cpu->ops->code_drop(g.cpu, pa);
		g.cpu->ops->flush_page(g.cpu, DATA);
	}
	timer.it_interval.tv_usec = timer.it_value.tv_usec = 0;
	setitimer(ITIMER_REAL, &timer, NULL);
	ck_assert_uint_gt(calls, 1000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cpu_unicorn_stop");
	TCase *tc = tcase_create("stop");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture(tc, setup, guest_close);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, test_stop_before_a_run_ends_it_at_once);
	tcase_add_test(tc, test_stops_from_a_thread);
	tcase_add_test(tc, test_stops_from_a_thread_while_counting);
	tcase_add_test(tc, test_stops_inside_rep);
#ifndef UNDER_TSAN
	tcase_add_test(tc, test_stops_from_a_signal_handler);
#endif
	tcase_add_test(tc, test_stops_during_everything_else);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
