/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What can only block in the host is done by another host thread, while the
 * guest's thread is parked.  That thread runs one function of ours, whose host
 * call ends with EINTR when a signal comes; it never sees guest memory.
 */
#ifndef VMS_VKERNEL_WORK_H
#define VMS_VKERNEL_WORK_H

#include <stdbool.h>
#include <stddef.h>

struct vk_thread;
struct vk_work;

struct vk_task {
	/* 0 or a host errno value.  task is a copy that goes with the work. */
	int (*run)(struct vk_task *task);
	/* What came of it and nobody took is undone.  NULL: nothing. */
	void (*undo)(struct vk_task *task);
	/* The call ended before the work did: on the scheduler's thread, after
	 * undo.  NULL: nothing. */
	void (*abandoned)(struct vk_task *task);
	void *holds[2]; /* of the call; the function does not look at it */
	int fd;         /* as the function likes */
	int out;
	int number[2];
	long long range[2];
	char path[4096];
};

/*
 * Starts the task at the first call, then says how it goes: LX_WAIT (park,
 * return -LX_WAIT), LX_EINTR, LX_ENOMEM; 0: it is over, *error is what it
 * returned and task what it left.  A call that ends otherwise cancels it.
 */
int work_wait(struct vk_thread *thread, struct vk_task *task, int *error);
/* The same for work that is known to end now. */
void work_finish(struct vk_thread *thread, struct vk_task *task, int *error);
/* Of the work that goes on. */
const struct vk_task *work_task(const struct vk_thread *thread);
bool work_is_going_on(const struct vk_thread *thread);
/* Ends it; NULL is accepted. */
void work_cancel(struct vk_work *work);

#endif
