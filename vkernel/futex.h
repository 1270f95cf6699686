/* SPDX-License-Identifier: BSD-2-Clause */
/* Futexes: what threads that end leave to others. */
#ifndef VMS_VKERNEL_FUTEX_H
#define VMS_VKERNEL_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

struct vk_thread;

/* A thread's place among those who wait; in struct vk_thread. */
struct vk_futex {
	struct vk_futex *next, *previous;
	struct vk_thread *thread;
	uint64_t key[2];
	uint32_t bits;
	bool queued, woken;
	bool pi; /* waits for a lock, not for a wake */
};

struct vk_futexes {
	struct vk_futex *first, *last;
};

/* At the end of a thread, and at exec: robust mutexes are given free,
 * clear_child_tid is cleared and woken. */
void futex_thread_exit(struct vk_thread *thread);

/* Wakes at most count waiters of the word at va; how many there were. */
int64_t futex_wake(struct vk_thread *thread, uint64_t va, int count);

#endif
