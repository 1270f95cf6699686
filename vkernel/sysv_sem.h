/* SPDX-License-Identifier: BSD-2-Clause */
/* What semop (sysv_sem.c) and semctl (sysv_semctl.c) both know. */
#ifndef VMS_VKERNEL_SYSV_SEM_H
#define VMS_VKERNEL_SYSV_SEM_H

#include <stdint.h>

#include "vkernel/sysv.h"

#define SEM_MAX_SETS  32000
#define SEM_MAX_COUNT 32000
#define SEM_MAX_OPS   500
#define SEM_MAX_VALUE 32767

struct semaphore {
	int value, pid;
};

struct sem_set {
	struct vk_ipc ipc;
	int64_t used; /* seconds */
	int count;
	struct semaphore *rows;
};

/* What a process gives back to one set when it ends. */
struct sem_undo {
	struct sem_undo *next;
	int id, count;
	int *rows;
};

/* Of a thread that waits, in its wait.state: which one, and for zero. */
enum { STATE_NUMBER, STATE_ZERO };

#endif
