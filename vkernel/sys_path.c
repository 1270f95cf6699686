/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that name a file by its path. */
#include "vkernel/sys_path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_UTIME_NOW  0x3fffffff
#define LX_UTIME_OMIT 0x3ffffffe

static int64_t
access_node(
    const struct vk_thread *thread, const struct vk_path *path, int mode)
{
	uint32_t bits;

	bits = vnode_row(&path->node)->mode;
	if (thread->process->cred.user.effective == 0)
		bits |= 0666;
	bits |= bits >> 3 | bits >> 6;
	return (mode & (int)~bits & 7) != 0 ? -LX_EACCES : 0;
}

/* R_OK, W_OK and X_OK have the same values everywhere. */
static int64_t
access_host(const struct vk_path *path, int mode, int host)
{
	char name[OS_FD_NAME_ROOM];
	struct stat st;

	if (path->text[0] == '\0') {
		os_fd_name(path->open->fd, name);
		return host_result(faccessat(AT_FDCWD, name, mode, host));
	}
	if (faccessat(path->dir, path->text, mode, host | path_flags(path)) !=
	    0)
		return host_error();
	if ((mode & W_OK) == 0 || path->mount == NULL ||
	    !path->mount->read_only || path_stat(path, &st) != 0)
		return 0;
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ? -LX_EROFS : 0;
}

static int64_t
do_access(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode,
    uint64_t flags)
{
	struct vk_path path;
	int64_t result;
	int error;

	if ((mode & ~UINT64_C(7)) != 0 ||
	    (flags & ~(uint64_t)(LX_AT_EACCESS | LX_AT_SYMLINK_NOFOLLOW |
				 LX_AT_EMPTY_PATH)) != 0)
		return -LX_EINVAL;
	error = path_get(thread, dirfd, va, path_get_flags(flags), &path);
	if (error != 0)
		return -error;
	if (path.node.depth != 0 && path.text[0] != '/')
		result = access_node(thread, &path, (int)mode);
	else
		result = access_host(&path, (int)mode,
		    files_as_real(thread, (flags & LX_AT_EACCESS) != 0));
	path_put(&path);
	return result;
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

/* LX_ errors; the text is not ended by a zero. */
static int
link_text(struct vk_thread *thread, const struct vk_path *path,
    char text[LX_PATH_MAX], size_t *len)
{
	ssize_t got;
	int error;

	if (path->node.depth != 0 && vnode_is(&path->node, LX_S_IFLNK)) {
		error = vnode_row(&path->node)->link(thread, &path->node, text);
		*len = error == 0 ? strlen(text) : 0;
		return error;
	}
	if (path->node.depth != 0 || (path->open != NULL && path->open->fd < 0))
		return path->open != NULL ? LX_ENOENT : LX_EINVAL;
	got = readlinkat(path->dir, path->text, text, LX_PATH_MAX);
	if (got < 0)
		return errno_to_linux(errno);
	*len = (size_t)got;
	return 0;
}

static int64_t
do_readlink(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t buf,
    uint64_t room)
{
	char name[LX_PATH_MAX], target[LX_PATH_MAX];
	struct vk_path path;
	size_t len;
	int error;

	if ((int)room <= 0)
		return -LX_EINVAL;
	error = copyin_string(thread->process->mm, name, va, sizeof(name));
	if (error == 0)
		error = path_get_text(thread, dirfd, name, PATH_EMPTY, &path);
	if (error != 0)
		return -error;
	len = 0;
	error = link_text(thread, &path, target, &len);
	path_put(&path);
	if (error == LX_EINVAL && name[0] == '\0')
		error = LX_ENOENT;
	if (error != 0)
		return -error;
	if (len > room)
		len = (size_t)room;
	error = copyout(thread->process->mm, buf, target, len);
	return error != 0 ? -error : (int64_t)len;
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
do_chmod(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode,
    uint64_t flags)
{
	char name[OS_FD_NAME_ROOM];
	struct vk_path path;
	int64_t result;
	int error;

	if ((flags & ~(uint64_t)(LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH)) !=
	    0)
		return -LX_EINVAL;
	error = path_get(thread, dirfd, va, path_get_flags(flags), &path);
	if (error != 0)
		return -error;
	result = -path_may_alter(thread, &path);
	mode &= 07777;
	if (result != 0) {
		path_put(&path);
		return result;
	}
	if (path.text[0] == '\0') {
		os_fd_name(path.open->fd, name);
		result = chmod(name, (mode_t)mode);
	} else {
		result = fchmodat(
		    path.dir, path.text, (mode_t)mode, path_flags(&path));
	}
	result = host_result(result);
	path_put(&path);
	return result;
}

int64_t
sys_chmod(struct vk_thread *thread, const uint64_t *args)
{
	return do_chmod(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1], 0);
}

int64_t
sys_fchmodat(struct vk_thread *thread, const uint64_t *args)
{
	return do_chmod(thread, args[0], args[1], args[2], 0);
}

int64_t
sys_fchmodat2(struct vk_thread *thread, const uint64_t *args)
{
	return do_chmod(thread, args[0], args[1], args[2], args[3]);
}

static int64_t
do_chown(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t uid,
    uint64_t gid, uint64_t flags)
{
	char name[OS_FD_NAME_ROOM];
	struct vk_path path;
	int64_t result;
	int error;

	if ((flags & ~(uint64_t)(LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH)) !=
	    0)
		return -LX_EINVAL;
	error = path_get(thread, dirfd, va, path_get_flags(flags), &path);
	if (error != 0)
		return -error;
	result = -path_may_alter(thread, &path);
	if (result == 0 && path.text[0] == '\0' && path.open->search) {
		os_fd_name(path.open->fd, name);
		result = host_result(chown(name, (uid_t)uid, (gid_t)gid));
	} else if (result == 0 && path.text[0] == '\0')
		result =
		    host_result(fchown(path.open->fd, (uid_t)uid, (gid_t)gid));
	else if (result == 0)
		result = host_result(fchownat(path.dir, path.text, (uid_t)uid,
		    (gid_t)gid, path_flags(&path)));
	path_put(&path);
	return result;
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

static int64_t
truncate_path(
    struct vk_thread *thread, const struct vk_path *path, uint64_t size)
{
	const int flags = O_WRONLY | O_CLOEXEC | O_NONBLOCK;
	struct stat st;
	int64_t result;
	int error, fd;

	error = path_stat(path, &st);
	if (error != 0)
		return -error;
	if (S_ISDIR(st.st_mode))
		return -LX_EISDIR;
	if (!S_ISREG(st.st_mode))
		return -LX_EINVAL;
	error = path_may_change(path);
	if (error != 0)
		return -error;
	if (path->follow || path->mount == NULL)
		fd = openat(path->dir, path->text, flags);
	else
		fd = os_open_name(path->dir, path->text, flags, 0);
	if (fd < 0)
		return host_error();
	result = host_result(ftruncate(fd, (off_t)size));
	if (result == 0)
		mm_truncated(thread->process->mm, fd, size);
	close(fd);
	return result;
}

int64_t
sys_truncate(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	int64_t result;
	int error;

	if ((int64_t)args[1] < 0)
		return -LX_EINVAL;
	error = path_get(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], PATH_FOLLOW, &path);
	if (error != 0)
		return -error;
	result = truncate_path(thread, &path, args[1]);
	path_put(&path);
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
set_fd_times(
    struct vk_thread *thread, uint64_t fd, const struct timespec host[2])
{
	const struct vk_open *open;
	int error;

	if ((int)fd == LX_AT_FDCWD)
		return -LX_EFAULT;
	open = fds_lookup(thread->process->fds, (int)fd);
	if (open == NULL)
		return -LX_EBADF;
	if (open->fd < 0)
		return -LX_EPERM;
	error = path_open_may_change(thread, open);
	if (error != 0)
		return -error;
	return host_result(futimens(open->fd, host));
}

static int64_t
set_times(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    const struct lx_timespec ts[2], uint64_t flags)
{
	char name[OS_FD_NAME_ROOM];
	struct timespec host[2];
	struct vk_path path;
	int64_t result;
	int error;

	host[0] = host_time(thread, &ts[0]);
	host[1] = host_time(thread, &ts[1]);
	if (va == 0)
		return set_fd_times(thread, dirfd, host);
	error = path_get(thread, dirfd, va, path_get_flags(flags), &path);
	if (error != 0)
		return -error;
	result = -path_may_alter(thread, &path);
	if (result == 0 && path.text[0] == '\0') {
		os_fd_name(path.open->fd, name);
		result = host_result(utimensat(AT_FDCWD, name, host, 0));
	} else if (result == 0) {
		result = host_result(
		    utimensat(path.dir, path.text, host, path_flags(&path)));
	}
	path_put(&path);
	return result;
}

static const struct lx_timespec both_now[2] = { { 0, LX_UTIME_NOW },
	{ 0, LX_UTIME_NOW } };

int64_t
sys_utimensat(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_timespec ts[2];
	int error, i;

	if ((args[3] &
		~(uint64_t)(LX_AT_SYMLINK_NOFOLLOW | LX_AT_EMPTY_PATH)) != 0)
		return -LX_EINVAL;
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
