/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The run lock of a struct vms: whoever touches the engine, the arena or any
 * map holds it.  Free, it costs one atomic operation each way.  A waiter is
 * served in order; a holder that runs a guest is asked to leave (cpu_stop) at
 * once by a call, after a slice by another runner.
 */
#ifndef VMS_VMSPACE_RUNLOCK_H
#define VMS_VMSPACE_RUNLOCK_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

struct cpu;

struct runlock {
	atomic_uint state;           /* 0 free, 1 held, 2 held and wanted */
	atomic_uint urgent;          /* waiters that will not run a guest */
	_Atomic(const void *) owner; /* the thread's mark, NULL when free */
	pthread_mutex_t mutex;       /* guards the rest */
	pthread_cond_t turn;
	unsigned long next, granted; /* tickets given, tickets served */
	struct cpu *cpu;             /* stopped to make a runner leave */
};

int runlock_init(struct runlock *lock, struct cpu *cpu);
void runlock_finish(struct runlock *lock);

/* EDEADLK when the calling thread holds it.  patient: the caller will run a
 * guest and lets a running one have its slice first. */
int runlock_acquire(struct runlock *lock, bool patient);
void runlock_release(struct runlock *lock);

/* For the holder: is anyone waiting?  Is it someone who should not wait? */
bool runlock_wanted(const struct runlock *lock);
bool runlock_urgent(const struct runlock *lock);

#endif
