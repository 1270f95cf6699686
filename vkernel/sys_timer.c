/* SPDX-License-Identifier: BSD-2-Clause */
/* setitimer, alarm and timer_create: checks in the order of
 * kernel/time/itimer.c and kernel/time/posix-timers.c. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

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

/* CPU time of this process or one of its threads; LX_EINVAL: of others. */
static int
timer_cpu_clock(struct vk_thread *thread, int clock, struct vk_ptimer *timer)
{
	int pid;

	pid = (int)(~(uint32_t)clock >> 3);
	if ((clock & 3) == 3)
		return LX_EINVAL;
	if ((clock & 4) == 0) {
		timer->kind = PTIMER_PROCESS;
		return pid == 0 || pid == thread->process->pid ? 0 : LX_EINVAL;
	}
	timer->kind = PTIMER_THREAD;
	timer->clock_thread =
	    pid == 0 ? thread : thread_lookup(thread->process->kernel, pid);
	if (timer->clock_thread == NULL ||
	    timer->clock_thread->process != thread->process)
		return LX_EINVAL;
	return 0;
}

static int
timer_clock(struct vk_thread *thread, int clock, struct vk_ptimer *timer)
{
	timer->clock = clock;
	if (clock < 0)
		return timer_cpu_clock(thread, clock, timer);
	switch (clock) {
	case LX_CLOCK_REALTIME:
	case LX_CLOCK_MONOTONIC:
	case LX_CLOCK_BOOTTIME:
	case LX_CLOCK_TAI:
	case LX_CLOCK_REALTIME_ALARM:
	case LX_CLOCK_BOOTTIME_ALARM:
		timer->kind = PTIMER_CLOCK;
		return 0;
	case LX_CLOCK_PROCESS_CPUTIME_ID:
		timer->kind = PTIMER_PROCESS;
		return 0;
	case LX_CLOCK_THREAD_CPUTIME_ID:
		timer->kind = PTIMER_THREAD;
		timer->clock_thread = thread;
		return 0;
	case LX_CLOCK_MONOTONIC_RAW:
	case LX_CLOCK_REALTIME_COARSE:
	case LX_CLOCK_MONOTONIC_COARSE:
		return LX_EOPNOTSUPP;
	default:
		return LX_EINVAL;
	}
}

/* As good_sigevent(). */
static int
timer_event(struct vk_thread *thread, const struct lx_sigevent *event,
    struct vk_ptimer *timer)
{
	timer->notify = event->notify;
	timer->signal = event->signal;
	timer->value = event->value;
	switch (event->notify) {
	case LX_SIGEV_NONE:
		return 0;
	case LX_SIGEV_SIGNAL | LX_SIGEV_THREAD_ID:
		timer->target =
		    thread_lookup(thread->process->kernel, event->tid);
		if (timer->target == NULL ||
		    timer->target->process != thread->process)
			return LX_EINVAL;
		break;
	case LX_SIGEV_SIGNAL:
		break;
	default:
		return LX_EINVAL;
	}
	return event->signal >= 1 && event->signal <= LX_NSIG ? 0 : LX_EINVAL;
}

static int
timer_fill(struct vk_thread *thread, const uint64_t *args,
    const struct lx_sigevent *event, struct vk_ptimer *timer)
{
	struct lx_sigevent standard = { .value = (uint64_t)timer->id,
		.signal = LX_SIGALRM,
		.notify = LX_SIGEV_SIGNAL };
	int error;

	error = timer_event(thread, args[1] == 0 ? &standard : event, timer);
	if (error != 0)
		return error;
	return copyout(
	    thread->process->mm, args[2], &timer->id, sizeof(timer->id));
}

int64_t
sys_timer_create(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_ptimer *timer;
	struct lx_sigevent event;
	int error;

	if (args[1] != 0 &&
	    copyin(thread->process->mm, &event, args[1], sizeof(event)) != 0)
		return -LX_EFAULT;
	timer = calloc(1, sizeof(*timer));
	if (timer == NULL)
		return -LX_EAGAIN;
	timer->process = thread->process;
	timer->id = thread->process->timers.next_id;
	error = timer_clock(thread, (int)args[0], timer);
	if (error == 0)
		error = timer_fill(thread, args, &event, timer);
	if (error != 0) {
		free(timer);
		return -error;
	}
	thread->process->timers.next_id++;
	timer->next = thread->process->timers.first;
	thread->process->timers.first = timer;
	return 0;
}

static struct lx_itimerspec
timer_value(const struct vk_ptimer *timer)
{
	struct lx_itimerspec value;
	uint64_t interval, left;

	ptimer_get(timer, &left, &interval);
	value.it_value = timespec_of_ns(left);
	value.it_interval = timespec_of_ns(interval);
	return value;
}

int64_t
sys_timer_settime(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_itimerspec old, value;
	struct vk_ptimer *timer;
	uint64_t at, interval;

	if (args[2] == 0)
		return -LX_EINVAL;
	if (copyin(thread->process->mm, &value, args[2], sizeof(value)) != 0)
		return -LX_EFAULT;
	if (timespec_to_ns(&value.it_value, &at) != 0 ||
	    timespec_to_ns(&value.it_interval, &interval) != 0)
		return -LX_EINVAL;
	timer = ptimer_lookup(thread->process, (int)args[0]);
	if (timer == NULL)
		return -LX_EINVAL;
	old = timer_value(timer);
	if (at != 0 && timer->kind != PTIMER_CLOCK) {
		if ((args[1] & LX_TIMER_ABSTIME) == 0)
			at += ptimer_now(timer);
	} else if (at != 0) {
		at = clock_deadline(thread, timer->clock, at,
		    (args[1] & LX_TIMER_ABSTIME) != 0);
	}
	ptimer_set(timer, at, interval);
	if (args[3] == 0)
		return 0;
	return -copyout(thread->process->mm, args[3], &old, sizeof(old));
}

int64_t
sys_timer_gettime(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_ptimer *timer;
	struct lx_itimerspec value;

	timer = ptimer_lookup(thread->process, (int)args[0]);
	if (timer == NULL)
		return -LX_EINVAL;
	value = timer_value(timer);
	return -copyout(thread->process->mm, args[1], &value, sizeof(value));
}

int64_t
sys_timer_getoverrun(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_ptimer *timer;

	timer = ptimer_lookup(thread->process, (int)args[0]);
	return timer == NULL ? -LX_EINVAL : timer->last_overrun;
}

int64_t
sys_timer_delete(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_ptimer *timer;

	timer = ptimer_lookup(thread->process, (int)args[0]);
	if (timer == NULL)
		return -LX_EINVAL;
	ptimer_destroy(timer);
	return 0;
}
