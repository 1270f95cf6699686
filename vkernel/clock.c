/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/clock.h"

#include <time.h>

bool
clock_is_virtual(const struct vk_kernel *kernel)
{
	return kernel->options->clock == VK_CLOCK_VIRTUAL;
}

static uint64_t
host_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_SEC + (uint64_t)ts.tv_nsec;
}

uint64_t
clock_now(const struct vk_kernel *kernel)
{
	if (clock_is_virtual(kernel))
		return kernel->skipped_ns + vms_lwp_retired(kernel->lwp);
	return host_ns(CLOCK_MONOTONIC);
}

uint64_t
clock_turn(const struct vk_kernel *kernel)
{
	if (clock_is_virtual(kernel))
		return vms_lwp_retired(kernel->lwp);
	return host_ns(CLOCK_MONOTONIC);
}

uint64_t
clock_monotonic_ns(const struct vk_thread *thread)
{
	return clock_now(thread->process->kernel);
}

uint64_t
clock_realtime_ns(const struct vk_thread *thread)
{
	if (clock_is_virtual(thread->process->kernel))
		return CLOCK_EPOCH_NS + clock_monotonic_ns(thread);
	return host_ns(CLOCK_REALTIME);
}

uint64_t
clock_thread_ns(const struct vk_thread *thread)
{
	const struct vk_kernel *kernel;

	kernel = thread->process->kernel;
	if (kernel->sched.current != thread)
		return thread->cpu_ns;
	return thread->cpu_ns + clock_turn(kernel) - thread->turn_ns;
}

uint64_t
clock_process_ns(const struct vk_process *process)
{
	const struct vk_thread *thread;
	uint64_t sum;

	sum = process->cpu_ns;
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		sum += clock_thread_ns(thread);
	return sum;
}

uint64_t
clock_cpu_ns(const struct vk_thread *thread)
{
	return clock_process_ns(thread->process);
}

/* Clocks of other processes and threads: ~pid << 3 | thread << 2 | which. */
static int
clock_read_cpu(const struct vk_thread *thread, int id, uint64_t *ns)
{
	const struct vk_process *process;
	const struct vk_thread *other;
	int pid;

	pid = ~(id >> 3);
	if ((id & 3) == 3)
		return LX_EINVAL;
	if ((id & 4) != 0) {
		other = pid == 0 ? thread
				 : thread_lookup(thread->process->kernel, pid);
		if (other == NULL || other->process != thread->process)
			return LX_EINVAL;
		*ns = clock_thread_ns(other);
		return 0;
	}
	process = pid == 0 ? thread->process
			   : process_lookup(thread->process->kernel, pid);
	if (process == NULL)
		return LX_EINVAL;
	*ns = clock_process_ns(process);
	return 0;
}

int
clock_read(const struct vk_thread *thread, int id, uint64_t *ns)
{
	if (id < 0)
		return clock_read_cpu(thread, id, ns);
	switch (id) {
	case LX_CLOCK_REALTIME:
	case LX_CLOCK_REALTIME_COARSE:
	case LX_CLOCK_REALTIME_ALARM:
	case LX_CLOCK_TAI:
		*ns = clock_realtime_ns(thread);
		return 0;
	case LX_CLOCK_MONOTONIC:
	case LX_CLOCK_MONOTONIC_RAW:
	case LX_CLOCK_MONOTONIC_COARSE:
	case LX_CLOCK_BOOTTIME:
	case LX_CLOCK_BOOTTIME_ALARM:
		*ns = clock_monotonic_ns(thread);
		return 0;
	case LX_CLOCK_PROCESS_CPUTIME_ID:
		*ns = clock_cpu_ns(thread);
		return 0;
	case LX_CLOCK_THREAD_CPUTIME_ID:
		*ns = clock_thread_ns(thread);
		return 0;
	default:
		return LX_EINVAL;
	}
}

uint64_t
clock_deadline(
    const struct vk_thread *thread, int id, uint64_t ns, bool absolute)
{
	uint64_t now, there;

	now = clock_monotonic_ns(thread);
	there = 0;
	if (absolute && clock_read(thread, id, &there) != 0)
		return now;
	ns = ns > there ? ns - there : 0;
	ns = ns > INT64_MAX - now ? INT64_MAX : now + ns;
	return ns == 0 ? 1 : ns;
}

void
clock_skip(struct vk_kernel *kernel, uint64_t ns)
{
	kernel->skipped_ns += ns;
}

int
timespec_to_ns(const struct lx_timespec *ts, uint64_t *ns)
{
	if (ts->tv_sec < 0 || ts->tv_nsec < 0 ||
	    ts->tv_nsec >= (int64_t)NS_PER_SEC)
		return LX_EINVAL;
	if (ts->tv_sec > INT64_MAX / (int64_t)NS_PER_SEC - 1)
		*ns = INT64_MAX;
	else
		*ns = (uint64_t)ts->tv_sec * NS_PER_SEC + (uint64_t)ts->tv_nsec;
	return 0;
}

struct lx_timespec
timespec_of_ns(uint64_t ns)
{
	struct lx_timespec ts;

	ts.tv_sec = (int64_t)(ns / NS_PER_SEC);
	ts.tv_nsec = (int64_t)(ns % NS_PER_SEC);
	return ts;
}

struct lx_timeval
timeval_of_ns(uint64_t ns)
{
	struct lx_timeval tv;

	tv.tv_sec = (int64_t)(ns / NS_PER_SEC);
	tv.tv_usec = (int64_t)(ns % NS_PER_SEC / 1000);
	return tv;
}

int
timeval_to_ns(const struct lx_timeval *tv, uint64_t *ns)
{
	struct lx_timespec ts;

	if (tv->tv_usec < 0 || tv->tv_usec >= 1000000)
		return LX_EINVAL;
	ts.tv_sec = tv->tv_sec;
	ts.tv_nsec = tv->tv_usec * 1000;
	return timespec_to_ns(&ts, ns);
}
