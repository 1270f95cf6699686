/* SPDX-License-Identifier: BSD-2-Clause */
/* Timers, queues, and who may run when what he waits for has happened; with
 * deadlines that have passed or never will, so that no time is needed. */
#include "vkernel/kernel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/hostsig.h"

#define THREADS 12
#define LATE    (UINT64_MAX - 1)

static struct vk_kernel *kernel;
static struct vk_options options;
static struct vk_process process;
static struct vk_thread *threads;
static struct vk_timer timers[8];
static struct vk_queue queues[20];
static char fired[64];
static unsigned again;

static void
setup(void)
{
	uint64_t ignored;
	size_t i;

	kernel = calloc(1, sizeof(*kernel));
	threads = calloc(THREADS, sizeof(*threads));
	ck_assert(kernel != NULL && threads != NULL);
	memset(&process, 0, sizeof(process));
	memset(timers, 0, sizeof(timers));
	memset(queues, 0, sizeof(queues));
	memset(fired, 0, sizeof(fired));
	options.clock = VK_CLOCK_HOST;
	kernel->options = &options;
	ck_assert_int_eq(hostsig_open(&kernel->hostsig, &ignored), 0);
	process.kernel = kernel;
	for (i = 0; i < THREADS; i++) {
		threads[i].process = &process;
		threads[i].tid = (int)i;
	}
}

static void
teardown(void)
{
	size_t i;

	for (i = 0; i < THREADS; i++)
		sched_remove(&threads[i]);
	ck_assert_ptr_null(kernel->sched.timers.first);
	ck_assert_ptr_null(kernel->sched.timers.last);
	for (i = 0; i < sizeof(queues) / sizeof(queues[0]); i++)
		ck_assert(queue_is_empty(&queues[i]));
	hostsig_close(kernel->hostsig);
	free(threads);
	free(kernel);
}

static void
note(struct vk_timer *timer, uint64_t now_ns)
{
	ck_assert(!timer->running);
	ck_assert_uint_le(timer->deadline_ns, now_ns);
	fired[strlen(fired)] = (char)('a' + (timer - timers));
}

static void
start(int which, uint64_t deadline)
{
	timers[which].fire = note;
	timer_start(kernel, &timers[which], deadline);
}

/* Not yet in the run queue, as the thread whose turn it is. */
static void
turn(struct vk_thread *thread)
{
	thread->state = THREAD_READY;
	kernel->sched.current = thread;
}

static void
park(struct vk_thread *thread, struct vk_queue *queue)
{
	turn(thread);
	wait_queue(thread, queue);
	ck_assert_int_eq(wait_park_unbroken(thread), LX_WAIT);
	sched_wait(thread);
	kernel->sched.current = NULL;
}

START_TEST(test_timers_fire_by_deadline_then_by_start)
{
	start(0, 30);
	start(1, 10);
	start(2, 20);
	start(3, 10);
	start(4, LATE);
	start(5, 10);
	ck_assert_uint_eq(timers_run(kernel), LATE);
	ck_assert_str_eq(fired, "bdfca");
	ck_assert(timers[4].running);
	timer_stop(kernel, &timers[4]);
	timer_stop(kernel, &timers[4]);
	ck_assert_uint_eq(timers_run(kernel), UINT64_MAX);
}
END_TEST

START_TEST(test_a_timer_that_is_started_again_moves)
{
	start(0, 10);
	start(1, 20);
	start(0, 30);
	start(2, LATE);
	start(2, 5);
	timers_run(kernel);
	ck_assert_str_eq(fired, "cba");
}
END_TEST

static void
fire_again(struct vk_timer *timer, uint64_t now_ns)
{
	note(timer, now_ns);
	if (--again > 0)
		timer_start(kernel, timer, timer->deadline_ns + 10);
	timer_stop(kernel, &timers[2]);
}

START_TEST(test_a_timer_may_start_itself_and_stop_others)
{
	again = 3;
	start(0, 10);
	timers[0].fire = fire_again;
	start(1, 20);
	start(2, 25);
	timers_run(kernel);
	ck_assert_str_eq(fired, "abaa");
}
END_TEST

START_TEST(test_a_queue_wakes_all_in_their_order)
{
	struct vk_thread *thread;
	int i;

	for (i = 0; i < THREADS; i++)
		park(&threads[(i * 5) % THREADS], &queues[0]);
	ck_assert_uint_eq(kernel->sched.ready, 0);
	queue_wake(&queues[0]);
	ck_assert(queue_is_empty(&queues[0]));
	ck_assert_uint_eq(kernel->sched.ready, THREADS);
	thread = kernel->sched.first;
	for (i = 0; i < THREADS; i++, thread = thread->next) {
		ck_assert_int_eq(thread->tid, (i * 5) % THREADS);
		ck_assert(thread->wait.again);
	}
}
END_TEST

START_TEST(test_a_thread_may_wait_in_many_queues)
{
	size_t i;

	turn(&threads[0]);
	for (i = 0; i < 20; i++)
		wait_queue(&threads[0], &queues[i]);
	wait_until(&threads[0], LATE);
	ck_assert_int_eq(wait_park_unbroken(&threads[0]), LX_WAIT);
	sched_wait(&threads[0]);
	park(&threads[1], &queues[7]);
	queue_wake(&queues[13]);
	for (i = 0; i < 20; i++)
		ck_assert(queue_is_empty(&queues[i]) == (i != 7));
	ck_assert_ptr_null(kernel->sched.timers.first);
	ck_assert_ptr_eq(kernel->sched.first, &threads[0]);
	ck_assert_uint_eq(kernel->sched.ready, 1);
}
END_TEST

START_TEST(test_a_deadline_is_that_of_the_first_call)
{
	turn(&threads[0]);
	wait_until(&threads[0], LATE);
	wait_until(&threads[0], 1);
	ck_assert_int_eq(wait_park_unbroken(&threads[0]), LX_WAIT);
	wait_reset(&threads[0]);
	wait_until(&threads[0], 1);
	ck_assert_int_eq(wait_park_unbroken(&threads[0]), LX_ETIMEDOUT);
	wait_reset(&threads[0]);
	wait_time(&threads[0], WAIT_FOREVER);
	ck_assert(!threads[0].wait.timed);
}
END_TEST

START_TEST(test_what_a_stopped_thread_waits_for_still_happens)
{
	park(&threads[0], &queues[0]);
	sched_stop(&threads[0]);
	queue_wake(&queues[0]);
	ck_assert_uint_eq(kernel->sched.ready, 0);
	ck_assert(threads[0].wait.again);
	sched_continue(&threads[0]);
	ck_assert_ptr_eq(kernel->sched.first, &threads[0]);
}
END_TEST

START_TEST(test_a_stopped_thread_waits_on_when_continued)
{
	park(&threads[0], &queues[0]);
	sched_stop(&threads[0]);
	sched_continue(&threads[0]);
	ck_assert_uint_eq(kernel->sched.ready, 0);
	ck_assert(!queue_is_empty(&queues[0]));
	queue_wake(&queues[0]);
	ck_assert_ptr_eq(kernel->sched.first, &threads[0]);
}
END_TEST

START_TEST(test_a_thread_that_goes_waits_nowhere)
{
	park(&threads[0], &queues[0]);
	park(&threads[1], &queues[0]);
	sched_remove(&threads[0]);
	queue_wake(&queues[0]);
	ck_assert_ptr_eq(kernel->sched.first, &threads[1]);
	sched_remove(&threads[1]);
	ck_assert_ptr_null(kernel->sched.first);
	ck_assert_uint_eq(kernel->sched.ready, 0);
}
END_TEST

START_TEST(test_a_wake_of_who_does_not_wait_is_nothing)
{
	turn(&threads[0]);
	sched_wake(&threads[0]);
	ck_assert_uint_eq(kernel->sched.ready, 0);
	ck_assert(!threads[0].wait.again);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_wait");
	TCase *tc = tcase_create("vk_wait");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_timers_fire_by_deadline_then_by_start);
	tcase_add_test(tc, test_a_timer_that_is_started_again_moves);
	tcase_add_test(tc, test_a_timer_may_start_itself_and_stop_others);
	tcase_add_test(tc, test_a_queue_wakes_all_in_their_order);
	tcase_add_test(tc, test_a_thread_may_wait_in_many_queues);
	tcase_add_test(tc, test_a_deadline_is_that_of_the_first_call);
	tcase_add_test(tc, test_what_a_stopped_thread_waits_for_still_happens);
	tcase_add_test(tc, test_a_stopped_thread_waits_on_when_continued);
	tcase_add_test(tc, test_a_thread_that_goes_waits_nowhere);
	tcase_add_test(tc, test_a_wake_of_who_does_not_wait_is_nothing);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
