/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a process stands: getcwd, chdir, fchdir. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

static struct vk_place
cwd_of(const struct vk_thread *thread)
{
	const struct vk_fs *fs;

	fs = thread->process->fs;
	return (struct vk_place){ fs->cwd_fd, fs->cwd_mount, fs->cwd_node };
}

static bool
is_removed(const struct vk_place *place)
{
	struct stat st;

	return place->node.depth == 0 &&
	       (fstat(place->fd, &st) != 0 || st.st_nlink == 0);
}

int64_t
sys_getcwd(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_place place;
	char path[LX_PATH_MAX];
	size_t len;
	int error;

	place = cwd_of(thread);
	if (is_removed(&place))
		return -LX_ENOENT;
	error = place_path(
	    thread->process->kernel->names, &place, path, sizeof(path));
	if (error != 0)
		return -error;
	len = strlen(path) + 1;
	if (len > args[1])
		return -LX_ERANGE;
	error = copyout(thread->process->mm, args[0], path, len);
	return error != 0 ? -error : (int64_t)len;
}

static int
place_may_search(const struct vk_place *place)
{
	if (place->node.depth != 0 ||
	    faccessat(place->fd, ".", X_OK, AT_EACCESS) == 0)
		return 0;
	return LX_EACCES;
}

/* Takes place over. */
static int64_t
set_cwd(struct vk_process *process, const struct vk_place *place)
{
	int error;

	error = place_may_search(place);
	if (error != 0) {
		if (place->fd >= 0)
			close(place->fd);
		return -error;
	}
	if (process->fs->cwd_fd >= 0)
		close(process->fs->cwd_fd);
	process->fs->cwd_fd = place->fd;
	process->fs->cwd_mount = place->mount;
	process->fs->cwd_node = place->node;
	return 0;
}

int64_t
sys_chdir(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_place place;
	struct vk_path path;
	int error;

	error = path_get(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], PATH_FOLLOW, &path);
	if (error != 0)
		return -error;
	error = path_place(&path, &place);
	path_put(&path);
	return error != 0 ? -error : set_cwd(thread->process, &place);
}

int64_t
sys_fchdir(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;
	struct vk_place place;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	place = (struct vk_place){ -1, open->mount, open->node };
	if (open->node.depth != 0 && !vnode_is(&open->node, LX_S_IFDIR))
		return -LX_ENOTDIR;
	if (open->node.depth == 0) {
		if (open->fd < 0)
			return -LX_ENOTDIR;
		place.fd = os_open_search(open->fd, ".");
		if (place.fd < 0)
			return host_error();
	}
	return set_cwd(thread->process, &place);
}
