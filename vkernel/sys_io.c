/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moving bytes: guest pages are handed to the host as they lie in the image,
 * without a copy in between.  A transfer goes piecewise, IO_PIECES at a time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/wait.h"

#define IO_PIECES 256

struct io {
	struct vk_thread *thread;
	struct vk_open *open;
	const struct lx_iovec *vec; /* what the guest gave */
	size_t count, at;           /* rows, current one */
	uint64_t done_in_row;
	bool write;
	int64_t off; /* -1: the file's own position */
	bool fault;  /* the next page cannot be reached */
	struct iovec pieces[IO_PIECES];
	int piece_count;
};

/* Host pieces for as much as fits; the bytes they hold. */
static size_t
io_gather(struct io *io)
{
	const struct lx_iovec *row;
	uint64_t left;
	size_t got, sum;

	io->piece_count = 0;
	for (sum = 0; io->at < io->count; io->at++, io->done_in_row = 0) {
		row = &io->vec[io->at];
		left = row->iov_len - io->done_in_row;
		got = user_pieces(io->thread->process->mm,
		    row->iov_base + io->done_in_row, (size_t)left,
		    io->write ? MM_READ : MM_WRITE, io->pieces, IO_PIECES,
		    &io->piece_count);
		sum += got;
		io->done_in_row += got;
		if (got == left)
			continue;
		io->fault = io->piece_count < IO_PIECES;
		break;
	}
	return sum;
}

/* The host's simple calls are quicker, and one piece is the usual case. */
static ssize_t
io_host_one(const struct io *io)
{
	const struct iovec *piece;
	int fd;

	fd = io->open->fd;
	piece = &io->pieces[0];
	if (io->off >= 0 && io->write)
		return pwrite(
		    fd, piece->iov_base, piece->iov_len, (off_t)io->off);
	if (io->off >= 0)
		return pread(
		    fd, piece->iov_base, piece->iov_len, (off_t)io->off);
	if (io->write)
		return write(fd, piece->iov_base, piece->iov_len);
	return read(fd, piece->iov_base, piece->iov_len);
}

static ssize_t
io_host_many(const struct io *io)
{
	int fd;

	fd = io->open->fd;
	if (io->off >= 0 && io->write)
		return pwritev(fd, io->pieces, io->piece_count, (off_t)io->off);
	if (io->off >= 0)
		return preadv(fd, io->pieces, io->piece_count, (off_t)io->off);
	if (io->write)
		return writev(fd, io->pieces, io->piece_count);
	return readv(fd, io->pieces, io->piece_count);
}

/* A length of 0 still looks at the file. */
static ssize_t
io_host(struct io *io)
{
	if (io->piece_count == 0)
		io->pieces[0] = (struct iovec){ "", 0 };
	return io->piece_count <= 1 ? io_host_one(io) : io_host_many(io);
}

static void
io_broken_pipe(struct vk_thread *thread)
{
	struct lx_siginfo info = { .si_signo = LX_SIGPIPE,
		.si_code = LX_SI_USER };

	info.u.rt.pid = thread->process->pid;
	info.u.rt.uid = thread->process->cred.user.real;
	signal_send_thread(thread, &info);
}

static int64_t
io_error(struct io *io)
{
	if (errno == EINTR)
		return -LX_ERESTART;
	if (errno == EPIPE && io->write)
		io_broken_pipe(io->thread);
	return host_error();
}

static int64_t
io_part(struct io *io, size_t want)
{
	ssize_t got;
	int error;

	if (want == 0 && io->fault)
		return -LX_EFAULT;
	error = 0;
	if (io->open->may_block && want != 0)
		error = wait_open(
		    io->thread, io->open, io->write ? POLLOUT : POLLIN);
	if (error != 0)
		return error == LX_EINTR ? -LX_ERESTART : -error;
	got = io_host(io);
	if (got < 0)
		return io_error(io);
	if (!io->write)
		user_stored(io->thread->process->mm, io->pieces,
		    io->piece_count, (size_t)got);
	if (io->off >= 0)
		io->off += got;
	return got;
}

static bool
io_goes_on(const struct io *io, int64_t got, size_t want)
{
	if (got < (int64_t)want || io->fault || io->at == io->count)
		return false;
	return io->write || !io->open->may_block;
}

static int64_t
io_run(struct io *io)
{
	int64_t got, total;
	size_t want;

	total = 0;
	do {
		want = io_gather(io);
		got = io_part(io, want);
		if (got < 0)
			return total != 0 ? total : got;
		total += got;
	} while (io_goes_on(io, got, want));
	return total;
}

/* Mappings of the same file and its read and write calls agree. */
static int64_t
io_run_coherent(struct io *io)
{
	struct vk_memory *memory;
	int64_t off, result;

	if (io->open->may_block || io->open->fd < 0)
		return io_run(io);
	memory = &io->thread->process->kernel->memory;
	memory_before_io(memory, io->open->fd);
	result = io_run(io);
	if (!io->write || result <= 0)
		return result;
	off = io->off;
	if (off < 0)
		off = lseek(io->open->fd, 0, SEEK_CUR) - result;
	if (off >= 0)
		memory_written(
		    memory, io->open->fd, (uint64_t)off, (uint64_t)result);
	return result;
}

static bool
vec_is_valid(const struct lx_iovec *vec, size_t count, uint64_t *sum)
{
	size_t i;

	*sum = 0;
	for (i = 0; i < count; i++) {
		if ((int64_t)vec[i].iov_len < 0)
			return false;
		*sum += vec[i].iov_len;
		if ((int64_t)*sum < 0)
			return false;
	}
	return true;
}

/* access_ok() of Linux: a range that leaves user space transfers nothing. */
static bool
vec_is_user(const struct lx_iovec *vec, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (vec[i].iov_base > MM_VA_END ||
		    vec[i].iov_len > MM_VA_END - vec[i].iov_base)
			return false;
	return true;
}

/* Linux moves at most this much in one call. */
static void
vec_limit(struct lx_iovec *vec, size_t count)
{
	uint64_t left;
	size_t i;

	left = LX_RW_MAX;
	for (i = 0; i < count; i++) {
		if (vec[i].iov_len > left)
			vec[i].iov_len = left;
		left -= vec[i].iov_len;
	}
}

static int
fd_permits(const struct vk_open *open, bool write)
{
	int mode;

	mode = fcntl(open->fd, F_GETFL) & O_ACCMODE;
	if (mode == O_RDWR || mode == (write ? O_WRONLY : O_RDONLY))
		return 0;
	return LX_EBADF;
}

static int64_t
do_io(struct vk_thread *thread, uint64_t fd, struct lx_iovec *vec, size_t count,
    bool write, int64_t off)
{
	struct io io;
	uint64_t sum;

	io.open = fds_lookup(thread->process->fds, (int)fd);
	if (io.open == NULL)
		return -LX_EBADF;
	if (!vec_is_valid(vec, count, &sum))
		return -LX_EINVAL;
	if (sum == 0 && fd_permits(io.open, write) != 0)
		return -LX_EBADF;
	if (!vec_is_user(vec, count))
		return -LX_EFAULT;
	vec_limit(vec, count);
	io.thread = thread;
	io.vec = vec;
	io.count = count;
	io.at = 0;
	io.done_in_row = 0;
	io.write = write;
	io.off = off;
	io.fault = false;
	return io_run_coherent(&io);
}

int64_t
sys_read(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)vec.iov_len < 0)
		return -LX_EFAULT;
	return do_io(thread, args[0], &vec, 1, false, -1);
}

int64_t
sys_write(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)vec.iov_len < 0)
		return -LX_EFAULT;
	return do_io(thread, args[0], &vec, 1, true, -1);
}

int64_t
sys_pread64(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_io(thread, args[0], &vec, 1, false, (int64_t)args[3]);
}

int64_t
sys_pwrite64(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_io(thread, args[0], &vec, 1, true, (int64_t)args[3]);
}

#define VEC_FAST 8

/* Few rows live on the stack. */
static int64_t
do_vector(
    struct vk_thread *thread, const uint64_t *args, bool write, int64_t off)
{
	struct lx_iovec fast[VEC_FAST], *vec;
	int64_t result;
	size_t count;

	if (args[2] > LX_IOV_MAX)
		return -LX_EINVAL;
	count = (size_t)args[2];
	vec = fast;
	if (count > VEC_FAST)
		vec = malloc(count * sizeof(*vec));
	if (vec == NULL)
		return -LX_ENOMEM;
	if (copyin(thread->process->mm, vec, args[1], count * sizeof(*vec)) !=
	    0)
		result = -LX_EFAULT;
	else
		result = do_io(thread, args[0], vec, count, write, off);
	if (vec != fast)
		free(vec);
	return result;
}

int64_t
sys_readv(struct vk_thread *thread, const uint64_t *args)
{
	return do_vector(thread, args, false, -1);
}

int64_t
sys_writev(struct vk_thread *thread, const uint64_t *args)
{
	return do_vector(thread, args, true, -1);
}

int64_t
sys_preadv(struct vk_thread *thread, const uint64_t *args)
{
	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_vector(thread, args, false, (int64_t)args[3]);
}

int64_t
sys_pwritev(struct vk_thread *thread, const uint64_t *args)
{
	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_vector(thread, args, true, (int64_t)args[3]);
}

/* An offset of -1 is the file's own position; flags are not known. */
int64_t
sys_preadv2(struct vk_thread *thread, const uint64_t *args)
{
	if (args[5] != 0)
		return -LX_EOPNOTSUPP;
	if ((int64_t)args[3] == -1)
		return do_vector(thread, args, false, -1);
	return sys_preadv(thread, args);
}

int64_t
sys_pwritev2(struct vk_thread *thread, const uint64_t *args)
{
	if (args[5] != 0)
		return -LX_EOPNOTSUPP;
	if ((int64_t)args[3] == -1)
		return do_vector(thread, args, true, -1);
	return sys_pwritev(thread, args);
}

struct copy {
	struct vk_thread *thread;
	const struct vk_open *in, *out;
	int64_t off; /* -1: in's own position */
};

/* The host writes all of buf, or the guest is told how far it came. */
static int64_t
copy_write(const struct copy *copy, const char *buf, size_t len)
{
	ssize_t put;
	size_t done;
	int error;

	for (done = 0; done < len; done += (size_t)put) {
		error = wait_open(copy->thread, copy->out, POLLOUT);
		if (error != 0 && done != 0)
			return (int64_t)done;
		if (error != 0)
			return error == LX_EINTR ? -LX_ERESTART : -error;
		put = write(copy->out->fd, buf + done, len - done);
		if (put >= 0)
			continue;
		if (errno == EPIPE)
			io_broken_pipe(copy->thread);
		return done != 0 ? (int64_t)done : host_error();
	}
	return (int64_t)done;
}

static int64_t
copy_part(struct copy *copy, char *buf, size_t len)
{
	int64_t put;
	ssize_t got;

	if (copy->off >= 0)
		got = pread(copy->in->fd, buf, len, (off_t)copy->off);
	else
		got = read(copy->in->fd, buf, len);
	if (got < 0)
		return host_error();
	put = copy_write(copy, buf, (size_t)got);
	if (copy->off >= 0 && put > 0)
		copy->off += put;
	else if (copy->off < 0 && put < got)
		lseek(
		    copy->in->fd, (off_t)((put < 0 ? 0 : put) - got), SEEK_CUR);
	return put;
}

static int64_t
copy_run(struct copy *copy, uint64_t count)
{
	char buf[65536];
	uint64_t total;
	int64_t part;

	for (total = 0; total < count; total += (uint64_t)part) {
		part = copy_part(copy, buf,
		    count - total < sizeof(buf) ? (size_t)(count - total)
						: sizeof(buf));
		if (part < 0 && total == 0)
			return part;
		if (part <= 0)
			break;
	}
	return (int64_t)total;
}

int64_t
sys_sendfile(struct vk_thread *thread, const uint64_t *args)
{
	struct copy copy = { .thread = thread, .off = -1 };
	int64_t result;

	copy.out = fds_lookup(thread->process->fds, (int)args[0]);
	copy.in = fds_lookup(thread->process->fds, (int)args[1]);
	if (copy.in == NULL || copy.out == NULL)
		return -LX_EBADF;
	if (copy.in->may_block) /* only what has pages */
		return -LX_EINVAL;
	if (args[2] != 0 &&
	    copyin(thread->process->mm, &copy.off, args[2], 8) != 0)
		return -LX_EFAULT;
	if (args[2] != 0 && copy.off < 0)
		return -LX_EINVAL;
	result = copy_run(&copy, args[3] < LX_RW_MAX ? args[3] : LX_RW_MAX);
	if (args[2] != 0 &&
	    copyout(thread->process->mm, args[2], &copy.off, 8) != 0)
		return -LX_EFAULT;
	return result;
}
