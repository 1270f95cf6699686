/* SPDX-License-Identifier: BSD-2-Clause */
/* fork, vfork, clone and clone3: checks in the order of kernel/fork.c. */
#include <string.h>

#include "vkernel/pidfd.h"
#include "vkernel/process.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define CLONE_NAMESPACES                                                       \
	(LX_CLONE_NEWNS | LX_CLONE_NEWCGROUP | LX_CLONE_NEWUTS |               \
	    LX_CLONE_NEWIPC | LX_CLONE_NEWUSER | LX_CLONE_NEWPID |             \
	    LX_CLONE_NEWNET)
#define CLONE_ARGS_MIN  64
#define THREADS_MAX     32768
#define CLONE_ARGS_MOST 4096

static int
clone_check(const struct lx_clone_args *args)
{
	uint64_t flags;

	flags = args->flags;
	if ((flags & LX_CLONE_FS) != 0 &&
	    (flags & (LX_CLONE_NEWNS | LX_CLONE_NEWUSER)) != 0)
		return LX_EINVAL;
	if ((flags & LX_CLONE_THREAD) != 0 && (flags & LX_CLONE_SIGHAND) == 0)
		return LX_EINVAL;
	if ((flags & LX_CLONE_SIGHAND) != 0 && (flags & LX_CLONE_VM) == 0)
		return LX_EINVAL;
	if ((flags & (LX_CLONE_SIGHAND | LX_CLONE_CLEAR_SIGHAND)) ==
	    (LX_CLONE_SIGHAND | LX_CLONE_CLEAR_SIGHAND))
		return LX_EINVAL;
	if ((flags & LX_CLONE_THREAD) != 0 &&
	    (flags & (LX_CLONE_NEWUSER | LX_CLONE_NEWPID)) != 0)
		return LX_EINVAL;
	if ((flags & CLONE_NAMESPACES) != 0)
		return LX_EPERM;
	if ((flags & LX_CLONE_PIDFD) != 0 &&
	    (flags & (LX_CLONE_DETACHED | LX_CLONE_THREAD)) != 0)
		return LX_EINVAL;
	if ((flags & LX_CLONE_INTO_CGROUP) != 0)
		return LX_EINVAL;
	if ((flags & LX_CLONE_SETTLS) != 0 && args->tls >= MM_VA_END)
		return LX_EPERM;
	return 0;
}

/* The limit is one of a user's threads, and none of the superuser's. */
static bool
too_many(const struct vk_process *process)
{
	const struct vk_process *other;
	uint64_t count;

	if (process->kernel->thread_count >= THREADS_MAX)
		return true;
	if (process->cred.user.effective == 0 ||
	    process->limits[LX_RLIMIT_NPROC].rlim_cur == LX_RLIM_INFINITY)
		return false;
	count = 0;
	for (other = process->kernel->first; other != NULL; other = other->next)
		if (other->cred.user.real == process->cred.user.real)
			count += other->zombie ? 1 : other->thread_count;
	return count >= process->limits[LX_RLIMIT_NPROC].rlim_cur;
}

/* One more process or thread than --max-procs ends the run. */
static bool
over_budget(struct vk_kernel *kernel)
{
	unsigned count;

	count = kernel->process_count > kernel->thread_count
		    ? kernel->process_count
		    : kernel->thread_count;
	if (kernel->options->max_procs == 0 ||
	    count < kernel->options->max_procs)
		return false;
	kernel_limit(kernel, VK_LIMIT_PROCS);
	return true;
}

/* What is set up in the new thread before it runs. */
static void
clone_start(struct vk_thread *child, const struct lx_clone_args *args)
{
	struct trapframe *tf;
	int32_t tid;

	tf = &child->tf;
	tf->tf_rax = 0;
	if (args->stack != 0)
		tf->tf_rsp = (int64_t)(args->stack + args->stack_size);
	if ((args->flags & LX_CLONE_SETTLS) != 0)
		child->vf.vx_tls.info[0].base = (void *)(uintptr_t)args->tls;
	if ((args->flags & LX_CLONE_CHILD_CLEARTID) != 0)
		child->clear_child_tid = args->child_tid;
	tid = child->tid;
	if ((args->flags & LX_CLONE_CHILD_SETTID) != 0)
		copyout(child->process->mm, args->child_tid, &tid, sizeof(tid));
	sched_add(child);
}

static int
clone_make(struct vk_thread *thread, const struct lx_clone_args *args,
    struct vk_thread **out)
{
	struct vk_process *process;
	int error;

	if ((args->flags & LX_CLONE_THREAD) == 0) {
		error = process_fork(
		    thread, args->flags | args->exit_signal, &process);
		if (error == 0)
			*out = process->thread;
		return error;
	}
	error = thread_create(thread->process, out);
	if (error == 0)
		thread_copy(*out, thread, args->flags);
	return error;
}

static void
actions_clear(struct vk_actions *actions)
{
	int signal;

	for (signal = 1; signal <= LX_NSIG; signal++)
		if (actions->rows[signal].handler != LX_SIG_IGN)
			actions->rows[signal].handler = LX_SIG_DFL;
}

/* The parent of a vfork waits until its child has no more use for its
 * memory. */
static int64_t
vfork_wait(struct vk_thread *thread)
{
	struct vk_process *child;
	int pid;

	pid = (int)thread->wait.state[0];
	child = process_lookup(thread->process->kernel, pid);
	if (child == NULL || !child->vforked)
		return pid;
	wait_queue(thread, &child->vfork);
	return -wait_park_unbroken(thread);
}

/* The parent has it, and the child has not. */
static int
clone_pidfd(struct vk_thread *thread, const struct lx_clone_args *args,
    const struct vk_process *child)
{
	int32_t fd;

	if ((args->flags & LX_CLONE_PIDFD) == 0)
		return 0;
	fd = pidfd_create(thread, child, 0);
	if (fd < 0)
		return -fd;
	if (copyout(thread->process->mm, args->pidfd, &fd, sizeof(fd)) == 0)
		return 0;
	fds_close(thread->process->fds, fd);
	return LX_EFAULT;
}

static int64_t
do_clone(struct vk_thread *thread, const struct lx_clone_args *args)
{
	struct vk_thread *child;
	int32_t tid;
	int error;

	error = clone_check(args);
	if (error != 0)
		return -error;
	if (too_many(thread->process) || over_budget(thread->process->kernel))
		return -LX_EAGAIN;
	error = clone_make(thread, args, &child);
	if (error != 0)
		return -error;
	error = clone_pidfd(thread, args, child->process);
	if (error != 0) {
		process_release(child->process);
		return -error;
	}
	tid = child->tid;
	if ((args->flags & LX_CLONE_PARENT_SETTID) != 0)
		copyout(
		    thread->process->mm, args->parent_tid, &tid, sizeof(tid));
	if ((args->flags & LX_CLONE_CLEAR_SIGHAND) != 0)
		actions_clear(child->process->actions);
	clone_start(child, args);
	if ((args->flags & LX_CLONE_VFORK) == 0)
		return tid;
	thread->wait.state[0] = (uint64_t)tid;
	return vfork_wait(thread);
}

int64_t
sys_fork(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_clone_args clone = { .exit_signal = LX_SIGCHLD };

	(void)args;
	return do_clone(thread, &clone);
}

int64_t
sys_vfork(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_clone_args clone = { .flags = LX_CLONE_VM | LX_CLONE_VFORK,
		.exit_signal = LX_SIGCHLD };

	(void)args;
	if (thread->wait.again)
		return vfork_wait(thread);
	return do_clone(thread, &clone);
}

int64_t
sys_clone(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_clone_args clone = { .flags = (uint32_t)args[0] & ~LX_CSIGNAL,
		.exit_signal = args[0] & LX_CSIGNAL,
		.stack = args[1],
		.parent_tid = args[2],
		.pidfd = args[2],
		.child_tid = args[3],
		.tls = args[4] };

	if (thread->wait.again)
		return vfork_wait(thread);
	if ((clone.flags & LX_CLONE_PIDFD) != 0 &&
	    (clone.flags & LX_CLONE_PARENT_SETTID) != 0)
		return -LX_EINVAL; /* both would be told at one place */
	return do_clone(thread, &clone);
}

/* Fields that this kernel does not know must be 0. */
static int
clone_args_in(
    struct vk_thread *thread, const uint64_t *args, struct lx_clone_args *out)
{
	uint8_t bytes[CLONE_ARGS_MOST];
	uint64_t i, size;

	size = args[1];
	if (size > CLONE_ARGS_MOST)
		return LX_E2BIG;
	if (size < CLONE_ARGS_MIN)
		return LX_EINVAL;
	if (copyin(thread->process->mm, bytes, args[0], (size_t)size) != 0)
		return LX_EFAULT;
	for (i = sizeof(*out); i < size; i++)
		if (bytes[i] != 0)
			return LX_E2BIG;
	memset(out, 0, sizeof(*out));
	memcpy(out, bytes, size < sizeof(*out) ? (size_t)size : sizeof(*out));
	return 0;
}

static int
clone3_check(const struct lx_clone_args *args)
{
	const uint64_t known = UINT64_C(0x3ffffffff);

	if ((args->flags & ~known) != 0 || (args->flags & LX_CSIGNAL) != 0 ||
	    (args->flags & LX_CLONE_DETACHED) != 0)
		return LX_EINVAL;
	if ((args->flags & (LX_CLONE_THREAD | LX_CLONE_PARENT)) != 0 &&
	    args->exit_signal != 0)
		return LX_EINVAL;
	if (args->exit_signal > LX_NSIG || args->set_tid_size != 0)
		return args->set_tid_size != 0 ? LX_EPERM : LX_EINVAL;
	if ((args->stack == 0) != (args->stack_size == 0))
		return LX_EINVAL;
	return 0;
}

int64_t
sys_clone3(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_clone_args clone;
	int error;

	if (thread->wait.again)
		return vfork_wait(thread);
	error = clone_args_in(thread, args, &clone);
	if (error == 0)
		error = clone3_check(&clone);
	return error != 0 ? -error : do_clone(thread, &clone);
}
