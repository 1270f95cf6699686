/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"
#include "vkernel/usercopy.h"

void
path_put(struct vk_path *path)
{
	if (path->owned)
		close(path->dir);
	path->owned = false;
}

unsigned
path_get_flags(uint64_t linux_flags)
{
	unsigned flags;

	flags = (linux_flags & LX_AT_SYMLINK_NOFOLLOW) == 0 ? PATH_FOLLOW : 0;
	if ((linux_flags & LX_AT_EMPTY_PATH) != 0)
		flags |= PATH_EMPTY;
	return flags;
}

unsigned
path_resolve_flags(uint64_t resolve)
{
	static const struct {
		uint64_t bit;
		unsigned flag;
	} rows[] = { { 1, PATH_NO_XDEV }, { 2, PATH_NO_MAGIC },
		{ 4, PATH_NO_LINKS }, { 8, PATH_BENEATH },
		{ 16, PATH_IN_ROOT } };
	unsigned flags;
	size_t i;

	flags = 0;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((resolve & rows[i].bit) != 0)
			flags |= rows[i].flag;
	return flags;
}

struct path_inode
path_inode(struct vk_thread *thread, const struct vk_path *path)
{
	struct path_inode inode = { 0, 0, false };
	struct stat st;

	if (!clock_is_virtual(thread->process->kernel) ||
	    fstatat(path->dir, path->text, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return inode;
	inode.dev = os_linux_dev(st.st_dev);
	inode.ino = (uint64_t)st.st_ino;
	inode.last = S_ISDIR(st.st_mode) || st.st_nlink == 1;
	return inode;
}

void
path_forget(struct vk_thread *thread, const struct path_inode *inode)
{
	if (inode->last)
		stat_forget(&thread->process->kernel->strangers, inode->dev,
		    inode->ino);
}

int
path_flags(const struct vk_path *path)
{
	return path->follow ? 0 : AT_SYMLINK_NOFOLLOW;
}

int
path_may_change(const struct vk_path *path)
{
	struct stat st;
	int error;

	if (path->node.depth != 0)
		return LX_EPERM;
	if (path->mount == NULL || !path->mount->read_only)
		return 0;
	error = path_stat(path, &st);
	return error != 0 ? error : LX_EROFS;
}

const struct vk_mount *
path_mount_of_name(const struct vk_path *path)
{
	if (!path->is_mount || path->mount->parent == NULL)
		return path->mount;
	return path->mount->parent;
}

/* Files without a mount: what was open at the start, and what has no name. */
static bool
is_inherited(int fd)
{
	struct stat st;

	return fstat(fd, &st) != 0 ||
	       (st.st_nlink != 0 && !S_ISFIFO(st.st_mode) &&
		   !S_ISSOCK(st.st_mode));
}

int
path_open_may_change(const struct vk_thread *thread, const struct vk_open *open)
{
	const struct vk_options *options;

	options = thread->process->kernel->options;
	if (open->node.depth != 0)
		return LX_EPERM;
	if (open->mount == NULL && open->fd >= 0 && is_inherited(open->fd)) {
		if (options->read_only)
			return LX_EROFS;
		return options->root != NULL ? LX_EPERM : 0;
	}
	return open->mount != NULL && open->mount->read_only ? LX_EROFS : 0;
}

int
path_may_alter(const struct vk_thread *thread, const struct vk_path *path)
{
	if (path->open != NULL && path->mount == NULL)
		return path_open_may_change(thread, path->open);
	return path_may_change(path);
}

int
path_may_name(const struct vk_path *path)
{
	const struct vk_mount *mount;

	if (path->node.depth != 0 && !path->is_mount)
		return LX_EPERM;
	mount = path_mount_of_name(path);
	if (mount != NULL && mount->read_only)
		return LX_EROFS;
	return path->is_mount ? LX_EBUSY : 0;
}

mode_t
path_mode(const struct vk_thread *thread, uint64_t mode)
{
	return (mode_t)(mode & 07777 & ~(uint64_t)thread->process->fs->umask);
}

int
path_stat(const struct vk_path *path, struct stat *st)
{
	int result;

	if (path->open != NULL && path->text[0] == '\0')
		result = fstat(path->open->fd, st);
	else
		result = fstatat(path->dir, path->text, st, path_flags(path));
	return result == 0 ? 0 : errno_to_linux(errno);
}

int
path_place(struct vk_path *path, struct vk_place *place)
{
	place->mount = path->mount;
	place->node = path->node;
	place->fd = -1;
	if (path->node.depth != 0)
		return vnode_is(&path->node, LX_S_IFDIR) ? 0 : LX_ENOTDIR;
	if (path->open != NULL && path->open->fd < 0)
		return LX_ENOTDIR;
	if (path->mount == NULL || path->follow)
		place->fd = os_open_search(path->dir, path->text);
	else
		place->fd = os_open_dir(path->dir, path->text);
	if (place->fd >= 0)
		return 0;
	return errno == ELOOP ? LX_ENOTDIR : errno_to_linux(errno);
}

/* Where relative names start. */
static int
place_of(struct vk_thread *thread, int dirfd, struct vk_place *place)
{
	const struct vk_open *open;
	const struct vk_fs *fs;

	fs = thread->process->fs;
	place->fd = fs->cwd_fd;
	place->mount = fs->cwd_mount;
	place->node = fs->cwd_node;
	if (dirfd != LX_AT_FDCWD) {
		open = fds_lookup_any(thread->process->fds, dirfd);
		if (open == NULL)
			return LX_EBADF;
		place->fd = open->fd;
		place->mount = open->mount;
		place->node = open->node;
	}
	if (place->mount == NULL)
		place->mount = thread->process->kernel->names->root;
	return 0;
}

/* "" as a name of what dirfd stands for. */
static int
path_of_fd(struct vk_thread *thread, int dirfd, struct vk_path *path)
{
	struct vk_place place;
	int error;

	error = place_of(thread, dirfd, &place);
	if (error != 0)
		return error;
	path->dir = place.fd;
	path->mount = place.mount;
	path->node = place.node;
	path->open = fds_lookup_any(thread->process->fds, dirfd);
	if (path->open == NULL)
		path->text[0] = '.';
	path->text[path->open == NULL] = '\0';
	return 0;
}

static bool
starts_with(const char *text, const char *name)
{
	size_t len;

	len = strlen(name);
	return strncmp(text, name, len) == 0 &&
	       (text[len] == '/' || text[len] == '\0');
}

/* The names of /dev that are ours even when the rest is the host's. */
static bool
is_own_device(const char *text)
{
	const struct vnode_row *row;

	text += strcspn(text, "/");
	text += strspn(text, "/");
	for (row = dev_tree_on_host.rows; row->name != NULL; row++)
		if (starts_with(text, row->name))
			return true;
	return false;
}

/* True when the host resolves the path as we would. */
static bool
is_of_host(const struct vk_names *names, const struct vk_place *start,
    const char *text)
{
	if (names->confined)
		return false;
	if (text[0] != '/' && start->node.depth != 0)
		return false;
	text += strspn(text, "/");
	if (starts_with(text, "proc") ||
	    (names->own_sys && starts_with(text, "sys")))
		return false;
	return !starts_with(text, "dev") || !is_own_device(text);
}

int
path_get_text(struct vk_thread *thread, uint64_t dirfd, const char *text,
    unsigned flags, struct vk_path *path)
{
	struct vk_kernel *kernel;
	struct vk_place start;
	int error;

	kernel = thread->process->kernel;
	memset(path, 0, offsetof(struct vk_path, text));
	if (text[0] == '\0') {
		if ((flags & PATH_EMPTY) == 0)
			return LX_ENOENT;
		return path_of_fd(thread, (int)dirfd, path);
	}
	error = place_of(thread,
	    text[0] == '/' && (flags & PATH_IN_ROOT) == 0 ? LX_AT_FDCWD
							  : (int)dirfd,
	    &start);
	if (error != 0)
		return error;
	if ((flags & PATH_RESOLVE) != 0 ||
	    !is_of_host(kernel->names, &start, text))
		return path_resolve(kernel, thread, &start, text, flags, path);
	if (start.fd < 0 && text[0] != '/')
		return LX_ENOTDIR;
	path->dir = start.fd < 0 ? AT_FDCWD : start.fd;
	path->follow = (flags & PATH_FOLLOW) != 0;
	memmove(path->text, text, strlen(text) + 1);
	return 0;
}

int
path_get(struct vk_thread *thread, uint64_t dirfd, uint64_t va, unsigned flags,
    struct vk_path *path)
{
	char text[LX_PATH_MAX];
	int error;

	error = copyin_string(thread->process->mm, text, va, sizeof(text));
	if (error != 0)
		return error;
	return path_get_text(thread, dirfd, text, flags, path);
}

int
path_leads_to_proc(struct vk_thread *thread, uint64_t dirfd,
    const struct stat *st, unsigned flags, struct vk_path *path)
{
	const struct vk_names *names;
	char text[LX_PATH_MAX];
	struct vk_place start;
	int error;

	names = thread->process->kernel->names;
	if (path->mount != NULL || path->text[0] == '\0' ||
	    st->st_dev != names->proc_dev || names->proc_dev == 0)
		return 0;
	memcpy(text, path->text, strlen(path->text) + 1);
	error =
	    place_of(thread, text[0] == '/' ? LX_AT_FDCWD : (int)dirfd, &start);
	path_put(path);
	if (error == 0)
		error = path_resolve(
		    thread->process->kernel, thread, &start, text, flags, path);
	return error != 0 ? -error : 1;
}

int
path_open_exec(const struct vk_path *path, int *host_fd)
{
	struct stat st;
	int fd, flags;

	if (path->node.depth != 0)
		return LX_EACCES;
	flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
	if (path->text[0] == '\0' && path->open != NULL)
		fd = os_reopen(path->open->fd, false);
	else if (path->mount == NULL || path->follow)
		fd = openat(path->dir, path->text, flags);
	else
		fd = os_open_name(path->dir, path->text, flags, 0);
	if (fd < 0)
		return errno_to_linux(errno);
	if (fstat(fd, &st) == 0 && S_ISLNK(st.st_mode)) {
		close(fd);
		return LX_ELOOP;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    (path->text[0] != '\0' ? faccessat(path->dir, path->text, X_OK,
					 path_flags(path)) != 0
				   : (st.st_mode & 0111) == 0)) {
		close(fd);
		return LX_EACCES;
	}
	*host_fd = fd;
	return 0;
}

int
path_open_program(struct vk_process *process, const char *path, int *host_fd)
{
	struct vk_path got;
	int error;

	error = path_get_text(
	    process->thread, (uint64_t)LX_AT_FDCWD, path, PATH_FOLLOW, &got);
	if (error != 0)
		return errno_of_linux(error);
	error = path_open_exec(&got, host_fd);
	path_put(&got);
	return errno_of_linux(error);
}
