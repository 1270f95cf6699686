/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stack of a handler, downwards from the interrupted rsp:
 *
 *	128 bytes red zone (not on a fresh alternate stack)
 *	FXSAVE image, 512 bytes, 64-byte aligned
 *	struct lx_rt_sigframe, at 16n + 8
 */
#include "vkernel/sigframe.h"

#include <string.h>

#include "vkernel/kernel.h"
#include "vkernel/usercopy.h"

#define RED_ZONE     128
#define FP_BYTES     512
#define UC_FLAGS     6 /* UC_SIGCONTEXT_SS | UC_STRICT_RESTORE_SS */
#define RFLAGS_USER  UINT64_C(0x50dd5) /* what sigreturn may change */
#define RFLAGS_DF_TF UINT64_C(0x10500) /* cleared for a handler */
#define SEL_CS       0x33
#define SEL_SS       0x2b

static bool
on_altstack(const struct vk_thread *thread, uint64_t sp)
{
	const struct lx_stack *stack;

	stack = &thread->altstack;
	if ((stack->ss_flags & LX_SS_AUTODISARM) != 0)
		return false;
	return sp > stack->ss_sp && sp - stack->ss_sp <= stack->ss_size;
}

int
sigframe_altstack_flags(const struct vk_thread *thread)
{
	if (thread->altstack.ss_size == 0)
		return LX_SS_DISABLE;
	if (on_altstack(thread, (uint64_t)thread->tf.tf_rsp))
		return LX_SS_ONSTACK;
	return 0;
}

static uint64_t
stack_top(const struct vk_thread *thread, const struct lx_sigaction *action)
{
	const struct lx_stack *stack;

	stack = &thread->altstack;
	if ((action->flags & LX_SA_ONSTACK) != 0 &&
	    sigframe_altstack_flags(thread) == 0)
		return stack->ss_sp + stack->ss_size;
	return (uint64_t)thread->tf.tf_rsp - RED_ZONE;
}

static void
context_save(struct lx_sigcontext *sc, const struct vk_thread *thread)
{
	const struct trapframe *tf;

	tf = &thread->tf;
	sc->r8 = (uint64_t)tf->tf_r8;
	sc->r9 = (uint64_t)tf->tf_r9;
	sc->r10 = (uint64_t)tf->tf_r10;
	sc->r11 = (uint64_t)tf->tf_r11;
	sc->r12 = (uint64_t)tf->tf_r12;
	sc->r13 = (uint64_t)tf->tf_r13;
	sc->r14 = (uint64_t)tf->tf_r14;
	sc->r15 = (uint64_t)tf->tf_r15;
	sc->rdi = (uint64_t)tf->tf_rdi;
	sc->rsi = (uint64_t)tf->tf_rsi;
	sc->rbp = (uint64_t)tf->tf_rbp;
	sc->rbx = (uint64_t)tf->tf_rbx;
	sc->rdx = (uint64_t)tf->tf_rdx;
	sc->rax = (uint64_t)tf->tf_rax;
	sc->rcx = (uint64_t)tf->tf_rcx;
	sc->rsp = (uint64_t)tf->tf_rsp;
	sc->rip = (uint64_t)tf->tf_rip;
	sc->rflags = (uint64_t)tf->tf_rflags;
	sc->cs = SEL_CS;
	sc->ss = SEL_SS;
	sc->err = thread->trap.err;
	sc->trapno = thread->trap.trapno;
	sc->cr2 = thread->trap.cr2;
}

static void
context_load(const struct lx_sigcontext *sc, struct trapframe *tf)
{
	tf->tf_r8 = (int64_t)sc->r8;
	tf->tf_r9 = (int64_t)sc->r9;
	tf->tf_r10 = (int64_t)sc->r10;
	tf->tf_r11 = (int64_t)sc->r11;
	tf->tf_r12 = (int64_t)sc->r12;
	tf->tf_r13 = (int64_t)sc->r13;
	tf->tf_r14 = (int64_t)sc->r14;
	tf->tf_r15 = (int64_t)sc->r15;
	tf->tf_rdi = (int64_t)sc->rdi;
	tf->tf_rsi = (int64_t)sc->rsi;
	tf->tf_rbp = (int64_t)sc->rbp;
	tf->tf_rbx = (int64_t)sc->rbx;
	tf->tf_rdx = (int64_t)sc->rdx;
	tf->tf_rax = (int64_t)sc->rax;
	tf->tf_rcx = (int64_t)sc->rcx;
	tf->tf_rsp = (int64_t)sc->rsp;
	tf->tf_rip = (int64_t)sc->rip;
	tf->tf_rflags = (int64_t)(((uint64_t)tf->tf_rflags & ~RFLAGS_USER) |
				  (sc->rflags & RFLAGS_USER));
}

static void
frame_fill(struct lx_rt_sigframe *frame, const struct vk_thread *thread,
    const struct lx_siginfo *info, const struct lx_sigaction *action,
    uint64_t old_mask)
{
	memset(frame, 0, sizeof(*frame));
	frame->pretcode = action->restorer;
	frame->uc.uc_flags = UC_FLAGS;
	frame->uc.uc_stack = thread->altstack;
	if (thread->altstack.ss_size == 0)
		frame->uc.uc_stack.ss_flags = LX_SS_DISABLE;
	frame->uc.uc_sigmask = old_mask;
	frame->info = *info;
	context_save(&frame->uc.uc_mcontext, thread);
	frame->uc.uc_mcontext.oldmask = old_mask;
}

static void
handler_enter(struct vk_thread *thread, const struct lx_siginfo *info,
    const struct lx_sigaction *action, uint64_t sp)
{
	struct trapframe *tf;

	tf = &thread->tf;
	tf->tf_rdi = info->si_signo;
	tf->tf_rsi = (int64_t)(sp + offsetof(struct lx_rt_sigframe, info));
	tf->tf_rdx = (int64_t)(sp + offsetof(struct lx_rt_sigframe, uc));
	tf->tf_rax = 0;
	tf->tf_rip = (int64_t)action->handler;
	tf->tf_rsp = (int64_t)sp;
	tf->tf_rflags &= ~(int64_t)RFLAGS_DF_TF;
	if ((thread->altstack.ss_flags & LX_SS_AUTODISARM) != 0)
		memset(&thread->altstack, 0, sizeof(thread->altstack));
}

int
sigframe_push(struct vk_thread *thread, const struct lx_siginfo *info,
    const struct lx_sigaction *action, uint64_t old_mask)
{
	struct lx_rt_sigframe frame;
	uint8_t fp[FP_BYTES];
	uint64_t fp_at, sp;

	if ((action->flags & LX_SA_RESTORER) == 0)
		return LX_EFAULT;
	fp_at = (stack_top(thread, action) - FP_BYTES) & ~UINT64_C(63);
	sp = ((fp_at - sizeof(frame)) & ~UINT64_C(15)) - 8;
	frame_fill(&frame, thread, info, action, old_mask);
	frame.uc.uc_mcontext.fpstate = fp_at;
	sched_getfp(thread, fp);
	if (copyout(thread->process->mm, fp_at, fp, sizeof(fp)) != 0 ||
	    copyout(thread->process->mm, sp, &frame, sizeof(frame)) != 0)
		return LX_EFAULT;
	handler_enter(thread, info, action, sp);
	return 0;
}

/* A frame without FP state: as after exec. */
static void
fp_reset(uint8_t *fp)
{
	memset(fp, 0, FP_BYTES);
	fp[0] = 0x7f;
	fp[1] = 0x03;
	fp[24] = 0x80;
	fp[25] = 0x1f;
}

static int
fp_load(struct vk_thread *thread, uint64_t at)
{
	uint8_t fp[FP_BYTES];

	if (at == 0)
		fp_reset(fp);
	else if (copyin(thread->process->mm, fp, at, sizeof(fp)) != 0)
		return LX_EFAULT;
	return sched_setfp(thread, fp) == 0 ? 0 : LX_EFAULT;
}

int
sigframe_pop(struct vk_thread *thread)
{
	struct lx_rt_sigframe frame;
	uint64_t at;

	at = (uint64_t)thread->tf.tf_rsp - 8;
	if (copyin(thread->process->mm, &frame, at, sizeof(frame)) != 0 ||
	    fp_load(thread, frame.uc.uc_mcontext.fpstate) != 0)
		return LX_EFAULT;
	signal_set_mask(thread, frame.uc.uc_sigmask);
	context_load(&frame.uc.uc_mcontext, &thread->tf);
	if ((frame.uc.uc_stack.ss_flags & LX_SS_DISABLE) == 0)
		thread->altstack = frame.uc.uc_stack;
	thread->altstack.ss_flags &= ~LX_SS_ONSTACK;
	thread->restart = 0;
	return 0;
}
