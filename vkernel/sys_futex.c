/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Futexes.  Waiters stand in one list of the kernel, in the order in which
 * they came; a word is known by what memory it is (mm_futex_key()), so that
 * processes that share memory share its futexes.  PI futexes keep the owner in
 * the word as Linux does; as no guest thread has a priority, nothing is
 * inherited.
 */
#include <string.h>

#include "vkernel/clock.h"
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

#define FUTEX_WAITERS    UINT32_C(0x80000000)
#define FUTEX_OWNER_DIED UINT32_C(0x40000000)
#define FUTEX_TID_MASK   UINT32_C(0x3fffffff)

#define ALL_BITS   UINT32_MAX
#define ROBUST_MAX 2048

static struct vk_futexes *
futexes_of(const struct vk_thread *thread)
{
	return &thread->process->kernel->futexes;
}

static void
futex_add(struct vk_thread *thread)
{
	struct vk_futexes *futexes;
	struct vk_futex *futex;

	futexes = futexes_of(thread);
	futex = &thread->futex;
	futex->thread = thread;
	futex->queued = true;
	futex->woken = false;
	futex->next = NULL;
	futex->previous = futexes->last;
	if (futexes->last != NULL)
		futexes->last->next = futex;
	else
		futexes->first = futex;
	futexes->last = futex;
}

static void
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

static bool
key_equal(const struct vk_futex *futex, const uint64_t *key)
{
	return futex->key[0] == key[0] && futex->key[1] == key[1];
}

static void
futex_give(struct vk_futex *futex)
{
	futex_remove(futex);
	futex->woken = true;
	sched_wake(futex->thread);
}

/* PI waiters are only woken by an unlock. */
static int
wake_key(struct vk_futexes *futexes, const uint64_t *key, int count,
    uint32_t bits)
{
	struct vk_futex *futex, *next;
	int woken;

	woken = 0;
	for (futex = futexes->first; futex != NULL && woken < count;
	     futex = next) {
		next = futex->next;
		if (!key_equal(futex, key) || (futex->bits & bits) == 0 ||
		    futex->pi)
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
	return wake_key(futexes_of(thread), key, count, ALL_BITS);
}

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
	error = mm_futex_key(thread->process->mm, args[0], key);
	if (error != 0)
		return -error;
	return wake_key(futexes_of(thread), key, count_of(args[2]), bits);
}

/* Relative for WAIT, absolute for the others. */
static int
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
	uint32_t value;
	bool absolute;
	int error;

	if (thread->wait.again)
		return wait_goes_on(thread, args[3] != 0);
	if (bits == 0)
		return -LX_EINVAL;
	absolute = (args[1] & FUTEX_COMMAND) != FUTEX_WAIT;
	error = futex_deadline(
	    thread, args, absolute, (args[1] & FUTEX_REALTIME) != 0);
	if (error == 0)
		error = mm_futex_key(
		    thread->process->mm, args[0], thread->futex.key);
	if (error != 0)
		return -error;
	if (copyin(thread->process->mm, &value, args[0], sizeof(value)) != 0)
		return -LX_EFAULT;
	if (value != (uint32_t)args[2])
		return -LX_EAGAIN;
	thread->futex.bits = bits;
	thread->futex.pi = false;
	futex_add(thread);
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
		if (!key_equal(futex, from) || futex->pi)
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
	uint32_t value;
	int error, woken;

	mm = thread->process->mm;
	if ((int)args[2] < 0 || (int)args[3] < 0)
		return -LX_EINVAL;
	error = mm_futex_key(mm, args[0], from);
	if (error == 0)
		error = mm_futex_key(mm, args[4], to);
	if (error != 0)
		return -error;
	if (compare && copyin(mm, &value, args[0], sizeof(value)) != 0)
		return -LX_EFAULT;
	if (compare && value != (uint32_t)args[5])
		return -LX_EAGAIN;
	woken = wake_key(futexes_of(thread), from, (int)args[2], ALL_BITS);
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

static int64_t
do_wake_op(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t first[2], second[2];
	struct vk_mm *mm;
	uint32_t new_value, old, op;
	bool also;
	int error, woken;

	mm = thread->process->mm;
	op = (uint32_t)args[5];
	error = mm_futex_key(mm, args[0], first);
	if (error == 0)
		error = mm_futex_key(mm, args[4], second);
	if (error == 0)
		error = copyin(mm, &old, args[4], sizeof(old));
	if (error == 0)
		error = op_apply(op, old, sign_extend_12(op >> 12), &new_value);
	if (error == 0)
		error = op_compare(op, (int32_t)old, sign_extend_12(op), &also);
	if (error == 0)
		error = copyout(mm, args[4], &new_value, sizeof(new_value));
	if (error != 0)
		return -error;
	woken = wake_key(
	    futexes_of(thread), first, count_of(args[2]), ALL_BITS);
	if (also)
		woken += wake_key(futexes_of(thread), second,
		    count_of(args[3]), ALL_BITS);
	return woken;
}

static struct vk_futex *
pi_first(const struct vk_thread *thread, const uint64_t *key)
{
	struct vk_futex *futex;

	for (futex = futexes_of(thread)->first; futex != NULL;
	     futex = futex->next)
		if (key_equal(futex, key) && futex->pi)
			return futex;
	return NULL;
}

/* The lock passes to the first who waits, as Linux hands it over. */
static int
pi_pass(struct vk_thread *thread, uint64_t va, const uint64_t *key, bool died)
{
	struct vk_futex *futex;
	uint32_t value;

	value = died ? FUTEX_OWNER_DIED : 0;
	futex = pi_first(thread, key);
	if (futex != NULL) {
		futex_give(futex);
		value |= (uint32_t)futex->thread->tid;
		if (pi_first(thread, key) != NULL)
			value |= FUTEX_WAITERS;
	}
	return copyout(thread->process->mm, va, &value, sizeof(value));
}

static int
pi_take(struct vk_thread *thread, const uint64_t *args, uint32_t value)
{
	uint32_t new_value;

	new_value = (value & FUTEX_OWNER_DIED) | (uint32_t)thread->tid;
	if (pi_first(thread, thread->futex.key) != NULL)
		new_value |= FUTEX_WAITERS;
	return copyout(
	    thread->process->mm, args[0], &new_value, sizeof(new_value));
}

static int64_t
pi_lock(struct vk_thread *thread, const uint64_t *args, bool try)
{
	struct vk_mm *mm;
	uint32_t value;
	int error;

	mm = thread->process->mm;
	error = mm_futex_key(mm, args[0], thread->futex.key);
	if (error == 0)
		error = copyin(mm, &value, args[0], sizeof(value));
	if (error != 0)
		return -error;
	if ((value & FUTEX_TID_MASK) == (uint32_t)thread->tid)
		return -LX_EDEADLK;
	if ((value & FUTEX_TID_MASK) == 0)
		return -pi_take(thread, args, value);
	if (thread_lookup(thread->process->kernel,
		(int)(value & FUTEX_TID_MASK)) == NULL)
		return -LX_ESRCH;
	if (try)
		return -LX_EAGAIN;
	value |= FUTEX_WAITERS;
	if (copyout(mm, args[0], &value, sizeof(value)) != 0)
		return -LX_EFAULT;
	thread->futex.bits = ALL_BITS;
	thread->futex.pi = true;
	futex_add(thread);
	return -LX_WAIT;
}

static int64_t
do_lock_pi(struct vk_thread *thread, const uint64_t *args, bool realtime)
{
	int64_t result;
	int error;

	if (!thread->wait.again) {
		error = futex_deadline(thread, args, true, realtime);
		if (error != 0)
			return -error;
		result = pi_lock(thread, args, false);
		if (result != -LX_WAIT)
			return result;
	}
	/* a signal does not end it for good */
	result = wait_goes_on(thread, false);
	return result == -LX_ERESTART ? -LX_ERESTARTNOINTR : result;
}

static int64_t
do_unlock_pi(struct vk_thread *thread, const uint64_t *args)
{
	uint64_t key[2];
	uint32_t value;
	int error;

	error = mm_futex_key(thread->process->mm, args[0], key);
	if (error == 0)
		error = copyin(
		    thread->process->mm, &value, args[0], sizeof(value));
	if (error != 0)
		return -error;
	if ((value & FUTEX_TID_MASK) != (uint32_t)thread->tid)
		return -LX_EPERM;
	return -pi_pass(thread, args[0], key, false);
}

int64_t
sys_futex(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t command = args[1] & FUTEX_COMMAND;

	if ((args[1] & FUTEX_REALTIME) != 0 && command != FUTEX_WAIT &&
	    command != FUTEX_WAIT_BITSET && command != FUTEX_LOCK_PI2)
		return -LX_ENOSYS;
	switch (command) {
	case FUTEX_WAIT:
		return do_wait(thread, args, ALL_BITS);
	case FUTEX_WAIT_BITSET:
		return do_wait(thread, args, (uint32_t)args[5]);
	case FUTEX_WAKE:
		return do_wake(thread, args, ALL_BITS);
	case FUTEX_WAKE_BITSET:
		return do_wake(thread, args, (uint32_t)args[5]);
	case FUTEX_REQUEUE:
		return do_requeue(thread, args, false);
	case FUTEX_CMP_REQUEUE:
		return do_requeue(thread, args, true);
	case FUTEX_WAKE_OP:
		return do_wake_op(thread, args);
	case FUTEX_LOCK_PI:
		return do_lock_pi(thread, args, true);
	case FUTEX_LOCK_PI2:
		return do_lock_pi(
		    thread, args, (args[1] & FUTEX_REALTIME) != 0);
	case FUTEX_TRYLOCK_PI:
		return pi_lock(thread, args, true);
	case FUTEX_UNLOCK_PI:
		return do_unlock_pi(thread, args);
	default:
		return -LX_ENOSYS;
	}
}

/* A robust mutex whose owner is gone: told in the word, one waiter woken. */
static void
robust_release(struct vk_thread *thread, uint64_t va, bool pi, bool pending)
{
	uint64_t key[2];
	uint32_t value;

	if ((va & 3) != 0 || mm_futex_key(thread->process->mm, va, key) != 0 ||
	    copyin(thread->process->mm, &value, va, sizeof(value)) != 0)
		return;
	if ((value & FUTEX_TID_MASK) != (uint32_t)thread->tid) {
		/* died between clearing the word and the wake */
		if (pending && !pi && (value & FUTEX_TID_MASK) == 0)
			wake_key(futexes_of(thread), key, 1, ALL_BITS);
		return;
	}
	if (pi) {
		pi_pass(thread, va, key, true);
		return;
	}
	value = (value & FUTEX_WAITERS) | FUTEX_OWNER_DIED;
	if (copyout(thread->process->mm, va, &value, sizeof(value)) == 0 &&
	    (value & FUTEX_WAITERS) != 0)
		wake_key(futexes_of(thread), key, 1, ALL_BITS);
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
			robust_release(thread,
			    (entry & ~UINT64_C(1)) + head[1], (entry & 1) != 0,
			    false);
		entry = next;
	}
	if (head[2] != 0)
		robust_release(thread, (head[2] & ~UINT64_C(1)) + head[1],
		    (head[2] & 1) != 0, true);
}

void
futex_thread_exit(struct vk_thread *thread)
{
	static const uint32_t zero;

	futex_remove(&thread->futex);
	if (thread->process->mm == NULL)
		return;
	if (thread->robust_list != 0)
		robust_walk(thread);
	thread->robust_list = 0;
	if (thread->clear_child_tid != 0 &&
	    copyout(thread->process->mm, thread->clear_child_tid, &zero,
		sizeof(zero)) == 0)
		futex_wake(thread, thread->clear_child_tid, 1);
	thread->clear_child_tid = 0;
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
