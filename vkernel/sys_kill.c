/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending signals.  Guests are the only processes that guests know: one of the
 * host is ESRCH, but 1, which is there and refuses. */
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

static bool
is_valid(int signal)
{
	return signal >= 0 && signal <= LX_NSIG;
}

/* As check_kill_permission(). */
static int
may_signal(
    const struct vk_process *from, const struct vk_process *to, int signal)
{
	const struct vk_ids *its, *own;

	if (!is_valid(signal))
		return LX_EINVAL;
	own = &from->cred.user;
	its = &to->cred.user;
	if (own->effective == 0 || own->effective == its->saved ||
	    own->effective == its->real || own->real == its->saved ||
	    own->real == its->real)
		return 0;
	return signal == LX_SIGCONT && from->sid == to->sid ? 0 : LX_EPERM;
}

static int
send_checked(const struct vk_process *from, struct vk_process *to,
    const struct lx_siginfo *info)
{
	int error;

	error = may_signal(from, to, info->si_signo);
	if (error != 0 || info->si_signo == 0 || to->zombie)
		return error;
	return signal_send(to, info);
}

static struct lx_siginfo
info_from(const struct vk_process *process, int signal, int code)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = code;
	info.u.rt.pid = process->pid;
	info.u.rt.uid = process->cred.user.real;
	return info;
}

/* A process, also by the number of one of its threads, which then is who is
 * asked first. */
static int64_t
kill_one(const struct vk_process *from, int pid, const struct lx_siginfo *info)
{
	struct vk_process *to;
	struct vk_thread *thread;
	int error;

	to = process_lookup(from->kernel, pid);
	if (to != NULL)
		return -send_checked(from, to, info);
	thread = thread_lookup(from->kernel, pid);
	if (thread == NULL)
		return pid == 1 ? -LX_EPERM : -LX_ESRCH;
	error = may_signal(from, thread->process, info->si_signo);
	if (error != 0 || info->si_signo == 0)
		return -error;
	return -signal_send_near(thread, info);
}

static int64_t
kill_group(
    const struct vk_process *from, int group, const struct lx_siginfo *info)
{
	struct vk_process *to;
	int error, last;
	bool done;

	last = LX_ESRCH;
	done = false;
	for (to = from->kernel->first; to != NULL; to = to->next) {
		if (to->pgid != group)
			continue;
		error = send_checked(from, to, info);
		if (error == 0)
			done = true;
		else
			last = error;
	}
	return done ? 0 : -last;
}

/* Everybody but the caller. */
static int64_t
kill_all(const struct vk_process *from, const struct lx_siginfo *info)
{
	struct vk_process *to;
	int error, last;
	bool any;

	last = 0;
	any = false;
	for (to = from->kernel->first; to != NULL; to = to->next) {
		if (to == from)
			continue;
		any = true;
		error = send_checked(from, to, info);
		if (error != 0 && error != LX_EPERM)
			last = error;
	}
	return any ? -last : -LX_ESRCH;
}

int64_t
sys_kill(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;
	struct lx_siginfo info;
	int pid;

	process = thread->process;
	pid = (int)args[0];
	info = info_from(process, (int)args[1], LX_SI_USER);
	if (pid > 0)
		return kill_one(process, pid, &info);
	if (pid == INT32_MIN)
		return -LX_ESRCH;
	if (pid == -1)
		return kill_all(process, &info);
	return kill_group(process, pid == 0 ? process->pgid : -pid, &info);
}

static int64_t
send_thread(
    struct vk_thread *thread, int tgid, int tid, const struct lx_siginfo *info)
{
	struct vk_thread *to;
	int error;

	to = thread_lookup(thread->process->kernel, tid);
	if (to == NULL || (tgid > 0 && to->process->pid != tgid))
		return -LX_ESRCH;
	error = may_signal(thread->process, to->process, info->si_signo);
	if (error != 0 || info->si_signo == 0)
		return -error;
	return -signal_send_thread(to, info);
}

int64_t
sys_tkill(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;

	if ((int)args[0] <= 0)
		return -LX_EINVAL;
	info = info_from(thread->process, (int)args[1], LX_SI_TKILL);
	return send_thread(thread, 0, (int)args[0], &info);
}

int64_t
sys_tgkill(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;

	if ((int)args[0] <= 0 || (int)args[1] <= 0)
		return -LX_EINVAL;
	info = info_from(thread->process, (int)args[2], LX_SI_TKILL);
	return send_thread(thread, (int)args[0], (int)args[1], &info);
}

/* Nobody but oneself can be told that a kernel or kill(2) has sent it. */
static bool
is_forged(
    const struct vk_thread *thread, int pid, const struct lx_siginfo *info)
{
	return (info->si_code >= 0 || info->si_code == LX_SI_TKILL) &&
	       pid != thread->tid;
}

int64_t
sys_rt_sigqueueinfo(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;

	if (copyin(thread->process->mm, &info, args[2], sizeof(info)) != 0)
		return -LX_EFAULT;
	info.si_signo = (int)args[1];
	if (is_forged(thread, (int)args[0], &info))
		return -LX_EPERM;
	return kill_one(thread->process, (int)args[0], &info);
}

int64_t
sys_rt_tgsigqueueinfo(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;

	if (copyin(thread->process->mm, &info, args[3], sizeof(info)) != 0)
		return -LX_EFAULT;
	info.si_signo = (int)args[2];
	if ((int)args[0] <= 0 || (int)args[1] <= 0)
		return -LX_EINVAL;
	if (is_forged(thread, (int)args[1], &info))
		return -LX_EPERM;
	return send_thread(thread, (int)args[0], (int)args[1], &info);
}
