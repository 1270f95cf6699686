/* SPDX-License-Identifier: BSD-2-Clause */
/* The two ends of a pipe as files, and the calls that make them. */
#include <poll.h>
#include <stddef.h>

#include "vkernel/pipe.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_FIONREAD 0x541b
#define FIFO_MODE   0010600u

static int64_t
file_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	(void)thread;
	return off >= 0 ? -LX_ESPIPE : pipe_read(open->data, iov, count);
}

static int64_t
file_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	(void)thread;
	if (off >= 0)
		return -LX_ESPIPE;
	return pipe_write(
	    open->data, iov, count, (open->flags & LX_O_DIRECT) != 0);
}

static short
file_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct vk_pipe *pipe;
	int now;

	pipe = open->data;
	now = 0;
	if (open_can_read(open)) {
		if (pipe->used != 0)
			now |= POLLIN | POLLRDNORM;
		if (pipe->writers == 0)
			now |= POLLHUP;
		if (waiter != NULL)
			wait_queue(waiter, &pipe->readable);
	}
	if (open_can_write(open)) {
		if (!pipe_is_full(pipe))
			now |= POLLOUT | POLLWRNORM;
		if (pipe->readers == 0)
			now |= POLLERR;
		if (waiter != NULL)
			wait_queue(waiter, &pipe->writable);
	}
	return (short)(now & (events | POLLHUP | POLLERR));
}

static int64_t
file_ioctl(struct vk_thread *thread, struct vk_open *open, uint64_t request,
    uint64_t arg)
{
	int32_t bytes;

	if ((uint32_t)request != LX_FIONREAD)
		return -LX_ENOTTY;
	bytes = (int32_t)pipe_bytes(open->data);
	return -copyout(thread->process->mm, arg, &bytes, sizeof(bytes));
}

static int64_t
file_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct vk_pipe *pipe;

	pipe = open->data;
	open_stat_own(thread, FIFO_MODE, &pipe->id, st);
	return 0;
}

static void
file_close(struct vk_open *open)
{
	struct vk_pipe *pipe;

	pipe = open->data;
	pipe->readers -= open_can_read(open);
	pipe->writers -= open_can_write(open);
	pipe->read_edges++;
	pipe->write_edges++;
	queue_wake(&pipe->readable);
	queue_wake(&pipe->writable);
	if (pipe->readers == 0 && pipe->writers == 0)
		pipe_destroy(pipe);
}

static uint64_t
file_edges(const struct vk_open *open, short events)
{
	const struct vk_pipe *pipe;
	uint64_t sum;

	(void)events;
	pipe = open->data;
	sum = open_can_read(open) ? pipe->read_edges : 0;
	return open_can_write(open) ? sum + pipe->write_edges : sum;
}

static int
file_reopen(struct vk_thread *thread, struct vk_open *open, int flags,
    struct vk_open **out)
{
	(void)thread;
	return pipe_open(open->data,
	    flags & (LX_O_ACCMODE | LX_O_NONBLOCK | LX_O_DIRECT), out);
}

static const struct vk_file_ops pipe_ops = {
	.name = "pipe",
	.read = file_read,
	.write = file_write,
	.poll = file_poll,
	.ioctl = file_ioctl,
	.stat = file_stat,
	.close = file_close,
	.edges = file_edges,
	.reopen = file_reopen,
};

struct vk_pipe *
pipe_of(const struct vk_open *open)
{
	return open->ops == &pipe_ops ? open->data : NULL;
}

int
pipe_open(struct vk_pipe *pipe, int flags, struct vk_open **out)
{
	int error;

	error = open_create_ops(&pipe_ops, pipe, flags, out);
	if (error != 0)
		return error;
	pipe->readers += open_can_read(*out);
	pipe->writers += open_can_write(*out);
	return 0;
}

/* Both ends, or neither. */
static int
pipe_open_both(int flags, struct vk_open *ends[2])
{
	struct vk_pipe *pipe;
	int error;

	pipe = pipe_create();
	if (pipe == NULL)
		return LX_ENOMEM;
	error = pipe_open(pipe, flags, &ends[0]);
	if (error != 0) {
		pipe_destroy(pipe);
		return error;
	}
	error = pipe_open(pipe, flags | LX_O_WRONLY, &ends[1]);
	if (error != 0)
		open_drop(ends[0]);
	return error;
}

static int64_t
pipe_install(struct vk_thread *thread, struct vk_open *ends[2], int flags,
    int32_t fds[2])
{
	int64_t fd;

	fd = open_install(thread, ends[0], flags);
	if (fd < 0) {
		open_drop(ends[1]);
		return fd;
	}
	fds[0] = (int32_t)fd;
	fd = open_install(thread, ends[1], flags);
	fds[1] = (int32_t)fd;
	if (fd < 0)
		fds_close(thread->process->fds, fds[0]);
	return fd < 0 ? fd : 0;
}

static int64_t
do_pipe(struct vk_thread *thread, uint64_t va, uint64_t flags)
{
	const uint64_t known = LX_O_CLOEXEC | LX_O_NONBLOCK | LX_O_DIRECT;
	struct vk_open *ends[2];
	int32_t fds[2];
	int64_t result;
	int error;

	if ((flags & ~known) != 0)
		return -LX_EINVAL;
	error = pipe_open_both((int)flags, ends);
	if (error != 0)
		return -error;
	result = pipe_install(thread, ends, (int)flags, fds);
	if (result < 0)
		return result;
	if (copyout(thread->process->mm, va, fds, sizeof(fds)) == 0)
		return 0;
	fds_close(thread->process->fds, fds[0]);
	fds_close(thread->process->fds, fds[1]);
	return -LX_EFAULT;
}

int64_t
sys_pipe(struct vk_thread *thread, const uint64_t *args)
{
	return do_pipe(thread, args[0], 0);
}

int64_t
sys_pipe2(struct vk_thread *thread, const uint64_t *args)
{
	return do_pipe(thread, args[0], (uint32_t)args[1]);
}
