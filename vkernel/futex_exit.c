/* SPDX-License-Identifier: BSD-2-Clause */
/* What threads that end leave to others: robust mutexes, and the word that says
 * that they are gone. */
#include <string.h>

#include "vkernel/futex.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define ROBUST_MAX 2048

/* A robust mutex whose owner is gone: told in the word, one waiter woken.
 * Whom a lock passes to, futex_pi_thread_exit() has seen to. */
static void
robust_release(struct vk_thread *thread, uint64_t va, bool pi, bool pending)
{
	struct vk_mm *mm;
	uint32_t value;

	mm = thread->process->mm;
	if ((va & 3) != 0 || copyin(mm, &value, va, sizeof(value)) != 0)
		return;
	if ((value & FUTEX_TID_MASK) != (uint32_t)thread->tid) {
		/* died between clearing the word and the wake */
		if (pending && !pi && (value & FUTEX_TID_MASK) == 0)
			futex_wake(thread, va, 1);
		return;
	}
	value = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
	if (copyout(mm, va, &value, sizeof(value)) == 0 && !pi &&
	    (value & FUTEX_WAITERS) != 0)
		futex_wake(thread, va, 1);
}

/* The list's head: next, offset of the word, an operation half done.  Bit 0
 * of an entry: PI. */
static void
robust_walk(struct vk_thread *thread)
{
	uint64_t entry, head[3], next;
	struct vk_mm *mm;
	unsigned i;

	mm = thread->process->mm;
	if (copyin(mm, head, thread->robust_list, sizeof(head)) != 0)
		return;
	entry = head[0];
	for (i = 0; i < ROBUST_MAX; i++) {
		if ((entry & ~UINT64_C(1)) == thread->robust_list)
			break;
		if (copyin(mm, &next, entry & ~UINT64_C(1), sizeof(next)) != 0)
			return;
		if (entry != head[2])
			robust_release(thread, (entry & ~UINT64_C(1)) + head[1],
			    (entry & 1) != 0, false);
		entry = next;
	}
	if (head[2] != 0)
		robust_release(thread, (head[2] & ~UINT64_C(1)) + head[1],
		    (head[2] & 1) != 0, true);
}

/* Nobody is left to be told when nobody shares the memory: then fork's word is
 * not copied only to be cleared. */
static bool
is_last(const struct vk_thread *thread)
{
	const struct vk_process *process;

	process = thread->process;
	return process->mm->refs == 1 &&
	       (process->thread_count == 0 ||
		   (process->thread_count == 1 && !thread->exited));
}

void
futex_thread_exit(struct vk_thread *thread)
{
	static const uint32_t zero;
	uint64_t va;

	futex_remove(&thread->futex);
	if (thread->process->mm == NULL)
		return;
	futex_pi_thread_exit(thread);
	if (thread->robust_list != 0)
		robust_walk(thread);
	thread->robust_list = 0;
	va = thread->clear_child_tid;
	thread->clear_child_tid = 0;
	if (va != 0 && !is_last(thread) &&
	    copyout(thread->process->mm, va, &zero, sizeof(zero)) == 0)
		futex_wake(thread, va, 1);
}

int64_t
sys_set_tid_address(struct vk_thread *thread, const uint64_t *args)
{
	thread->clear_child_tid = args[0];
	return thread->tid;
}

int64_t
sys_set_robust_list(struct vk_thread *thread, const uint64_t *args)
{
	if (args[1] != 24)
		return -LX_EINVAL;
	thread->robust_list = args[0];
	thread->robust_len = args[1];
	return 0;
}

int64_t
sys_get_robust_list(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_thread *other;
	const uint64_t len = 24;
	struct vk_mm *mm;

	mm = thread->process->mm;
	other = thread;
	if ((int)args[0] != 0)
		other = thread_lookup(thread->process->kernel, (int)args[0]);
	if (other == NULL)
		return -LX_ESRCH;
	if (copyout(mm, args[2], &len, 8) != 0 ||
	    copyout(mm, args[1], &other->robust_list, 8) != 0)
		return -LX_EFAULT;
	return 0;
}
