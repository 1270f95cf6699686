// SPDX-License-Identifier: BSD-2-Clause
// Condition variables: a bounded queue, a broadcast, and waits that end.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <time.h>

enum { ITEMS = 2000, ROOM = 4 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER;
static pthread_cond_t not_empty = PTHREAD_COND_INITIALIZER;
static int queue[ROOM], first, length;
static long total;
static int awake, go;

static void *
produce(void *start)
{
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock);
		while (length == ROOM)
			pthread_cond_wait(&not_full, &lock);
		queue[(first + length++) % ROOM] = (int)(long)start + i;
		pthread_cond_signal(&not_empty);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void *
consume(void *unused)
{
	(void)unused;
	for (int i = 0; i < ITEMS; i++) {
		pthread_mutex_lock(&lock);
		while (length == 0)
			pthread_cond_wait(&not_empty, &lock);
		total += queue[first];
		first = (first + 1) % ROOM;
		length--;
		pthread_cond_signal(&not_full);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

static void *
wait_for_go(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&lock);
	while (!go)
		pthread_cond_wait(&not_empty, &lock);
	awake++;
	pthread_mutex_unlock(&lock);
	return NULL;
}

static int
timed_wait(clockid_t clock)
{
	pthread_condattr_t attributes;
	pthread_cond_t never;
	struct timespec when;

	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, clock);
	pthread_cond_init(&never, &attributes);
	clock_gettime(clock, &when);
	when.tv_nsec = (when.tv_nsec + 30000000) % 1000000000;
	if (when.tv_nsec < 30000000)
		when.tv_sec++;
	pthread_mutex_lock(&lock);
	int error = pthread_cond_timedwait(&never, &lock, &when);
	pthread_mutex_unlock(&lock);
	pthread_cond_destroy(&never);
	return error;
}

int
main(void)
{
	pthread_t threads[8];

	for (int i = 0; i < 4; i++) {
		pthread_create(&threads[i], NULL, produce, (void *)(i * 1000L));
		pthread_create(&threads[i + 4], NULL, consume, NULL);
	}
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	SHOW(total);

	for (int i = 0; i < 8; i++)
		pthread_create(&threads[i], NULL, wait_for_go, NULL);
	pthread_mutex_lock(&lock);
	go = 1;
	pthread_cond_broadcast(&not_empty);
	pthread_mutex_unlock(&lock);
	for (int i = 0; i < 8; i++)
		pthread_join(threads[i], NULL);
	SHOW(awake);
	SHOW(timed_wait(CLOCK_REALTIME));
	SHOW(timed_wait(CLOCK_MONOTONIC));
	return 0;
}
