/* SPDX-License-Identifier: BSD-2-Clause */
/* Signal calls. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/sigframe.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define SIGSET_BYTES 8

static bool
signal_is_valid(uint64_t signal)
{
	return (int)signal >= 1 && (int)signal <= LX_NSIG;
}

/* What becomes ignored is forgotten. */
static void
forget_ignored(struct vk_thread *thread, int signal)
{
	uint64_t handler;

	handler = thread->process->actions->rows[signal].handler;
	if (handler != LX_SIG_IGN &&
	    (handler != LX_SIG_DFL ||
		(signal != LX_SIGCHLD && signal != LX_SIGCONT &&
		    signal != LX_SIGURG && signal != LX_SIGWINCH)))
		return;
	thread->pending.set &= ~signal_bit(signal);
	thread->process->pending.set &= ~signal_bit(signal);
}

int64_t
sys_rt_sigaction(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_sigaction action, old;
	struct vk_mm *mm;
	int signal;

	mm = thread->process->mm;
	signal = (int)args[0];
	if (args[3] != SIGSET_BYTES || !signal_is_valid(args[0]))
		return -LX_EINVAL;
	if (args[1] != 0 && copyin(mm, &action, args[1], sizeof(action)) != 0)
		return -LX_EFAULT;
	if (args[1] != 0 && (signal == LX_SIGKILL || signal == LX_SIGSTOP))
		return -LX_EINVAL;
	old = thread->process->actions->rows[signal];
	if (args[1] != 0) {
		action.mask &=
		    ~(signal_bit(LX_SIGKILL) | signal_bit(LX_SIGSTOP));
		thread->process->actions->rows[signal] = action;
		forget_ignored(thread, signal);
	}
	if (args[2] != 0 && copyout(mm, args[2], &old, sizeof(old)) != 0)
		return -LX_EFAULT;
	return 0;
}

static int
change_mask(struct vk_thread *thread, int how, uint64_t set)
{
	switch (how) {
	case LX_SIG_BLOCK:
		signal_set_mask(thread, thread->mask | set);
		return 0;
	case LX_SIG_UNBLOCK:
		signal_set_mask(thread, thread->mask & ~set);
		return 0;
	case LX_SIG_SETMASK:
		signal_set_mask(thread, set);
		return 0;
	default:
		return LX_EINVAL;
	}
}

int64_t
sys_rt_sigprocmask(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t old, set;
	int error;

	mm = thread->process->mm;
	if (args[3] != SIGSET_BYTES)
		return -LX_EINVAL;
	old = thread->mask;
	error = 0;
	if (args[1] != 0) {
		error = copyin(mm, &set, args[1], sizeof(set));
		if (error == 0)
			error = change_mask(thread, (int)args[0], set);
	}
	if (error == 0 && args[2] != 0)
		error = copyout(mm, args[2], &old, sizeof(old));
	return -error;
}

int64_t
sys_rt_sigreturn(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	if (sigframe_pop(thread) != 0)
		process_kill(thread->process, LX_SIGSEGV);
	return thread->tf.tf_rax;
}

int64_t
sys_rt_sigpending(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t set;

	if (args[1] > SIGSET_BYTES)
		return -LX_EINVAL;
	signal_deliverable(thread);
	set =
	    (thread->pending.set | thread->process->pending.set) & thread->mask;
	return -copyout(thread->process->mm, args[0], &set, (size_t)args[1]);
}

/* The mask goes back when the handler's frame has been made. */
static int64_t
wait_for_signal(struct vk_thread *thread)
{
	int error;

	error = wait_park(thread);
	return error == LX_EINTR ? -LX_ERESTARTNOHAND : -error;
}

int64_t
sys_rt_sigsuspend(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t set;
	int error;

	if (args[1] != SIGSET_BYTES)
		return -LX_EINVAL;
	if (!thread->wait.again) {
		error = copyin(thread->process->mm, &set, args[0], sizeof(set));
		if (error != 0)
			return -error;
		thread->saved_mask = thread->mask;
		thread->restore_mask = true;
		signal_set_mask(thread, set);
	}
	return wait_for_signal(thread);
}

int64_t
sys_pause(struct vk_thread *thread, const uint64_t *args)
{
	(void)args;
	return wait_for_signal(thread);
}

/* Any signal that comes makes the thread look again. */
static int
wait_signal(struct vk_thread *thread, uint64_t set, uint64_t ns,
    struct lx_siginfo *info)
{
	int error;

	if (signal_take(thread, set, info) != 0)
		return 0;
	wait_time(thread, ns);
	error = wait_park(thread);
	return error == LX_ETIMEDOUT ? LX_EAGAIN : error;
}

int64_t
sys_rt_sigtimedwait(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;
	struct lx_timespec ts;
	struct vk_mm *mm;
	uint64_t ns, set;
	int error;

	mm = thread->process->mm;
	if (args[3] != SIGSET_BYTES)
		return -LX_EINVAL;
	ns = WAIT_FOREVER;
	error = copyin(mm, &set, args[0], sizeof(set));
	if (error == 0 && args[2] != 0) {
		error = copyin(mm, &ts, args[2], sizeof(ts));
		if (error == 0)
			error = timespec_to_ns(&ts, &ns);
	}
	if (error == 0)
		error = wait_signal(thread, set, ns, &info);
	if (error != 0)
		return -error;
	if (args[1] != 0 && copyout(mm, args[1], &info, sizeof(info)) != 0)
		return -LX_EFAULT;
	return info.si_signo;
}

static int
set_altstack(struct vk_thread *thread, const struct lx_stack *stack)
{
	if (sigframe_altstack_flags(thread) == LX_SS_ONSTACK)
		return LX_EPERM;
	if ((stack->ss_flags &
		~(LX_SS_AUTODISARM | LX_SS_DISABLE | LX_SS_ONSTACK)) != 0)
		return LX_EINVAL;
	if ((stack->ss_flags & LX_SS_DISABLE) != 0) {
		memset(&thread->altstack, 0, sizeof(thread->altstack));
		return 0;
	}
	if (stack->ss_size < LX_MINSIGSTKSZ)
		return LX_ENOMEM;
	thread->altstack = *stack;
	thread->altstack.ss_flags &= LX_SS_AUTODISARM;
	return 0;
}

int64_t
sys_sigaltstack(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_stack old, stack;
	struct vk_mm *mm;
	int error;

	mm = thread->process->mm;
	old = thread->altstack;
	old.ss_flags |= sigframe_altstack_flags(thread);
	error = 0;
	if (args[0] != 0) {
		error = copyin(mm, &stack, args[0], sizeof(stack));
		if (error == 0)
			error = set_altstack(thread, &stack);
	}
	if (error == 0 && args[1] != 0)
		error = copyout(mm, args[1], &old, sizeof(old));
	return -error;
}

static struct lx_siginfo
info_from_self(const struct vk_process *process, int signal, int code)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = code;
	info.u.rt.pid = process->pid;
	info.u.rt.uid = process->cred.user.real;
	return info;
}

/* Other processes are the host's, with our user's rights. */
static int64_t
kill_host(const struct vk_process *process, int pid, int signal)
{
	int host;

	if (clock_is_virtual(process->kernel))
		return pid == -1 || pid == 1 ? -LX_EPERM : -LX_ESRCH;
	host = os_signal_of_linux(signal);
	if (signal != 0 && host == 0)
		return -LX_EINVAL;
	return host_result(kill(pid, host));
}

int64_t
sys_kill(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;
	struct vk_process *process;
	int pid, signal;

	process = thread->process;
	pid = (int)args[0];
	signal = (int)args[1];
	if (signal < 0 || signal > LX_NSIG)
		return -LX_EINVAL;
	if (pid != process->pid && !(clock_is_virtual(process->kernel) &&
				       (pid == 0 || pid == -process->pgid)))
		return kill_host(process, pid, signal);
	if (signal == 0)
		return 0;
	info = info_from_self(process, signal, LX_SI_USER);
	signal_send(process, &info);
	return 0;
}

static int64_t
do_tkill(struct vk_thread *thread, int tgid, int tid, int signal)
{
	struct lx_siginfo info;

	if (tgid <= 0 || tid <= 0 || signal < 0 || signal > LX_NSIG)
		return -LX_EINVAL;
	if (tgid != thread->process->pid || tid != thread->tid)
		return -LX_ESRCH;
	if (signal == 0)
		return 0;
	info = info_from_self(thread->process, signal, LX_SI_TKILL);
	signal_send_thread(thread, &info);
	return 0;
}

int64_t
sys_tkill(struct vk_thread *thread, const uint64_t *args)
{
	return do_tkill(
	    thread, thread->process->pid, (int)args[0], (int)args[1]);
}

int64_t
sys_tgkill(struct vk_thread *thread, const uint64_t *args)
{
	return do_tkill(thread, (int)args[0], (int)args[1], (int)args[2]);
}

/* Only to itself; only a kernel's own codes are refused to others. */
static int
info_in(struct vk_thread *thread, uint64_t signal, uint64_t va,
    struct lx_siginfo *info)
{
	if (!signal_is_valid(signal))
		return LX_EINVAL;
	if (copyin(thread->process->mm, info, va, sizeof(*info)) != 0)
		return LX_EFAULT;
	info->si_signo = (int)signal;
	return 0;
}

int64_t
sys_rt_sigqueueinfo(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;
	int error;

	error = info_in(thread, args[1], args[2], &info);
	if (error != 0)
		return -error;
	if ((int)args[0] != thread->process->pid)
		return -LX_ESRCH;
	signal_send(thread->process, &info);
	return 0;
}

int64_t
sys_rt_tgsigqueueinfo(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_siginfo info;
	int error;

	error = info_in(thread, args[2], args[3], &info);
	if (error != 0)
		return -error;
	if ((int)args[0] != thread->process->pid || (int)args[1] != thread->tid)
		return -LX_ESRCH;
	signal_send_thread(thread, &info);
	return 0;
}
