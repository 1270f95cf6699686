// SPDX-License-Identifier: BSD-2-Clause
// Signals to one thread, to any thread, and a thread that waits for them.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

static pthread_t threads[3];
static volatile sig_atomic_t hits[3], foreign;
static volatile int ready[3], stop, taken;

static void
hit(int number)
{
	(void)number;
	for (int i = 0; i < 3; i++)
		if (pthread_equal(pthread_self(), threads[i])) {
			hits[i]++;
			return;
		}
	foreign++;
}

static void *
spin(void *number)
{
	ready[(long)number] = 1;
	while (!stop)
		sched_yield();
	return NULL;
}

static void *
wait_for_signals(void *set)
{
	int number;
	long sum = 0;

	do {
		sigwait(set, &number);
		sum = sum * 100 + number;
		taken++;
	} while (number != SIGTERM);
	return (void *)sum;
}

static void
to_each(void)
{
	struct sigaction action = { .sa_handler = hit };

	sigaction(SIGUSR1, &action, NULL);
	for (long i = 0; i < 3; i++) {
		pthread_create(&threads[i], NULL, spin, (void *)i);
		while (!ready[i])
			sched_yield();
	}
	for (int i = 0; i < 3; i++)
		for (int j = 0; j <= i; j++) {
			int before = hits[i];
			SHOW(pthread_kill(threads[i], SIGUSR1));
			while (hits[i] == before)
				sched_yield();
		}
	stop = 1;
	for (int i = 0; i < 3; i++) {
		pthread_join(threads[i], NULL);
		SHOW(hits[i]);
	}
	SHOW(foreign);
}

int
main(void)
{
	pthread_t waiter;
	sigset_t set, old;
	void *sum;

	to_each();
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGTERM);
	SHOW(pthread_sigmask(SIG_BLOCK, &set, &old));
	pthread_create(&waiter, NULL, wait_for_signals, &set);
	for (int i = 0; i < 2; i++) {
		kill(getpid(), SIGUSR2);
		while (taken == i)
			usleep(1000);
	}
	kill(getpid(), SIGTERM);
	pthread_join(waiter, &sum);
	SHOW(sum);
	SHOW(pthread_kill(pthread_self(), 0));
	SHOW(pthread_kill(pthread_self(), 1000));
	return 0;
}
