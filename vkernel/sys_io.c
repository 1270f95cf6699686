/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moving bytes: guest pages are handed to the host as they lie in the image,
 * without a copy in between.  A transfer goes piecewise, IO_PIECES at a time.
 */
#include "vkernel/io.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "vkernel/socket.h"
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
	bool write, nowait, append;
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

/* To the place where done bytes of all rows are behind. */
static void
io_seek(struct io *io, uint64_t done)
{
	io->fault = false;
	io->done_in_row = 0;
	for (io->at = 0; io->at < io->count; io->at++) {
		if (done < io->vec[io->at].iov_len) {
			io->done_in_row = done;
			return;
		}
		done -= io->vec[io->at].iov_len;
	}
}

static int64_t
io_move(struct io *io)
{
	int64_t got;

	if (io->piece_count == 0)
		io->pieces[io->piece_count++] = (struct iovec){ io, 0 };
	if (io->write)
		return open_write(
		    io->thread, io->open, io->pieces, io->piece_count, io->off);
	got = open_read(
	    io->thread, io->open, io->pieces, io->piece_count, io->off);
	if (got > 0)
		user_stored(io->thread->process->mm, io->pieces,
		    io->piece_count, (size_t)got);
	return got;
}

void
io_broken_pipe(struct vk_thread *thread)
{
	struct lx_siginfo info = { .si_signo = LX_SIGPIPE,
		.si_code = LX_SI_USER };

	info.u.rt.pid = thread->process->pid;
	info.u.rt.uid = thread->process->cred.user.real;
	signal_send_thread(thread, &info);
}

void
io_broken(struct vk_thread *thread, const struct vk_open *open)
{
	const struct vk_socket *sock;

	sock = socket_of(open);
	if (sock == NULL || sock->type == LX_SOCK_STREAM)
		io_broken_pipe(thread);
}

int64_t
io_wait(
    struct vk_thread *thread, struct vk_open *open, short events, uint64_t done)
{
	int error;

	if (open_is_nonblocking(open))
		return done != 0 ? (int64_t)done : -LX_EAGAIN;
	if (open->ops != NULL && open->ops->socket != NULL)
		wait_time(thread, socket_timeout(open, events));
	error = open_park(thread, open, events);
	if (error == LX_WAIT) {
		thread->wait.state[0] = done;
		return -LX_WAIT;
	}
	if (done != 0)
		return (int64_t)done;
	switch (error) {
	case LX_EINTR:
		return thread->wait.timed ? -LX_EINTR : -LX_ERESTART;
	case LX_ETIMEDOUT:
		return -LX_EAGAIN;
	default:
		return -error;
	}
}

/* More of a stream may be read by the next call; writing goes on to the end,
 * and so does reading of a file. */
static bool
io_goes_on(const struct io *io, int64_t got, size_t want)
{
	if (got < (int64_t)want)
		return io->write && io->open->may_block && got > 0;
	if (io->fault || io->at == io->count)
		return false;
	return io->write || !io->open->may_block;
}

static int64_t
io_failed(struct io *io, int64_t error, uint64_t total)
{
	if (error == -LX_EAGAIN && io->open->may_block && !io->nowait)
		return io_wait(
		    io->thread, io->open, io->write ? POLLOUT : POLLIN, total);
	if (error == -LX_EPIPE && io->write)
		io_broken(io->thread, io->open);
	return total != 0 ? (int64_t)total : error;
}

/* Linux looks at the buffer of a read only once there is something for it. */
static bool
io_at_end(const struct io *io)
{
	struct stat st;
	off_t at;

	if (io->write || io->open->may_block || io->open->fd < 0 ||
	    fstat(io->open->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return false;
	at = io->off >= 0 ? (off_t)io->off : lseek(io->open->fd, 0, SEEK_CUR);
	return at >= st.st_size;
}

/* Goes on where a call that waited has stopped. */
static int64_t
io_run(struct io *io)
{
	uint64_t total;
	int64_t got;
	size_t want;

	total = io->thread->wait.state[0];
	do {
		io_seek(io, total);
		want = io_gather(io);
		if (want == 0 && io->fault)
			return total != 0 || io_at_end(io) ? (int64_t)total
							   : -LX_EFAULT;
		got = io_move(io);
		if (got < 0)
			return io_failed(io, got, total);
		total += (uint64_t)got;
		if (io->off >= 0)
			io->off += got;
	} while (io_goes_on(io, got, want));
	return (int64_t)total;
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
	off = io->off >= 0 ? io->off : lseek(io->open->fd, 0, SEEK_CUR);
	if (off >= result)
		memory_written(memory, io->open->fd, (uint64_t)(off - result),
		    (uint64_t)result);
	return result;
}

/* RLIMIT_FSIZE: what does not fit is left out; nothing fits: a signal. */
static int
io_limit(struct io *io, uint64_t *sum)
{
	const struct vk_process *process;
	struct lx_siginfo info = { .si_signo = LX_SIGXFSZ,
		.si_code = LX_SI_USER };
	struct stat st;
	uint64_t limit;
	int64_t at;

	process = io->thread->process;
	limit = process->limits[LX_RLIMIT_FSIZE].rlim_cur;
	if (!io->write || limit == LX_RLIM_INFINITY || io->open->may_block ||
	    io->open->fd < 0 || *sum == 0)
		return 0;
	if (fstat(io->open->fd, &st) != 0 || !S_ISREG(st.st_mode))
		return 0;
	at = io->off;
	if (at < 0)
		at = (open_flags(io->open) & LX_O_APPEND) != 0
			 ? st.st_size
			 : lseek(io->open->fd, 0, SEEK_CUR);
	if (at >= 0 && (uint64_t)at >= limit) {
		info.u.rt.pid = process->pid;
		info.u.rt.uid = process->cred.user.real;
		signal_send_thread(io->thread, &info);
		return LX_EFBIG;
	}
	if (at >= 0 && *sum > limit - (uint64_t)at)
		*sum = limit - (uint64_t)at;
	return 0;
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

static void
vec_limit(struct lx_iovec *vec, size_t count, uint64_t left)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (vec[i].iov_len > left)
			vec[i].iov_len = left;
		left -= vec[i].iov_len;
	}
}

/* RWF_ flags */
#define LX_RWF_DSYNC  0x02u
#define LX_RWF_SYNC   0x04u
#define LX_RWF_APPEND 0x10u
#define LX_RWF_KNOWN  0x1fu

/* In the order in which Linux looks. */
static int
io_check(struct io *io, uint64_t *sum)
{
	if (!(io->write ? open_can_write(io->open) : open_can_read(io->open)))
		return LX_EBADF;
	if (io->off >= 0 && io->open->may_block)
		return LX_ESPIPE;
	if (!vec_is_valid(io->vec, io->count, sum))
		return LX_EINVAL;
	return vec_is_user(io->vec, io->count) ? 0 : LX_EFAULT;
}

static void
io_append(struct io *io)
{
	struct stat st;

	if (io->write && io->append && io->open->fd >= 0 &&
	    fstat(io->open->fd, &st) == 0 && S_ISREG(st.st_mode))
		io->off = st.st_size;
}

static int64_t
do_io(struct vk_thread *thread, uint64_t fd, struct lx_iovec *vec, size_t count,
    bool write, int64_t off, unsigned flags)
{
	struct io io;
	int64_t result;
	uint64_t sum;
	int error;

	io.open = fds_lookup(thread->process->fds, (int)fd);
	if (io.open == NULL)
		return -LX_EBADF;
	io.thread = thread;
	io.vec = vec;
	io.count = count;
	io.write = write;
	io.nowait = (flags & LX_RWF_NOWAIT) != 0;
	io.append = (flags & LX_RWF_APPEND) != 0;
	io.off = off;
	error = io_check(&io, &sum);
	if (error != 0)
		return -error;
	io_append(&io);
	error = io_limit(&io, &sum);
	if (error != 0)
		return -error;
	vec_limit(vec, count, sum < LX_RW_MAX ? sum : LX_RW_MAX);
	open_ref(io.open);
	result = io_run_coherent(&io);
	if (result > 0 && write &&
	    (flags & (LX_RWF_DSYNC | LX_RWF_SYNC)) != 0 && io.open->fd >= 0)
		fsync(io.open->fd);
	open_drop(io.open);
	return result;
}

int64_t
sys_read(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)vec.iov_len < 0)
		return -LX_EFAULT;
	return do_io(thread, args[0], &vec, 1, false, -1, 0);
}

int64_t
sys_write(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)vec.iov_len < 0)
		return -LX_EFAULT;
	return do_io(thread, args[0], &vec, 1, true, -1, 0);
}

int64_t
sys_pread64(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_io(thread, args[0], &vec, 1, false, (int64_t)args[3], 0);
}

int64_t
sys_pwrite64(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_iovec vec = { args[1], args[2] };

	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_io(thread, args[0], &vec, 1, true, (int64_t)args[3], 0);
}

#define VEC_FAST 8

/* Few rows live on the stack. */
static int64_t
do_vector(struct vk_thread *thread, const uint64_t *args, bool write,
    int64_t off, unsigned flags)
{
	struct lx_iovec fast[VEC_FAST], *vec;
	int64_t result;
	size_t count;

	if (fds_lookup(thread->process->fds, (int)args[0]) == NULL)
		return -LX_EBADF;
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
		result = do_io(thread, args[0], vec, count, write, off, flags);
	if (vec != fast)
		free(vec);
	return result;
}

int64_t
sys_readv(struct vk_thread *thread, const uint64_t *args)
{
	return do_vector(thread, args, false, -1, 0);
}

int64_t
sys_writev(struct vk_thread *thread, const uint64_t *args)
{
	return do_vector(thread, args, true, -1, 0);
}

int64_t
sys_preadv(struct vk_thread *thread, const uint64_t *args)
{
	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_vector(thread, args, false, (int64_t)args[3], 0);
}

int64_t
sys_pwritev(struct vk_thread *thread, const uint64_t *args)
{
	if ((int64_t)args[3] < 0)
		return -LX_EINVAL;
	return do_vector(thread, args, true, (int64_t)args[3], 0);
}

/* An offset of -1 is the file's own position. */
static int64_t
do_vector2(struct vk_thread *thread, const uint64_t *args, bool write)
{
	if ((int64_t)args[3] < -1)
		return -LX_EINVAL;
	if ((args[5] & ~(uint64_t)LX_RWF_KNOWN) != 0 ||
	    (!write && (args[5] & LX_RWF_APPEND) != 0))
		return -LX_EOPNOTSUPP;
	return do_vector(
	    thread, args, write, (int64_t)args[3], (unsigned)args[5]);
}

int64_t
sys_preadv2(struct vk_thread *thread, const uint64_t *args)
{
	return do_vector2(thread, args, false);
}

int64_t
sys_pwritev2(struct vk_thread *thread, const uint64_t *args)
{
	return do_vector2(thread, args, true);
}
