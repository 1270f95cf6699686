/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/idle.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>

#include "vkernel/clock.h"
#include "vkernel/hostsig.h"
#include "vkernel/jobctl.h"
#include "vkernel/kernel.h"
#include "vkernel/watchdog.h"

struct look {
	struct pollfd *fds;
	size_t count;
};

static bool
waits_for_fds(const struct vk_thread *thread)
{
	return thread->wait.fd_count != 0 &&
	       (thread->state == THREAD_WAITING || thread->was_waiting);
}

static size_t
fds_count(const struct vk_kernel *kernel)
{
	const struct vk_process *process;
	const struct vk_thread *thread;
	size_t count;

	count = 0;
	for (process = kernel->first; process != NULL; process = process->next)
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling)
			if (waits_for_fds(thread))
				count += thread->wait.fd_count;
	return count;
}

static void
fds_gather(const struct vk_kernel *kernel, struct look *look)
{
	const struct vk_process *process;
	const struct vk_thread *thread;

	for (process = kernel->first; process != NULL; process = process->next)
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling) {
			if (!waits_for_fds(thread))
				continue;
			memcpy(look->fds + look->count, thread->wait.fds,
			    thread->wait.fd_count * sizeof(*look->fds));
			look->count += thread->wait.fd_count;
		}
}

/* The rows are in the same order as they were gathered. */
static bool
fds_wake(struct vk_kernel *kernel, const struct look *look)
{
	struct vk_process *process;
	struct vk_thread *thread;
	size_t at, end;
	bool any;

	any = false;
	at = 0;
	for (process = kernel->first; process != NULL; process = process->next)
		for (thread = process->threads; thread != NULL;
		     thread = thread->sibling) {
			if (!waits_for_fds(thread))
				continue;
			end = at + thread->wait.fd_count;
			while (at < end && look->fds[at].revents == 0)
				at++;
			if (at < end) {
				sched_wake(thread);
				any = true;
			}
			at = end;
		}
	return any;
}

/* Waits are as fine as the host's clock when there are no descriptors. */
static int
host_sleep(int wake_fd, uint64_t ns)
{
	struct timespec ts;
	fd_set set;

	FD_ZERO(&set);
	FD_SET(wake_fd, &set);
	ts.tv_sec = (time_t)(ns / NS_PER_SEC);
	ts.tv_nsec = (long)(ns % NS_PER_SEC);
	return pselect(wake_fd + 1, &set, NULL, NULL, &ts, NULL);
}

#define LONGEST_NS (UINT64_C(86400) * NS_PER_SEC)

static int
host_poll(struct look *look, int wake_fd, uint64_t ns)
{
	if (look->count == 0 && ns != UINT64_MAX && wake_fd < FD_SETSIZE)
		return host_sleep(wake_fd, ns > LONGEST_NS ? LONGEST_NS : ns);
	look->fds[look->count] = (struct pollfd){ wake_fd, POLLIN, 0 };
	if (ns != UINT64_MAX)
		ns = ns > LONGEST_NS ? LONGEST_NS / 1000000
				     : (ns + 999999) / 1000000;
	return poll(look->fds, (nfds_t)look->count + 1,
	    ns == UINT64_MAX ? -1 : (int)ns);
}

bool
idle_look(struct vk_kernel *kernel, uint64_t ns)
{
	struct look look;
	int got;
	bool any;

	look.count = 0;
	look.fds = calloc(fds_count(kernel) + 1, sizeof(*look.fds));
	if (look.fds == NULL) {
		kernel_fail(kernel, ENOMEM, "waiting for descriptors");
		return false;
	}
	fds_gather(kernel, &look);
	got = host_poll(
	    &look, hostsig_fd(kernel->hostsig), watchdog_cap(kernel, ns));
	any = got > 0 && fds_wake(kernel, &look);
	if (got < 0 && errno != EINTR)
		kernel_fail(kernel, errno, "waiting for descriptors");
	free(look.fds);
	if (watchdog_barks(kernel))
		kernel_limit(kernel, VK_LIMIT_TIMEOUT);
	signal_collect(kernel);
	return any;
}

/* Time passes at once when nothing else can happen before. */
static bool
idle_virtual(struct vk_kernel *kernel, uint64_t deadline)
{
	uint64_t now;

	if (idle_look(kernel, deadline == UINT64_MAX ? UINT64_MAX : 0) ||
	    deadline == UINT64_MAX || kernel->sched.first != NULL)
		return true;
	now = clock_now(kernel);
	if (deadline > now)
		clock_skip(kernel, deadline - now);
	return true;
}

bool
idle_wait(struct vk_kernel *kernel)
{
	uint64_t deadline, now;

	if (jobctl_idle(kernel))
		return true;
	deadline = kernel->sched.timers.first == NULL
		       ? UINT64_MAX
		       : kernel->sched.timers.first->deadline_ns;
	if (deadline == UINT64_MAX && kernel->sched.fd_waiters == 0 &&
	    kernel->process == NULL)
		return false;
	if (clock_is_virtual(kernel))
		return idle_virtual(kernel, deadline);
	now = clock_now(kernel);
	if (deadline != UINT64_MAX)
		deadline = deadline > now ? deadline - now : 0;
	idle_look(kernel, deadline);
	return true;
}
