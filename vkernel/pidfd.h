/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors that stand for processes, also when these are gone. */
#ifndef VMS_VKERNEL_PIDFD_H
#define VMS_VKERNEL_PIDFD_H

#include <stdbool.h>

struct vk_process;
struct vk_thread;

/* A new descriptor of thread's process, closed at exec: its number, or a
 * negative LX_ error. */
int pidfd_create(
    struct vk_thread *thread, const struct vk_process *process, int flags);

/* The process's number.  LX_EBADF: it is no such descriptor. */
int pidfd_lookup(
    const struct vk_thread *thread, int fd, int *pid, bool *nonblocking);

#endif
