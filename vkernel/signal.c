/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/signal.h"

#include <signal.h>
#include <string.h>

#include "vkernel/hostsig.h"
#include "vkernel/kernel.h"
#include "vkernel/sigframe.h"

#define BIT(n) (UINT64_C(1) << ((n)-1))

static const uint64_t never_masked = BIT(LX_SIGKILL) | BIT(LX_SIGSTOP);
static const uint64_t default_ignore =
    BIT(LX_SIGCHLD) | BIT(LX_SIGCONT) | BIT(LX_SIGURG) | BIT(LX_SIGWINCH);
static const uint64_t default_stop =
    BIT(LX_SIGSTOP) | BIT(LX_SIGTSTP) | BIT(LX_SIGTTIN) | BIT(LX_SIGTTOU);
static const uint64_t default_core =
    BIT(LX_SIGQUIT) | BIT(LX_SIGILL) | BIT(LX_SIGTRAP) | BIT(LX_SIGABRT) |
    BIT(LX_SIGBUS) | BIT(LX_SIGFPE) | BIT(LX_SIGSEGV) | BIT(LX_SIGXCPU) |
    BIT(LX_SIGXFSZ) | BIT(LX_SIGSYS);
static const uint64_t synchronous = BIT(LX_SIGSEGV) | BIT(LX_SIGBUS) |
				    BIT(LX_SIGILL) | BIT(LX_SIGTRAP) |
				    BIT(LX_SIGFPE) | BIT(LX_SIGSYS);

bool
signal_kills(int signal)
{
	return (signal_bit(signal) & (default_ignore | default_stop)) == 0;
}

bool
signal_dumps(int signal)
{
	return (signal_bit(signal) & default_core) != 0;
}

/* As sig_ignored() of Linux: what is blocked is never dropped. */
static bool
signal_is_dropped(const struct vk_process *process, int signal)
{
	uint64_t handler;

	if ((process->thread->mask & signal_bit(signal)) != 0)
		return false;
	handler = process->actions->rows[signal].handler;
	return handler == LX_SIG_IGN ||
	       (handler == LX_SIG_DFL &&
		   (signal_bit(signal) & default_ignore) != 0);
}

static void
pending_add(struct vk_pending *pending, const struct lx_siginfo *info)
{
	uint64_t bit;

	bit = signal_bit(info->si_signo);
	if ((pending->set & bit) != 0)
		return;
	pending->set |= bit;
	pending->info[info->si_signo] = *info;
}

/* A waiting thread looks at its signals. */
static void
signal_wake(struct vk_thread *thread)
{
	if (thread->state == THREAD_WAITING)
		sched_wake(thread);
}

void
signal_send(struct vk_process *process, const struct lx_siginfo *info)
{
	struct vk_thread *thread;

	if (process->exited || signal_is_dropped(process, info->si_signo))
		return;
	pending_add(&process->pending, info);
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		signal_wake(thread);
}

void
signal_send_thread(struct vk_thread *thread, const struct lx_siginfo *info)
{
	if (signal_is_dropped(thread->process, info->si_signo))
		return;
	pending_add(&thread->pending, info);
	signal_wake(thread);
}

void
signal_post(struct vk_process *process, int signal)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = LX_SI_KERNEL;
	signal_send(process, &info);
}

void
signal_force(struct vk_thread *thread, const struct lx_siginfo *info)
{
	struct lx_sigaction *action;
	int signal;

	signal = info->si_signo;
	action = &thread->process->actions->rows[signal];
	if ((thread->mask & signal_bit(signal)) != 0 ||
	    action->handler == LX_SIG_IGN) {
		action->handler = LX_SIG_DFL;
		thread->mask &= ~signal_bit(signal);
	}
	pending_add(&thread->pending, info);
}

void
signal_set_mask(struct vk_thread *thread, uint64_t mask)
{
	thread->mask = mask & ~never_masked;
}

void
signal_collect(struct vk_kernel *kernel)
{
	uint64_t bits;
	int signal;

	bits = hostsig_take(kernel->hostsig);
	if (kernel->process == NULL)
		return;
	for (signal = 1; bits != 0; signal++, bits >>= 1)
		if ((bits & 1) != 0)
			signal_post(kernel->process, signal);
}

bool
signal_deliverable(const struct vk_thread *thread)
{
	struct vk_process *process;

	process = thread->process;
	signal_collect(process->kernel);
	return ((process->pending.set | thread->pending.set) & ~thread->mask) !=
	       0;
}

static int
lowest_signal(uint64_t set)
{
	int signal;

	if ((set & synchronous) != 0)
		set &= synchronous;
	for (signal = 1; (set & 1) == 0; signal++)
		set >>= 1;
	return signal;
}

static int
pending_take(struct vk_pending *pending, uint64_t set, struct lx_siginfo *info)
{
	int signal;

	set &= pending->set;
	if (set == 0)
		return 0;
	signal = lowest_signal(set);
	pending->set &= ~signal_bit(signal);
	*info = pending->info[signal];
	return signal;
}

int
signal_take(struct vk_thread *thread, uint64_t set, struct lx_siginfo *info)
{
	int signal;

	signal = pending_take(&thread->pending, set, info);
	if (signal == 0)
		signal = pending_take(&thread->process->pending, set, info);
	return signal;
}

/* The interrupted call is done again, or fails with EINTR. */
static void
signal_end_call(struct vk_thread *thread, bool again)
{
	struct trapframe *tf;

	tf = &thread->tf;
	if (again) {
		tf->tf_rip -= 2;
		tf->tf_rax = (int64_t)thread->nr;
		tf->tf_r10 = (int64_t)thread->args[3];
	} else {
		tf->tf_rax = -LX_EINTR;
	}
	thread->restart = 0;
}

static void
signal_handle(struct vk_thread *thread, const struct lx_siginfo *info)
{
	struct lx_sigaction action, *slot;
	uint64_t old_mask;

	slot = &thread->process->actions->rows[info->si_signo];
	action = *slot;
	if (thread->restart != 0)
		signal_end_call(
		    thread, thread->restart == LX_ERESTARTNOINTR ||
				(thread->restart == LX_ERESTART &&
				    (action.flags & LX_SA_RESTART) != 0));
	thread->rseq.due = true;
	rseq_resume(thread);
	old_mask = thread->restore_mask ? thread->saved_mask : thread->mask;
	thread->restore_mask = false;
	if (sigframe_push(thread, info, &action, old_mask) != 0) {
		process_kill(thread->process, LX_SIGSEGV);
		return;
	}
	if ((action.flags & LX_SA_RESETHAND) != 0)
		slot->handler = LX_SIG_DFL;
	signal_set_mask(thread, thread->mask | action.mask |
				    ((action.flags & LX_SA_NODEFER) != 0
					    ? 0
					    : signal_bit(info->si_signo)));
}

static void
signal_default(struct vk_thread *thread, int signal)
{
	if (signal_kills(signal))
		process_kill(thread->process, signal);
	else if ((signal_bit(signal) & default_stop) != 0)
		raise(SIGSTOP);
}

static void
signal_act(struct vk_thread *thread, const struct lx_siginfo *info)
{
	uint64_t handler;

	handler = thread->process->actions->rows[info->si_signo].handler;
	if (handler == LX_SIG_DFL)
		signal_default(thread, info->si_signo);
	else if (handler != LX_SIG_IGN)
		signal_handle(thread, info);
}

void
signal_deliver(struct vk_thread *thread)
{
	struct lx_siginfo info;

	while (signal_deliverable(thread) && !thread->process->exited)
		if (signal_take(thread, ~thread->mask, &info) != 0)
			signal_act(thread, &info);
	if (thread->restart != 0)
		signal_end_call(thread, true);
	if (!thread->restore_mask)
		return;
	thread->restore_mask = false;
	signal_set_mask(thread, thread->saved_mask);
	signal_deliver(thread);
}
