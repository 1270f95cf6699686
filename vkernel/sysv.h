/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System V shared memory, semaphores and message queues: one name space for
 * each run, which nobody else sees.  sysv.c has what the three have in common,
 * sysv_shm.c, sysv_sem.c and sysv_msg.c the calls.
 */
#ifndef VMS_VKERNEL_SYSV_H
#define VMS_VKERNEL_SYSV_H

#include <stddef.h>
#include <stdint.h>

#include "vkernel/queue.h"

struct sem_undo;
struct vk_kernel;
struct vk_process;
struct vk_thread;

#define IPC_RMID  0
#define IPC_SET   1
#define IPC_STAT  2
#define IPC_INFO  3
#define IPC_ROWS  32000 /* of a kind, at most */
#define IPC_READ  0444
#define IPC_WRITE 0222

#define IPC_NOWAIT 04000u

/* struct ipc64_perm of Linux. */
struct lx_ipc_perm {
	int32_t key;
	uint32_t uid, gid, cuid, cgid, mode;
	uint16_t seq, unused1[3];
	uint64_t unused2[2];
};

/* What the three begin with. */
struct vk_ipc {
	int id;
	struct lx_ipc_perm perm;
	int64_t changed; /* seconds */
	struct vk_queue queue;
};

struct vk_ipcs {
	struct vk_ipc **rows; /* by index; NULL: free */
	size_t room, used;
	size_t last; /* the index that was given last, plus 1 */
	unsigned sequence;
};

struct vk_sysv {
	struct vk_ipcs shm, sem, msg;
};

/* NULL: no memory. */
struct vk_sysv *sysv_of(struct vk_kernel *kernel);
void sysv_finish(struct vk_kernel *kernel);
/* The process has ended: what it did with SEM_UNDO is undone. */
void sysv_exit(struct vk_process *process);

/* What the three say of themselves. */
struct ipc_kind {
	/* A new one, the rest of which ipc_get() fills; LX_ errors. */
	int (*create)(struct vk_thread *thread, const uint64_t *args,
	    struct vk_ipc **out);
	/* There is one with the key; may it be had with these arguments? */
	int (*check)(const struct vk_ipc *ipc, const uint64_t *args);
	void (*destroy)(struct vk_ipc *ipc);
};

/* The shmget(), semget() and msgget() of args. */
int64_t ipc_get(struct vk_thread *thread, struct vk_ipcs *ipcs,
    const struct ipc_kind *kind, const uint64_t *args, unsigned flags);
/* By id; NULL: there is none. */
struct vk_ipc *ipc_lookup(const struct vk_ipcs *ipcs, int id);
/* By index; LX_EINVAL: there is none. */
int ipc_by_index(const struct vk_ipcs *ipcs, int index, struct vk_ipc **out);
/* What a call that has waited finds: LX_EIDRM instead of LX_EINVAL. */
int ipc_find(struct vk_thread *thread, const struct vk_ipcs *ipcs, int id,
    struct vk_ipc **out);
/* LX_EACCES: IPC_READ, IPC_WRITE or a sum of them is not granted. */
int ipc_permits(
    const struct vk_thread *thread, const struct vk_ipc *ipc, unsigned access);
/* LX_EPERM: neither its owner nor its maker. */
int ipc_owns(const struct vk_thread *thread, const struct vk_ipc *ipc);
/* Nobody finds it any more; who waits is woken. */
void ipc_forget(struct vk_ipcs *ipcs, struct vk_ipc *ipc);
/* IPC_SET. */
void ipc_change(struct vk_thread *thread, struct vk_ipc *ipc,
    const struct lx_ipc_perm *perm);
/* The highest index in use, 0 if there is none. */
int ipc_last(const struct vk_ipcs *ipcs);
int64_t ipc_seconds(const struct vk_thread *thread);

#endif
