/* SPDX-License-Identifier: BSD-2-Clause */
/* The futex system call; what it says about locks is in futex_pi.c. */
#include "vkernel/futex.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define FUTEX_WAIT            0
#define FUTEX_WAKE            1
#define FUTEX_REQUEUE         3
#define FUTEX_CMP_REQUEUE     4
#define FUTEX_WAKE_OP         5
#define FUTEX_LOCK_PI         6
#define FUTEX_UNLOCK_PI       7
#define FUTEX_TRYLOCK_PI      8
#define FUTEX_WAIT_BITSET     9
#define FUTEX_WAKE_BITSET     10
#define FUTEX_WAIT_REQUEUE_PI 11
#define FUTEX_CMP_REQUEUE_PI  12
#define FUTEX_LOCK_PI2        13
#define FUTEX_COMMAND         0x7f
#define FUTEX_REALTIME        0x100

/* A negative count is one, as the loops of Linux end after the first. */
static int
count_of(uint64_t arg)
{
	return (int)arg <= 0 ? 1 : (int)arg;
}

static int64_t
do_wake(struct vk_thread *thread, const uint64_t *args, uint32_t bits)
{
	uint64_t key[2];
	int error;

	if (bits == 0)
		return -LX_EINVAL;
	error = futex_key(thread->process->mm, args[1], args[0], key);
	if (error != 0)
		return -error;
	return futex_wake_key(futexes_of(thread), key, count_of(args[2]), bits);
}

/* Why the wait is over, if it is. */
static int64_t
wait_goes_on(struct vk_thread *thread, bool timed)
{
	int error;

	if (thread->futex.woken)
		return 0;
	error = wait_park(thread);
	if (error == LX_WAIT)
		return -LX_WAIT;
	futex_remove(&thread->futex);
	if (error == LX_EINTR)
		return timed ? -LX_ERESTART_RESTARTBLOCK : -LX_ERESTART;
	return -error;
}

static int64_t
do_wait(struct vk_thread *thread, const uint64_t *args, uint32_t bits)
{
	bool absolute;
	int error;

	if (thread->wait.again)
		return wait_goes_on(thread, args[3] != 0);
	absolute = (args[1] & FUTEX_COMMAND) != FUTEX_WAIT;
	error = futex_deadline(
	    thread, args, absolute, (args[1] & FUTEX_REALTIME) != 0);
	if (error == 0 && bits == 0)
		error = LX_EINVAL;
	if (error == 0)
		error = futex_key(
		    thread->process->mm, args[1], args[0], thread->futex.key);
	if (error == 0)
		error = futex_compare(thread, args[0], args[2]);
	if (error != 0)
		return -error;
	futex_add(thread, bits);
	return wait_goes_on(thread, args[3] != 0);
}

static int
requeue(struct vk_futexes *futexes, const uint64_t *from, const uint64_t *to,
    int count)
{
	struct vk_futex *futex;
	int moved;

	moved = 0;
	for (futex = futexes->first; futex != NULL && moved < count;
	     futex = futex->next) {
		if (!futex_is_at(futex, from) || futex->pi || futex->to_pi)
			continue;
		futex->key[0] = to[0];
		futex->key[1] = to[1];
		moved++;
	}
	return moved;
}

static int64_t
do_requeue(struct vk_thread *thread, const uint64_t *args, bool compare)
{
	uint64_t from[2], to[2];
	struct vk_mm *mm;
	int error, woken;

	mm = thread->process->mm;
	if ((int)args[2] < 0 || (int)args[3] < 0)
		return -LX_EINVAL;
	error = futex_key(mm, args[1], args[0], from);
	if (error == 0)
		error = futex_key(mm, args[1], args[4], to);
	if (error == 0 && compare)
		error = futex_compare(thread, args[0], args[5]);
	if (error != 0)
		return -error;
	woken = 0;
	if ((int)args[2] > 0)
		woken = futex_wake_key(
		    futexes_of(thread), from, (int)args[2], FUTEX_ALL_BITS);
	if (woken < 0)
		return woken;
	return woken + requeue(futexes_of(thread), from, to, (int)args[3]);
}

static int32_t
sign_extend_12(uint32_t bits)
{
	return (int32_t)((bits & 0xfff) ^ 0x800) - 0x800;
}

static int
op_apply(uint32_t op, uint32_t old, int32_t operand, uint32_t *out)
{
	if ((op >> 28 & 8) != 0)
		operand = (int32_t)(UINT32_C(1) << (operand & 31));
	switch (op >> 28 & 7) {
	case 0:
		*out = (uint32_t)operand;
		return 0;
	case 1:
		*out = old + (uint32_t)operand;
		return 0;
	case 2:
		*out = old | (uint32_t)operand;
		return 0;
	case 3:
		*out = old & ~(uint32_t)operand;
		return 0;
	case 4:
		*out = old ^ (uint32_t)operand;
		return 0;
	default:
		return LX_ENOSYS;
	}
}

static int
op_compare(uint32_t op, int32_t old, int32_t operand, bool *out)
{
	switch (op >> 24 & 0xf) {
	case 0:
		*out = old == operand;
		return 0;
	case 1:
		*out = old != operand;
		return 0;
	case 2:
		*out = old < operand;
		return 0;
	case 3:
		*out = old <= operand;
		return 0;
	case 4:
		*out = old > operand;
		return 0;
	case 5:
		*out = old >= operand;
		return 0;
	default:
		return LX_ENOSYS;
	}
}

/* The word is changed first, whatever the comparison then says. */
static int
op_do(struct vk_mm *mm, uint64_t va, uint32_t op, bool *also)
{
	uint32_t new_value, old;
	int error;

	if (copyin(mm, &old, va, sizeof(old)) != 0)
		return LX_EFAULT;
	error = op_apply(op, old, sign_extend_12(op >> 12), &new_value);
	if (error == 0)
		error = copyout(mm, va, &new_value, sizeof(new_value));
	if (error == 0)
		error = op_compare(op, (int32_t)old, sign_extend_12(op), also);
	return error;
}

static int64_t
do_wake_op(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t first[2], second[2];
	struct vk_mm *mm;
	bool also;
	int error, more, woken;

	mm = thread->process->mm;
	error = futex_key(mm, args[1], args[0], first);
	if (error == 0)
		error = futex_key(mm, args[1], args[4], second);
	if (error == 0)
		error = op_do(mm, args[4], (uint32_t)args[5], &also);
	if (error != 0)
		return -error;
	woken = futex_wake_key(
	    futexes_of(thread), first, count_of(args[2]), FUTEX_ALL_BITS);
	more = 0;
	if (also && woken >= 0)
		more = futex_wake_key(futexes_of(thread), second,
		    count_of(args[3]), FUTEX_ALL_BITS);
	return more < 0 ? more : woken + more;
}

int64_t
sys_futex(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t command = args[1] & FUTEX_COMMAND;

	if ((args[1] & FUTEX_REALTIME) != 0 && command != FUTEX_WAIT_BITSET &&
	    command != FUTEX_WAIT_REQUEUE_PI && command != FUTEX_LOCK_PI2)
		return -LX_ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return do_wait(thread, args, FUTEX_ALL_BITS);
	case FUTEX_WAIT_BITSET:
		return do_wait(thread, args, (uint32_t)args[5]);
	case FUTEX_WAKE:
		return do_wake(thread, args, FUTEX_ALL_BITS);
	case FUTEX_WAKE_BITSET:
		return do_wake(thread, args, (uint32_t)args[5]);
	case FUTEX_REQUEUE:
		return do_requeue(thread, args, false);
	case FUTEX_CMP_REQUEUE:
		return do_requeue(thread, args, true);
	case FUTEX_WAKE_OP:
		return do_wake_op(thread, args);
	case FUTEX_LOCK_PI:
		return futex_lock_pi(thread, args, true);
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(
		    thread, args, (args[1] & FUTEX_REALTIME) != 0);
	case FUTEX_TRYLOCK_PI:
		return futex_trylock_pi(thread, args);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(thread, args);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(thread, args);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_cmp_requeue_pi(thread, args);
	default:
		return -LX_ENOSYS;
	}
}
