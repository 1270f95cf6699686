/* SPDX-License-Identifier: BSD-2-Clause */
/* poll and select, over what each file says of itself. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/poll_events.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define FDS_FAST    64
#define SELECT_MAX  1024
#define SELECT_SETS 3

/* How many are ready now; with waiter, what may change that is named. */
static int64_t
poll_look(struct vk_thread *thread, struct lx_pollfd *fds, size_t count,
    struct vk_thread *waiter)
{
	struct vk_open *open;
	int64_t ready;
	short now;
	size_t i;

	for (ready = 0, i = 0; i < count; i++) {
		fds[i].revents = 0;
		if (fds[i].fd < 0)
			continue;
		open = fds_lookup(thread->process->fds, fds[i].fd);
		now = POLLNVAL;
		if (open != NULL)
			now = open_poll(
			    open, events_to_host(fds[i].events), waiter);
		fds[i].revents = events_to_guest(now, fds[i].events);
		ready += fds[i].revents != 0;
	}
	return ready;
}

static int64_t
poll_wait(
    struct vk_thread *thread, struct lx_pollfd *fds, size_t count, uint64_t ns)
{
	int64_t ready;
	int error;

	ready = poll_look(thread, fds, count, NULL);
	if (ready != 0 || ns == 0)
		return ready;
	poll_look(thread, fds, count, thread);
	wait_time(thread, ns);
	error = wait_park(thread);
	if (error == LX_EINTR)
		return -LX_ERESTARTNOHAND;
	return error == LX_ETIMEDOUT ? 0 : -error;
}

static int64_t
poll_copy(struct vk_thread *thread, uint64_t va, size_t count, uint64_t ns,
    struct lx_pollfd *fds)
{
	struct vk_mm *mm;
	int64_t result;

	mm = thread->process->mm;
	if (copyin(mm, fds, va, count * sizeof(*fds)) != 0)
		return -LX_EFAULT;
	result = poll_wait(thread, fds, count, ns);
	/* The events are written even when a signal ends the wait. */
	if (result != -LX_WAIT &&
	    copyout(mm, va, fds, count * sizeof(*fds)) != 0)
		return -LX_EFAULT;
	return result;
}

static int64_t
do_poll(struct vk_thread *thread, uint64_t va, uint64_t count, uint64_t ns)
{
	struct lx_pollfd fast[FDS_FAST], *fds;
	int64_t result;

	if (count > (uint64_t)thread->process->fds->limit)
		return -LX_EINVAL;
	if (count <= FDS_FAST)
		return poll_copy(thread, va, (size_t)count, ns, fast);
	fds = malloc((size_t)count * sizeof(*fds));
	if (fds == NULL)
		return -LX_ENOMEM;
	result = poll_copy(thread, va, (size_t)count, ns, fds);
	free(fds);
	return result;
}

int64_t
sys_poll(struct vk_thread *thread, const uint64_t *args)
{
	int64_t result;
	uint64_t ns;

	ns = WAIT_FOREVER;
	if ((int)args[2] >= 0)
		ns = (args[2] & INT32_MAX) * 1000000;
	result = do_poll(thread, args[0], (uint32_t)args[1], ns);
	return result == -LX_ERESTARTNOHAND ? -LX_ERESTART_RESTARTBLOCK
					    : result;
}

int
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

void
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

struct select_row {
	int fd;
	struct vk_open *open;
	short events, now;
};

struct select {
	struct vk_thread *thread;
	uint64_t va[SELECT_SETS];
	int count; /* descriptors 0 .. count - 1 */
	uint8_t in[SELECT_SETS][SELECT_MAX / 8];
	uint8_t out[SELECT_SETS][SELECT_MAX / 8];
	struct select_row rows[SELECT_MAX];
	size_t row_count;
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
	struct vk_open *open;
	short events;
	int fd, i;

	select->row_count = 0;
	for (fd = 0; fd < select->count; fd++) {
		for (events = 0, i = 0; i < SELECT_SETS; i++)
			if (bit_get(select->in[i], fd))
				events = (short)(events | select_events[i]);
		if (events == 0)
			continue;
		open = fds_lookup(select->thread->process->fds, fd);
		if (open == NULL)
			return LX_EBADF;
		select->rows[select->row_count++] =
		    (struct select_row){ fd, open, events, 0 };
	}
	return 0;
}

static void
bit_set(uint8_t *set, int fd)
{
	set[fd / 8] = (uint8_t)(set[fd / 8] | 1u << (fd % 8));
}

static int64_t
select_look(struct select *select, struct vk_thread *waiter)
{
	struct select_row *row;
	int64_t ready;
	size_t n;
	int i;

	for (ready = 0, n = 0; n < select->row_count; n++) {
		row = &select->rows[n];
		row->now = open_poll(row->open, row->events, waiter);
		for (i = 0; i < SELECT_SETS; i++) {
			if (!bit_get(select->in[i], row->fd) ||
			    (row->now & select_results[i]) == 0)
				continue;
			bit_set(select->out[i], row->fd);
			ready++;
		}
	}
	return ready;
}

static int64_t
select_answer(struct select *select, int64_t ready)
{
	int i;

	for (i = 0; i < SELECT_SETS; i++)
		if (select->va[i] != 0 &&
		    copyout(select->thread->process->mm, select->va[i],
			select->out[i], set_bytes(select)) != 0)
			return -LX_EFAULT;
	return ready;
}

static int64_t
select_wait(struct select *select, uint64_t ns)
{
	int64_t ready;
	int error;

	ready = select_look(select, NULL);
	if (ready != 0 || ns == 0)
		return select_answer(select, ready);
	select_look(select, select->thread);
	wait_time(select->thread, ns);
	error = wait_park(select->thread);
	switch (error) {
	case LX_EINTR:
		return -LX_ERESTARTNOHAND;
	case LX_ETIMEDOUT:
		return select_answer(select, 0);
	default:
		return -error;
	}
}

/* As Linux: descriptors beyond the table are not looked at. */
static int64_t
do_select(struct vk_thread *thread, const uint64_t *args, uint64_t ns)
{
	struct select select;
	int error;

	if ((int)args[0] < 0)
		return -LX_EINVAL;
	select.thread = thread;
	select.count = (int)args[0] < SELECT_MAX ? (int)args[0] : SELECT_MAX;
	if (select.count > thread->process->fds->count)
		select.count = thread->process->fds->count;
	memcpy(select.va, &args[1], sizeof(select.va));
	error = select_read_sets(&select);
	if (error == 0)
		error = select_fill(&select);
	return error != 0 ? -error : select_wait(&select, ns);
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
