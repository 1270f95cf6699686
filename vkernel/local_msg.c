/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in sockets of ours: messages, with the descriptions they carry. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/local.h"
#include "vkernel/syscall.h"

#define ROOM_LEAST 4096u /* of a message of bytes only */
#define ROOM_MOST  65536u

static void
carrier_add(struct vk_kernel *kernel, struct local_msg *msg)
{
	msg->carrier_next = kernel->carriers;
	msg->carrier_link = &kernel->carriers;
	if (kernel->carriers != NULL)
		kernel->carriers->carrier_link = &msg->carrier_next;
	kernel->carriers = msg;
}

static void
carrier_remove(struct local_msg *msg)
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
msg_destroy(struct local_msg *msg)
{
	carrier_remove(msg);
	fds_release(msg->fds, msg->fd_count);
	free(msg);
}

/* The message itself may go with what it carries. */
void
local_finish(struct vk_kernel *kernel)
{
	struct local_msg *msg;
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
msg_remove_first(struct local_socket *sock)
{
	struct local_msg *msg;

	msg = sock->first;
	sock->first = msg->next;
	if (sock->first == NULL)
		sock->last = NULL;
	sock->used -= msg->cost;
	sock->count--;
	msg_destroy(msg);
}

void
local_discard(struct local_socket *sock)
{
	while (sock->first != NULL)
		msg_remove_first(sock);
}

static int
msg_take_fds(struct local_msg *made, const struct vk_msg *msg)
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

static struct local_msg *
msg_alloc(const struct vk_msg *msg, size_t off, size_t len, size_t room)
{
	struct local_msg *made;

	made = malloc(sizeof(*made) + room);
	if (made == NULL)
		return NULL;
	memset(made, 0, sizeof(*made));
	made->room = room;
	made->len = len;
	made->cost = len;
	iov_get(msg->iov, msg->count, off, made->bytes, len);
	return made;
}

int
local_msg_create(struct vk_kernel *kernel, const struct vk_msg *msg, size_t off,
    size_t len, struct local_msg **out)
{
	struct local_msg *made;

	made = msg_alloc(msg, off, len, len);
	if (made == NULL)
		return LX_ENOMEM;
	if (msg_take_fds(made, msg) != 0) {
		free(made);
		return LX_ENOMEM;
	}
	if (made->fd_count != 0)
		carrier_add(kernel, made);
	*out = made;
	return 0;
}

void
local_append(struct local_socket *to, struct local_msg *msg)
{
	if (to->last != NULL)
		to->last->next = msg;
	else
		to->first = msg;
	to->last = msg;
	to->used += msg->cost;
	to->count++;
	local_wake_reader(to);
}

/* What the last message has room for. */
static size_t
append_to_last(
    struct local_socket *to, const struct vk_msg *msg, size_t off, size_t len)
{
	struct local_msg *last;

	last = to->last;
	if (last == NULL)
		return 0;
	if (len > last->room - last->len)
		len = last->room - last->len;
	iov_get(msg->iov, msg->count, off, last->bytes + last->len, len);
	last->len += len;
	last->cost += len;
	to->used += len;
	return len;
}

/* Small writes share a message, so that memory is near what is counted; large
 * ones are cut, so that what was read makes room. */
int64_t
local_append_bytes(
    struct local_socket *to, const struct vk_msg *msg, size_t off, size_t len)
{
	struct local_msg *made;
	size_t done, part;

	for (done = append_to_last(to, msg, off, len); done < len;
	     done += part) {
		part = len - done < ROOM_MOST ? len - done : ROOM_MOST;
		made = msg_alloc(msg, off + done, part,
		    part > ROOM_LEAST ? part : ROOM_LEAST);
		if (made == NULL)
			break;
		local_append(to, made);
	}
	if (done == 0)
		return -LX_ENOMEM;
	local_wake_reader(to);
	return (int64_t)done;
}

/* The descriptions go to who receives, or are lost. */
static void
take_extras(
    struct local_socket *sock, struct local_msg *from, struct vk_msg *msg)
{
	bool peek;
	int i;

	peek = (msg->flags & LX_MSG_PEEK) != 0;
	if (local_is_dgram(sock))
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

int64_t
local_take_stream(struct local_socket *sock, struct vk_msg *msg, size_t want)
{
	struct local_msg *at;
	size_t done, part;
	bool extras, peek;

	peek = (msg->flags & LX_MSG_PEEK) != 0;
	done = 0;
	for (at = sock->first; at != NULL && done < want;) {
		extras = at->fd_count != 0;
		if (extras || done == 0)
			take_extras(sock, at, msg);
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

int64_t
local_take_packet(struct local_socket *sock, struct vk_msg *msg, size_t want)
{
	struct local_msg *at;
	size_t len, part;

	at = sock->first;
	len = at->len;
	part = len < want ? len : want;
	iov_put(msg->iov, msg->count, 0, at->bytes, part);
	if (part < len)
		msg->out_flags |= LX_MSG_TRUNC;
	take_extras(sock, at, msg);
	if (sock->base.type == LX_SOCK_SEQPACKET)
		msg->out_flags |= LX_MSG_EOR;
	if ((msg->flags & LX_MSG_PEEK) == 0)
		msg_remove_first(sock);
	return (int64_t)((msg->flags & LX_MSG_TRUNC) != 0 ? len : part);
}

int32_t
local_bytes(const struct local_socket *sock)
{
	const struct local_msg *msg;
	size_t sum;

	sum = 0;
	for (msg = sock->first; msg != NULL; msg = msg->next) {
		sum += msg->len - msg->off;
		if (local_is_dgram(sock))
			break;
	}
	return (int32_t)sum;
}
