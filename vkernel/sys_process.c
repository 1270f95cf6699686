/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, groups and sessions, what a process may use, and how it ends. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

int64_t
sys_exit(struct vk_thread *thread, const uint64_t *args)
{
	thread_exit(thread, (int)args[0]);
	return 0;
}

int64_t
sys_exit_group(struct vk_thread *thread, const uint64_t *args)
{
	process_exit(thread->process, (int)args[0]);
	return 0;
}

int64_t
sys_getpid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return thread->process->pid;
}

int64_t
sys_gettid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return thread->tid;
}

int64_t
sys_getppid(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return thread->process->ppid;
}

int64_t
sys_getpgrp(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return thread->process->pgid;
}

static bool
is_self(const struct vk_thread *thread, uint64_t pid)
{
	return (int)pid == 0 || (int)pid == thread->process->pid;
}

/* 0 is the caller; NULL: there is no such process. */
static struct vk_process *
who(const struct vk_thread *thread, uint64_t pid)
{
	if (is_self(thread, pid))
		return thread->process;
	return process_lookup(thread->process->kernel, (int)pid);
}

int64_t
sys_getpgid(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;

	process = who(thread, args[0]);
	return process == NULL ? -LX_ESRCH : process->pgid;
}

int64_t
sys_getsid(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;

	process = who(thread, args[0]);
	return process == NULL ? -LX_ESRCH : process->sid;
}

static bool
group_is_in_session(const struct vk_kernel *kernel, int group, int session)
{
	const struct vk_process *process;

	for (process = kernel->first; process != NULL; process = process->next)
		if (process->pgid == group && process->sid == session)
			return true;
	return false;
}

/* The host's group is left alone: only the guests' view changes. */
int64_t
sys_setpgid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process, *self;
	int group;

	self = thread->process;
	group = (int)args[1];
	if (group < 0)
		return -LX_EINVAL;
	process = who(thread, args[0]);
	if (process == NULL || (process != self && process->parent != self))
		return -LX_ESRCH;
	if (process != self && process->sid != self->sid)
		return -LX_EPERM;
	if (process != self && process->has_execed)
		return -LX_EACCES;
	if (process->sid == process->pid)
		return -LX_EPERM;
	if (group == 0)
		group = process->pid;
	if (group != process->pid &&
	    !group_is_in_session(self->kernel, group, self->sid))
		return -LX_EPERM;
	process->pgid = group;
	return 0;
}

int64_t
sys_setsid(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process;

	(void)args;
	process = thread->process;
	if (process->pgid == process->pid ||
	    group_is_in_session(process->kernel, process->pid, process->sid))
		return -LX_EPERM;
	process->pgid = process->sid = process->pid;
	return process->sid;
}

static int64_t
limit_out(struct vk_thread *thread, uint64_t which, uint64_t va)
{
	return -copyout(thread->process->mm, va,
	    &thread->process->limits[which], sizeof(struct lx_rlimit));
}

/* Two limits mean something here: the stack's size and open files. */
static void
limit_apply(struct vk_process *process, uint64_t which)
{
	uint64_t value;

	value = process->limits[which].rlim_cur;
	if (which == LX_RLIMIT_STACK)
		process->mm->stack_limit = value;
	if (which == LX_RLIMIT_NOFILE)
		process->fds->limit = value < 1048576 ? (int)value : 1048576;
}

static int
limit_set(struct vk_thread *thread, uint64_t which, uint64_t va)
{
	struct lx_rlimit limit, *old;

	if (copyin(thread->process->mm, &limit, va, sizeof(limit)) != 0)
		return LX_EFAULT;
	old = &thread->process->limits[which];
	if (limit.rlim_cur > limit.rlim_max)
		return LX_EINVAL;
	if (limit.rlim_max > old->rlim_max)
		return LX_EPERM;
	*old = limit;
	limit_apply(thread->process, which);
	return 0;
}

int64_t
sys_getrlimit(struct vk_thread *thread, const uint64_t *args)
{
	if (args[0] >= LX_RLIMITS)
		return -LX_EINVAL;
	return limit_out(thread, args[0], args[1]);
}

int64_t
sys_setrlimit(struct vk_thread *thread, const uint64_t *args)
{
	if (args[0] >= LX_RLIMITS)
		return -LX_EINVAL;
	return -limit_set(thread, args[0], args[1]);
}

int64_t
sys_prlimit64(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_rlimit old;
	int error;

	if (args[1] >= LX_RLIMITS)
		return -LX_EINVAL;
	if (!is_self(thread, args[0]))
		return -LX_ESRCH;
	old = thread->process->limits[args[1]];
	if (args[2] != 0) {
		error = limit_set(thread, args[1], args[2]);
		if (error != 0)
			return -error;
	}
	if (args[3] == 0)
		return 0;
	return -copyout(thread->process->mm, args[3], &old, sizeof(old));
}
