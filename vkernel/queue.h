/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest thread can wait for inside the kernel: a child, a pipe's other
 * end, a futex.  Whoever changes the thing says queue_wake(), and every thread
 * that waits there does its system call again.
 */
#ifndef VMS_VKERNEL_QUEUE_H
#define VMS_VKERNEL_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

struct vk_thread;
struct vk_queue_row;

/* Zero is an empty queue. */
struct vk_queue {
	struct vk_queue_row *first, *last;
};

/* One thread's place in one queue; in struct vk_wait. */
struct vk_queue_row {
	struct vk_queue *queue; /* NULL: in none */
	struct vk_queue_row *next, *previous;
	struct vk_thread *thread;
};

void queue_add(struct vk_queue *queue, struct vk_queue_row *row);
void queue_remove(struct vk_queue_row *row);
/* All threads that wait there may go on, first come first. */
void queue_wake(struct vk_queue *queue);

static inline bool
queue_is_empty(const struct vk_queue *queue)
{
	return queue->first == NULL;
}

#endif
