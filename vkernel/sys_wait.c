/* SPDX-License-Identifier: BSD-2-Clause */
/* wait4 and waitid: how children changed. */
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/pidfd.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define P_ALL   0
#define P_PID   1
#define P_PGID  2
#define P_PIDFD 3

struct waiting {
	struct vk_thread *thread;
	int type; /* P_ */
	int id;
	uint64_t options;
	struct vk_process *found; /* a child; NULL: none, or a tracee */
	int tracee;               /* its number, 0: none */
	uint32_t uid;
	int code, status; /* CLD_ and what goes with it */
};

static bool
is_meant(const struct waiting *waiting, const struct vk_process *child)
{
	uint64_t options;

	if (child->parent != waiting->thread->process)
		return false;
	if (waiting->type == P_PID && child->pid != waiting->id)
		return false;
	if (waiting->type == P_PGID && child->pgid != waiting->id)
		return false;
	options = waiting->options;
	if ((options & LX_WALL) != 0)
		return true;
	return ((options & LX_WCLONE) != 0) ==
	       (child->end_signal != LX_SIGCHLD);
}

/* Its stops are told as those of a tracee. */
static bool
is_traced(const struct waiting *waiting, const struct vk_process *child)
{
	const struct vk_thread *tracer;

	tracer = child->thread == NULL ? NULL : child->thread->ptrace.tracer;
	return tracer != NULL && tracer->process == waiting->thread->process;
}

static bool
has_changed(struct waiting *waiting, const struct vk_process *child)
{
	if (child->zombie && (waiting->options & LX_WEXITED) != 0) {
		waiting->code = LX_CLD_EXITED;
		waiting->status = child->exit_status;
		if (child->exit_signal != 0) {
			waiting->code =
			    child->dumped ? LX_CLD_DUMPED : LX_CLD_KILLED;
			waiting->status = child->exit_signal;
		}
		return true;
	}
	if (child->stop_signal != 0 && !child->stop_told && !child->zombie &&
	    (waiting->options & LX_WSTOPPED) != 0 &&
	    !is_traced(waiting, child)) {
		waiting->code = LX_CLD_STOPPED;
		waiting->status = child->stop_signal;
		return true;
	}
	if (child->continued && (waiting->options & LX_WCONTINUED) != 0) {
		waiting->code = LX_CLD_CONTINUED;
		waiting->status = LX_SIGCONT;
		return true;
	}
	return false;
}

/* The same of tracees, whose stops every wait hears of. */
static int
look_at_tracees(struct waiting *waiting)
{
	struct ptrace_look look = { .waiter = waiting->thread,
		.tid = waiting->type == P_PID ? waiting->id : 0,
		.pgid = waiting->type == P_PGID ? waiting->id : 0,
		.own = (waiting->options & LX_WNOTHREAD) != 0,
		.ends = (waiting->options & LX_WEXITED) != 0,
		.keep = (waiting->options & LX_WNOWAIT) != 0 };
	int error;

	error = ptrace_look(&look);
	waiting->tracee = look.found;
	waiting->uid = look.uid;
	waiting->code = look.code;
	waiting->status = look.status;
	return error;
}

/* LX_ECHILD: nobody is meant; 0: found, or wait. */
static int
look_at_children(struct waiting *waiting)
{
	struct vk_process *child;
	int error;

	error = LX_ECHILD;
	for (child = waiting->thread->process->kernel->first; child != NULL;
	     child = child->next) {
		if (!is_meant(waiting, child))
			continue;
		error = 0;
		if (has_changed(waiting, child)) {
			waiting->found = child;
			break;
		}
	}
	return error;
}

static int
wait_look(struct waiting *waiting)
{
	int error;

	error = look_at_children(waiting);
	if (waiting->found == NULL && look_at_tracees(waiting) == 0)
		error = 0;
	return error;
}

static int
found_pid(const struct waiting *waiting)
{
	return waiting->found == NULL ? waiting->tracee : waiting->found->pid;
}

static void
usage_of(const struct vk_process *child, struct lx_rusage *usage)
{
	memset(usage, 0, sizeof(*usage));
	if (child == NULL)
		return;
	usage->ru_utime = timeval_of_ns(child->cpu_ns + child->children_cpu_ns);
}

/* It is told once. */
static void
wait_consume(const struct waiting *waiting)
{
	struct vk_process *child, *parent;

	child = waiting->found;
	parent = waiting->thread->process;
	if (child == NULL || (waiting->options & LX_WNOWAIT) != 0)
		return;
	switch (waiting->code) {
	case LX_CLD_STOPPED:
		child->stop_told = true;
		break;
	case LX_CLD_CONTINUED:
		child->continued = false;
		break;
	default:
		parent->children_cpu_ns +=
		    child->cpu_ns + child->children_cpu_ns;
		process_release(child);
	}
}

static int
status_word(const struct waiting *waiting)
{
	switch (waiting->code) {
	case LX_CLD_EXITED:
		return waiting->status << 8;
	case LX_CLD_DUMPED:
		return waiting->status | 0x80;
	case LX_CLD_STOPPED:
	case LX_CLD_TRAPPED:
		return waiting->status << 8 | 0x7f;
	case LX_CLD_CONTINUED:
		return 0xffff;
	default:
		return waiting->status;
	}
}

static int64_t
wait_for_child(struct waiting *waiting)
{
	int error;

	error = wait_look(waiting);
	if (error != 0)
		return -error;
	if (found_pid(waiting) != 0 || (waiting->options & LX_WNOHANG) != 0)
		return 0;
	wait_queue(waiting->thread, &waiting->thread->process->children);
	error = wait_park(waiting->thread);
	return error == LX_EINTR ? -LX_ERESTART : -error;
}

int64_t
sys_wait4(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t known = LX_WNOHANG | LX_WUNTRACED | LX_WCONTINUED |
			       LX_WNOTHREAD | LX_WALL | LX_WCLONE;
	struct waiting waiting = { .thread = thread, .type = P_PID };
	struct lx_rusage usage;
	int32_t status;
	int64_t result;
	int pid;

	pid = (int)args[0];
	if (((uint32_t)args[2] & ~known) != 0)
		return -LX_EINVAL;
	if (pid == INT32_MIN)
		return -LX_ESRCH;
	waiting.options = (uint32_t)args[2] | LX_WEXITED;
	waiting.id = pid;
	if (pid == -1)
		waiting.type = P_ALL;
	else if (pid <= 0)
		waiting.type = P_PGID;
	if (pid == 0)
		waiting.id = thread->process->pgid;
	else if (pid < -1)
		waiting.id = -pid;
	result = wait_for_child(&waiting);
	if (result != 0 || found_pid(&waiting) == 0)
		return result;
	result = found_pid(&waiting);
	status = status_word(&waiting);
	usage_of(waiting.found, &usage);
	wait_consume(&waiting);
	if (args[1] != 0 &&
	    copyout(thread->process->mm, args[1], &status, sizeof(status)) != 0)
		return -LX_EFAULT;
	if (args[3] != 0 &&
	    copyout(thread->process->mm, args[3], &usage, sizeof(usage)) != 0)
		return -LX_EFAULT;
	return result;
}

/* Only the fields that waitid() writes. */
static int
waitid_out(struct vk_thread *thread, const struct waiting *waiting, uint64_t va,
    int pid, uint32_t uid)
{
	int32_t words[7];

	memset(words, 0, sizeof(words));
	if (pid != 0) {
		words[0] = LX_SIGCHLD;
		words[2] = waiting->code;
		words[4] = pid;
		words[5] = (int32_t)uid;
		words[6] = waiting->status;
	}
	return copyout(thread->process->mm, va, words, sizeof(words));
}

int64_t
sys_waitid(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t known = LX_WNOHANG | LX_WNOWAIT | LX_WEXITED |
			       LX_WSTOPPED | LX_WCONTINUED | LX_WNOTHREAD |
			       LX_WALL | LX_WCLONE;
	struct waiting waiting = { .thread = thread,
		.type = (int)args[0],
		.id = (int)args[1],
		.options = (uint32_t)args[3] };
	struct lx_rusage usage;
	int64_t result;
	bool nonblocking;
	uint32_t uid;
	int error, pid;

	nonblocking = false;
	if ((waiting.options & ~known) != 0 ||
	    (waiting.options & (LX_WEXITED | LX_WSTOPPED | LX_WCONTINUED)) == 0)
		return -LX_EINVAL;
	if (waiting.type == P_PIDFD) {
		if (waiting.id < 0)
			return -LX_EINVAL;
		error =
		    pidfd_lookup(thread, waiting.id, &waiting.id, &nonblocking);
		if (error != 0)
			return -error;
		waiting.type = P_PID;
		if (nonblocking)
			waiting.options |= LX_WNOHANG;
		if (waiting.id == 0)
			return -LX_ECHILD;
	}
	if (waiting.type < P_ALL || waiting.type > P_PGID ||
	    (waiting.type == P_PID && waiting.id <= 0) ||
	    (waiting.type == P_PGID && waiting.id < 0))
		return -LX_EINVAL;
	if (waiting.type == P_PGID && waiting.id == 0)
		waiting.id = thread->process->pgid;
	result = wait_for_child(&waiting);
	if (result != 0)
		return result;
	pid = found_pid(&waiting);
	if (nonblocking && pid == 0)
		return -LX_EAGAIN;
	uid = waiting.uid;
	if (waiting.found != NULL)
		uid = waiting.found->cred.user.real;
	usage_of(waiting.found, &usage);
	wait_consume(&waiting);
	if (args[4] != 0 &&
	    copyout(thread->process->mm, args[4], &usage, sizeof(usage)) != 0)
		return -LX_EFAULT;
	if (args[2] != 0 &&
	    waitid_out(thread, &waiting, args[2], pid, uid) != 0)
		return -LX_EFAULT;
	return 0;
}
