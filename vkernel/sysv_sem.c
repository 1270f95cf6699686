/* SPDX-License-Identifier: BSD-2-Clause */
/* System V semaphores, in the order of ipc/sem.c. */
#include "vkernel/sysv_sem.h"

#include <stdlib.h>

#include "vkernel/clock.h"
#include "vkernel/syscall.h"
#include "vkernel/sysv.h"
#include "vkernel/sysv_kinds.h"
#include "vkernel/usercopy.h"

#define SEM_UNDO 0x1000

struct lx_sembuf {
	uint16_t number;
	int16_t change;
	int16_t flags;
};

/* One call's operations; undo is NULL unless one has SEM_UNDO. */
struct sem_call {
	struct sem_set *set;
	struct sem_undo *undo;
	struct lx_sembuf ops[SEM_MAX_OPS];
	int count;
};

static void
sem_destroy(struct vk_ipc *ipc)
{
	struct sem_set *set;

	set = (struct sem_set *)ipc;
	free(set->rows);
	free(set);
}

static int
sem_create(struct vk_thread *thread, const uint64_t *args, struct vk_ipc **out)
{
	struct sem_set *set;
	int count;

	(void)thread;
	count = (int)args[1];
	if (count == 0)
		return LX_EINVAL;
	set = calloc(1, sizeof(*set));
	if (set == NULL)
		return LX_ENOMEM;
	set->count = count;
	set->rows = calloc((size_t)count, sizeof(*set->rows));
	*out = &set->ipc;
	if (set->rows != NULL)
		return 0;
	sem_destroy(&set->ipc);
	return LX_ENOMEM;
}

static int
sem_check(const struct vk_ipc *ipc, const uint64_t *args)
{
	return (int)args[1] > ((const struct sem_set *)ipc)->count ? LX_EINVAL
								   : 0;
}

const struct ipc_kind sem_kind = { sem_create, sem_check, sem_destroy };

int64_t
sys_semget(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_sysv *sysv;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	if ((int)args[1] < 0 || (int)args[1] > SEM_MAX_COUNT)
		return -LX_EINVAL;
	return ipc_get(thread, &sysv->sem, &sem_kind, args, (unsigned)args[2]);
}

/* The process's undo of set, made if need be; NULL: no memory. */
static struct sem_undo *
undo_of(struct vk_process *process, const struct sem_set *set)
{
	struct sem_undo *undo;

	for (undo = process->undo; undo != NULL; undo = undo->next)
		if (undo->id == set->ipc.id)
			return undo;
	undo = calloc(1, sizeof(*undo));
	if (undo == NULL)
		return NULL;
	undo->rows = calloc((size_t)set->count, sizeof(*undo->rows));
	if (undo->rows == NULL) {
		free(undo);
		return NULL;
	}
	undo->id = set->ipc.id;
	undo->count = set->count;
	undo->next = process->undo;
	process->undo = undo;
	return undo;
}

static void
undo_do(struct vk_process *process, struct sem_set *set,
    const struct sem_undo *undo)
{
	int i, value;

	for (i = 0; i < undo->count; i++) {
		if (undo->rows[i] == 0)
			continue;
		value = set->rows[i].value + undo->rows[i];
		if (value < 0)
			value = 0;
		if (value > SEM_MAX_VALUE)
			value = SEM_MAX_VALUE;
		set->rows[i].value = value;
		set->rows[i].pid = process->pid;
	}
	queue_wake(&set->ipc.queue);
}

void
sysv_exit(struct vk_process *process)
{
	struct sem_undo *undo;
	struct vk_ipc *ipc;

	while ((undo = process->undo) != NULL) {
		process->undo = undo->next;
		ipc = ipc_lookup(&process->kernel->sysv->sem, undo->id);
		if (ipc != NULL)
			undo_do(process, (struct sem_set *)ipc, undo);
		free(undo->rows);
		free(undo);
	}
}

/* LX_EAGAIN: it has to wait. */
static int
op_do(struct sem_call *call, const struct lx_sembuf *op)
{
	struct semaphore *semaphore;
	int undo, value;

	semaphore = &call->set->rows[op->number];
	value = semaphore->value + op->change;
	if (op->change == 0)
		return semaphore->value != 0 ? LX_EAGAIN : 0;
	if (value < 0)
		return LX_EAGAIN;
	if (value > SEM_MAX_VALUE)
		return LX_ERANGE;
	if ((op->flags & SEM_UNDO) != 0) {
		undo = call->undo->rows[op->number] - op->change;
		if (undo < -SEM_MAX_VALUE - 1 || undo > SEM_MAX_VALUE)
			return LX_ERANGE;
		call->undo->rows[op->number] = undo;
	}
	semaphore->value = value;
	return 0;
}

static void
op_undo(struct sem_call *call, const struct lx_sembuf *op)
{
	call->set->rows[op->number].value -= op->change;
	if ((op->flags & SEM_UNDO) != 0)
		call->undo->rows[op->number] += op->change;
}

/* All or none; *failed is the one that could not be done. */
static int
ops_do(struct sem_call *call, int *failed)
{
	int error, i;

	error = 0;
	for (i = 0; i < call->count && error == 0; i++)
		error = op_do(call, &call->ops[i]);
	if (error == 0)
		return 0;
	*failed = --i;
	while (i-- > 0)
		op_undo(call, &call->ops[i]);
	return error;
}

static void
ops_done(struct vk_thread *thread, struct sem_call *call)
{
	bool changed;
	int i;

	changed = false;
	for (i = 0; i < call->count; i++) {
		call->set->rows[call->ops[i].number].pid = thread->process->pid;
		changed |= call->ops[i].change != 0;
	}
	call->set->used = ipc_seconds(thread);
	if (changed)
		queue_wake(&call->set->ipc.queue);
}

static int
ops_wait(struct vk_thread *thread, const struct sem_call *call,
    const struct lx_sembuf *op, uint64_t ns)
{
	int error;

	if ((op->flags & (int)IPC_NOWAIT) != 0)
		return LX_EAGAIN;
	thread->wait.state[STATE_NUMBER] = op->number;
	thread->wait.state[STATE_ZERO] = op->change == 0;
	wait_queue(thread, &call->set->ipc.queue);
	if (ns != WAIT_FOREVER)
		wait_time(thread, ns);
	error = wait_park(thread);
	return error == LX_ETIMEDOUT ? LX_EAGAIN : error;
}

/* Its rights, and what it needs to give back later. */
static int
ops_prepare(struct vk_thread *thread, struct sem_call *call)
{
	bool changes, undoes;
	int i;

	changes = undoes = false;
	for (i = 0; i < call->count; i++) {
		if (call->ops[i].number >= call->set->count)
			return LX_EFBIG;
		changes |= call->ops[i].change != 0;
		undoes |= (call->ops[i].flags & SEM_UNDO) != 0;
	}
	call->undo = NULL;
	if (undoes) {
		call->undo = undo_of(thread->process, call->set);
		if (call->undo == NULL)
			return LX_ENOMEM;
	}
	return ipc_permits(
	    thread, &call->set->ipc, changes ? IPC_WRITE : IPC_READ);
}

static int64_t
do_semop(struct vk_thread *thread, const uint64_t *args, uint64_t ns)
{
	struct sem_call call;
	struct vk_ipc *ipc;
	struct vk_sysv *sysv;
	int error, failed;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	if (args[2] == 0 || (int)args[0] < 0)
		return -LX_EINVAL;
	if (args[2] > SEM_MAX_OPS)
		return -LX_E2BIG;
	call.count = (int)args[2];
	if (copyin(thread->process->mm, call.ops, args[1],
		args[2] * sizeof(call.ops[0])) != 0)
		return -LX_EFAULT;
	error = ipc_find(thread, &sysv->sem, (int)args[0], &ipc);
	if (error != 0)
		return -error;
	call.set = (struct sem_set *)ipc;
	error = ops_prepare(thread, &call);
	if (error == 0)
		error = ops_do(&call, &failed);
	else
		return -error;
	if (error == 0)
		ops_done(thread, &call);
	else if (error == LX_EAGAIN)
		error = ops_wait(thread, &call, &call.ops[failed], ns);
	return -error;
}

int64_t
sys_semop(struct vk_thread *thread, const uint64_t *args)
{
	return do_semop(thread, args, WAIT_FOREVER);
}

int64_t
sys_semtimedop(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec ts;
	uint64_t ns;

	if (args[3] == 0)
		return do_semop(thread, args, WAIT_FOREVER);
	if (copyin(thread->process->mm, &ts, args[3], sizeof(ts)) != 0)
		return -LX_EFAULT;
	if (timespec_to_ns(&ts, &ns) != 0)
		return -LX_EINVAL;
	return do_semop(thread, args, ns);
}
