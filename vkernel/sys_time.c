/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, sleeping, timers. */
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define NS_PER_TICK       10000000
#define TIMER_ABSTIME_BIT 1
#define COARSE_NS         4000000

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

/* Sleeps; what is left goes to rem when a signal comes. */
static int64_t
sleep_for(struct vk_thread *thread, uint64_t ns, uint64_t rem)
{
	int error;

	wait_time(thread, ns);
	error = wait_park(thread);
	if (error == LX_ETIMEDOUT)
		return 0;
	if (error != LX_EINTR)
		return -error;
	if (rem != 0 && timespec_out(thread, rem,
			    time_until(thread, thread->wait.deadline_ns)) != 0)
		return -LX_EFAULT;
	return -LX_ERESTARTNOHAND;
}

int64_t
sys_nanosleep(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int error;

	error = timespec_in(thread, args[0], &ns);
	return error != 0 ? -error : sleep_for(thread, ns, args[1]);
}

int64_t
sys_clock_nanosleep(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t now, ns;
	int error;

	error = clock_read(thread, (int)args[0], &now);
	if (error == 0)
		error = timespec_in(thread, args[2], &ns);
	if (error != 0)
		return -error;
	if ((args[1] & TIMER_ABSTIME_BIT) == 0)
		return sleep_for(thread, ns, args[3]);
	return sleep_for(thread, ns > now ? ns - now : 0, 0);
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
	if (args[0] != 0 &&
	    copyout(thread->process->mm, args[0], &tms, sizeof(tms)) != 0)
		return -LX_EFAULT;
	return (int64_t)(clock_monotonic_ns(thread) / NS_PER_TICK);
}

/* The host's figures are this whole process's: the guest and its kernel. */
static void
usage_host(struct lx_rusage *out)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	out->ru_utime.tv_sec = usage.ru_utime.tv_sec;
	out->ru_utime.tv_usec = usage.ru_utime.tv_usec;
	out->ru_stime.tv_sec = usage.ru_stime.tv_sec;
	out->ru_stime.tv_usec = usage.ru_stime.tv_usec;
	out->ru_maxrss = usage.ru_maxrss;
}

int64_t
sys_getrusage(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_rusage out;

	memset(&out, 0, sizeof(out));
	switch ((int)args[0]) {
	case 0:
	case 1: /* RUSAGE_THREAD */
		if (clock_is_virtual(thread->process->kernel))
			out.ru_utime = timeval_of_ns(clock_cpu_ns(thread));
		else
			usage_host(&out);
		break;
	case -1: /* RUSAGE_CHILDREN */
		break;
	default:
		return -LX_EINVAL;
	}
	return -copyout(thread->process->mm, args[1], &out, sizeof(out));
}

int64_t
sys_getitimer(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_itimerval value;
	int error;

	error = itimer_get(thread, (int)args[0], &value);
	if (error != 0)
		return -error;
	return -copyout(thread->process->mm, args[1], &value, sizeof(value));
}

int64_t
sys_setitimer(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_itimerval old, value;
	struct vk_mm *mm;
	int error;

	mm = thread->process->mm;
	memset(&value, 0, sizeof(value));
	if (args[1] != 0 && copyin(mm, &value, args[1], sizeof(value)) != 0)
		return -LX_EFAULT;
	error = itimer_get(thread, (int)args[0], &old);
	if (error == 0)
		error = itimer_set(thread, (int)args[0], &value);
	if (error != 0 || args[2] == 0)
		return -error;
	return -copyout(mm, args[2], &old, sizeof(old));
}

int64_t
sys_alarm(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_itimerval old, value;

	memset(&value, 0, sizeof(value));
	value.it_value.tv_sec = (int64_t)(uint32_t)args[0];
	itimer_get(thread, 0, &old);
	itimer_set(thread, 0, &value);
	/* Rounded, but never to 0 while a timer runs. */
	if (old.it_value.tv_usec >= 500000 ||
	    (old.it_value.tv_sec == 0 && old.it_value.tv_usec != 0))
		old.it_value.tv_sec++;
	return old.it_value.tv_sec;
}
