/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/clock.h"

#include <signal.h>
#include <string.h>
#include <sys/time.h>
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
clock_cpu_ns(const struct vk_thread *thread)
{
	uint64_t sum;

	sum = thread->process->cpu_ns;
	for (thread = thread->process->threads; thread != NULL;
	     thread = thread->sibling)
		sum += clock_thread_ns(thread);
	return sum;
}

int
clock_read(const struct vk_thread *thread, int id, uint64_t *ns)
{
	switch (id) {
	case 0:  /* REALTIME */
	case 5:  /* REALTIME_COARSE */
	case 8:  /* REALTIME_ALARM */
	case 11: /* TAI */
		*ns = clock_realtime_ns(thread);
		return 0;
	case 1: /* MONOTONIC */
	case 4: /* MONOTONIC_RAW */
	case 6: /* MONOTONIC_COARSE */
	case 7: /* BOOTTIME */
	case 9: /* BOOTTIME_ALARM */
		*ns = clock_monotonic_ns(thread);
		return 0;
	case 2: /* PROCESS_CPUTIME_ID */
		*ns = clock_cpu_ns(thread);
		return 0;
	case 3: /* THREAD_CPUTIME_ID */
		*ns = clock_thread_ns(thread);
		return 0;
	default:
		return LX_EINVAL;
	}
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

static const int signal_of[3] = { LX_SIGALRM, LX_SIGVTALRM, LX_SIGPROF };

static int
itimer_get_host(int which, struct lx_itimerval *out)
{
	struct itimerval value;

	switch (which) {
	case 0:
		getitimer(ITIMER_REAL, &value);
		break;
	case 1:
		getitimer(ITIMER_VIRTUAL, &value);
		break;
	default:
		getitimer(ITIMER_PROF, &value);
	}
	out->it_interval.tv_sec = value.it_interval.tv_sec;
	out->it_interval.tv_usec = value.it_interval.tv_usec;
	out->it_value.tv_sec = value.it_value.tv_sec;
	out->it_value.tv_usec = value.it_value.tv_usec;
	return 0;
}

static void
itimer_set_host(int which, uint64_t value_ns, uint64_t interval_ns)
{
	struct itimerval value;

	value.it_value.tv_sec = (time_t)(value_ns / NS_PER_SEC);
	value.it_value.tv_usec = (suseconds_t)(value_ns % NS_PER_SEC / 1000);
	value.it_interval.tv_sec = (time_t)(interval_ns / NS_PER_SEC);
	value.it_interval.tv_usec =
	    (suseconds_t)(interval_ns % NS_PER_SEC / 1000);
	switch (which) {
	case 0:
		setitimer(ITIMER_REAL, &value, NULL);
		break;
	case 1:
		setitimer(ITIMER_VIRTUAL, &value, NULL);
		break;
	default:
		setitimer(ITIMER_PROF, &value, NULL);
	}
}

int
itimer_get(struct vk_thread *thread, int which, struct lx_itimerval *out)
{
	const struct vk_itimer *timer;
	uint64_t now;

	if (which < 0 || which > 2)
		return LX_EINVAL;
	if (!clock_is_virtual(thread->process->kernel))
		return itimer_get_host(which, out);
	timer = &thread->process->itimers[which];
	now = clock_monotonic_ns(thread);
	out->it_interval = timeval_of_ns(timer->interval_ns);
	out->it_value = timeval_of_ns(
	    timer->deadline_ns > now ? timer->deadline_ns - now : 0);
	return 0;
}

int
itimer_set(
    struct vk_thread *thread, int which, const struct lx_itimerval *value)
{
	struct vk_itimer *timer;
	uint64_t interval_ns, value_ns;

	if (which < 0 || which > 2 ||
	    timeval_to_ns(&value->it_value, &value_ns) != 0 ||
	    timeval_to_ns(&value->it_interval, &interval_ns) != 0)
		return LX_EINVAL;
	if (!clock_is_virtual(thread->process->kernel)) {
		itimer_set_host(which, value_ns, interval_ns);
		return 0;
	}
	timer = &thread->process->itimers[which];
	timer->interval_ns = interval_ns;
	timer->deadline_ns =
	    value_ns == 0 ? 0 : clock_monotonic_ns(thread) + value_ns;
	return 0;
}

static void
itimer_fire(struct vk_process *process, int which, uint64_t now)
{
	struct vk_itimer *timer;

	timer = &process->itimers[which];
	signal_post(process, signal_of[which]);
	timer->deadline_ns =
	    timer->interval_ns == 0 ? 0 : now + timer->interval_ns;
}

uint64_t
itimers_run(struct vk_thread *thread)
{
	struct vk_itimer *timer;
	uint64_t left, now;
	int which;

	left = UINT64_MAX;
	now = 0;
	for (which = 0; which < 3; which++) {
		timer = &thread->process->itimers[which];
		if (timer->deadline_ns == 0)
			continue;
		if (now == 0)
			now = clock_monotonic_ns(thread);
		if (timer->deadline_ns <= now)
			itimer_fire(thread->process, which, now);
		if (timer->deadline_ns != 0 && timer->deadline_ns - now < left)
			left = timer->deadline_ns - now;
	}
	return left;
}

void
itimers_stop(struct vk_kernel *kernel)
{
	int which;

	if (clock_is_virtual(kernel))
		return;
	for (which = 0; which < 3; which++)
		itimer_set_host(which, 0, 0);
}
