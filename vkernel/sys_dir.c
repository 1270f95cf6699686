/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories: reading them, and the names in them. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/errno_map.h"
#include "vkernel/listing.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_RENAME_EXCHANGE 2u
#define NAME_ROOM          256

/* As the kernel's: ino, off, reclen, then type and name in either order. */
struct dent_head {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
};

#define DENT_NAME   18 /* getdents */
#define DENT64_NAME 19 /* getdents64: after the type */

struct dent_record {
	uint8_t bytes[32 + NAME_ROOM];
	size_t len;
};

static void
dent_fill(struct dent_record *record, const struct listing_row *row,
    int64_t off, bool old)
{
	struct dent_head head;
	size_t name_len;

	memset(record, 0, sizeof(*record));
	name_len = strlen(row->name);
	if (name_len >= NAME_ROOM)
		name_len = NAME_ROOM - 1;
	/* The old form has the type in its last byte. */
	record->len = (DENT64_NAME + name_len + 1 + 7) & ~(size_t)7;
	if (old)
		record->len = (DENT_NAME + name_len + 2 + 7) & ~(size_t)7;
	head.ino = row->ino;
	head.off = off;
	head.reclen = (uint16_t)record->len;
	memcpy(record->bytes, &head, DENT_NAME);
	memcpy(record->bytes + (old ? DENT_NAME : DENT64_NAME), row->name,
	    name_len);
	record->bytes[old ? record->len - 1 : DENT_NAME] = row->type;
}

static int
dents_open(struct vk_thread *thread, uint64_t fd, struct vk_open **out)
{
	struct stat st;

	*out = fds_lookup(thread->process->fds, (int)fd);
	if (*out == NULL)
		return LX_EBADF;
	if (!listing_is_of(*out) &&
	    ((*out)->fd < 0 || fstat((*out)->fd, &st) != 0 ||
		!S_ISDIR(st.st_mode)))
		return LX_ENOTDIR;
	return listing_read(thread, *out);
}

static int64_t
do_getdents(struct vk_thread *thread, const uint64_t *args, bool old)
{
	struct vk_listing *listing;
	struct dent_record record;
	struct vk_open *open;
	uint64_t done;
	int error;

	error = dents_open(thread, args[0], &open);
	if (error != 0)
		return -error;
	listing = open->listing;
	for (done = 0; listing->next < listing->count; done += record.len) {
		dent_fill(&record, &listing->rows[listing->next],
		    (int64_t)listing->next + 1, old);
		error = record.len > (uint32_t)args[2] - done ? LX_EINVAL : 0;
		if (error == 0)
			error = copyout(thread->process->mm, args[1] + done,
			    record.bytes, record.len);
		if (error != 0)
			return done == 0 ? -error : (int64_t)done;
		listing->next++;
	}
	return (int64_t)done;
}

int64_t
sys_getdents(struct vk_thread *thread, const uint64_t *args)
{
	return do_getdents(thread, args, true);
}

int64_t
sys_getdents64(struct vk_thread *thread, const uint64_t *args)
{
	return do_getdents(thread, args, false);
}

/* A name for a call that makes something: it must be free. */
static int
name_to_make(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    bool directory, struct vk_path *path)
{
	struct stat st;
	int error;

	error = path_get(thread, dirfd, va, PATH_NAME, path);
	if (error != 0)
		return error;
	error = path_may_name(path);
	if (error == LX_EPERM || error == LX_EBUSY) {
		error = LX_EEXIST;
	} else if (error == LX_EROFS || (path->slash && !directory)) {
		if (fstatat(path->dir, path->text, &st, AT_SYMLINK_NOFOLLOW) ==
		    0)
			error = LX_EEXIST;
		else if (error == 0)
			error = LX_ENOENT;
	}
	if (error != 0)
		path_put(path);
	return error;
}

/* A name for a call that takes it away. */
static int
name_to_take(
    struct vk_thread *thread, uint64_t dirfd, uint64_t va, struct vk_path *path)
{
	int error;

	error = path_get(thread, dirfd, va, PATH_NAME, path);
	if (error != 0)
		return error;
	error = path_may_name(path);
	if (error != 0)
		path_put(path);
	return error;
}

/* Without its slash the name would be one of anything. */
static int
path_is_dir(const struct vk_path *path)
{
	struct stat st;

	if (fstatat(path->dir, path->text, &st, AT_SYMLINK_NOFOLLOW) != 0)
		return errno_to_linux(errno);
	return S_ISDIR(st.st_mode) ? 0 : LX_ENOTDIR;
}

static int64_t
do_mkdir(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode)
{
	struct vk_path path;
	int64_t result;
	int error;

	error = name_to_make(thread, dirfd, va, true, &path);
	if (error != 0)
		return -error;
	result = host_result(
	    mkdirat(path.dir, path.text, path_mode(thread, mode & 01777)));
	path_put(&path);
	return result;
}

int64_t
sys_mkdir(struct vk_thread *thread, const uint64_t *args)
{
	return do_mkdir(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1]);
}

int64_t
sys_mkdirat(struct vk_thread *thread, const uint64_t *args)
{
	return do_mkdir(thread, args[0], args[1], args[2]);
}

static int64_t
do_unlink(struct vk_thread *thread, uint64_t dirfd, uint64_t va, bool dir)
{
	struct path_inode inode;
	struct vk_path path;
	int64_t result;
	int error;

	error = name_to_take(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	result = path.slash ? -path_is_dir(&path) : 0;
	if (result == 0) {
		inode = path_inode(thread, &path);
		result = host_result(
		    unlinkat(path.dir, path.text, dir ? AT_REMOVEDIR : 0));
		if (result == 0)
			path_forget(thread, &inode);
	}
	path_put(&path);
	return result;
}

int64_t
sys_unlink(struct vk_thread *thread, const uint64_t *args)
{
	return do_unlink(thread, (uint64_t)LX_AT_FDCWD, args[0], false);
}

int64_t
sys_rmdir(struct vk_thread *thread, const uint64_t *args)
{
	return do_unlink(thread, (uint64_t)LX_AT_FDCWD, args[0], true);
}

int64_t
sys_unlinkat(struct vk_thread *thread, const uint64_t *args)
{
	if ((args[2] & ~(uint64_t)LX_AT_REMOVEDIR) != 0)
		return -LX_EINVAL;
	return do_unlink(thread, args[0], args[1], args[2] != 0);
}

static int
rename_paths(struct vk_thread *thread, const struct vk_path *from,
    const struct vk_path *to, unsigned flags)
{
	struct path_inode inode;
	int error;

	if (path_mount_of_name(from) != path_mount_of_name(to))
		return LX_EXDEV;
	error = from->slash || to->slash ? path_is_dir(from) : 0;
	if (error == 0)
		error = path_may_name(from);
	if (error == 0)
		error = path_may_name(to);
	if (error == 0 && to->slash && (flags & LX_RENAME_EXCHANGE) != 0)
		error = path_is_dir(to);
	if (error != 0)
		return error;
	inode = path_inode(thread, to);
	error = os_rename(from->dir, from->text, to->dir, to->text, flags);
	if (error == 0 && flags == 0)
		path_forget(thread, &inode);
	return errno_to_linux(error);
}

static int64_t
do_rename(struct vk_thread *thread, uint64_t from_dir, uint64_t from_va,
    uint64_t to_dir, uint64_t to_va, unsigned flags)
{
	struct vk_path from, to;
	int error;

	if ((flags & ~7u) != 0 || (flags & 3) == 3 || (flags & 6) == 6)
		return -LX_EINVAL;
	error = path_get(thread, from_dir, from_va, PATH_NAME, &from);
	if (error != 0)
		return -error;
	error = path_get(thread, to_dir, to_va, PATH_NAME, &to);
	if (error == 0) {
		error = rename_paths(thread, &from, &to, flags);
		path_put(&to);
	}
	path_put(&from);
	return -error;
}

int64_t
sys_rename(struct vk_thread *thread, const uint64_t *args)
{
	return do_rename(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    (uint64_t)LX_AT_FDCWD, args[1], 0);
}

int64_t
sys_renameat(struct vk_thread *thread, const uint64_t *args)
{
	return do_rename(thread, args[0], args[1], args[2], args[3], 0);
}

int64_t
sys_renameat2(struct vk_thread *thread, const uint64_t *args)
{
	return do_rename(
	    thread, args[0], args[1], args[2], args[3], (unsigned)args[4]);
}

/* The host follows a link to what a descriptor has open. */
static int
link_paths(const struct vk_path *from, const struct vk_path *to)
{
	char name[OS_FD_NAME_ROOM];
	struct stat st;
	int error;

	if (from->node.depth != 0 || (from->open != NULL && from->open->fd < 0))
		return LX_EXDEV;
	if (from->mount != to->mount && to->mount != NULL) {
		error = path_stat(from, &st);
		if (error != 0)
			return error;
		return fstatat(to->dir, to->text, &st, AT_SYMLINK_NOFOLLOW) == 0
			   ? LX_EEXIST
			   : LX_EXDEV;
	}
	if (from->open != NULL) {
		os_fd_name(from->open->fd, name);
		error = linkat(
		    AT_FDCWD, name, to->dir, to->text, AT_SYMLINK_FOLLOW);
	} else {
		error = linkat(from->dir, from->text, to->dir, to->text,
		    from->follow ? AT_SYMLINK_FOLLOW : 0);
	}
	return error == 0 ? 0 : errno_to_linux(errno);
}

static int64_t
do_link(struct vk_thread *thread, uint64_t from_dir, uint64_t from_va,
    uint64_t to_dir, uint64_t to_va, uint64_t flags)
{
	struct vk_path from, to;
	unsigned get;
	int error;

	if ((flags & ~(uint64_t)(LX_AT_SYMLINK_FOLLOW | LX_AT_EMPTY_PATH)) != 0)
		return -LX_EINVAL;
	get = (flags & LX_AT_SYMLINK_FOLLOW) != 0 ? PATH_FOLLOW : 0;
	if ((flags & LX_AT_EMPTY_PATH) != 0)
		get |= PATH_EMPTY;
	error = path_get(thread, from_dir, from_va, get, &from);
	if (error != 0)
		return -error;
	error = name_to_make(thread, to_dir, to_va, false, &to);
	if (error == 0) {
		error = link_paths(&from, &to);
		path_put(&to);
	}
	path_put(&from);
	return -error;
}

int64_t
sys_link(struct vk_thread *thread, const uint64_t *args)
{
	return do_link(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    (uint64_t)LX_AT_FDCWD, args[1], 0);
}

int64_t
sys_linkat(struct vk_thread *thread, const uint64_t *args)
{
	return do_link(thread, args[0], args[1], args[2], args[3], args[4]);
}

static int64_t
do_symlink(
    struct vk_thread *thread, uint64_t target_va, uint64_t dirfd, uint64_t va)
{
	struct vk_path path;
	char target[LX_PATH_MAX];
	int64_t result;
	int error;

	error = copyin_string(
	    thread->process->mm, target, target_va, sizeof(target));
	if (error == 0 && target[0] == '\0')
		error = LX_ENOENT;
	if (error == 0)
		error = name_to_make(thread, dirfd, va, false, &path);
	if (error != 0)
		return -error;
	result = host_result(symlinkat(target, path.dir, path.text));
	path_put(&path);
	return result;
}

int64_t
sys_symlink(struct vk_thread *thread, const uint64_t *args)
{
	return do_symlink(thread, args[0], (uint64_t)LX_AT_FDCWD, args[1]);
}

int64_t
sys_symlinkat(struct vk_thread *thread, const uint64_t *args)
{
	return do_symlink(thread, args[0], args[1], args[2]);
}

static int64_t
make_file(const struct vk_path *path, mode_t mode)
{
	int fd;

	fd = openat(path->dir, path->text,
	    O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	if (fd < 0)
		return host_error();
	close(fd);
	return 0;
}

/* Devices need rights that a guest is not given. */
static int64_t
make_node(struct vk_thread *thread, const struct vk_path *path, uint64_t mode)
{
	switch (mode & LX_S_IFMT) {
	case 0:
	case LX_S_IFREG:
		return make_file(path, path_mode(thread, mode));
	case LX_S_IFIFO:
		return -errno_to_linux(
		    os_mkfifo(path->dir, path->text, path_mode(thread, mode)));
	case LX_S_IFSOCK:
		return -errno_to_linux(os_make_socket(
		    path->dir, path->text, path_mode(thread, mode)));
	case LX_S_IFDIR:
	case LX_S_IFCHR:
	case LX_S_IFBLK:
		return -LX_EPERM;
	default:
		return -LX_EINVAL;
	}
}

static int64_t
do_mknod(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode)
{
	struct vk_path path;
	int64_t result;
	int error;

	error = name_to_make(thread, dirfd, va, false, &path);
	if (error != 0)
		return -error;
	result = make_node(thread, &path, mode);
	path_put(&path);
	return result;
}

int64_t
sys_mknod(struct vk_thread *thread, const uint64_t *args)
{
	return do_mknod(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1]);
}

int64_t
sys_mknodat(struct vk_thread *thread, const uint64_t *args)
{
	return do_mknod(thread, args[0], args[1], args[2]);
}

int64_t
sys_umask(struct vk_thread *thread, const uint64_t *args)
{
	int old;

	old = thread->process->fs->umask;
	thread->process->fs->umask = (int)(args[0] & 0777);
	return old;
}
