/* SPDX-License-Identifier: BSD-2-Clause */
/* What go_user() of the DragonFly vkernel does in a loop: the scheduler has
 * the loop. */
#ifndef VMS_VKERNEL_RUN_H
#define VMS_VKERNEL_RUN_H

struct vk_thread;

/* Signals, then one run of the guest and what it ended with; or the call that
 * thread waited in, once more. */
void run_step(struct vk_thread *thread);

#endif
