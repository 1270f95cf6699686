/* SPDX-License-Identifier: BSD-2-Clause */
/* send and recv in all their forms. */
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/control.h"
#include "vkernel/io.h"
#include "vkernel/socket.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define PIECES     512
#define VEC_FAST   8
#define MANY_MOST  1024
#define MMSG_BYTES 64

struct lx_msghdr { /* 56 bytes */
	uint64_t name;
	uint32_t name_len;
	uint32_t pad;
	uint64_t iov;
	uint64_t iov_len;
	uint64_t control;
	uint64_t control_len;
	uint32_t flags;
	uint32_t pad2;
};

_Static_assert(sizeof(struct lx_msghdr) == 56, "msghdr");

struct transfer {
	struct vk_thread *thread;
	struct vk_open *open;
	struct lx_msghdr head;
	const struct lx_iovec *vec; /* head.iov_len rows */
	bool sends;
	bool fault;
	uint64_t total; /* bytes of vec */
	struct iovec pieces[PIECES];
	struct vk_msg msg;
};

/* Pieces of guest memory behind the first skip bytes. */
static size_t
gather(struct transfer *transfer, uint64_t skip)
{
	const struct lx_iovec *row;
	size_t got, i, sum;

	transfer->fault = false;
	transfer->msg.count = 0;
	for (sum = 0, i = 0; i < transfer->head.iov_len; i++) {
		row = &transfer->vec[i];
		if (skip >= row->iov_len) {
			skip -= row->iov_len;
			continue;
		}
		got = user_pieces(transfer->thread->process->mm,
		    row->iov_base + skip, (size_t)(row->iov_len - skip),
		    transfer->sends ? MM_READ : MM_WRITE, transfer->pieces,
		    PIECES, &transfer->msg.count);
		sum += got;
		if (got != row->iov_len - skip) {
			transfer->fault = transfer->msg.count < PIECES;
			break;
		}
		skip = 0;
	}
	return sum;
}

/* Guest memory of a message that does not come whole is an error, a packet
 * that no network has is one before that. */
static int
check_gathered(const struct transfer *transfer, size_t want)
{
	const struct vk_socket *sock;

	sock = socket_of(transfer->open);
	if (transfer->sends && sock->type == LX_SOCK_DGRAM &&
	    sock->domain != LX_AF_UNIX && transfer->total > UINT16_MAX)
		return LX_EMSGSIZE;
	if (!transfer->fault)
		return 0;
	if (want == 0 || (transfer->sends && sock->type != LX_SOCK_STREAM))
		return LX_EFAULT;
	return 0;
}

static int64_t
move(struct transfer *transfer)
{
	const struct vk_socket_ops *ops;
	int64_t got;

	ops = transfer->open->ops->socket;
	transfer->msg.iov = transfer->pieces;
	if (transfer->sends)
		return ops->send(
		    transfer->thread, transfer->open, &transfer->msg);
	transfer->msg.out_flags = 0;
	transfer->msg.fd_count = 0;
	transfer->msg.address.len = 0;
	got = ops->receive(transfer->thread, transfer->open, &transfer->msg);
	if (got > 0)
		user_stored(transfer->thread->process->mm, transfer->pieces,
		    transfer->msg.count, (size_t)got);
	return got;
}

static int64_t
blocked(struct transfer *transfer, uint64_t done)
{
	if ((transfer->msg.flags & (LX_MSG_DONTWAIT | LX_MSG_ERRQUEUE)) != 0)
		return done != 0 ? (int64_t)done : -LX_EAGAIN;
	return io_wait(transfer->thread, transfer->open,
	    transfer->sends ? POLLOUT : POLLIN, done);
}

/* A stream is written to the end; read until something came, or all did. */
static bool
goes_on(const struct transfer *transfer, int64_t got, uint64_t done)
{
	if (socket_of(transfer->open)->type != LX_SOCK_STREAM || got <= 0 ||
	    transfer->fault || done >= transfer->total)
		return false;
	if (transfer->sends)
		return true;
	return (transfer->msg.flags & LX_MSG_WAITALL) != 0 &&
	       (transfer->msg.flags & LX_MSG_PEEK) == 0 &&
	       transfer->msg.fd_count == 0;
}

static int64_t
run(struct transfer *transfer)
{
	uint64_t done;
	int64_t got;
	size_t want;
	int error;

	done = transfer->thread->wait.state[0];
	do {
		want = gather(transfer, done);
		error = check_gathered(transfer, want);
		if (error != 0)
			return done != 0 ? (int64_t)done : -error;
		got = move(transfer);
		if (got == -LX_EAGAIN)
			return blocked(transfer, done);
		if (got == -LX_EPIPE && transfer->sends &&
		    (transfer->msg.flags & LX_MSG_NOSIGNAL) == 0)
			io_broken(transfer->thread, transfer->open);
		if (got < 0)
			return done != 0 ? (int64_t)done : got;
		done += (uint64_t)got;
		if (transfer->sends)
			transfer->msg.fd_count = 0; /* they went with this */
	} while (goes_on(transfer, got, done));
	return (int64_t)done;
}

static int
transfer_open(struct transfer *transfer, struct vk_thread *thread, uint64_t fd,
    bool sends)
{
	transfer->thread = thread;
	transfer->sends = sends;
	memset(&transfer->head, 0, sizeof(transfer->head));
	memset(&transfer->msg, 0, offsetof(struct vk_msg, fds));
	transfer->msg.fd_count = 0;
	transfer->msg.wants_control = transfer->msg.has_cred = false;
	transfer->open = fds_lookup(thread->process->fds, (int)fd);
	if (transfer->open == NULL)
		return LX_EBADF;
	return socket_of(transfer->open) == NULL ? LX_ENOTSOCK : 0;
}

static int
name_in(struct transfer *transfer, uint64_t va, uint32_t len)
{
	struct vk_address *address;

	address = &transfer->msg.address;
	if (va == 0 || len == 0)
		return 0;
	if ((int32_t)len < 0 || len > sizeof(address->addr))
		return LX_EINVAL;
	address->len = len;
	return copyin(transfer->thread->process->mm, &address->addr, va, len);
}

/* A number that may be less than what there is is not told. */
static int
name_out(struct transfer *transfer, uint64_t va, uint32_t room)
{
	const struct vk_address *address;

	address = &transfer->msg.address;
	if (room > address->len)
		room = address->len;
	return copyout(transfer->thread->process->mm, va, &address->addr, room);
}

static int
one_row(struct transfer *transfer, struct lx_iovec *row, const uint64_t *args)
{
	row->iov_base = args[1];
	row->iov_len = args[2] < LX_RW_MAX ? args[2] : LX_RW_MAX;
	if (args[1] > MM_VA_END || row->iov_len > MM_VA_END - args[1])
		return LX_EFAULT;
	transfer->vec = row;
	transfer->head.iov_len = 1;
	transfer->total = row->iov_len;
	transfer->msg.flags = (unsigned)args[3];
	return 0;
}

int64_t
sys_sendto(struct vk_thread *thread, const uint64_t *args)
{
	struct transfer transfer;
	struct lx_iovec row;
	int error;

	error = transfer_open(&transfer, thread, args[0], true);
	if (error == 0)
		error = one_row(&transfer, &row, args);
	if (error == 0)
		error = name_in(&transfer, args[4], (uint32_t)args[5]);
	return error != 0 ? -error : run(&transfer);
}

int64_t
sys_recvfrom(struct vk_thread *thread, const uint64_t *args)
{
	struct transfer transfer;
	struct lx_iovec row;
	int64_t result;
	uint32_t room;
	int error;

	error = transfer_open(&transfer, thread, args[0], false);
	if (error == 0)
		error = one_row(&transfer, &row, args);
	if (error != 0)
		return -error;
	result = run(&transfer);
	control_discard(&transfer.msg);
	if (result < 0 || args[4] == 0)
		return result;
	if (copyin(thread->process->mm, &room, args[5], sizeof(room)) != 0)
		return -LX_EFAULT;
	if ((int32_t)room < 0)
		return -LX_EINVAL;
	error = name_out(&transfer, args[4], room);
	if (error == 0)
		error = copyout(thread->process->mm, args[5],
		    &transfer.msg.address.len, sizeof(uint32_t));
	return error != 0 ? -error : result;
}

/* The rows of the head; freed by the caller when they are not fast. */
static int
rows_in(struct transfer *transfer, struct lx_iovec *fast, struct lx_iovec **out)
{
	const struct lx_msghdr *head;
	struct lx_iovec *rows;
	size_t i;

	head = &transfer->head;
	if (head->iov_len > LX_IOV_MAX)
		return LX_EMSGSIZE;
	rows = fast;
	if (head->iov_len > VEC_FAST)
		rows = malloc((size_t)head->iov_len * sizeof(*rows));
	if (rows == NULL)
		return LX_ENOMEM;
	*out = rows;
	transfer->vec = rows;
	if (copyin(transfer->thread->process->mm, rows, head->iov,
		(size_t)head->iov_len * sizeof(*rows)) != 0)
		return LX_EFAULT;
	transfer->total = 0;
	for (i = 0; i < head->iov_len; i++) {
		if ((int64_t)rows[i].iov_len < 0)
			return LX_EINVAL;
		if (rows[i].iov_len > LX_RW_MAX - transfer->total)
			rows[i].iov_len = LX_RW_MAX - transfer->total;
		transfer->total += rows[i].iov_len;
	}
	return 0;
}

static int64_t
send_head(struct transfer *transfer)
{
	const struct lx_msghdr *head;
	int error;

	head = &transfer->head;
	error = name_in(transfer, head->name, head->name_len);
	if (error == 0)
		error = control_in(transfer->thread, head->control,
		    head->control_len, &transfer->msg);
	if (error == 0 && transfer->thread->wait.state[0] != 0)
		transfer->msg.fd_count = 0;
	return error != 0 ? -error : run(transfer);
}

/* What comes back in the head beside the bytes. */
static int64_t
receive_head(struct transfer *transfer, uint64_t va)
{
	struct lx_msghdr *head;
	int64_t result;
	int error;

	head = &transfer->head;
	transfer->msg.wants_control = head->control_len != 0;
	result = run(transfer);
	if (result < 0) {
		control_discard(&transfer->msg);
		return result;
	}
	error = control_out(transfer->thread, head->control, &head->control_len,
	    &transfer->msg);
	if (error == 0 && head->name != 0)
		error = name_out(transfer, head->name, head->name_len);
	if (head->name != 0)
		head->name_len = transfer->msg.address.len;
	head->flags = transfer->msg.out_flags |
		      (transfer->msg.flags & LX_MSG_CMSG_CLOEXEC);
	if (error == 0)
		error = copyout(
		    transfer->thread->process->mm, va, head, sizeof(*head));
	return error != 0 ? -error : result;
}

static int64_t
do_message(struct vk_thread *thread, uint64_t fd, uint64_t va, unsigned flags,
    bool sends)
{
	struct lx_iovec fast[VEC_FAST], *rows;
	struct transfer transfer;
	int64_t result;
	int error;

	error = transfer_open(&transfer, thread, fd, sends);
	if (error != 0)
		return -error;
	if (copyin(thread->process->mm, &transfer.head, va,
		sizeof(transfer.head)) != 0)
		return -LX_EFAULT;
	if (transfer.head.name != 0 && (int32_t)transfer.head.name_len < 0)
		return -LX_EINVAL;
	transfer.msg.flags = flags;
	rows = fast;
	error = rows_in(&transfer, fast, &rows);
	if (error != 0)
		result = -error;
	else
		result =
		    sends ? send_head(&transfer) : receive_head(&transfer, va);
	if (rows != fast)
		free(rows);
	return result;
}

int64_t
sys_sendmsg(struct vk_thread *thread, const uint64_t *args)
{
	return do_message(thread, args[0], args[1], (unsigned)args[2], true);
}

int64_t
sys_recvmsg(struct vk_thread *thread, const uint64_t *args)
{
	return do_message(thread, args[0], args[1], (unsigned)args[2], false);
}

/* Calls that wait come back with the messages that are done in state[1], and
 * what is done of the present one in state[0]. */
static int64_t
do_many(struct vk_thread *thread, const uint64_t *args, bool sends)
{
	uint64_t done, va;
	unsigned flags;
	uint32_t len;
	int64_t result;

	flags = (unsigned)args[3];
	if (fds_lookup(thread->process->fds, (int)args[0]) == NULL)
		return -LX_EBADF;
	result = 0;
	for (done = thread->wait.state[1]; done < args[2] && done < MANY_MOST;
	     done++) {
		va = args[1] + done * MMSG_BYTES;
		if (done != 0 && (flags & LX_MSG_WAITFORONE) != 0)
			flags |= LX_MSG_DONTWAIT;
		result = do_message(thread, args[0], va, flags, sends);
		if (result < 0)
			break;
		thread->wait.state[0] = 0;
		thread->wait.state[1] = done + 1;
		len = (uint32_t)result;
		if (copyout(thread->process->mm, va + 56, &len, sizeof(len)) !=
		    0)
			return -LX_EFAULT;
	}
	if (result == -LX_WAIT)
		return result;
	return done != 0 ? (int64_t)done : result;
}

int64_t
sys_sendmmsg(struct vk_thread *thread, const uint64_t *args)
{
	return do_many(thread, args, true);
}

int64_t
sys_recvmmsg(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec ts;
	uint64_t ns;

	if (args[4] != 0) {
		if (copyin(thread->process->mm, &ts, args[4], sizeof(ts)) != 0)
			return -LX_EFAULT;
		if (timespec_to_ns(&ts, &ns) != 0)
			return -LX_EINVAL;
	}
	return do_many(thread, args, false);
}
