/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux host's part of what the Linux personality needs. */
#include "base/os_guest.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

void
os_stat_times(const struct stat *st, struct timespec times[3])
{
	times[0] = st->st_atim;
	times[1] = st->st_mtim;
	times[2] = st->st_ctim;
}

uint64_t
os_linux_dev(dev_t dev)
{
	return dev;
}

int
os_open_search(int dirfd, const char *path)
{
	return openat(dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int
os_open_dir(int dirfd, const char *name)
{
	return openat(
	    dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int
open_without_links(int dirfd, const char *path, int flags, mode_t mode)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)flags,
		.mode =
		    (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE
			? mode & 07777
			: 0,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS |
			   RESOLVE_NO_MAGICLINKS };

	return (int)syscall(SYS_openat2, dirfd, path, &how, sizeof(how));
}

int
os_open_dirs(int dirfd, const char *path)
{
	return open_without_links(
	    dirfd, path, O_PATH | O_DIRECTORY | O_CLOEXEC, 0);
}

/* The flag would be seen by F_GETFL. */
int
os_open_name(int dirfd, const char *name, int host_flags, mode_t mode)
{
	int fd;

	fd = open_without_links(dirfd, name, host_flags, mode);
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM && errno != EINVAL))
		return fd;
	return openat(dirfd, name, host_flags | O_NOFOLLOW, mode);
}

void
os_fd_name(int fd, char name[OS_FD_NAME_ROOM])
{
	snprintf(name, OS_FD_NAME_ROOM, "/proc/self/fd/%d", fd);
}

int
os_fd_path(int fd, char *buf, size_t room)
{
	char link[64];
	ssize_t got;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	got = readlink(link, buf, room);
	if (got < 0)
		return errno;
	if ((size_t)got >= room)
		return ERANGE;
	buf[got] = '\0';
	return 0;
}

int
os_reopen(int fd, bool writable)
{
	char link[64];
	int copy;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	copy = open(link, (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC);
	return copy >= 0 ? copy : os_dup(fd);
}

int
os_fallocate(int fd, int mode, off_t off, off_t len)
{
	return fallocate(fd, mode, off, len) == 0 ? 0 : errno;
}

int
os_rename(
    int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	if (syscall(SYS_renameat2, from_dir, from, to_dir, to, flags) == 0)
		return 0;
	return errno;
}

int
os_mkfifo(int dirfd, const char *path, mode_t mode)
{
	return mkfifoat(dirfd, path, mode) == 0 ? 0 : errno;
}

int
os_statfs(int fd, struct os_statfs *out)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return errno;
	memset(out, 0, sizeof(*out));
	out->type = (int64_t)fs.f_type;
	out->bsize = (int64_t)fs.f_bsize;
	out->frsize = (int64_t)fs.f_frsize;
	out->namelen = (int64_t)fs.f_namelen;
	out->flags = (int64_t)fs.f_flags;
	out->blocks = fs.f_blocks;
	out->bfree = fs.f_bfree;
	out->bavail = fs.f_bavail;
	out->files = fs.f_files;
	out->ffree = fs.f_ffree;
	memcpy(out->fsid, &fs.f_fsid, sizeof(out->fsid));
	return 0;
}

/* The C library would do it for all threads of the process. */
void
os_files_as(uint32_t uid, uint32_t gid, const uint32_t *groups, int count)
{
	syscall(SYS_setgroups, (long)count, groups);
	syscall(SYS_setfsgid, (long)gid);
	syscall(SYS_setfsuid, (long)uid);
}

int
os_file_flags(int fd, int *flags)
{
	return ioctl(fd, FS_IOC_GETFLAGS, flags) == 0 ? 0 : errno;
}

bool
os_birth_time(int dirfd, const char *path, bool follow, struct timespec *out)
{
	struct statx stx;
	int flags;

	flags = path[0] == '\0' ? AT_EMPTY_PATH : 0;
	if (!follow)
		flags |= AT_SYMLINK_NOFOLLOW;
	if (statx(dirfd, path, flags, STATX_BTIME, &stx) != 0 ||
	    (stx.stx_mask & STATX_BTIME) == 0)
		return false;
	out->tv_sec = (time_t)stx.stx_btime.tv_sec;
	out->tv_nsec = (long)stx.stx_btime.tv_nsec;
	return true;
}

#endif
