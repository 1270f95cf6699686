// SPDX-License-Identifier: BSD-2-Clause
// Futexes that are locks, what is private, WAKE_OP's table, counts of REQUEUE.

#include "tests/guest-programs/prog/say.h"

#include <linux/futex.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>

static atomic_uint word, other, lock;
static atomic_int arrived, gone;

static long
futex(void *address, int op, long value, const void *timeout, void *second,
    long third)
{
	return syscall(SYS_futex, address, op, value, timeout, second, third);
}

static unsigned
self(void)
{
	return (unsigned)syscall(SYS_gettid);
}

// The word without numbers of threads.
static void
show_lock(const char *what)
{
	printf("%s: %s%s%s\n", what,
	    (lock & FUTEX_TID_MASK) == 0        ? "free"
	    : (lock & FUTEX_TID_MASK) == self() ? "mine"
						: "other's",
	    lock & FUTEX_WAITERS ? " waiters" : "",
	    lock & FUTEX_OWNER_DIED ? " died" : "");
	fflush(stdout);
}

static void
wait_for(atomic_int *what, int value)
{
	while (*what != value)
		usleep(1000);
	usleep(20000);
}

static void
ops(void)
{
	static const struct {
		int op, operand, compare, with;
	} rows[] = {
		{ FUTEX_OP_SET, 5, FUTEX_OP_CMP_EQ, 12 },
		{ FUTEX_OP_ADD, -3, FUTEX_OP_CMP_NE, 12 },
		{ FUTEX_OP_OR, 3, FUTEX_OP_CMP_LT, 13 },
		{ FUTEX_OP_ANDN, 4, FUTEX_OP_CMP_LE, 12 },
		{ FUTEX_OP_XOR, 15, FUTEX_OP_CMP_GT, -1 },
		{ FUTEX_OP_SET | FUTEX_OP_OPARG_SHIFT, 9, FUTEX_OP_CMP_GE, 12 },
		{ FUTEX_OP_ADD, -2048, FUTEX_OP_CMP_EQ, -2048 },
		{ 6, 1, FUTEX_OP_CMP_EQ, 0 },
		{ FUTEX_OP_SET, 1, 7, 0 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		other = 12;
		SHOW(futex(&word, FUTEX_WAKE_OP, 1, (void *)1L, &other,
		    (long)(uint32_t)FUTEX_OP(rows[i].op, rows[i].operand,
			rows[i].compare, rows[i].with)));
		SHOW((int)other);
	}
	SHOW(futex(&word, FUTEX_WAKE_OP, 1, (void *)1L, (void *)16, 0));
}

static void *
take_and_leave(void *unused)
{
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	arrived = 1;
	wait_for(&gone, 1);
	return unused;
}

static void *
take_and_give(void *unused)
{
	arrived = 1;
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	show_lock("given");
	SHOW(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	show_lock("unlocked");
	return unused;
}

static void
locks(void)
{
	struct timespec past = { 1, 0 }, wrong = { 0, -1 };
	pthread_t thread;

	SHOW(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	show_lock("locked");
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, &wrong, NULL, 0));

	pthread_create(&thread, NULL, take_and_give, NULL);
	wait_for(&arrived, 1);
	show_lock("asked for");
	SHOW(futex(&lock, FUTEX_WAKE, 1, NULL, NULL, 0));
	long result = futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
	pthread_join(thread, NULL);
	SHOW(result);

	lock = 0x3ffffff0;
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	lock = FUTEX_OWNER_DIED;
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	show_lock("died before");
	lock = 0;

	arrived = gone = 0;
	pthread_create(&thread, NULL, take_and_leave, NULL);
	wait_for(&arrived, 1);
	SHOW(futex(&lock, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, &past, NULL, 0));
	gone = 1;
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	show_lock("owner left");
	pthread_join(thread, NULL);
	lock = 0;
}

static void *
wait_and_own(void *unused)
{
	arrived++;
	long result = futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &lock, 0);
	if (result != 0 || (lock & FUTEX_TID_MASK) != self())
		SHOW(result);
	gone++;
	if (futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0) != 0)
		show("unlock", -1);
	return unused;
}

static void
requeues(void)
{
	struct timespec past = { 1, 0 };
	pthread_t threads[3];

	word = lock = 0;
	arrived = gone = 0;
	SHOW(futex(&word, FUTEX_WAIT_REQUEUE_PI, 1, NULL, &lock, 0));
	SHOW(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, &past, &lock, 0));
	SHOW(futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &word, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 2, (void *)1L, &lock, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1L, &lock, 1));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1L, &lock, 0));
	for (int i = 0; i < 3; i++)
		pthread_create(&threads[i], NULL, wait_and_own, NULL);
	wait_for(&arrived, 3);
	SHOW(futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1L, &other, 0));
	SHOW(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1L, &lock, 0));
	SHOW(gone);
	SHOW(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	wait_for(&gone, 2);
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)1L, &lock, 0));
	for (int i = 0; i < 3; i++)
		pthread_join(threads[i], NULL);
	show_lock("at the end");
}

static void *
wait_private(void *flag)
{
	arrived++;
	futex(&word, FUTEX_WAIT | (int)(long)flag, 0, NULL, NULL, 0);
	gone++;
	return NULL;
}

static void
counts(void)
{
	pthread_t threads[5];

	word = other = 0;
	arrived = gone = 0;
	for (int i = 0; i < 5; i++)
		pthread_create(&threads[i], NULL, wait_private,
		    (void *)(long)(i < 4 ? FUTEX_PRIVATE_FLAG : 0));
	wait_for(&arrived, 5);
	SHOW(futex(&word, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_WAKE, 9, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 0, (void *)1L, &other, 0));
	SHOW(futex(&word, FUTEX_REQUEUE_PRIVATE, -1, (void *)1L, &other, 0));
	SHOW(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1L, &other, 1));
	SHOW(futex(&word, FUTEX_REQUEUE_PRIVATE, 1, (void *)1L, &other, 0));
	SHOW(futex(&other, FUTEX_WAKE_PRIVATE, 9, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_WAKE_PRIVATE, 0, NULL, NULL, 0));
	for (int i = 0; i < 5; i++)
		pthread_join(threads[i], NULL);
	SHOW(futex((void *)4096, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	SHOW(futex((void *)4096, FUTEX_WAKE, 1, NULL, NULL, 0));
	SHOW(futex((void *)-4096L, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	SHOW(futex((void *)4098, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	SHOW(futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
	SHOW(futex(
	    &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 1));
	SHOW(futex(&word, FUTEX_FD, 0, NULL, NULL, 0));
}

int
main(void)
{
	ops();
	locks();
	requeues();
	counts();
	return 0;
}
