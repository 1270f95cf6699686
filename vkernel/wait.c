/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/wait.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/kernel.h"
#include "vkernel/work.h"

#define ROWS_MORE 8

/* Rows move when the array grows: the queues are told. */
static bool
rows_grow(struct vk_wait *wait)
{
	struct vk_queue *queue;
	struct vk_queue_row *rows;
	size_t i;

	if (wait->row_count < wait->row_room)
		return true;
	rows = calloc(wait->row_room + ROWS_MORE, sizeof(*rows));
	if (rows == NULL)
		return false;
	for (i = 0; i < wait->row_count; i++) {
		queue = wait->rows[i].queue;
		queue_remove(&wait->rows[i]);
		rows[i].thread = wait->rows[i].thread;
		queue_add(queue, &rows[i]);
	}
	free(wait->rows);
	wait->rows = rows;
	wait->row_room += ROWS_MORE;
	return true;
}

void
wait_queue(struct vk_thread *thread, struct vk_queue *queue)
{
	struct vk_queue_row *row;
	struct vk_wait *wait;

	wait = &thread->wait;
	if (!rows_grow(wait)) {
		wait->no_memory = true;
		return;
	}
	row = &wait->rows[wait->row_count++];
	row->thread = thread;
	queue_add(queue, row);
}

static bool
fds_grow(struct vk_wait *wait)
{
	struct pollfd *fds;

	if (wait->fd_count < wait->fd_room)
		return true;
	fds = realloc(wait->fds, (wait->fd_room + ROWS_MORE) * sizeof(*fds));
	if (fds == NULL)
		return false;
	wait->fds = fds;
	wait->fd_room += ROWS_MORE;
	return true;
}

void
wait_fd(struct vk_thread *thread, int host_fd, short events)
{
	struct vk_wait *wait;

	wait = &thread->wait;
	if (fds_grow(wait))
		wait->fds[wait->fd_count++] =
		    (struct pollfd){ host_fd, events, 0 };
	else
		wait->no_memory = true;
}

void
wait_until(struct vk_thread *thread, uint64_t deadline_ns)
{
	struct vk_wait *wait;

	wait = &thread->wait;
	if (wait->timed)
		return;
	wait->timed = true;
	wait->deadline_ns = deadline_ns;
}

void
wait_time(struct vk_thread *thread, uint64_t ns)
{
	if (ns < INT64_MAX && !thread->wait.timed)
		wait_until(thread, clock_now(thread->process->kernel) + ns);
}

static void
wait_fired(struct vk_timer *timer, uint64_t now_ns)
{
	struct vk_wait *wait;
	struct vk_thread *thread;

	(void)now_ns;
	wait =
	    (struct vk_wait *)((char *)timer - offsetof(struct vk_wait, timer));
	thread = (struct vk_thread *)((char *)wait -
				      offsetof(struct vk_thread, wait));
	sched_wake(thread);
}

int
wait_park_unbroken(struct vk_thread *thread)
{
	struct vk_kernel *kernel;
	struct vk_wait *wait;

	wait = &thread->wait;
	kernel = thread->process->kernel;
	if (wait->no_memory)
		return LX_ENOMEM;
	if (signal_is_fatal(thread))
		return LX_EINTR;
	if (!wait->timed)
		return LX_WAIT;
	if (wait->deadline_ns <= clock_now(kernel))
		return LX_ETIMEDOUT;
	wait->timer.fire = wait_fired;
	timer_start(kernel, &wait->timer, wait->deadline_ns);
	return LX_WAIT;
}

int
wait_park(struct vk_thread *thread)
{
	if (signal_deliverable(thread))
		return LX_EINTR;
	return wait_park_unbroken(thread);
}

void
wait_cancel(struct vk_thread *thread)
{
	struct vk_wait *wait;
	size_t i;

	wait = &thread->wait;
	for (i = 0; i < wait->row_count; i++)
		queue_remove(&wait->rows[i]);
	wait->row_count = 0;
	wait->fd_count = 0;
	if (wait->fds_told)
		thread->process->kernel->sched.fd_waiters--;
	wait->fds_told = false;
	wait->no_memory = false;
	timer_stop(thread->process->kernel, &wait->timer);
}

void
wait_reset(struct vk_thread *thread)
{
	struct vk_wait *wait;

	wait = &thread->wait;
	wait_cancel(thread);
	work_cancel(wait->work);
	wait->work = NULL;
	wait->again = false;
	wait->timed = false;
	memset(wait->state, 0, sizeof(wait->state));
}

void
wait_finish(struct vk_thread *thread)
{
	wait_cancel(thread);
	work_cancel(thread->wait.work);
	free(thread->wait.rows);
	free(thread->wait.fds);
	memset(&thread->wait, 0, sizeof(thread->wait));
}
