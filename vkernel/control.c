/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/control.h"

#include <string.h>

#include "vkernel/socket_option.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define SCM_RIGHTS_NR      1
#define SCM_CREDENTIALS_NR 2
#define CONTROL_MOST       20480u

struct lx_cmsghdr {
	uint64_t len;
	int32_t level, type;
};

static uint64_t
align8(uint64_t len)
{
	return (len + 7) & ~UINT64_C(7);
}

static int
rights_in(
    struct vk_thread *thread, uint64_t va, uint64_t len, struct vk_msg *msg)
{
	struct vk_open *open;
	int32_t fd;

	if (len / sizeof(fd) > MSG_FDS_MOST - (uint64_t)msg->fd_count)
		return LX_EINVAL;
	for (; len >= sizeof(fd); len -= sizeof(fd), va += sizeof(fd)) {
		if (copyin(thread->process->mm, &fd, va, sizeof(fd)) != 0)
			return LX_EFAULT;
		open = fds_lookup_any(thread->process->fds, fd);
		if (open == NULL)
			return LX_EBADF;
		msg->fds[msg->fd_count++] = open;
	}
	return 0;
}

static bool
may_be(const struct vk_thread *thread, const struct lx_ucred *cred)
{
	const struct vk_cred *own;

	own = &thread->process->cred;
	if (own->user.effective == 0)
		return true;
	return cred->pid == thread->process->pid &&
	       (cred->uid == own->user.real ||
		   cred->uid == own->user.effective ||
		   cred->uid == own->user.saved) &&
	       (cred->gid == own->group.real ||
		   cred->gid == own->group.effective ||
		   cred->gid == own->group.saved);
}

static int
cred_in(struct vk_thread *thread, uint64_t va, uint64_t len, struct vk_msg *msg)
{
	if (len != sizeof(msg->cred))
		return LX_EINVAL;
	if (copyin(thread->process->mm, &msg->cred, va, sizeof(msg->cred)) != 0)
		return LX_EFAULT;
	if (!may_be(thread, &msg->cred))
		return LX_EPERM;
	msg->has_cred = true;
	return 0;
}

int
control_in(
    struct vk_thread *thread, uint64_t va, uint64_t len, struct vk_msg *msg)
{
	struct lx_cmsghdr head;
	uint64_t data;
	int error;

	if (va == 0)
		return 0;
	if (len > CONTROL_MOST)
		return 105; /* ENOBUFS */
	while (len >= sizeof(head)) {
		if (copyin(thread->process->mm, &head, va, sizeof(head)) != 0)
			return LX_EFAULT;
		if (head.len < sizeof(head) || head.len > len)
			return LX_EINVAL;
		data = head.len - sizeof(head);
		error = 0;
		if (head.level == LX_SOL_SOCKET && head.type == SCM_RIGHTS_NR)
			error = rights_in(thread, va + sizeof(head), data, msg);
		else if (head.level == LX_SOL_SOCKET &&
			 head.type == SCM_CREDENTIALS_NR)
			error = cred_in(thread, va + sizeof(head), data, msg);
		else if (head.level == LX_SOL_SOCKET)
			error = LX_EINVAL;
		if (error != 0)
			return error;
		va += align8(head.len);
		len = len < align8(head.len) ? 0 : len - align8(head.len);
	}
	return 0;
}

struct out {
	struct vk_thread *thread;
	uint64_t va, room, used;
	struct vk_msg *msg;
};

static int
head_out(struct out *out, int type, uint64_t data)
{
	struct lx_cmsghdr head = { sizeof(head) + data, LX_SOL_SOCKET, type };

	return copyout(
	    out->thread->process->mm, out->va + out->used, &head, sizeof(head));
}

static void
out_advance(struct out *out, uint64_t data)
{
	out->used += align8(sizeof(struct lx_cmsghdr) + data);
	if (out->used > out->room)
		out->used = out->room;
}

static int
cred_out(struct out *out)
{
	uint64_t data;
	int error;

	data = sizeof(out->msg->cred);
	if (out->room - out->used < sizeof(struct lx_cmsghdr) + data) {
		out->msg->out_flags |= LX_MSG_CTRUNC;
		return 0;
	}
	error = head_out(out, SCM_CREDENTIALS_NR, data);
	if (error == 0)
		error = copyout(out->thread->process->mm,
		    out->va + out->used + sizeof(struct lx_cmsghdr),
		    &out->msg->cred, sizeof(out->msg->cred));
	out_advance(out, data);
	return error;
}

static int
rights_room(const struct out *out)
{
	uint64_t left;

	left = out->room - out->used;
	if (left < sizeof(struct lx_cmsghdr))
		return 0;
	return (int)((left - sizeof(struct lx_cmsghdr)) / sizeof(int32_t));
}

/* The first that do fit; the others are closed. */
static int
rights_out(struct out *out)
{
	struct vk_msg *msg;
	int32_t fd;
	int64_t got;
	int i, room;

	msg = out->msg;
	room = rights_room(out);
	for (i = 0; i < msg->fd_count && i < room; i++) {
		got = open_install(out->thread, msg->fds[i],
		    (msg->flags & LX_MSG_CMSG_CLOEXEC) != 0 ? LX_O_CLOEXEC : 0);
		fd = (int32_t)got;
		if (got < 0 ||
		    copyout(out->thread->process->mm,
			out->va + out->used + sizeof(struct lx_cmsghdr) +
			    (uint64_t)i * sizeof(fd),
			&fd, sizeof(fd)) != 0) {
			i += got < 0;
			break;
		}
	}
	room = i;
	if (i < msg->fd_count)
		msg->out_flags |= LX_MSG_CTRUNC;
	for (; i < msg->fd_count; i++)
		open_drop(msg->fds[i]);
	msg->fd_count = 0;
	if (room == 0)
		return 0;
	if (head_out(out, SCM_RIGHTS_NR, (uint64_t)room * sizeof(fd)) != 0)
		return LX_EFAULT;
	out_advance(out, (uint64_t)room * sizeof(fd));
	return 0;
}

int
control_out(
    struct vk_thread *thread, uint64_t va, uint64_t *len, struct vk_msg *msg)
{
	struct out out = { thread, va, va == 0 ? 0 : *len, 0, msg };
	int error;

	error = msg->has_cred ? cred_out(&out) : 0;
	if (error == 0 && msg->fd_count != 0)
		error = rights_out(&out);
	control_discard(msg);
	*len = out.used;
	return error;
}

void
control_discard(struct vk_msg *msg)
{
	int i;

	for (i = 0; i < msg->fd_count; i++)
		open_drop(msg->fds[i]);
	msg->fd_count = 0;
}
