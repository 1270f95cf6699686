/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/inet.h"

#include <poll.h>
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_IPPROTO_TCP 6
#define LX_IPPROTO_UDP 17
#define LX_SIOCATMARK  0x8905

struct inet_socket *
inet_of(const struct vk_open *open)
{
	return open->ops == &inet_ops ? open->data : NULL;
}

struct inet_socket *
inet_from(struct local_socket *sock)
{
	return (struct inet_socket *)sock;
}

bool
inet_has(int domain, int type, int *protocol)
{
	int own;

	if (domain != LX_AF_INET && domain != LX_AF_INET6)
		return false;
	if (type != LX_SOCK_STREAM && type != LX_SOCK_DGRAM)
		return false;
	own = type == LX_SOCK_STREAM ? LX_IPPROTO_TCP : LX_IPPROTO_UDP;
	if (*protocol == 0)
		*protocol = own;
	return *protocol == own;
}

struct inet_socket *
inet_create(struct vk_kernel *kernel, int domain, int type, int protocol)
{
	struct inet_socket *sock;

	sock = inet_from(local_create(sizeof(*sock), domain, type));
	if (sock == NULL)
		return NULL;
	sock->local.base.protocol = protocol;
	sock->kernel = kernel;
	inet_unbind(sock);
	inet_options_init(sock);
	return sock;
}

int
inet_open(struct vk_thread *thread, int domain, int type, int protocol,
    int flags, struct vk_open **out)
{
	struct inet_socket *sock;
	int error;

	sock = inet_create(thread->process->kernel, domain, type, protocol);
	if (sock == NULL)
		return LX_ENOMEM;
	sock->uid = thread->process->cred.user.effective;
	error = open_create_ops(&inet_ops, sock, flags | LX_O_RDWR, out);
	if (error != 0)
		local_drop(&sock->local);
	return error;
}

static int64_t
bind_at_host(struct vk_open *made, const struct vk_address *address)
{
	return made->ops->socket->bind(NULL, made, address);
}

/* Ports that were not asked for may be others there. */
static int64_t
bind_again(const struct inet_socket *sock, struct vk_open *made)
{
	struct vk_address address;
	struct inet_name name;
	int64_t error;

	name = sock->name;
	if (!sock->named)
		return 0;
	inet_address(sock, &name, &address);
	error = bind_at_host(made, &address);
	if (error != -LX_EADDRINUSE || sock->bound_port)
		return error;
	name.port = 0;
	inet_address(sock, &name, &address);
	return bind_at_host(made, &address);
}

int64_t
inet_leave(struct vk_open *open, const struct vk_address *address)
{
	const struct vk_socket *base;
	struct inet_socket *sock;
	struct vk_open *made;
	int64_t error;

	sock = open->data;
	base = &sock->local.base;
	error = -host_socket_open(
	    base->domain, base->type, base->protocol, open->flags, &made);
	if (error != 0)
		return error;
	inet_options_apply(sock, made);
	error = address != NULL ? bind_at_host(made, address)
				: bind_again(sock, made);
	if (error != 0)
		open_drop(made);
	else
		host_socket_swap(open, made);
	return error;
}

static void
file_close(struct vk_open *open)
{
	struct inet_socket *sock;

	sock = open->data;
	if (local_is_stream(&sock->local))
		tcp_close(sock);
	inet_name_remove(sock);
	sock->local.state = LOCAL_CLOSED;
	local_discard(&sock->local);
	local_wake(&sock->local);
	local_drop(&sock->local);
}

static short
file_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct inet_socket *sock;
	int now;

	sock = open->data;
	now = local_is_stream(&sock->local) ? tcp_poll(sock) : udp_poll(sock);
	if (waiter != NULL) { /* an end wakes both */
		wait_queue(waiter, &sock->local.readable);
		if ((events & POLLOUT) != 0)
			wait_queue(waiter, &sock->local.writable);
	}
	return (short)(now & (events | POLLERR | POLLHUP));
}

static int64_t
file_ioctl(struct vk_thread *thread, struct vk_open *open, uint64_t request,
    uint64_t arg)
{
	const struct inet_socket *sock;
	int32_t value;

	sock = open->data;
	if (sock->local.state == LOCAL_LISTENS &&
	    ((uint32_t)request == LX_FIONREAD ||
		(uint32_t)request == LX_TIOCOUTQ))
		return -LX_EINVAL;
	switch ((uint32_t)request) {
	case LX_FIONREAD:
		value = local_bytes(&sock->local);
		break;
	case LX_TIOCOUTQ:
		value = 0; /* all has come when it is sent */
		break;
	case LX_SIOCATMARK:
		value = sock->urgent && sock->local.first == NULL;
		break;
	default:
		return -LX_ENOTTY;
	}
	return -copyout(thread->process->mm, arg, &value, sizeof(value));
}

static bool
is_stream(const struct vk_open *open)
{
	return local_is_stream(open->data);
}

static int64_t
sock_listen(struct vk_thread *thread, struct vk_open *open, int backlog)
{
	return is_stream(open) ? tcp_listen(thread, open, backlog)
			       : -LX_EOPNOTSUPP;
}

static int64_t
sock_accept(
    struct vk_thread *thread, struct vk_open *open, struct vk_open **out)
{
	return is_stream(open) ? tcp_accept(thread, open, out) : -LX_EOPNOTSUPP;
}

static int64_t
sock_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	return is_stream(open) ? tcp_connect(thread, open, address)
			       : udp_connect(thread, open, address);
}

static int64_t
sock_send(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	return is_stream(open) ? tcp_send(thread, open, msg)
			       : udp_send(thread, open, msg);
}

static int64_t
sock_receive(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	if ((msg->flags & LX_MSG_ERRQUEUE) != 0)
		return -LX_EAGAIN;
	return is_stream(open) ? tcp_receive(thread, open, msg)
			       : udp_receive(thread, open, msg);
}

static int64_t
udp_shutdown(struct inet_socket *sock, int how)
{
	sock->local.no_read |= how != 1;
	sock->local.no_write |= how != 0;
	local_wake(&sock->local);
	return sock->told == INET_CONNECTED ? 0 : -LX_ENOTCONN;
}

static int64_t
sock_shutdown(struct vk_open *open, int how)
{
	return is_stream(open) ? tcp_shutdown(open->data, how)
			       : udp_shutdown(open->data, how);
}

static bool
has_peer(const struct inet_socket *sock)
{
	return local_is_stream(&sock->local)
		   ? sock->local.state == LOCAL_CONNECTED && !sock->reset &&
			 !(sock->fin_in && sock->fin_out)
		   : sock->told == INET_CONNECTED;
}

static int64_t
sock_name(struct vk_open *open, bool peer, struct vk_address *address)
{
	const struct inet_socket *sock;

	sock = open->data;
	if (peer && !has_peer(sock))
		return -LX_ENOTCONN;
	inet_address(sock, peer ? &sock->peer : &sock->name, address);
	return 0;
}

static const struct vk_socket_ops inet_socket_ops = {
	.bind = inet_bind,
	.listen = sock_listen,
	.accept = sock_accept,
	.connect = sock_connect,
	.name = sock_name,
	.send = sock_send,
	.receive = sock_receive,
	.shutdown = sock_shutdown,
	.get = inet_option_get,
	.set = inet_option_set,
};

const struct vk_file_ops inet_ops = {
	.name = "socket",
	.read = local_read,
	.write = local_write,
	.poll = file_poll,
	.ioctl = file_ioctl,
	.stat = local_stat,
	.close = file_close,
	.edges = local_edges,
	.socket = &inet_socket_ops,
};
