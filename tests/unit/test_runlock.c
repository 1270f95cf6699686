/* SPDX-License-Identifier: BSD-2-Clause */
/* The run lock: exclusion, order, EDEADLK, and asking a runner to leave. */
#include <check.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "emu/cpu.h"
#include "vmspace/runlock.h"

#define THREADS 4
#define ROUNDS  20000
#define SIGNALS 2000 /* each waits for a turn of the processor */

static atomic_uint stops;

static void
count_stop(struct cpu *cpu)
{
	(void)cpu;
	atomic_fetch_add(&stops, 1);
}

static const struct cpu_ops stop_ops = { .stop = count_stop };
static struct cpu stop_cpu = { &stop_ops };
static struct runlock lock;
static unsigned long counter; /* guarded by lock */

static void
setup(void)
{
	ck_assert_int_eq(runlock_init(&lock, &stop_cpu), 0);
}

static void
teardown(void)
{
	runlock_finish(&lock);
}

START_TEST(test_second_acquire_by_the_holder_is_edeadlk)
{
	ck_assert_int_eq(runlock_acquire(&lock, false), 0);
	ck_assert_int_eq(runlock_acquire(&lock, false), EDEADLK);
	ck_assert_int_eq(runlock_acquire(&lock, true), EDEADLK);
	runlock_release(&lock);
	ck_assert_int_eq(runlock_acquire(&lock, true), 0);
	runlock_release(&lock);
}
END_TEST

static atomic_uint handled;

/* Either nobody was inside, or EDEADLK. */
static void
acquire_in_handler(int number)
{
	(void)number;
	if (runlock_acquire(&lock, false) == 0)
		runlock_release(&lock);
	atomic_fetch_add(&handled, 1);
}

static void *
signal_rounds(void *arg)
{
	const pthread_t *target = arg;

	for (unsigned i = 0; i < SIGNALS; i++) {
		pthread_kill(*target, SIGUSR1);
		while (atomic_load(&handled) == i)
			sched_yield();
	}
	return NULL;
}

/* A handler that waited for its own thread would wait for ever. */
START_TEST(test_handlers_never_wait_for_their_own_thread)
{
	struct sigaction action = { .sa_handler = acquire_in_handler };
	pthread_t self = pthread_self(), signaller;

	ck_assert_int_eq(sigaction(SIGUSR1, &action, NULL), 0);
	ck_assert_int_eq(
	    pthread_create(&signaller, NULL, signal_rounds, &self), 0);
	while (atomic_load(&handled) < SIGNALS) {
		ck_assert_int_eq(runlock_acquire(&lock, false), 0);
		runlock_release(&lock);
	}
	pthread_join(signaller, NULL);
}
END_TEST

static void *
count_rounds(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		if (runlock_acquire(&lock, arg != NULL) != 0)
			return NULL;
		counter++;
		runlock_release(&lock);
	}
	return &lock;
}

START_TEST(test_threads_exclude_each_other)
{
	pthread_t threads[THREADS];
	void *ok;

	counter = 0;
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, count_rounds,
				     (i & 1) ? &lock : NULL),
		    0);
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &ok);
		ck_assert_ptr_nonnull(ok);
	}
	ck_assert_uint_eq(counter, (unsigned long)THREADS * ROUNDS);
}
END_TEST

static void *
take_once(void *arg)
{
	bool patient = arg != NULL;

	runlock_acquire(&lock, patient);
	runlock_release(&lock);
	return NULL;
}

/* _i: 0 an urgent waiter, 1 a patient one.  Both make the holder leave. */
START_TEST(test_waiter_stops_the_runner)
{
	pthread_t thread;
	unsigned before = atomic_load(&stops);

	ck_assert_int_eq(runlock_acquire(&lock, true), 0);
	pthread_create(&thread, NULL, take_once, _i ? &lock : NULL);
	while (atomic_load(&stops) == before)
		;
	ck_assert(runlock_wanted(&lock));
	ck_assert(runlock_urgent(&lock) == (_i == 0));
	runlock_release(&lock);
	pthread_join(thread, NULL);
	ck_assert(!runlock_wanted(&lock));
	ck_assert(!runlock_urgent(&lock));
}
END_TEST

/* A holder that takes the lock again at once queues behind the waiter. */
START_TEST(test_release_hands_over_to_the_waiter)
{
	pthread_t thread;
	unsigned before = atomic_load(&stops);
	unsigned long seen;

	counter = 0;
	ck_assert_int_eq(runlock_acquire(&lock, true), 0);
	pthread_create(&thread, NULL, count_rounds, NULL);
	while (atomic_load(&stops) == before)
		;
	runlock_release(&lock);
	ck_assert_int_eq(runlock_acquire(&lock, true), 0);
	seen = counter;
	runlock_release(&lock);
	pthread_join(thread, NULL);
	ck_assert_uint_ge(seen, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("runlock");
	TCase *tc = tcase_create("runlock");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_second_acquire_by_the_holder_is_edeadlk);
	tcase_add_test(tc, test_handlers_never_wait_for_their_own_thread);
	tcase_add_test(tc, test_threads_exclude_each_other);
	tcase_add_loop_test(tc, test_waiter_stops_the_runner, 0, 2);
	tcase_add_test(tc, test_release_hands_over_to_the_waiter);
	tcase_set_timeout(tc, 60);
	suite_add_tcase(suite, tc);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
