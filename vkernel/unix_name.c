/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Names of AF_UNIX sockets.  A name in the file system is a socket file, made
 * by bind() and known by its device and inode; an abstract name is known to
 * guests only.  A socket file that no guest has bound belongs to a host
 * process.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/unix.h"

#define FAMILY_BYTES 2u
#define PATH_BYTES   108u

/* Where the socket file is; to be put. */
static int
place_get(struct vk_thread *thread, const struct vk_address *address,
    unsigned flags, struct vk_path *path)
{
	char name[PATH_BYTES + 1];
	size_t len;

	len = address->len - FAMILY_BYTES;
	memcpy(name, address->addr.data, len);
	name[len] = '\0';
	return path_get_text(thread, (uint64_t)LX_AT_FDCWD, name, flags, path);
}

static bool
is_abstract(const struct vk_address *address)
{
	return address->addr.data[0] == '\0';
}

static struct unix_socket *
find_abstract(const struct vk_kernel *kernel, const struct vk_address *address)
{
	struct unix_socket *sock;

	for (sock = kernel->unix_names; sock != NULL; sock = sock->named_next)
		if (sock->ino == 0 && sock->name.len == address->len &&
		    memcmp(&sock->name.addr, &address->addr, address->len) == 0)
			break;
	return sock;
}

static struct unix_socket *
find_file(const struct vk_kernel *kernel, const struct stat *st)
{
	struct unix_socket *sock;

	for (sock = kernel->unix_names; sock != NULL; sock = sock->named_next)
		if (sock->ino != 0 && sock->dev == (uint64_t)st->st_dev &&
		    sock->ino == (uint64_t)st->st_ino)
			break;
	return sock;
}

static int64_t
find_place(struct vk_thread *thread, const struct vk_path *path,
    struct unix_socket **out)
{
	struct stat st;
	int error;

	if (path->node.depth != 0)
		return -LX_ECONNREFUSED;
	error = path_stat(path, &st);
	if (error != 0)
		return -error;
	if (!S_ISSOCK(st.st_mode))
		return -LX_ECONNREFUSED;
	if (faccessat(path->dir, path->text, W_OK, path_flags(path)) != 0)
		return host_error();
	*out = find_file(thread->process->kernel, &st);
	return 0;
}

static int
address_check(const struct vk_address *address)
{
	if (address->len <= FAMILY_BYTES ||
	    address->len > FAMILY_BYTES + PATH_BYTES)
		return LX_EINVAL;
	return address->addr.family == LX_AF_UNIX ? 0 : LX_EINVAL;
}

int64_t
unix_find(struct vk_thread *thread, const struct vk_address *address,
    struct unix_socket **out)
{
	struct vk_path path;
	int64_t result;
	int error;

	*out = NULL;
	error = address_check(address);
	if (error != 0)
		return -error;
	if (is_abstract(address)) {
		*out = find_abstract(thread->process->kernel, address);
		return *out == NULL ? -LX_ECONNREFUSED : 0;
	}
	error = place_get(thread, address, PATH_FOLLOW, &path);
	if (error != 0)
		return -error;
	result = find_place(thread, &path, out);
	path_put(&path);
	return result;
}

static void
name_add(struct vk_kernel *kernel, struct unix_socket *sock)
{
	sock->named_next = kernel->unix_names;
	kernel->unix_names = sock;
	local_ref(&sock->local);
	sock->named = true;
	sock->kernel = kernel;
}

void
unix_forget_name(struct unix_socket *sock)
{
	struct unix_socket **at;

	if (!sock->named)
		return;
	for (at = &sock->kernel->unix_names; *at != sock;
	     at = &(*at)->named_next)
		continue;
	*at = sock->named_next;
	sock->named = false;
	local_drop(&sock->local);
}

static int64_t
make_file(struct vk_thread *thread, const struct vk_path *path,
    struct unix_socket *sock)
{
	struct stat st;
	int error;

	if (fstatat(path->dir, path->text, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
	    path->node.depth != 0 || path->is_mount)
		return -LX_EADDRINUSE;
	error = path->slash ? LX_ENOENT : path_may_name(path);
	if (error != 0)
		return -error;
	error = os_make_socket(path->dir, path->text, path_mode(thread, 0777));
	if (error == EEXIST)
		return -LX_EADDRINUSE;
	if (error != 0)
		return -errno_to_linux(error);
	if (fstatat(path->dir, path->text, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return host_error();
	sock->dev = (uint64_t)st.st_dev;
	sock->ino = (uint64_t)st.st_ino;
	return 0;
}

static int64_t
bind_file(struct vk_thread *thread, struct unix_socket *sock)
{
	struct vk_path path;
	int64_t result;
	int error;

	error = place_get(thread, &sock->name, PATH_NAME, &path);
	if (error != 0)
		return -error;
	result = make_file(thread, &path, sock);
	path_put(&path);
	return result;
}

/* Linux counts names up; so that runs are the same, from the same start. */
static void
bind_auto(struct vk_kernel *kernel, struct vk_address *name)
{
	char text[8];

	do {
		snprintf(text, sizeof(text), "%05x",
		    (unsigned)(++kernel->unix_numbers & 0xfffff));
		memset(name, 0, sizeof(*name));
		name->addr.family = LX_AF_UNIX;
		memcpy(name->addr.data + 1, text, 5);
		name->len = FAMILY_BYTES + 6;
	} while (find_abstract(kernel, name) != NULL);
}

/* A file that is there is what Linux sees first. */
static int64_t
bind_twice(struct vk_thread *thread, const struct vk_address *address)
{
	struct vk_path path;
	struct stat st;
	int error;

	if (address->len <= FAMILY_BYTES)
		return 0;
	if (is_abstract(address) ||
	    place_get(thread, address, PATH_NAME, &path) != 0)
		return -LX_EINVAL;
	error = path.node.depth != 0 ? 0 : path_stat(&path, &st);
	path_put(&path);
	return error == 0 ? -LX_EADDRINUSE : -LX_EINVAL;
}

int64_t
unix_bind(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct vk_kernel *kernel;
	struct unix_socket *sock;
	int64_t error;

	sock = open->data;
	kernel = thread->process->kernel;
	if (address->addr.family != LX_AF_UNIX ||
	    address->len > FAMILY_BYTES + PATH_BYTES)
		return -LX_EINVAL;
	if (sock->name.len != 0)
		return bind_twice(thread, address);
	sock->name = *address;
	error = 0;
	if (address->len <= FAMILY_BYTES)
		bind_auto(kernel, &sock->name);
	else if (is_abstract(address))
		error =
		    find_abstract(kernel, address) != NULL ? -LX_EADDRINUSE : 0;
	else
		error = bind_file(thread, sock);
	if (error != 0) {
		sock->name.len = 0;
		return error;
	}
	if (sock->ino != 0) { /* as getsockname() tells it: with its end */
		sock->name.len = (uint32_t)(FAMILY_BYTES +
					    strnlen(sock->name.addr.data,
						sock->name.len - FAMILY_BYTES) +
					    1);
		sock->name.addr.data[sock->name.len - FAMILY_BYTES - 1] = '\0';
	}
	name_add(kernel, sock);
	return 0;
}

/* A second end for whoever accepts. */
static int64_t
connect_stream(
    struct vk_thread *thread, struct unix_socket *sock, struct unix_socket *to)
{
	struct unix_socket *made;

	if (to->local.base.type != sock->local.base.type)
		return -LX_EPROTOTYPE;
	if (to->local.state != LOCAL_LISTENS || to->local.no_read)
		return -LX_ECONNREFUSED;
	if (to->local.pending > to->local.backlog)
		return -LX_EAGAIN;
	made = unix_create(sock->local.base.type);
	if (made == NULL)
		return -LX_ENOMEM;
	sock->cred = unix_cred(thread);
	made->cred = to->cred;
	made->name = to->name;
	made->local.base.pass_cred = to->local.base.pass_cred;
	unix_join(sock, made);
	local_pending_add(&to->local, &made->local);
	sock->local.write_edges++;
	return 0;
}

static int64_t
connect_dgram(struct local_socket *sock, struct local_socket *to)
{
	if (to->base.type != sock->base.type)
		return -LX_EPROTOTYPE;
	if (to->peer != NULL && to->peer != sock)
		return -LX_EPERM;
	local_ref(to);
	local_drop(sock->peer);
	sock->peer = to;
	sock->state = LOCAL_CONNECTED;
	return 0;
}

static int64_t
connect_host(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct vk_path path;
	int64_t result;
	int error;

	error = place_get(thread, address, PATH_FOLLOW, &path);
	if (error != 0)
		return -error;
	result = host_socket_become(
	    open, path.dir, path.text, path.follow || path.mount == NULL);
	path_put(&path);
	return result;
}

int64_t
unix_connect(struct vk_thread *thread, struct vk_open *open,
    const struct vk_address *address)
{
	struct unix_socket *sock, *to;
	int64_t error;
	bool dgram;

	sock = open->data;
	dgram = local_is_dgram(&sock->local);
	if (dgram && address->addr.family == LX_AF_UNSPEC) {
		local_drop(sock->local.peer);
		sock->local.peer = NULL;
		return 0;
	}
	if (!dgram && sock->local.state == LOCAL_CONNECTED)
		return -LX_EISCONN;
	if (!dgram && sock->local.state == LOCAL_LISTENS)
		return -LX_EINVAL;
	error = unix_find(thread, address, &to);
	if (error != 0)
		return error;
	if (to == NULL && sock->name.len != 0)
		return -LX_ECONNREFUSED;
	if (to == NULL)
		return connect_host(thread, open, address);
	return dgram ? connect_dgram(&sock->local, &to->local)
		     : connect_stream(thread, sock, to);
}
