// SPDX-License-Identifier: BSD-2-Clause
// Mutexes of each kind, alone and under contention.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <time.h>

enum { THREADS = 6, ROUNDS = 3000 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long counter;

static void *
count(void *unused)
{
	(void)unused;
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&mutex);
		long seen = counter;
		if (i % 64 == 0)
			sched_yield();
		counter = seen + 1;
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void *
try_lock(void *lock)
{
	return (void *)(long)pthread_mutex_trylock(lock);
}

static void *
timed_lock(void *lock)
{
	struct timespec when;

	clock_gettime(CLOCK_REALTIME, &when);
	when.tv_nsec += 20000000;
	if (when.tv_nsec >= 1000000000) {
		when.tv_sec++;
		when.tv_nsec -= 1000000000;
	}
	return (void *)(long)pthread_mutex_timedlock(lock, &when);
}

static void
other_thread(const char *what, void *(*body)(void *), void *argument)
{
	pthread_t thread;
	void *result;

	pthread_create(&thread, NULL, body, argument);
	pthread_join(thread, &result);
	show(what, (long)result);
}

static void
kind(const char *name, int type)
{
	pthread_mutexattr_t attributes;
	pthread_mutex_t lock;

	printf("%s\n", name);
	pthread_mutexattr_init(&attributes);
	pthread_mutexattr_settype(&attributes, type);
	pthread_mutex_init(&lock, &attributes);
	SHOW(pthread_mutex_lock(&lock));
	SHOW(pthread_mutex_trylock(&lock));
	if (type != PTHREAD_MUTEX_NORMAL)
		SHOW(pthread_mutex_lock(&lock));
	other_thread("try", try_lock, &lock);
	other_thread("timed", timed_lock, &lock);
	SHOW(pthread_mutex_unlock(&lock));
	if (type != PTHREAD_MUTEX_NORMAL)
		SHOW(pthread_mutex_unlock(&lock));
	if (type == PTHREAD_MUTEX_RECURSIVE)
		SHOW(pthread_mutex_unlock(&lock));
	SHOW(pthread_mutex_destroy(&lock));
}

int
main(void)
{
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	SHOW(counter);
	kind("normal", PTHREAD_MUTEX_NORMAL);
	kind("errorcheck", PTHREAD_MUTEX_ERRORCHECK);
	kind("recursive", PTHREAD_MUTEX_RECURSIVE);
	return 0;
}
