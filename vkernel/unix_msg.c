/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in AF_UNIX sockets: messages, with the descriptions they carry. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/syscall.h"
#include "vkernel/unix.h"

static void
carrier_add(struct vk_kernel *kernel, struct unix_msg *msg)
{
	msg->carrier_next = kernel->carriers;
	msg->carrier_link = &kernel->carriers;
	if (kernel->carriers != NULL)
		kernel->carriers->carrier_link = &msg->carrier_next;
	kernel->carriers = msg;
}

static void
carrier_remove(struct unix_msg *msg)
{
	if (msg->carrier_link == NULL)
		return;
	*msg->carrier_link = msg->carrier_next;
	if (msg->carrier_next != NULL)
		msg->carrier_next->carrier_link = msg->carrier_link;
	msg->carrier_link = NULL;
}

static void
fds_release(struct vk_open **fds, int count)
{
	int i;

	for (i = 0; i < count; i++)
		open_drop(fds[i]);
	free(fds);
}

static void
msg_destroy(struct unix_msg *msg)
{
	carrier_remove(msg);
	fds_release(msg->fds, msg->fd_count);
	free(msg);
}

/* The message itself may go with what it carries. */
void
unix_finish(struct vk_kernel *kernel)
{
	struct unix_msg *msg;
	struct vk_open **fds;
	int count;

	while ((msg = kernel->carriers) != NULL) {
		carrier_remove(msg);
		fds = msg->fds;
		count = msg->fd_count;
		msg->fds = NULL;
		msg->fd_count = 0;
		fds_release(fds, count);
	}
}

static void
msg_remove_first(struct unix_socket *sock)
{
	struct unix_msg *msg;

	msg = sock->first;
	sock->first = msg->next;
	if (sock->first == NULL)
		sock->last = NULL;
	sock->used -= msg->cost;
	sock->count--;
	msg_destroy(msg);
}

void
unix_discard(struct unix_socket *sock)
{
	while (sock->first != NULL)
		msg_remove_first(sock);
}

static int
msg_take_fds(struct unix_msg *made, const struct vk_msg *msg)
{
	int i;

	if (msg->fd_count == 0)
		return 0;
	made->fds = calloc((size_t)msg->fd_count, sizeof(struct vk_open *));
	if (made->fds == NULL)
		return LX_ENOMEM;
	for (i = 0; i < msg->fd_count; i++)
		made->fds[made->fd_count++] = open_ref(msg->fds[i]);
	return 0;
}

static int
msg_create(const struct vk_thread *thread, const struct unix_socket *sock,
    const struct vk_msg *msg, size_t len, struct unix_msg **out)
{
	struct unix_msg *made;

	made = calloc(1, sizeof(*made) + len);
	if (made == NULL)
		return LX_ENOMEM;
	if (msg_take_fds(made, msg) != 0) {
		free(made);
		return LX_ENOMEM;
	}
	if (made->fd_count != 0)
		carrier_add(thread->process->kernel, made);
	made->len = len;
	made->cost = len + UNIX_OVERHEAD;
	made->cred = msg->has_cred ? msg->cred : unix_cred(thread);
	made->from = sock->name;
	iov_get(msg->iov, msg->count, 0, made->bytes, len);
	*out = made;
	return 0;
}

static void
msg_append(struct unix_socket *to, struct unix_msg *msg)
{
	if (to->last != NULL)
		to->last->next = msg;
	else
		to->first = msg;
	to->last = msg;
	to->used += msg->cost;
	to->count++;
	to->read_edges++;
	queue_wake(&to->readable);
}

/* Who gets it: a reference; negative LX_ errors. */
static int64_t
send_target(struct vk_thread *thread, struct unix_socket *sock,
    const struct vk_msg *msg, struct unix_socket **to)
{
	int64_t error;

	if (sock->base.type != LX_SOCK_DGRAM && msg->address.len != 0)
		return sock->peer != NULL ? -LX_EISCONN : -LX_EOPNOTSUPP;
	if (sock->base.type == LX_SOCK_DGRAM && msg->address.len != 0) {
		error = unix_find(thread, &msg->address, to);
		if (error == 0 && *to == NULL)
			error = -LX_ECONNREFUSED;
		if (error == 0 && (*to)->base.type != LX_SOCK_DGRAM)
			error = -LX_EPROTOTYPE;
		return error;
	}
	if (sock->no_write)
		return -LX_EPIPE;
	if (sock->peer == NULL)
		return -LX_ENOTCONN;
	*to = sock->peer;
	if ((*to)->state != UNIX_CLOSED)
		return 0;
	if (sock->base.type != LX_SOCK_DGRAM)
		return -LX_EPIPE;
	sock->peer = NULL;
	unix_drop(*to);
	return -LX_ECONNREFUSED;
}

static size_t
send_size(
    const struct unix_socket *sock, const struct unix_socket *to, size_t want)
{
	size_t room;

	if (!unix_is_stream(sock))
		return want;
	room = UNIX_BUFFER - to->used;
	return want < room ? want : room;
}

int64_t
unix_send(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct unix_socket *sock, *to;
	struct unix_msg *made;
	int64_t error;
	size_t len;

	sock = open->data;
	if ((msg->flags & LX_MSG_OOB) != 0)
		return -LX_EOPNOTSUPP;
	if (sock->error != 0 && sock->base.type == LX_SOCK_DGRAM) {
		error = -sock->error;
		sock->error = 0;
		return error;
	}
	to = NULL;
	error = send_target(thread, sock, msg, &to);
	if (error != 0)
		return error;
	len = iov_bytes(msg->iov, msg->count);
	if (!unix_is_stream(sock) && len > UNIX_BUFFER - 32)
		return -LX_EMSGSIZE;
	if (len == 0 && unix_is_stream(sock))
		return 0;
	if (to->no_read && to->base.type == LX_SOCK_DGRAM)
		return -LX_EPIPE;
	if (!unix_has_room(sock, to))
		return -LX_EAGAIN;
	len = send_size(sock, to, len);
	error = msg_create(thread, sock, msg, len, &made);
	if (error != 0)
		return -error;
	msg_append(to, made);
	return (int64_t)len;
}

/* The descriptions go to who receives, or are lost. */
static void
receive_extras(
    struct unix_socket *sock, struct unix_msg *from, struct vk_msg *msg)
{
	bool peek;
	int i;

	peek = (msg->flags & LX_MSG_PEEK) != 0;
	if (sock->base.type == LX_SOCK_DGRAM)
		msg->address = from->from;
	msg->has_cred = sock->base.pass_cred;
	msg->cred = from->cred;
	for (i = 0; i < from->fd_count; i++)
		msg->fds[msg->fd_count++] =
		    peek ? open_ref(from->fds[i]) : from->fds[i];
	if (peek)
		return;
	from->fd_count = 0;
	free(from->fds);
	from->fds = NULL;
}

static void
receive_woke(struct unix_socket *sock)
{
	struct unix_socket *peer;

	peer = sock->peer;
	if (peer != NULL) {
		peer->write_edges++;
		queue_wake(&peer->writable);
	}
	sock->write_edges++;
	queue_wake(&sock->writable);
}

/* Bytes of a stream to the end of what something travels with. */
static int64_t
receive_stream(struct unix_socket *sock, struct vk_msg *msg, size_t want)
{
	struct unix_msg *at;
	size_t done, part;
	bool extras, peek;

	peek = (msg->flags & LX_MSG_PEEK) != 0;
	done = 0;
	for (at = sock->first; at != NULL && done < want;) {
		extras = at->fd_count != 0;
		if (extras || done == 0)
			receive_extras(sock, at, msg);
		part = at->len - at->off;
		if (part > want - done)
			part = want - done;
		iov_put(msg->iov, msg->count, done, at->bytes + at->off, part);
		done += part;
		if (peek) {
			at = at->next;
		} else {
			at->off += part;
			if (at->off < at->len)
				break;
			msg_remove_first(sock);
			at = sock->first;
		}
		if (extras)
			break;
	}
	return (int64_t)done;
}

static int64_t
receive_packet(struct unix_socket *sock, struct vk_msg *msg, size_t want)
{
	struct unix_msg *at;
	size_t len, part;

	at = sock->first;
	len = at->len;
	part = len < want ? len : want;
	iov_put(msg->iov, msg->count, 0, at->bytes, part);
	if (part < len)
		msg->out_flags |= LX_MSG_TRUNC;
	receive_extras(sock, at, msg);
	if (sock->base.type == LX_SOCK_SEQPACKET)
		msg->out_flags |= LX_MSG_EOR;
	if ((msg->flags & LX_MSG_PEEK) == 0)
		msg_remove_first(sock);
	return (int64_t)((msg->flags & LX_MSG_TRUNC) != 0 ? len : part);
}

int64_t
unix_receive(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct unix_socket *sock;
	int64_t result;
	size_t want;

	(void)thread;
	sock = open->data;
	if ((msg->flags & LX_MSG_OOB) != 0)
		return -LX_EOPNOTSUPP;
	if (sock->base.type != LX_SOCK_DGRAM && sock->state != UNIX_CONNECTED)
		return unix_is_stream(sock) ? -LX_EINVAL : -LX_ENOTCONN;
	want = iov_bytes(msg->iov, msg->count);
	if (sock->first == NULL) {
		if (sock->error != 0) {
			result = -sock->error;
			sock->error = 0;
			return result;
		}
		return sock->no_read ? 0 : -LX_EAGAIN;
	}
	if (unix_is_stream(sock) && want == 0)
		return 0;
	result = unix_is_stream(sock) ? receive_stream(sock, msg, want)
				      : receive_packet(sock, msg, want);
	if ((msg->flags & LX_MSG_PEEK) == 0)
		receive_woke(sock);
	return result;
}
