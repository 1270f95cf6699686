/* SPDX-License-Identifier: BSD-2-Clause */
/* struct rt_sigframe on the guest's stack, as arch/x86/kernel/signal.c. */
#ifndef VMS_VKERNEL_SIGFRAME_H
#define VMS_VKERNEL_SIGFRAME_H

#include "vkernel/linux_abi.h"

struct vk_thread;

/* Makes the thread go on in the handler.  LX_EFAULT: no room on the stack. */
int sigframe_push(struct vk_thread *thread, const struct lx_siginfo *info,
    const struct lx_sigaction *action, uint64_t old_mask);

/* rt_sigreturn: rsp is 8 above the frame.  LX_EFAULT. */
int sigframe_pop(struct vk_thread *thread);

/* sigaltstack(2): LX_EPERM, LX_EINVAL, LX_ENOMEM. */
int sigframe_set_altstack(
    struct vk_thread *thread, const struct lx_stack *stack);
/* sigaltstack's flags for the current rsp. */
int sigframe_altstack_flags(const struct vk_thread *thread);

#endif
