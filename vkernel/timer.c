/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/timer.h"

#include "vkernel/clock.h"
#include "vkernel/kernel.h"

void
timer_stop(struct vk_kernel *kernel, struct vk_timer *timer)
{
	struct vk_timers *timers;

	if (!timer->running)
		return;
	timers = &kernel->sched.timers;
	if (timer->previous != NULL)
		timer->previous->next = timer->next;
	else
		timers->first = timer->next;
	if (timer->next != NULL)
		timer->next->previous = timer->previous;
	else
		timers->last = timer->previous;
	timer->running = false;
}

/* Most new deadlines are the latest, so the search starts there. */
void
timer_start(
    struct vk_kernel *kernel, struct vk_timer *timer, uint64_t deadline_ns)
{
	struct vk_timers *timers;
	struct vk_timer *before;

	timer_stop(kernel, timer);
	timers = &kernel->sched.timers;
	before = timers->last;
	while (before != NULL && before->deadline_ns > deadline_ns)
		before = before->previous;
	timer->deadline_ns = deadline_ns;
	timer->running = true;
	timer->previous = before;
	timer->next = before != NULL ? before->next : timers->first;
	if (timer->next != NULL)
		timer->next->previous = timer;
	else
		timers->last = timer;
	if (before != NULL)
		before->next = timer;
	else
		timers->first = timer;
	if (timers->first == timer)
		sched_tick_at(kernel, deadline_ns);
}

uint64_t
timers_run(struct vk_kernel *kernel)
{
	struct vk_timer *timer;
	uint64_t now;

	if (kernel->sched.timers.first == NULL)
		return UINT64_MAX;
	now = clock_now(kernel);
	while ((timer = kernel->sched.timers.first) != NULL &&
	       timer->deadline_ns <= now) {
		timer_stop(kernel, timer);
		timer->fire(timer, now);
	}
	return timer == NULL ? UINT64_MAX : timer->deadline_ns;
}
