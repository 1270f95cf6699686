/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Sockets as files.  There are three implementations: the host's (AF_INET and
 * AF_INET6, and AF_UNIX to a host process), and among guests AF_UNIX of our
 * own (unix.h) and, under the virtual clock, a loopback of our own (inet.h).
 * All have a struct vk_socket at the start of open->data.
 */
#ifndef VMS_VKERNEL_SOCKET_H
#define VMS_VKERNEL_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/file.h"

#define LX_AF_UNSPEC  0
#define LX_AF_UNIX    1
#define LX_AF_INET    2
#define LX_AF_INET6   10
#define LX_AF_NETLINK 16

#define LX_SOCK_STREAM    1
#define LX_SOCK_DGRAM     2
#define LX_SOCK_RAW       3
#define LX_SOCK_SEQPACKET 5

#define LX_MSG_OOB          0x1u
#define LX_MSG_PEEK         0x2u
#define LX_MSG_DONTROUTE    0x4u
#define LX_MSG_CTRUNC       0x8u
#define LX_MSG_TRUNC        0x20u
#define LX_MSG_DONTWAIT     0x40u
#define LX_MSG_EOR          0x80u
#define LX_MSG_WAITALL      0x100u
#define LX_MSG_ERRQUEUE     0x2000u
#define LX_MSG_NOSIGNAL     0x4000u
#define LX_MSG_MORE         0x8000u
#define LX_MSG_WAITFORONE   0x10000u
#define LX_MSG_CMSG_CLOEXEC 0x40000000u

#define LX_ENOTSOCK        88
#define LX_EDESTADDRREQ    89
#define LX_EMSGSIZE        90
#define LX_EPROTOTYPE      91
#define LX_ENOPROTOOPT     92
#define LX_EPROTONOSUPPORT 93
#define LX_ESOCKTNOSUPPORT 94
#define LX_EADDRINUSE      98
#define LX_EADDRNOTAVAIL   99
#define LX_ENETUNREACH     101
#define LX_ECONNABORTED    103
#define LX_ECONNRESET      104
#define LX_EISCONN         106
#define LX_ENOTCONN        107
#define LX_ETOOMANYREFS    109
#define LX_ECONNREFUSED    111
#define LX_EALREADY        114
#define LX_EINPROGRESS     115

/* As Linux lays it out. */
struct lx_sockaddr {
	uint16_t family;
	char data[126];
};

struct vk_address {
	struct lx_sockaddr addr;
	uint32_t len;
};

struct lx_ucred {
	int32_t pid;
	uint32_t uid, gid;
};

#define MSG_FDS_MOST 253

/* One message, in either direction. */
struct vk_msg {
	struct iovec *iov; /* host memory */
	int count;
	unsigned flags;            /* LX_MSG_*, of the call */
	unsigned out_flags;        /* and of the answer */
	struct vk_address address; /* len 0: none */
	/* Descriptions that travel: of who sends, borrowed; of who receives,
	 * its own from then on. */
	struct vk_open *fds[MSG_FDS_MOST];
	int fd_count;
	bool wants_control; /* who receives has room for some */
	bool has_cred;
	struct lx_ucred cred;
};

struct vk_socket {
	int domain, type, protocol;   /* LX_ numbers */
	uint64_t receive_ns, send_ns; /* 0: no limit */
	uint64_t id;
	bool pass_cred;
};

struct vk_socket_option {
	int level, name;
	uint8_t value[256];
	uint32_t len;
};

/* Negative LX_ errors; -LX_EAGAIN: it would block. */
struct vk_socket_ops {
	int64_t (*bind)(struct vk_thread *thread, struct vk_open *open,
	    const struct vk_address *address);
	int64_t (*listen)(
	    struct vk_thread *thread, struct vk_open *open, int backlog);
	int64_t (*accept)(struct vk_thread *thread, struct vk_open *open,
	    struct vk_open **out);
	int64_t (*connect)(struct vk_thread *thread, struct vk_open *open,
	    const struct vk_address *address);
	int64_t (*name)(
	    struct vk_open *open, bool peer, struct vk_address *address);
	int64_t (*send)(
	    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
	int64_t (*receive)(
	    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
	int64_t (*shutdown)(struct vk_open *open, int how);
	int64_t (*get)(struct vk_open *open, struct vk_socket_option *option);
	int64_t (*set)(
	    struct vk_open *open, const struct vk_socket_option *option);
};

/* SO_RCVTIMEO (POLLIN) or SO_SNDTIMEO (POLLOUT) in nanoseconds; WAIT_FOREVER:
 * none. */
uint64_t socket_timeout(const struct vk_open *open, short events);
/* NULL: not a socket. */
struct vk_socket *socket_of(const struct vk_open *open);
/* An int as the answer. */
int64_t option_int(struct vk_socket_option *option, int32_t value);
/* The same of what was given; -LX_EINVAL. */
int64_t option_value(const struct vk_socket_option *option, int32_t *value);

/* The implementations; flags are LX_O_NONBLOCK or 0. */
int unix_open(int type, int flags, struct vk_open **out);
int unix_pair(
    struct vk_thread *thread, int type, int flags, struct vk_open *ends[2]);
int host_socket_open(
    int domain, int type, int protocol, int flags, struct vk_open **out);
/* open, an AF_UNIX socket of ours that is new, becomes one of the host that is
 * connected to path of directory dir, which may be a link if follow says so.
 * Negative LX_ errors. */
int64_t host_socket_become(
    struct vk_open *open, int dir, const char *path, bool follow);
/* open, a socket of ours, becomes what made is, a new one of the host. */
void host_socket_swap(struct vk_open *open, struct vk_open *made);
/* A socket that came from the host. */
int host_socket_adopt(int host_fd, struct vk_open **out);

#endif
