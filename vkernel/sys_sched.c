/* SPDX-License-Identifier: BSD-2-Clause */
/* Scheduling calls: one processor, the ordinary policy. */
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define POLICY_FIFO  1
#define POLICY_RR    2
#define POLICY_BATCH 3
#define POLICY_IDLE  5

static bool
is_self(const struct vk_thread *thread, uint64_t tid)
{
	return (int)tid == 0 || (int)tid == thread->tid;
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

	if (!is_self(thread, args[0]))
		return -LX_ESRCH;
	if (args[1] < sizeof(mask) || args[1] % sizeof(mask) != 0)
		return -LX_EINVAL;
	if (copyout(thread->process->mm, args[2], &mask, sizeof(mask)) != 0)
		return -LX_EFAULT;
	return sizeof(mask);
}

int64_t
sys_sched_setaffinity(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t mask;

	if (!is_self(thread, args[0]))
		return -LX_ESRCH;
	mask = 0;
	if (copyin(thread->process->mm, &mask, args[2],
		args[1] < sizeof(mask) ? (size_t)args[1] : sizeof(mask)) != 0)
		return -LX_EFAULT;
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

int64_t
sys_sched_getscheduler(struct vk_thread *thread, const uint64_t *args)
{
	return is_self(thread, args[0]) ? 0 : -LX_ESRCH;
}

int64_t
sys_sched_setscheduler(struct vk_thread *thread, const uint64_t *args)
{
	int32_t priority;

	if (!is_self(thread, args[0]))
		return -LX_ESRCH;
	if (copyin(thread->process->mm, &priority, args[2], sizeof(priority)) !=
	    0)
		return -LX_EFAULT;
	if (args[1] == POLICY_FIFO || args[1] == POLICY_RR)
		return -LX_EPERM;
	return args[1] != 0 || priority != 0 ? -LX_EINVAL : 0;
}

int64_t
sys_sched_getparam(struct vk_thread *thread, const uint64_t *args)
{
	static const int32_t zero;

	if (!is_self(thread, args[0]))
		return -LX_ESRCH;
	return -copyout(thread->process->mm, args[1], &zero, sizeof(zero));
}

int64_t
sys_sched_setparam(struct vk_thread *thread, const uint64_t *args)
{
	int32_t priority;

	if (!is_self(thread, args[0]))
		return -LX_ESRCH;
	if (copyin(thread->process->mm, &priority, args[1], sizeof(priority)) !=
	    0)
		return -LX_EFAULT;
	return priority != 0 ? -LX_EINVAL : 0;
}

static int64_t
priority_of(uint64_t policy, int64_t realtime)
{
	if (policy == POLICY_FIFO || policy == POLICY_RR)
		return realtime;
	if (policy == 0 || policy == POLICY_BATCH || policy == POLICY_IDLE)
		return 0;
	return -LX_EINVAL;
}

int64_t
sys_sched_get_priority_max(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	return priority_of(args[0], 99);
}

int64_t
sys_sched_get_priority_min(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	return priority_of(args[0], 1);
}
