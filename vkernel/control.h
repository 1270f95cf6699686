/* SPDX-License-Identifier: BSD-2-Clause */
/* Ancillary data: what travels beside the bytes of a message. */
#ifndef VMS_VKERNEL_CONTROL_H
#define VMS_VKERNEL_CONTROL_H

#include "vkernel/socket.h"

/* From guest memory.  LX_EINVAL, LX_EBADF, LX_EPERM, LX_EFAULT. */
int control_in(
    struct vk_thread *thread, uint64_t va, uint64_t len, struct vk_msg *msg);
/* To guest memory, with new descriptors; *len: room, then what was used.  What
 * has no room is lost, and out_flags says so. */
int control_out(
    struct vk_thread *thread, uint64_t va, uint64_t *len, struct vk_msg *msg);
/* Nobody takes what came. */
void control_discard(struct vk_msg *msg);

#endif
