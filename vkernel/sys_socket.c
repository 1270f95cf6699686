/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on sockets that move no bytes. */
#include <poll.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/inet.h"
#include "vkernel/io.h"
#include "vkernel/socket.h"
#include "vkernel/socket_option.h"
#include "vkernel/syscall.h"
#include "vkernel/unix.h"
#include "vkernel/usercopy.h"

#define TYPE_MASK     0xf
#define TYPE_FLAGS    (LX_O_NONBLOCK | LX_O_CLOEXEC)
#define LX_AF_MAX     46
#define ADDRESS_BYTES 128u

struct vk_socket *
socket_of(const struct vk_open *open)
{
	return open->ops != NULL && open->ops->socket != NULL ? open->data
							      : NULL;
}

uint64_t
socket_timeout(const struct vk_open *open, short events)
{
	const struct vk_socket *sock;
	uint64_t ns;

	sock = socket_of(open);
	if (sock == NULL)
		return WAIT_FOREVER;
	ns = (events & POLLIN) != 0 ? sock->receive_ns : sock->send_ns;
	return ns == 0 ? WAIT_FOREVER : ns;
}

/* -LX_EBADF, -LX_ENOTSOCK. */
static int64_t
sock_get(struct vk_thread *thread, uint64_t fd, struct vk_open **open)
{
	*open = fds_lookup(thread->process->fds, (int)fd);
	if (*open == NULL)
		return -LX_EBADF;
	return socket_of(*open) == NULL ? -LX_ENOTSOCK : 0;
}

static int
unix_check(int type, int protocol)
{
	if (protocol != 0 && protocol != LX_AF_UNIX)
		return LX_EPROTONOSUPPORT;
	switch (type) {
	case LX_SOCK_STREAM:
	case LX_SOCK_DGRAM:
	case LX_SOCK_RAW:
	case LX_SOCK_SEQPACKET:
		return 0;
	default:
		return LX_ESOCKTNOSUPPORT;
	}
}

static int
sock_create(struct vk_thread *thread, int domain, int type, int protocol,
    struct vk_open **out)
{
	int error, flags;

	flags = type & LX_O_NONBLOCK;
	type &= TYPE_MASK;
	switch (domain) {
	case LX_AF_UNIX:
		error = unix_check(type, protocol);
		return error != 0 ? error : unix_open(type, flags, out);
	case LX_AF_INET:
	case LX_AF_INET6:
		if (inet_has(domain, type, &protocol) &&
		    clock_is_virtual(thread->process->kernel))
			return inet_open(
			    thread, domain, type, protocol, flags, out);
		return host_socket_open(domain, type, protocol, flags, out);
	default:
		return LX_EAFNOSUPPORT;
	}
}

static bool
type_is_known(uint64_t type)
{
	return ((int)type & ~(TYPE_MASK | TYPE_FLAGS)) == 0;
}

int64_t
sys_socket(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;
	int error;

	if (!type_is_known(args[1]))
		return -LX_EINVAL;
	if (thread->process->kernel->options->no_network &&
	    (int)args[0] != LX_AF_UNIX)
		return -LX_EACCES;
	error = sock_create(
	    thread, (int)args[0], (int)args[1], (int)args[2], &open);
	return error != 0 ? -error : open_install(thread, open, (int)args[1]);
}

static int64_t
pair_install(
    struct vk_thread *thread, struct vk_open *ends[2], int flags, uint64_t va)
{
	int32_t fds[2];
	int64_t fd;

	fd = open_install(thread, ends[0], flags);
	if (fd < 0) {
		open_drop(ends[1]);
		return fd;
	}
	fds[0] = (int32_t)fd;
	fd = open_install(thread, ends[1], flags);
	fds[1] = (int32_t)fd;
	if (fd >= 0 && copyout(thread->process->mm, va, fds, sizeof(fds)) == 0)
		return 0;
	fds_close(thread->process->fds, fds[0]);
	if (fd >= 0)
		fds_close(thread->process->fds, fds[1]);
	return fd < 0 ? fd : -LX_EFAULT;
}

int64_t
sys_socketpair(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *ends[2], *tried;
	int error, type;

	type = (int)args[1];
	if (!type_is_known(args[1]))
		return -LX_EINVAL;
	if ((int)args[0] != LX_AF_UNIX) {
		error = sock_create(
		    thread, (int)args[0], type, (int)args[2], &tried);
		if (error == 0)
			open_drop(tried);
		return error != 0 ? -error : -LX_EOPNOTSUPP;
	}
	error = unix_check(type & TYPE_MASK, (int)args[2]);
	if (error == 0)
		error = unix_pair(
		    thread, type & TYPE_MASK, type & LX_O_NONBLOCK, ends);
	return error != 0 ? -error : pair_install(thread, ends, type, args[3]);
}

static int
address_in(struct vk_thread *thread, uint64_t va, uint64_t len,
    struct vk_address *address)
{
	memset(address, 0, sizeof(*address));
	if ((int)len < 0 || (int)len > (int)ADDRESS_BYTES)
		return LX_EINVAL;
	address->len = (uint32_t)len;
	return copyin(thread->process->mm, &address->addr, va, address->len);
}

/* As much as there is room for; the length is the true one. */
static int
address_out(struct vk_thread *thread, uint64_t va, uint64_t len_va,
    const struct vk_address *address)
{
	struct vk_mm *mm;
	int32_t room;

	mm = thread->process->mm;
	if (copyin(mm, &room, len_va, sizeof(room)) != 0)
		return LX_EFAULT;
	if (room < 0)
		return LX_EINVAL;
	if ((uint32_t)room > address->len)
		room = (int32_t)address->len;
	if (copyout(mm, va, &address->addr, (size_t)room) != 0)
		return LX_EFAULT;
	return copyout(mm, len_va, &address->len, sizeof(address->len));
}

int64_t
sys_bind(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_address address;
	struct vk_open *open;
	int64_t error;

	error = sock_get(thread, args[0], &open);
	if (error == 0)
		error = -address_in(thread, args[1], args[2], &address);
	if (error != 0)
		return error;
	return open->ops->socket->bind(thread, open, &address);
}

int64_t
sys_listen(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;
	int64_t error;

	error = sock_get(thread, args[0], &open);
	if (error != 0)
		return error;
	return open->ops->socket->listen(thread, open, (int)args[1]);
}

static int64_t
do_accept(struct vk_thread *thread, const uint64_t *args, int flags)
{
	struct vk_address address;
	struct vk_open *made, *open;
	int64_t result;
	int error;

	if ((flags & ~TYPE_FLAGS) != 0)
		return -LX_EINVAL;
	result = sock_get(thread, args[0], &open);
	if (result != 0)
		return result;
	result = open->ops->socket->accept(thread, open, &made);
	if (result == -LX_EAGAIN)
		return io_wait(thread, open, POLLIN, 0);
	if (result != 0)
		return result;
	made->flags |= flags & LX_O_NONBLOCK;
	if (args[1] != 0) {
		memset(&address, 0, sizeof(address));
		made->ops->socket->name(made, true, &address);
		error = address_out(thread, args[1], args[2], &address);
		if (error != 0) {
			open_drop(made);
			return -error;
		}
	}
	return open_install(thread, made, flags);
}

int64_t
sys_accept(struct vk_thread *thread, const uint64_t *args)
{
	return do_accept(thread, args, 0);
}

int64_t
sys_accept4(struct vk_thread *thread, const uint64_t *args)
{
	return do_accept(thread, args, (int)args[3]);
}

int64_t
sys_connect(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_address address;
	struct vk_open *open;
	int64_t result;

	result = sock_get(thread, args[0], &open);
	if (result == 0)
		result = -address_in(thread, args[1], args[2], &address);
	if (result != 0)
		return result;
	if (address.len < sizeof(address.addr.family))
		return -LX_EINVAL;
	result = open->ops->socket->connect(thread, open, &address);
	if (result != -LX_EAGAIN)
		return result;
	result = io_wait(thread, open, POLLOUT, 0);
	return result == -LX_EAGAIN && !open_is_nonblocking(open)
		   ? -LX_EINPROGRESS
		   : result;
}

int64_t
sys_shutdown(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;
	int64_t error;

	error = sock_get(thread, args[0], &open);
	if (error != 0)
		return error;
	if ((unsigned)args[1] > 2)
		return -LX_EINVAL;
	return open->ops->socket->shutdown(open, (int)args[1]);
}

static int64_t
do_name(struct vk_thread *thread, const uint64_t *args, bool peer)
{
	struct vk_address address;
	struct vk_open *open;
	int64_t error;

	error = sock_get(thread, args[0], &open);
	if (error != 0)
		return error;
	memset(&address, 0, sizeof(address));
	error = open->ops->socket->name(open, peer, &address);
	if (error != 0)
		return error;
	return -address_out(thread, args[1], args[2], &address);
}

int64_t
sys_getsockname(struct vk_thread *thread, const uint64_t *args)
{
	return do_name(thread, args, false);
}

int64_t
sys_getpeername(struct vk_thread *thread, const uint64_t *args)
{
	return do_name(thread, args, true);
}

static int64_t
get_time(struct vk_socket_option *option, uint64_t ns)
{
	struct lx_timeval tv;

	tv = timeval_of_ns(ns);
	if (option->len > sizeof(tv))
		option->len = sizeof(tv);
	memcpy(option->value, &tv, option->len);
	return 0;
}

static int64_t
set_time(const struct vk_socket_option *option, uint64_t *ns)
{
	struct lx_timeval tv;

	if (option->len < sizeof(tv))
		return -LX_EINVAL;
	memcpy(&tv, option->value, sizeof(tv));
	if (tv.tv_usec < 0 || tv.tv_usec >= 1000000)
		return -33; /* EDOM */
	*ns = 0;
	if (tv.tv_sec < 0)
		*ns = 1;
	else if ((uint64_t)tv.tv_sec < UINT64_C(1) << 32)
		*ns = (uint64_t)tv.tv_sec * NS_PER_SEC +
		      (uint64_t)tv.tv_usec * 1000;
	return 0;
}

/* What all sockets have. */
static int64_t
option_get(struct vk_open *open, struct vk_socket_option *option)
{
	const struct vk_socket *sock;

	sock = socket_of(open);
	if (option->level == LX_SOL_SOCKET)
		switch (option->name) {
		case LX_SO_TYPE:
			return option_int(option, sock->type);
		case LX_SO_DOMAIN:
			return option_int(option, sock->domain);
		case LX_SO_PROTOCOL:
			return option_int(option, sock->protocol);
		case LX_SO_RCVTIMEO:
			return get_time(option, sock->receive_ns);
		case LX_SO_SNDTIMEO:
			return get_time(option, sock->send_ns);
		default:
			break;
		}
	return open->ops->socket->get(open, option);
}

int64_t
sys_getsockopt(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_socket_option option;
	struct vk_open *open;
	struct vk_mm *mm;
	int64_t error;
	int32_t room;

	mm = thread->process->mm;
	error = sock_get(thread, args[0], &open);
	if (error != 0)
		return error;
	if (copyin(mm, &room, args[4], sizeof(room)) != 0)
		return -LX_EFAULT;
	if (room < 0)
		return -LX_EINVAL;
	memset(&option, 0, sizeof(option));
	option.level = (int)args[1];
	option.name = (int)args[2];
	option.len = (uint32_t)room < sizeof(option.value)
			 ? (uint32_t)room
			 : sizeof(option.value);
	error = option_get(open, &option);
	if (error != 0)
		return error;
	if (copyout(mm, args[3], option.value, option.len) != 0)
		return -LX_EFAULT;
	return -copyout(mm, args[4], &option.len, sizeof(option.len));
}

static int64_t
option_set(struct vk_open *open, const struct vk_socket_option *option)
{
	struct vk_socket *sock;

	sock = socket_of(open);
	if (option->level == LX_SOL_SOCKET)
		switch (option->name) {
		case LX_SO_TYPE:
		case LX_SO_ERROR:
		case LX_SO_DOMAIN:
		case LX_SO_PROTOCOL:
		case LX_SO_ACCEPTCONN:
			return -LX_ENOPROTOOPT;
		case LX_SO_RCVTIMEO:
			return set_time(option, &sock->receive_ns);
		case LX_SO_SNDTIMEO:
			return set_time(option, &sock->send_ns);
		default:
			break;
		}
	return open->ops->socket->set(open, option);
}

int64_t
sys_setsockopt(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_socket_option option;
	struct vk_open *open;
	int64_t error;

	error = sock_get(thread, args[0], &open);
	if (error != 0)
		return error;
	if ((int)args[4] < 0)
		return -LX_EINVAL;
	memset(&option, 0, sizeof(option));
	option.level = (int)args[1];
	option.name = (int)args[2];
	option.len = (uint32_t)args[4] < sizeof(option.value)
			 ? (uint32_t)args[4]
			 : sizeof(option.value);
	if (copyin(thread->process->mm, option.value, args[3], option.len) != 0)
		return -LX_EFAULT;
	return option_set(open, &option);
}
