/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run lock.  Invariant: state is 0 only when nobody waits; a holder that
 * finds 2 hands the lock to the oldest ticket and never sets 0.
 */
#include "vmspace/runlock.h"

#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "base/assert.h"
#include "emu/cpu.h"

#define SLICE_NS 2000000L

enum { RUNLOCK_FREE, RUNLOCK_HELD, RUNLOCK_WANTED };

static const void *thread_mark(void);
static int acquire_slow(struct runlock *lock, bool patient);
static void wait_turn(struct runlock *lock, unsigned long ticket, bool patient);
static void settle_state(struct runlock *lock);

int
runlock_init(struct runlock *lock, struct cpu *cpu)
{
	int error;

	*lock = (struct runlock){.cpu = cpu};
	if ((error = pthread_mutex_init(&lock->mutex, NULL)) != 0)
		return error;
	if ((error = pthread_cond_init(&lock->turn, NULL)) != 0)
		pthread_mutex_destroy(&lock->mutex);
	return error;
}

void
runlock_finish(struct runlock *lock)
{
	VMS_ASSERT("runlock-free", atomic_load(&lock->state) == RUNLOCK_FREE);
	pthread_cond_destroy(&lock->turn);
	pthread_mutex_destroy(&lock->mutex);
}

int
runlock_acquire(struct runlock *lock, bool patient)
{
	const void *self = thread_mark();
	unsigned expected = RUNLOCK_FREE;

	if (atomic_load_explicit(&lock->owner, memory_order_relaxed) == self)
		return EDEADLK;
	if (!atomic_compare_exchange_strong_explicit(&lock->state, &expected,
		RUNLOCK_HELD, memory_order_acquire, memory_order_relaxed)) {
		int error = acquire_slow(lock, patient);
		if (error != 0)
			return error;
	}
	atomic_store_explicit(&lock->owner, self, memory_order_relaxed);
	return 0;
}

void
runlock_release(struct runlock *lock)
{
	unsigned expected = RUNLOCK_HELD;

	atomic_store_explicit(&lock->owner, NULL, memory_order_relaxed);
	if (atomic_compare_exchange_strong_explicit(&lock->state, &expected,
		RUNLOCK_FREE, memory_order_release, memory_order_relaxed))
		return;
	pthread_mutex_lock(&lock->mutex);
	lock->granted++;
	pthread_cond_broadcast(&lock->turn);
	pthread_mutex_unlock(&lock->mutex);
}

bool
runlock_wanted(const struct runlock *lock)
{
	return atomic_load_explicit(&lock->state, memory_order_relaxed) ==
	    RUNLOCK_WANTED;
}

bool
runlock_urgent(const struct runlock *lock)
{
	return atomic_load(&lock->urgent) != 0;
}

/* The address of a thread-local object tells threads apart. */
static const void *
thread_mark(void)
{
	static _Thread_local char mark;

	return &mark;
}

static int
acquire_slow(struct runlock *lock, bool patient)
{
	int error;

	if ((error = pthread_mutex_lock(&lock->mutex)) != 0)
		return error;
	if (atomic_exchange_explicit(&lock->state, RUNLOCK_WANTED,
		memory_order_acquire) != RUNLOCK_FREE)
		wait_turn(lock, lock->next++, patient);
	settle_state(lock);
	pthread_mutex_unlock(&lock->mutex);
	return 0;
}

static void
slice_end(struct timespec *ts)
{
	clock_gettime(CLOCK_REALTIME, ts);
	ts->tv_nsec += SLICE_NS;
	if (ts->tv_nsec >= 1000000000L) {
		ts->tv_nsec -= 1000000000L;
		ts->tv_sec++;
	}
}

/* A stop that finds no guest running makes the next run end at once, so the
 * request made here cannot be lost, whoever holds the lock. */
static void
wait_turn(struct runlock *lock, unsigned long ticket, bool patient)
{
	struct timespec until;

	if (!patient) {
		atomic_fetch_add(&lock->urgent, 1);
		lock->cpu->ops->stop(lock->cpu);
	}
	while (lock->granted <= ticket) {
		if (!patient) {
			pthread_cond_wait(&lock->turn, &lock->mutex);
			continue;
		}
		slice_end(&until);
		if (pthread_cond_timedwait(&lock->turn, &lock->mutex, &until) ==
			ETIMEDOUT &&
		    lock->granted <= ticket)
			lock->cpu->ops->stop(lock->cpu);
	}
	if (!patient)
		atomic_fetch_sub(&lock->urgent, 1);
}

/* The new holder, under the mutex: says whether others still wait. */
static void
settle_state(struct runlock *lock)
{
	atomic_store_explicit(&lock->state,
	    lock->next == lock->granted ? RUNLOCK_HELD : RUNLOCK_WANTED,
	    memory_order_relaxed);
}
