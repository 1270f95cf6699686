/* SPDX-License-Identifier: BSD-2-Clause */
/* Datagrams of the guests' loopback, as net/ipv4/udp.c. */
#include <poll.h>
#include <string.h>

#include "vkernel/inet.h"
#include "vkernel/syscall.h"

#define V4_MOST 65507u
#define V6_MOST 65527u

/* What Linux counts for a packet: its buffer, headers and all. */
#define HEADERS     440u
#define BUFFER_HEAD 256u
#define SMALL_MOST  136u
#define SMALL_COST  832u
#define LINEAR_MOST 16384u
#define PAGES_COST  1280u

static size_t
packet_cost(size_t len)
{
	size_t room;

	if (len <= SMALL_MOST)
		return SMALL_COST;
	for (room = 1024; room < len + HEADERS; room *= 2)
		continue;
	if (room <= LINEAR_MOST)
		return room + BUFFER_HEAD;
	return (len + 4095) / 4096 * 4096 + PAGES_COST;
}

static void
disconnect(struct inet_socket *sock)
{
	sock->told = INET_IDLE;
	inet_unbind(sock);
}

int64_t
udp_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct inet_socket *sock;
	struct inet_name name;
	int64_t error;

	sock = open->data;
	if (address->addr.family == LX_AF_UNSPEC) {
		disconnect(sock);
		return 0;
	}
	error = -inet_destination(sock, address, &name);
	if (error == -LX_ENETUNREACH && address->addr.family == LX_AF_INET)
		return -LX_EAFNOSUPPORT;
	if (error != 0)
		return error;
	if (!inet_is_loopback(&name)) {
		error = inet_leave(open, NULL);
		return error != 0
			   ? error
			   : open->ops->socket->connect(thread, open, address);
	}
	if (inet_bind_auto(sock) != 0)
		return -LX_EAGAIN;
	sock->name = inet_source(sock, &name);
	sock->peer = name;
	sock->told = INET_CONNECTED;
	return 0;
}

/* Nobody is told of a datagram that there is no room for. */
static int
deliver(struct inet_socket *sock, struct inet_socket *to,
    const struct inet_name *from, const struct vk_msg *msg, size_t len)
{
	struct local_msg *made;
	size_t cost;
	int error;

	cost = packet_cost(len);
	if (to->local.used + cost > (size_t)inet_option(to, INET_RCVBUF))
		return 0;
	error = local_msg_create(sock->kernel, msg, 0, len, &made);
	if (error != 0)
		return error;
	made->cost = cost;
	inet_address(to, from, &made->from);
	local_append(&to->local, made);
	return 0;
}

static bool
hears_errors(const struct inet_socket *sock, const struct inet_name *to)
{
	if (sock->told == INET_CONNECTED)
		return sock->peer.port == to->port &&
		       memcmp(sock->peer.ip, to->ip, sizeof(to->ip)) == 0;
	return inet_option(sock, INET_RECVERR) != 0 ||
	       inet_option(sock, INET_RECVERR6) != 0;
}

static int
send_packet(struct inet_socket *sock, const struct inet_name *name,
    const struct vk_msg *msg, size_t len)
{
	struct inet_socket *to;
	struct inet_name from;
	int error;

	error = local_error(&sock->local);
	if (error != 0)
		return error;
	if (sock->local.no_write)
		return LX_EPIPE;
	from = inet_source(sock, name);
	to = inet_find(sock, &from, name);
	if (to != NULL)
		return deliver(sock, to, &from, msg, len);
	if (hears_errors(sock, name)) {
		sock->local.error = LX_ECONNREFUSED;
		local_wake(&sock->local);
	}
	return 0;
}

static int
target(const struct inet_socket *sock, const struct vk_msg *msg,
    struct inet_name *name)
{
	struct vk_address address;
	int error;

	address = msg->address;
	if (address.len >= sizeof(address.addr.family) &&
	    address.addr.family == LX_AF_UNSPEC) {
		if (sock->local.base.domain == LX_AF_INET6)
			address.len = 0;
		else
			address.addr.family = LX_AF_INET;
	}
	if (address.len == 0) {
		*name = sock->peer;
		if (sock->told != INET_CONNECTED)
			return LX_EDESTADDRREQ;
		return name->port == 0 ? LX_EINVAL : 0;
	}
	error = inet_destination(sock, &address, name);
	if (error != 0)
		return error;
	return name->port == 0 ? LX_EINVAL : 0;
}

int64_t
udp_send(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct inet_socket *sock;
	struct inet_name name;
	int64_t error;
	size_t len;

	sock = open->data;
	error = -target(sock, msg, &name);
	if (error == 0 && !inet_is_loopback(&name)) {
		error = inet_leave(open, NULL);
		return error != 0 ? error
				  : open->ops->socket->send(thread, open, msg);
	}
	if (inet_bind_auto(sock) != 0)
		return -LX_EAGAIN;
	if ((msg->flags & LX_MSG_OOB) != 0)
		return -LX_EOPNOTSUPP;
	if (error != 0)
		return error;
	len = iov_bytes(msg->iov, msg->count);
	if (len > (inet_is_v4(&name) ? V4_MOST : V6_MOST))
		return -LX_EMSGSIZE;
	error = -send_packet(sock, &name, msg, len);
	return error != 0 ? error : (int64_t)len;
}

int64_t
udp_receive(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct inet_socket *sock;

	(void)thread;
	sock = open->data;
	if (sock->local.error != 0)
		return -local_error(&sock->local);
	if (sock->local.first == NULL)
		return sock->local.no_read &&
			       (msg->flags & LX_MSG_DONTWAIT) == 0 &&
			       !open_is_nonblocking(open)
			   ? 0
			   : -LX_EAGAIN;
	return local_take_packet(
	    &sock->local, msg, iov_bytes(msg->iov, msg->count));
}

int
udp_poll(const struct inet_socket *sock)
{
	const struct local_socket *local;
	int now;

	local = &sock->local;
	now = POLLOUT | POLLWRNORM | POLLWRBAND;
	if (local->error != 0)
		now |= POLLERR;
	if (local->no_read) {
		now |= POLLIN | POLLRDNORM;
#ifdef POLLRDHUP
		now |= POLLRDHUP;
#endif
	}
	if (local->first != NULL)
		now |= POLLIN | POLLRDNORM;
	if (local->no_read && local->no_write)
		now |= POLLHUP;
	return now;
}
