/* SPDX-License-Identifier: BSD-2-Clause */
/* eventfd: a counter that can be waited for. */
#include <poll.h>
#include <stdlib.h>

#include "vkernel/syscall.h"

#define EFD_SEMAPHORE 1
#define ANON_MODE     0000600u

struct eventfd {
	uint64_t count;
	bool semaphore;
	struct vk_queue queue;
	uint64_t read_edges, write_edges;
	uint64_t id;
};

static int64_t
event_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct eventfd *event;
	uint64_t value;

	(void)thread;
	event = open->data;
	if (off >= 0)
		return -LX_ESPIPE;
	if (iov_bytes(iov, count) < sizeof(value))
		return -LX_EINVAL;
	if (event->count == 0)
		return -LX_EAGAIN;
	value = event->semaphore ? 1 : event->count;
	event->count -= value;
	event->write_edges++;
	queue_wake(&event->queue);
	iov_put(iov, count, 0, &value, sizeof(value));
	return sizeof(value);
}

static int64_t
event_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct eventfd *event;
	uint64_t value;

	(void)thread;
	event = open->data;
	if (off >= 0)
		return -LX_ESPIPE;
	if (iov_get(iov, count, 0, &value, sizeof(value)) < sizeof(value) ||
	    value == UINT64_MAX)
		return -LX_EINVAL;
	if (UINT64_MAX - event->count <= value)
		return -LX_EAGAIN;
	event->count += value;
	event->read_edges++;
	queue_wake(&event->queue);
	return sizeof(value);
}

static short
event_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct eventfd *event;
	int now;

	event = open->data;
	now = 0;
	if (event->count > 0)
		now |= POLLIN | POLLRDNORM;
	if (event->count < UINT64_MAX - 1)
		now |= POLLOUT | POLLWRNORM;
	if (waiter != NULL)
		wait_queue(waiter, &event->queue);
	return (short)(now & events);
}

static int64_t
event_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct eventfd *event;

	event = open->data;
	open_stat_own(thread, ANON_MODE, &event->id, st);
	return 0;
}

static void
event_close(struct vk_open *open)
{
	struct eventfd *event;

	event = open->data;
	queue_wake(&event->queue);
	free(event);
}

static uint64_t
event_edges(const struct vk_open *open, short events)
{
	const struct eventfd *event;
	uint64_t sum;

	event = open->data;
	sum = (events & POLLIN) != 0 ? event->read_edges : 0;
	return (events & POLLOUT) != 0 ? sum + event->write_edges : sum;
}

static const struct vk_file_ops eventfd_ops = {
	.name = "anon_inode:[eventfd]",
	.read = event_read,
	.write = event_write,
	.poll = event_poll,
	.stat = event_stat,
	.close = event_close,
	.edges = event_edges,
};

static int64_t
do_eventfd(struct vk_thread *thread, uint32_t count, int flags)
{
	struct eventfd *event;
	struct vk_open *open;
	int error;

	if ((flags & ~(EFD_SEMAPHORE | LX_O_CLOEXEC | LX_O_NONBLOCK)) != 0)
		return -LX_EINVAL;
	event = calloc(1, sizeof(*event));
	if (event == NULL)
		return -LX_ENOMEM;
	event->count = count;
	event->semaphore = (flags & EFD_SEMAPHORE) != 0;
	error = open_create_ops(
	    &eventfd_ops, event, (flags & LX_O_NONBLOCK) | LX_O_RDWR, &open);
	if (error == 0)
		return open_install(thread, open, flags);
	free(event);
	return -error;
}

int64_t
sys_eventfd(struct vk_thread *thread, const uint64_t *args)
{
	return do_eventfd(thread, (uint32_t)args[0], 0);
}

int64_t
sys_eventfd2(struct vk_thread *thread, const uint64_t *args)
{
	return do_eventfd(thread, (uint32_t)args[0], (int)args[1]);
}
