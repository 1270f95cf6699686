/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/unix.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/socket_option.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define NAME_LAST 80 /* of SOL_SOCKET */

struct unix_socket *
unix_of(const struct vk_open *open)
{
	return open->ops == &unix_ops ? open->data : NULL;
}

struct unix_socket *
unix_from(struct local_socket *sock)
{
	return (struct unix_socket *)sock;
}

struct lx_ucred
unix_cred(const struct vk_thread *thread)
{
	const struct vk_cred *cred;

	cred = &thread->process->cred;
	return (struct lx_ucred){ thread->process->pid, cred->user.effective,
		cred->group.effective };
}

struct unix_socket *
unix_create(int type)
{
	struct unix_socket *sock;

	sock = unix_from(local_create(sizeof(*sock), LX_AF_UNIX,
	    type == LX_SOCK_RAW ? LX_SOCK_DGRAM : type));
	if (sock != NULL)
		sock->peer_cred =
		    (struct lx_ucred){ 0, UINT32_MAX, UINT32_MAX };
	return sock;
}

int
unix_install(struct unix_socket *sock, int flags, struct vk_open **out)
{
	return open_create_ops(&unix_ops, sock, flags | LX_O_RDWR, out);
}

int
unix_open(int type, int flags, struct vk_open **out)
{
	struct unix_socket *sock;
	int error;

	sock = unix_create(type);
	if (sock == NULL)
		return LX_ENOMEM;
	error = unix_install(sock, flags, out);
	if (error != 0)
		local_drop(&sock->local);
	return error;
}

void
unix_join(struct unix_socket *a, struct unix_socket *b)
{
	local_join(&a->local, &b->local);
	a->peer_cred = b->cred;
	b->peer_cred = a->cred;
}

int
unix_pair(
    struct vk_thread *thread, int type, int flags, struct vk_open *ends[2])
{
	struct unix_socket *a, *b;
	int error;

	error = unix_open(type, flags, &ends[0]);
	if (error != 0)
		return error;
	error = unix_open(type, flags, &ends[1]);
	if (error != 0) {
		open_drop(ends[0]);
		return error;
	}
	a = ends[0]->data;
	b = ends[1]->data;
	a->cred = b->cred = unix_cred(thread);
	unix_join(a, b);
	return 0;
}

/* The other side hears of it: unread bytes were lost, or all is said. */
static void
peer_leave(struct local_socket *sock)
{
	struct local_socket *peer;

	peer = sock->peer;
	if (peer == NULL)
		return;
	sock->peer = NULL;
	if (!local_is_dgram(sock) && peer->peer == sock) {
		if (sock->first != NULL)
			peer->error = LX_ECONNRESET;
		peer->no_read = peer->no_write = true;
	}
	local_wake(peer);
	local_drop(peer);
}

static void
file_close(struct vk_open *open)
{
	struct local_socket *next, *sock;

	sock = open->data;
	unix_forget_name(open->data);
	peer_leave(sock);
	sock->state = LOCAL_CLOSED;
	while ((next = local_pending_take(sock)) != NULL) {
		next->error = 0;
		peer_leave(next);
		local_drop(next);
	}
	local_discard(sock);
	local_wake(sock);
	local_drop(sock);
}

/* Two that talk to each other only have no count of datagrams. */
bool
unix_has_room(const struct local_socket *from, const struct local_socket *to)
{
	if (to->state == LOCAL_CLOSED)
		return true;
	if (local_is_dgram(to) && to->peer != from)
		return to->count <= UNIX_MESSAGES;
	return to->used < UNIX_BUFFER;
}

static int
readable_now(const struct local_socket *sock)
{
	int now;

	now = 0;
	if (sock->error != 0)
		now |= POLLERR;
	if (sock->no_read) {
		now |= POLLIN | POLLRDNORM;
#ifdef POLLRDHUP
		now |= POLLRDHUP;
#endif
	}
	if (sock->first != NULL || sock->pending != 0)
		now |= POLLIN | POLLRDNORM;
	if ((sock->no_read && sock->no_write) ||
	    (!local_is_dgram(sock) && sock->state == LOCAL_NEW))
		now |= POLLHUP;
	return now;
}

static short
file_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct local_socket *sock;
	int now;

	sock = open->data;
	now = readable_now(sock);
	if (sock->state != LOCAL_LISTENS &&
	    (sock->peer == NULL || unix_has_room(sock, sock->peer)))
		now |= POLLOUT | POLLWRNORM | POLLWRBAND;
	if (waiter != NULL) {
		wait_queue(waiter, &sock->readable);
		wait_queue(waiter, &sock->writable);
	}
	return (short)(now & (events | POLLERR | POLLHUP));
}

static int64_t
file_ioctl(struct vk_thread *thread, struct vk_open *open, uint64_t request,
    uint64_t arg)
{
	const struct local_socket *sock;
	int32_t value;

	sock = open->data;
	switch ((uint32_t)request) {
	case LX_FIONREAD:
		if (sock->state == LOCAL_LISTENS)
			return -LX_EINVAL;
		value = local_bytes(sock);
		break;
	case LX_TIOCOUTQ:
		value = sock->peer == NULL ? 0 : (int32_t)sock->peer->used;
		break;
	default:
		return -LX_ENOTTY;
	}
	return -copyout(thread->process->mm, arg, &value, sizeof(value));
}

static int64_t
sock_listen(struct vk_thread *thread, struct vk_open *open, int backlog)
{
	struct unix_socket *sock;

	sock = open->data;
	if (local_is_dgram(&sock->local))
		return -LX_EOPNOTSUPP;
	if (sock->name.len == 0 || sock->local.state == LOCAL_CONNECTED)
		return -LX_EINVAL;
	sock->local.state = LOCAL_LISTENS;
	sock->cred = unix_cred(thread);
	sock->local.backlog = local_backlog(backlog);
	local_wake(&sock->local);
	return 0;
}

static int64_t
sock_accept(
    struct vk_thread *thread, struct vk_open *open, struct vk_open **out)
{
	struct local_socket *sock;
	int error;

	(void)thread;
	sock = open->data;
	if (local_is_dgram(sock))
		return -LX_EOPNOTSUPP;
	if (sock->state != LOCAL_LISTENS || sock->no_read)
		return -LX_EINVAL;
	if (sock->pending_first == NULL)
		return -LX_EAGAIN;
	error = unix_install(unix_from(sock->pending_first), 0, out);
	if (error != 0)
		return -error;
	local_pending_take(sock);
	local_wake_writer(sock);
	return 0;
}

static int64_t
sock_name(struct vk_open *open, bool peer, struct vk_address *address)
{
	const struct unix_socket *sock;

	sock = open->data;
	if (peer && sock->local.peer == NULL)
		return -LX_ENOTCONN;
	*address = peer ? unix_from(sock->local.peer)->name : sock->name;
	if (address->len != 0)
		return 0;
	address->addr.family = LX_AF_UNIX;
	address->len = sizeof(address->addr.family);
	return 0;
}

static int64_t
sock_shutdown(struct vk_open *open, int how)
{
	struct local_socket *peer, *sock;

	sock = open->data;
	peer = sock->peer;
	sock->no_read |= how != 1;
	sock->no_write |= how != 0;
	if (peer != NULL && !local_is_dgram(sock)) {
		peer->no_write |= how != 1;
		peer->no_read |= how != 0;
		local_wake(peer);
	}
	local_wake(sock);
	return 0;
}

static int64_t
sock_get(struct vk_open *open, struct vk_socket_option *option)
{
	struct unix_socket *sock;

	sock = open->data;
	if (option->level != LX_SOL_SOCKET)
		return -LX_EOPNOTSUPP;
	switch (option->name) {
	case LX_SO_ERROR:
		return option_int(option, local_error(&sock->local));
	case LX_SO_PEERCRED:
		if (option->len > sizeof(sock->peer_cred))
			option->len = sizeof(sock->peer_cred);
		memcpy(option->value, &sock->peer_cred, option->len);
		return 0;
	case LX_SO_ACCEPTCONN:
		return option_int(option, sock->local.state == LOCAL_LISTENS);
	case LX_SO_SNDBUF:
	case LX_SO_RCVBUF:
		return option_int(option, UNIX_BUFFER);
	case LX_SO_PASSCRED:
		return option_int(option, sock->local.base.pass_cred);
	case LX_SO_PEERSEC:
		return -LX_ENOPROTOOPT;
	case LX_SO_LINGER:
		memset(option->value, 0, 8);
		option->len = option->len < 8 ? option->len : 8;
		return 0;
	default:
		return option->name > NAME_LAST ? -LX_ENOPROTOOPT
						: option_int(option, 0);
	}
}

static int64_t
sock_set(struct vk_open *open, const struct vk_socket_option *option)
{
	struct unix_socket *sock;
	int64_t error;
	int32_t value;

	sock = open->data;
	if (option->level != LX_SOL_SOCKET)
		return -LX_EOPNOTSUPP;
	error = option_value(option, &value);
	if (error != 0)
		return error;
	if (option->name == LX_SO_PASSCRED)
		sock->local.base.pass_cred = value != 0;
	return option->name > NAME_LAST ? -LX_ENOPROTOOPT : 0;
}

const struct vk_socket_ops unix_socket_ops = {
	.bind = unix_bind,
	.listen = sock_listen,
	.accept = sock_accept,
	.connect = unix_connect,
	.name = sock_name,
	.send = unix_send,
	.receive = unix_receive,
	.shutdown = sock_shutdown,
	.get = sock_get,
	.set = sock_set,
};

const struct vk_file_ops unix_ops = {
	.name = "socket",
	.read = local_read,
	.write = local_write,
	.poll = file_poll,
	.ioctl = file_ioctl,
	.stat = local_stat,
	.close = file_close,
	.edges = local_edges,
	.socket = &unix_socket_ops,
};
