/* SPDX-License-Identifier: BSD-2-Clause */
/* semctl, in the order of ipc/sem.c. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/sysv.h"
#include "vkernel/sysv_kinds.h"
#include "vkernel/sysv_sem.h"
#include "vkernel/usercopy.h"

#define GETPID       11
#define GETVAL       12
#define GETALL       13
#define GETNCNT      14
#define GETZCNT      15
#define SETVAL       16
#define SETALL       17
#define SEM_STAT     18
#define SEM_INFO     19
#define SEM_STAT_ANY 20

struct lx_semid {
	struct lx_ipc_perm perm;
	int64_t used;
	uint64_t unused1;
	int64_t changed;
	uint64_t unused2, count, unused3[2];
};

struct lx_seminfo {
	int32_t map, sets, all, undos, count, ops, entries, bytes, value, exit;
};

static int64_t
sem_stat(struct vk_thread *thread, const struct sem_set *set, uint64_t va)
{
	struct lx_semid out;

	memset(&out, 0, sizeof(out));
	out.perm = set->ipc.perm;
	out.used = set->used;
	out.changed = set->ipc.changed;
	out.count = (uint64_t)set->count;
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

static int64_t
sem_info(
    struct vk_thread *thread, const struct vk_ipcs *ipcs, const uint64_t *args)
{
	struct lx_seminfo out = { SEM_MAX_SETS, SEM_MAX_SETS,
		SEM_MAX_SETS * SEM_MAX_COUNT, SEM_MAX_SETS * SEM_MAX_COUNT,
		SEM_MAX_COUNT, SEM_MAX_OPS, SEM_MAX_OPS, 20, SEM_MAX_VALUE,
		SEM_MAX_VALUE };
	size_t i;

	if ((int)args[2] == SEM_INFO) {
		out.bytes = (int32_t)ipcs->used;
		out.exit = 0;
		for (i = 0; i < ipcs->room; i++)
			if (ipcs->rows[i] != NULL)
				out.exit +=
				    ((const struct sem_set *)ipcs->rows[i])
					->count;
	}
	if (copyout(thread->process->mm, args[3], &out, sizeof(out)) != 0)
		return -LX_EFAULT;
	return ipc_last(ipcs);
}

static int64_t
sem_set_perm(struct vk_thread *thread, struct sem_set *set, uint64_t va)
{
	struct lx_semid in;
	int error;

	if (copyin(thread->process->mm, &in, va, sizeof(in)) != 0)
		return -LX_EFAULT;
	error = ipc_owns(thread, &set->ipc);
	if (error == 0)
		ipc_change(thread, &set->ipc, &in.perm);
	return -error;
}

/* How many wait for the semaphore to be zero, or to grow. */
static int
sem_waiters(const struct sem_set *set, int number, bool zero)
{
	const struct vk_queue_row *row;
	const uint64_t *state;
	int count;

	count = 0;
	for (row = set->ipc.queue.first; row != NULL; row = row->next) {
		state = row->thread->wait.state;
		if (state[STATE_NUMBER] == (uint64_t)number &&
		    (state[STATE_ZERO] != 0) == zero)
			count++;
	}
	return count;
}

/* The value was set: nothing of before is undone.  number -1: all. */
static void
undo_clear(struct vk_kernel *kernel, const struct sem_set *set, int number)
{
	struct vk_process *process;
	struct sem_undo *undo;
	int i;

	for (process = kernel->first; process != NULL; process = process->next)
		for (undo = process->undo; undo != NULL; undo = undo->next)
			for (i = 0; i < undo->count; i++)
				if (undo->id == set->ipc.id &&
				    (number == -1 || number == i))
					undo->rows[i] = 0;
}

static int64_t
sem_set_value(
    struct vk_thread *thread, struct sem_set *set, int number, int value)
{
	if (value < 0 || value > SEM_MAX_VALUE)
		return -LX_ERANGE;
	set->rows[number].value = value;
	set->rows[number].pid = thread->process->pid;
	set->ipc.changed = ipc_seconds(thread);
	undo_clear(thread->process->kernel, set, number);
	queue_wake(&set->ipc.queue);
	return 0;
}

static int64_t
sem_one(struct vk_thread *thread, struct sem_set *set, const uint64_t *args)
{
	int error, number;

	number = (int)args[1];
	error = ipc_permits(
	    thread, &set->ipc, (int)args[2] == SETVAL ? IPC_WRITE : IPC_READ);
	if (error != 0)
		return -error;
	if (number < 0 || number >= set->count)
		return -LX_EINVAL;
	switch ((int)args[2]) {
	case GETPID:
		return set->rows[number].pid;
	case GETVAL:
		return set->rows[number].value;
	case SETVAL:
		return sem_set_value(thread, set, number, (int)args[3]);
	default:
		return sem_waiters(set, number, (int)args[2] == GETZCNT);
	}
}

static int64_t
sem_get_all(struct vk_thread *thread, const struct sem_set *set, uint64_t va)
{
	uint16_t value;
	int error, i;

	error = ipc_permits(thread, &set->ipc, IPC_READ);
	for (i = 0; i < set->count && error == 0; i++) {
		value = (uint16_t)set->rows[i].value;
		error = copyout(thread->process->mm,
		    va + (uint64_t)i * sizeof(value), &value, sizeof(value));
	}
	return -error;
}

static int
sem_read_all(struct vk_thread *thread, const struct sem_set *set, uint64_t va,
    uint16_t *values)
{
	int i;

	if (copyin(thread->process->mm, values, va,
		(size_t)set->count * sizeof(*values)) != 0)
		return LX_EFAULT;
	for (i = 0; i < set->count; i++)
		if (values[i] > SEM_MAX_VALUE)
			return LX_ERANGE;
	return 0;
}

static int64_t
sem_set_all(struct vk_thread *thread, struct sem_set *set, uint64_t va)
{
	uint16_t *values;
	int error, i;

	error = ipc_permits(thread, &set->ipc, IPC_WRITE);
	if (error != 0)
		return -error;
	values = calloc((size_t)set->count, sizeof(*values));
	if (values == NULL)
		return -LX_ENOMEM;
	error = sem_read_all(thread, set, va, values);
	for (i = 0; i < set->count && error == 0; i++) {
		set->rows[i].value = values[i];
		set->rows[i].pid = thread->process->pid;
	}
	free(values);
	if (error != 0)
		return -error;
	set->ipc.changed = ipc_seconds(thread);
	undo_clear(thread->process->kernel, set, -1);
	queue_wake(&set->ipc.queue);
	return 0;
}

static int64_t
sem_remove(struct vk_thread *thread, struct vk_ipcs *ipcs, struct vk_ipc *ipc)
{
	int error;

	error = ipc_owns(thread, ipc);
	if (error != 0)
		return -error;
	ipc_forget(ipcs, ipc);
	sem_kind.destroy(ipc);
	return 0;
}

static int64_t
sem_stat_index(
    struct vk_thread *thread, const struct vk_ipcs *ipcs, const uint64_t *args)
{
	struct vk_ipc *ipc;
	int error;

	error = ipc_by_index(ipcs, (int)args[0], &ipc);
	if (error == 0 && (int)args[2] == SEM_STAT)
		error = ipc_permits(thread, ipc, IPC_READ);
	if (error == 0)
		error = (int)-sem_stat(thread, (struct sem_set *)ipc, args[3]);
	return error == 0 ? ipc->id : -error;
}

/* The commands for the set that was found. */
static int64_t
sem_control(struct vk_thread *thread, struct vk_ipcs *ipcs, struct vk_ipc *ipc,
    const uint64_t *args)
{
	struct sem_set *set;
	int error;

	set = (struct sem_set *)ipc;
	switch ((int)args[2]) {
	case IPC_STAT:
		error = ipc_permits(thread, ipc, IPC_READ);
		return error != 0 ? -error : sem_stat(thread, set, args[3]);
	case IPC_SET:
		return sem_set_perm(thread, set, args[3]);
	case IPC_RMID:
		return sem_remove(thread, ipcs, ipc);
	case GETALL:
		return sem_get_all(thread, set, args[3]);
	case SETALL:
		return sem_set_all(thread, set, args[3]);
	case GETPID:
	case GETVAL:
	case GETNCNT:
	case GETZCNT:
	case SETVAL:
		return sem_one(thread, set, args);
	default:
		return -LX_EINVAL;
	}
}

int64_t
sys_semctl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_ipc *ipc;
	struct vk_ipcs *ipcs;
	struct vk_sysv *sysv;
	int command, error;

	sysv = sysv_of(thread->process->kernel);
	if (sysv == NULL)
		return -LX_ENOMEM;
	ipcs = &sysv->sem;
	command = (int)args[2];
	if ((int)args[0] < 0)
		return -LX_EINVAL;
	if (command == IPC_INFO || command == SEM_INFO)
		return sem_info(thread, ipcs, args);
	if (command == SEM_STAT || command == SEM_STAT_ANY)
		return sem_stat_index(thread, ipcs, args);
	error = ipc_find(thread, ipcs, (int)args[0], &ipc);
	return error != 0 ? -error : sem_control(thread, ipcs, ipc, args);
}
