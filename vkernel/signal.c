/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/signal.h"

#include <string.h>

#include "vkernel/hostsig.h"
#include "vkernel/jobctl.h"
#include "vkernel/kernel.h"
#include "vkernel/sigframe.h"
#include "vkernel/strace.h"

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

bool
signal_stops(int signal)
{
	return (signal_bit(signal) & default_stop) != 0;
}

static bool
is_ignored(const struct vk_process *process, int signal)
{
	uint64_t handler;

	handler = process->actions->rows[signal].handler;
	return handler == LX_SIG_IGN ||
	       (handler == LX_SIG_DFL &&
		   (signal_bit(signal) & default_ignore) != 0);
}

/* As sig_ignored() of Linux: what thread, the leader for a process's signal,
 * blocks is never dropped, nor what it waits for in sigtimedwait, nor what its
 * tracer is to see. */
static bool
is_dropped(const struct vk_process *process, const struct vk_thread *thread,
    int signal)
{
	uint64_t blocked;

	blocked = thread == NULL ? 0 : thread->mask | thread->real_mask;
	if (thread != NULL && thread->ptrace.tracer != NULL &&
	    signal != LX_SIGKILL)
		return false;
	return (blocked & signal_bit(signal)) == 0 &&
	       is_ignored(process, signal);
}

/* As wants_signal(). */
static bool
wants(const struct vk_thread *thread, int signal)
{
	if ((thread->mask & signal_bit(signal)) != 0 || thread->exited)
		return false;
	if (signal == LX_SIGKILL)
		return true;
	return thread->state != THREAD_STOPPED && !thread->notified;
}

static void
notify(struct vk_thread *thread)
{
	thread->notified = true;
	sched_wake(thread);
}

/* As complete_signal(): one thread is told, first if it can be. */
static void
choose(struct vk_process *process, struct vk_thread *first, int signal,
    bool only_first)
{
	struct vk_thread *thread;

	if (first != NULL && wants(first, signal)) {
		notify(first);
		return;
	}
	if (only_first)
		return;
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		if (wants(thread, signal)) {
			notify(thread);
			return;
		}
}

/*
 * As __send_signal(): to near alone, or to the process, by preference near.
 * A process that somebody else kills ends at once, wherever its threads are,
 * and so does one whose thread is stopped by its tracer.
 */
static int
send(struct vk_process *process, struct vk_thread *near, bool alone,
    const struct lx_siginfo *info)
{
	struct vk_kernel *kernel;
	int error, signal;

	kernel = process->kernel;
	signal = info->si_signo;
	if (process->exited)
		return 0;
	jobctl_prepare(process, signal);
	if (is_dropped(process, near, signal)) {
		if (kernel->strace != NULL)
			strace_ignored(kernel->strace, process, info);
		return 0;
	}
	if (signal == LX_SIGKILL &&
	    (kernel->sched.current == NULL || near->ptrace.stop != 0 ||
		kernel->sched.current->process != process)) {
		process_kill(process, LX_SIGKILL);
		return 0;
	}
	error = pending_add(kernel, alone ? &near->pending : &process->pending,
	    info, process->limits[LX_RLIMIT_SIGPENDING].rlim_cur);
	if (error != 0)
		return error;
	choose(process, near, signal, alone);
	queue_wake(&process->signals);
	return 0;
}

int
signal_send(struct vk_process *process, const struct lx_siginfo *info)
{
	return send(process, process->thread, false, info);
}

int
signal_send_near(struct vk_thread *thread, const struct lx_siginfo *info)
{
	return send(thread->process, thread, false, info);
}

int
signal_send_thread(struct vk_thread *thread, const struct lx_siginfo *info)
{
	return send(thread->process, thread, true, info);
}

bool
signal_send_timer(struct vk_process *process, struct vk_thread *thread,
    const struct lx_siginfo *info, struct vk_ptimer *timer)
{
	if (process->exited ||
	    is_dropped(process, thread != NULL ? thread : process->thread,
		info->si_signo) ||
	    !pending_add_timer(process->kernel,
		thread != NULL ? &thread->pending : &process->pending, info,
		timer))
		return false;
	choose(process, thread != NULL ? thread : process->thread,
	    info->si_signo, thread != NULL);
	queue_wake(&process->signals);
	return true;
}

static struct lx_siginfo
kernel_info(int signal)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = LX_SI_KERNEL;
	return info;
}

void
signal_post(struct vk_process *process, int signal)
{
	struct lx_siginfo info;

	info = kernel_info(signal);
	signal_send(process, &info);
}

bool
signal_post_group(struct vk_kernel *kernel, int group, int signal)
{
	struct vk_process *process;
	bool any;

	any = false;
	for (process = kernel->first; process != NULL;
	     process = process->next) {
		if (process->pgid != group || process->zombie)
			continue;
		signal_post(process, signal);
		any = true;
	}
	return any;
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
	pending_add(
	    thread->process->kernel, &thread->pending, info, UINT64_MAX);
	thread->notified = true;
}

void
signal_force_segv(struct vk_thread *thread, int signal)
{
	struct lx_siginfo info;

	info = kernel_info(LX_SIGSEGV);
	if (signal == LX_SIGSEGV)
		thread->process->actions->rows[LX_SIGSEGV].handler = LX_SIG_DFL;
	signal_force(thread, &info);
}

static uint64_t
pending_of(const struct vk_thread *thread)
{
	return thread->pending.set | thread->process->pending.set;
}

void
signal_look_again(struct vk_thread *thread)
{
	thread->notified = (pending_of(thread) & ~thread->mask) != 0;
}

/* As retarget_shared_pending(): what thread does not take any more. */
static void
retarget(struct vk_thread *thread, uint64_t blocked)
{
	struct vk_process *process;
	int signal;

	process = thread->process;
	blocked &= process->pending.set;
	if (blocked == 0 || process->thread_count < 2)
		return;
	for (signal = 1; signal <= LX_NSIG; signal++)
		if ((blocked & signal_bit(signal)) != 0)
			choose(process, NULL, signal, false);
}

void
signal_set_mask(struct vk_thread *thread, uint64_t mask)
{
	uint64_t more;

	mask &= ~never_masked;
	more = mask & ~thread->mask;
	thread->mask = mask;
	if (thread->notified && more != 0)
		retarget(thread, more);
	signal_look_again(thread);
}

void
signal_thread_exit(struct vk_thread *thread)
{
	if (thread->notified)
		retarget(thread, ~thread->mask);
}

void
signal_action_changed(struct vk_process *process, int signal)
{
	struct vk_thread *thread;
	uint64_t bit;

	if (!is_ignored(process, signal))
		return;
	bit = signal_bit(signal);
	pending_forget(process->kernel, &process->pending, bit);
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		pending_forget(process->kernel, &thread->pending, bit);
}

void
signal_collect(struct vk_kernel *kernel)
{
	struct vk_hostsig_bits bits;

	if (hostsig_take(kernel->hostsig, &bits))
		jobctl_from_host(kernel, &bits);
}

bool
signal_deliverable(struct vk_thread *thread)
{
	signal_collect(thread->process->kernel);
	if (thread->process->stopping != 0 || ptrace_is_due(thread))
		return true;
	return thread->notified && (pending_of(thread) & ~thread->mask) != 0;
}

bool
signal_is_fatal(struct vk_thread *thread)
{
	const struct vk_process *process;
	uint64_t set;
	int signal;

	process = thread->process;
	signal_collect(process->kernel);
	set = thread->notified ? pending_of(thread) & ~thread->mask : 0;
	for (signal = 1; set != 0; signal++, set >>= 1)
		if ((set & 1) != 0 && signal_kills(signal) &&
		    process->actions->rows[signal].handler == LX_SIG_DFL)
			return true;
	return false;
}

int
signal_take(struct vk_thread *thread, uint64_t set, struct lx_siginfo *info)
{
	struct vk_kernel *kernel;
	int signal;

	kernel = thread->process->kernel;
	signal = pending_take(kernel, &thread->pending, set, info);
	if (signal == 0)
		signal =
		    pending_take(kernel, &thread->process->pending, set, info);
	if (signal == LX_SIGALRM)
		itimer_taken(thread->process);
	signal_look_again(thread);
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
		tf->tf_rax = thread->restart == LX_ERESTART_RESTARTBLOCK
				 ? LX_NR_RESTART_SYSCALL
				 : (int64_t)thread->nr;
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
	if ((action.flags & LX_SA_RESETHAND) != 0)
		slot->handler = LX_SIG_DFL;
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
		signal_force_segv(thread, info->si_signo);
		return;
	}
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
	else if (signal_stops(signal))
		jobctl_stop(thread, signal);
}

static void
signal_act(struct vk_thread *thread, const struct lx_siginfo *info)
{
	struct vk_strace *strace;
	uint64_t handler;

	strace = thread->process->kernel->strace;
	if (strace != NULL && info->si_signo != LX_SIGKILL)
		strace_signal(strace, thread, info);
	handler = thread->process->actions->rows[info->si_signo].handler;
	if (handler == LX_SIG_DFL)
		signal_default(thread, info->si_signo);
	else if (handler != LX_SIG_IGN)
		signal_handle(thread, info);
}

static bool
goes_on(const struct vk_thread *thread)
{
	return !thread->process->exited && !thread->exited &&
	       thread->state == THREAD_READY;
}

/* False: the thread does not run any more. */
static bool
act_on_all(struct vk_thread *thread)
{
	struct lx_siginfo info;

	while (goes_on(thread) && signal_deliverable(thread)) {
		if (thread->process->stopping != 0)
			jobctl_stop_thread(thread);
		else if (ptrace_due(thread, &info))
			signal_act(thread, &info);
		else if (goes_on(thread) &&
			 signal_take(thread, ~thread->mask, &info) != 0 &&
			 !ptrace_stop(thread, &info))
			signal_act(thread, &info);
	}
	return goes_on(thread);
}

void
signal_deliver(struct vk_thread *thread)
{
	if (!act_on_all(thread))
		return;
	if (thread->restart != 0)
		signal_end_call(thread, true);
	if (!thread->restore_mask)
		return;
	thread->restore_mask = false;
	signal_set_mask(thread, thread->saved_mask);
	act_on_all(thread);
}
