/* SPDX-License-Identifier: BSD-2-Clause */
/* rseq and membarrier, after kernel/rseq.c and kernel/sched/membarrier.c. */
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define RSEQ_BYTES      32
#define RSEQ_UNREGISTER 1
#define RSEQ_CS_OFFSET  8

struct rseq_cs {
	uint32_t version, flags;
	uint64_t start, length, abort;
};

static void
rseq_fault(struct vk_thread *thread)
{
	struct lx_siginfo info;

	memset(&info, 0, sizeof(info));
	info.si_signo = LX_SIGSEGV;
	info.si_code = LX_SI_KERNEL;
	signal_force(thread, &info);
}

static bool
cs_is_valid(struct vk_thread *thread, const struct rseq_cs *cs)
{
	uint32_t signature;

	if (cs->version != 0 || cs->start >= MM_VA_END ||
	    cs->abort >= MM_VA_END || cs->start + cs->length < cs->start)
		return false;
	if (cs->abort - cs->start < cs->length) /* inside itself */
		return false;
	return copyin(thread->process->mm, &signature, cs->abort - 4,
		   sizeof(signature)) == 0 &&
	       signature == thread->rseq.signature;
}

/* False: what the guest has left there makes no sense. */
static bool
rseq_leave(struct vk_thread *thread)
{
	static const uint64_t none;
	struct rseq_cs cs;
	struct vk_mm *mm;
	uint64_t at, rip, va;

	mm = thread->process->mm;
	va = thread->rseq.va + RSEQ_CS_OFFSET;
	if (copyin(mm, &at, va, sizeof(at)) != 0)
		return false;
	if (at == 0)
		return true;
	if (at >= MM_VA_END || copyin(mm, &cs, at, sizeof(cs)) != 0 ||
	    !cs_is_valid(thread, &cs))
		return false;
	if (copyout(mm, va, &none, sizeof(none)) != 0)
		return false;
	rip = (uint64_t)thread->tf.tf_rip;
	if (rip - cs.start < cs.length)
		thread->tf.tf_rip = (int64_t)cs.abort;
	return true;
}

void
rseq_resume(struct vk_thread *thread)
{
	if (!thread->rseq.due)
		return;
	thread->rseq.due = false;
	if (thread->rseq.va != 0 && !rseq_leave(thread))
		rseq_fault(thread);
}

static int
rseq_register(struct vk_thread *thread, uint64_t va, uint32_t signature)
{
	/* cpu_id_start, cpu_id, rseq_cs, flags, node_id, mm_cid */
	static const uint32_t words[RSEQ_BYTES / 4];

	if ((va & (RSEQ_BYTES - 1)) != 0)
		return LX_EINVAL;
	if (va >= MM_VA_END ||
	    copyout(thread->process->mm, va, words, sizeof(words)) != 0)
		return LX_EFAULT;
	thread->rseq.va = va;
	thread->rseq.signature = signature;
	return 0;
}

static int
rseq_unregister(struct vk_thread *thread, uint64_t va, uint32_t signature)
{
	/* cpu_id: RSEQ_CPU_ID_UNINITIALIZED */
	static const uint32_t words[RSEQ_BYTES / 4] = { 0, UINT32_MAX };

	if (thread->rseq.va != va || va == 0)
		return LX_EINVAL;
	if (thread->rseq.signature != signature)
		return LX_EPERM;
	if (copyout(thread->process->mm, va, words, sizeof(words)) != 0)
		return LX_EFAULT;
	memset(&thread->rseq, 0, sizeof(thread->rseq));
	return 0;
}

int64_t
sys_rseq(struct vk_thread *thread, const uint64_t *args)
{
	uint32_t flags, signature;

	flags = (uint32_t)args[2];
	signature = (uint32_t)args[3];
	if ((flags & ~(uint32_t)RSEQ_UNREGISTER) != 0 ||
	    (uint32_t)args[1] != RSEQ_BYTES)
		return -LX_EINVAL;
	if (flags != 0)
		return -rseq_unregister(thread, args[0], signature);
	if (thread->rseq.va == 0)
		return -rseq_register(thread, args[0], signature);
	if (thread->rseq.va != args[0])
		return -LX_EINVAL;
	return thread->rseq.signature != signature ? -LX_EPERM : -LX_EBUSY;
}

#define MB_GLOBAL                     0x1u
#define MB_GLOBAL_EXPEDITED           0x2u
#define MB_REGISTER_GLOBAL_EXPEDITED  0x4u
#define MB_PRIVATE_EXPEDITED          0x8u
#define MB_REGISTER_PRIVATE_EXPEDITED 0x10u
#define MB_PRIVATE_SYNC_CORE          0x20u
#define MB_REGISTER_PRIVATE_SYNC_CORE 0x40u
#define MB_PRIVATE_RSEQ               0x80u
#define MB_REGISTER_PRIVATE_RSEQ      0x100u
#define MB_ALL                        0x1ffu
#define MB_FLAG_CPU                   1u

/* What other threads do is done when this one runs: nothing is left to do. */
static int64_t
barrier(struct vk_thread *thread, uint32_t command)
{
	if (command == MB_PRIVATE_RSEQ) {
		for (struct vk_thread *other = thread->process->threads;
		     other != NULL; other = other->sibling)
			other->rseq.due = true;
	}
	return 0;
}

int64_t
sys_membarrier(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process;
	uint32_t command, flags;

	process = thread->process;
	command = (uint32_t)args[0];
	flags = (uint32_t)args[1];
	if (flags != 0 && (command != MB_PRIVATE_RSEQ || flags != MB_FLAG_CPU))
		return -LX_EINVAL;
	switch (command) {
	case 0:
		return MB_ALL;
	case MB_GLOBAL:
	case MB_GLOBAL_EXPEDITED:
		return 0;
	case MB_REGISTER_GLOBAL_EXPEDITED:
	case MB_REGISTER_PRIVATE_EXPEDITED:
	case MB_REGISTER_PRIVATE_SYNC_CORE:
	case MB_REGISTER_PRIVATE_RSEQ:
		process->membarriers |= command;
		return 0;
	case MB_PRIVATE_EXPEDITED:
	case MB_PRIVATE_SYNC_CORE:
	case MB_PRIVATE_RSEQ:
		if ((process->membarriers & command << 1) == 0)
			return -LX_EPERM;
		return barrier(thread, command);
	default:
		return -LX_EINVAL;
	}
}
