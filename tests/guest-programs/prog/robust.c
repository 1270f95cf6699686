// SPDX-License-Identifier: BSD-2-Clause
// Mutexes whose owner died, in a thread and in another process; PI mutexes.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

static void *
lock_and_leave(void *lock)
{
	return (void *)(long)pthread_mutex_lock(lock);
}

static void
make(pthread_mutex_t *lock, int protocol)
{
	pthread_mutexattr_t attributes;

	pthread_mutexattr_init(&attributes);
	SHOW(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
	SHOW(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
	SHOW(pthread_mutexattr_setprotocol(&attributes, protocol));
	SHOW(pthread_mutex_init(lock, &attributes));
}

static void
owners_that_die(pthread_mutex_t *lock)
{
	pthread_t thread;

	pthread_create(&thread, NULL, lock_and_leave, lock);
	pthread_join(thread, NULL);
	SHOW(pthread_mutex_lock(lock));
	SHOW(pthread_mutex_consistent(lock));
	SHOW(pthread_mutex_unlock(lock));

	IN_CHILD("owner", pthread_mutex_lock(lock));
	SHOW(pthread_mutex_lock(lock));
	SHOW(pthread_mutex_consistent(lock));
	SHOW(pthread_mutex_unlock(lock));

	IN_CHILD("killed", {
		pthread_mutex_lock(lock);
		raise(SIGKILL);
	});
	SHOW(pthread_mutex_trylock(lock));
	SHOW(pthread_mutex_unlock(lock));
	SHOW(pthread_mutex_lock(lock));
}

int
main(void)
{
	pthread_mutex_t *locks = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	make(&locks[0], PTHREAD_PRIO_NONE);
	owners_that_die(&locks[0]);
	make(&locks[1], PTHREAD_PRIO_INHERIT);
	owners_that_die(&locks[1]);
	return 0;
}
