/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files that are host descriptors, without operations of their own.  Nothing
 * here blocks: a stream is either O_NONBLOCK itself, or is asked first and
 * given little.
 */
#ifndef VMS_VKERNEL_FILE_HOST_H
#define VMS_VKERNEL_FILE_HOST_H

#include "vkernel/file.h"

int64_t host_read(
    struct vk_open *open, const struct iovec *iov, int count, int64_t off);
int64_t host_write(
    struct vk_open *open, const struct iovec *iov, int count, int64_t off);
short host_poll(struct vk_open *open, short events, struct vk_thread *waiter);

#endif
