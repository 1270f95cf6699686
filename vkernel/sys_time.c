/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, sleeping, timers. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "vkernel/clock.h"
#include "vkernel/image.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define NS_PER_TICK 10000000
#define COARSE_NS   4000000

static int
timespec_in(struct vk_thread *thread, uint64_t va, uint64_t *ns)
{
	struct lx_timespec ts;
	int error;

	error = copyin(thread->process->mm, &ts, va, sizeof(ts));
	return error != 0 ? error : timespec_to_ns(&ts, ns);
}

static int
timespec_out(struct vk_thread *thread, uint64_t va, uint64_t ns)
{
	struct lx_timespec ts;

	ts = timespec_of_ns(ns);
	return copyout(thread->process->mm, va, &ts, sizeof(ts));
}

static uint64_t
time_until(const struct vk_thread *thread, uint64_t deadline)
{
	uint64_t now;

	now = clock_monotonic_ns(thread);
	return now < deadline ? deadline - now : 0;
}

/* Sleeps until the deadline; what is left goes to rem when a signal comes. */
static int64_t
sleep_on(struct vk_thread *thread, int restart, uint64_t rem)
{
	int error;

	error = wait_park(thread);
	if (error == LX_ETIMEDOUT)
		return 0;
	if (error != LX_EINTR)
		return -error;
	if (rem != 0 && timespec_out(thread, rem,
			    time_until(thread, thread->wait.deadline_ns)) != 0)
		return -LX_EFAULT;
	return -restart;
}

int64_t
sys_nanosleep(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int error;

	error = timespec_in(thread, args[0], &ns);
	if (error != 0)
		return -error;
	wait_time(thread, ns);
	return sleep_on(thread, LX_ERESTART_RESTARTBLOCK, args[1]);
}

/* CPU time passes while others run: it is looked at after each time that it
 * could at best take. */
static int64_t
sleep_cpu(struct vk_thread *thread, uint64_t now, uint64_t ns, bool absolute)
{
	uint64_t *end;
	int error;

	end = &thread->wait.state[0];
	if (!thread->wait.again)
		*end = absolute ? ns : now + ns;
	if (now >= *end)
		return 0;
	thread->wait.timed = false;
	wait_time(thread, *end - now);
	error = wait_park(thread);
	return error == LX_EINTR ? -LX_ERESTARTNOHAND : -error;
}

static int
sleep_clock(const struct vk_thread *thread, int clock, uint64_t *now)
{
	int error;

	error = clock_read(thread, clock, now);
	if (error != 0)
		return error;
	return clock == LX_CLOCK_MONOTONIC_RAW ||
		       clock == LX_CLOCK_REALTIME_COARSE ||
		       clock == LX_CLOCK_MONOTONIC_COARSE ||
		       clock == LX_CLOCK_THREAD_CPUTIME_ID
		   ? LX_EOPNOTSUPP
		   : 0;
}

int64_t
sys_clock_nanosleep(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t now, ns;
	bool absolute;
	int clock, error;

	clock = (int)args[0];
	absolute = (args[1] & LX_TIMER_ABSTIME) != 0;
	error = sleep_clock(thread, clock, &now);
	if (error == 0)
		error = timespec_in(thread, args[2], &ns);
	if (error != 0)
		return -error;
	if (clock < 0 || clock == LX_CLOCK_PROCESS_CPUTIME_ID)
		return sleep_cpu(thread, now, ns, absolute);
	wait_until(thread, clock_deadline(thread, clock, ns, absolute));
	if (absolute)
		return sleep_on(thread, LX_ERESTARTNOHAND, 0);
	return sleep_on(thread, LX_ERESTART_RESTARTBLOCK, args[3]);
}

int64_t
sys_clock_gettime(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int error;

	error = clock_read(thread, (int)args[0], &ns);
	return error != 0 ? -error : -timespec_out(thread, args[1], ns);
}

int64_t
sys_clock_getres(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int error;

	error = clock_read(thread, (int)args[0], &ns);
	if (error != 0)
		return -error;
	ns = (int)args[0] == 5 || (int)args[0] == 6 ? COARSE_NS : 1;
	return args[1] == 0 ? 0 : -timespec_out(thread, args[1], ns);
}

int64_t
sys_clock_settime(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int error;

	error = clock_read(thread, (int)args[0], &ns);
	if (error == 0)
		error = timespec_in(thread, args[1], &ns);
	return error != 0 ? -error : -LX_EPERM;
}

int64_t
sys_gettimeofday(struct vk_thread *thread, const uint64_t *args)
{
	static const int32_t zone[2];
	struct lx_timeval tv;
	struct vk_mm *mm;

	mm = thread->process->mm;
	tv = timeval_of_ns(clock_realtime_ns(thread));
	if (args[0] != 0 && copyout(mm, args[0], &tv, sizeof(tv)) != 0)
		return -LX_EFAULT;
	if (args[1] != 0 && copyout(mm, args[1], zone, sizeof(zone)) != 0)
		return -LX_EFAULT;
	return 0;
}

int64_t
sys_time(struct vk_thread *thread, const uint64_t *args)
{
	int64_t now;

	now = (int64_t)(clock_realtime_ns(thread) / NS_PER_SEC);
	if (args[0] != 0 &&
	    copyout(thread->process->mm, args[0], &now, sizeof(now)) != 0)
		return -LX_EFAULT;
	return now;
}

int64_t
sys_times(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_tms tms;

	memset(&tms, 0, sizeof(tms));
	tms.tms_utime = (int64_t)(clock_cpu_ns(thread) / NS_PER_TICK);
	tms.tms_cutime =
	    (int64_t)(thread->process->children_cpu_ns / NS_PER_TICK);
	if (args[0] != 0 &&
	    copyout(thread->process->mm, args[0], &tms, sizeof(tms)) != 0)
		return -LX_EFAULT;
	return (int64_t)(clock_monotonic_ns(thread) / NS_PER_TICK);
}

/* KiB of all guests, and of their kernel when two runs may differ. */
static int64_t
maxrss(const struct vk_kernel *kernel)
{
	struct rusage usage;

	if (clock_is_virtual(kernel))
		return (int64_t)(image_peak(&kernel->memory.image) / 1024);
	getrusage(RUSAGE_SELF, &usage);
	return usage.ru_maxrss;
}

/* All time is user time: what the kernel does is done for the guest. */
int64_t
sys_getrusage(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_rusage out;

	memset(&out, 0, sizeof(out));
	switch ((int)args[0]) {
	case 0:
		out.ru_utime = timeval_of_ns(clock_cpu_ns(thread));
		break;
	case 1: /* RUSAGE_THREAD */
		out.ru_utime = timeval_of_ns(clock_thread_ns(thread));
		break;
	case -1: /* RUSAGE_CHILDREN */
		out.ru_utime = timeval_of_ns(thread->process->children_cpu_ns);
		break;
	default:
		return -LX_EINVAL;
	}
	out.ru_maxrss = maxrss(thread->process->kernel);
	return -copyout(thread->process->mm, args[1], &out, sizeof(out));
}
