/* SPDX-License-Identifier: BSD-2-Clause */
/* open(2) and its family. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/fifo.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define RACES_MAX 64

#define LX_OPEN_KNOWN                                                          \
	(LX_O_ACCMODE | LX_O_CREAT | LX_O_EXCL | LX_O_NOCTTY | LX_O_TRUNC |    \
	    LX_O_APPEND | LX_O_NONBLOCK | LX_O_SYNC | LX_O_ASYNC |             \
	    LX_O_DIRECT | LX_O_LARGEFILE | LX_O_DIRECTORY | LX_O_NOFOLLOW |    \
	    LX_O_NOATIME | LX_O_CLOEXEC | LX_O_PATH | LX_O_TMPFILE)

struct open_args {
	uint64_t dirfd;
	int flags;
	uint64_t mode;
	uint64_t resolve;
};

/* Another host description of what a descriptor has open. */
static int64_t
reopen_host(struct vk_thread *thread, const struct vk_path *path,
    const struct open_args *args, struct vk_open **out)
{
	int fd;

	(void)thread;
	fd = openat(path->dir, path->text,
	    (os_open_flags(args->flags) & ~(O_CREAT | O_EXCL)) | O_CLOEXEC |
		O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return host_error();
	if ((args->flags & LX_O_NONBLOCK) == 0)
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	return -open_create(fd, out);
}

static bool
writes(int flags)
{
	return (flags & LX_O_ACCMODE) != 0 || (flags & LX_O_TRUNC) != 0;
}

static int64_t
reopen(struct vk_thread *thread, const struct vk_path *path,
    const struct open_args *args, struct vk_open **out)
{
	const struct vk_file_ops *ops;

	if (path->node.depth != 0)
		return -vnode_open(thread, &path->node, args->flags, out);
	ops = path->open->ops;
	if (ops != NULL && ops->reopen != NULL)
		return -ops->reopen(thread, path->open, args->flags, out);
	if (path->open->fd < 0)
		return -LX_ENXIO;
	if (writes(args->flags) && path->mount != NULL &&
	    path->mount->read_only)
		return -LX_EROFS;
	return reopen_host(thread, path, args, out);
}

/* What open says of a file that exists on a mount that may not be written. */
static int
refuse_write(const struct vk_path *path, const struct open_args *args)
{
	struct stat st;

	if (fstatat(path->dir, path->text, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT && (args->flags & LX_O_CREAT) != 0
			   ? LX_EROFS
			   : errno_to_linux(errno);
	if ((args->flags & LX_O_CREAT) != 0 && (args->flags & LX_O_EXCL) != 0)
		return LX_EEXIST;
	if ((args->flags & LX_O_TMPFILE) == LX_O_TMPFILE)
		return S_ISDIR(st.st_mode) ? LX_EROFS : LX_ENOTDIR;
	if (!writes(args->flags))
		return 0;
	if (S_ISDIR(st.st_mode))
		return LX_EISDIR;
	return S_ISREG(st.st_mode) ? LX_EROFS : 0;
}

/* The file may be another one by now. */
static bool
is_still_refused(int fd, const struct vk_path *path, int flags)
{
	struct stat st;

	return path->mount != NULL && path->mount->read_only && writes(flags) &&
	       fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

static bool
is_followed_link(int fd, const struct vk_path *path, int flags)
{
	struct stat st;

	return path->mount != NULL && (flags & LX_O_PATH) != 0 &&
	       (flags & LX_O_NOFOLLOW) == 0 && fstat(fd, &st) == 0 &&
	       S_ISLNK(st.st_mode);
}

/* LX_ELOOP of a name that was no link a moment ago means: once more. */
static int
open_host(struct vk_thread *thread, const struct vk_path *path,
    const struct open_args *args, int *out)
{
	int error, fd, flags;

	flags = os_open_flags(args->flags) | O_CLOEXEC | O_NOCTTY;
	if (path->mount != NULL && path->mount->read_only) {
		error = refuse_write(path, args);
		if (error != 0)
			return error;
		flags &= ~(O_CREAT | O_TRUNC);
	}
	if (path->slash && (args->flags & LX_O_CREAT) != 0)
		return LX_EISDIR;
	if (path->slash)
		flags |= O_DIRECTORY;
	if (path->mount == NULL || path->follow ||
	    (args->flags & LX_O_NOFOLLOW) != 0)
		fd = openat(path->dir, path->text, flags,
		    path_mode(thread, args->mode));
	else
		fd = os_open_name(path->dir, path->text, flags,
		    path_mode(thread, args->mode));
	if (fd < 0)
		return errno == EINTR ? LX_ERESTART : errno_to_linux(errno);
	error = 0;
	if (is_still_refused(fd, path, args->flags))
		error = LX_EROFS;
	else if (is_followed_link(fd, path, args->flags))
		error = LX_ELOOP;
	if (error == 0)
		*out = fd;
	else
		close(fd);
	return error;
}

/* 1: what was opened is of the host's /proc, and path is what it is here. */
static int
leads_to_proc(struct vk_thread *thread, const struct open_args *args, int fd,
    unsigned flags, struct vk_path *path)
{
	struct stat st;

	if (path->mount != NULL || fstat(fd, &st) != 0)
		return 0;
	return path_leads_to_proc(thread, args->dirfd, &st, flags, path);
}

/* flags have LX_O_NOFOLLOW also where the guest did not ask for it. */
static int64_t
open_fifo(struct vk_thread *thread, const struct vk_path *path, int flags,
    int asked, struct vk_open **out)
{
	int64_t result;

	result = fifo_open(thread, path->dir, path->text, flags, out);
	if (result == 0)
		(*out)->flags &= asked | ~LX_O_NOFOLLOW;
	return result;
}

static int64_t
open_path(struct vk_thread *thread, const struct open_args *args,
    unsigned flags, struct vk_path *path, struct vk_open **out)
{
	int again, error, fd, flags_here;

	if (path->open != NULL && path->text[0] != '\0')
		return reopen(thread, path, args, out);
	if (path->node.depth != 0 && path->text[0] != '/')
		return -vnode_open(thread, &path->node, args->flags, out);
	flags_here = args->flags;
	if (path->mount != NULL && !path->follow)
		flags_here |= LX_O_NOFOLLOW;
	if (!path->slash && fifo_may_wait(path->dir, path->text, flags_here))
		return open_fifo(thread, path, flags_here, args->flags, out);
	fd = -1;
	error = open_host(thread, path, args, &fd);
	if (error != 0)
		return -error;
	again = leads_to_proc(thread, args, fd, flags, path);
	if (again != 0)
		close(fd);
	if (again < 0)
		return again;
	if (again > 0)
		return open_path(thread, args, flags, path, out);
	error = open_create(fd, out);
	if (error == 0 && (args->flags & LX_O_TRUNC) != 0)
		mm_truncated(thread->process->mm, (*out)->fd, 0);
	return -error;
}

static unsigned
open_get_flags(const struct open_args *args)
{
	const int new_only = LX_O_CREAT | LX_O_EXCL;
	unsigned flags;

	flags = args->resolve == 0 ? 0 : path_resolve_flags(args->resolve);
	if ((args->flags & LX_O_NOFOLLOW) == 0 &&
	    (args->flags & new_only) != new_only)
		flags |= PATH_FOLLOW;
	if ((args->flags & LX_O_CREAT) != 0 && (args->flags & LX_O_PATH) == 0)
		flags |= PATH_CREATE;
	return flags;
}

/* A name that becomes a link between the look and the opening is looked up
 * again. */
static int64_t
open_text(struct vk_thread *thread, const struct open_args *args,
    const char *text, struct vk_open **out)
{
	struct vk_path path;
	unsigned flags;
	int64_t result;
	int error, tries;

	*out = NULL;
	flags = open_get_flags(args);
	for (tries = 0;; tries++) {
		error = path_get_text(thread, args->dirfd, text, flags, &path);
		if (error != 0)
			return -error;
		result = open_path(thread, args, flags, &path, out);
		if (result == 0 && *out != NULL) {
			(*out)->search = (args->flags & LX_O_PATH) != 0;
			(*out)->mount = path.mount;
		}
		path_put(&path);
		if (result != -LX_ELOOP || (flags & PATH_FOLLOW) == 0 ||
		    path.mount == NULL || path.follow || tries == RACES_MAX)
			return result;
	}
}

static int64_t
do_open(struct vk_thread *thread, uint64_t va, const struct open_args *args)
{
	char text[LX_PATH_MAX];
	struct vk_open *open;
	int64_t result;
	int error;

	error = copyin_string(thread->process->mm, text, va, sizeof(text));
	if (error != 0)
		return -error;
	result = open_text(thread, args, text, &open);
	return result != 0 ? result : open_install(thread, open, args->flags);
}

int64_t
sys_open(struct vk_thread *thread, const uint64_t *args)
{
	const struct open_args open = { (uint64_t)LX_AT_FDCWD, (int)args[1],
		args[2], 0 };

	return do_open(thread, args[0], &open);
}

int64_t
sys_creat(struct vk_thread *thread, const uint64_t *args)
{
	const struct open_args open = { (uint64_t)LX_AT_FDCWD,
		LX_O_CREAT | LX_O_WRONLY | LX_O_TRUNC, args[1], 0 };

	return do_open(thread, args[0], &open);
}

int64_t
sys_openat(struct vk_thread *thread, const uint64_t *args)
{
	const struct open_args open = { args[0], (int)args[2], args[3], 0 };

	return do_open(thread, args[1], &open);
}

/* As build_open_flags(), fs/open.c. */
static int
how_check(const uint64_t how[3])
{
	const uint64_t makes = LX_O_CREAT;

	if ((how[0] & ~(uint64_t)LX_OPEN_KNOWN) != 0 ||
	    (how[2] & ~UINT64_C(0x3f)) != 0 || (how[2] & 0x18) == 0x18)
		return LX_EINVAL;
	if ((how[0] & makes) != 0 || (how[0] & LX_O_TMPFILE) == LX_O_TMPFILE)
		return (how[1] & ~UINT64_C(07777)) != 0 ? LX_EINVAL : 0;
	if (how[1] != 0)
		return LX_EINVAL;
	if ((how[0] & LX_O_PATH) != 0 &&
	    (how[0] & ~(uint64_t)(LX_O_PATH | LX_O_DIRECTORY | LX_O_NOFOLLOW |
				  LX_O_CLOEXEC)) != 0)
		return LX_EINVAL;
	return (how[2] & 0x20) != 0 ? LX_EAGAIN : 0;
}

int64_t
sys_openat2(struct vk_thread *thread, const uint64_t *args)
{
	struct open_args open;
	uint64_t at, how[3], rest;
	int error;

	if (args[3] < sizeof(how))
		return -LX_EINVAL;
	if (args[3] > 4096)
		return -LX_E2BIG;
	error = copyin(thread->process->mm, how, args[2], sizeof(how));
	for (at = sizeof(how); at < args[3] && error == 0; at += sizeof(rest)) {
		rest = 0;
		error = copyin(thread->process->mm, &rest, args[2] + at,
		    args[3] - at < sizeof(rest) ? (size_t)(args[3] - at)
						: sizeof(rest));
		if (error == 0 && rest != 0)
			error = LX_E2BIG;
	}
	if (error == 0)
		error = how_check(how);
	if (error != 0)
		return -error;
	open = (struct open_args){ args[0], (int)how[0], how[1], how[2] };
	return do_open(thread, args[1], &open);
}
