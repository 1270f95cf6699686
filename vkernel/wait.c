/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/wait.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/select.h>

#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/fdtable.h"
#include "vkernel/hostsig.h"
#include "vkernel/kernel.h"

/* One host wait of at most ns; the last row is the signals' own. */
static int
host_poll(struct pollfd *fds, size_t count, uint64_t ns)
{
	uint64_t ms;

	ms = ns == WAIT_FOREVER ? UINT64_MAX : (ns + 999999) / 1000000;
	if (ns == WAIT_FOREVER)
		return poll(fds, (nfds_t)count, -1);
	return poll(fds, (nfds_t)count, ms > 86400000 ? 86400000 : (int)ms);
}

/* Without descriptors a wait is as fine as the host's clock. */
static int
host_sleep(int wake_fd, uint64_t ns)
{
	struct timespec ts;
	fd_set set;

	if (wake_fd >= FD_SETSIZE)
		return -1;
	FD_ZERO(&set);
	FD_SET(wake_fd, &set);
	if (ns > UINT64_C(86400) * NS_PER_SEC)
		ns = UINT64_C(86400) * NS_PER_SEC;
	ts.tv_sec = (time_t)(ns / NS_PER_SEC);
	ts.tv_nsec = (long)(ns % NS_PER_SEC);
	return pselect(wake_fd + 1, &set, NULL, NULL, &ts, NULL);
}

static int
wait_once(struct vk_thread *thread, struct pollfd *fds, size_t count,
    uint64_t ns, int *ready)
{
	int got, wake_fd;

	wake_fd = hostsig_fd(thread->process->kernel->hostsig);
	*ready = 0;
	if (count == 0 && ns != WAIT_FOREVER) {
		got = host_sleep(wake_fd, ns);
		return got < 0 && errno != EINTR ? errno_to_linux(errno) : 0;
	}
	fds[count] = (struct pollfd){ wake_fd, POLLIN, 0 };
	got = host_poll(fds, count + 1, ns);
	if (got < 0)
		return errno == EINTR ? 0 : errno_to_linux(errno);
	*ready = got - (fds[count].revents != 0 ? 1 : 0);
	return 0;
}

static uint64_t
time_left(const struct vk_thread *thread, uint64_t deadline)
{
	uint64_t now;

	if (deadline == WAIT_FOREVER)
		return WAIT_FOREVER;
	now = clock_monotonic_ns(thread);
	return now >= deadline ? 0 : deadline - now;
}

static int
wait_host(struct vk_thread *thread, struct pollfd *fds, size_t count,
    uint64_t deadline, int *ready)
{
	uint64_t left;
	int error;

	for (;;) {
		if (signal_deliverable(thread))
			return LX_EINTR;
		left = time_left(thread, deadline);
		error = wait_once(thread, fds, count, left, ready);
		if (error != 0 || *ready > 0)
			return error;
		if (left == 0)
			return signal_deliverable(thread) ? LX_EINTR : 0;
	}
}

/* Looks without waiting, then lets the time pass at once. */
static int
wait_virtual(struct vk_thread *thread, struct pollfd *fds, size_t count,
    uint64_t deadline, int *ready)
{
	uint64_t left, timer;
	int error;

	for (;;) {
		error = wait_once(thread, fds, count, 0, ready);
		if (error != 0 || *ready > 0)
			return error;
		timer = itimers_run(thread);
		if (signal_deliverable(thread))
			return LX_EINTR;
		left = time_left(thread, deadline);
		if (left == 0)
			return 0;
		if (timer < left)
			left = timer;
		if (left == WAIT_FOREVER)
			return wait_host(thread, fds, count, deadline, ready);
		clock_skip(thread->process->kernel, left);
	}
}

int
wait_fds(struct vk_thread *thread, struct pollfd *fds, size_t count,
    uint64_t ns, int *ready)
{
	uint64_t deadline;

	deadline = WAIT_FOREVER;
	if (ns < INT64_MAX)
		deadline = clock_monotonic_ns(thread) + ns;
	if (clock_is_virtual(thread->process->kernel))
		return wait_virtual(thread, fds, count, deadline, ready);
	return wait_host(thread, fds, count, deadline, ready);
}

int
wait_open(struct vk_thread *thread, const struct vk_open *open, short events)
{
	struct pollfd fds[2];
	int ready;

	if (!open->may_block)
		return 0;
	fds[0] = (struct pollfd){ open->fd, events, 0 };
	if (poll(fds, 1, 0) > 0 || (fcntl(open->fd, F_GETFL) & O_NONBLOCK) != 0)
		return 0;
	return wait_fds(thread, fds, 1, WAIT_FOREVER, &ready);
}

int
wait_time(struct vk_thread *thread, uint64_t ns)
{
	struct pollfd fds[1];
	int ready;

	return wait_fds(thread, fds, 0, ns, &ready);
}
