/* SPDX-License-Identifier: BSD-2-Clause */
/* threads COUNT: four threads work and count COUNT times each, under one
 * mutex. */
#include <inttypes.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS 4
#define WORK    300

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t sum;
static long count;

static void *
work(void *arg)
{
	uint64_t value = (uint64_t)(uintptr_t)arg;

	for (long i = 0; i < count; i++) {
		for (int j = 0; j < WORK; j++)
			value = value * UINT64_C(6364136223846793005) + 1;
		pthread_mutex_lock(&lock);
		sum += value >> 60;
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

int
main(int argc, char *argv[])
{
	pthread_t threads[THREADS];

	count = argc > 1 ? atol(argv[1]) : 1;
	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, work, (void *)i) != 0)
			return 1;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	printf("%" PRIu64 "\n", sum);
	return 0;
}
