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
is_within(const struct lx_stack *stack, uint64_t sp)
{
	return sp > stack->ss_sp && sp - stack->ss_sp <= stack->ss_size;
}

static bool
on_altstack(const struct vk_thread *thread, uint64_t sp)
{
	if ((thread->altstack.ss_flags & LX_SS_AUTODISARM) != 0)
		return false;
	return is_within(&thread->altstack, sp);
}

static int
altstack_flags(const struct vk_thread *thread, uint64_t sp)
{
	if (thread->altstack.ss_size == 0)
		return LX_SS_DISABLE;
	return on_altstack(thread, sp) ? LX_SS_ONSTACK : 0;
}

int
sigframe_altstack_flags(const struct vk_thread *thread)
{
	return altstack_flags(thread, (uint64_t)thread->tf.tf_rsp);
}

int
sigframe_set_altstack(struct vk_thread *thread, const struct lx_stack *stack)
{
	struct lx_stack *own;
	int mode;

	own = &thread->altstack;
	if (on_altstack(thread, (uint64_t)thread->tf.tf_rsp))
		return LX_EPERM;
	mode = stack->ss_flags & ~LX_SS_AUTODISARM;
	if (mode != 0 && mode != LX_SS_DISABLE && mode != LX_SS_ONSTACK)
		return LX_EINVAL;
	if (mode != LX_SS_DISABLE && stack->ss_size < LX_MINSIGSTKSZ)
		return LX_ENOMEM;
	own->ss_sp = mode == LX_SS_DISABLE ? 0 : stack->ss_sp;
	own->ss_size = mode == LX_SS_DISABLE ? 0 : stack->ss_size;
	own->ss_flags = stack->ss_flags;
	return 0;
}

/* Where the frame's parts go; false: the alternate stack has no room for
 * them. */
static bool
frame_place(const struct vk_thread *thread, const struct lx_sigaction *action,
    uint64_t *fp_at, uint64_t *at)
{
	const struct lx_stack *stack;
	uint64_t sp;
	bool alternate;

	stack = &thread->altstack;
	sp = (uint64_t)thread->tf.tf_rsp - RED_ZONE;
	alternate = on_altstack(thread, (uint64_t)thread->tf.tf_rsp);
	if ((action->flags & LX_SA_ONSTACK) != 0 &&
	    altstack_flags(thread, sp) == 0) {
		sp = stack->ss_sp + stack->ss_size;
		alternate = true;
	}
	*fp_at = (sp - FP_BYTES) & ~UINT64_C(63);
	*at = ((*fp_at - sizeof(struct lx_rt_sigframe)) & ~UINT64_C(15)) - 8;
	return !alternate || is_within(stack, *at);
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
	if (!frame_place(thread, action, &fp_at, &sp))
		return LX_EFAULT;
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
	sigframe_set_altstack(thread, &frame.uc.uc_stack);
	thread->restart = 0;
	thread->restart_call.nr = UINT64_MAX;
	return 0;
}
