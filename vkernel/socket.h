/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets as files: the host's, and AF_UNIX of our own. */
#ifndef VMS_VKERNEL_SOCKET_H
#define VMS_VKERNEL_SOCKET_H

#include <stdint.h>

#include "vkernel/file.h"

/* SO_RCVTIMEO (POLLIN) or SO_SNDTIMEO (POLLOUT) in nanoseconds; WAIT_FOREVER:
 * none. */
uint64_t socket_timeout(const struct vk_open *open, short events);

#endif
