/* SPDX-License-Identifier: BSD-2-Clause */
/* The macOS host's part of what the Linux personality needs. */
#include "base/os_guest.h"

#ifdef __APPLE__

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/param.h>
#include <unistd.h>

#define LINUX_NOREPLACE 1u
#define LINUX_EXCHANGE  2u
#define LINUX_HFS_MAGIC 0x4244

void
os_stat_times(const struct stat *st, struct timespec times[3])
{
	times[0] = st->st_atimespec;
	times[1] = st->st_mtimespec;
	times[2] = st->st_ctimespec;
}

/* Linux: minor bits 0..7, major bits 8..19, minor bits 20..31. */
uint64_t
os_linux_dev(dev_t dev)
{
	uint64_t high, low;

	high = ((uint32_t)dev >> 24) & 0xff;
	low = (uint32_t)dev & 0xffffff;
	return (low & 0xff) | (high << 8) | ((low & ~UINT64_C(0xff)) << 12);
}

int
os_open_search(int dirfd, const char *path)
{
	return openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int
os_open_dir(int dirfd, const char *name)
{
	return openat(
	    dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int
os_open_dirs(int dirfd, const char *path)
{
#ifdef O_NOFOLLOW_ANY
	return openat(
	    dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW_ANY | O_CLOEXEC);
#else
	(void)dirfd;
	(void)path;
	errno = ENOSYS;
	return -1;
#endif
}

int
os_open_name(int dirfd, const char *name, int host_flags, mode_t mode)
{
	return openat(dirfd, name, host_flags | O_NOFOLLOW, mode);
}

void
os_fd_name(int fd, char name[OS_FD_NAME_ROOM])
{
	snprintf(name, OS_FD_NAME_ROOM, "/dev/fd/%d", fd);
}

int
os_fd_path(int fd, char *buf, size_t room)
{
	char path[MAXPATHLEN];

	if (fcntl(fd, F_GETPATH, path) != 0)
		return errno;
	if (strlen(path) >= room)
		return ERANGE;
	memcpy(buf, path, strlen(path) + 1);
	return 0;
}

/* Opening /dev/fd/N only duplicates there. */
int
os_reopen(int fd, bool writable)
{
	(void)writable;
	return os_dup(fd);
}

int
os_fallocate(int fd, int mode, off_t off, off_t len)
{
	struct stat st;

	if (mode != 0)
		return ENOTSUP;
	if (fstat(fd, &st) != 0)
		return errno;
	if (st.st_size >= off + len)
		return 0;
	return ftruncate(fd, off + len) == 0 ? 0 : errno;
}

int
os_rename(
    int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
	unsigned host;

	if ((flags & ~(LINUX_NOREPLACE | LINUX_EXCHANGE)) != 0)
		return EINVAL;
	if (flags == 0)
		return renameat(from_dir, from, to_dir, to) == 0 ? 0 : errno;
	host = (flags & LINUX_NOREPLACE) != 0 ? RENAME_EXCL : RENAME_SWAP;
	if (renameatx_np(from_dir, from, to_dir, to, host) != 0)
		return errno;
	return 0;
}

/* mkfifoat() is newer than the hosts that are supported. */
int
os_mkfifo(int dirfd, const char *path, mode_t mode)
{
	char full[MAXPATHLEN];
	size_t len;
	int error;

	if (path[0] == '/')
		return mkfifo(path, mode) == 0 ? 0 : errno;
	error = os_fd_path(dirfd, full, sizeof(full));
	if (error != 0)
		return error;
	len = strlen(full);
	if (len + 1 + strlen(path) >= sizeof(full))
		return ENAMETOOLONG;
	full[len] = '/';
	memcpy(full + len + 1, path, strlen(path) + 1);
	return mkfifo(full, mode) == 0 ? 0 : errno;
}

int
os_statfs(int fd, struct os_statfs *out)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) != 0)
		return errno;
	memset(out, 0, sizeof(*out));
	out->type = LINUX_HFS_MAGIC;
	out->bsize = (int64_t)fs.f_bsize;
	out->frsize = (int64_t)fs.f_bsize;
	out->namelen = 255;
	out->blocks = fs.f_blocks;
	out->bfree = fs.f_bfree;
	out->bavail = fs.f_bavail;
	out->files = fs.f_files;
	out->ffree = fs.f_ffree;
	memcpy(out->fsid, &fs.f_fsid, sizeof(out->fsid));
	return 0;
}

void
os_files_as(uint32_t uid, uint32_t gid, const uint32_t *groups, int count)
{
	(void)uid;
	(void)gid;
	(void)groups;
	(void)count;
}

int
os_file_flags(int fd, int *flags)
{
	(void)fd;
	(void)flags;
	return ENOTTY;
}

bool
os_birth_time(int dirfd, const char *path, bool follow, struct timespec *out)
{
	struct stat st;
	int result;

	if (path[0] == '\0')
		result = fstat(dirfd, &st);
	else
		result =
		    fstatat(dirfd, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW);
	if (result == 0)
		*out = st.st_birthtimespec;
	return result == 0;
}

#endif
