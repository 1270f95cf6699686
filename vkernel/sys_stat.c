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

#define LX_STATX_BASIC 0x7ff
#define LX_STATX_BTIME 0x800

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

/* LX_ errors; dirfd may be a file when the path is empty. */
static int
host_stat(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t flags,
    struct vk_path *path, struct stat *st)
{
	int error, result;

	if (va == 0 && (flags & LX_AT_EMPTY_PATH) == 0)
		return LX_EFAULT;
	if ((flags & LX_AT_SYMLINK_NOFOLLOW) != 0)
		error = path_get_link(thread, dirfd, va, path);
	else
		error = path_get_open(thread, dirfd, va, path);
	if (error != 0)
		return error;
	if (path->text[0] == '\0' && (flags & LX_AT_EMPTY_PATH) != 0)
		result = fstat(path->dir, st);
	else
		result =
		    fstatat(path->dir, path->text, st, path_at_flags(flags));
	return result == 0 ? 0 : errno_to_linux(errno);
}

static int64_t
stat_out(struct vk_thread *thread, uint64_t va, const struct stat *st)
{
	struct lx_stat out;

	stat_to_linux(thread, st, &out);
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

/* True when an empty path names a file of our own. */
static bool
own_stat(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t flags,
    struct lx_stat *st)
{
	struct vk_open *open;
	char first;

	if ((flags & LX_AT_EMPTY_PATH) == 0)
		return false;
	open = fds_lookup_any(thread->process->fds, (int)dirfd);
	if (open == NULL ||
	    (va != 0 && (copyin(thread->process->mm, &first, va, 1) != 0 ||
			    first != '\0')))
		return false;
	return open_stat(thread, open, st) == 0;
}

static int64_t
do_stat(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t buf,
    uint64_t flags)
{
	struct vk_path path;
	struct lx_stat own;
	struct stat st;
	int error;

	if (own_stat(thread, dirfd, va, flags, &own))
		return -copyout(thread->process->mm, buf, &own, sizeof(own));
	error = host_stat(thread, dirfd, va, flags, &path, &st);
	return error != 0 ? -error : stat_out(thread, buf, &st);
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
	struct lx_stat own;
	struct vk_open *open;
	struct stat st;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if (open_stat(thread, open, &own) == 0)
		return -copyout(
		    thread->process->mm, args[1], &own, sizeof(own));
	if (fstat(open->fd, &st) != 0)
		return host_error();
	return stat_out(thread, args[1], &st);
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

int64_t
sys_statx(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	struct lx_statx out;
	struct timespec birth;
	struct lx_stat linux_st;
	struct stat st;
	int error;

	if (own_stat(thread, args[0], args[1], args[2], &linux_st)) {
		statx_fill(&out, &linux_st);
		return -copyout(
		    thread->process->mm, args[4], &out, sizeof(out));
	}
	error =
	    host_stat(thread, args[0], args[1], args[2] & 0xffff, &path, &st);
	if (error != 0)
		return -error;
	stat_to_linux(thread, &st, &linux_st);
	statx_fill(&out, &linux_st);
	if (!clock_is_virtual(thread->process->kernel) &&
	    os_birth_time(path.dir, path.text,
		(args[2] & LX_AT_SYMLINK_NOFOLLOW) == 0, &birth)) {
		out.stx_mask |= LX_STATX_BTIME;
		out.stx_btime = stamp_to_linux(time_to_linux(birth));
	}
	return -copyout(thread->process->mm, args[4], &out, sizeof(out));
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
	return -copyout(thread->process->mm, va, &out, sizeof(out));
}

int64_t
sys_statfs(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	int64_t result;
	int error, fd;

	error = path_get_open(thread, (uint64_t)LX_AT_FDCWD, args[0], &path);
	if (error != 0)
		return -error;
	fd = openat(path.dir, path.text,
	    os_open_flags(LX_O_PATH) | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return host_error();
	result = statfs_out(thread, fd, args[1]);
	close(fd);
	return result;
}

int64_t
sys_fstatfs(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	return statfs_out(thread, open->fd, args[1]);
}
