/* SPDX-License-Identifier: BSD-2-Clause */
/* Sending and receiving over AF_UNIX. */
#include "vkernel/syscall.h"
#include "vkernel/unix.h"

static int
msg_create(const struct vk_thread *thread, const struct unix_socket *sock,
    const struct vk_msg *msg, size_t len, struct local_msg **out)
{
	struct local_msg *made;
	int error;

	error = local_msg_create(thread->process->kernel, msg, 0, len, &made);
	if (error != 0)
		return error;
	made->cost = len + UNIX_OVERHEAD;
	made->cred = msg->has_cred ? msg->cred : unix_cred(thread);
	made->from = sock->name;
	*out = made;
	return 0;
}

/* Who gets it, borrowed; negative LX_ errors. */
static int64_t
send_target(struct vk_thread *thread, struct local_socket *sock,
    const struct vk_msg *msg, struct local_socket **to)
{
	struct unix_socket *found;
	int64_t error;

	if (!local_is_dgram(sock) && msg->address.len != 0)
		return sock->peer != NULL ? -LX_EISCONN : -LX_EOPNOTSUPP;
	if (msg->address.len != 0) {
		error = unix_find(thread, &msg->address, &found);
		if (error != 0)
			return error;
		if (found == NULL)
			return -LX_ECONNREFUSED;
		*to = &found->local;
		return local_is_dgram(*to) ? 0 : -LX_EPROTOTYPE;
	}
	if (sock->no_write)
		return -LX_EPIPE;
	if (sock->peer == NULL)
		return -LX_ENOTCONN;
	*to = sock->peer;
	if ((*to)->state != LOCAL_CLOSED)
		return 0;
	if (!local_is_dgram(sock))
		return -LX_EPIPE;
	sock->peer = NULL;
	local_drop(*to);
	return -LX_ECONNREFUSED;
}

static size_t
send_size(
    const struct local_socket *sock, const struct local_socket *to, size_t want)
{
	size_t room;

	if (!local_is_stream(sock))
		return want;
	room = UNIX_BUFFER - to->used;
	return want < room ? want : room;
}

int64_t
unix_send(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct local_socket *sock, *to;
	struct local_msg *made;
	int64_t error;
	size_t len;

	sock = open->data;
	if ((msg->flags & LX_MSG_OOB) != 0)
		return -LX_EOPNOTSUPP;
	if (sock->error != 0 && local_is_dgram(sock))
		return -local_error(sock);
	error = send_target(thread, sock, msg, &to);
	if (error != 0)
		return error;
	len = iov_bytes(msg->iov, msg->count);
	if (!local_is_stream(sock) && len > UNIX_BUFFER - 32)
		return -LX_EMSGSIZE;
	if (len == 0 && local_is_stream(sock))
		return 0;
	if (to->no_read && local_is_dgram(to))
		return -LX_EPIPE;
	if (!unix_has_room(sock, to))
		return -LX_EAGAIN;
	len = send_size(sock, to, len);
	error = msg_create(thread, unix_from(sock), msg, len, &made);
	if (error != 0)
		return -error;
	local_append(to, made);
	return (int64_t)len;
}

static void
receive_woke(struct local_socket *sock)
{
	if (sock->peer != NULL)
		local_wake_writer(sock->peer);
	local_wake_writer(sock);
}

int64_t
unix_receive(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct local_socket *sock;
	int64_t result;
	size_t want;

	(void)thread;
	sock = open->data;
	if ((msg->flags & LX_MSG_OOB) != 0)
		return -LX_EOPNOTSUPP;
	if (!local_is_dgram(sock) && sock->state != LOCAL_CONNECTED)
		return local_is_stream(sock) ? -LX_EINVAL : -LX_ENOTCONN;
	want = iov_bytes(msg->iov, msg->count);
	if (sock->first == NULL) {
		if (sock->error != 0)
			return -local_error(sock);
		return sock->no_read ? 0 : -LX_EAGAIN;
	}
	if (local_is_stream(sock) && want == 0)
		return 0;
	result = local_is_stream(sock) ? local_take_stream(sock, msg, want)
				       : local_take_packet(sock, msg, want);
	if ((msg->flags & LX_MSG_PEEK) == 0)
		receive_woke(sock);
	return result;
}
