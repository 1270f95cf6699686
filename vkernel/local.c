/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/local.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/control.h"
#include "vkernel/syscall.h"

#define SOCKET_MODE  0140777u
#define BACKLOG_MOST 4096

struct local_socket *
local_create(size_t size, int domain, int type)
{
	struct local_socket *sock;

	sock = calloc(1, size);
	if (sock == NULL)
		return NULL;
	sock->refs = 1;
	sock->base.domain = domain;
	sock->base.type = type;
	return sock;
}

struct local_socket *
local_ref(struct local_socket *sock)
{
	sock->refs++;
	return sock;
}

void
local_drop(struct local_socket *sock)
{
	if (sock == NULL || --sock->refs != 0)
		return;
	local_discard(sock);
	queue_wake(&sock->readable);
	queue_wake(&sock->writable);
	free(sock);
}

bool
local_is_stream(const struct local_socket *sock)
{
	return sock->base.type == LX_SOCK_STREAM;
}

bool
local_is_dgram(const struct local_socket *sock)
{
	return sock->base.type == LX_SOCK_DGRAM;
}

void
local_join(struct local_socket *a, struct local_socket *b)
{
	a->peer = local_ref(b);
	b->peer = local_ref(a);
	a->state = b->state = LOCAL_CONNECTED;
}

void
local_wake_reader(struct local_socket *sock)
{
	sock->read_edges++;
	queue_wake(&sock->readable);
}

void
local_wake_writer(struct local_socket *sock)
{
	sock->write_edges++;
	queue_wake(&sock->writable);
}

void
local_wake(struct local_socket *sock)
{
	local_wake_reader(sock);
	local_wake_writer(sock);
}

void
local_pending_add(struct local_socket *to, struct local_socket *made)
{
	if (to->pending_last != NULL)
		to->pending_last->pending_next = made;
	else
		to->pending_first = made;
	to->pending_last = made;
	to->pending++;
	local_wake_reader(to);
}

struct local_socket *
local_pending_take(struct local_socket *sock)
{
	struct local_socket *made;

	made = sock->pending_first;
	if (made == NULL)
		return NULL;
	sock->pending_first = made->pending_next;
	if (sock->pending_first == NULL)
		sock->pending_last = NULL;
	made->pending_next = NULL;
	sock->pending--;
	return made;
}

unsigned
local_backlog(int backlog)
{
	return backlog < 0 || backlog > BACKLOG_MOST ? BACKLOG_MOST
						     : (unsigned)backlog;
}

int
local_error(struct local_socket *sock)
{
	int error;

	error = sock->error;
	sock->error = 0;
	return error;
}

static void
plain_msg(struct vk_msg *msg, const struct iovec *iov, int count)
{
	memset(msg, 0, offsetof(struct vk_msg, fds));
	msg->fd_count = 0;
	msg->wants_control = msg->has_cred = false;
	msg->iov = (struct iovec *)(uintptr_t)iov;
	msg->count = count;
}

int64_t
local_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct vk_msg msg;
	int64_t got;

	if (off >= 0)
		return -LX_ESPIPE;
	plain_msg(&msg, iov, count);
	got = open->ops->socket->receive(thread, open, &msg);
	control_discard(&msg);
	return got;
}

int64_t
local_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct vk_msg msg;

	if (off >= 0)
		return -LX_ESPIPE;
	plain_msg(&msg, iov, count);
	return open->ops->socket->send(thread, open, &msg);
}

uint64_t
local_edges(const struct vk_open *open, short events)
{
	const struct local_socket *sock;
	uint64_t sum;

	sock = open->data;
	sum = (events & POLLIN) != 0 ? sock->read_edges : 0;
	return (events & POLLOUT) != 0 ? sum + sock->write_edges : sum;
}

int64_t
local_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct local_socket *sock;

	sock = open->data;
	open_stat_own(thread, SOCKET_MODE, &sock->base.id, st);
	return 0;
}
