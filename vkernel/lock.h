/* SPDX-License-Identifier: BSD-2-Clause */
/* File locks: fcntl's and flock's. */
#ifndef VMS_VKERNEL_LOCK_H
#define VMS_VKERNEL_LOCK_H

struct vk_open;

/* The description is going away, and what it has locked with it. */
void locks_drop_open(struct vk_open *open);

#endif
