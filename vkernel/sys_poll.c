/* SPDX-License-Identifier: BSD-2-Clause */
/* poll and select over the host's poll. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define FDS_FAST    32
#define SELECT_MAX  1024
#define SELECT_SETS 3

#define LX_POLLRDNORM 0x040
#define LX_POLLRDBAND 0x080
#define LX_POLLWRNORM 0x100
#define LX_POLLWRBAND 0x200
#define LX_POLLRDHUP  0x2000

struct poll_row {
	short guest;
	short host;
};

static const struct poll_row poll_rows[] = {
	{ 0x001, POLLIN },
	{ 0x002, POLLPRI },
	{ 0x004, POLLOUT },
	{ 0x008, POLLERR },
	{ 0x010, POLLHUP },
	{ 0x020, POLLNVAL },
	{ LX_POLLRDNORM, POLLRDNORM },
	{ LX_POLLRDBAND, POLLRDBAND },
	{ LX_POLLWRNORM, POLLWRNORM },
	{ LX_POLLWRBAND, POLLWRBAND },
#ifdef POLLRDHUP
	{ LX_POLLRDHUP, POLLRDHUP },
#endif
};

#define POLL_ROWS (sizeof(poll_rows) / sizeof(poll_rows[0]))

static short
events_to_host(int16_t guest)
{
	short host;
	size_t i;

	for (host = 0, i = 0; i < POLL_ROWS; i++)
		if ((guest & poll_rows[i].guest) != 0)
			host = (short)(host | poll_rows[i].host);
	return host;
}

/* Only what was asked for, and what is always told. */
static int16_t
events_to_guest(short host, int16_t asked)
{
	int16_t guest;
	size_t i;

	for (guest = 0, i = 0; i < POLL_ROWS; i++)
		if ((host & poll_rows[i].host) != 0)
			guest = (int16_t)(guest | poll_rows[i].guest);
	return (int16_t)(guest & (asked | 0x008 | 0x010 | 0x020));
}

/* Closed descriptors are ready at once; the host skips negative ones. */
static int
poll_fill(struct vk_thread *thread, const struct lx_pollfd *guest,
    struct pollfd *host, size_t count)
{
	const struct vk_open *open;
	size_t i;
	int bad;

	for (bad = 0, i = 0; i < count; i++) {
		open = fds_lookup(thread->process->fds, guest[i].fd);
		host[i].fd = open == NULL ? -1 : open->fd;
		host[i].events = events_to_host(guest[i].events);
		host[i].revents = 0;
		if (open == NULL && guest[i].fd >= 0)
			bad++;
	}
	return bad;
}

static int64_t
poll_answer(struct lx_pollfd *guest, const struct pollfd *host, size_t count)
{
	int64_t ready;
	size_t i;

	for (ready = 0, i = 0; i < count; i++) {
		guest[i].revents = 0;
		if (guest[i].fd >= 0 && host[i].fd < 0)
			guest[i].revents = 0x020;
		else if (guest[i].fd >= 0)
			guest[i].revents =
			    events_to_guest(host[i].revents, guest[i].events);
		ready += guest[i].revents != 0;
	}
	return ready;
}

/* *ready: how many, 0 after the time. */
static int
wait_fds(struct vk_thread *thread, struct pollfd *fds, size_t count,
    uint64_t ns, int *ready)
{
	size_t i;
	int error;

	*ready = poll(fds, (nfds_t)count, 0);
	if (*ready < 0)
		return errno_to_linux(errno);
	if (*ready > 0 || ns == 0)
		return 0;
	for (i = 0; i < count; i++)
		if (fds[i].fd >= 0)
			wait_fd(thread, fds[i].fd, fds[i].events);
	wait_time(thread, ns);
	error = wait_park(thread);
	return error == LX_ETIMEDOUT ? 0 : error;
}

static int64_t
poll_wait(struct vk_thread *thread, struct lx_pollfd *guest,
    struct pollfd *host, size_t count, uint64_t ns)
{
	int error, ready;

	if (poll_fill(thread, guest, host, count) != 0)
		ns = 0;
	error = wait_fds(thread, host, count, ns, &ready);
	if (error == LX_EINTR)
		return -LX_ERESTARTNOHAND;
	if (error != 0)
		return -error;
	return poll_answer(guest, host, count);
}

struct poll_space {
	struct lx_pollfd guest[FDS_FAST];
	struct pollfd host[FDS_FAST + 1];
};

static int64_t
poll_copy(struct vk_thread *thread, uint64_t va, size_t count, uint64_t ns,
    struct lx_pollfd *guest, struct pollfd *host)
{
	struct vk_mm *mm;
	int64_t result;

	mm = thread->process->mm;
	if (copyin(mm, guest, va, count * sizeof(*guest)) != 0)
		return -LX_EFAULT;
	result = poll_wait(thread, guest, host, count, ns);
	if (result >= 0 && copyout(mm, va, guest, count * sizeof(*guest)) != 0)
		return -LX_EFAULT;
	return result;
}

static int64_t
do_poll(struct vk_thread *thread, uint64_t va, uint64_t count, uint64_t ns)
{
	struct poll_space fast;
	struct lx_pollfd *guest;
	struct pollfd *host;
	int64_t result;

	if (count > (uint64_t)thread->process->fds->limit)
		return -LX_EINVAL;
	if (count <= FDS_FAST)
		return poll_copy(
		    thread, va, (size_t)count, ns, fast.guest, fast.host);
	guest = malloc((size_t)count * sizeof(*guest));
	host = malloc((size_t)(count + 1) * sizeof(*host));
	result = -LX_ENOMEM;
	if (guest != NULL && host != NULL)
		result = poll_copy(thread, va, (size_t)count, ns, guest, host);
	free(guest);
	free(host);
	return result;
}

int64_t
sys_poll(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;

	ns = WAIT_FOREVER;
	if ((int)args[2] >= 0)
		ns = (args[2] & INT32_MAX) * 1000000;
	return do_poll(thread, args[0], (uint32_t)args[1], ns);
}

/* The mask holds during the wait, and for the handler that ends it. */
static int
mask_begin(struct vk_thread *thread, uint64_t va, uint64_t size)
{
	uint64_t set;

	if (va == 0 || thread->wait.again)
		return 0;
	if (size != sizeof(set))
		return LX_EINVAL;
	if (copyin(thread->process->mm, &set, va, sizeof(set)) != 0)
		return LX_EFAULT;
	thread->saved_mask = thread->mask;
	thread->restore_mask = true;
	signal_set_mask(thread, set);
	return 0;
}

static void
mask_end(struct vk_thread *thread, int64_t result)
{
	if (!thread->restore_mask || result == -LX_ERESTARTNOHAND ||
	    result == -LX_WAIT)
		return;
	thread->restore_mask = false;
	thread->mask = thread->saved_mask;
}

static int
timeout_get(struct vk_thread *thread, uint64_t va, bool timeval, uint64_t *ns)
{
	struct lx_timespec ts;

	*ns = WAIT_FOREVER;
	if (va == 0)
		return 0;
	if (copyin(thread->process->mm, &ts, va, sizeof(ts)) != 0)
		return LX_EFAULT;
	if (timeval) { /* as Linux, which lets microseconds overflow */
		ts.tv_sec += ts.tv_nsec / 1000000;
		ts.tv_nsec = ts.tv_nsec % 1000000 * 1000;
	}
	return timespec_to_ns(&ts, ns);
}

/* What is left; a place that cannot be written is no error. */
static void
timeout_put(struct vk_thread *thread, uint64_t va, bool timeval, int64_t result)
{
	const struct vk_wait *wait;
	struct lx_timespec ts;
	uint64_t now;

	wait = &thread->wait;
	if (va == 0 || result == -LX_WAIT || !wait->timed)
		return;
	now = clock_monotonic_ns(thread);
	ts = timespec_of_ns(
	    wait->deadline_ns > now ? wait->deadline_ns - now : 0);
	if (timeval)
		ts.tv_nsec /= 1000;
	copyout(thread->process->mm, va, &ts, sizeof(ts));
}

int64_t
sys_ppoll(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int64_t result;
	int error;

	error = timeout_get(thread, args[2], false, &ns);
	if (error == 0)
		error = mask_begin(thread, args[3], args[4]);
	if (error != 0)
		return -error;
	result = do_poll(thread, args[0], (uint32_t)args[1], ns);
	mask_end(thread, result);
	timeout_put(thread, args[2], false, result);
	return result;
}

struct select {
	struct vk_thread *thread;
	uint64_t va[SELECT_SETS];
	int count; /* descriptors 0 .. count - 1 */
	uint8_t in[SELECT_SETS][SELECT_MAX / 8];
	uint8_t out[SELECT_SETS][SELECT_MAX / 8];
	struct pollfd host[SELECT_MAX + 1];
	int fds[SELECT_MAX]; /* guest's, of each row of host */
	size_t rows;
};

static const short select_events[SELECT_SETS] = { POLLIN, POLLOUT, POLLPRI };
static const short select_results[SELECT_SETS] = { POLLIN | POLLHUP | POLLERR,
	POLLOUT | POLLERR, POLLPRI };

static bool
bit_get(const uint8_t *set, int fd)
{
	return (set[fd / 8] & (1u << (fd % 8))) != 0;
}

/* Sets are words of 64 bits to Linux. */
static size_t
set_bytes(const struct select *select)
{
	return ((size_t)select->count + 63) / 64 * 8;
}

static int
select_read_sets(struct select *select)
{
	int i;

	memset(select->in, 0, sizeof(select->in));
	memset(select->out, 0, sizeof(select->out));
	for (i = 0; i < SELECT_SETS; i++)
		if (select->va[i] != 0 &&
		    copyin(select->thread->process->mm, select->in[i],
			select->va[i], set_bytes(select)) != 0)
			return LX_EFAULT;
	return 0;
}

static int
select_fill(struct select *select)
{
	const struct vk_open *open;
	short events;
	int fd, i;

	select->rows = 0;
	for (fd = 0; fd < select->count; fd++) {
		for (events = 0, i = 0; i < SELECT_SETS; i++)
			if (bit_get(select->in[i], fd))
				events = (short)(events | select_events[i]);
		if (events == 0)
			continue;
		open = fds_lookup(select->thread->process->fds, fd);
		if (open == NULL)
			return LX_EBADF;
		select->fds[select->rows] = fd;
		select->host[select->rows++] =
		    (struct pollfd){ open->fd, events, 0 };
	}
	return 0;
}

static int64_t
select_answer(struct select *select)
{
	int64_t ready;
	size_t row;
	int fd, i;

	for (ready = 0, row = 0; row < select->rows; row++)
		for (fd = select->fds[row], i = 0; i < SELECT_SETS; i++)
			if (bit_get(select->in[i], fd) &&
			    (select->host[row].revents & select_results[i]) !=
				0) {
				select->out[i][fd / 8] =
				    (uint8_t)(select->out[i][fd / 8] |
					      1u << (fd % 8));
				ready++;
			}
	for (i = 0; i < SELECT_SETS; i++)
		if (select->va[i] != 0 &&
		    copyout(select->thread->process->mm, select->va[i],
			select->out[i], set_bytes(select)) != 0)
			return -LX_EFAULT;
	return ready;
}

static int64_t
do_select(struct vk_thread *thread, const uint64_t *args, uint64_t ns)
{
	struct select select;
	int error, ready;

	if ((int)args[0] < 0)
		return -LX_EINVAL;
	select.thread = thread;
	select.count = (int)args[0] < SELECT_MAX ? (int)args[0] : SELECT_MAX;
	memcpy(select.va, &args[1], sizeof(select.va));
	error = select_read_sets(&select);
	if (error == 0)
		error = select_fill(&select);
	if (error == 0)
		error = wait_fds(thread, select.host, select.rows, ns, &ready);
	if (error == LX_EINTR)
		return -LX_ERESTARTNOHAND;
	return error != 0 ? -error : select_answer(&select);
}

int64_t
sys_select(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t ns;
	int64_t result;
	int error;

	error = timeout_get(thread, args[4], true, &ns);
	if (error != 0)
		return -error;
	result = do_select(thread, args, ns);
	timeout_put(thread, args[4], true, result);
	return result;
}

int64_t
sys_pselect6(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t mask[2], ns;
	int64_t result;
	int error;

	memset(mask, 0, sizeof(mask));
	if (args[5] != 0 &&
	    copyin(thread->process->mm, mask, args[5], sizeof(mask)) != 0)
		return -LX_EFAULT;
	error = timeout_get(thread, args[4], false, &ns);
	if (error == 0)
		error = mask_begin(thread, mask[0], mask[1]);
	if (error != 0)
		return -error;
	result = do_select(thread, args, ns);
	mask_end(thread, result);
	timeout_put(thread, args[4], false, result);
	return result;
}
