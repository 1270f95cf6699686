// SPDX-License-Identifier: BSD-2-Clause
// The futex call itself: answers and orders that libraries hide.

#include "tests/guest-programs/prog/say.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>

static atomic_int word, other, woken, arrived;

static long
futex(void *address, int op, long value, const void *timeout, void *second,
    long third)
{
	return syscall(SYS_futex, address, op, value, timeout, second, third);
}

static void *
sleep_on_word(void *bits)
{
	arrived++;
	futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL, (long)bits);
	woken++;
	return NULL;
}

// Wakes until count sleepers of what have been found.
static void
wake(int op, int count, void *second, long bits)
{
	while (count > 0) {
		long found =
		    futex(&word, op, count, (void *)1000L, second, bits);
		if (found > 0)
			count -= (int)found;
		usleep(1000);
	}
}

int
main(void)
{
	struct timespec soon = { 0, 10000000 }, past = { 1, 0 },
			wrong = { 0, -1 };
	pthread_t threads[4];

	SHOW(futex(&word, FUTEX_WAIT, 1, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_WAIT, 0, &soon, NULL, 0));
	SHOW(futex(&word, FUTEX_WAIT, 0, &wrong, NULL, 0));
	SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, -1));
	SHOW(futex(&word, FUTEX_WAIT_BITSET, 0, &past, NULL, 0));
	SHOW(futex((char *)&word + 1, FUTEX_WAIT, 0, NULL, NULL, 0));
	SHOW(futex((void *)16, FUTEX_WAIT, 0, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
	SHOW(futex(&word, 99, 1, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE, 1, NULL, &other, 5));

	for (int i = 0; i < 4; i++)
		pthread_create(
		    &threads[i], NULL, sleep_on_word, (void *)(1L << i));
	while (arrived < 4)
		usleep(1000);
	wake(FUTEX_WAKE_BITSET_PRIVATE, 1, NULL, 1 << 3);
	while (woken < 1)
		usleep(1000);
	pthread_join(threads[3], NULL);
	SHOW(woken);
	usleep(20000);
	SHOW(
	    futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)10L, &other, 0));
	SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
	SHOW(futex(&other, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	SHOW(futex(&other, FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	SHOW(woken);
	return 0;
}
