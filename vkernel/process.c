/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes and threads as objects: what they own and share, born by fork. */
#include "vkernel/process.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/kernel.h"
#include "vkernel/strace.h"
#include "vkernel/sysv.h"

#define PID_MAX 4194304

struct vk_fs *
fs_create(int cwd_fd, int umask)
{
	struct vk_fs *fs;

	fs = calloc(1, sizeof(*fs));
	if (fs == NULL)
		return NULL;
	fs->refs = 1;
	fs->cwd_fd = cwd_fd;
	fs->umask = umask;
	return fs;
}

static struct vk_fs *
fs_copy(const struct vk_fs *fs)
{
	struct vk_fs *copy;
	int fd;

	fd = fs->cwd_fd < 0 ? -1 : os_dup(fs->cwd_fd);
	if (fd < 0 && fs->cwd_fd >= 0)
		return NULL;
	copy = fs_create(fd, fs->umask);
	if (copy == NULL) {
		if (fd >= 0)
			close(fd);
		return NULL;
	}
	copy->cwd_mount = fs->cwd_mount;
	copy->cwd_node = fs->cwd_node;
	return copy;
}

static void
fs_drop(struct vk_fs *fs)
{
	if (fs == NULL || --fs->refs != 0)
		return;
	if (fs->cwd_fd >= 0)
		close(fs->cwd_fd);
	free(fs);
}

static struct vk_actions *
actions_copy(const struct vk_actions *actions)
{
	struct vk_actions *copy;

	copy = malloc(sizeof(*copy));
	if (copy == NULL)
		return NULL;
	*copy = *actions;
	copy->refs = 1;
	return copy;
}

static void
actions_drop(struct vk_actions *actions)
{
	if (actions != NULL && --actions->refs == 0)
		free(actions);
}

int
process_unshare_actions(struct vk_process *process)
{
	struct vk_actions *copy;

	if (process->actions->refs == 1)
		return 0;
	copy = actions_copy(process->actions);
	if (copy == NULL)
		return LX_ENOMEM;
	actions_drop(process->actions);
	process->actions = copy;
	return 0;
}

int
process_unshare_fds(struct vk_process *process)
{
	struct vk_fds *copy;

	if (process->fds->refs == 1)
		return 0;
	copy = fds_copy(process->fds);
	if (copy == NULL)
		return LX_ENOMEM;
	fds_drop(process->fds);
	process->fds = copy;
	return 0;
}

int
process_unshare_fs(struct vk_process *process)
{
	struct vk_fs *copy;

	if (process->fs->refs == 1)
		return 0;
	copy = fs_copy(process->fs);
	if (copy == NULL)
		return LX_ENOMEM;
	fs_drop(process->fs);
	process->fs = copy;
	return 0;
}

struct vk_process *
process_lookup(const struct vk_kernel *kernel, int pid)
{
	struct vk_process *process;

	for (process = kernel->first; process != NULL; process = process->next)
		if (process->pid == pid)
			return process;
	return NULL;
}

struct vk_thread *
thread_lookup(const struct vk_kernel *kernel, int tid)
{
	const struct vk_process *process;
	struct vk_thread *thread;

	for (process = kernel->first; process != NULL; process = process->next)
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling)
			if (thread->tid == tid && !thread->exited)
				return thread;
	return NULL;
}

/* Groups and sessions keep their numbers while somebody is in them. */
static bool
pid_is_used(const struct vk_kernel *kernel, int pid)
{
	const struct vk_process *process;
	const struct vk_thread *thread;

	for (process = kernel->first; process != NULL;
	     process = process->next) {
		if (process->pid == pid || process->pgid == pid ||
		    process->sid == pid)
			return true;
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling)
			if (thread->tid == pid)
				return true;
	}
	return false;
}

static int
pid_take(struct vk_kernel *kernel)
{
	do
		if (++kernel->last_pid >= PID_MAX)
			kernel->last_pid = 300;
	while (pid_is_used(kernel, kernel->last_pid));
	return kernel->last_pid;
}

int
thread_create(struct vk_process *process, struct vk_thread **out)
{
	struct vk_thread *thread, **link;

	thread = calloc(1, sizeof(*thread));
	if (thread == NULL)
		return LX_ENOMEM;
	thread->process = process;
	thread->lwp = process->kernel->lwp;
	thread->traced_rip = UINT64_MAX;
	thread->restart_call.nr = UINT64_MAX;
	thread->tid = process->pid;
	if (process->threads != NULL)
		thread->tid = pid_take(process->kernel);
	else
		process->thread = thread;
	for (link = &process->threads; *link != NULL; link = &(*link)->sibling)
		continue;
	*link = thread;
	process->thread_count++;
	process->kernel->thread_count++;
	process->kernel->result->threads++;
	*out = thread;
	return 0;
}

void
thread_destroy(struct vk_thread *thread)
{
	struct vk_process *process;
	struct vk_thread **link;

	process = thread->process;
	sched_remove(thread);
	ptrace_tracer_ends(thread);
	ptrace_tracee_ends(thread);
	if (!thread->exited)
		process->thread_count--;
	process->kernel->thread_count--;
	process->cpu_ns += thread->cpu_ns;
	ptimers_thread_gone(thread);
	pending_forget(process->kernel, &thread->pending, UINT64_MAX);
	for (link = &process->threads; *link != thread;
	     link = &(*link)->sibling)
		continue;
	*link = thread->sibling;
	if (process->thread == thread)
		process->thread = NULL;
	if (thread->strace != NULL)
		strace_forget(process->kernel->strace, thread);
	free(thread);
}

static void
process_link(struct vk_process *process)
{
	struct vk_kernel *kernel;
	struct vk_process *last;

	kernel = process->kernel;
	for (last = kernel->first; last != NULL && last->next != NULL;)
		last = last->next;
	process->previous = last;
	if (last != NULL)
		last->next = process;
	else
		kernel->first = process;
	kernel->process_count++;
}

static void
process_unlink(struct vk_process *process)
{
	if (process->previous != NULL)
		process->previous->next = process->next;
	else
		process->kernel->first = process->next;
	if (process->next != NULL)
		process->next->previous = process->previous;
	process->kernel->process_count--;
}

struct vk_process *
process_alloc(struct vk_kernel *kernel, int pid)
{
	struct vk_process *process;

	process = calloc(1, sizeof(*process));
	if (process == NULL)
		return NULL;
	process->kernel = kernel;
	process->pid = pid;
	process->end_signal = LX_SIGCHLD;
	process->start_ns = clock_now(kernel);
	process_link(process);
	kernel->result->processes++;
	return process;
}

void
process_close(struct vk_process *process)
{
	struct vk_thread *next, *thread;

	for (thread = process->threads; thread != NULL; thread = next) {
		next = thread->sibling;
		thread_destroy(thread);
	}
	ptrace_forget(process);
	ptimers_finish(process);
	pending_forget(process->kernel, &process->pending, UINT64_MAX);
	mm_drop(process->mm);
	fds_drop(process->fds);
	fs_drop(process->fs);
	actions_drop(process->actions);
	process->mm = NULL;
	process->fds = NULL;
	process->fs = NULL;
	process->actions = NULL;
}

void
process_release(struct vk_process *process)
{
	queue_wake(&process->children);
	queue_wake(&process->vfork);
	queue_wake(&process->signals);
	sysv_exit(process);
	process_close(process);
	process_unlink(process);
	if (process->kernel->process == process)
		process->kernel->process = NULL;
	free(process);
}

/* What fork copies as it is. */
static void
process_copy(struct vk_process *child, const struct vk_process *parent)
{
	child->pgid = parent->pgid;
	child->sid = parent->sid;
	child->cred = parent->cred;
	memcpy(child->limits, parent->limits, sizeof(child->limits));
	memcpy(child->exe, parent->exe, sizeof(child->exe));
	child->exe_dev = parent->exe_dev;
	child->exe_ino = parent->exe_ino;
	child->load_bias = parent->load_bias;
	child->undumpable = parent->undumpable;
	child->personality = parent->personality;
	child->oom_adj = parent->oom_adj;
	child->no_new_privs = parent->no_new_privs;
	child->keep_caps = parent->keep_caps;
	child->no_huge_pages = parent->no_huge_pages;
	child->membarriers = parent->membarriers;
	child->arg_start = parent->arg_start;
	child->arg_end = parent->arg_end;
	child->env_start = parent->env_start;
	child->env_end = parent->env_end;
	child->auxv_start = parent->auxv_start;
	child->auxv_end = parent->auxv_end;
}

static int
process_share(
    struct vk_process *child, const struct vk_process *parent, uint64_t flags)
{
	if ((flags & LX_CLONE_FILES) != 0)
		child->fds = fds_ref(parent->fds);
	else
		child->fds = fds_copy(parent->fds);
	if ((flags & LX_CLONE_SIGHAND) != 0) {
		child->actions = parent->actions;
		child->actions->refs++;
	} else {
		child->actions = actions_copy(parent->actions);
	}
	if (child->fds == NULL || child->actions == NULL)
		return LX_ENOMEM;
	if ((flags & LX_CLONE_FS) != 0) {
		child->fs = parent->fs;
		child->fs->refs++;
	} else {
		child->fs = fs_copy(parent->fs);
	}
	if (child->fs == NULL)
		return LX_EAGAIN;
	if ((flags & LX_CLONE_VM) == 0)
		return mm_fork(parent->mm, &child->mm);
	child->mm = mm_ref(parent->mm);
	return 0;
}

void
thread_copy(struct vk_thread *child, struct vk_thread *parent, uint64_t flags)
{
	child->tf = parent->tf;
	child->vf = parent->vf;
	sched_getfp(parent, child->fp);
	child->mask = parent->restore_mask ? parent->saved_mask : parent->mask;
	if ((flags & (LX_CLONE_VM | LX_CLONE_VFORK)) != LX_CLONE_VM)
		child->altstack = parent->altstack;
	if ((flags & LX_CLONE_VM) == 0)
		child->rseq = parent->rseq;
	memcpy(child->name, parent->name, sizeof(child->name));
	child->ioprio = parent->ioprio;
	child->timerslack_ns = parent->timerslack_ns;
	if (parent->reset_on_fork) {
		child->nice = parent->nice < 0 ? 0 : parent->nice;
		return;
	}
	child->policy = parent->policy;
	child->priority = parent->priority;
	child->nice = parent->nice;
}

int
process_fork(struct vk_thread *parent, uint64_t flags, struct vk_process **out)
{
	struct vk_kernel *kernel;
	struct vk_process *child;
	struct vk_thread *thread;
	int error;

	kernel = parent->process->kernel;
	child = process_alloc(kernel, pid_take(kernel));
	if (child == NULL)
		return LX_ENOMEM;
	process_copy(child, parent->process);
	child->parent = parent->process;
	if ((flags & LX_CLONE_PARENT) != 0)
		child->parent = parent->process->parent;
	child->ppid =
	    child->parent == NULL ? parent->process->ppid : child->parent->pid;
	child->end_signal = (flags & LX_CLONE_PARENT) != 0
				? parent->process->end_signal
				: (int)(flags & LX_CSIGNAL);
	child->vforked = (flags & LX_CLONE_VFORK) != 0;
	error = process_share(child, parent->process, flags);
	if (error == 0)
		error = thread_create(child, &thread);
	if (error != 0) {
		process_release(child);
		return error;
	}
	thread_copy(thread, parent, flags);
	*out = child;
	return 0;
}
