/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/sched.h"

#include <errno.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/idle.h"
#include "vkernel/kernel.h"
#include "vkernel/run.h"
#include "vkernel/ticker.h"

/* A slice: instructions under the virtual clock, else nanoseconds. */
#define SLICE_INSNS UINT64_C(200000)
#define SLICE_NS    UINT64_C(4000000)
/* Slices after which host descriptors are looked at under the virtual clock. */
#define SLICES_LOOK 64

int
sched_open(struct vk_kernel *kernel)
{
	rng_init(&kernel->sched.rng, ~kernel->options->seed);
	if (clock_is_virtual(kernel))
		return 0;
	return ticker_open(kernel->lwp, &kernel->sched.ticker);
}

void
sched_close(struct vk_kernel *kernel)
{
	ticker_close(kernel->sched.ticker);
	kernel->sched.ticker = NULL;
}

void
sched_tick_at(struct vk_kernel *kernel, uint64_t deadline_ns)
{
	if (kernel->sched.ticker != NULL && kernel->sched.current != NULL)
		ticker_arm(kernel->sched.ticker, deadline_ns);
}

/* Who runs now has a slice from here on. */
static void
ready_add(struct vk_thread *thread)
{
	struct vk_sched *sched;

	sched = &thread->process->kernel->sched;
	if (sched->ready == 0 && sched->ticker != NULL)
		sched_tick_at(thread->process->kernel,
		    clock_now(thread->process->kernel) + SLICE_NS);
	thread->state = THREAD_READY;
	thread->next = NULL;
	thread->previous = sched->last;
	if (sched->last != NULL)
		sched->last->next = thread;
	else
		sched->first = thread;
	sched->last = thread;
	sched->ready++;
}

static void
ready_remove(struct vk_thread *thread)
{
	struct vk_sched *sched;

	sched = &thread->process->kernel->sched;
	if (thread->previous != NULL)
		thread->previous->next = thread->next;
	else
		sched->first = thread->next;
	if (thread->next != NULL)
		thread->next->previous = thread->previous;
	else
		sched->last = thread->previous;
	thread->next = thread->previous = NULL;
	sched->ready--;
}

void
sched_add(struct vk_thread *thread)
{
	ready_add(thread);
}

void
sched_remove(struct vk_thread *thread)
{
	struct vk_sched *sched;

	sched = &thread->process->kernel->sched;
	if (thread->state == THREAD_READY && sched->current != thread)
		ready_remove(thread);
	thread->state = THREAD_GONE;
	wait_finish(thread);
	if (sched->current == thread)
		sched->current = NULL;
	if (sched->fp_owner == thread)
		sched->fp_owner = NULL;
}

void
sched_wait(struct vk_thread *thread)
{
	if (thread->wait.fd_count != 0) {
		thread->wait.fds_told = true;
		thread->process->kernel->sched.fd_waiters++;
	}
	if (thread->state == THREAD_READY)
		thread->state = THREAD_WAITING;
	else
		thread->was_waiting = true;
}

void
sched_wake(struct vk_thread *thread)
{
	bool waits;

	waits = thread->state == THREAD_WAITING || thread->was_waiting;
	wait_cancel(thread);
	if (!waits)
		return;
	thread->wait.again = true;
	thread->was_waiting = false;
	if (thread->state != THREAD_WAITING)
		return;
	/* It has just parked, and its turn is not over. */
	if (thread->process->kernel->sched.current == thread)
		thread->state = THREAD_READY;
	else
		ready_add(thread);
}

void
sched_yield_turn(struct vk_kernel *kernel)
{
	kernel->sched.yield = true;
}

void
sched_stop(struct vk_thread *thread)
{
	switch (thread->state) {
	case THREAD_READY:
		if (thread->process->kernel->sched.current != thread)
			ready_remove(thread);
		break;
	case THREAD_WAITING:
		thread->was_waiting = true;
		break;
	default:
		return;
	}
	thread->state = THREAD_STOPPED;
}

void
sched_continue(struct vk_thread *thread)
{
	if (thread->state != THREAD_STOPPED)
		return;
	if (thread->was_waiting)
		thread->state = THREAD_WAITING;
	else if (thread->process->kernel->sched.current == thread)
		thread->state = THREAD_READY;
	else
		ready_add(thread);
	thread->was_waiting = false;
}

void
sched_getfp(struct vk_thread *thread, void *fxsave)
{
	if (thread->process->kernel->sched.fp_owner == thread)
		vms_lwp_getfp(thread->lwp, fxsave);
	else
		memcpy(fxsave, thread->fp, sizeof(thread->fp));
}

int
sched_setfp(struct vk_thread *thread, const void *fxsave)
{
	struct vk_sched *sched;

	sched = &thread->process->kernel->sched;
	if (sched->fp_owner == thread)
		return vms_lwp_setfp(thread->lwp, fxsave) == 0 ? 0 : LX_EINVAL;
	memcpy(thread->fp, fxsave, sizeof(thread->fp));
	return 0;
}

static void
fp_switch(struct vk_thread *thread)
{
	struct vk_sched *sched;

	sched = &thread->process->kernel->sched;
	if (sched->fp_owner == thread)
		return;
	if (sched->fp_owner != NULL)
		vms_lwp_getfp(thread->lwp, sched->fp_owner->fp);
	vms_lwp_setfp(thread->lwp, thread->fp);
	sched->fp_owner = thread;
}

/* Another seed is another schedule. */
static uint64_t
slice_insns(struct vk_kernel *kernel)
{
	if (kernel->options->seed == 0)
		return SLICE_INSNS;
	return SLICE_INSNS / 8 +
	       rng_next(&kernel->sched.rng) % (2 * SLICE_INSNS);
}

/* The end of the turn, if there is a reason to end it. */
static void
slice_begin(struct vk_kernel *kernel)
{
	struct vk_sched *sched;
	uint64_t deadline, now;

	sched = &kernel->sched;
	if (clock_is_virtual(kernel)) {
		sched->slice_insns = slice_insns(kernel);
		sched->slice_end = clock_now(kernel) + sched->slice_insns;
		return;
	}
	deadline = UINT64_MAX;
	if (sched->timers.first != NULL)
		deadline = sched->timers.first->deadline_ns;
	if (sched->ready != 0 || sched->fd_waiters != 0) {
		now = clock_now(kernel);
		if (deadline > now + SLICE_NS)
			deadline = now + SLICE_NS;
	}
	if (deadline != UINT64_MAX)
		ticker_arm(sched->ticker, deadline);
}

uint64_t
sched_budget(struct vk_kernel *kernel)
{
	const struct vk_sched *sched;
	uint64_t budget, now;

	sched = &kernel->sched;
	budget = UINT64_MAX;
	if (!clock_is_virtual(kernel))
		return budget;
	if (sched->timers.first != NULL) {
		now = clock_now(kernel);
		budget = 1;
		if (sched->timers.first->deadline_ns > now)
			budget = sched->timers.first->deadline_ns - now;
	}
	if ((sched->ready != 0 || sched->fd_waiters != 0) &&
	    sched->slice_insns < budget)
		budget = sched->slice_insns;
	return budget;
}

/* True when somebody else is to run now. */
static bool
slice_is_over(struct vk_kernel *kernel)
{
	struct vk_sched *sched;

	sched = &kernel->sched;
	if (sched->yield)
		return true;
	if (clock_is_virtual(kernel))
		return sched->ready + sched->fd_waiters != 0 &&
		       clock_now(kernel) >= sched->slice_end;
	return ticker_take(sched->ticker);
}

static void
slice_ended(struct vk_kernel *kernel)
{
	struct vk_sched *sched;

	sched = &kernel->sched;
	if (sched->fd_waiters == 0)
		return;
	if (!clock_is_virtual(kernel) || ++sched->slices % SLICES_LOOK == 0)
		idle_look(kernel, 0);
}

/* Threads and processes that have ended are taken apart here, where nobody
 * holds them. */
static void
reap(struct vk_kernel *kernel)
{
	struct vk_process *process;

	while (kernel->reap) {
		kernel->reap = false;
		for (process = kernel->first; process != NULL;
		     process = process->next) {
			if (process->exited && !process->zombie) {
				process_reap(process);
				kernel->reap = true; /* the list has changed */
				break;
			}
			if (!process->zombie)
				process_reap_threads(process);
		}
	}
}

static void
turn(struct vk_kernel *kernel, struct vk_thread *thread)
{
	struct vk_sched *sched;
	bool over;

	sched = &kernel->sched;
	ready_remove(thread);
	sched->current = thread;
	fp_switch(thread);
	sched->yield = false;
	thread->turn_ns = clock_turn(kernel);
	cpu_timers_begin(thread);
	slice_begin(kernel);
	do {
		run_step(thread);
		timers_run(kernel);
		reap(kernel);
		over = slice_is_over(kernel);
	} while (!over && !kernel->ended && sched->current == thread &&
		 thread->state == THREAD_READY);
	cpu_timers_end(kernel);
	if (sched->current == thread) {
		thread->cpu_ns += clock_turn(kernel) - thread->turn_ns;
		thread->rseq.due = true;
		sched->current = NULL;
		if (thread->state == THREAD_READY)
			ready_add(thread);
	}
	if (over)
		slice_ended(kernel);
}

/* Another seed is another order. */
static struct vk_thread *
pick(struct vk_kernel *kernel)
{
	struct vk_thread *thread;
	uint64_t skip;

	thread = kernel->sched.first;
	if (kernel->options->seed == 0 || kernel->sched.ready < 2 ||
	    !clock_is_virtual(kernel))
		return thread;
	for (skip = rng_next(&kernel->sched.rng) % kernel->sched.ready;
	     skip > 0; skip--)
		thread = thread->next;
	return thread;
}

void
sched_run(struct vk_kernel *kernel)
{
	reap(kernel);
	while (!kernel->ended && kernel->first != NULL) {
		timers_run(kernel);
		if (kernel->sched.first != NULL)
			turn(kernel, pick(kernel));
		else if (!idle_wait(kernel))
			return;
		reap(kernel);
	}
}
