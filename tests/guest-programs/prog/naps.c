// SPDX-License-Identifier: BSD-2-Clause
// Sleeps that are over before the thread that sleeps has been put aside.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <time.h>

#define THREADS 8
#define NAPS    600

static void *
naps(void *arg)
{
	long slept = 0;

	for (long i = 0; i < NAPS; i++) {
		struct timespec time = { 0, i * 37 % 9000 };

		slept += nanosleep(&time, NULL) == 0;
	}
	return (char *)arg + slept;
}

int
main(void)
{
	pthread_t threads[THREADS];
	void *slept;
	long sum = 0;

	for (int round = 0; round < 3; round++) {
		for (long i = 0; i < THREADS; i++)
			pthread_create(&threads[i], NULL, naps, NULL);
		for (int i = 0; i < THREADS; i++) {
			pthread_join(threads[i], &slept);
			sum += (long)slept;
		}
		IN_CHILD("child", { naps(NULL); });
	}
	SHOW(sum);
	return 0;
}
