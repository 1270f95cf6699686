/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/mq.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/syscall.h"

#define MQ_FILE_SIZE 80

struct vk_process *
mq_notice_process(struct vk_kernel *kernel, const struct mq_notice *notice)
{
	struct vk_process *process;

	if (notice->pid == 0)
		return NULL;
	process = process_lookup(kernel, notice->pid);
	return process != NULL && !process->zombie &&
		       process->start_ns == notice->start_ns
		   ? process
		   : NULL;
}

static short
mq_file_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct vk_mq *mq;
	int now;

	mq = open->data;
	now = mq->count > 0 ? POLLIN | POLLRDNORM : 0;
	if (mq->count < mq->max_count)
		now |= POLLOUT | POLLWRNORM;
	if (waiter != NULL)
		wait_queue(waiter, &mq->pollers);
	return (short)(now & events);
}

static uint64_t
mq_file_edges(const struct vk_open *open, short events)
{
	const struct vk_mq *mq;
	uint64_t sum;

	mq = open->data;
	sum = (events & POLLIN) != 0 ? mq->read_edges : 0;
	return (events & POLLOUT) != 0 ? sum + mq->write_edges : sum;
}

static int64_t
mq_file_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct vk_mq *mq;

	mq = open->data;
	open_stat_own(thread, LX_S_IFREG | mq->mode, &mq->id, st);
	st->st_uid = mq->uid;
	st->st_gid = mq->gid;
	st->st_size = MQ_FILE_SIZE;
	return 0;
}

static void
mq_free(struct vk_mq *mq)
{
	struct mq_message *message;

	while ((message = mq->first) != NULL) {
		mq->first = message->next;
		free(message);
	}
	free(mq);
}

static void
mq_file_close(struct vk_open *open)
{
	struct vk_mq *mq;

	mq = open->data;
	mq->opens--;
	queue_wake(&mq->receivers);
	queue_wake(&mq->senders);
	queue_wake(&mq->pollers);
	if (mq->opens == 0 && !mq->named)
		mq_free(mq);
}

/* Linux tells of the queue in words to who reads the file, we do not. */
static const struct vk_file_ops mq_ops = {
	.name = "mqueue",
	.poll = mq_file_poll,
	.stat = mq_file_stat,
	.close = mq_file_close,
	.edges = mq_file_edges,
};

int
mq_open_create(struct vk_mq *mq, int flags, struct vk_open **out)
{
	int error;

	error = open_create_ops(&mq_ops, mq, flags, out);
	if (error == 0)
		mq->opens++;
	return error;
}

struct vk_mq *
mq_of(const struct vk_open *open)
{
	return open != NULL && open->ops == &mq_ops ? open->data : NULL;
}

void
mq_put(struct vk_mq *mq, struct mq_message *message)
{
	struct mq_message **at;

	at = &mq->first;
	while (*at != NULL && (*at)->priority >= message->priority)
		at = &(*at)->next;
	message->next = *at;
	*at = message;
	mq->count++;
	mq->bytes += message->size;
	mq->read_edges++;
	queue_wake(&mq->receivers);
	queue_wake(&mq->pollers);
}

struct mq_message *
mq_take(struct vk_mq *mq)
{
	struct mq_message *message;

	message = mq->first;
	mq->first = message->next;
	mq->count--;
	mq->bytes -= message->size;
	mq->write_edges++;
	queue_wake(&mq->senders);
	queue_wake(&mq->pollers);
	return message;
}

void
mq_unname(struct vk_kernel *kernel, struct vk_mq *mq)
{
	struct vk_mq **at;

	for (at = &kernel->mqs; *at != mq;)
		at = &(*at)->next;
	*at = mq->next;
	mq->named = false;
	if (mq->opens == 0)
		mq_free(mq);
}

void
mq_finish(struct vk_kernel *kernel)
{
	while (kernel->mqs != NULL)
		mq_unname(kernel, kernel->mqs);
}
