/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that name a file by its path. */
#include "vkernel/sys_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/fifo.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_UTIME_NOW  0x3fffffff
#define LX_UTIME_OMIT 0x3ffffffe

int
path_get(
    struct vk_thread *thread, uint64_t dirfd, uint64_t va, struct vk_path *path)
{
	const struct vk_open *open;
	int error;

	error = copyin_string(
	    thread->process->mm, path->text, va, sizeof(path->text));
	if (error != 0)
		return error;
	path->dir = thread->process->fs->cwd_fd;
	if (path->text[0] == '/' || (int)dirfd == LX_AT_FDCWD)
		return 0;
	open = fds_lookup_any(thread->process->fds, (int)dirfd);
	if (open == NULL)
		return LX_EBADF;
	path->dir = open->fd;
	return 0;
}

/* What follows prefix in text, NULL when text starts otherwise. */
static const char *
after_prefix(const char *text, const char *prefix)
{
	size_t len;

	len = strlen(prefix);
	return strncmp(text, prefix, len) == 0 ? text + len : NULL;
}

/* "/proc/self/" or "/proc/PID/" of this process, and what follows. */
static const char *
after_own_proc(const struct vk_process *process, const char *text)
{
	const char *rest;
	char prefix[32];

	rest = after_prefix(text, "/proc/self/");
	if (rest != NULL)
		return rest;
	snprintf(prefix, sizeof(prefix), "/proc/%d/", process->pid);
	return after_prefix(text, prefix);
}

bool
path_own_link(
    const struct vk_process *process, const char *text, const char **target)
{
	const char *rest;

	rest = after_own_proc(process, text);
	if (rest == NULL || strcmp(rest, "exe") != 0)
		return false;
	*target = process->exe;
	return true;
}

/* A guest descriptor by its name in /dev/fd or /proc/self/fd; -1: none. */
static int
named_fd(const struct vk_process *process, const char *text)
{
	const char *rest;

	if (strcmp(text, "/dev/stdin") == 0)
		return 0;
	if (strcmp(text, "/dev/stdout") == 0)
		return 1;
	if (strcmp(text, "/dev/stderr") == 0)
		return 2;
	rest = after_prefix(text, "/dev/fd/");
	if (rest == NULL) {
		rest = after_own_proc(process, text);
		rest = rest == NULL ? NULL : after_prefix(rest, "fd/");
	}
	if (rest == NULL || *rest < '0' || *rest > '9' || strlen(rest) > 6 ||
	    strspn(rest, "0123456789") != strlen(rest))
		return -1;
	return atoi(rest);
}

/* Puts the host's descriptor for a guest's that is named. */
static int
path_fd(struct vk_thread *thread, struct vk_path *path)
{
	const struct vk_open *open;
	int fd;

	fd = named_fd(thread->process, path->text);
	if (fd < 0)
		return 0;
	open = fds_lookup_any(thread->process->fds, fd);
	if (open == NULL)
		return LX_ENOENT;
	snprintf(path->text, sizeof(path->text), "/dev/fd/%d", open->fd);
	return 0;
}

int
path_get_open(
    struct vk_thread *thread, uint64_t dirfd, uint64_t va, struct vk_path *path)
{
	const char *target;
	int error;

	error = path_get(thread, dirfd, va, path);
	if (error != 0 || path->text[0] != '/')
		return error;
	if (path_own_link(thread->process, path->text, &target))
		snprintf(path->text, sizeof(path->text), "%s", target);
	return path_fd(thread, path);
}

int
path_get_link(
    struct vk_thread *thread, uint64_t dirfd, uint64_t va, struct vk_path *path)
{
	const char *target;
	int error;

	error = path_get(thread, dirfd, va, path);
	if (error != 0 || path->text[0] != '/' ||
	    after_prefix(path->text, "/dev/std") != NULL)
		return error;
	if (path_own_link(thread->process, path->text, &target))
		snprintf(path->text, sizeof(path->text), "/proc/self/exe");
	return path_fd(thread, path);
}

int
path_at_flags(uint64_t linux_flags)
{
	int host;

	host = 0;
	if ((linux_flags & LX_AT_SYMLINK_NOFOLLOW) != 0)
		host |= AT_SYMLINK_NOFOLLOW;
	if ((linux_flags & LX_AT_SYMLINK_FOLLOW) != 0)
		host |= AT_SYMLINK_FOLLOW;
	return host;
}

mode_t
path_mode(const struct vk_thread *thread, uint64_t mode)
{
	return (mode_t)(mode & 07777 & ~(uint64_t)thread->process->fs->umask);
}

int
path_open_program(struct vk_process *process, const char *path, int *host_fd)
{
	struct stat st;
	int dir, fd;

	dir = process->fs->cwd_fd;
	fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) ||
	    faccessat(dir, path, X_OK, 0) != 0) {
		close(fd);
		return EACCES;
	}
	*host_fd = fd;
	return 0;
}

static int64_t
do_open(struct vk_thread *thread, uint64_t dirfd, uint64_t va, int flags,
    uint64_t mode)
{
	struct vk_path path;
	struct vk_open *open;
	int64_t result;
	int error, fd;

	error = path_get_open(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	if (fifo_may_wait(path.dir, path.text, flags)) {
		result =
		    fifo_open(thread, path.dir, path.text, flags, &open);
		return result != 0 ? result
				   : open_install(thread, open, flags);
	}
	fd = openat(path.dir, path.text, os_open_flags(flags) | O_CLOEXEC | O_NOCTTY,
	    path_mode(thread, mode));
	if (fd < 0)
		return errno == EINTR ? -LX_ERESTART : host_error();
	error = open_create(fd, &open);
	if (error != 0)
		return -error;
	open->search = (flags & LX_O_PATH) != 0;
	if ((flags & LX_O_TRUNC) != 0)
		mm_truncated(thread->process->mm, fd, 0);
	return open_install(thread, open, flags);
}

int64_t
sys_open(struct vk_thread *thread, const uint64_t *args)
{
	return do_open(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], (int)args[1], args[2]);
}

int64_t
sys_creat(struct vk_thread *thread, const uint64_t *args)
{
	return do_open(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    LX_O_CREAT | LX_O_WRONLY | LX_O_TRUNC, args[1]);
}

int64_t
sys_openat(struct vk_thread *thread, const uint64_t *args)
{
	return do_open(thread, args[0], args[1], (int)args[2], args[3]);
}

static int64_t
do_access(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode,
    uint64_t flags)
{
	struct vk_path path;
	int error, host;

	if ((mode & ~UINT64_C(7)) != 0)
		return -LX_EINVAL;
	error = path_get_open(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	host = path_at_flags(flags);
	if ((flags & LX_AT_EACCESS) != 0)
		host |= AT_EACCESS;
	/* R_OK, W_OK and X_OK have the same values everywhere. */
	return host_result(faccessat(path.dir, path.text, (int)mode, host));
}

int64_t
sys_access(struct vk_thread *thread, const uint64_t *args)
{
	return do_access(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1], 0);
}

int64_t
sys_faccessat(struct vk_thread *thread, const uint64_t *args)
{
	return do_access(thread, args[0], args[1], args[2], 0);
}

int64_t
sys_faccessat2(struct vk_thread *thread, const uint64_t *args)
{
	return do_access(thread, args[0], args[1], args[2], args[3]);
}

static int64_t
do_readlink(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t buf,
    uint64_t room)
{
	struct vk_path path;
	char target[LX_PATH_MAX];
	const char *own;
	ssize_t len;
	int error;

	if ((int)room <= 0)
		return -LX_EINVAL;
	error = path_get(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	if (path_own_link(thread->process, path.text, &own))
		len = snprintf(target, sizeof(target), "%s", own);
	else
		len = readlinkat(path.dir, path.text, target, sizeof(target));
	if (len < 0)
		return host_error();
	if ((uint64_t)len > room)
		len = (ssize_t)room;
	error = copyout(thread->process->mm, buf, target, (size_t)len);
	return error != 0 ? -error : len;
}

int64_t
sys_readlink(struct vk_thread *thread, const uint64_t *args)
{
	return do_readlink(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], args[1], args[2]);
}

int64_t
sys_readlinkat(struct vk_thread *thread, const uint64_t *args)
{
	return do_readlink(thread, args[0], args[1], args[2], args[3]);
}

static int64_t
do_chmod(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode)
{
	struct vk_path path;
	int error;

	error = path_get_open(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	return host_result(
	    fchmodat(path.dir, path.text, (mode_t)(mode & 07777), 0));
}

int64_t
sys_chmod(struct vk_thread *thread, const uint64_t *args)
{
	return do_chmod(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1]);
}

int64_t
sys_fchmodat(struct vk_thread *thread, const uint64_t *args)
{
	return do_chmod(thread, args[0], args[1], args[2]);
}

static int64_t
do_chown(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t uid,
    uint64_t gid, uint64_t flags)
{
	struct vk_path path;
	int error;

	error = path_get_open(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	if (path.text[0] == '\0' && (flags & LX_AT_EMPTY_PATH) != 0)
		return host_result(fchown(path.dir, (uid_t)uid, (gid_t)gid));
	return host_result(fchownat(
	    path.dir, path.text, (uid_t)uid, (gid_t)gid, path_at_flags(flags)));
}

int64_t
sys_chown(struct vk_thread *thread, const uint64_t *args)
{
	return do_chown(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], args[1], args[2], 0);
}

int64_t
sys_lchown(struct vk_thread *thread, const uint64_t *args)
{
	return do_chown(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1],
	    args[2], LX_AT_SYMLINK_NOFOLLOW);
}

int64_t
sys_fchownat(struct vk_thread *thread, const uint64_t *args)
{
	return do_chown(thread, args[0], args[1], args[2], args[3], args[4]);
}

int64_t
sys_truncate(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	int error, fd;
	int64_t result;

	error = path_get_open(thread, (uint64_t)LX_AT_FDCWD, args[0], &path);
	if (error != 0)
		return -error;
	if ((int64_t)args[1] < 0)
		return -LX_EINVAL;
	fd = openat(path.dir, path.text, O_WRONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return host_error();
	result = host_result(ftruncate(fd, (off_t)args[1]));
	if (result == 0)
		mm_truncated(thread->process->mm, fd, args[1]);
	close(fd);
	return result;
}

/* Virtual time reaches files as well. */
static struct timespec
host_time(const struct vk_thread *thread, const struct lx_timespec *ts)
{
	struct timespec host;
	uint64_t now;

	host.tv_sec = (time_t)ts->tv_sec;
	host.tv_nsec = (long)ts->tv_nsec;
	if (ts->tv_nsec == LX_UTIME_OMIT)
		host.tv_nsec = UTIME_OMIT;
	if (ts->tv_nsec != LX_UTIME_NOW)
		return host;
	host.tv_nsec = UTIME_NOW;
	if (!clock_is_virtual(thread->process->kernel))
		return host;
	now = clock_realtime_ns(thread);
	host.tv_sec = (time_t)(now / NS_PER_SEC);
	host.tv_nsec = (long)(now % NS_PER_SEC);
	return host;
}

static int64_t
set_times(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    const struct lx_timespec ts[2], uint64_t flags)
{
	struct timespec host[2];
	struct vk_path path;
	const struct vk_open *open;
	int error;

	host[0] = host_time(thread, &ts[0]);
	host[1] = host_time(thread, &ts[1]);
	if (va == 0) {
		open = fds_lookup(thread->process->fds, (int)dirfd);
		if (open == NULL)
			return (int)dirfd == LX_AT_FDCWD ? -LX_EFAULT
							 : -LX_EBADF;
		return host_result(futimens(open->fd, host));
	}
	error = path_get_open(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	return host_result(
	    utimensat(path.dir, path.text, host, path_at_flags(flags)));
}

static const struct lx_timespec both_now[2] = { { 0, LX_UTIME_NOW },
	{ 0, LX_UTIME_NOW } };

int64_t
sys_utimensat(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec ts[2];
	int error, i;

	if (args[2] == 0)
		return set_times(thread, args[0], args[1], both_now, args[3]);
	error = copyin(thread->process->mm, ts, args[2], sizeof(ts));
	if (error != 0)
		return -error;
	for (i = 0; i < 2; i++)
		if (ts[i].tv_nsec != LX_UTIME_NOW &&
		    ts[i].tv_nsec != LX_UTIME_OMIT &&
		    (ts[i].tv_nsec < 0 || ts[i].tv_nsec >= 1000000000))
			return -LX_EINVAL;
	return set_times(thread, args[0], args[1], ts, args[3]);
}

int64_t
sys_futimesat(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timeval tv[2];
	struct lx_timespec ts[2];
	int error, i;

	if (args[2] == 0)
		return set_times(thread, args[0], args[1], both_now, 0);
	error = copyin(thread->process->mm, tv, args[2], sizeof(tv));
	if (error != 0)
		return -error;
	for (i = 0; i < 2; i++) {
		if (tv[i].tv_usec < 0 || tv[i].tv_usec >= 1000000)
			return -LX_EINVAL;
		ts[i].tv_sec = tv[i].tv_sec;
		ts[i].tv_nsec = tv[i].tv_usec * 1000;
	}
	return set_times(thread, args[0], args[1], ts, 0);
}

int64_t
sys_utimes(struct vk_thread *thread, const uint64_t *args)
{
	const uint64_t at_args[3] = { (uint64_t)LX_AT_FDCWD, args[0], args[1] };

	return sys_futimesat(thread, at_args);
}

int64_t
sys_utime(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec ts[2];
	int64_t times[2];
	int error;

	if (args[1] == 0)
		return set_times(
		    thread, (uint64_t)LX_AT_FDCWD, args[0], both_now, 0);
	error = copyin(thread->process->mm, times, args[1], sizeof(times));
	if (error != 0)
		return -error;
	ts[0] = (struct lx_timespec){ times[0], 0 };
	ts[1] = (struct lx_timespec){ times[1], 0 };
	return set_times(thread, (uint64_t)LX_AT_FDCWD, args[0], ts, 0);
}
