/* SPDX-License-Identifier: BSD-2-Clause */
/* What calls that move bytes have in common. */
#ifndef VMS_VKERNEL_IO_H
#define VMS_VKERNEL_IO_H

#include <stdint.h>

#include "vkernel/file.h"

#define LX_RWF_NOWAIT 0x08u /* of preadv2 and pwritev2 */

/* SIGPIPE, from the thread to itself. */
void io_broken_pipe(struct vk_thread *thread);
/* The same where writing to open says it: not for sockets of packets. */
void io_broken(struct vk_thread *thread, const struct vk_open *open);

/*
 * An operation said -LX_EAGAIN after done bytes: what the call returns now.
 * -LX_WAIT: it has parked, and done is in wait.state[0] when it is called
 * again.
 */
int64_t io_wait(struct vk_thread *thread, struct vk_open *open, short events,
    uint64_t done);

#endif
