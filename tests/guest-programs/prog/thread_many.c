// SPDX-License-Identifier: BSD-2-Clause
// Many threads one after the other and at once; stacks of chosen sizes.

#include "tests/guest-programs/prog/say.h"

#include <limits.h>
#include <pthread.h>

enum { AT_ONCE = 60 };

static pthread_barrier_t all;

static void *
one_more(void *value)
{
	return (char *)value + 1;
}

static void *
meet(void *value)
{
	char room[20000];

	memset(room, (int)(long)value, sizeof(room));
	pthread_barrier_wait(&all);
	return (void *)(long)room[(long)value];
}

static void *
stack_use(void *size)
{
	char room[200000];
	pthread_attr_t attributes;
	size_t stack, guard;
	void *start;

	memset(room, 1, sizeof(room));
	pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &start, &stack);
	pthread_attr_getguardsize(&attributes, &guard);
	long inside = room > (char *)start &&
		      room + sizeof(room) <= (char *)start + stack;
	return (
	    void *)(inside + (stack >= (size_t)size ? 2 : 0) + room[77] * 4);
}

int
main(void)
{
	pthread_t threads[AT_ONCE];
	pthread_attr_t attributes;
	void *value = NULL;
	long sum = 0;

	for (int i = 0; i < 300; i++) {
		pthread_create(&threads[0], NULL, one_more, value);
		pthread_join(threads[0], &value);
	}
	SHOW(value);
	pthread_barrier_init(&all, NULL, AT_ONCE);
	pthread_attr_init(&attributes);
	SHOW(pthread_attr_setstacksize(&attributes, 65536));
	for (long i = 0; i < AT_ONCE; i++)
		pthread_create(&threads[i], &attributes, meet, (void *)i);
	for (int i = 0; i < AT_ONCE; i++) {
		pthread_join(threads[i], &value);
		sum += (long)value;
	}
	SHOW(sum);
	SHOW(pthread_attr_setstacksize(&attributes, 1 << 20));
	pthread_create(&threads[0], &attributes, stack_use, (void *)(1L << 20));
	pthread_join(threads[0], &value);
	SHOW(value);
	SHOW(pthread_attr_setstacksize(&attributes, 100) == EINVAL);
	return 0;
}
