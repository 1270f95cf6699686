/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes over connections of the guests' loopback, as net/ipv4/tcp.c. */
#include <poll.h>

#include "vkernel/inet.h"
#include "vkernel/syscall.h"

static bool
is_over(const struct inet_socket *sock)
{
	return sock->reset || (sock->fin_in && sock->fin_out);
}

/* One that a reset comes to: what it has is still read. */
static void
hear_reset(struct inet_socket *sock)
{
	struct local_socket *peer;

	peer = sock->local.peer;
	sock->local.peer = NULL;
	if (!is_over(sock)) {
		sock->local.error = sock->fin_in ? LX_EPIPE : LX_ECONNRESET;
		sock->reset = true;
	}
	sock->local.no_read = sock->local.no_write = true;
	local_wake(&sock->local);
	local_drop(peer);
}

void
tcp_reset(struct inet_socket *sock)
{
	struct local_socket *peer;

	sock->reset = true;
	peer = sock->local.peer;
	if (peer == NULL)
		return;
	sock->local.peer = NULL;
	if (peer->peer == &sock->local)
		hear_reset(inet_from(peer));
	local_drop(peer);
}

static bool
may_write_more(const struct inet_socket *sock)
{
	const struct inet_socket *to;

	to = inet_from(sock->local.peer);
	return to == NULL || to->local.used <= inet_tcp_room(sock, to) / 3 * 2;
}

/* Bits that stay when the connection is over, then those that do not. */
int
tcp_poll(const struct inet_socket *sock)
{
	const struct local_socket *local;
	int now;

	local = &sock->local;
	if (local->state == LOCAL_LISTENS)
		return local->pending != 0 ? POLLIN | POLLRDNORM : 0;
	now = local->error != 0 ? POLLERR : 0;
	if (sock->target != NULL)
		return now;
	if ((local->no_read && local->no_write) || is_over(sock) ||
	    local->state == LOCAL_NEW)
		now |= POLLHUP;
	if (local->no_read) {
		now |= POLLIN | POLLRDNORM;
#ifdef POLLRDHUP
		now |= POLLRDHUP;
#endif
	}
	if (local->first != NULL)
		now |= POLLIN | POLLRDNORM;
	if (local->no_write || may_write_more(sock))
		now |= POLLOUT | POLLWRNORM;
	return sock->urgent ? now | POLLPRI : now;
}

/* The last byte goes past the others. */
static void
send_urgent(struct inet_socket *to, const struct vk_msg *msg, size_t at)
{
	iov_get(msg->iov, msg->count, at, &to->urgent_byte, 1);
	to->urgent = true;
	local_wake_reader(&to->local);
}

static int64_t
send_bytes(struct inet_socket *sock, const struct vk_msg *msg, size_t len)
{
	struct inet_socket *to;
	size_t room;
	int64_t done;
	bool urgent;

	to = inet_from(sock->local.peer);
	room = inet_tcp_room(sock, to);
	if (to->local.used >= room) {
		sock->no_space = true;
		return -LX_EAGAIN;
	}
	room -= to->local.used;
	urgent = (msg->flags & LX_MSG_OOB) != 0 && len <= room &&
		 inet_option(to, INET_OOBINLINE) == 0;
	if (urgent && len == 1) {
		send_urgent(to, msg, 0);
		return 1;
	}
	done = local_append_bytes(
	    &to->local, msg, 0, len - urgent < room ? len - urgent : room);
	if (urgent && done == (int64_t)len - 1) {
		send_urgent(to, msg, len - 1);
		done++;
	}
	return done;
}

static int64_t
send_error(struct inet_socket *sock)
{
	int error;

	error = local_error(&sock->local);
	return error != 0 ? -error : -LX_EPIPE;
}

int64_t
tcp_send(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct inet_socket *sock;
	size_t len;

	(void)thread;
	sock = open->data;
	if (sock->target != NULL)
		return -LX_EAGAIN;
	if (sock->local.state != LOCAL_CONNECTED || sock->local.error != 0 ||
	    sock->local.no_write || sock->reset)
		return send_error(sock);
	len = iov_bytes(msg->iov, msg->count);
	if (len == 0)
		return 0;
	if (sock->local.peer->state != LOCAL_CLOSED)
		return send_bytes(sock, msg, len);
	hear_reset(sock); /* it is closed: the bytes are lost */
	return (int64_t)len;
}

static int64_t
receive_urgent(struct inet_socket *sock, struct vk_msg *msg)
{
	if (!sock->urgent || inet_option(sock, INET_OOBINLINE) != 0)
		return -LX_EINVAL;
	msg->out_flags |= LX_MSG_OOB;
	if (iov_put(msg->iov, msg->count, 0, &sock->urgent_byte, 1) == 0)
		return 0;
	if ((msg->flags & LX_MSG_PEEK) == 0)
		sock->urgent = false;
	return 1;
}

static int64_t
receive_nothing(struct inet_socket *sock)
{
	if (sock->fin_in)
		return 0;
	if (sock->local.error != 0)
		return -local_error(&sock->local);
	if (sock->local.no_read)
		return 0;
	if (sock->local.state != LOCAL_CONNECTED && sock->target == NULL)
		return -LX_ENOTCONN;
	return -LX_EAGAIN;
}

static void
tell_writer(struct inet_socket *sock)
{
	struct inet_socket *from;

	from = inet_from(sock->local.peer);
	if (from == NULL || !from->no_space || !may_write_more(from))
		return;
	from->no_space = false;
	local_wake_writer(&from->local);
}

int64_t
tcp_receive(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct inet_socket *sock;
	int64_t result;
	size_t want;

	(void)thread;
	sock = open->data;
	if (sock->local.state == LOCAL_LISTENS)
		return -LX_ENOTCONN;
	if ((msg->flags & LX_MSG_OOB) != 0)
		return receive_urgent(sock, msg);
	if (sock->local.first == NULL)
		return receive_nothing(sock);
	want = iov_bytes(msg->iov, msg->count);
	if ((msg->flags & LX_MSG_TRUNC) != 0)
		msg->count = 0; /* counted, and thrown away */
	result = local_take_stream(&sock->local, msg, want);
	if ((msg->flags & LX_MSG_PEEK) == 0)
		tell_writer(sock);
	return result;
}
