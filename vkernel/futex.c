/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/futex.h"

#include "vkernel/clock.h"
#include "vkernel/kernel.h"
#include "vkernel/usercopy.h"

#define FUTEX_PRIVATE 128
/* Words known by their address alone are none that memory is known by. */
#define KEY_PRIVATE (UINT64_C(1) << 63)

int
futex_key(struct vk_mm *mm, uint64_t op, uint64_t va, uint64_t *key)
{
	if ((op & FUTEX_PRIVATE) == 0)
		return mm_futex_key(mm, va, key);
	if ((va & 3) != 0)
		return LX_EINVAL;
	if (va >= MM_VA_END)
		return LX_EFAULT;
	key[0] = mm->id << 1 | KEY_PRIVATE;
	key[1] = va;
	return 0;
}

struct vk_futexes *
futexes_of(const struct vk_thread *thread)
{
	return &thread->process->kernel->futexes;
}

void
futex_add(struct vk_thread *thread, uint32_t bits)
{
	struct vk_futexes *futexes;
	struct vk_futex *futex;

	futexes = futexes_of(thread);
	futex = &thread->futex;
	futex->thread = thread;
	futex->queued = true;
	futex->woken = futex->pi = futex->to_pi = false;
	futex->bits = bits;
	futex->next = NULL;
	futex->previous = futexes->last;
	if (futexes->last != NULL)
		futexes->last->next = futex;
	else
		futexes->first = futex;
	futexes->last = futex;
}

void
futex_remove(struct vk_futex *futex)
{
	struct vk_futexes *futexes;

	if (!futex->queued)
		return;
	futexes = futexes_of(futex->thread);
	if (futex->previous != NULL)
		futex->previous->next = futex->next;
	else
		futexes->first = futex->next;
	if (futex->next != NULL)
		futex->next->previous = futex->previous;
	else
		futexes->last = futex->previous;
	futex->queued = false;
}

bool
futex_is_at(const struct vk_futex *futex, const uint64_t *key)
{
	return futex->key[0] == key[0] && futex->key[1] == key[1];
}

void
futex_give(struct vk_futex *futex)
{
	futex_remove(futex);
	futex->woken = true;
	sched_wake(futex->thread);
}

int
futex_wake_key(
    struct vk_futexes *futexes, const uint64_t *key, int count, uint32_t bits)
{
	struct vk_futex *futex, *next;
	int woken;

	woken = 0;
	for (futex = futexes->first; futex != NULL && woken < count;
	     futex = next) {
		next = futex->next;
		if (!futex_is_at(futex, key))
			continue;
		if (futex->pi || futex->to_pi)
			return -LX_EINVAL;
		if ((futex->bits & bits) == 0)
			continue;
		futex_give(futex);
		woken++;
	}
	return woken;
}

int64_t
futex_wake(struct vk_thread *thread, uint64_t va, int count)
{
	uint64_t key[2];
	int error;

	error = mm_futex_key(thread->process->mm, va, key);
	if (error != 0)
		return -error;
	return futex_wake_key(futexes_of(thread), key, count, FUTEX_ALL_BITS);
}

int
futex_compare(struct vk_thread *thread, uint64_t va, uint64_t value)
{
	uint32_t now;

	if (copyin(thread->process->mm, &now, va, sizeof(now)) != 0)
		return LX_EFAULT;
	return now != (uint32_t)value ? LX_EAGAIN : 0;
}

/* Relative for WAIT, absolute for the others. */
int
futex_deadline(struct vk_thread *thread, const uint64_t *args, bool absolute,
    bool realtime)
{
	struct lx_timespec ts;
	uint64_t now, ns;
	int error;

	if (args[3] == 0 || thread->wait.timed)
		return 0;
	error = copyin(thread->process->mm, &ts, args[3], sizeof(ts));
	if (error == 0)
		error = timespec_to_ns(&ts, &ns);
	if (error != 0)
		return error;
	if (absolute) {
		now = realtime ? clock_realtime_ns(thread)
			       : clock_monotonic_ns(thread);
		ns = ns > now ? ns - now : 0;
	}
	wait_time(thread, ns);
	return 0;
}
