/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes that are locks, after kernel/futex/pi.c and requeue.c of Linux: the
 * word holds the owner's number.  As no guest thread has a priority, nothing
 * is inherited; locks pass on in the order in which they were asked for.
 */
#include "vkernel/futex.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

static struct vk_futex *
waiter_first(const struct vk_thread *thread, const uint64_t *key)
{
	struct vk_futex *futex;

	for (futex = futexes_of(thread)->first; futex != NULL;
	     futex = futex->next)
		if (futex_is_at(futex, key))
			return futex;
	return NULL;
}

/* Whoever was given a lock that others had asked for comes here to unlock. */
int
futex_pi_pass(
    struct vk_thread *thread, uint64_t va, const uint64_t *key, bool died)
{
	struct vk_futex *futex;
	uint32_t value;

	value = died ? FUTEX_OWNER_DIED : 0;
	futex = waiter_first(thread, key);
	if (futex != NULL) {
		value |= (uint32_t)futex->thread->tid | FUTEX_WAITERS;
		futex_give(futex);
	}
	return copyout(thread->process->mm, va, &value, sizeof(value));
}

/* Only locks that somebody waits for matter, and he knows where they are. */
void
futex_pi_thread_exit(struct vk_thread *thread)
{
	struct vk_futex *futex, *next;
	uint32_t value;

	for (futex = futexes_of(thread)->first; futex != NULL; futex = next) {
		next = futex->next;
		if (!futex->pi ||
		    copyin(futex->thread->process->mm, &value, futex->va,
			sizeof(value)) != 0 ||
		    (value & FUTEX_TID_MASK) != (uint32_t)thread->tid)
			continue;
		futex_pi_pass(futex->thread, futex->va, futex->key, true);
		next = futexes_of(thread)->first;
	}
}

static int
lock_take(struct vk_thread *thread, uint64_t va, uint32_t value)
{
	value = (value & FUTEX_OWNER_DIED) | (uint32_t)thread->tid;
	if (waiter_first(thread, thread->futex.key) != NULL)
		value |= FUTEX_WAITERS;
	return copyout(thread->process->mm, va, &value, sizeof(value));
}

/* The owner, who is somebody else, is told that there are waiters. */
static int
owner_attach(struct vk_thread *thread, uint64_t va, uint32_t value)
{
	if (thread_lookup(
		thread->process->kernel, (int)(value & FUTEX_TID_MASK)) == NULL)
		return LX_ESRCH;
	value |= FUTEX_WAITERS;
	return copyout(thread->process->mm, va, &value, sizeof(value));
}

/* LX_WAIT: it is somebody else's. */
static int
lock(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_futex *other;
	uint32_t value;
	int error;

	error =
	    futex_key(thread->process->mm, args[1], args[0], thread->futex.key);
	if (error == 0)
		error =
		    copyin(thread->process->mm, &value, args[0], sizeof(value));
	if (error != 0)
		return error;
	if ((value & FUTEX_TID_MASK) == (uint32_t)thread->tid)
		return LX_EDEADLK;
	other = waiter_first(thread, thread->futex.key);
	if (other != NULL && !other->pi)
		return LX_EINVAL;
	if ((value & FUTEX_TID_MASK) == 0)
		return lock_take(thread, args[0], value);
	error = owner_attach(thread, args[0], value);
	return error != 0 ? error : LX_WAIT;
}

static void
lock_wait(struct vk_thread *thread, uint64_t va)
{
	futex_add(thread, FUTEX_ALL_BITS);
	thread->futex.pi = true;
	thread->futex.va = va;
}

/* A signal does not end it for good. */
int64_t
futex_lock_pi(struct vk_thread *thread, const uint64_t *args, bool realtime)
{
	int error;

	if (!thread->wait.again) {
		error = futex_deadline(thread, args, true, realtime);
		if (error == 0)
			error = lock(thread, args);
		if (error != LX_WAIT)
			return -error;
		lock_wait(thread, args[0]);
	}
	if (thread->futex.woken)
		return 0;
	error = wait_park(thread);
	if (error == LX_WAIT)
		return -error;
	futex_remove(&thread->futex);
	return error == LX_EINTR ? -LX_ERESTARTNOINTR : -error;
}

int64_t
futex_trylock_pi(struct vk_thread *thread, const uint64_t *args)
{
	int error;

	error = lock(thread, args);
	return error == LX_WAIT ? -LX_EAGAIN : -error;
}

int64_t
futex_unlock_pi(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_futex *waiter;
	uint64_t key[2];
	uint32_t value;
	int error;

	if (copyin(thread->process->mm, &value, args[0], sizeof(value)) != 0)
		return -LX_EFAULT;
	if ((value & FUTEX_TID_MASK) != (uint32_t)thread->tid)
		return -LX_EPERM;
	error = futex_key(thread->process->mm, args[1], args[0], key);
	if (error != 0)
		return -error;
	waiter = waiter_first(thread, key);
	if (waiter != NULL && !waiter->pi)
		return -LX_EINVAL;
	return -futex_pi_pass(thread, args[0], key, false);
}

static int
requeue_wait(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_futex *futex;
	struct vk_mm *mm;
	int error;

	mm = thread->process->mm;
	futex = &thread->futex;
	if (args[0] == args[4])
		return LX_EINVAL;
	error = futex_deadline(thread, args, true, (args[1] & 0x100) != 0);
	if (error == 0)
		error = futex_key(mm, args[1], args[4], futex->target);
	if (error == 0)
		error = futex_key(mm, args[1], args[0], futex->key);
	if (error == 0)
		error = futex_compare(thread, args[0], args[2]);
	if (error != 0)
		return error;
	futex_add(thread, FUTEX_ALL_BITS);
	futex->to_pi = true;
	return 0;
}

int64_t
futex_wait_requeue_pi(struct vk_thread *thread, const uint64_t *args)
{
	int error;

	if (!thread->wait.again) {
		error = requeue_wait(thread, args);
		if (error != 0)
			return -error;
	}
	if (thread->futex.woken)
		return 0;
	error = wait_park(thread);
	if (error == LX_WAIT)
		return -error;
	futex_remove(&thread->futex);
	if (error == LX_EINTR) /* what it would wait for now is another lock */
		return thread->futex.pi ? -LX_EAGAIN : -LX_ERESTARTNOINTR;
	return -error;
}

static bool
is_for(const struct vk_futex *futex, const uint64_t *target)
{
	return futex->to_pi && !futex->pi && futex->target[0] == target[0] &&
	       futex->target[1] == target[1];
}

/* Those who wait at from for a move to the lock; how many, or an error. */
static int64_t
waiters_move(struct vk_thread *thread, const uint64_t *from, const uint64_t *to,
    uint64_t va, int64_t count)
{
	struct vk_futex *futex;
	int64_t moved;

	moved = 0;
	for (futex = futexes_of(thread)->first; futex != NULL && moved < count;
	     futex = futex->next) {
		if (!futex_is_at(futex, from))
			continue;
		if (!is_for(futex, to))
			return -LX_EINVAL;
		futex->key[0] = to[0];
		futex->key[1] = to[1];
		futex->pi = true;
		futex->va = va;
		moved++;
	}
	return moved;
}

int64_t
futex_cmp_requeue_pi(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t from[2], to[2];
	const struct vk_futex *waiter;
	struct vk_mm *mm;
	uint32_t value;
	int64_t moved;
	int error;

	mm = thread->process->mm;
	if ((int)args[2] != 1 || (int)args[3] < 0 || args[0] == args[4])
		return -LX_EINVAL;
	error = futex_key(mm, args[1], args[0], from);
	if (error == 0)
		error = futex_key(mm, args[1], args[4], to);
	if (error == 0)
		error = futex_compare(thread, args[0], args[5]);
	if (error == 0)
		error = copyin(mm, &value, args[4], sizeof(value));
	if (error != 0)
		return -error;
	waiter = waiter_first(thread, from);
	if (waiter == NULL)
		return 0;
	if (!is_for(waiter, to))
		return -LX_EINVAL;
	if ((value & FUTEX_TID_MASK) != 0)
		error = owner_attach(thread, args[4], value);
	if (error != 0)
		return -error;
	moved =
	    waiters_move(thread, from, to, args[4], 1 + (int64_t)(int)args[3]);
	if (moved > 0 && (value & FUTEX_TID_MASK) == 0)
		error = futex_pi_pass(
		    thread, args[4], to, (value & FUTEX_OWNER_DIED) != 0);
	return error != 0 ? -error : moved;
}
