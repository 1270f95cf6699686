/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a system call waits.  No handler ever blocks: one that cannot go on
 * names what it waits for, and returns -LX_WAIT.  Its thread is parked.  When
 * one of these things has happened, or a signal came, the SAME handler is
 * called again with the SAME arguments; it tries again, and either has its
 * result or waits again.
 *
 *	static int64_t
 *	sys_example(struct vk_thread *thread, const uint64_t *args)
 *	{
 *		if (thing->ready)
 *			return thing->value;
 *		wait_queue(thread, &thing->queue);
 *		wait_time(thread, ns);
 *		return -wait_park(thread);
 *	}
 *
 * What a handler must remember from one call to the next it keeps in
 * thread->wait.state, which is 0 at the first; thread->wait.again tells the
 * calls apart.  Names are given anew at each call; the deadline is that of
 * the first.
 */
#ifndef VMS_VKERNEL_WAIT_H
#define VMS_VKERNEL_WAIT_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/queue.h"
#include "vkernel/timer.h"

struct vk_open;
struct vk_thread;
struct vk_work;

#define WAIT_FOREVER UINT64_MAX

struct vk_wait {
	bool again;     /* this is not the first call of the handler */
	bool timed;     /* deadline_ns is set */
	bool no_memory; /* a name could not be noted */
	uint64_t deadline_ns;
	uint64_t state[4]; /* the handler's own */
	struct vk_timer timer;
	struct vk_work *work;      /* of another host thread, see work.h */
	struct vk_queue_row *rows; /* row_count used of row_room */
	size_t row_count, row_room;
	struct pollfd *fds;
	size_t fd_count, fd_room;
	bool fds_told; /* the scheduler has counted them */
};

void wait_queue(struct vk_thread *thread, struct vk_queue *queue);
/* A host descriptor and host events. */
void wait_fd(struct vk_thread *thread, int host_fd, short events);
/* At most ns nanoseconds from the first call on; WAIT_FOREVER: no limit. */
void wait_time(struct vk_thread *thread, uint64_t ns);
/* Until this time of clock_now(). */
void wait_until(struct vk_thread *thread, uint64_t deadline_ns);

/*
 * The last thing a handler says: LX_WAIT (park me), LX_EINTR (a signal would
 * be acted on), LX_ETIMEDOUT (the time is over), LX_ENOMEM.
 */
int wait_park(struct vk_thread *thread);
/* The same for a wait that signals do not end, unless they kill. */
int wait_park_unbroken(struct vk_thread *thread);

/* For the scheduler: forgets names, timer and state. */
void wait_cancel(struct vk_thread *thread);
void wait_reset(struct vk_thread *thread);
void wait_finish(struct vk_thread *thread);

#endif
