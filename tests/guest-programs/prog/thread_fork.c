// SPDX-License-Identifier: BSD-2-Clause
// fork from a thread, what pthread_atfork calls, and threads of the child.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <sys/syscall.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void
before(void)
{
	pthread_mutex_lock(&lock);
	write(1, "before\n", 7);
}

static void
in_parent(void)
{
	pthread_mutex_unlock(&lock);
}

static void
in_child(void)
{
	pthread_mutex_unlock(&lock);
	write(1, "in child\n", 9);
}

static void *
square(void *number)
{
	return (void *)((long)number * (long)number);
}

static int
thread_in_child(void)
{
	pthread_t thread;
	void *result;

	SHOW(syscall(SYS_gettid) == getpid());
	if (pthread_create(&thread, NULL, square, (void *)7L) != 0)
		return 1;
	pthread_join(thread, &result);
	pthread_mutex_lock(&lock);
	return (int)(long)result;
}

static void *
fork_here(void *unused)
{
	SHOW(syscall(SYS_gettid) != getpid());
	IN_CHILD("forked by a thread", _exit(thread_in_child()));
	return unused;
}

int
main(void)
{
	pthread_t thread;

	SHOW(pthread_atfork(before, in_parent, in_child));
	pthread_create(&thread, NULL, fork_here, NULL);
	pthread_join(thread, NULL);
	IN_CHILD("forked by main", _exit(thread_in_child()));
	return 0;
}
