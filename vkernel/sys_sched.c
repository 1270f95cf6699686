/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Scheduling calls: one processor.  Policies, priorities and nice values are
 * kept and told, but every thread has the same turns.
 */
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define POLICY_OTHER    0
#define POLICY_FIFO     1
#define POLICY_RR       2
#define POLICY_BATCH    3
#define POLICY_IDLE     5
#define POLICY_DEADLINE 6
#define RESET_ON_FORK   0x40000000
#define NICE_MIN        (-20)
#define NICE_MAX        19
#define REALTIME_MAX    99
#define RR_INTERVAL_NS  100000000
#define AFFINITY_BYTES  8
#define IOPRIO_CLASSES  4

/* 0 is the caller; LX_EINVAL, LX_ESRCH. */
static int
sched_who(struct vk_thread *thread, uint64_t tid, struct vk_thread **out)
{
	if ((int)tid < 0)
		return LX_EINVAL;
	*out = thread;
	if ((int)tid != 0)
		*out = thread_lookup(thread->process->kernel, (int)tid);
	return *out == NULL ? LX_ESRCH : 0;
}

int64_t
sys_sched_yield(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	sched_yield_turn(thread->process->kernel);
	return 0;
}

/* Guest threads take turns, so there is one processor. */
int64_t
sys_sched_getaffinity(struct vk_thread *thread, const uint64_t *args)
{
	static const uint64_t mask = 1;
	struct vk_thread *other;
	int error;

	if (args[1] < AFFINITY_BYTES || args[1] % AFFINITY_BYTES != 0)
		return -LX_EINVAL;
	error = sched_who(thread, args[0], &other);
	if (error != 0)
		return -LX_ESRCH;
	if (copyout(thread->process->mm, args[2], &mask, sizeof(mask)) != 0)
		return -LX_EFAULT;
	return AFFINITY_BYTES;
}

int64_t
sys_sched_setaffinity(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;
	uint64_t mask;
	size_t len;

	mask = 0;
	len = args[1] < sizeof(mask) ? (size_t)args[1] : sizeof(mask);
	if (copyin(thread->process->mm, &mask, args[2], len) != 0)
		return -LX_EFAULT;
	if (sched_who(thread, args[0], &other) != 0)
		return -LX_ESRCH;
	return (mask & 1) != 0 ? 0 : -LX_EINVAL;
}

int64_t
sys_getcpu(struct vk_thread *thread, const uint64_t *args)
{
	static const uint32_t zero;
	int i;

	for (i = 0; i < 2; i++)
		if (args[i] != 0 && copyout(thread->process->mm, args[i], &zero,
					sizeof(zero)) != 0)
			return -LX_EFAULT;
	return 0;
}

static bool
is_realtime(int policy)
{
	return policy == POLICY_FIFO || policy == POLICY_RR;
}

static bool
is_known(int policy)
{
	return policy == POLICY_OTHER || policy == POLICY_BATCH ||
	       policy == POLICY_IDLE || is_realtime(policy);
}

/* Real-time policies have priorities, the others have none. */
static int
policy_set(
    struct vk_thread *thread, struct vk_thread *other, int policy, int priority)
{
	bool reset;

	reset = (policy & RESET_ON_FORK) != 0;
	policy &= ~RESET_ON_FORK;
	if (!is_known(policy))
		return LX_EINVAL;
	if (priority < 0 || priority > REALTIME_MAX ||
	    is_realtime(policy) != (priority != 0))
		return LX_EINVAL;
	if (is_realtime(policy) && thread->process->cred.user.effective != 0 &&
	    (uint64_t)priority >
		thread->process->limits[LX_RLIMIT_RTPRIO].rlim_cur)
		return LX_EPERM;
	other->policy = policy;
	other->priority = priority;
	other->reset_on_fork = reset;
	return 0;
}

int64_t
sys_sched_getscheduler(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;
	int error;

	error = sched_who(thread, args[0], &other);
	if (error != 0)
		return -error;
	return other->policy | (other->reset_on_fork ? RESET_ON_FORK : 0);
}

int64_t
sys_sched_setscheduler(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;
	int32_t priority;
	int error;

	if ((int)args[1] < 0 || args[2] == 0)
		return -LX_EINVAL;
	error = sched_who(thread, args[0], &other);
	if (error != 0 && error != LX_ESRCH)
		return -error;
	if (copyin(thread->process->mm, &priority, args[2], sizeof(priority)) !=
	    0)
		return -LX_EFAULT;
	if (error == 0)
		error = policy_set(thread, other, (int)args[1], priority);
	return -error;
}

int64_t
sys_sched_getparam(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;
	int32_t priority;
	int error;

	if (args[1] == 0)
		return -LX_EINVAL;
	error = sched_who(thread, args[0], &other);
	if (error != 0)
		return -error;
	priority = other->priority;
	return -copyout(
	    thread->process->mm, args[1], &priority, sizeof(priority));
}

int64_t
sys_sched_setparam(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;
	int32_t priority;
	int error;

	if (args[1] == 0)
		return -LX_EINVAL;
	error = sched_who(thread, args[0], &other);
	if (error != 0 && error != LX_ESRCH)
		return -error;
	if (copyin(thread->process->mm, &priority, args[1], sizeof(priority)) !=
	    0)
		return -LX_EFAULT;
	if (error == 0)
		error = policy_set(thread, other, other->policy, priority);
	return -error;
}

static int64_t
priority_of(uint64_t policy, int64_t realtime)
{
	if (is_realtime((int)policy))
		return realtime;
	if (is_known((int)policy) || (int)policy == POLICY_DEADLINE)
		return 0;
	return -LX_EINVAL;
}

int64_t
sys_sched_get_priority_max(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	return priority_of(args[0], REALTIME_MAX);
}

int64_t
sys_sched_get_priority_min(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	return priority_of(args[0], 1);
}

int64_t
sys_sched_rr_get_interval(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec interval;
	struct vk_thread *other;
	int error;

	error = sched_who(thread, args[0], &other);
	if (error != 0)
		return -error;
	interval =
	    timespec_of_ns(other->policy == POLICY_FIFO ? 0 : RR_INTERVAL_NS);
	return -copyout(
	    thread->process->mm, args[1], &interval, sizeof(interval));
}

struct sched_attr { /* SCHED_ATTR_SIZE_VER0 */
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period;
};

int64_t
sys_sched_getattr(struct vk_thread *thread, const uint64_t *args)
{
	struct sched_attr attr;
	struct vk_thread *other;
	int error;

	if (args[1] == 0 || (uint32_t)args[2] < sizeof(attr) || args[3] != 0)
		return -LX_EINVAL;
	error = sched_who(thread, args[0], &other);
	if (error != 0)
		return -error;
	memset(&attr, 0, sizeof(attr));
	attr.size = sizeof(attr);
	attr.policy = (uint32_t)other->policy;
	attr.flags = other->reset_on_fork ? 1 : 0;
	attr.nice = other->nice;
	attr.priority = (uint32_t)other->priority;
	return -copyout(thread->process->mm, args[1], &attr, sizeof(attr));
}

int64_t
sys_sched_setattr(struct vk_thread *thread, const uint64_t *args)
{
	struct sched_attr attr;
	struct vk_thread *other;
	int error;

	if (args[1] == 0 || args[2] != 0)
		return -LX_EINVAL;
	if (copyin(thread->process->mm, &attr, args[1], sizeof(attr)) != 0)
		return -LX_EFAULT;
	if (attr.size != 0 && attr.size < sizeof(attr))
		return -LX_E2BIG;
	error = sched_who(thread, args[0], &other);
	if (error == 0)
		error = policy_set(thread, other,
		    (int)attr.policy |
			((attr.flags & 1) != 0 ? RESET_ON_FORK : 0),
		    (int)attr.priority);
	if (error == 0 && !is_realtime((int)attr.policy))
		other->nice = attr.nice;
	return -error;
}

/* Those whom PRIO_PROCESS, _PGRP and _USER mean. */
static bool
is_meant(const struct vk_thread *self, const struct vk_thread *thread,
    uint64_t which, uint64_t id)
{
	const struct vk_process *process;

	process = thread->process;
	switch (which) {
	case 0:
		return (int)id == 0 ? thread == self : thread->tid == (int)id;
	case 1:
		return process->pgid ==
		       ((int)id == 0 ? self->process->pgid : (int)id);
	default:
		return process->cred.user.real ==
		       ((uint32_t)id == 0 ? self->process->cred.user.real
					  : (uint32_t)id);
	}
}

int64_t
sys_getpriority(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;
	const struct vk_thread *other;
	int64_t best;

	if (args[0] > 2)
		return -LX_EINVAL;
	best = -LX_ESRCH;
	for (process = thread->process->kernel->first; process != NULL;
	     process = process->next)
		for (other = process->threads; other != NULL;
		     other = other->sibling)
			if (is_meant(thread, other, args[0], args[1]) &&
			    20 - other->nice > best)
				best = 20 - other->nice;
	return best;
}

static int
nice_set(const struct vk_thread *thread, struct vk_thread *other, int nice)
{
	const struct vk_cred *cred;

	cred = &thread->process->cred;
	if (cred->user.effective != 0 &&
	    cred->user.effective != other->process->cred.user.real)
		return LX_EPERM;
	if (cred->user.effective != 0 && nice < other->nice)
		return LX_EACCES;
	other->nice = nice;
	return 0;
}

int64_t
sys_setpriority(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process;
	struct vk_thread *other;
	int error, first, nice;

	if (args[0] > 2)
		return -LX_EINVAL;
	nice = (int)args[2];
	if (nice < NICE_MIN)
		nice = NICE_MIN;
	if (nice > NICE_MAX)
		nice = NICE_MAX;
	first = LX_ESRCH;
	for (process = thread->process->kernel->first; process != NULL;
	     process = process->next)
		for (other = process->threads; other != NULL;
		     other = other->sibling) {
			if (!is_meant(thread, other, args[0], args[1]))
				continue;
			error = nice_set(thread, other, nice);
			if (first == LX_ESRCH || error != 0)
				first = error;
		}
	return -first;
}

int64_t
sys_ioprio_get(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;

	if (args[0] < 1 || args[0] > 3)
		return -LX_EINVAL;
	other = thread;
	if (args[0] == 1 && sched_who(thread, args[1], &other) != 0)
		return -LX_ESRCH;
	return other->ioprio;
}

int64_t
sys_ioprio_set(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_thread *other;

	if (args[0] < 1 || args[0] > 3 || args[2] >> 13 >= IOPRIO_CLASSES)
		return -LX_EINVAL;
	other = NULL;
	if (args[0] == 1 && sched_who(thread, args[1], &other) != 0)
		return -LX_ESRCH;
	if (other != NULL)
		other->ioprio = (int)args[2];
	return 0;
}
