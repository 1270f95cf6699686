/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Alarms on the kernel's monotonic clock (clock_now()), host or virtual: what
 * sleeps, interval timers, timer_create and timerfd are made of.  Timers that
 * are due fire in the order of their deadlines, equal ones in the order in
 * which they were started.
 */
#ifndef VMS_VKERNEL_TIMER_H
#define VMS_VKERNEL_TIMER_H

#include <stdbool.h>
#include <stdint.h>

struct vk_kernel;

/* Zero is a timer that is off. */
struct vk_timer {
	struct vk_timer *next, *previous;
	uint64_t deadline_ns;
	bool running;
	/* May start it again; the timer is off when this is called. */
	void (*fire)(struct vk_timer *timer, uint64_t now_ns);
};

struct vk_timers {
	struct vk_timer *first, *last; /* by deadline */
};

/* Starts timer, or moves it; the caller has set fire. */
void timer_start(
    struct vk_kernel *kernel, struct vk_timer *timer, uint64_t deadline_ns);
void timer_stop(struct vk_kernel *kernel, struct vk_timer *timer);
/* Fires what is due.  The next deadline; UINT64_MAX: none. */
uint64_t timers_run(struct vk_kernel *kernel);

#endif
