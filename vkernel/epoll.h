/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll files of our own. */
#ifndef VMS_VKERNEL_EPOLL_H
#define VMS_VKERNEL_EPOLL_H

struct vk_open;

/* The description is going away: no epoll file watches it any more. */
void epoll_forget(struct vk_open *open);

#endif
