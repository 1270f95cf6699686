/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/queue.h"

#include "vkernel/kernel.h"

void
queue_add(struct vk_queue *queue, struct vk_queue_row *row)
{
	row->queue = queue;
	row->next = NULL;
	row->previous = queue->last;
	if (queue->last != NULL)
		queue->last->next = row;
	else
		queue->first = row;
	queue->last = row;
}

void
queue_remove(struct vk_queue_row *row)
{
	struct vk_queue *queue;

	queue = row->queue;
	if (queue == NULL)
		return;
	if (row->previous != NULL)
		row->previous->next = row->next;
	else
		queue->first = row->next;
	if (row->next != NULL)
		row->next->previous = row->previous;
	else
		queue->last = row->previous;
	row->queue = NULL;
}

/* Waking a thread takes it out of all its queues. */
void
queue_wake(struct vk_queue *queue)
{
	while (queue->first != NULL)
		sched_wake(queue->first->thread);
}
