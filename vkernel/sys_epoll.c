/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll and eventfd: the calls. */
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/epoll.h"
#include "vkernel/poll_events.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define EVENT_BYTES 12 /* packed on x86-64 */
#define TAKE_MOST   256
#define CTL_ADD     1
#define CTL_DEL     2
#define CTL_MOD     3

#define LX_EPOLLIN  0x001u
#define LX_EPOLLOUT 0x004u
#define EXCLUSIVE_OK                                                           \
	(LX_EPOLLIN | LX_EPOLLOUT | 0x008u | 0x010u | EPOLL_WAKEUP |           \
	    EPOLL_ET | EPOLL_EXCLUSIVE)

static int64_t
do_create(struct vk_thread *thread, int flags)
{
	struct vk_open *open;
	int error;

	error = epoll_open(flags & ~LX_O_CLOEXEC, &open);
	return error != 0 ? -error : open_install(thread, open, flags);
}

int64_t
sys_epoll_create(struct vk_thread *thread, const uint64_t *args)
{
	return (int)args[0] <= 0 ? -LX_EINVAL : do_create(thread, 0);
}

int64_t
sys_epoll_create1(struct vk_thread *thread, const uint64_t *args)
{
	if ((args[0] & ~(uint64_t)LX_O_CLOEXEC & UINT32_MAX) != 0)
		return -LX_EINVAL;
	return do_create(thread, (int)args[0]);
}

static int
event_get(struct vk_thread *thread, uint64_t va, struct vk_epoll_event *event)
{
	uint8_t bytes[EVENT_BYTES];

	if (copyin(thread->process->mm, bytes, va, sizeof(bytes)) != 0)
		return LX_EFAULT;
	memcpy(&event->events, bytes, 4);
	memcpy(&event->data, bytes + 4, 8);
	return 0;
}

static int
ctl_check(const struct vk_open *self, const struct vk_open *open, uint64_t op,
    const struct vk_epoll_event *event)
{
	if (self == NULL || open == NULL)
		return LX_EBADF;
	if (!open->may_block)
		return LX_EPERM;
	if (self == open || epoll_of(self) == NULL)
		return LX_EINVAL;
	if (op == CTL_DEL || (event->events & EPOLL_EXCLUSIVE) == 0)
		return 0;
	if (op == CTL_MOD || epoll_of(open) != NULL ||
	    (event->events & ~EXCLUSIVE_OK) != 0)
		return LX_EINVAL;
	return 0;
}

int64_t
sys_epoll_ctl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_epoll_event event;
	struct vk_open *open, *self;
	struct vk_epoll *epoll;
	int error, fd;

	memset(&event, 0, sizeof(event));
	fd = (int)args[2];
	if ((int)args[1] != CTL_DEL && event_get(thread, args[3], &event) != 0)
		return -LX_EFAULT;
	self = fds_lookup(thread->process->fds, (int)args[0]);
	open = fds_lookup(thread->process->fds, fd);
	error = ctl_check(self, open, args[1], &event);
	if (error != 0)
		return -error;
	epoll = epoll_of(self);
	switch ((int)args[1]) {
	case CTL_ADD:
		return -epoll_add(epoll, open, fd, &event);
	case CTL_MOD:
		return -epoll_modify(epoll, open, fd, &event);
	case CTL_DEL:
		return -epoll_remove(epoll, open, fd);
	default:
		return -LX_EINVAL;
	}
}

static int64_t
events_put(struct vk_thread *thread, uint64_t va,
    const struct vk_epoll_event *events, int count)
{
	uint8_t bytes[EVENT_BYTES];
	int i;

	for (i = 0; i < count; i++, va += EVENT_BYTES) {
		memcpy(bytes, &events[i].events, 4);
		memcpy(bytes + 4, &events[i].data, 8);
		if (copyout(thread->process->mm, va, bytes, sizeof(bytes)) != 0)
			return i != 0 ? i : -LX_EFAULT;
	}
	return count;
}

static int64_t
epoll_do(struct vk_thread *thread, struct vk_epoll *epoll, uint64_t va,
    int room, uint64_t ns)
{
	struct vk_epoll_event events[TAKE_MOST];
	int count, error;

	count = epoll_take(epoll, events, room < TAKE_MOST ? room : TAKE_MOST);
	if (count != 0 || ns == 0)
		return events_put(thread, va, events, count);
	epoll_name(epoll, thread);
	wait_time(thread, ns);
	error = wait_park(thread);
	if (error == LX_EINTR)
		return -LX_ERESTARTNOHAND;
	return error == LX_ETIMEDOUT ? 0 : -error;
}

static int64_t
do_wait(struct vk_thread *thread, const uint64_t *args, uint64_t ns)
{
	struct vk_epoll *epoll;
	struct vk_open *open;
	int64_t result;
	int room;

	room = (int)args[2];
	if (room <= 0 || room > INT_MAX / EVENT_BYTES)
		return -LX_EINVAL;
	if (args[1] > MM_VA_END ||
	    (uint64_t)room * EVENT_BYTES > MM_VA_END - args[1])
		return -LX_EFAULT;
	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	epoll = epoll_of(open);
	if (epoll == NULL)
		return -LX_EINVAL;
	open_ref(open);
	result = epoll_do(thread, epoll, args[1], room, ns);
	open_drop(open);
	return result;
}

static uint64_t
ms_to_ns(uint64_t ms)
{
	return (int)ms < 0 ? WAIT_FOREVER : (ms & INT32_MAX) * 1000000;
}

int64_t
sys_epoll_wait(struct vk_thread *thread, const uint64_t *args)
{
	return do_wait(thread, args, ms_to_ns(args[3]));
}

static int64_t
wait_masked(struct vk_thread *thread, const uint64_t *args, uint64_t ns)
{
	int64_t result;
	int error;

	error = mask_begin(thread, args[4], args[5]);
	if (error != 0)
		return -error;
	result = do_wait(thread, args, ns);
	mask_end(thread, result);
	return result;
}

int64_t
sys_epoll_pwait(struct vk_thread *thread, const uint64_t *args)
{
	return wait_masked(thread, args, ms_to_ns(args[3]));
}

int64_t
sys_epoll_pwait2(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec ts;
	uint64_t ns;

	ns = WAIT_FOREVER;
	if (args[3] != 0) {
		if (copyin(thread->process->mm, &ts, args[3], sizeof(ts)) != 0)
			return -LX_EFAULT;
		if (timespec_to_ns(&ts, &ns) != 0)
			return -LX_EINVAL;
	}
	return wait_masked(thread, args, ns);
}
