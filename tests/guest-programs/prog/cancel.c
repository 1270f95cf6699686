// SPDX-License-Identifier: BSD-2-Clause
// Cancellation: in a wait, at a test, of a busy loop, and what cleans up.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <time.h>

static int cleaned, ends[2];
static volatile int started;

static void
clean(void *weight)
{
	cleaned += (int)(long)weight;
}

static void *
sleeper(void *unused)
{
	pthread_cleanup_push(clean, (void *)1L);
	pthread_cleanup_push(clean, (void *)10L);
	started = 1;
	for (;;)
		nanosleep(&(struct timespec){ 100, 0 }, NULL);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return unused;
}

static void *
reader(void *unused)
{
	char byte;

	pthread_cleanup_push(clean, (void *)100L);
	started = 1;
	read(ends[0], &byte, 1);
	pthread_cleanup_pop(0);
	return unused;
}

static void *
tester(void *unused)
{
	started = 1;
	for (;;)
		pthread_testcancel();
	return unused;
}

static void *
spinner(void *unused)
{
	int old;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	started = 1;
	for (volatile long i = 0;; i++)
		;
	return unused;
}

static void *
refuser(void *unused)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	started = 1;
	for (int i = 0; i < 50; i++)
		sched_yield();
	pthread_testcancel();
	(void)unused;
	return (void *)5L;
}

static void *
leaver(void *unused)
{
	pthread_cleanup_push(clean, (void *)1000L);
	started = 1;
	pthread_exit((void *)6L);
	pthread_cleanup_pop(0);
	return unused;
}

static void
cancel(const char *name, void *(*body)(void *))
{
	pthread_t thread;
	void *result;

	started = 0;
	pthread_create(&thread, NULL, body, NULL);
	while (!started)
		sched_yield();
	pthread_cancel(thread);
	pthread_join(thread, &result);
	if (result == PTHREAD_CANCELED)
		printf("%s: cancelled\n", name);
	else
		printf("%s: %ld\n", name, (long)result);
}

int
main(void)
{
	SHOW(pipe(ends));
	cancel("sleeper", sleeper);
	SHOW(cleaned);
	cancel("reader", reader);
	SHOW(cleaned);
	cancel("tester", tester);
	cancel("spinner", spinner);
	cancel("refuser", refuser);
	cancel("leaver", leaver);
	SHOW(cleaned);
	return 0;
}
