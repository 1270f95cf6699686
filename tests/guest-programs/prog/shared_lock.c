// SPDX-License-Identifier: BSD-2-Clause
// A mutex and a condition between processes, in shared memory.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <sys/mman.h>

static struct shared {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	pthread_barrier_t barrier;
	long sum;
	int turn;
} * shared;

static void
work(int me)
{
	for (int i = 0; i < 40; i++) {
		pthread_mutex_lock(&shared->lock);
		while (shared->turn != me)
			pthread_cond_wait(&shared->changed, &shared->lock);
		shared->sum = shared->sum * 3 % 1000003 + me;
		shared->turn = (me + 1) % 3;
		pthread_cond_broadcast(&shared->changed);
		pthread_mutex_unlock(&shared->lock);
	}
	pthread_barrier_wait(&shared->barrier);
	_exit(me);
}

int
main(void)
{
	pthread_mutexattr_t mutex;
	pthread_condattr_t cond;
	pthread_barrierattr_t barrier;

	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pthread_mutexattr_init(&mutex);
	pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED);
	pthread_mutex_init(&shared->lock, &mutex);
	pthread_condattr_init(&cond);
	pthread_condattr_setpshared(&cond, PTHREAD_PROCESS_SHARED);
	pthread_cond_init(&shared->changed, &cond);
	pthread_barrierattr_init(&barrier);
	pthread_barrierattr_setpshared(&barrier, PTHREAD_PROCESS_SHARED);
	pthread_barrier_init(&shared->barrier, &barrier, 3);
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			work(i);
	int sum = 0, status;
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	SHOW(sum);
	SHOW(shared->sum);
	return 0;
}
