// SPDX-License-Identifier: BSD-2-Clause
// A hundred threads that wake each other in every way: no wake-up is lost.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#define THREADS 100
#define ROUNDS  50

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t tokens;
static int ends[2];
static long turn, sum, in_pipe;

static void *
body(void *argument)
{
	long self = (long)argument;
	char byte;

	for (int i = 0; i < ROUNDS; i++) {
		sem_wait(&tokens);
		pthread_mutex_lock(&lock);
		sum += self;
		pthread_mutex_unlock(&lock);
		sem_post(&tokens);
		if (self % 2 == 0) {
			write(ends[1], "x", 1);
		} else {
			read(ends[0], &byte, 1);
			__atomic_fetch_add(&in_pipe, 1, __ATOMIC_RELAXED);
		}
		if (i % 10 == 0)
			pthread_barrier_wait(&barrier);
		if (self % 7 == 0)
			sched_yield();
	}
	// One after the other.
	pthread_mutex_lock(&lock);
	while (turn != self)
		pthread_cond_wait(&changed, &lock);
	turn++;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&lock);
	return NULL;
}

int
main(void)
{
	pthread_t threads[THREADS];

	pipe(ends);
	sem_init(&tokens, 0, 5);
	pthread_barrier_init(&barrier, NULL, THREADS);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, body, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	SHOW(sum);
	SHOW(turn);
	SHOW(in_pipe);
	return 0;
}
