/* SPDX-License-Identifier: BSD-2-Clause */
/* signalfd: pending signals of whoever reads, as fs/signalfd.c. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define ANON_MODE 0000600u

struct signalfd {
	struct vk_kernel *kernel;
	uint64_t mask;
	uint64_t id;
};

struct lx_signalfd_siginfo { /* 128 bytes */
	uint32_t signo;
	int32_t error, code;
	uint32_t pid, uid;
	int32_t fd;
	uint32_t tid, band, overrun, trapno;
	int32_t status, value_int;
	uint64_t value_ptr, utime, stime, addr;
	uint8_t pad[48];
};

_Static_assert(sizeof(struct lx_signalfd_siginfo) == 128, "signalfd_siginfo");

static bool
is_fault(const struct lx_siginfo *info)
{
	const uint64_t faults = signal_bit(LX_SIGSEGV) | signal_bit(LX_SIGBUS) |
				signal_bit(LX_SIGILL) | signal_bit(LX_SIGFPE) |
				signal_bit(LX_SIGTRAP);

	return info->si_code > 0 && info->si_code < LX_SI_KERNEL &&
	       (faults & signal_bit(info->si_signo)) != 0;
}

/* As siginfo_layout() and signalfd_copyinfo(). */
static struct lx_signalfd_siginfo
convert(const struct lx_siginfo *info)
{
	struct lx_signalfd_siginfo out;

	memset(&out, 0, sizeof(out));
	out.signo = (uint32_t)info->si_signo;
	out.error = info->si_errno;
	out.code = info->si_code;
	if (is_fault(info)) {
		out.addr = info->u.addr;
		return out;
	}
	if (info->si_code == LX_SI_TIMER) {
		out.tid = (uint32_t)info->u.rt.pid;
		out.overrun = info->u.rt.uid;
	} else {
		out.pid = (uint32_t)info->u.rt.pid;
		out.uid = info->u.rt.uid;
	}
	if (info->si_code < 0 && info->si_code != LX_SI_TKILL) {
		out.value_ptr = info->u.rt.value;
		out.value_int = (int32_t)info->u.rt.value;
	} else if (info->si_signo == LX_SIGCHLD && info->si_code > 0 &&
		   info->si_code < LX_SI_KERNEL) {
		out.status = info->u.chld.status;
		out.utime = (uint64_t)info->u.chld.utime;
		out.stime = (uint64_t)info->u.chld.stime;
	}
	return out;
}

static int64_t
signalfd_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct lx_signalfd_siginfo out;
	struct signalfd *self;
	struct lx_siginfo info;
	size_t done, room;

	self = open->data;
	if (off >= 0)
		return -LX_ESPIPE;
	room = iov_bytes(iov, count);
	if (room < sizeof(out))
		return -LX_EINVAL;
	signal_collect(self->kernel);
	for (done = 0; room - done >= sizeof(out); done += sizeof(out)) {
		if (signal_take(thread, self->mask, &info) == 0)
			break;
		out = convert(&info);
		iov_put(iov, count, done, &out, sizeof(out));
	}
	return done != 0 ? (int64_t)done : -LX_EAGAIN;
}

static short
signalfd_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	const struct vk_thread *thread;
	struct signalfd *self;

	self = open->data;
	if (waiter != NULL)
		wait_queue(waiter, &waiter->process->signals);
	thread = waiter != NULL ? waiter : self->kernel->sched.current;
	if (thread == NULL ||
	    ((thread->pending.set | thread->process->pending.set) &
		self->mask) == 0)
		return 0;
	return events & (POLLIN | POLLRDNORM);
}

static int64_t
signalfd_stat(
    struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct signalfd *self;

	self = open->data;
	open_stat_own(thread, ANON_MODE, &self->id, st);
	return 0;
}

static void
signalfd_close(struct vk_open *open)
{
	free(open->data);
}

static const struct vk_file_ops signalfd_ops = {
	.name = "anon_inode:[signalfd]",
	.read = signalfd_read,
	.write = open_write_refused,
	.poll = signalfd_poll,
	.stat = signalfd_stat,
	.close = signalfd_close,
};

static int64_t
signalfd_change(struct vk_thread *thread, int fd, uint64_t mask)
{
	struct vk_open *open;

	open = fds_lookup(thread->process->fds, fd);
	if (open == NULL)
		return -LX_EBADF;
	if (open->ops != &signalfd_ops)
		return -LX_EINVAL;
	((struct signalfd *)open->data)->mask = mask;
	queue_wake(&thread->process->signals);
	return fd;
}

static int64_t
signalfd_create(struct vk_thread *thread, uint64_t mask, int flags)
{
	struct signalfd *self;
	struct vk_open *open;
	int error;

	self = calloc(1, sizeof(*self));
	if (self == NULL)
		return -LX_ENOMEM;
	self->kernel = thread->process->kernel;
	self->mask = mask;
	error = open_create_ops(
	    &signalfd_ops, self, (flags & LX_O_NONBLOCK) | LX_O_RDWR, &open);
	if (error == 0)
		return open_install(thread, open, flags);
	free(self);
	return -error;
}

int64_t
sys_signalfd4(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t mask;
	int flags;

	flags = (int)args[3];
	if (args[2] != sizeof(mask))
		return -LX_EINVAL;
	if (copyin(thread->process->mm, &mask, args[1], sizeof(mask)) != 0)
		return -LX_EFAULT;
	if ((flags & ~(LX_O_CLOEXEC | LX_O_NONBLOCK)) != 0)
		return -LX_EINVAL;
	mask &= ~(signal_bit(LX_SIGKILL) | signal_bit(LX_SIGSTOP));
	if ((int)args[0] != -1)
		return signalfd_change(thread, (int)args[0], mask);
	return signalfd_create(thread, mask, flags);
}

int64_t
sys_signalfd(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t full[4] = { args[0], args[1], args[2], 0 };

	return sys_signalfd4(thread, full);
}
