/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Timers that send signals: setitimer, timer_create, and the limit of CPU
 * time.  Those of clocks that go on by themselves are struct vk_timer; CPU
 * time passes for one thread at a time, so one alarm, set for each turn,
 * serves all of its timers.
 *
 * As in Linux a timer with an interval goes on when its signal is taken; what
 * has passed meanwhile is its overrun.
 */
#ifndef VMS_VKERNEL_PTIMER_H
#define VMS_VKERNEL_PTIMER_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/linux_abi.h"
#include "vkernel/timer.h"

struct vk_kernel;
struct vk_pending;
struct vk_process;
struct vk_thread;

enum vk_ptimer_kind { PTIMER_CLOCK, PTIMER_PROCESS, PTIMER_THREAD };

/* One of timer_create(2). */
struct vk_ptimer {
	struct vk_ptimer *next;
	struct vk_process *process;
	struct vk_timer timer;
	enum vk_ptimer_kind kind;
	struct vk_thread *clock_thread; /* PTIMER_THREAD */
	int id, clock;
	int notify, signal;
	struct vk_thread *target; /* SIGEV_THREAD_ID */
	uint64_t value;           /* sigev_value */
	uint64_t at_ns;           /* 0: not armed */
	uint64_t interval_ns;
	int overrun, last_overrun;
	bool queued; /* its signal is pending */
};

struct vk_cpu_alarm {
	uint64_t at_ns; /* 0: off */
	uint64_t interval_ns;
};

struct vk_ptimers { /* of a process */
	struct vk_timer real;
	uint64_t real_interval_ns;
	struct vk_cpu_alarm cpu[2]; /* ITIMER_VIRTUAL, ITIMER_PROF */
	struct vk_ptimer *first;
	int next_id;
};

/* The interval timers; which: 0 real, 1 virtual, 2 profiling.  LX_EINVAL. */
int itimer_get(struct vk_thread *thread, int which, struct lx_itimerval *out);
int itimer_set(
    struct vk_thread *thread, int which, const struct lx_itimerval *value);
/* SIGALRM has been taken. */
void itimer_taken(struct vk_process *process);

struct vk_ptimer *ptimer_lookup(const struct vk_process *process, int id);
/* What it says about itself; what is left may be 0 only when it is off. */
void ptimer_get(
    const struct vk_ptimer *timer, uint64_t *left_ns, uint64_t *interval_ns);
/* at_ns of its clock, on the monotonic time scale; 0: off. */
void ptimer_set(struct vk_ptimer *timer, uint64_t at_ns, uint64_t interval_ns);
/* CPU time or monotonic time: what at_ns is compared with. */
uint64_t ptimer_now(const struct vk_ptimer *timer);
void ptimer_destroy(struct vk_ptimer *timer);
/* Its signal is taken, or (info is NULL) forgotten. */
void ptimer_taken(struct vk_ptimer *timer, struct lx_siginfo *info);

void ptimers_thread_gone(struct vk_thread *thread);
/* exec ends the timers of timer_create(2), the process's end all. */
void ptimers_exec(struct vk_process *process);
void ptimers_finish(struct vk_process *process);

/* For the scheduler: around the turn of a thread. */
void cpu_timers_begin(struct vk_thread *thread);
void cpu_timers_end(struct vk_kernel *kernel);
/* What process waits for in CPU time is another: a turn of its that goes on is
 * told. */
void cpu_timers_changed(const struct vk_process *process);

#endif
