/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of sockets by Linux's numbers. */
#ifndef VMS_VKERNEL_SOCKET_OPTION_H
#define VMS_VKERNEL_SOCKET_OPTION_H

#include "vkernel/socket.h"

#define LX_SOL_SOCKET 1

#define LX_SO_TYPE       3
#define LX_SO_ERROR      4
#define LX_SO_SNDBUF     7
#define LX_SO_RCVBUF     8
#define LX_SO_LINGER     13
#define LX_SO_PASSCRED   16
#define LX_SO_PEERCRED   17
#define LX_SO_RCVTIMEO   20
#define LX_SO_SNDTIMEO   21
#define LX_SO_ACCEPTCONN 30
#define LX_SO_PEERSEC    31
#define LX_SO_PROTOCOL   38
#define LX_SO_DOMAIN     39

/* Of the host's socket; negative LX_ errors. */
int64_t host_option_get(int fd, struct vk_socket_option *option);
int64_t host_option_set(int fd, const struct vk_socket_option *option);

#endif
