/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guests' own loopback: TCP and UDP of AF_INET and AF_INET6 among guests
 * under the virtual clock, where the host's ports and the cutting of its
 * segments would differ from run to run.  A socket that binds, connects or
 * sends to an address that is not the loopback's becomes the host's.
 */
#ifndef VMS_VKERNEL_INET_H
#define VMS_VKERNEL_INET_H

#include "vkernel/local.h"

struct inet_socket;

#define INET_OPTIONS 48 /* at most */

#define INET_PORT_FIRST 32768u
#define INET_PORT_LAST  60999u

/* IPv4 is ::ffff:a.b.c.d; any address of it ::ffff:0.0.0.0. */
struct inet_name {
	uint8_t ip[16];
	uint16_t port; /* 0: none */
};

/* What connect() has said; the last: it failed, and was shut down. */
enum inet_told {
	INET_IDLE,
	INET_CONNECTING,
	INET_CONNECTED,
	INET_DISCONNECTING,
};

struct inet_socket {
	struct local_socket local;
	struct vk_kernel *kernel;
	struct inet_socket *named_next; /* in the kernel's list, with a port */
	bool named;
	bool bound_port, bound_ip; /* by bind(): not undone with a connection */
	struct inet_name name, peer;
	uint32_t uid;
	enum inet_told told;
	/* TCP: nothing more comes, nothing more is sent, it is over. */
	bool fin_in, fin_out, reset;
	bool no_space; /* a writer found none */
	bool urgent;   /* a byte that came with MSG_OOB */
	uint8_t urgent_byte;
	/* one whose connection waits for room at who listens, and those that
	 * wait here; both sides borrow */
	struct inet_socket *target, *waiter_first, *waiter_next;
	int32_t linger[2];
	int32_t options[INET_OPTIONS]; /* rows of inet_option.c */
	uint64_t options_set;
};

extern const struct vk_file_ops inet_ops;

/* Whether such a socket can be of this loopback; *protocol 0: it is told. */
bool inet_has(int domain, int type, int *protocol);
int inet_open(struct vk_thread *thread, int domain, int type, int protocol,
    int flags, struct vk_open **out);
struct inet_socket *inet_of(const struct vk_open *open);
struct inet_socket *inet_from(struct local_socket *sock);
struct inet_socket *inet_create(
    struct vk_kernel *kernel, int domain, int type, int protocol);
/* From now on it is a socket of the host, with the same options, bound to
 * address, or if that is NULL to the name it had.  Negative LX_ errors: it is
 * what it was. */
int64_t inet_leave(struct vk_open *open, const struct vk_address *address);

/* inet_name.c: addresses, and who has them. */
bool inet_is_any(const struct inet_name *name);
bool inet_is_v4(const struct inet_name *name);
bool inet_is_loopback(const struct inet_name *name);
/* An address as the socket's family writes it. */
void inet_address(const struct inet_socket *sock, const struct inet_name *name,
    struct vk_address *out);
/* Where to send: one of the host's own for any; LX_EINVAL, LX_EAFNOSUPPORT,
 * LX_ENETUNREACH. */
int inet_destination(const struct inet_socket *sock,
    const struct vk_address *address, struct inet_name *out);
int64_t inet_bind(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address);
/* A port, unless it has one; LX_EADDRINUSE. */
int inet_bind_auto(struct inet_socket *sock);
/* What packets to there come from. */
struct inet_name inet_source(
    const struct inet_socket *sock, const struct inet_name *to);
/* What bind() has not set is forgotten. */
void inet_unbind(struct inet_socket *sock);
void inet_name_add(struct inet_socket *sock);
void inet_name_remove(struct inet_socket *sock);
/* Another has the name in a way that it cannot be shared. */
bool inet_conflicts(const struct inet_socket *sock);
/* Who gets what from sends to to; NULL: nobody.  Of streams: who listens. */
struct inet_socket *inet_find(const struct inet_socket *from_sock,
    const struct inet_name *from, const struct inet_name *to);

/* inet_tcp.c */
int64_t tcp_listen(struct vk_thread *thread, struct vk_open *open, int backlog);
int64_t tcp_accept(
    struct vk_thread *thread, struct vk_open *open, struct vk_open **out);
int64_t tcp_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address);
int64_t tcp_shutdown(struct inet_socket *sock, int how);
void tcp_close(struct inet_socket *sock);
/* As TCP_INFO tells. */
int tcp_state(const struct inet_socket *sock);

/* inet_tcp_io.c */
int64_t tcp_send(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
int64_t tcp_receive(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
int tcp_poll(const struct inet_socket *sock);
/* The other side has lost what it did not read, and is told. */
void tcp_reset(struct inet_socket *sock);

/* inet_udp.c */
int64_t udp_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address);
int64_t udp_send(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
int64_t udp_receive(
    struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg);
int udp_poll(const struct inet_socket *sock);

/* inet_option.c */
enum inet_option {
	INET_REUSEADDR,
	INET_REUSEPORT,
	INET_SNDBUF,
	INET_RCVBUF,
	INET_OOBINLINE,
	INET_MAXSEG,
	INET_RECVERR,
	INET_RECVERR6,
	INET_V6ONLY,
};

void inet_options_init(struct inet_socket *sock);
int32_t inet_option(const struct inet_socket *sock, enum inet_option which);
int64_t inet_option_get(struct vk_open *open, struct vk_socket_option *option);
int64_t inet_option_set(
    struct vk_open *open, const struct vk_socket_option *option);
/* All that were set, at a socket of the host. */
void inet_options_apply(const struct inet_socket *sock, struct vk_open *host);
/* Bytes under way from one to the other. */
size_t inet_tcp_room(
    const struct inet_socket *from, const struct inet_socket *to);

#endif
