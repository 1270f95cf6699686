/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Connections of the guests' loopback.  A connection is made by connect(),
 * before anybody accepts it; errors and their order are those of
 * net/ipv4/af_inet.c and tcp.c.
 */
#include <string.h>

#include "vkernel/inet.h"
#include "vkernel/syscall.h"

enum {
	ESTABLISHED = 1,
	SYN_SENT = 2,
	FIN_WAIT2 = 5,
	CLOSED = 7,
	CLOSE_WAIT = 8,
	LISTENS = 10
};

int
tcp_state(const struct inet_socket *sock)
{
	if (sock->local.state == LOCAL_LISTENS)
		return LISTENS;
	if (sock->target != NULL)
		return SYN_SENT;
	if (sock->local.state != LOCAL_CONNECTED || sock->reset ||
	    (sock->fin_in && sock->fin_out))
		return CLOSED;
	if (sock->fin_out)
		return FIN_WAIT2;
	return sock->fin_in ? CLOSE_WAIT : ESTABLISHED;
}

static void
leave_target(struct inet_socket *sock)
{
	struct inet_socket **at;

	if (sock->target == NULL)
		return;
	for (at = &sock->target->waiter_first; *at != sock;
	     at = &(*at)->waiter_next)
		continue;
	*at = sock->waiter_next;
	sock->target = NULL;
}

static void
refuse(struct inet_socket *sock)
{
	leave_target(sock);
	if (!sock->bound_port)
		inet_name_remove(sock);
	sock->local.error = LX_ECONNREFUSED;
	sock->reset = sock->local.no_read = sock->local.no_write = true;
	local_wake(&sock->local);
}

/* Nobody listens any more. */
static void
listen_end(struct inet_socket *sock)
{
	struct inet_socket *next;

	while ((next = inet_from(local_pending_take(&sock->local))) != NULL) {
		tcp_reset(next);
		inet_name_remove(next);
		local_drop(&next->local);
	}
	while (sock->waiter_first != NULL)
		refuse(sock->waiter_first);
	sock->local.state = LOCAL_NEW;
}

/* The bytes that the peer was sent stay there; what it sends is answered by
 * a reset, see tcp_send(). */
static void
say_end(struct inet_socket *sock)
{
	struct inet_socket *peer;

	sock->fin_out = true;
	peer = inet_from(sock->local.peer);
	if (peer == NULL)
		return;
	peer->fin_in = peer->local.no_read = true;
	local_wake(&peer->local);
}

static bool
wants_reset(const struct inet_socket *sock)
{
	return sock->local.first != NULL ||
	       (sock->linger[0] != 0 && sock->linger[1] == 0);
}

static void
disconnect(struct inet_socket *sock)
{
	struct local_socket *local;

	local = &sock->local;
	leave_target(sock);
	if (local->state == LOCAL_LISTENS)
		listen_end(sock);
	if (local->peer != NULL)
		tcp_reset(sock);
	local_discard(local);
	local->state = LOCAL_NEW;
	local->error = 0;
	local->no_read = local->no_write = false;
	sock->fin_in = sock->fin_out = sock->reset = sock->urgent = false;
	sock->told = INET_IDLE;
	inet_unbind(sock);
	local_wake(local);
}

void
tcp_close(struct inet_socket *sock)
{
	leave_target(sock);
	if (sock->local.state == LOCAL_LISTENS) {
		listen_end(sock);
	} else if (wants_reset(sock)) {
		tcp_reset(sock);
	} else {
		say_end(sock);
		local_drop(sock->local.peer);
		sock->local.peer = NULL;
	}
}

int64_t
tcp_listen(struct vk_thread *thread, struct vk_open *open, int backlog)
{
	struct inet_socket *sock;
	int error;

	(void)thread;
	sock = open->data;
	if (sock->told != INET_IDLE)
		return -LX_EINVAL;
	sock->local.backlog = local_backlog(backlog);
	if (sock->local.state == LOCAL_LISTENS)
		return 0;
	error = inet_bind_auto(sock);
	if (error == 0 && inet_conflicts(sock))
		error = LX_EADDRINUSE;
	if (error != 0)
		return -error;
	sock->local.state = LOCAL_LISTENS;
	sock->local.no_read = sock->local.no_write = false;
	local_wake(&sock->local);
	return 0;
}

/* A second end for whoever accepts; it has what is set at who listens. */
static int
establish(struct inet_socket *sock, struct inet_socket *to)
{
	struct inet_socket *made;
	struct vk_socket *base;

	base = &to->local.base;
	made =
	    inet_create(to->kernel, base->domain, base->type, base->protocol);
	if (made == NULL)
		return LX_ENOMEM;
	made->local.base = *base;
	made->local.base.id = 0;
	made->uid = to->uid;
	made->name = sock->peer;
	made->peer = sock->name;
	made->told = INET_CONNECTED;
	memcpy(made->linger, to->linger, sizeof(made->linger));
	memcpy(made->options, to->options, sizeof(made->options));
	made->options_set = to->options_set;
	inet_name_add(made);
	local_join(&sock->local, &made->local);
	local_pending_add(&to->local, &made->local);
	local_wake_writer(&sock->local);
	return 0;
}

/* There is room for one more. */
static void
admit(struct inet_socket *to)
{
	struct inet_socket *sock;

	sock = to->waiter_first;
	if (sock == NULL || to->local.pending > to->local.backlog)
		return;
	leave_target(sock);
	if (establish(sock, to) != 0)
		refuse(sock);
}

int64_t
tcp_accept(struct vk_thread *thread, struct vk_open *open, struct vk_open **out)
{
	struct inet_socket *sock;
	int error;

	(void)thread;
	sock = open->data;
	if (sock->local.state != LOCAL_LISTENS)
		return -LX_EINVAL;
	if (sock->local.pending_first == NULL)
		return -LX_EAGAIN;
	error = open_create_ops(
	    &inet_ops, sock->local.pending_first, LX_O_RDWR, out);
	if (error != 0)
		return -error;
	local_pending_take(&sock->local);
	admit(sock);
	return 0;
}

static void
wait_for(struct inet_socket *sock, struct inet_socket *to)
{
	struct inet_socket **at;

	for (at = &to->waiter_first; *at != NULL; at = &(*at)->waiter_next)
		continue;
	*at = sock;
	sock->waiter_next = NULL;
	sock->target = to;
}

/* A refusal is told by connect_end(). */
static int
connect_begin(struct inet_socket *sock, const struct inet_name *name)
{
	struct inet_socket *to;
	int error;

	error = inet_bind_auto(sock);
	if (error != 0)
		return LX_EADDRNOTAVAIL;
	sock->name = inet_source(sock, name);
	sock->peer = *name;
	to = inet_find(sock, &sock->name, name);
	if (to == NULL)
		refuse(sock);
	else if (to->local.pending > to->local.backlog)
		wait_for(sock, to);
	else
		error = establish(sock, to);
	if (error != 0)
		disconnect(sock);
	return error;
}

static int64_t
connect_end(struct vk_open *open)
{
	struct inet_socket *sock;
	int error;

	sock = open->data;
	if (sock->target != NULL)
		return open_is_nonblocking(open) ? -LX_EALREADY : -LX_EAGAIN;
	if (tcp_state(sock) != CLOSED) {
		sock->told = INET_CONNECTED;
		return 0;
	}
	error = local_error(&sock->local);
	disconnect(sock);
	return error != 0 ? -error : -LX_ECONNABORTED;
}

static int64_t
connect_host(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	int64_t error;

	error = inet_leave(open, NULL);
	return error != 0 ? error
			  : open->ops->socket->connect(thread, open, address);
}

/* One that does not wait hears EINPROGRESS even where it is all done. */
int64_t
tcp_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct inet_socket *sock;
	struct inet_name name;
	int error;

	sock = open->data;
	if (address->addr.family == LX_AF_UNSPEC) {
		disconnect(sock);
		return 0;
	}
	if (sock->told == INET_CONNECTED)
		return -LX_EISCONN;
	if (sock->told == INET_DISCONNECTING)
		return -LX_EINVAL;
	if (sock->told == INET_CONNECTING)
		return connect_end(open);
	if (sock->local.state != LOCAL_NEW)
		return -LX_EISCONN;
	error = inet_destination(sock, address, &name);
	if (error != 0)
		return -error;
	if (!inet_is_loopback(&name))
		return connect_host(thread, open, address);
	error = connect_begin(sock, &name);
	if (error != 0)
		return -error;
	sock->told = INET_CONNECTING;
	return open_is_nonblocking(open) ? -LX_EINPROGRESS : connect_end(open);
}

static int64_t
listen_shutdown(struct inet_socket *sock, int how)
{
	if (how == 1)
		return 0;
	listen_end(sock);
	if (!sock->bound_port)
		inet_unbind(sock);
	local_wake(&sock->local);
	return 0;
}

int64_t
tcp_shutdown(struct inet_socket *sock, int how)
{
	bool connected;

	if (sock->local.state == LOCAL_LISTENS)
		return listen_shutdown(sock, how);
	if (sock->target != NULL) {
		disconnect(sock);
		return 0;
	}
	connected = tcp_state(sock) != CLOSED;
	if (sock->told == INET_CONNECTING)
		sock->told = connected ? INET_CONNECTED : INET_DISCONNECTING;
	sock->local.no_read |= how != 1;
	sock->local.no_write |= how != 0;
	if (connected && how != 0)
		say_end(sock);
	local_wake(&sock->local);
	return connected ? 0 : -LX_ENOTCONN;
}
