// SPDX-License-Identifier: BSD-2-Clause
// Read-write locks, barriers, spin locks and pthread_once.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>

enum { THREADS = 5, ROUNDS = 200 };

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int pair[2], wrong, serial, onces, spun, round_of[THREADS];

static void
first_time(void)
{
	onces++;
}

static void *
work(void *number)
{
	long me = (long)number;

	pthread_once(&once, first_time);
	for (int i = 0; i < ROUNDS; i++) {
		if ((i + me) % 4 == 0) {
			pthread_rwlock_wrlock(&lock);
			pair[0]++;
			sched_yield();
			pair[1]++;
			pthread_rwlock_unlock(&lock);
		} else {
			pthread_rwlock_rdlock(&lock);
			wrong += pair[0] != pair[1];
			pthread_rwlock_unlock(&lock);
		}
		pthread_spin_lock(&spin);
		spun++;
		pthread_spin_unlock(&spin);
	}
	for (int i = 0; i < 20; i++) {
		round_of[me] = i;
		int answer = pthread_barrier_wait(&barrier);
		for (int j = 0; j < THREADS; j++)
			wrong += round_of[j] != i;
		if (answer == PTHREAD_BARRIER_SERIAL_THREAD)
			serial++;
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

int
main(void)
{
	pthread_t threads[THREADS];

	pthread_barrier_init(&barrier, NULL, THREADS);
	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	for (long i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	SHOW(pair[0]);
	SHOW(wrong);
	SHOW(serial);
	SHOW(onces);
	SHOW(spun);
	SHOW(pthread_rwlock_rdlock(&lock));
	SHOW(pthread_rwlock_tryrdlock(&lock));
	SHOW(pthread_rwlock_trywrlock(&lock));
	SHOW(pthread_rwlock_unlock(&lock));
	SHOW(pthread_rwlock_unlock(&lock));
	SHOW(pthread_rwlock_trywrlock(&lock));
	SHOW(pthread_rwlock_tryrdlock(&lock));
	SHOW(pthread_barrier_destroy(&barrier));
	return 0;
}
