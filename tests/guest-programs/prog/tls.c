// SPDX-License-Identifier: BSD-2-Clause
// Thread-local variables and keys with destructors.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>

static __thread int mine = 7;
static __thread char zeroed[5000];
static _Thread_local struct {
	long a, b;
} both = { 3, 4 };
static pthread_key_t key, second;
static int destroyed, again;

static void
destroy(void *value)
{
	destroyed += (int)(long)value;
}

static void
destroy_twice(void *value)
{
	again++;
	if ((long)value < 3)
		pthread_setspecific(second, (char *)value + 1);
}

static void *
work(void *number)
{
	long me = (long)number;
	long wrong = mine != 7 || zeroed[4999] != 0 || both.b != 4;

	mine += (int)me;
	zeroed[me] = (char)me;
	both.a = me;
	pthread_setspecific(key, (void *)(me + 1));
	pthread_setspecific(second, (void *)1L);
	errno = (int)me + 1;
	sched_yield();
	wrong += mine != 7 + me || both.a != me || errno != me + 1;
	wrong += (long)pthread_getspecific(key) != me + 1;
	return (void *)wrong;
}

int
main(void)
{
	pthread_t threads[10];
	long wrong = 0;

	pthread_key_create(&key, destroy);
	pthread_key_create(&second, destroy_twice);
	SHOW(pthread_getspecific(key) == NULL);
	for (long i = 0; i < 10; i++)
		pthread_create(&threads[i], NULL, work, (void *)i);
	for (int i = 0; i < 10; i++) {
		void *result;
		pthread_join(threads[i], &result);
		wrong += (long)result;
	}
	SHOW(wrong);
	SHOW(mine);
	SHOW(destroyed);
	SHOW(again);
	IN_CHILD("child", _exit(mine + (int)both.b));
	return 0;
}
