/* SPDX-License-Identifier: BSD-2-Clause */
/* Extended attributes: no file has any, as on a file system without them. */
#include <errno.h>

#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"

static int64_t
by_path(struct vk_thread *thread, const uint64_t *args, int flags)
{
	struct vk_path path;
	struct stat st;
	int error;

	error = path_get(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    path_get_flags((uint64_t)flags), &path);
	if (error != 0)
		return -error;
	error = LX_EOPNOTSUPP;
	if (path.node.depth == 0 && path.open == NULL &&
	    path_stat(&path, &st) != 0)
		error = errno_to_linux(errno);
	path_put(&path);
	return -error;
}

static int64_t
change_by_path(struct vk_thread *thread, const uint64_t *args, int flags)
{
	struct vk_path path;
	int error;

	error = path_get(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    path_get_flags((uint64_t)flags), &path);
	if (error != 0)
		return -error;
	error = path_may_change(&path);
	path_put(&path);
	return error == LX_EROFS ? -error : by_path(thread, args, flags);
}

static int64_t
by_fd(struct vk_thread *thread, const uint64_t *args)
{
	if (fds_lookup(thread->process->fds, (int)args[0]) == NULL)
		return -LX_EBADF;
	return -LX_EOPNOTSUPP;
}

static int64_t
change_by_fd(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open != NULL && path_open_may_change(thread, open) == LX_EROFS)
		return -LX_EROFS;
	return by_fd(thread, args);
}

int64_t
sys_setxattr(struct vk_thread *thread, const uint64_t *args)
{
	return change_by_path(thread, args, 0);
}

int64_t
sys_lsetxattr(struct vk_thread *thread, const uint64_t *args)
{
	return change_by_path(thread, args, LX_AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_fsetxattr(struct vk_thread *thread, const uint64_t *args)
{
	return change_by_fd(thread, args);
}

int64_t
sys_getxattr(struct vk_thread *thread, const uint64_t *args)
{
	return by_path(thread, args, 0);
}

int64_t
sys_lgetxattr(struct vk_thread *thread, const uint64_t *args)
{
	return by_path(thread, args, LX_AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_fgetxattr(struct vk_thread *thread, const uint64_t *args)
{
	return by_fd(thread, args);
}

int64_t
sys_listxattr(struct vk_thread *thread, const uint64_t *args)
{
	return by_path(thread, args, 0);
}

int64_t
sys_llistxattr(struct vk_thread *thread, const uint64_t *args)
{
	return by_path(thread, args, LX_AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_flistxattr(struct vk_thread *thread, const uint64_t *args)
{
	return by_fd(thread, args);
}

int64_t
sys_removexattr(struct vk_thread *thread, const uint64_t *args)
{
	return change_by_path(thread, args, 0);
}

int64_t
sys_lremovexattr(struct vk_thread *thread, const uint64_t *args)
{
	return change_by_path(thread, args, LX_AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_fremovexattr(struct vk_thread *thread, const uint64_t *args)
{
	return change_by_fd(thread, args);
}
