/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bytes from file to file: sendfile, splice, tee, vmsplice, copy_file_range.
 * Whatever the two files are, the bytes go through a buffer: first as many as
 * the target surely takes are read, then written, and what it did not take
 * after all is given back to the source, or kept with the waiting call.
 */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vkernel/io.h"
#include "vkernel/pipe.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define COPY_BYTES 65536

#define SPLICE_NONBLOCK 2u
#define SPLICE_KNOWN    15u

struct copy {
	struct vk_thread *thread;
	struct vk_open *in, *out;
	int64_t in_off, out_off; /* -1: the file's own position */
	bool nonblocking;        /* whatever the files say */
};

/* Without taking them from a pipe, seeking back in a file. */
static int64_t
copy_get(struct copy *copy, char *buf, size_t len)
{
	struct iovec iov = { buf, len };
	struct vk_pipe *pipe;

	pipe = pipe_of(copy->in);
	if (pipe != NULL && pipe->used == 0)
		return pipe->writers == 0 ? 0 : -LX_EAGAIN;
	if (pipe != NULL)
		return (int64_t)pipe_peek(pipe, 0, buf, len);
	return open_read(copy->thread, copy->in, &iov, 1, copy->in_off);
}

/* The source has got bytes less; put of them have gone on. */
static void
copy_took(struct copy *copy, char *buf, int64_t got, int64_t put)
{
	struct iovec iov = { buf, (size_t)put };
	struct vk_pipe *pipe;

	pipe = pipe_of(copy->in);
	if (pipe != NULL && put > 0)
		pipe_read(pipe, &iov, 1);
	else if (pipe == NULL && copy->in_off < 0 && !copy->in->may_block &&
		 put < got)
		lseek(copy->in->fd, (off_t)(put - got), SEEK_CUR);
	if (copy->in_off >= 0)
		copy->in_off += put;
	if (copy->out_off >= 0)
		copy->out_off += put;
}

static int64_t
copy_put(struct copy *copy, char *buf, int64_t len)
{
	struct vk_memory *memory;
	struct iovec iov = { buf, (size_t)len };
	int64_t at, put;

	put = open_write(copy->thread, copy->out, &iov, 1, copy->out_off);
	if (put == -LX_EPIPE)
		io_broken(copy->thread, copy->out);
	if (put <= 0 || copy->out->may_block || copy->out->fd < 0)
		return put;
	at = copy->out_off;
	if (at < 0)
		at = lseek(copy->out->fd, 0, SEEK_CUR) - put;
	memory = &copy->thread->process->kernel->memory;
	if (at >= 0)
		memory_written(
		    memory, copy->out->fd, (uint64_t)at, (uint64_t)put);
	return put;
}

/* A stream that cannot give bytes back is read when the target has room. */
static int64_t
copy_part(struct copy *copy, char *buf, size_t len, short *blocked)
{
	int64_t got, put;

	*blocked = POLLOUT;
	if (copy->out->may_block && (open_poll(copy->out, POLLOUT, NULL) &
					(POLLOUT | POLLERR | POLLHUP)) == 0)
		return -LX_EAGAIN;
	if (copy->in->may_block && pipe_of(copy->in) == NULL && len > 4096)
		len = 4096;
	*blocked = POLLIN;
	got = copy_get(copy, buf, len);
	if (got <= 0)
		return got;
	*blocked = POLLOUT;
	put = copy_put(copy, buf, got);
	copy_took(copy, buf, got, put < 0 ? 0 : put);
	return put;
}

static int64_t
copy_blocked(struct copy *copy, short which, uint64_t total)
{
	struct vk_open *open;

	open = which == POLLIN ? copy->in : copy->out;
	if (copy->nonblocking || !open->may_block ||
	    (which == POLLIN && total != 0))
		return total != 0 ? (int64_t)total : -LX_EAGAIN;
	return io_wait(copy->thread, open, which, total);
}

static int64_t
copy_run(struct copy *copy, uint64_t count)
{
	char buf[COPY_BYTES];
	uint64_t total;
	int64_t part;
	short blocked;

	total = copy->thread->wait.state[0];
	if (count > LX_RW_MAX)
		count = LX_RW_MAX;
	for (; total < count; total += (uint64_t)part) {
		part = copy_part(copy, buf,
		    count - total < sizeof(buf) ? (size_t)(count - total)
						: sizeof(buf),
		    &blocked);
		if (part == -LX_EAGAIN)
			return copy_blocked(copy, blocked, total);
		if (part < 0 && total == 0)
			return part;
		if (part <= 0)
			break;
	}
	return (int64_t)total;
}

/* Offsets in guest memory move by what was copied in all; the calls that
 * waited before start from where the first one did. */
static int
copy_off_in(struct copy *copy, uint64_t va, int64_t *off)
{
	*off = -1;
	if (va == 0)
		return 0;
	if (copyin(copy->thread->process->mm, off, va, sizeof(*off)) != 0)
		return LX_EFAULT;
	if (*off < 0)
		return LX_EINVAL;
	*off += (int64_t)copy->thread->wait.state[0];
	return 0;
}

static int
copy_off_out(const struct copy *copy, uint64_t va, int64_t off, int64_t result)
{
	if (va == 0 || result < 0)
		return 0;
	return copyout(copy->thread->process->mm, va, &off, sizeof(off));
}

/* What guests have stored to either file through mappings is in it. */
static void
copy_settle(const struct copy *copy)
{
	struct vk_memory *memory;

	memory = &copy->thread->process->kernel->memory;
	if (copy->in->fd >= 0 && !copy->in->may_block)
		memory_before_io(memory, copy->in->fd);
	if (copy->out->fd >= 0 && !copy->out->may_block)
		memory_before_io(memory, copy->out->fd);
}

static int
copy_open(
    struct copy *copy, struct vk_thread *thread, uint64_t in, uint64_t out)
{
	memset(copy, 0, sizeof(*copy));
	copy->thread = thread;
	copy->in = fds_lookup(thread->process->fds, (int)in);
	copy->out = fds_lookup(thread->process->fds, (int)out);
	if (copy->in == NULL || copy->out == NULL || !open_can_read(copy->in) ||
	    !open_can_write(copy->out))
		return LX_EBADF;
	copy->in_off = copy->out_off = -1;
	copy_settle(copy);
	return 0;
}

int64_t
sys_sendfile(struct vk_thread *thread, const uint64_t *args)
{
	struct copy copy;
	int64_t result;
	int error;

	error = copy_open(&copy, thread, args[1], args[0]);
	if (error == 0)
		error = copy_off_in(&copy, args[2], &copy.in_off);
	if (error != 0)
		return -error;
	if (copy.in->may_block) /* only what has pages, or a pipe to splice */
		return args[2] != 0 ? -LX_ESPIPE : -LX_EINVAL;
	if ((open_flags(copy.out) & LX_O_APPEND) != 0)
		return -LX_EINVAL;
	result = copy_run(&copy, args[3]);
	error = copy_off_out(&copy, args[2], copy.in_off, result);
	return error != 0 ? -error : result;
}

/* Where offsets are given there must be a position. */
static int
splice_check(const struct copy *copy, const uint64_t *args)
{
	bool in_pipe, out_pipe;

	in_pipe = pipe_of(copy->in) != NULL ||
		  (copy->in->may_block && copy->in->ops == NULL);
	out_pipe = pipe_of(copy->out) != NULL ||
		   (copy->out->may_block && copy->out->ops == NULL);
	if ((in_pipe && args[1] != 0) || (out_pipe && args[3] != 0))
		return LX_ESPIPE;
	if (!in_pipe && !out_pipe)
		return LX_EINVAL;
	if (in_pipe && out_pipe && copy->in->data == copy->out->data &&
	    copy->in->data != NULL)
		return LX_EINVAL;
	if ((open_flags(copy->out) & LX_O_APPEND) != 0)
		return LX_EINVAL;
	return 0;
}

int64_t
sys_splice(struct vk_thread *thread, const uint64_t *args)
{
	struct copy copy;
	int64_t result;
	int error;

	if (args[4] == 0)
		return 0;
	if ((args[5] & ~(uint64_t)SPLICE_KNOWN) != 0)
		return -LX_EINVAL;
	error = copy_open(&copy, thread, args[0], args[2]);
	if (error == 0)
		error = splice_check(&copy, args);
	if (error == 0)
		error = copy_off_in(&copy, args[1], &copy.in_off);
	if (error == 0)
		error = copy_off_in(&copy, args[3], &copy.out_off);
	if (error != 0)
		return -error;
	copy.nonblocking = (args[5] & SPLICE_NONBLOCK) != 0;
	if (thread->wait.state[0] != 0) /* a pipe gives what it has */
		return (int64_t)thread->wait.state[0];
	result = copy_run(&copy, args[4]);
	error = copy_off_out(&copy, args[1], copy.in_off, result);
	if (error == 0)
		error = copy_off_out(&copy, args[3], copy.out_off, result);
	return error != 0 ? -error : result;
}

/* As much as there is now, up to what the other pipe takes. */
static int64_t
tee_run(struct copy *copy, struct vk_pipe *from, struct vk_pipe *to, size_t len)
{
	struct iovec iov;
	int64_t result;
	size_t have;

	have = pipe_bytes(from);
	if (have == 0)
		return from->writers == 0 ? 0 : -LX_EAGAIN;
	iov.iov_len = have < len ? have : len;
	iov.iov_base = malloc(iov.iov_len);
	if (iov.iov_base == NULL)
		return -LX_ENOMEM;
	pipe_peek(from, 0, iov.iov_base, iov.iov_len);
	result = pipe_write(to, &iov, 1, false);
	free(iov.iov_base);
	if (result == -LX_EPIPE)
		io_broken_pipe(copy->thread);
	return result;
}

int64_t
sys_tee(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_pipe *from, *to;
	struct copy copy;
	int64_t result;
	int error;

	if ((args[3] & ~(uint64_t)SPLICE_KNOWN) != 0)
		return -LX_EINVAL;
	if (args[2] == 0)
		return 0;
	error = copy_open(&copy, thread, args[0], args[1]);
	if (error != 0)
		return -error;
	from = pipe_of(copy.in);
	to = pipe_of(copy.out);
	if (from == NULL || to == NULL || from == to)
		return -LX_EINVAL;
	copy.nonblocking = (args[3] & SPLICE_NONBLOCK) != 0;
	result = tee_run(
	    &copy, from, to, args[2] < LX_RW_MAX ? (size_t)args[2] : LX_RW_MAX);
	if (result != -LX_EAGAIN)
		return result;
	return copy_blocked(&copy, pipe_is_full(to) ? POLLOUT : POLLIN, 0);
}

/* The pages are copied, as a gift may be taken. */
int64_t
sys_vmsplice(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t moved[] = { args[0], args[1], args[2], UINT64_MAX,
		UINT64_MAX, LX_RWF_NOWAIT };
	struct vk_open *open;
	int64_t result;
	bool writes;

	if ((args[3] & ~(uint64_t)SPLICE_KNOWN) != 0)
		return -LX_EINVAL;
	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL || pipe_of(open) == NULL)
		return -LX_EBADF;
	writes = open_can_write(open);
	result =
	    writes ? sys_pwritev2(thread, moved) : sys_preadv2(thread, moved);
	if (result != -LX_EAGAIN || (args[3] & SPLICE_NONBLOCK) != 0)
		return result;
	return io_wait(thread, open, writes ? POLLOUT : POLLIN, 0);
}

static int
range_check(const struct copy *copy)
{
	struct stat in, out;

	if (copy->in->fd < 0 || copy->out->fd < 0)
		return LX_EINVAL;
	if (fstat(copy->in->fd, &in) != 0 || fstat(copy->out->fd, &out) != 0)
		return LX_EBADF;
	if (S_ISDIR(in.st_mode) || S_ISDIR(out.st_mode))
		return LX_EISDIR;
	if (!S_ISREG(in.st_mode) || !S_ISREG(out.st_mode))
		return LX_EINVAL;
	return (open_flags(copy->out) & LX_O_APPEND) != 0 ? LX_EBADF : 0;
}

/* A range of a file onto itself must not overlap. */
static bool
range_overlaps(const struct copy *copy, uint64_t len)
{
	struct stat in, out;
	int64_t from, to;

	if (fstat(copy->in->fd, &in) != 0 || fstat(copy->out->fd, &out) != 0 ||
	    in.st_dev != out.st_dev || in.st_ino != out.st_ino)
		return false;
	from =
	    copy->in_off >= 0 ? copy->in_off : lseek(copy->in->fd, 0, SEEK_CUR);
	to = copy->out_off >= 0 ? copy->out_off
				: lseek(copy->out->fd, 0, SEEK_CUR);
	return (uint64_t)from < (uint64_t)to + len &&
	       (uint64_t)to < (uint64_t)from + len;
}

int64_t
sys_copy_file_range(struct vk_thread *thread, const uint64_t *args)
{
	struct copy copy;
	int64_t result;
	int error;

	if (args[5] != 0)
		return -LX_EINVAL;
	error = copy_open(&copy, thread, args[0], args[2]);
	if (error == 0)
		error = copy_off_in(&copy, args[1], &copy.in_off);
	if (error == 0)
		error = copy_off_in(&copy, args[3], &copy.out_off);
	if (error == 0)
		error = range_check(&copy);
	if (error != 0)
		return -error;
	if (range_overlaps(&copy, args[4]))
		return -LX_EINVAL;
	result = copy_run(&copy, args[4]);
	error = copy_off_out(&copy, args[1], copy.in_off, result);
	if (error == 0)
		error = copy_off_out(&copy, args[3], copy.out_off, result);
	return error != 0 ? -error : result;
}

int64_t
sys_readahead(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL || !open_can_read(open))
		return -LX_EBADF;
	return open->may_block ? -LX_EINVAL : 0;
}

int64_t
sys_sync_file_range(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	if ((args[3] & ~UINT64_C(7)) != 0 || (int64_t)args[1] < 0 ||
	    (int64_t)args[2] < 0)
		return -LX_EINVAL;
	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if (open->may_block)
		return -LX_ESPIPE;
	return host_result(fsync(open->fd));
}
