/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one place where a guest thread waits: for host descriptors, for time,
 * for a signal.  A signal that would be acted on ends the wait.
 */
#ifndef VMS_VKERNEL_WAIT_H
#define VMS_VKERNEL_WAIT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

struct vk_open;
struct vk_thread;

#define WAIT_FOREVER UINT64_MAX

/*
 * Waits until one of fds[0 .. count) is ready or ns nanoseconds have passed.
 * fds has room for one more row.  *ready: how many, 0 after the time.
 * LX_EINTR, LX_EINVAL, LX_ENOMEM.
 */
int wait_fds(struct vk_thread *thread, struct pollfd *fds, size_t count,
    uint64_t ns, int *ready);

/* Waits until open can be read (POLLIN) or written (POLLOUT), if it may block
 * at all and is not O_NONBLOCK.  LX_EINTR. */
int wait_open(
    struct vk_thread *thread, const struct vk_open *open, short events);

/* LX_EINTR; 0: the time has passed. */
int wait_time(struct vk_thread *thread, uint64_t ns);

#endif
