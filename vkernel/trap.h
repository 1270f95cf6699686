/* SPDX-License-Identifier: BSD-2-Clause */
/* What a trap of the guest means to a Linux program. */
#ifndef VMS_VKERNEL_TRAP_H
#define VMS_VKERNEL_TRAP_H

struct vk_thread;

/* Acts on tf_trapno, which is neither 0 nor a system call. */
void trap_handle(struct vk_thread *thread);

#endif
