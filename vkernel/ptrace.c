/* SPDX-License-Identifier: BSD-2-Clause */
/* After kernel/ptrace.c and kernel/signal.c of Linux. */
#include "vkernel/ptrace.h"

#include <stdlib.h>
#include <string.h>

#include "vkernel/jobctl.h"
#include "vkernel/kernel.h"

#define EVENT_STOP (128 << 8)

bool
ptrace_may_access(const struct vk_process *self, const struct vk_process *other)
{
	const struct vk_ids *group, *user;
	const struct vk_cred *own;

	own = &self->cred;
	if (self == other || own->user.effective == 0)
		return true;
	user = &other->cred.user;
	group = &other->cred.group;
	return !other->undumpable && own->user.real == user->real &&
	       own->user.real == user->effective &&
	       own->user.real == user->saved &&
	       own->group.real == group->real &&
	       own->group.real == group->effective &&
	       own->group.real == group->saved;
}

static void
link_to(struct vk_thread *thread, struct vk_thread *tracer)
{
	memset(&thread->ptrace, 0, sizeof(thread->ptrace));
	thread->ptrace.tracer = tracer;
	thread->process->kernel->traced++;
}

static void
unlink_from(struct vk_thread *thread)
{
	thread->ptrace.tracer = NULL;
	thread->process->kernel->traced--;
}

/* The tracer hears of a stop; what stops it is kept by the caller. */
static void
stopped(struct vk_thread *thread, int stop)
{
	struct vk_ptrace *ptrace;

	ptrace = &thread->ptrace;
	ptrace->stop = stop;
	ptrace->told = false;
	jobctl_tell_tracer(
	    ptrace->tracer->process, thread, LX_CLD_TRAPPED, stop & 0xff);
}

static struct lx_siginfo
stop_info(void)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = LX_SIGSTOP;
	info.si_code = LX_SI_KERNEL;
	return info;
}

int
ptrace_attach(struct vk_thread *tracer, struct vk_thread *thread, bool seize)
{
	struct lx_siginfo info;

	if (tracer->process == thread->process ||
	    !ptrace_may_access(tracer->process, thread->process) ||
	    thread->process->exited || thread->ptrace.tracer != NULL)
		return LX_EPERM;
	link_to(thread, tracer);
	thread->ptrace.seized = seize;
	if (thread->state == THREAD_STOPPED)
		ptrace_group_stop(thread, thread->process->stop_signal != 0
					      ? thread->process->stop_signal
					      : LX_SIGSTOP);
	if (seize)
		return 0;
	info = stop_info();
	signal_send_thread(thread, &info);
	return 0;
}

int
ptrace_me(struct vk_thread *thread)
{
	struct vk_process *parent;

	parent = thread->process->parent;
	if (thread->ptrace.tracer != NULL || parent == NULL ||
	    parent->thread == NULL)
		return LX_EPERM;
	link_to(thread, parent->thread);
	thread->ptrace.whole = true;
	return 0;
}

bool
ptrace_is_tracer(const struct vk_thread *tracer, const struct vk_thread *thread)
{
	const struct vk_ptrace *ptrace;

	ptrace = &thread->ptrace;
	if (ptrace->tracer == NULL || !ptrace->whole)
		return ptrace->tracer == tracer;
	return ptrace->tracer->process == tracer->process;
}

/* What the tracer gives instead of the signal that came. */
static void
info_replace(struct vk_thread *thread, int signal)
{
	struct lx_siginfo *info;

	info = &thread->ptrace.info;
	if (info->si_signo == signal)
		return;
	memset(info, 0, sizeof(*info));
	info->si_signo = signal;
	info->si_code = LX_SI_USER;
	info->u.rt.pid = thread->ptrace.tracer->process->pid;
	info->u.rt.uid = thread->ptrace.tracer->process->cred.user.real;
}

void
ptrace_go_on(struct vk_thread *thread, int signal, bool detach)
{
	struct vk_ptrace *ptrace;

	ptrace = &thread->ptrace;
	ptrace->act = ptrace->delivers && signal != 0;
	if (ptrace->act)
		info_replace(thread, signal);
	ptrace->delivers = false;
	ptrace->stop = 0;
	if (detach)
		unlink_from(thread);
	signal_look_again(thread);
	if (!detach || thread->process->stop_signal == 0)
		sched_continue(thread);
}

void
ptrace_interrupt(struct vk_thread *thread)
{
	if (thread->ptrace.stop != 0)
		return;
	thread->ptrace.interrupt = true;
	sched_wake(thread);
}

bool
ptrace_is_due(const struct vk_thread *thread)
{
	return thread->ptrace.act || thread->ptrace.interrupt;
}

static void
trap_interrupt(struct vk_thread *thread)
{
	thread->ptrace.interrupt = false;
	if (thread->ptrace.tracer == NULL)
		return;
	sched_stop(thread);
	stopped(thread, LX_SIGTRAP | EVENT_STOP);
}

bool
ptrace_due(struct vk_thread *thread, struct lx_siginfo *info)
{
	if (thread->ptrace.act) {
		thread->ptrace.act = false;
		*info = thread->ptrace.info;
		return true;
	}
	if (thread->ptrace.interrupt)
		trap_interrupt(thread);
	return false;
}

bool
ptrace_stop(struct vk_thread *thread, const struct lx_siginfo *info)
{
	if (thread->ptrace.tracer == NULL || info->si_signo == LX_SIGKILL)
		return false;
	thread->ptrace.info = *info;
	thread->ptrace.delivers = true;
	sched_stop(thread);
	stopped(thread, info->si_signo);
	return true;
}

void
ptrace_group_stop(struct vk_thread *thread, int signal)
{
	if (thread->ptrace.tracer == NULL)
		return;
	thread->ptrace.interrupt = false;
	stopped(thread, thread->ptrace.seized ? signal | EVENT_STOP : signal);
}

void
ptrace_exec(struct vk_thread *thread)
{
	struct lx_siginfo info;

	if (thread->ptrace.tracer == NULL || thread->ptrace.seized)
		return;
	memset(&info, 0, sizeof(info));
	info.si_signo = LX_SIGTRAP;
	info.si_code = LX_SI_USER;
	info.u.rt.pid = thread->process->pid;
	info.u.rt.uid = thread->process->cred.user.real;
	signal_send_thread(thread, &info);
}

static void
tracee_release(struct vk_thread *thread)
{
	if (thread->ptrace.exit_kill)
		process_kill(thread->process, LX_SIGKILL);
	if (thread->ptrace.stop != 0)
		ptrace_go_on(thread, thread->ptrace.info.si_signo, true);
	else
		unlink_from(thread);
}

void
ptrace_tracer_ends(struct vk_thread *thread)
{
	struct vk_process *process;
	struct vk_thread *tracee;

	if (thread->process->kernel->traced == 0)
		return;
	for (process = thread->process->kernel->first; process != NULL;
	     process = process->next)
		for (tracee = process->threads; tracee != NULL;
		     tracee = tracee->sibling)
			if (tracee->ptrace.tracer == thread)
				tracee_release(tracee);
}

static void
end_fill(struct vk_trace_end *end, const struct vk_thread *thread)
{
	const struct vk_process *process;

	process = thread->process;
	end->tracer = thread->ptrace.tracer->tid;
	end->tid = thread->tid;
	end->pgid = process->pgid;
	end->uid = process->cred.user.real;
	end->code = LX_CLD_EXITED;
	end->status =
	    thread->exited ? thread->exit_status : process->exit_status;
	if (process->exit_signal == 0)
		return;
	end->code = process->dumped ? LX_CLD_DUMPED : LX_CLD_KILLED;
	end->status = process->exit_signal;
}

/* The parent hears of its child's end as any parent does. */
static bool
is_told_as_parent(const struct vk_thread *thread)
{
	return thread == thread->process->thread &&
	       thread->process->parent == thread->ptrace.tracer->process;
}

void
ptrace_tracee_ends(struct vk_thread *thread)
{
	struct vk_trace_end *end, **link;
	struct vk_process *tracer;

	if (thread->ptrace.tracer == NULL)
		return;
	tracer = thread->ptrace.tracer->process;
	end = NULL;
	if (!is_told_as_parent(thread) && !tracer->exited)
		end = calloc(1, sizeof(*end));
	if (end != NULL) {
		end_fill(end, thread);
		for (link = &tracer->trace_ends; *link != NULL;
		     link = &(*link)->next)
			continue;
		*link = end;
		jobctl_tell_tracer(tracer, thread, end->code, end->status);
	}
	unlink_from(thread);
}

void
ptrace_forget(struct vk_process *process)
{
	struct vk_trace_end *end;

	while (process->trace_ends != NULL) {
		end = process->trace_ends;
		process->trace_ends = end->next;
		free(end);
	}
}

static bool
is_meant(const struct ptrace_look *look, int tid, int pgid)
{
	return (look->tid == 0 || look->tid == tid) &&
	       (look->pgid == 0 || look->pgid == pgid);
}

/* Sets what is found. */
static void
look_at_thread(struct ptrace_look *look, struct vk_thread *thread)
{
	if (thread->ptrace.stop == 0 || thread->ptrace.told)
		return;
	look->found = thread->tid;
	look->code = LX_CLD_TRAPPED;
	look->status = thread->ptrace.stop;
	look->uid = thread->process->cred.user.real;
	thread->ptrace.told = !look->keep;
}

static bool
traces(const struct ptrace_look *look, const struct vk_thread *thread)
{
	const struct vk_thread *tracer;

	tracer = thread->ptrace.tracer;
	if (tracer == NULL || tracer->process != look->waiter->process)
		return false;
	return (!look->own || tracer == look->waiter) &&
	       is_meant(look, thread->tid, thread->process->pgid);
}

static int
look_at_threads(struct ptrace_look *look)
{
	const struct vk_kernel *kernel;
	const struct vk_process *process;
	struct vk_thread *thread;
	int error;

	kernel = look->waiter->process->kernel;
	error = LX_ECHILD;
	if (kernel->traced == 0)
		return error;
	for (process = kernel->first; process != NULL; process = process->next)
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling) {
			if (look->found != 0 || !traces(look, thread))
				continue;
			error = 0;
			look_at_thread(look, thread);
		}
	return error;
}

static int
look_at_ends(struct ptrace_look *look)
{
	struct vk_trace_end *end, **link;

	for (link = &look->waiter->process->trace_ends; *link != NULL;
	     link = &(*link)->next) {
		end = *link;
		if (!is_meant(look, end->tid, end->pgid) ||
		    (look->own && end->tracer != look->waiter->tid))
			continue;
		if (!look->ends)
			return 0;
		look->found = end->tid;
		look->code = end->code;
		look->status = end->status;
		look->uid = end->uid;
		if (look->keep)
			return 0;
		*link = end->next;
		free(end);
		return 0;
	}
	return LX_ECHILD;
}

int
ptrace_look(struct ptrace_look *look)
{
	int error;

	look->found = 0;
	error = look_at_threads(look);
	if (look->found == 0 && look_at_ends(look) == 0)
		error = 0;
	return error;
}
