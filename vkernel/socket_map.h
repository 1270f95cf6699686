/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and addresses of sockets between Linux and the host. */
#ifndef VMS_VKERNEL_SOCKET_MAP_H
#define VMS_VKERNEL_SOCKET_MAP_H

#include <sys/socket.h>

#include "vkernel/socket.h"

/* -1: the host has none. */
int domain_to_host(int guest);
int domain_to_guest(int host);
int type_to_host(int guest);
int type_to_guest(int host);

socklen_t address_to_host(
    const struct vk_address *address, struct sockaddr_storage *host);
void address_to_guest(const struct sockaddr_storage *host, socklen_t len,
    struct vk_address *address);

/* MSG_ flags; the host's never wait and never send SIGPIPE. */
int flags_to_host(unsigned guest, bool sends);
unsigned flags_to_guest(int host);

#endif
