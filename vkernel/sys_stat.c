/* SPDX-License-Identifier: BSD-2-Clause */
/* The stat family and file system statistics. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_STATX_BASIC    0x7ff
#define LX_STATX_BTIME    0x800
#define LX_AT_STATX_SYNC  0x6000
#define LX_STATX_RESERVED 0x80000000u
#define LX_PROC_MAGIC     0x9fa0
#define LX_TMPFS_MAGIC    0x01021994
#define LX_ANON_MAGIC     0x09041934
#define LX_PIPEFS_MAGIC   0x50495045
#define LX_SOCKFS_MAGIC   0x534f434b
#define VIRTUAL_BLOCKS    (1u << 26)

static struct lx_timespec
time_to_linux(struct timespec ts)
{
	return (struct lx_timespec){ ts.tv_sec, ts.tv_nsec };
}

static void
stat_to_linux(
    struct vk_thread *thread, const struct stat *st, struct lx_stat *out)
{
	struct vk_kernel *kernel;
	struct timespec times[3];

	memset(out, 0, sizeof(*out));
	os_stat_times(st, times);
	out->st_dev = os_linux_dev(st->st_dev);
	out->st_ino = (uint64_t)st->st_ino;
	out->st_nlink = (uint64_t)st->st_nlink;
	out->st_mode = (uint32_t)st->st_mode;
	out->st_uid = st->st_uid;
	out->st_gid = st->st_gid;
	out->st_rdev = os_linux_dev(st->st_rdev);
	out->st_size = st->st_size;
	out->st_blksize = st->st_blksize;
	out->st_blocks = st->st_blocks;
	out->st_atim = time_to_linux(times[0]);
	out->st_mtim = time_to_linux(times[1]);
	out->st_ctim = time_to_linux(times[2]);
	kernel = thread->process->kernel;
	if (clock_is_virtual(kernel))
		stat_settle(&kernel->strangers, out);
}

/* What the guest is told of a path that was got. */
static int
stat_path(struct vk_thread *thread, uint64_t dirfd, unsigned flags,
    struct vk_path *path, struct lx_stat *out)
{
	struct stat st;
	int error;

	if (path->open != NULL && open_stat(thread, path->open, out) == 0)
		return 0;
	if (path->node.depth != 0) {
		vnode_stat(thread, &path->node, out);
		return 0;
	}
	error = path_stat(path, &st);
	if (error != 0)
		return error;
	error = path_leads_to_proc(thread, dirfd, &st, flags, path);
	if (error > 0)
		return stat_path(thread, dirfd, flags, path, out);
	if (error == 0)
		stat_to_linux(thread, &st, out);
	return -error;
}

/* fstat() in other words. */
static bool
is_empty_path(struct vk_thread *thread, uint64_t va, uint64_t flags)
{
	char first;

	if ((flags & LX_AT_EMPTY_PATH) == 0)
		return false;
	return va == 0 || (copyin(thread->process->mm, &first, va, 1) == 0 &&
			      first == '\0');
}

static int
stat_get(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t flags,
    struct vk_path *path, struct lx_stat *out)
{
	const uint64_t known =
	    LX_AT_SYMLINK_NOFOLLOW | LX_AT_NO_AUTOMOUNT | LX_AT_EMPTY_PATH;
	int error;

	if ((flags & ~known) != 0)
		return LX_EINVAL;
	if (is_empty_path(thread, va, flags))
		error = path_get_text(thread, dirfd, "", PATH_EMPTY, path);
	else
		error =
		    path_get(thread, dirfd, va, path_get_flags(flags), path);
	if (error != 0)
		return error;
	error = stat_path(thread, dirfd, path_get_flags(flags), path, out);
	if (error != 0)
		path_put(path);
	return error;
}

static int64_t
do_stat(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t buf,
    uint64_t flags)
{
	struct vk_path path;
	struct lx_stat out;
	int error;

	error = stat_get(thread, dirfd, va, flags, &path, &out);
	if (error != 0)
		return -error;
	path_put(&path);
	return -copyout(thread->process->mm, buf, &out, sizeof(out));
}

int64_t
sys_stat(struct vk_thread *thread, const uint64_t *args)
{
	return do_stat(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1], 0);
}

int64_t
sys_lstat(struct vk_thread *thread, const uint64_t *args)
{
	return do_stat(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1],
	    LX_AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_newfstatat(struct vk_thread *thread, const uint64_t *args)
{
	return do_stat(thread, args[0], args[1], args[2], args[3]);
}

int64_t
sys_fstat(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_stat out;
	struct vk_open *open;
	struct stat st;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if (open_stat(thread, open, &out) != 0) {
		if (fstat(open->fd, &st) != 0)
			return host_error();
		stat_to_linux(thread, &st, &out);
	}
	return -copyout(thread->process->mm, args[1], &out, sizeof(out));
}

static struct lx_statx_timestamp
stamp_to_linux(struct lx_timespec ts)
{
	return (
	    struct lx_statx_timestamp){ ts.tv_sec, (uint32_t)ts.tv_nsec, 0 };
}

static uint32_t
dev_major(uint64_t dev)
{
	return (uint32_t)((dev >> 8) & 0xfff);
}

static uint32_t
dev_minor(uint64_t dev)
{
	return (uint32_t)((dev & 0xff) | ((dev >> 12) & 0xffffff00));
}

static void
statx_fill(struct lx_statx *out, const struct lx_stat *st)
{
	memset(out, 0, sizeof(*out));
	out->stx_mask = LX_STATX_BASIC;
	out->stx_blksize = (uint32_t)st->st_blksize;
	out->stx_nlink = (uint32_t)st->st_nlink;
	out->stx_uid = st->st_uid;
	out->stx_gid = st->st_gid;
	out->stx_mode = (uint16_t)st->st_mode;
	out->stx_ino = st->st_ino;
	out->stx_size = (uint64_t)st->st_size;
	out->stx_blocks = (uint64_t)st->st_blocks;
	out->stx_atime = stamp_to_linux(st->st_atim);
	out->stx_mtime = stamp_to_linux(st->st_mtim);
	out->stx_ctime = stamp_to_linux(st->st_ctim);
	out->stx_dev_major = dev_major(st->st_dev);
	out->stx_dev_minor = dev_minor(st->st_dev);
	out->stx_rdev_major = dev_major(st->st_rdev);
	out->stx_rdev_minor = dev_minor(st->st_rdev);
}

/* Only of files that a path still names. */
static void
statx_add_birth(
    struct vk_thread *thread, const struct vk_path *path, struct lx_statx *out)
{
	struct timespec birth;
	int dir;

	if (clock_is_virtual(thread->process->kernel) || path->node.depth != 0)
		return;
	dir = path->open != NULL && path->text[0] == '\0' ? path->open->fd
							  : path->dir;
	if ((dir < 0 && dir != AT_FDCWD) ||
	    !os_birth_time(dir, path->text, path->follow, &birth))
		return;
	out->stx_mask |= LX_STATX_BTIME;
	out->stx_btime = stamp_to_linux(time_to_linux(birth));
}

/* AT_STATX_FORCE_SYNC and _DONT_SYNC are both about servers. */
int64_t
sys_statx(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	struct lx_statx out;
	struct lx_stat st;
	int error;

	if ((args[2] & LX_AT_STATX_SYNC) == LX_AT_STATX_SYNC ||
	    (args[3] & LX_STATX_RESERVED) != 0)
		return -LX_EINVAL;
	memset(&st, 0, sizeof(st));
	error = stat_get(thread, args[0], args[1],
	    args[2] & ~(uint64_t)LX_AT_STATX_SYNC & UINT32_MAX, &path, &st);
	if (error != 0)
		return -error;
	statx_fill(&out, &st);
	statx_add_birth(thread, &path, &out);
	path_put(&path);
	return -copyout(thread->process->mm, args[4], &out, sizeof(out));
}

/* How full the disk is changes between two runs: always the same, half. */
static void
statfs_settle(struct lx_statfs *st)
{
	st->f_blocks = st->f_files = VIRTUAL_BLOCKS;
	st->f_bfree = st->f_bavail = st->f_ffree = VIRTUAL_BLOCKS / 2;
}

static int64_t
statfs_out(struct vk_thread *thread, int fd, uint64_t va)
{
	struct os_statfs fs;
	struct lx_statfs out;
	int error;

	error = os_statfs(fd, &fs);
	if (error != 0)
		return -errno_to_linux(error);
	memset(&out, 0, sizeof(out));
	out.f_type = fs.type;
	out.f_bsize = fs.bsize;
	out.f_frsize = fs.frsize;
	out.f_namelen = fs.namelen;
	out.f_flags = fs.flags;
	out.f_blocks = fs.blocks;
	out.f_bfree = fs.bfree;
	out.f_bavail = fs.bavail;
	out.f_files = fs.files;
	out.f_ffree = fs.ffree;
	memcpy(out.f_fsid, fs.fsid, sizeof(out.f_fsid));
	if (clock_is_virtual(thread->process->kernel) && out.f_blocks != 0)
		statfs_settle(&out);
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

static int64_t
statfs_magic(struct vk_thread *thread, int64_t magic, uint64_t va)
{
	struct lx_statfs out;

	memset(&out, 0, sizeof(out));
	out.f_type = magic;
	out.f_bsize = out.f_frsize = 4096;
	out.f_namelen = 255;
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

static int64_t
statfs_node(struct vk_thread *thread, const struct vk_vnode *node, uint64_t va)
{
	return statfs_magic(thread,
	    node->rows[0] == &proc_tree ? LX_PROC_MAGIC : LX_TMPFS_MAGIC, va);
}

/* Pipes, sockets, and the kinds without a name. */
static int64_t
statfs_own(struct vk_thread *thread, const struct vk_open *open, uint64_t va)
{
	int64_t magic;

	magic = LX_ANON_MAGIC;
	if (open->ops->socket != NULL)
		magic = LX_SOCKFS_MAGIC;
	else if (strcmp(open->ops->name, "pipe") == 0)
		magic = LX_PIPEFS_MAGIC;
	return statfs_magic(thread, magic, va);
}

static int64_t
statfs_path(struct vk_thread *thread, const struct vk_path *path, uint64_t va)
{
	int64_t result;
	int fd, flags;

	if (path->node.depth != 0)
		return statfs_node(thread, &path->node, va);
	flags = os_open_flags(LX_O_PATH) | O_CLOEXEC | O_NONBLOCK;
	if (!path->follow)
		flags |= O_NOFOLLOW;
	fd = openat(path->dir, path->text, flags);
	if (fd < 0)
		return host_error();
	result = statfs_out(thread, fd, va);
	close(fd);
	return result;
}

int64_t
sys_statfs(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	int64_t result;
	int error;

	error = path_get(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], PATH_FOLLOW, &path);
	if (error != 0)
		return -error;
	result = statfs_path(thread, &path, args[1]);
	path_put(&path);
	return result;
}

int64_t
sys_fstatfs(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if (open->node.depth != 0)
		return statfs_node(thread, &open->node, args[1]);
	return open_is_own(open) ? statfs_own(thread, open, args[1])
				 : statfs_out(thread, open->fd, args[1]);
}
