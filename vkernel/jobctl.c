/* SPDX-License-Identifier: BSD-2-Clause */
/* After kernel/signal.c and kernel/exit.c of Linux. */
#include "vkernel/jobctl.h"

#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/hostsig.h"
#include "vkernel/kernel.h"
#include "vkernel/terminal.h"
#include "vkernel/tty.h"

#define NS_PER_TICK 10000000

static uint64_t
stop_signals(void)
{
	return signal_bit(LX_SIGSTOP) | signal_bit(LX_SIGTSTP) |
	       signal_bit(LX_SIGTTIN) | signal_bit(LX_SIGTTOU);
}

static void
forget(struct vk_process *process, uint64_t set)
{
	struct vk_thread *thread;

	pending_forget(process->kernel, &process->pending, set);
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		pending_forget(process->kernel, &thread->pending, set);
}

static struct lx_siginfo
child_info(struct vk_process *process, int signal, int code, int status)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = signal;
	info.si_code = code;
	info.u.chld.pid = process->pid;
	info.u.chld.uid = process->cred.user.real;
	info.u.chld.status = status;
	info.u.chld.utime = (int64_t)(clock_process_ns(process) / NS_PER_TICK);
	return info;
}

/* As do_notify_parent_cldstop(). */
static void
tell(struct vk_process *to, const struct lx_siginfo *info)
{
	const struct lx_sigaction *action;

	if (to == NULL || to->exited)
		return;
	action = &to->actions->rows[LX_SIGCHLD];
	if (action->handler != LX_SIG_IGN &&
	    (action->flags & LX_SA_NOCLDSTOP) == 0)
		signal_send(to, info);
	queue_wake(&to->children);
}

static void
tell_parent(struct vk_process *process, int code, int status)
{
	struct lx_siginfo info;

	info = child_info(process, LX_SIGCHLD, code, status);
	tell(process->parent, &info);
}

void
jobctl_tell_tracer(
    struct vk_process *tracer, struct vk_thread *thread, int code, int status)
{
	struct lx_siginfo info;

	info = child_info(thread->process, LX_SIGCHLD, code, status);
	info.u.chld.pid = thread->tid;
	tell(tracer, &info);
}

static void
process_continue(struct vk_process *process)
{
	struct vk_thread *thread;
	bool stopped;

	stopped = process->stop_signal != 0;
	process->stop_signal = 0;
	process->stopping = 0;
	process->kernel->stopped_by_terminal = false;
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling) {
		signal_look_again(thread);
		if (thread->ptrace.stop == 0)
			sched_continue(thread);
	}
	if (!stopped)
		return;
	process->continued = true;
	tell_parent(process, LX_CLD_CONTINUED, LX_SIGCONT);
}

void
jobctl_prepare(struct vk_process *process, int signal)
{
	if ((signal_bit(signal) & stop_signals()) != 0) {
		forget(process, signal_bit(LX_SIGCONT));
	} else if (signal == LX_SIGCONT) {
		forget(process, stop_signals());
		process_continue(process);
	}
}

static bool
is_outside(const struct vk_process *process)
{
	const struct vk_process *parent;

	parent = process->parent;
	if (parent == NULL) /* of the first process: the host's shell */
		return process == process->kernel->process;
	return !parent->exited && parent->pgid != process->pgid &&
	       parent->sid == process->sid;
}

bool
jobctl_group_is_orphaned(const struct vk_kernel *kernel, int group)
{
	const struct vk_process *process;

	for (process = kernel->first; process != NULL; process = process->next)
		if (process->pgid == group && !process->exited &&
		    is_outside(process))
			return false;
	return true;
}

static bool
all_stopped(const struct vk_process *process)
{
	const struct vk_thread *thread;

	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		if (!thread->exited && thread->state != THREAD_STOPPED)
			return false;
	return true;
}

/* When the last thread has stopped, the process has. */
static void
stop_complete(struct vk_process *process)
{
	struct vk_kernel *kernel;

	kernel = process->kernel;
	process->stop_signal = process->stopping;
	process->stopping = 0;
	process->stop_told = false;
	process->continued = false;
	if (process == kernel->process && kernel->stopped_by_terminal)
		terminal_suspend(kernel, process->stop_signal);
	else
		tell_parent(process, LX_CLD_STOPPED, process->stop_signal);
}

void
jobctl_stop_thread(struct vk_thread *thread)
{
	struct vk_process *process;

	process = thread->process;
	sched_stop(thread);
	ptrace_group_stop(thread, process->stopping);
	if (process->stopping != 0 && all_stopped(process))
		stop_complete(process);
}

void
jobctl_stop(struct vk_thread *thread, int signal)
{
	struct vk_process *process;
	struct vk_thread *other;

	process = thread->process;
	if (signal != LX_SIGSTOP &&
	    jobctl_group_is_orphaned(process->kernel, process->pgid))
		return;
	process->stopping = signal;
	for (other = process->threads; other != NULL; other = other->sibling)
		if (other != thread)
			sched_wake(other);
	jobctl_stop_thread(thread);
}

void
jobctl_tell_exit(struct vk_process *process)
{
	struct lx_siginfo info;

	if (process->end_signal == 0 || process->end_signal > LX_NSIG)
		return;
	info = child_info(
	    process, process->end_signal, LX_CLD_EXITED, process->exit_status);
	if (process->exit_signal != 0) {
		info.si_code = process->dumped ? LX_CLD_DUMPED : LX_CLD_KILLED;
		info.u.chld.status = process->exit_signal;
	}
	signal_send(process->parent, &info);
}

static bool
has_stopped(const struct vk_kernel *kernel, int group)
{
	const struct vk_process *process;

	for (process = kernel->first; process != NULL; process = process->next)
		if (process->pgid == group && process->stop_signal != 0)
			return true;
	return false;
}

/* A stopped group that process has kept from being orphaned. */
static void
group_orphan(const struct vk_process *process, int group)
{
	struct vk_kernel *kernel;

	kernel = process->kernel;
	if (!jobctl_group_is_orphaned(kernel, group) ||
	    !has_stopped(kernel, group))
		return;
	signal_post_group(kernel, group, LX_SIGHUP);
	signal_post_group(kernel, group, LX_SIGCONT);
}

void
jobctl_exit(struct vk_process *process)
{
	struct vk_process *child, *parent;

	parent = process->parent;
	if (parent != NULL && parent->pgid != process->pgid &&
	    parent->sid == process->sid)
		group_orphan(process, process->pgid);
	for (child = process->kernel->first; child != NULL; child = child->next)
		if (child->parent == process && !child->exited &&
		    child->pgid != process->pgid && child->sid == process->sid)
			group_orphan(process, child->pgid);
	if (process->sid == process->pid)
		tty_session_end(process);
}

/* What a terminal sends is for its foreground group. */
static void
post_terminal(struct vk_kernel *kernel, int signal)
{
	int group;

	group = tty_foreground(kernel);
	if (signal == LX_SIGTSTP && kernel->process != NULL &&
	    kernel->process->pgid == group)
		kernel->stopped_by_terminal = true;
	signal_post_group(kernel, group, signal);
}

static void
kill_all(struct vk_kernel *kernel, int signal)
{
	struct vk_process *process;

	for (process = kernel->first; process != NULL; process = process->next)
		if (!process->zombie)
			process_kill(process, signal);
}

/* What somebody sends to this host process is for the group of the program. */
static void
post_program(struct vk_kernel *kernel, int signal)
{
	if (kernel->process != NULL)
		signal_post_group(kernel, kernel->process->pgid, signal);
}

static const uint64_t enders =
    (UINT64_C(1) << (LX_SIGHUP - 1)) | (UINT64_C(1) << (LX_SIGINT - 1)) |
    (UINT64_C(1) << (LX_SIGQUIT - 1)) | (UINT64_C(1) << (LX_SIGTERM - 1));

/* True when the end of the program is what a signal of the host asked for;
 * shells that end themselves after SIGINT have status 130. */
static bool
was_asked_to_end(const struct vk_process *process)
{
	const uint64_t always = signal_bit(LX_SIGHUP) | signal_bit(LX_SIGTERM);
	uint64_t told;

	told = process->kernel->host_told;
	if ((told & always) != 0)
		return true;
	if (process->exit_signal != 0)
		return (told & signal_bit(process->exit_signal)) != 0;
	return (told & signal_bit(LX_SIGINT)) != 0 &&
	       process->exit_status == 128 + LX_SIGINT;
}

/* What the program left behind in the background ends with it then. */
void
jobctl_program_ended(struct vk_process *process)
{
	if (was_asked_to_end(process))
		kill_all(process->kernel, LX_SIGKILL);
}

/* Three SIGQUIT within a second end the run, whoever ignores them. */
static void
quit_count(struct vk_kernel *kernel)
{
	if (hostsig_is_insistent(kernel->hostsig))
		kill_all(kernel, LX_SIGQUIT);
}

void
jobctl_from_host(struct vk_kernel *kernel, const struct vk_hostsig_bits *bits)
{
	uint64_t all;
	int signal;

	all = bits->terminal | bits->others;
	kernel->host_told |= all & enders;
	if (kernel->process == NULL && (all & enders) != 0)
		kill_all(kernel, LX_SIGKILL);
	for (signal = 1; signal <= LX_NSIG; signal++) {
		if ((bits->terminal & signal_bit(signal)) != 0)
			post_terminal(kernel, signal);
		if ((bits->others & signal_bit(signal)) != 0)
			post_program(kernel, signal);
	}
	if ((all & signal_bit(LX_SIGQUIT)) != 0)
		quit_count(kernel);
}

bool
jobctl_idle(struct vk_kernel *kernel)
{
	const struct vk_process *process;
	bool any;

	signal_collect(kernel);
	any = false;
	for (process = kernel->first; process != NULL;
	     process = process->next) {
		if (process->zombie)
			continue;
		if (process->stop_signal == 0)
			return false;
		any = true;
	}
	if (any && kernel->process != NULL)
		terminal_suspend(kernel, kernel->process->stop_signal);
	return any && kernel->process != NULL;
}
