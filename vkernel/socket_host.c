/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of the host: AF_INET, AF_INET6, and connections to its AF_UNIX. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/errno_map.h"
#include "vkernel/file_host.h"
#include "vkernel/socket_map.h"
#include "vkernel/socket_option.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_FIONREAD   0x541b
#define LX_SIOCATMARK 0x8905

struct host_socket {
	struct vk_socket base;
	bool connecting;
};

static const struct vk_file_ops host_ops;

static int64_t
io_result(ssize_t result)
{
	if (result >= 0)
		return result;
	return errno == EINTR || errno == EWOULDBLOCK ? -LX_EAGAIN
						      : host_error();
}

/* Names of AF_UNIX are the guest's, and not for the host to look up. */
static bool
is_unix(const struct vk_open *open)
{
	const struct vk_socket *sock;

	sock = open->data;
	return sock->domain == LX_AF_UNIX;
}

static int64_t
sock_send(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct sockaddr_storage name;
	struct msghdr host;

	(void)thread;
	if (msg->fd_count != 0)
		return -LX_EINVAL;
	memset(&host, 0, sizeof(host));
	if (msg->address.len != 0 && is_unix(open))
		return -LX_EISCONN;
	if (msg->address.len != 0) {
		host.msg_namelen = address_to_host(&msg->address, &name);
		host.msg_name = &name;
	}
	host.msg_iov = msg->iov;
	host.msg_iovlen = (size_t)msg->count;
	return io_result(
	    sendmsg(open->fd, &host, flags_to_host(msg->flags, true)));
}

static int64_t
sock_receive(struct vk_thread *thread, struct vk_open *open, struct vk_msg *msg)
{
	struct sockaddr_storage name;
	struct msghdr host;
	ssize_t got;

	(void)thread;
	memset(&host, 0, sizeof(host));
	memset(&name, 0, sizeof(name));
	host.msg_name = &name;
	host.msg_namelen = sizeof(name);
	host.msg_iov = msg->iov;
	host.msg_iovlen = (size_t)msg->count;
	got = recvmsg(open->fd, &host, flags_to_host(msg->flags, false));
	if (got < 0)
		return io_result(got);
	msg->out_flags |= flags_to_guest(host.msg_flags);
	address_to_guest(&name, host.msg_namelen, &msg->address);
	return got;
}

static int64_t
file_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct msghdr host;

	(void)thread;
	if (off >= 0)
		return -LX_ESPIPE;
	memset(&host, 0, sizeof(host));
	host.msg_iov = (struct iovec *)(uintptr_t)iov;
	host.msg_iovlen = (size_t)count;
	return io_result(recvmsg(open->fd, &host, flags_to_host(0, false)));
}

static int64_t
file_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	struct msghdr host;

	(void)thread;
	if (off >= 0)
		return -LX_ESPIPE;
	memset(&host, 0, sizeof(host));
	host.msg_iov = (struct iovec *)(uintptr_t)iov;
	host.msg_iovlen = (size_t)count;
	return io_result(sendmsg(open->fd, &host, flags_to_host(0, true)));
}

static int64_t
file_ioctl(struct vk_thread *thread, struct vk_open *open, uint64_t request,
    uint64_t arg)
{
	int value;

	switch ((uint32_t)request) {
	case LX_FIONREAD:
		if (ioctl(open->fd, FIONREAD, &value) != 0)
			return host_error();
		break;
	case LX_SIOCATMARK:
		value = sockatmark(open->fd);
		if (value < 0)
			return host_error();
		break;
	default:
		return -LX_ENOTTY;
	}
	return -copyout(thread->process->mm, arg, &value, sizeof(value));
}

static int64_t
file_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	struct vk_socket *sock;

	sock = open->data;
	open_stat_own(thread, 0140777, &sock->id, st);
	return 0;
}

static void
file_close(struct vk_open *open)
{
	free(open->data);
}

static int64_t
sock_bind(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct sockaddr_storage name;
	socklen_t len;

	(void)thread;
	if (is_unix(open))
		return -LX_EINVAL;
	len = address_to_host(address, &name);
	return host_result(bind(open->fd, (struct sockaddr *)&name, len));
}

static int64_t
sock_listen(struct vk_thread *thread, struct vk_open *open, int backlog)
{
	(void)thread;
	return host_result(listen(open->fd, backlog));
}

static int
wrap(int host_fd, struct vk_socket base, int flags, struct vk_open **out)
{
	struct host_socket *sock;
	int error;

	sock = calloc(1, sizeof(*sock));
	if (sock == NULL) {
		close(host_fd);
		return LX_ENOMEM;
	}
	sock->base = base;
	sock->base.id = 0;
	error = open_create_ops(&host_ops, sock, flags | LX_O_RDWR, out);
	if (error != 0) {
		free(sock);
		close(host_fd);
		return error;
	}
	(*out)->fd = host_fd;
	return 0;
}

static bool
listens(int fd)
{
	socklen_t len;
	int on;

	len = sizeof(on);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 &&
	       on != 0;
}

static int64_t
sock_accept(
    struct vk_thread *thread, struct vk_open *open, struct vk_open **out)
{
	struct pollfd ready = { open->fd, POLLIN, 0 };
	struct host_socket *sock;
	int fd;

	(void)thread;
	sock = open->data;
	if (sock->base.type == LX_SOCK_DGRAM || sock->base.type == LX_SOCK_RAW)
		return -LX_EOPNOTSUPP;
	if (!listens(open->fd))
		return -LX_EINVAL;
	if (poll(&ready, 1, 0) == 0) /* it may be another's who waits */
		return -LX_EAGAIN;
	fd = os_accept(open->fd);
	if (fd < 0)
		return io_result(-1);
	return -wrap(fd, sock->base, 0, out);
}

/* Linux takes a socket for one that connects until it is asked again: what
 * the next call says would be about this one. */
static void
connect_settle(
    int fd, bool failed, const struct sockaddr *name, socklen_t name_len)
{
	const struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (failed)
		(void)connect(fd, &none, sizeof(none));
	else
		(void)connect(fd, name, name_len);
}

/* The end of a connection that was begun. */
static int64_t
connect_end(struct vk_open *open, struct host_socket *sock,
    const struct sockaddr *name, socklen_t name_len)
{
	struct pollfd fds = { open->fd, POLLOUT, 0 };
	socklen_t len;
	int error;

	if (poll(&fds, 1, 0) == 0)
		return -LX_EAGAIN;
	sock->connecting = false;
	len = sizeof(error);
	if (getsockopt(open->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return host_error();
	connect_settle(open->fd, error != 0, name, name_len);
	return -errno_to_linux(error);
}

/* The first call says EINPROGRESS where a wait may follow. */
static int64_t
sock_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct sockaddr_storage name;
	struct host_socket *sock;
	socklen_t len;

	sock = open->data;
	if (is_unix(open))
		return -LX_EISCONN;
	len = address_to_host(address, &name);
	if (sock->connecting && thread->wait.again)
		return connect_end(open, sock, (struct sockaddr *)&name, len);
	if (connect(open->fd, (struct sockaddr *)&name, len) == 0) {
		sock->connecting = false;
		return 0;
	}
	if (errno == EALREADY && !open_is_nonblocking(open))
		return -LX_EAGAIN;
	if (errno != EINPROGRESS)
		return host_error();
	sock->connecting = true;
	return open_is_nonblocking(open) ? -LX_EINPROGRESS : -LX_EAGAIN;
}

static int64_t
sock_name(struct vk_open *open, bool peer, struct vk_address *address)
{
	struct sockaddr_storage name;
	socklen_t len;
	int result;

	memset(&name, 0, sizeof(name));
	len = sizeof(name);
	if (peer)
		result = getpeername(open->fd, (struct sockaddr *)&name, &len);
	else
		result = getsockname(open->fd, (struct sockaddr *)&name, &len);
	if (result != 0)
		return host_error();
	address_to_guest(&name, len, address);
	return 0;
}

static int64_t
sock_shutdown(struct vk_open *open, int how)
{
	static const int host[3] = { SHUT_RD, SHUT_WR, SHUT_RDWR };

	return host_result(shutdown(open->fd, host[how]));
}

static int64_t
sock_get(struct vk_open *open, struct vk_socket_option *option)
{
	return host_option_get(open->fd, option);
}

static int64_t
sock_set(struct vk_open *open, const struct vk_socket_option *option)
{
	return host_option_set(open->fd, option);
}

static const struct vk_socket_ops host_socket_ops = {
	.bind = sock_bind,
	.listen = sock_listen,
	.accept = sock_accept,
	.connect = sock_connect,
	.name = sock_name,
	.send = sock_send,
	.receive = sock_receive,
	.shutdown = sock_shutdown,
	.get = sock_get,
	.set = sock_set,
};

static const struct vk_file_ops host_ops = {
	.name = "socket",
	.read = file_read,
	.write = file_write,
	.poll = host_poll,
	.ioctl = file_ioctl,
	.stat = file_stat,
	.close = file_close,
	.socket = &host_socket_ops,
	.by_host = true,
};

int
host_socket_open(
    int domain, int type, int protocol, int flags, struct vk_open **out)
{
	struct vk_socket base = {
		.domain = domain, .type = type, .protocol = protocol
	};
	int fd;

	if (type_to_host(type) < 0)
		return LX_EINVAL;
	fd = os_socket(domain_to_host(domain), type_to_host(type), protocol);
	if (fd < 0)
		return errno_to_linux(errno);
	return wrap(fd, base, flags, out);
}

void
host_socket_swap(struct vk_open *open, struct vk_open *made)
{
	struct vk_socket *base, *old;
	void *data;

	base = made->data;
	old = open->data;
	base->receive_ns = old->receive_ns;
	base->send_ns = old->send_ns;
	base->id = old->id;
	data = open->data;
	open->data = made->data;
	made->data = data;
	made->ops = open->ops;
	open->ops = &host_ops;
	open->fd = made->fd;
	made->fd = -1;
	open_drop(made);
}

int64_t
host_socket_become(struct vk_open *open, int dir, const char *path, bool follow)
{
	struct vk_socket base;
	struct vk_open *made;
	int error, fd;

	base = *(struct vk_socket *)open->data;
	fd = os_socket(AF_UNIX, type_to_host(base.type), 0);
	if (fd < 0)
		return host_error();
	if (os_connect_at(fd, dir, path, follow) != 0) {
		error = errno_to_linux(errno);
		close(fd);
		return -error;
	}
	error = wrap(fd, base, open->flags, &made);
	if (error != 0)
		return -error;
	host_socket_swap(open, made);
	return 0;
}

int
host_socket_adopt(int host_fd, struct vk_open **out)
{
	struct vk_socket base = { 0 };
	struct sockaddr_storage name;
	socklen_t len;
	int type;

	len = sizeof(type);
	if (getsockopt(host_fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0)
		type = SOCK_STREAM;
	base.type = type_to_guest(type);
	len = sizeof(name);
	memset(&name, 0, sizeof(name));
	getsockname(host_fd, (struct sockaddr *)&name, &len);
	base.domain = domain_to_guest(name.ss_family);
	return wrap(host_fd, base,
	    (fcntl(host_fd, F_GETFL) & O_NONBLOCK) != 0 ? LX_O_NONBLOCK : 0,
	    out);
}
