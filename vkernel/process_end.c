/* SPDX-License-Identifier: BSD-2-Clause */
/* The end of processes and threads, and who hears of it. */
#include "vkernel/process.h"

#include "vkernel/futex.h"
#include "vkernel/jobctl.h"
#include "vkernel/kernel.h"
#include "vkernel/strace.h"
#include "vkernel/sysv.h"

void
process_exit(struct vk_process *process, int status)
{
	if (process->exited)
		return;
	process->exited = true;
	process->exit_status = status & 0xff;
	process->kernel->reap = true;
}

void
process_kill(struct vk_process *process, int signal)
{
	if (process->exited)
		return;
	process->exited = true;
	process->exit_signal = signal;
	process->dumped = signal_dumps(signal) &&
			  process->limits[LX_RLIMIT_CORE].rlim_cur != 0;
	process->kernel->reap = true;
}

void
thread_exit(struct vk_thread *thread, int status)
{
	if (thread->exited)
		return;
	if (thread->process->thread_count == 1) {
		process_exit(thread->process, status);
		return;
	}
	thread->exited = true;
	thread->exit_status = status & 0xff;
	thread->process->thread_count--;
	thread->process->kernel->reap = true;
	futex_thread_exit(thread);
	signal_thread_exit(thread);
}

/* The leader stays: the process has its number. */
void
process_reap_threads(struct vk_process *process)
{
	struct vk_thread *next, *thread;

	for (thread = process->threads; thread != NULL; thread = next) {
		next = thread->sibling;
		if (!thread->exited || thread->state == THREAD_GONE)
			continue;
		if (process->kernel->strace != NULL)
			strace_end(process->kernel->strace, thread);
		if (thread != process->thread) {
			thread_destroy(thread);
			continue;
		}
		sched_remove(thread);
		ptrace_tracer_ends(thread);
	}
}

void
process_kill_others(struct vk_thread *thread)
{
	struct vk_process *process;
	struct vk_thread *next, *other;

	process = thread->process;
	for (other = process->threads; other != NULL; other = next) {
		next = other->sibling;
		if (other == thread)
			continue;
		if (!other->exited)
			futex_thread_exit(other);
		thread_destroy(other);
	}
	process->thread = thread;
	thread->tid = process->pid;
}

/* The nearest ancestor that takes orphans; NULL: nobody waits for them. */
static struct vk_process *
subreaper_of(struct vk_process *process)
{
	do
		process = process->parent;
	while (process != NULL && (!process->subreaper || process->exited));
	return process;
}

static bool
parent_ignores(const struct vk_process *process)
{
	const struct lx_sigaction *action;

	if (process->end_signal != LX_SIGCHLD)
		return false;
	action = &process->parent->actions->rows[LX_SIGCHLD];
	return action->handler == LX_SIG_IGN ||
	       (action->flags & LX_SA_NOCLDWAIT) != 0;
}

/* A zombie's parent hears of it; one without is gone. */
static void
process_leave(struct vk_process *process)
{
	struct vk_process *parent;

	parent = process->parent;
	if (parent == NULL) {
		process_release(process);
		return;
	}
	jobctl_tell_exit(process);
	if (parent_ignores(process))
		process_release(process);
	queue_wake(&parent->children);
}

static void
child_orphan(struct vk_process *child, struct vk_process *reaper)
{
	child->parent = reaper;
	child->ppid = reaper == NULL ? 1 : reaper->pid;
	if (child->death_signal != 0 && !child->zombie)
		signal_post(child, child->death_signal);
	child->end_signal = LX_SIGCHLD;
	if (child->zombie)
		process_leave(child);
}

static void
children_orphan(struct vk_process *parent)
{
	struct vk_process *child, *next, *reaper;

	reaper = subreaper_of(parent);
	for (child = parent->kernel->first; child != NULL; child = next) {
		next = child->next;
		if (child->parent == parent)
			child_orphan(child, reaper);
	}
}

static void
result_set(struct vk_process *process)
{
	struct vk_result *result;

	result = process->kernel->result;
	if (process->kernel->ended)
		return;
	result->end = process->exit_signal != 0 ? VK_END_SIGNAL : VK_END_EXIT;
	result->value = process->exit_signal != 0 ? process->exit_signal
						  : process->exit_status;
}

void
process_vfork_done(struct vk_process *process)
{
	process->vforked = false;
	queue_wake(&process->vfork);
}

/* The leader is the last to end. */
static void
strace_ends(const struct vk_process *process)
{
	struct vk_strace *strace;
	struct vk_thread *thread;

	strace = process->kernel->strace;
	if (strace == NULL)
		return;
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		if (thread != process->thread)
			strace_end(strace, thread);
	if (process->thread != NULL)
		strace_end(strace, process->thread);
}

void
process_reap(struct vk_process *process)
{
	struct vk_kernel *kernel;
	struct vk_thread *thread;

	kernel = process->kernel;
	strace_ends(process);
	for (thread = process->threads; thread != NULL;
	     thread = thread->sibling)
		if (!thread->exited)
			futex_thread_exit(thread);
	sysv_exit(process);
	process_close(process);
	process->zombie = true;
	process_vfork_done(process);
	jobctl_exit(process);
	queue_wake(&kernel->exits);
	children_orphan(process);
	if (process == kernel->process) {
		result_set(process);
		jobctl_program_ended(process);
	}
	process_leave(process);
}
