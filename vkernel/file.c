/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/file.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/clock.h"
#include "vkernel/epoll.h"
#include "vkernel/errno_map.h"
#include "vkernel/file_host.h"
#include "vkernel/listing.h"
#include "vkernel/lock.h"
#include "vkernel/socket.h"
#include "vkernel/syscall.h"

static bool
fd_may_block(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
	case S_IFDIR:
	case S_IFBLK:
	case S_IFLNK:
		return false;
	case S_IFCHR:
		return isatty(fd);
	default:
		return true;
	}
}

static int
open_alloc(int host_fd, struct vk_open **out)
{
	struct vk_open *open;

	open = calloc(1, sizeof(*open));
	if (open == NULL) {
		if (host_fd >= 0)
			close(host_fd);
		return LX_ENOMEM;
	}
	open->refs = 1;
	open->fd = host_fd;
	*out = open;
	return 0;
}

int
open_create(int host_fd, struct vk_open **out)
{
	int error, flags;

	error = open_alloc(host_fd, out);
	if (error != 0)
		return error;
	(*out)->may_block = fd_may_block(host_fd);
	if ((*out)->may_block)
		tty_look(*out);
	flags = fcntl(host_fd, F_GETFL);
	if (!(*out)->may_block || flags < 0 ||
	    fcntl(host_fd, F_SETFL, flags | O_NONBLOCK) != 0)
		return 0;
	(*out)->flags = os_linux_open_flags(flags);
	(*out)->own_flags = true;
	return 0;
}

/* A pipe or terminal opened once more has an O_NONBLOCK of its own. */
static void
foreign_settle(struct vk_open *open)
{
	int copy, flags;

	flags = fcntl(open->fd, F_GETFL);
	if (flags < 0)
		return;
	copy = os_reopen_stream(open->fd, flags & O_ACCMODE);
	if (copy < 0)
		return;
	close(open->fd);
	open->fd = copy;
	open->flags = os_linux_open_flags(flags);
	open->own_flags = true;
}

int
open_create_foreign(int host_fd, struct vk_open **out)
{
	struct stat st;
	int error;

	if (fstat(host_fd, &st) == 0 && S_ISSOCK(st.st_mode)) {
		error = host_socket_adopt(host_fd, out);
		if (error == 0)
			(*out)->foreign = true;
		return error;
	}
	error = open_alloc(host_fd, out);
	if (error != 0)
		return error;
	(*out)->foreign = true;
	(*out)->may_block = fd_may_block(host_fd);
	if ((*out)->may_block) {
		foreign_settle(*out);
		tty_look(*out);
	}
	return 0;
}

int
open_create_ops(
    const struct vk_file_ops *ops, void *data, int flags, struct vk_open **out)
{
	int error;

	error = open_alloc(-1, out);
	if (error != 0)
		return error;
	(*out)->ops = ops;
	(*out)->data = data;
	(*out)->flags = flags & ~LX_O_CLOEXEC;
	(*out)->own_flags = true;
	(*out)->may_block = true;
	return 0;
}

struct vk_open *
open_ref(struct vk_open *open)
{
	open->refs++;
	return open;
}

void
open_drop(struct vk_open *open)
{
	if (open == NULL || --open->refs != 0)
		return;
	epoll_forget(open);
	locks_drop_open(open);
	if (open->tty != 0)
		tty_closed(open);
	if (open->ops != NULL && open->ops->close != NULL)
		open->ops->close(open);
	listing_drop(open->listing);
	if (open->fd >= 0)
		close(open->fd);
	free(open->path);
	free(open);
}

int
open_flags(const struct vk_open *open)
{
	return open->own_flags ? open->flags
			       : os_linux_open_flags(fcntl(open->fd, F_GETFL));
}

int
open_set_flags(struct vk_open *open, int flags)
{
	const int settable = LX_O_APPEND | LX_O_NONBLOCK | LX_O_ASYNC |
			     LX_O_DIRECT | LX_O_NOATIME;

	if (open->own_flags) {
		open->flags = (open->flags & ~settable) | (flags & settable);
		return 0;
	}
	if (fcntl(open->fd, F_SETFL,
		os_open_flags(flags & settable) & ~O_ACCMODE) != 0)
		return errno_to_linux(errno);
	return 0;
}

bool
open_is_nonblocking(const struct vk_open *open)
{
	return (open_flags(open) & LX_O_NONBLOCK) != 0;
}

bool
open_can_read(const struct vk_open *open)
{
	return (open_flags(open) & LX_O_ACCMODE) != LX_O_WRONLY;
}

bool
open_can_write(const struct vk_open *open)
{
	return (open_flags(open) & LX_O_ACCMODE) != 0;
}

bool
open_is_own(const struct vk_open *open)
{
	return open->fd < 0;
}

int64_t
open_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	int error;

	if (open->ops != NULL && open->ops->read != NULL)
		return open->ops->read(thread, open, iov, count, off);
	if (open->fd < 0)
		return -LX_EINVAL;
	error = open->tty == 0 ? 0 : tty_check_read(thread, open);
	if (error != 0)
		return -error;
	return host_read(open, iov, count, off);
}

static int64_t
tty_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count)
{
	int64_t put;
	int error;

	error = tty_check_write(thread, open);
	if (error != 0)
		return -error;
	put = host_write(open, iov, count, -1);
	if (put > 0 && open->pty != 0)
		tty_typed(thread, open, iov, count, put);
	return put;
}

int64_t
open_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	if (open->ops != NULL && open->ops->write != NULL)
		return open->ops->write(thread, open, iov, count, off);
	if (open->fd < 0)
		return -LX_EINVAL;
	if (open->tty != 0)
		return tty_write(thread, open, iov, count);
	return host_write(open, iov, count, off);
}

short
open_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	if (open->ops != NULL && open->ops->poll != NULL)
		return open->ops->poll(open, events, waiter);
	return host_poll(open, events, waiter);
}

int64_t
open_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	if (open->ops == NULL || open->ops->stat == NULL)
		return -LX_ENOSYS;
	return open->ops->stat(thread, open, st);
}

int64_t
open_write_refused(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	(void)thread;
	(void)open;
	(void)iov;
	(void)count;
	return off >= 0 ? -LX_ESPIPE : -LX_EINVAL;
}

int
open_park(struct vk_thread *thread, struct vk_open *open, short events)
{
	open_poll(open, events, thread);
	return wait_park(thread);
}

/* Device numbers of the host have fewer bits. */
#define OWN_DEV UINT64_MAX

void
open_stat_own(
    struct vk_thread *thread, uint32_t mode, uint64_t *id, struct lx_stat *st)
{
	struct vk_kernel *kernel;

	kernel = thread->process->kernel;
	if (*id == 0)
		*id = ++kernel->file_ids;
	memset(st, 0, sizeof(*st));
	st->st_dev = OWN_DEV;
	st->st_ino = *id;
	st->st_nlink = 1;
	st->st_mode = mode;
	st->st_uid = thread->process->cred.user.effective;
	st->st_gid = thread->process->cred.group.effective;
	st->st_blksize = 4096;
	if (clock_is_virtual(kernel)) {
		stat_settle(&kernel->strangers, st);
		return;
	}
	st->st_dev = 15;
	st->st_atim = timespec_of_ns(clock_realtime_ns(thread));
	st->st_mtim = st->st_ctim = st->st_atim;
}

int64_t
open_install(struct vk_thread *thread, struct vk_open *open, int flags)
{
	int error, fd;

	error = open->tty == 0 ? 0 : tty_opened(thread, open, flags);
	if (error != 0) {
		open_drop(open);
		return -error;
	}
	error = fds_add(
	    thread->process->fds, open, 0, (flags & LX_O_CLOEXEC) != 0, &fd);
	if (error == 0)
		return fd;
	open_drop(open);
	return -error;
}
