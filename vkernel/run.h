/* SPDX-License-Identifier: BSD-2-Clause */
/* The loop of go_user() of the DragonFly vkernel, for one thread. */
#ifndef VMS_VKERNEL_RUN_H
#define VMS_VKERNEL_RUN_H

struct vk_thread;

/* Runs the guest until its process has ended or the kernel gives up. */
void run_thread(struct vk_thread *thread);

#endif
