/* SPDX-License-Identifier: BSD-2-Clause */
/* timerfd: as fs/timerfd.c, a timer with an interval goes on when it is
 * read. */
#include <poll.h>
#include <stdlib.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define TFD_ABSTIME       1
#define TFD_CANCEL_ON_SET 2

#define ANON_MODE 0000600u

struct timerfd {
	struct vk_timer timer; /* the first member: its timer is found so */
	struct vk_kernel *kernel;
	int clock;
	uint64_t at_ns; /* 0: off */
	uint64_t interval_ns;
	bool expired; /* and not read */
	struct vk_queue queue;
	uint64_t edges;
	uint64_t id;
};

static void
timerfd_fired(struct vk_timer *timer, uint64_t now_ns)
{
	struct timerfd *self;

	(void)now_ns;
	self = (struct timerfd *)(void *)timer;
	self->expired = true;
	self->edges++;
	queue_wake(&self->queue);
}

static void
timerfd_start(struct timerfd *self)
{
	self->expired = false;
	self->timer.fire = timerfd_fired;
	if (self->at_ns != 0)
		timer_start(self->kernel, &self->timer, self->at_ns);
	else
		timer_stop(self->kernel, &self->timer);
}

static int64_t
timerfd_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct timerfd *self;
	uint64_t now, ticks;

	(void)thread;
	self = open->data;
	if (off >= 0)
		return -LX_ESPIPE;
	if (iov_bytes(iov, count) < sizeof(ticks))
		return -LX_EINVAL;
	timers_run(self->kernel);
	if (!self->expired)
		return -LX_EAGAIN;
	ticks = 1;
	if (self->interval_ns != 0) {
		now = clock_now(self->kernel);
		ticks += (now - self->at_ns) / self->interval_ns;
		self->at_ns += ticks * self->interval_ns;
	} else {
		self->at_ns = 0;
	}
	timerfd_start(self);
	iov_put(iov, count, 0, &ticks, sizeof(ticks));
	return sizeof(ticks);
}

static short
timerfd_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct timerfd *self;

	self = open->data;
	if (waiter != NULL)
		wait_queue(waiter, &self->queue);
	return self->expired ? events & (POLLIN | POLLRDNORM) : 0;
}

static int64_t
timerfd_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct timerfd *self;

	self = open->data;
	open_stat_own(thread, ANON_MODE, &self->id, st);
	return 0;
}

static void
timerfd_close(struct vk_open *open)
{
	struct timerfd *self;

	self = open->data;
	timer_stop(self->kernel, &self->timer);
	queue_wake(&self->queue);
	free(self);
}

static uint64_t
timerfd_edges(const struct vk_open *open, short events)
{
	const struct timerfd *self;

	self = open->data;
	return (events & POLLIN) != 0 ? self->edges : 0;
}

static const struct vk_file_ops timerfd_ops = {
	.name = "anon_inode:[timerfd]",
	.read = timerfd_read,
	.write = open_write_refused,
	.poll = timerfd_poll,
	.stat = timerfd_stat,
	.close = timerfd_close,
	.edges = timerfd_edges,
};

static int
clock_check(const struct vk_thread *thread, int clock)
{
	switch (clock) {
	case LX_CLOCK_REALTIME:
	case LX_CLOCK_MONOTONIC:
	case LX_CLOCK_BOOTTIME:
		return 0;
	case LX_CLOCK_REALTIME_ALARM:
	case LX_CLOCK_BOOTTIME_ALARM:
		return thread->process->cred.user.effective == 0 ? 0 : LX_EPERM;
	default:
		return LX_EINVAL;
	}
}

int64_t
sys_timerfd_create(struct vk_thread *thread, const uint64_t *args)
{
	struct timerfd *self;
	struct vk_open *open;
	int error, flags;

	flags = (int)args[1];
	if ((flags & ~(LX_O_CLOEXEC | LX_O_NONBLOCK)) != 0)
		return -LX_EINVAL;
	error = clock_check(thread, (int)args[0]);
	if (error != 0)
		return -error;
	self = calloc(1, sizeof(*self));
	if (self == NULL)
		return -LX_ENOMEM;
	self->kernel = thread->process->kernel;
	self->clock = (int)args[0];
	error = open_create_ops(
	    &timerfd_ops, self, (flags & LX_O_NONBLOCK) | LX_O_RDWR, &open);
	if (error == 0)
		return open_install(thread, open, flags);
	free(self);
	return -error;
}

/* LX_EBADF, LX_EINVAL. */
static int
timerfd_get(struct vk_thread *thread, uint64_t fd, struct timerfd **out)
{
	struct vk_open *open;

	open = fds_lookup(thread->process->fds, (int)fd);
	if (open == NULL)
		return LX_EBADF;
	if (open->ops != &timerfd_ops)
		return LX_EINVAL;
	*out = open->data;
	return 0;
}

static struct lx_itimerspec
timerfd_value(const struct timerfd *self)
{
	struct lx_itimerspec value;
	uint64_t left, now;

	now = clock_now(self->kernel);
	left = 0;
	if (self->at_ns > now)
		left = self->at_ns - now;
	else if (self->at_ns != 0 && self->interval_ns != 0)
		left =
		    self->interval_ns - (now - self->at_ns) % self->interval_ns;
	value.it_value = timespec_of_ns(left);
	value.it_interval = timespec_of_ns(self->interval_ns);
	return value;
}

int64_t
sys_timerfd_settime(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_itimerspec old, value;
	struct timerfd *self;
	uint64_t at, interval;
	int error;

	if (copyin(thread->process->mm, &value, args[2], sizeof(value)) != 0)
		return -LX_EFAULT;
	if ((args[1] & ~(uint64_t)(TFD_ABSTIME | TFD_CANCEL_ON_SET)) != 0 ||
	    timespec_to_ns(&value.it_value, &at) != 0 ||
	    timespec_to_ns(&value.it_interval, &interval) != 0)
		return -LX_EINVAL;
	error = timerfd_get(thread, args[0], &self);
	if (error != 0)
		return -error;
	old = timerfd_value(self);
	self->interval_ns = interval;
	self->at_ns = at == 0 ? 0
			      : clock_deadline(thread, self->clock, at,
				    (args[1] & TFD_ABSTIME) != 0);
	timerfd_start(self);
	if (args[3] == 0)
		return 0;
	return -copyout(thread->process->mm, args[3], &old, sizeof(old));
}

int64_t
sys_timerfd_gettime(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_itimerspec value;
	struct timerfd *self;
	int error;

	error = timerfd_get(thread, args[0], &self);
	if (error != 0)
		return -error;
	value = timerfd_value(self);
	return -copyout(thread->process->mm, args[1], &value, sizeof(value));
}
