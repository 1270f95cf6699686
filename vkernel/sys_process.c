/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers, groups and sessions, what a process may use, and how it ends. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vkernel/process.h"
#include "vkernel/ptimer.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define FILES_MAX 1048576

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

/* 0 is the caller, the number of a thread means its process; NULL: there is
 * no such process. */
static struct vk_process *
who(const struct vk_thread *thread, uint64_t pid)
{
	struct vk_process *process;

	if (is_self(thread, pid))
		return thread->process;
	process = process_lookup(thread->process->kernel, (int)pid);
	if (process != NULL)
		return process;
	thread = thread_lookup(thread->process->kernel, (int)pid);
	return thread == NULL ? NULL : thread->process;
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
	if (group == 0)
		group = (int)args[0] == 0 ? self->pid : (int)args[0];
	if (group < 0)
		return -LX_EINVAL;
	process = who(thread, args[0]);
	if (process != NULL && (int)args[0] != 0 &&
	    (int)args[0] != process->pid)
		return -LX_EINVAL;
	if (process == NULL || (process != self && process->parent != self))
		return -LX_ESRCH;
	if (process != self && process->sid != self->sid)
		return -LX_EPERM;
	if (process != self && process->has_execed)
		return -LX_EACCES;
	if (process->sid == process->pid)
		return -LX_EPERM;
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

/* The other limits are told, or looked at where they matter. */
void
process_apply_limits(struct vk_process *process)
{
	const struct lx_rlimit *limits;
	uint64_t files;

	limits = process->limits;
	process->mm->stack_limit = limits[LX_RLIMIT_STACK].rlim_cur;
	process->mm->limits.as = limits[LX_RLIMIT_AS].rlim_cur;
	process->mm->limits.data = limits[LX_RLIMIT_DATA].rlim_cur;
	process->mm->limits.lock = process->cred.user.effective == 0
				       ? LX_RLIM_INFINITY
				       : limits[LX_RLIMIT_MEMLOCK].rlim_cur;
	files = limits[LX_RLIMIT_NOFILE].rlim_cur;
	process->fds->limit = files < FILES_MAX ? (int)files : FILES_MAX;
}

static int
limit_set(const struct vk_thread *thread, struct vk_process *process,
    uint64_t which, const struct lx_rlimit *limit)
{
	struct lx_rlimit *old;

	old = &process->limits[which];
	if (limit->rlim_cur > limit->rlim_max)
		return LX_EINVAL;
	if (which == LX_RLIMIT_NOFILE && limit->rlim_max > FILES_MAX)
		return LX_EPERM;
	if (limit->rlim_max > old->rlim_max &&
	    thread->process->cred.user.effective != 0)
		return LX_EPERM;
	*old = *limit;
	if (!process->exited)
		process_apply_limits(process);
	if (which == LX_RLIMIT_CPU)
		cpu_timers_changed(process);
	return 0;
}

/* As check_prlimit_permission(). */
static bool
may_limit(const struct vk_process *self, const struct vk_process *process)
{
	const struct vk_cred *its, *own;

	own = &self->cred;
	its = &process->cred;
	if (self == process || own->user.effective == 0)
		return true;
	return own->user.real == its->user.effective &&
	       own->user.real == its->user.saved &&
	       own->user.real == its->user.real &&
	       own->group.real == its->group.effective &&
	       own->group.real == its->group.saved &&
	       own->group.real == its->group.real;
}

static int64_t
do_limit(struct vk_thread *thread, struct vk_process *process, uint64_t which,
    const uint64_t *vas)
{
	struct lx_rlimit limit, old;
	struct vk_mm *mm;
	int error;

	mm = thread->process->mm;
	if (vas[0] != 0 && copyin(mm, &limit, vas[0], sizeof(limit)) != 0)
		return -LX_EFAULT;
	if (process == NULL)
		return -LX_ESRCH;
	if (!may_limit(thread->process, process))
		return -LX_EPERM;
	if ((uint32_t)which >= LX_RLIMITS)
		return -LX_EINVAL;
	which = (uint32_t)which;
	old = process->limits[which];
	error = 0;
	if (vas[0] != 0)
		error = limit_set(thread, process, which, &limit);
	if (error == 0 && vas[1] != 0)
		error = copyout(mm, vas[1], &old, sizeof(old));
	return -error;
}

int64_t
sys_getrlimit(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t vas[2] = { 0, args[1] };

	if ((uint32_t)args[0] < LX_RLIMITS && args[1] == 0)
		return -LX_EFAULT;
	return do_limit(thread, thread->process, args[0], vas);
}

int64_t
sys_setrlimit(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t vas[2] = { args[1], 0 };

	if (args[1] == 0)
		return -LX_EFAULT;
	return do_limit(thread, thread->process, args[0], vas);
}

int64_t
sys_prlimit64(struct vk_thread *thread, const uint64_t *args)
{
	return do_limit(thread, who(thread, args[0]), args[1], args + 2);
}
