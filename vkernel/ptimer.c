/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/ptimer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/kernel.h"

/* Between attempts to send a signal that is ignored. */
#define IGNORED_NS 4000000

static struct vk_ptimer *
ptimer_of(struct vk_timer *timer)
{
	return (struct vk_ptimer *)(void *)((char *)timer -
					    offsetof(struct vk_ptimer, timer));
}

static void ptimer_run(struct vk_ptimer *timer);

static void ptimer_fired(struct vk_timer *timer, uint64_t now_ns);

uint64_t
ptimer_now(const struct vk_ptimer *timer)
{
	switch (timer->kind) {
	case PTIMER_PROCESS:
		return clock_process_ns(timer->process);
	case PTIMER_THREAD:
		return timer->clock_thread == NULL
			   ? 0
			   : clock_thread_ns(timer->clock_thread);
	default:
		return clock_now(timer->process->kernel);
	}
}

struct vk_ptimer *
ptimer_lookup(const struct vk_process *process, int id)
{
	struct vk_ptimer *timer;

	for (timer = process->timers.first; timer != NULL; timer = timer->next)
		if (timer->id == id)
			return timer;
	return NULL;
}

void
ptimer_get(
    const struct vk_ptimer *timer, uint64_t *left_ns, uint64_t *interval_ns)
{
	uint64_t now;

	*left_ns = 0;
	*interval_ns = timer->interval_ns;
	if (timer->at_ns == 0)
		return;
	now = ptimer_now(timer);
	if (timer->at_ns > now)
		*left_ns = timer->at_ns - now;
	else if (timer->interval_ns != 0)
		*left_ns = timer->interval_ns -
			   (now - timer->at_ns) % timer->interval_ns;
	else if (timer->notify != LX_SIGEV_NONE)
		*left_ns = 1;
}

void
cpu_timers_changed(const struct vk_process *process)
{
	struct vk_thread *current;

	current = process->kernel->sched.current;
	if (current != NULL && current->process == process)
		cpu_timers_begin(current);
}

/* Its alarm is set, if it has one. */
static void
ptimer_run(struct vk_ptimer *timer)
{
	if (timer->at_ns == 0 || timer->notify == LX_SIGEV_NONE)
		return;
	timer->timer.fire = ptimer_fired;
	if (timer->kind == PTIMER_CLOCK)
		timer_start(
		    timer->process->kernel, &timer->timer, timer->at_ns);
	else
		cpu_timers_changed(timer->process);
}

void
ptimer_set(struct vk_ptimer *timer, uint64_t at_ns, uint64_t interval_ns)
{
	timer_stop(timer->process->kernel, &timer->timer);
	timer->at_ns = at_ns;
	timer->interval_ns = at_ns == 0 ? 0 : interval_ns;
	timer->overrun = timer->last_overrun = 0;
	ptimer_run(timer);
}

/* Past now; how often it has been due besides the first time. */
static uint64_t
ptimer_forward(struct vk_ptimer *timer, uint64_t now)
{
	uint64_t times;

	if (timer->interval_ns == 0) {
		timer->at_ns = 0;
		return 0;
	}
	times =
	    now < timer->at_ns ? 0 : (now - timer->at_ns) / timer->interval_ns;
	timer->at_ns += (times + 1) * timer->interval_ns;
	return times;
}

static void
ptimer_send(struct vk_ptimer *timer, uint64_t now)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = timer->signal;
	info.si_code = LX_SI_TIMER;
	info.u.rt.pid = timer->id;
	info.u.rt.value = timer->value;
	timer->queued =
	    signal_send_timer(timer->process, timer->target, &info, timer);
	if (timer->queued)
		return;
	ptimer_forward(timer, now);
	if (timer->at_ns != 0 && timer->at_ns < now + IGNORED_NS)
		timer->at_ns = now + IGNORED_NS;
	ptimer_run(timer);
}

static void
ptimer_fired(struct vk_timer *timer, uint64_t now_ns)
{
	ptimer_send(ptimer_of(timer), now_ns);
}

void
ptimer_taken(struct vk_ptimer *timer, struct lx_siginfo *info)
{
	uint64_t times;

	timer->queued = false;
	if (timer->at_ns == 0)
		return;
	times = ptimer_forward(timer, ptimer_now(timer));
	timer->last_overrun = times > INT32_MAX ? INT32_MAX : (int)times;
	if (info != NULL)
		info->u.rt.uid = (uint32_t)timer->last_overrun;
	ptimer_run(timer);
}

void
ptimer_destroy(struct vk_ptimer *timer)
{
	struct vk_process *process;
	struct vk_ptimer **link;
	struct vk_thread *thread;

	process = timer->process;
	timer_stop(process->kernel, &timer->timer);
	pending_disown(&process->pending, timer);
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		pending_disown(&thread->pending, timer);
	for (link = &process->timers.first; *link != timer;
	     link = &(*link)->next)
		continue;
	*link = timer->next;
	free(timer);
}

void
ptimers_thread_gone(struct vk_thread *thread)
{
	struct vk_ptimer *timer;

	for (timer = thread->process->timers.first; timer != NULL;
	     timer = timer->next) {
		if (timer->clock_thread == thread)
			timer->clock_thread = NULL;
		else if (timer->target != thread)
			continue;
		pending_disown(&thread->pending, timer);
		timer_stop(thread->process->kernel, &timer->timer);
		timer->at_ns = 0;
		timer->target = NULL;
		timer->notify = LX_SIGEV_NONE;
	}
}

void
ptimers_exec(struct vk_process *process)
{
	struct vk_ptimer *next, *timer;

	for (timer = process->timers.first; timer != NULL; timer = next) {
		next = timer->next;
		ptimer_destroy(timer);
	}
}

void
ptimers_finish(struct vk_process *process)
{
	ptimers_exec(process);
	timer_stop(process->kernel, &process->timers.real);
	memset(&process->timers, 0, sizeof(process->timers));
}

/* ITIMER_REAL */

static void
real_fired(struct vk_timer *timer, uint64_t now_ns)
{
	struct vk_ptimers *timers;
	struct vk_process *process;

	(void)now_ns;
	timers =
	    (struct vk_ptimers *)(void *)((char *)timer -
					  offsetof(struct vk_ptimers, real));
	process =
	    (struct vk_process *)(void *)((char *)timers -
					  offsetof(struct vk_process, timers));
	signal_post(process, LX_SIGALRM);
}

static void
real_start(struct vk_process *process, uint64_t at_ns)
{
	process->timers.real.fire = real_fired;
	timer_start(process->kernel, &process->timers.real, at_ns);
}

void
itimer_taken(struct vk_process *process)
{
	struct vk_ptimers *timers;
	uint64_t at, now;

	timers = &process->timers;
	if (timers->real_interval_ns == 0 || timers->real.running)
		return;
	now = clock_now(process->kernel);
	at = timers->real.deadline_ns;
	at += ((now - at) / timers->real_interval_ns + 1) *
	      timers->real_interval_ns;
	real_start(process, at);
}

static uint64_t
itimer_left(const struct vk_process *process, int which)
{
	const struct vk_ptimers *timers;
	uint64_t at, now;

	timers = &process->timers;
	if (which == 0) {
		if (!timers->real.running)
			return 0;
		now = clock_now(process->kernel);
		at = timers->real.deadline_ns;
	} else {
		at = timers->cpu[which - 1].at_ns;
		if (at == 0)
			return 0;
		now = clock_process_ns(process);
	}
	return at > now ? at - now : 1000;
}

int
itimer_get(struct vk_thread *thread, int which, struct lx_itimerval *out)
{
	const struct vk_ptimers *timers;

	if (which < 0 || which > 2)
		return LX_EINVAL;
	timers = &thread->process->timers;
	out->it_value = timeval_of_ns(itimer_left(thread->process, which));
	out->it_interval =
	    timeval_of_ns(which == 0 ? timers->real_interval_ns
				     : timers->cpu[which - 1].interval_ns);
	return 0;
}

static void
real_set(struct vk_process *process, uint64_t ns, uint64_t interval_ns)
{
	timer_stop(process->kernel, &process->timers.real);
	process->timers.real_interval_ns = ns == 0 ? 0 : interval_ns;
	if (ns != 0)
		real_start(process, clock_now(process->kernel) + ns);
}

int
itimer_set(
    struct vk_thread *thread, int which, const struct lx_itimerval *value)
{
	struct vk_cpu_alarm *alarm;
	uint64_t interval_ns, ns;

	if (which < 0 || which > 2 ||
	    timeval_to_ns(&value->it_value, &ns) != 0 ||
	    timeval_to_ns(&value->it_interval, &interval_ns) != 0)
		return LX_EINVAL;
	if (which == 0) {
		real_set(thread->process, ns, interval_ns);
		return 0;
	}
	alarm = &thread->process->timers.cpu[which - 1];
	alarm->interval_ns = ns == 0 ? 0 : interval_ns;
	alarm->at_ns = ns == 0 ? 0 : clock_process_ns(thread->process) + ns;
	cpu_timers_changed(thread->process);
	return 0;
}

/* CPU time */

static uint64_t
seconds_ns(uint64_t seconds)
{
	return seconds >= UINT64_MAX / NS_PER_SEC ? UINT64_MAX
						  : seconds * NS_PER_SEC;
}

static uint64_t
limit_ns(const struct vk_process *process)
{
	const struct lx_rlimit *limit;
	uint64_t seconds;

	limit = &process->limits[LX_RLIMIT_CPU];
	seconds = limit->rlim_cur < limit->rlim_max ? limit->rlim_cur
						    : limit->rlim_max;
	return seconds_ns(seconds == 0 ? 1 : seconds);
}

static void
least(uint64_t *left, uint64_t at, uint64_t now)
{
	if (at == 0 || at == UINT64_MAX)
		return;
	if (at <= now)
		*left = 0;
	else if (at - now < *left)
		*left = at - now;
}

/* The CPU time that thread may use before something is due. */
static uint64_t
cpu_left(const struct vk_thread *thread)
{
	const struct vk_process *process;
	const struct vk_ptimer *timer;
	uint64_t left, now;

	process = thread->process;
	now = clock_process_ns(process);
	left = UINT64_MAX;
	least(&left, process->timers.cpu[0].at_ns, now);
	least(&left, process->timers.cpu[1].at_ns, now);
	least(&left, limit_ns(process), now);
	for (timer = process->timers.first; timer != NULL; timer = timer->next)
		if (timer->notify != LX_SIGEV_NONE && !timer->queued &&
		    (timer->kind == PTIMER_PROCESS ||
			(timer->kind == PTIMER_THREAD &&
			    timer->clock_thread == thread)))
			least(&left, timer->at_ns, ptimer_now(timer));
	return left;
}

static void
alarm_check(struct vk_process *process, int which, int signal, uint64_t now)
{
	struct vk_cpu_alarm *alarm;

	alarm = &process->timers.cpu[which];
	if (alarm->at_ns == 0 || alarm->at_ns > now)
		return;
	signal_post(process, signal);
	alarm->at_ns = alarm->interval_ns == 0 ? 0 : now + alarm->interval_ns;
}

/* As check_process_timers(): each second beyond the limit is one more. */
static void
limit_check(struct vk_process *process, uint64_t now)
{
	struct lx_rlimit *limit;

	limit = &process->limits[LX_RLIMIT_CPU];
	if (limit->rlim_max != LX_RLIM_INFINITY &&
	    now >= seconds_ns(limit->rlim_max)) {
		process_kill(process, LX_SIGKILL);
	} else if (now >= limit_ns(process)) {
		signal_post(process, LX_SIGXCPU);
		limit->rlim_cur = now / NS_PER_SEC + 1;
	}
}

static void
cpu_fired(struct vk_timer *timer, uint64_t now_ns)
{
	struct vk_kernel *kernel;
	struct vk_process *process;
	struct vk_ptimer *row;
	uint64_t now;

	(void)now_ns;
	kernel =
	    (struct vk_kernel *)(void *)((char *)timer -
					 offsetof(struct vk_kernel, cpu_timer));
	if (kernel->sched.current == NULL)
		return;
	process = kernel->sched.current->process;
	now = clock_process_ns(process);
	alarm_check(process, 0, LX_SIGVTALRM, now);
	alarm_check(process, 1, LX_SIGPROF, now);
	limit_check(process, now);
	for (row = process->timers.first; row != NULL; row = row->next)
		if (row->kind != PTIMER_CLOCK && row->at_ns != 0 &&
		    row->notify != LX_SIGEV_NONE && !row->queued &&
		    row->at_ns <= ptimer_now(row))
			ptimer_send(row, ptimer_now(row));
	if (!process->exited) /* or what killed it would be due for ever */
		cpu_timers_begin(kernel->sched.current);
}

void
cpu_timers_begin(struct vk_thread *thread)
{
	struct vk_kernel *kernel;
	uint64_t left, now;

	kernel = thread->process->kernel;
	left = cpu_left(thread);
	now = clock_now(kernel);
	kernel->cpu_timer.fire = cpu_fired;
	if (left < UINT64_MAX - now)
		timer_start(kernel, &kernel->cpu_timer, now + left);
	else
		timer_stop(kernel, &kernel->cpu_timer);
}

void
cpu_timers_end(struct vk_kernel *kernel)
{
	timer_stop(kernel, &kernel->cpu_timer);
}
