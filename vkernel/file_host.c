/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/file_host.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#include "vkernel/syscall.h"

/* A pipe that can be written takes at least this much at once. */
#ifdef PIPE_BUF
#define STREAM_PART PIPE_BUF
#else
#define STREAM_PART 512
#endif

static bool
host_would_block(const struct vk_open *open, short events)
{
	struct pollfd fds = { open->fd, events, 0 };

	return open->may_block && !open->own_flags && poll(&fds, 1, 0) == 0;
}

static int64_t
moved(ssize_t got)
{
	if (got >= 0)
		return got;
	/* No operation of a guest's file sleeps, so nothing was interrupted. */
	return errno == EINTR || errno == EWOULDBLOCK ? -LX_EAGAIN
						      : host_error();
}

/* The host's simple calls are quicker, and one piece is the usual case; a
 * length of 0 still looks at the file. */
static ssize_t
read_one(int fd, const struct iovec *piece, int64_t off)
{
	if (off >= 0)
		return pread(fd, piece->iov_base, piece->iov_len, (off_t)off);
	return read(fd, piece->iov_base, piece->iov_len);
}

static ssize_t
write_one(int fd, const struct iovec *piece, int64_t off)
{
	if (off >= 0)
		return pwrite(fd, piece->iov_base, piece->iov_len, (off_t)off);
	return write(fd, piece->iov_base, piece->iov_len);
}

int64_t
host_read(struct vk_open *open, const struct iovec *iov, int count, int64_t off)
{
	if (iov_bytes(iov, count) != 0 && host_would_block(open, POLLIN))
		return -LX_EAGAIN;
	if (count == 1)
		return moved(read_one(open->fd, iov, off));
	if (off >= 0)
		return moved(preadv(open->fd, iov, count, (off_t)off));
	return moved(readv(open->fd, iov, count));
}

/* What surely fits: the rest is another call's. */
static int64_t
write_part(struct vk_open *open, const struct iovec *iov, int count)
{
	struct iovec part;
	int i;

	for (i = 0; i + 1 < count && iov[i].iov_len == 0; i++)
		continue;
	part = iov[i];
	if (part.iov_len > STREAM_PART)
		part.iov_len = STREAM_PART;
	return moved(write_one(open->fd, &part, -1));
}

int64_t
host_write(
    struct vk_open *open, const struct iovec *iov, int count, int64_t off)
{
	if (iov_bytes(iov, count) != 0 && host_would_block(open, POLLOUT))
		return -LX_EAGAIN;
	if (open->may_block && !open->own_flags && off < 0 &&
	    iov_bytes(iov, count) > STREAM_PART)
		return write_part(open, iov, count);
	if (count == 1)
		return moved(write_one(open->fd, iov, off));
	if (off >= 0)
		return moved(pwritev(open->fd, iov, count, (off_t)off));
	return moved(writev(open->fd, iov, count));
}

short
host_poll(struct vk_open *open, short events, struct vk_thread *waiter)
{
	struct pollfd fds = { open->fd, events, 0 };

	if (!open->may_block)
		return (short)(events &
			       (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM));
	if (poll(&fds, 1, 0) < 0)
		return POLLERR;
	if (waiter != NULL)
		wait_fd(waiter, open->fd, events);
	return fds.revents;
}
