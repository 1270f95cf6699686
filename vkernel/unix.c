/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/unix.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/socket_option.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define SOCKET_MODE 0140777u
#define LX_FIONREAD 0x541b
#define LX_TIOCOUTQ 0x5411

#define NAME_LAST 80 /* of SOL_SOCKET */

struct unix_socket *
unix_of(const struct vk_open *open)
{
	return open->ops == &unix_ops ? open->data : NULL;
}

bool
unix_is_stream(const struct unix_socket *sock)
{
	return sock->base.type == LX_SOCK_STREAM;
}

static bool
is_dgram(const struct unix_socket *sock)
{
	return sock->base.type == LX_SOCK_DGRAM;
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

	sock = calloc(1, sizeof(*sock));
	if (sock == NULL)
		return NULL;
	sock->refs = 1;
	sock->base.domain = LX_AF_UNIX;
	sock->base.type = type == LX_SOCK_RAW ? LX_SOCK_DGRAM : type;
	sock->peer_cred = (struct lx_ucred){ 0, UINT32_MAX, UINT32_MAX };
	return sock;
}

struct unix_socket *
unix_ref(struct unix_socket *sock)
{
	sock->refs++;
	return sock;
}

void
unix_drop(struct unix_socket *sock)
{
	if (sock == NULL || --sock->refs != 0)
		return;
	unix_discard(sock);
	queue_wake(&sock->readable);
	queue_wake(&sock->writable);
	free(sock);
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
		unix_drop(sock);
	return error;
}

void
unix_join(struct unix_socket *a, struct unix_socket *b)
{
	a->peer = unix_ref(b);
	b->peer = unix_ref(a);
	a->state = b->state = UNIX_CONNECTED;
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

static void
sock_wake(struct unix_socket *sock)
{
	sock->read_edges++;
	sock->write_edges++;
	queue_wake(&sock->readable);
	queue_wake(&sock->writable);
}

/* The other side hears of it: unread bytes were lost, or all is said. */
static void
peer_leave(struct unix_socket *sock)
{
	struct unix_socket *peer;

	peer = sock->peer;
	if (peer == NULL)
		return;
	sock->peer = NULL;
	if (!is_dgram(sock) && peer->peer == sock) {
		if (sock->first != NULL)
			peer->error = LX_ECONNRESET;
		peer->no_read = peer->no_write = true;
	}
	sock_wake(peer);
	unix_drop(peer);
}

static void
file_close(struct vk_open *open)
{
	struct unix_socket *next, *sock;

	sock = open->data;
	unix_forget_name(sock);
	peer_leave(sock);
	sock->state = UNIX_CLOSED;
	while ((next = sock->pending_first) != NULL) {
		sock->pending_first = next->pending_next;
		next->error = 0;
		peer_leave(next);
		unix_drop(next);
	}
	unix_discard(sock);
	sock_wake(sock);
	unix_drop(sock);
}

static int64_t
file_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct vk_msg msg;

	if (off >= 0)
		return -LX_ESPIPE;
	memset(&msg, 0, offsetof(struct vk_msg, fds));
	msg.fd_count = 0;
	msg.wants_control = msg.has_cred = false;
	msg.iov = (struct iovec *)(uintptr_t)iov;
	msg.count = count;
	return unix_receive(thread, open, &msg);
}

static int64_t
file_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct vk_msg msg;

	if (off >= 0)
		return -LX_ESPIPE;
	memset(&msg, 0, offsetof(struct vk_msg, fds));
	msg.fd_count = 0;
	msg.wants_control = msg.has_cred = false;
	msg.iov = (struct iovec *)(uintptr_t)iov;
	msg.count = count;
	return unix_send(thread, open, &msg);
}

/* Two that talk to each other only have no count of datagrams. */
bool
unix_has_room(const struct unix_socket *from, const struct unix_socket *to)
{
	if (to->state == UNIX_CLOSED)
		return true;
	if (is_dgram(to) && to->peer != from)
		return to->count <= UNIX_MESSAGES;
	return to->used < UNIX_BUFFER;
}

static int
readable_now(const struct unix_socket *sock)
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
	    (!is_dgram(sock) && sock->state == UNIX_NEW))
		now |= POLLHUP;
	return now;
}

static short
file_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct unix_socket *sock;
	int now;

	sock = open->data;
	now = readable_now(sock);
	if (sock->state != UNIX_LISTENS &&
	    (sock->peer == NULL || unix_has_room(sock, sock->peer)))
		now |= POLLOUT | POLLWRNORM | POLLWRBAND;
	if (waiter != NULL) {
		wait_queue(waiter, &sock->readable);
		wait_queue(waiter, &sock->writable);
	}
	return (short)(now & (events | POLLERR | POLLHUP));
}

static uint64_t
file_edges(const struct vk_open *open, short events)
{
	const struct unix_socket *sock;
	uint64_t sum;

	sock = open->data;
	sum = (events & POLLIN) != 0 ? sock->read_edges : 0;
	return (events & POLLOUT) != 0 ? sum + sock->write_edges : sum;
}

static int32_t
bytes_waiting(const struct unix_socket *sock)
{
	const struct unix_msg *msg;
	size_t sum;

	sum = 0;
	for (msg = sock->first; msg != NULL; msg = msg->next) {
		sum += msg->len - msg->off;
		if (is_dgram(sock))
			break;
	}
	return (int32_t)sum;
}

static int64_t
file_ioctl(struct vk_thread *thread, struct vk_open *open, uint64_t request,
    uint64_t arg)
{
	const struct unix_socket *sock;
	int32_t value;

	sock = open->data;
	switch ((uint32_t)request) {
	case LX_FIONREAD:
		if (sock->state == UNIX_LISTENS)
			return -LX_EINVAL;
		value = bytes_waiting(sock);
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
file_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct unix_socket *sock;

	sock = open->data;
	open_stat_own(thread, SOCKET_MODE, &sock->base.id, st);
	return 0;
}

static int64_t
sock_listen(struct vk_thread *thread, struct vk_open *open, int backlog)
{
	struct unix_socket *sock;

	sock = open->data;
	if (is_dgram(sock))
		return -LX_EOPNOTSUPP;
	if (sock->name.len == 0 || sock->state == UNIX_CONNECTED)
		return -LX_EINVAL;
	sock->state = UNIX_LISTENS;
	sock->cred = unix_cred(thread);
	sock->backlog =
	    backlog < 0 || backlog > 4096 ? 4096 : (unsigned)backlog;
	sock_wake(sock);
	return 0;
}

static int64_t
sock_accept(
    struct vk_thread *thread, struct vk_open *open, struct vk_open **out)
{
	struct unix_socket *made, *sock;
	int error;

	(void)thread;
	sock = open->data;
	if (is_dgram(sock))
		return -LX_EOPNOTSUPP;
	if (sock->state != UNIX_LISTENS || sock->no_read)
		return -LX_EINVAL;
	made = sock->pending_first;
	if (made == NULL)
		return -LX_EAGAIN;
	error = unix_install(made, 0, out);
	if (error != 0)
		return -error;
	sock->pending_first = made->pending_next;
	if (sock->pending_first == NULL)
		sock->pending_last = NULL;
	sock->pending--;
	sock->write_edges++;
	queue_wake(&sock->writable);
	return 0;
}

static int64_t
sock_name(struct vk_open *open, bool peer, struct vk_address *address)
{
	const struct unix_socket *sock;

	sock = open->data;
	if (peer && sock->peer == NULL)
		return -LX_ENOTCONN;
	*address = peer ? sock->peer->name : sock->name;
	if (address->len != 0)
		return 0;
	address->addr.family = LX_AF_UNIX;
	address->len = sizeof(address->addr.family);
	return 0;
}

static int64_t
sock_shutdown(struct vk_open *open, int how)
{
	struct unix_socket *peer, *sock;

	sock = open->data;
	peer = sock->peer;
	sock->no_read |= how != 1;
	sock->no_write |= how != 0;
	if (peer != NULL && !is_dgram(sock)) {
		peer->no_write |= how != 1;
		peer->no_read |= how != 0;
		sock_wake(peer);
	}
	sock_wake(sock);
	return 0;
}

static int64_t
sock_get(struct vk_open *open, struct vk_socket_option *option)
{
	struct unix_socket *sock;
	int error;

	sock = open->data;
	if (option->level != LX_SOL_SOCKET)
		return -LX_EOPNOTSUPP;
	switch (option->name) {
	case LX_SO_ERROR:
		error = sock->error;
		sock->error = 0;
		return option_int(option, error);
	case LX_SO_PEERCRED:
		if (option->len > sizeof(sock->peer_cred))
			option->len = sizeof(sock->peer_cred);
		memcpy(option->value, &sock->peer_cred, option->len);
		return 0;
	case LX_SO_ACCEPTCONN:
		return option_int(option, sock->state == UNIX_LISTENS);
	case LX_SO_SNDBUF:
	case LX_SO_RCVBUF:
		return option_int(option, UNIX_BUFFER);
	case LX_SO_PASSCRED:
		return option_int(option, sock->base.pass_cred);
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
		sock->base.pass_cred = value != 0;
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
	.read = file_read,
	.write = file_write,
	.poll = file_poll,
	.ioctl = file_ioctl,
	.stat = file_stat,
	.close = file_close,
	.edges = file_edges,
	.socket = &unix_socket_ops,
};
