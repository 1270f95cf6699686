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

/* A lock that this thread is about to take or to give back: who owns it is not
 * written yet, or no more.  Signal handlers find it here. */
struct passage {
	const struct runlock *lock;
	const struct passage *outer;
};

/* Its address tells threads apart. */
struct thread {
	const struct passage *volatile passage; /* innermost */
};

static struct thread *thread_self(void);
static bool is_inside(const struct thread *self, const struct runlock *lock);
static int acquire_slow(struct runlock *lock, bool patient);
static void release_slow(struct runlock *lock);
static void wait_turn(struct runlock *lock, unsigned long ticket, bool patient);
static void settle_state(struct runlock *lock);

int
runlock_init(struct runlock *lock, struct cpu *cpu)
{
	int error;

	*lock = (struct runlock){ .cpu = cpu };
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
	struct thread *self = thread_self();
	struct passage passage = { lock, self->passage };
	unsigned expected = RUNLOCK_FREE;
	int error = 0;

	if (is_inside(self, lock))
		return EDEADLK;
	self->passage = &passage;
	if (!atomic_compare_exchange_strong_explicit(&lock->state, &expected,
		RUNLOCK_HELD, memory_order_acquire, memory_order_relaxed))
		error = acquire_slow(lock, patient);
	if (error == 0)
		atomic_store_explicit(&lock->owner, self, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	self->passage = passage.outer;
	return error;
}

void
runlock_release(struct runlock *lock)
{
	struct thread *self = thread_self();
	struct passage passage = { lock, self->passage };
	unsigned expected = RUNLOCK_HELD;

	self->passage = &passage;
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&lock->owner, NULL, memory_order_relaxed);
	if (!atomic_compare_exchange_strong_explicit(&lock->state, &expected,
		RUNLOCK_FREE, memory_order_release, memory_order_relaxed))
		release_slow(lock);
	atomic_signal_fence(memory_order_seq_cst);
	self->passage = passage.outer;
}

static void
release_slow(struct runlock *lock)
{
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

static struct thread *
thread_self(void)
{
	static _Thread_local struct thread self;

	return &self;
}

/* Has this thread the lock, or did a signal come on its way in or out? */
static bool
is_inside(const struct thread *self, const struct runlock *lock)
{
	const struct passage *passage = self->passage;

	while (passage != NULL && passage->lock != lock)
		passage = passage->outer;
	return passage != NULL ||
	       atomic_load_explicit(&lock->owner, memory_order_relaxed) == self;
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
