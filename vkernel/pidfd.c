/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/pidfd.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define ANON_MODE 0000600u

/* Numbers are used again, but not by one that was born at the same time. */
struct pidfd {
	struct vk_kernel *kernel;
	int pid;
	uint64_t start_ns;
	uint64_t id;
};

/* NULL: gone. */
static struct vk_process *
process_of(const struct pidfd *self)
{
	struct vk_process *process;

	process = process_lookup(self->kernel, self->pid);
	return process != NULL && process->start_ns == self->start_ns ? process
								      : NULL;
}

static short
pidfd_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	const struct vk_process *process;
	const struct pidfd *self;

	self = open->data;
	if (waiter != NULL)
		wait_queue(waiter, &self->kernel->exits);
	process = process_of(self);
	if (process != NULL && !process->zombie)
		return 0;
	return events & (POLLIN | POLLRDNORM);
}

static int64_t
pidfd_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct pidfd *self;

	self = open->data;
	open_stat_own(thread, ANON_MODE, &self->id, st);
	return 0;
}

static void
pidfd_close(struct vk_open *open)
{
	free(open->data);
}

static const struct vk_file_ops pidfd_ops = {
	.name = "anon_inode:[pidfd]",
	.poll = pidfd_poll,
	.stat = pidfd_stat,
	.close = pidfd_close,
};

int
pidfd_create(
    struct vk_thread *thread, const struct vk_process *process, int flags)
{
	struct vk_open *open;
	struct pidfd *self;
	int error;

	self = calloc(1, sizeof(*self));
	if (self == NULL)
		return -LX_ENOMEM;
	self->kernel = process->kernel;
	self->pid = process->pid;
	self->start_ns = process->start_ns;
	error = open_create_ops(
	    &pidfd_ops, self, (flags & LX_O_NONBLOCK) | LX_O_RDWR, &open);
	if (error == 0)
		return (int)open_install(thread, open, LX_O_CLOEXEC);
	free(self);
	return -error;
}

static int
pidfd_get(const struct vk_thread *thread, int fd, const struct pidfd **out)
{
	const struct vk_open *open;

	open = fds_lookup(thread->process->fds, fd);
	if (open == NULL || open->ops != &pidfd_ops)
		return LX_EBADF;
	*out = open->data;
	return 0;
}

int
pidfd_lookup(
    const struct vk_thread *thread, int fd, int *pid, bool *nonblocking)
{
	const struct pidfd *self;
	int error;

	error = pidfd_get(thread, fd, &self);
	if (error != 0)
		return error;
	*pid = process_of(self) == NULL ? 0 : self->pid;
	*nonblocking =
	    open_is_nonblocking(fds_lookup(thread->process->fds, fd));
	return 0;
}

int64_t
sys_pidfd_open(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;
	int pid;

	pid = (int)args[0];
	if (((uint32_t)args[1] & ~(uint32_t)LX_O_NONBLOCK) != 0 || pid <= 0)
		return -LX_EINVAL;
	process = process_lookup(thread->process->kernel, pid);
	if (process != NULL)
		return pidfd_create(thread, process, (int)args[1]);
	return thread_lookup(thread->process->kernel, pid) != NULL ? -LX_EINVAL
								   : -LX_ESRCH;
}

int64_t
sys_pidfd_send_signal(struct vk_thread *thread, const uint64_t *args)
{
	const struct pidfd *self;
	struct lx_siginfo info;
	uint64_t kill_args[3];
	int error;

	if ((uint32_t)args[3] != 0)
		return -LX_EINVAL;
	error = pidfd_get(thread, (int)args[0], &self);
	if (error != 0)
		return -error;
	if (args[2] != 0) {
		if (copyin(thread->process->mm, &info, args[2], sizeof(info)) !=
		    0)
			return -LX_EFAULT;
		if (info.si_signo != (int)args[1])
			return -LX_EINVAL;
	}
	if (process_of(self) == NULL)
		return -LX_ESRCH;
	kill_args[0] = (uint64_t)self->pid;
	kill_args[1] = args[1];
	kill_args[2] = args[2];
	return args[2] == 0 ? sys_kill(thread, kill_args)
			    : sys_rt_sigqueueinfo(thread, kill_args);
}

int64_t
sys_pidfd_getfd(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_process *process;
	const struct pidfd *self;
	struct vk_open *open;
	int error;

	if ((uint32_t)args[2] != 0)
		return -LX_EINVAL;
	error = pidfd_get(thread, (int)args[0], &self);
	if (error != 0)
		return -error;
	process = process_of(self);
	if (process == NULL || process->zombie)
		return -LX_ESRCH;
	open = fds_lookup_any(process->fds, (int)args[1]);
	if (open == NULL)
		return -LX_EBADF;
	return open_install(thread, open_ref(open), LX_O_CLOEXEC);
}
