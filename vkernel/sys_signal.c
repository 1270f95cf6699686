/* SPDX-License-Identifier: BSD-2-Clause */
/* Actions, masks, and waiting for signals. */
#include <string.h>

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
		signal_action_changed(thread->process, signal);
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
		signal_force_segv(thread, 0);
	return thread->tf.tf_rax;
}

int64_t
sys_rt_sigpending(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t set;

	if (args[1] > SIGSET_BYTES)
		return -LX_EINVAL;
	signal_collect(thread->process->kernel);
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

/* While the thread waits, what it waits for is not blocked, so that it is
 * told; real_mask keeps what is. */
static void
unblock(struct vk_thread *thread, uint64_t set)
{
	thread->real_mask = thread->mask;
	thread->mask &= ~set;
}

static void
block_again(struct vk_thread *thread)
{
	uint64_t mask;

	mask = thread->real_mask;
	thread->real_mask = 0;
	signal_set_mask(thread, mask);
}

static int
wait_signal(struct vk_thread *thread, uint64_t set, uint64_t ns,
    struct lx_siginfo *info)
{
	int error;

	if (thread->wait.again)
		block_again(thread);
	signal_collect(thread->process->kernel);
	if (signal_take(thread, set, info) != 0)
		return 0;
	wait_time(thread, ns);
	unblock(thread, set);
	error = wait_park(thread);
	if (error != LX_WAIT)
		block_again(thread);
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
	set = 0;
	error = copyin(mm, &set, args[0], sizeof(set));
	set &= ~(signal_bit(LX_SIGKILL) | signal_bit(LX_SIGSTOP));
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

int64_t
sys_sigaltstack(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_stack old, stack;
	struct vk_mm *mm;
	int error;

	mm = thread->process->mm;
	old = thread->altstack;
	old.ss_flags =
	    (old.ss_flags & LX_SS_AUTODISARM) | sigframe_altstack_flags(thread);
	error = 0;
	if (args[0] != 0) {
		error = copyin(mm, &stack, args[0], sizeof(stack));
		if (error == 0)
			error = sigframe_set_altstack(thread, &stack);
	}
	if (error == 0 && args[1] != 0)
		error = copyout(mm, args[1], &old, sizeof(old));
	return -error;
}
