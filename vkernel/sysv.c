/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys, ids and permissions of System V objects, as ipc/util.c has them. */
#include "vkernel/sysv.h"

#include <stdlib.h>

#include "vkernel/clock.h"
#include "vkernel/kernel.h"
#include "vkernel/sysv_kinds.h"

#define IPC_CREAT   01000u
#define IPC_EXCL    02000u
#define ID_SHIFT    15
#define ID_MASK     ((1 << ID_SHIFT) - 1)
#define ID_CYCLE    64 /* so many indices are used before one comes again */
#define SEQUENCES   65536
#define PERMISSIONS 0777u

struct vk_sysv *
sysv_of(struct vk_kernel *kernel)
{
	if (kernel->sysv == NULL)
		kernel->sysv = calloc(1, sizeof(*kernel->sysv));
	return kernel->sysv;
}

static void
ipcs_finish(struct vk_ipcs *ipcs, const struct ipc_kind *kind)
{
	struct vk_ipc *ipc;
	size_t i;

	for (i = 0; i < ipcs->room; i++) {
		ipc = ipcs->rows[i];
		if (ipc == NULL)
			continue;
		ipc_forget(ipcs, ipc);
		kind->destroy(ipc);
	}
	free(ipcs->rows);
}

void
sysv_finish(struct vk_kernel *kernel)
{
	if (kernel->sysv == NULL)
		return;
	ipcs_finish(&kernel->sysv->shm, &shm_kind);
	ipcs_finish(&kernel->sysv->sem, &sem_kind);
	ipcs_finish(&kernel->sysv->msg, &msg_kind);
	free(kernel->sysv);
	kernel->sysv = NULL;
}

int64_t
ipc_seconds(const struct vk_thread *thread)
{
	return (int64_t)(clock_realtime_ns(thread) / NS_PER_SEC);
}

static struct vk_ipc *
ipc_of_key(const struct vk_ipcs *ipcs, int key)
{
	size_t i;

	for (i = 0; i < ipcs->room; i++)
		if (ipcs->rows[i] != NULL && ipcs->rows[i]->perm.key == key)
			return ipcs->rows[i];
	return NULL;
}

struct vk_ipc *
ipc_lookup(const struct vk_ipcs *ipcs, int id)
{
	struct vk_ipc *ipc;

	if (id < 0 || (size_t)(id & ID_MASK) >= ipcs->room)
		return NULL;
	ipc = ipcs->rows[id & ID_MASK];
	return ipc != NULL && ipc->id == id ? ipc : NULL;
}

int
ipc_by_index(const struct vk_ipcs *ipcs, int index, struct vk_ipc **out)
{
	if (index < 0 || (size_t)index >= ipcs->room ||
	    ipcs->rows[index] == NULL)
		return LX_EINVAL;
	*out = ipcs->rows[index];
	return 0;
}

int
ipc_find(struct vk_thread *thread, const struct vk_ipcs *ipcs, int id,
    struct vk_ipc **out)
{
	*out = ipc_lookup(ipcs, id);
	if (*out != NULL)
		return 0;
	return thread->wait.again ? LX_EIDRM : LX_EINVAL;
}

static bool
in_group(const struct vk_cred *cred, uint32_t group)
{
	int i;

	for (i = 0; i < cred->group_count; i++)
		if (cred->groups[i] == group)
			return true;
	return cred->group.effective == group;
}

int
ipc_permits(
    const struct vk_thread *thread, const struct vk_ipc *ipc, unsigned access)
{
	const struct vk_cred *cred;
	unsigned granted, wanted;

	cred = &thread->process->cred;
	wanted = access >> 6 | access >> 3 | access;
	granted = ipc->perm.mode;
	if (cred->user.effective == ipc->perm.cuid ||
	    cred->user.effective == ipc->perm.uid)
		granted >>= 6;
	else if (in_group(cred, ipc->perm.cgid) ||
		 in_group(cred, ipc->perm.gid))
		granted >>= 3;
	if ((wanted & ~granted & 7) == 0 || cred->user.effective == 0)
		return 0;
	return LX_EACCES;
}

int
ipc_owns(const struct vk_thread *thread, const struct vk_ipc *ipc)
{
	uint32_t user;

	user = thread->process->cred.user.effective;
	if (user == 0 || user == ipc->perm.uid || user == ipc->perm.cuid)
		return 0;
	return LX_EPERM;
}

static int
ipcs_grow(struct vk_ipcs *ipcs)
{
	struct vk_ipc **rows;
	size_t i, room;

	room = ipcs->room == 0 ? ID_CYCLE : ipcs->room * 2;
	rows = realloc(ipcs->rows, room * sizeof(struct vk_ipc *));
	if (rows == NULL)
		return LX_ENOMEM;
	for (i = ipcs->room; i < room; i++)
		rows[i] = NULL;
	ipcs->rows = rows;
	ipcs->room = room;
	return 0;
}

/* An index, as far as possible not one that was free a moment ago. */
static size_t
index_next(const struct vk_ipcs *ipcs)
{
	size_t cycle, index;

	cycle = ipcs->used * 3 / 2;
	if (cycle < ID_CYCLE)
		cycle = ID_CYCLE;
	if (cycle > ipcs->room)
		cycle = ipcs->room;
	index = ipcs->last < cycle ? ipcs->last : 0;
	while (ipcs->rows[index] != NULL)
		index = index + 1 < cycle ? index + 1 : 0;
	return index;
}

static int
ipc_enter(struct vk_ipcs *ipcs, struct vk_ipc *ipc)
{
	size_t index;
	int error;

	if (ipcs->used == IPC_ROWS)
		return LX_ENOSPC;
	if (ipcs->used * 3 / 2 >= ipcs->room) {
		error = ipcs_grow(ipcs);
		if (error != 0)
			return error;
	}
	index = index_next(ipcs);
	if (index < ipcs->last)
		ipcs->sequence = (ipcs->sequence + 1) % SEQUENCES;
	ipcs->last = index + 1;
	ipcs->rows[index] = ipc;
	ipcs->used++;
	ipc->id = (int)(ipcs->sequence << ID_SHIFT) + (int)index;
	ipc->perm.seq = (uint16_t)ipcs->sequence;
	return 0;
}

static int64_t
ipc_create(struct vk_thread *thread, struct vk_ipcs *ipcs,
    const struct ipc_kind *kind, const uint64_t *args, unsigned flags)
{
	const struct vk_cred *cred;
	struct vk_ipc *ipc;
	int error;

	error = kind->create(thread, args, &ipc);
	if (error != 0)
		return -error;
	cred = &thread->process->cred;
	ipc->perm = (struct lx_ipc_perm){ .key = (int32_t)args[0],
		.uid = cred->user.effective,
		.gid = cred->group.effective,
		.cuid = cred->user.effective,
		.cgid = cred->group.effective,
		.mode = flags & PERMISSIONS };
	ipc->changed = ipc_seconds(thread);
	error = ipc_enter(ipcs, ipc);
	if (error == 0)
		return ipc->id;
	kind->destroy(ipc);
	return -error;
}

int64_t
ipc_get(struct vk_thread *thread, struct vk_ipcs *ipcs,
    const struct ipc_kind *kind, const uint64_t *args, unsigned flags)
{
	struct vk_ipc *ipc;
	int error, key;

	key = (int)args[0];
	ipc = key == 0 ? NULL : ipc_of_key(ipcs, key);
	if (ipc == NULL) {
		if (key != 0 && (flags & IPC_CREAT) == 0)
			return -LX_ENOENT;
		return ipc_create(thread, ipcs, kind, args, flags);
	}
	if ((flags & IPC_CREAT) != 0 && (flags & IPC_EXCL) != 0)
		return -LX_EEXIST;
	error = kind->check(ipc, args);
	if (error == 0)
		error = ipc_permits(thread, ipc, flags & PERMISSIONS);
	return error == 0 ? ipc->id : -error;
}

void
ipc_forget(struct vk_ipcs *ipcs, struct vk_ipc *ipc)
{
	ipcs->rows[ipc->id & ID_MASK] = NULL;
	ipcs->used--;
	queue_wake(&ipc->queue);
}

void
ipc_change(struct vk_thread *thread, struct vk_ipc *ipc,
    const struct lx_ipc_perm *perm)
{
	ipc->perm.uid = perm->uid;
	ipc->perm.gid = perm->gid;
	ipc->perm.mode =
	    (ipc->perm.mode & ~PERMISSIONS) | (perm->mode & PERMISSIONS);
	ipc->changed = ipc_seconds(thread);
}

int
ipc_last(const struct vk_ipcs *ipcs)
{
	size_t i;

	for (i = ipcs->room; i > 0; i--)
		if (ipcs->rows[i - 1] != NULL)
			return (int)(i - 1);
	return 0;
}
