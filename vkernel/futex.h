/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes.  Waiters stand in one list of the kernel, in the order in which
 * they came.  A word is known by its address in an address space when the
 * guest says that it is private, else by what memory it is
 * (mm_futex_key()), so that processes that share memory share its futexes.
 */
#ifndef VMS_VKERNEL_FUTEX_H
#define VMS_VKERNEL_FUTEX_H

#include <stdbool.h>
#include <stdint.h>

struct vk_mm;
struct vk_thread;

#define FUTEX_WAITERS    UINT32_C(0x80000000)
#define FUTEX_OWNER_DIED UINT32_C(0x40000000)
#define FUTEX_TID_MASK   UINT32_C(0x3fffffff)
#define FUTEX_ALL_BITS   UINT32_MAX

/* A thread's place among those who wait; in struct vk_thread. */
struct vk_futex {
	struct vk_futex *next, *previous;
	struct vk_thread *thread;
	uint64_t key[2];
	uint32_t bits;
	bool queued, woken;
	bool pi;     /* waits for a lock, not for a wake */
	bool to_pi;  /* is to be moved to the lock target, not woken */
	uint64_t va; /* of the lock, if pi */
	uint64_t target[2];
};

struct vk_futexes {
	struct vk_futex *first, *last;
};

/* At the end of a thread, and at exec: robust mutexes are given free,
 * clear_child_tid is cleared and woken. */
void futex_thread_exit(struct vk_thread *thread);

/* Wakes at most count waiters of the word at va, which is not private; how
 * many there were. */
int64_t futex_wake(struct vk_thread *thread, uint64_t va, int count);

/* For the files of futexes only. */

struct vk_futexes *futexes_of(const struct vk_thread *thread);
/* op: the call's, which says whether the word is private.  LX_EINVAL when not
 * aligned, LX_EFAULT. */
int futex_key(struct vk_mm *mm, uint64_t op, uint64_t va, uint64_t *key);
bool futex_is_at(const struct vk_futex *futex, const uint64_t *key);
/* The thread waits at thread->futex.key from now on; bits as the call says. */
void futex_add(struct vk_thread *thread, uint32_t bits);
void futex_remove(struct vk_futex *futex);
/* The wait is over, and has its result. */
void futex_give(struct vk_futex *futex);
/* At most count of those who wait for a wake; LX_EINVAL, negative, when there
 * are others. */
int futex_wake_key(
    struct vk_futexes *futexes, const uint64_t *key, int count, uint32_t bits);
/* The deadline of args[3], if it is not set yet; LX_EFAULT, LX_EINVAL. */
int futex_deadline(struct vk_thread *thread, const uint64_t *args,
    bool absolute, bool realtime);
/* LX_EFAULT; LX_EAGAIN: the word at va has another value. */
int futex_compare(struct vk_thread *thread, uint64_t va, uint64_t value);

/* futex_pi.c: commands of the system call. */
int64_t futex_lock_pi(
    struct vk_thread *thread, const uint64_t *args, bool realtime);
int64_t futex_trylock_pi(struct vk_thread *thread, const uint64_t *args);
int64_t futex_unlock_pi(struct vk_thread *thread, const uint64_t *args);
int64_t futex_wait_requeue_pi(struct vk_thread *thread, const uint64_t *args);
int64_t futex_cmp_requeue_pi(struct vk_thread *thread, const uint64_t *args);
/* Locks that the thread, which ends, owns and others wait for. */
void futex_pi_thread_exit(struct vk_thread *thread);
/* The lock at va in the thread's memory, nobody's now, passes to the first who
 * waits for it.  LX_EFAULT. */
int futex_pi_pass(
    struct vk_thread *thread, uint64_t va, const uint64_t *key, bool died);

#endif
