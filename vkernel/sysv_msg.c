/* SPDX-License-Identifier: BSD-2-Clause */
/* System V message queues, in the order of ipc/msg.c. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/sysv.h"
#include "vkernel/sysv_kinds.h"
#include "vkernel/usercopy.h"

#define MSG_STAT     11
#define MSG_INFO     12
#define MSG_STAT_ANY 13

#define MSG_NOERROR 010000u
#define MSG_EXCEPT  020000u
#define MSG_COPY    040000u

#define MSG_MAX_SIZE  8192
#define MSG_MAX_BYTES 16384

struct message {
	struct message *next;
	int64_t type;
	uint64_t size;
	uint8_t bytes[];
};

struct msg_queue {
	struct vk_ipc ipc;
	struct message *first, **end;
	uint64_t bytes, count, limit;
	int64_t sent, received; /* seconds */
	int sender, receiver;
};

struct lx_msqid {
	struct lx_ipc_perm perm;
	int64_t sent, received, changed;
	uint64_t bytes, count, limit;
	int32_t sender, receiver;
	uint64_t unused[2];
};

struct lx_msginfo {
	int32_t pool, map, max, bytes, queues, segment, tail;
	uint16_t segments;
};

static int
msg_create(struct vk_thread *thread, const uint64_t *args, struct vk_ipc **out)
{
	struct msg_queue *queue;

	(void)thread;
	(void)args;
	queue = calloc(1, sizeof(*queue));
	if (queue == NULL)
		return LX_ENOMEM;
	queue->end = &queue->first;
	queue->limit = MSG_MAX_BYTES;
	*out = &queue->ipc;
	return 0;
}

static int
msg_check(const struct vk_ipc *ipc, const uint64_t *args)
{
	(void)ipc;
	(void)args;
	return 0;
}

static void
msg_destroy(struct vk_ipc *ipc)
{
	struct message *message;
	struct msg_queue *queue;

	queue = (struct msg_queue *)ipc;
	while ((message = queue->first) != NULL) {
		queue->first = message->next;
		free(message);
	}
	free(queue);
}

const struct ipc_kind msg_kind = { msg_create, msg_check, msg_destroy };

int64_t
sys_msgget(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_sysv *sysv;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	return ipc_get(thread, &sysv->msg, &msg_kind, args, (unsigned)args[1]);
}

static int
msg_wait(
    struct vk_thread *thread, struct msg_queue *queue, uint64_t flags, int none)
{
	if ((flags & IPC_NOWAIT) != 0)
		return none;
	wait_queue(thread, &queue->ipc.queue);
	return wait_park(thread);
}

/* The guest's bytes at the end of the queue. */
static int
msg_append(struct vk_thread *thread, struct msg_queue *queue, int64_t type,
    const uint64_t *args)
{
	struct message *message;

	message = malloc(sizeof(*message) + args[2]);
	if (message == NULL)
		return LX_ENOMEM;
	message->next = NULL;
	message->type = type;
	message->size = args[2];
	if (copyin(thread->process->mm, message->bytes, args[1] + sizeof(type),
		args[2]) != 0) {
		free(message);
		return LX_EFAULT;
	}
	*queue->end = message;
	queue->end = &message->next;
	queue->bytes += message->size;
	queue->count++;
	queue->sent = ipc_seconds(thread);
	queue->sender = thread->process->pid;
	queue_wake(&queue->ipc.queue);
	return 0;
}

int64_t
sys_msgsnd(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_sysv *sysv;
	struct msg_queue *queue;
	struct vk_ipc *ipc;
	int64_t type;
	int error;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	if (copyin(thread->process->mm, &type, args[1], sizeof(type)) != 0)
		return -LX_EFAULT;
	if (args[2] > MSG_MAX_SIZE || (int)args[0] < 0 || type < 1)
		return -LX_EINVAL;
	error = ipc_find(thread, &sysv->msg, (int)args[0], &ipc);
	if (error == 0)
		error = ipc_permits(thread, ipc, IPC_WRITE);
	if (error != 0)
		return -error;
	queue = (struct msg_queue *)ipc;
	if (queue->bytes + args[2] > queue->limit ||
	    queue->count + 1 > queue->limit)
		return -msg_wait(thread, queue, args[3], LX_EAGAIN);
	return -msg_append(thread, queue, type, args);
}

/* The place of the first one that type and flags ask for; NULL: none. */
static struct message **
msg_search(struct msg_queue *queue, int64_t type, uint64_t flags)
{
	struct message **found, **place;
	int64_t best;

	found = NULL;
	best = type == INT64_MIN ? INT64_MAX : -type;
	for (place = &queue->first; *place != NULL; place = &(*place)->next) {
		if (type == 0)
			return place;
		if (type > 0 &&
		    ((*place)->type == type) == ((flags & MSG_EXCEPT) == 0))
			return place;
		if (type < 0 && (*place)->type <= best) {
			found = place;
			best = (*place)->type - 1;
		}
	}
	return found;
}

static struct message *
msg_take(struct msg_queue *queue, struct message **place)
{
	struct message *message;

	message = *place;
	*place = message->next;
	if (queue->end == &message->next)
		queue->end = place;
	queue->bytes -= message->size;
	queue->count--;
	return message;
}

static int64_t
msg_deliver(
    struct vk_thread *thread, struct message *message, const uint64_t *args)
{
	struct vk_mm *mm;
	uint64_t size;
	int error;

	mm = thread->process->mm;
	size = message->size < args[2] ? message->size : args[2];
	error = copyout(mm, args[1], &message->type, sizeof(message->type));
	if (error == 0)
		error = copyout(
		    mm, args[1] + sizeof(message->type), message->bytes, size);
	free(message);
	return error != 0 ? -error : (int64_t)size;
}

int64_t
sys_msgrcv(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_sysv *sysv;
	struct msg_queue *queue;
	struct message **place;
	struct vk_ipc *ipc;
	int error;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	if ((int)args[0] < 0 || args[2] > INT64_MAX)
		return -LX_EINVAL;
	if ((args[4] & MSG_COPY) != 0)
		return -LX_ENOSYS;
	error = ipc_find(thread, &sysv->msg, (int)args[0], &ipc);
	if (error == 0)
		error = ipc_permits(thread, ipc, IPC_READ);
	if (error != 0)
		return -error;
	queue = (struct msg_queue *)ipc;
	place = msg_search(queue, (int64_t)args[3], args[4]);
	if (place == NULL)
		return -msg_wait(thread, queue, args[4], LX_ENOMSG);
	if ((*place)->size > args[2] && (args[4] & MSG_NOERROR) == 0)
		return -LX_E2BIG;
	queue->received = ipc_seconds(thread);
	queue->receiver = thread->process->pid;
	queue_wake(&ipc->queue);
	return msg_deliver(thread, msg_take(queue, place), args);
}

static int64_t
msg_stat(struct vk_thread *thread, const struct msg_queue *queue, uint64_t va)
{
	struct lx_msqid out;

	memset(&out, 0, sizeof(out));
	out.perm = queue->ipc.perm;
	out.sent = queue->sent;
	out.received = queue->received;
	out.changed = queue->ipc.changed;
	out.bytes = queue->bytes;
	out.count = queue->count;
	out.limit = queue->limit;
	out.sender = queue->sender;
	out.receiver = queue->receiver;
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

static int64_t
msg_set(struct vk_thread *thread, struct msg_queue *queue, uint64_t va)
{
	struct lx_msqid in;
	int error;

	if (copyin(thread->process->mm, &in, va, sizeof(in)) != 0)
		return -LX_EFAULT;
	error = ipc_owns(thread, &queue->ipc);
	if (error != 0)
		return -error;
	if (in.limit > MSG_MAX_BYTES &&
	    thread->process->cred.user.effective != 0)
		return -LX_EPERM;
	queue->limit = in.limit;
	ipc_change(thread, &queue->ipc, &in.perm);
	queue_wake(&queue->ipc.queue);
	return 0;
}

static int64_t
msg_info(
    struct vk_thread *thread, const struct vk_ipcs *ipcs, const uint64_t *args)
{
	struct lx_msginfo out = { .pool = 512000,
		.map = MSG_MAX_BYTES,
		.max = MSG_MAX_SIZE,
		.bytes = MSG_MAX_BYTES,
		.queues = IPC_ROWS,
		.segment = 16,
		.tail = MSG_MAX_BYTES,
		.segments = UINT16_MAX };
	const struct msg_queue *queue;
	size_t i;

	if ((int)args[1] == MSG_INFO) {
		out.pool = (int32_t)ipcs->used;
		out.map = 0;
		out.tail = 0;
		for (i = 0; i < ipcs->room; i++) {
			queue = (const struct msg_queue *)ipcs->rows[i];
			if (queue == NULL)
				continue;
			out.map += (int32_t)queue->count;
			out.tail += (int32_t)queue->bytes;
		}
	}
	if (copyout(thread->process->mm, args[2], &out, sizeof(out)) != 0)
		return -LX_EFAULT;
	return ipc_last(ipcs);
}

static int64_t
msg_stat_index(
    struct vk_thread *thread, const struct vk_ipcs *ipcs, const uint64_t *args)
{
	struct vk_ipc *ipc;
	int error;

	error = ipc_by_index(ipcs, (int)args[0], &ipc);
	if (error == 0 && (int)args[1] == MSG_STAT)
		error = ipc_permits(thread, ipc, IPC_READ);
	if (error == 0)
		error =
		    (int)-msg_stat(thread, (struct msg_queue *)ipc, args[2]);
	return error == 0 ? ipc->id : -error;
}

static int64_t
msg_remove(struct vk_thread *thread, struct vk_ipcs *ipcs, struct vk_ipc *ipc)
{
	int error;

	error = ipc_owns(thread, ipc);
	if (error != 0)
		return -error;
	ipc_forget(ipcs, ipc);
	msg_destroy(ipc);
	return 0;
}

int64_t
sys_msgctl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_sysv *sysv;
	struct vk_ipc *ipc;
	int command, error;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	command = (int)args[1];
	if ((int)args[0] < 0 || command < 0)
		return -LX_EINVAL;
	if (command == IPC_INFO || command == MSG_INFO)
		return msg_info(thread, &sysv->msg, args);
	if (command == MSG_STAT || command == MSG_STAT_ANY)
		return msg_stat_index(thread, &sysv->msg, args);
	error = ipc_find(thread, &sysv->msg, (int)args[0], &ipc);
	if (error != 0)
		return -error;
	switch (command) {
	case IPC_STAT:
		error = ipc_permits(thread, ipc, IPC_READ);
		return error != 0
			   ? -error
			   : msg_stat(thread, (struct msg_queue *)ipc, args[2]);
	case IPC_SET:
		return msg_set(thread, (struct msg_queue *)ipc, args[2]);
	case IPC_RMID:
		return msg_remove(thread, &sysv->msg, ipc);
	default:
		return -LX_EINVAL;
	}
}
