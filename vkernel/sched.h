/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who runs next.  All guest threads of a kernel take turns on one host thread
 * and one lwp.  A turn ends when the thread waits, has ended, or has used its
 * slice up while somebody else could run: a number of instructions under the
 * virtual clock, so that every run is the same, a time otherwise.
 *
 * Under the virtual clock host descriptors are looked at when nobody can run,
 * and now and then, so that what arrives from outside can change as
 * little as possible.
 */
#ifndef VMS_VKERNEL_SCHED_H
#define VMS_VKERNEL_SCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/rng.h"
#include "vkernel/timer.h"

struct vk_kernel;
struct vk_process;
struct vk_thread;
struct vk_ticker;

enum vk_thread_state {
	THREAD_NEW,     /* not added yet */
	THREAD_READY,   /* in the run queue, or running */
	THREAD_WAITING, /* its call waits: struct vk_wait */
	THREAD_STOPPED, /* by a stop signal; was_waiting: and its call waits */
	THREAD_GONE
};

struct vk_sched {
	struct vk_thread *first, *last; /* run queue */
	struct vk_thread *current;      /* whose turn it is; not in the queue */
	struct vk_thread *fp_owner;     /* whose FP registers the lwp has */
	struct vk_timers timers;
	struct vk_ticker *ticker; /* NULL under the virtual clock */
	unsigned ready;           /* threads in the queue */
	unsigned fd_waiters;      /* waits that name host descriptors */
	struct vk_rng rng;        /* schedules of --seed */
	uint64_t slice_insns;     /* virtual clock */
	uint64_t slice_end;       /* virtual clock: clock_now() */
	uint64_t budget;          /* of the lwp, 0: none */
	unsigned slices;
	bool yield; /* the current turn is to end */
};

/* 0 or a host errno value. */
int sched_open(struct vk_kernel *kernel);
void sched_close(struct vk_kernel *kernel);

/* Runs guests until the kernel has ended or no process is left. */
void sched_run(struct vk_kernel *kernel);

/* The current thread's turn ends, but it can go on. */
void sched_yield_turn(struct vk_kernel *kernel);
/* A new thread, ready to run. */
void sched_add(struct vk_thread *thread);
/* Before a thread is destroyed; the lwp forgets its registers. */
void sched_remove(struct vk_thread *thread);
/* The thread, whose call returned -LX_WAIT, is parked. */
void sched_wait(struct vk_thread *thread);
/* A waiting thread does its call again; no effect on others. */
void sched_wake(struct vk_thread *thread);
/* Stop signals: a stopped thread does not run, but what it waits for may still
 * happen. */
void sched_stop(struct vk_thread *thread);
void sched_continue(struct vk_thread *thread);

/* The FP registers of thread, whoever's are in the lwp.  LX_EINVAL. */
void sched_getfp(struct vk_thread *thread, void *fxsave);
int sched_setfp(struct vk_thread *thread, const void *fxsave);

/* The current turn ends at this time of the host's clock at the latest. */
void sched_tick_at(struct vk_kernel *kernel, uint64_t deadline_ns);

/* Instructions that the current thread may run now; UINT64_MAX: any. */
uint64_t sched_budget(struct vk_kernel *kernel);

#endif
