// SPDX-License-Identifier: BSD-2-Clause
// Semaphores: unnamed between threads and processes, named.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <pthread.h>
#include <semaphore.h>
#include <sys/mman.h>
#include <time.h>

static sem_t ping, pong;
static int rounds;

static void *
answer(void *unused)
{
	for (int i = 0; i < 500; i++) {
		sem_wait(&ping);
		rounds++;
		sem_post(&pong);
	}
	return unused;
}

static void
named(void)
{
	char name[64];

	snprintf(name, sizeof(name), "/vms-test-%ld", (long)getpid());
	sem_unlink(name);
	sem_t *sem = sem_open(name, O_CREAT | O_EXCL, 0600, 1);
	SHOW(sem != SEM_FAILED);
	SHOW(sem_open(name, O_CREAT | O_EXCL, 0600, 1) == SEM_FAILED);
	SHOW(errno == EEXIST);
	IN_CHILD("poster", sem_post(sem_open(name, 0)));
	int value;
	SHOW(sem_getvalue(sem, &value));
	SHOW(value);
	SHOW(sem_close(sem));
	SHOW(sem_unlink(name));
	SHOW(sem_unlink(name));
}

int
main(void)
{
	pthread_t thread;
	struct timespec past = { 1, 0 };
	sem_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	sem_init(&ping, 0, 0);
	sem_init(&pong, 0, 0);
	pthread_create(&thread, NULL, answer, NULL);
	for (int i = 0; i < 500; i++) {
		sem_post(&ping);
		sem_wait(&pong);
	}
	pthread_join(thread, NULL);
	SHOW(rounds);
	SHOW(sem_trywait(&ping));
	SHOW(sem_timedwait(&ping, &past));

	SHOW(sem_init(shared, 1, 0));
	pid_t child = fork();
	if (child == 0) {
		usleep(10000);
		sem_post(shared);
		_exit(0);
	}
	SHOW(sem_wait(shared));
	waitpid(child, NULL, 0);
	named();
	return 0;
}
