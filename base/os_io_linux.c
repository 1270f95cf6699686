/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux host's part of pipes, sockets and epoll. */
#include "base/os_io.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int
os_reopen_stream(int fd, int mode)
{
	struct stat st;
	char link[64];

	if (fstat(fd, &st) != 0 || S_ISSOCK(st.st_mode))
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return open(link, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
os_reopen_wait(int fd, int mode)
{
	char link[64];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	return open(link, mode | O_CLOEXEC);
}

int
os_open_node(int dirfd, const char *path, bool follow)
{
	return openat(
	    dirfd, path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
}

int
os_make_socket(int dirfd, const char *path, mode_t mode)
{
	return mknodat(dirfd, path, S_IFSOCK | mode, 0) == 0 ? 0 : errno;
}

/* By a name that always fits. */
int
os_connect_at(int fd, int dirfd, const char *path, bool follow)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int error, file, result;

	file =
	    openat(dirfd, path, O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
	if (file < 0)
		return -1;
	snprintf(
	    addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d", file);
	result = connect(fd, (struct sockaddr *)&addr, sizeof(addr));
	error = errno;
	close(file);
	errno = error;
	return result;
}

int
os_socket(int domain, int type, int protocol)
{
	return socket(domain, type | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol);
}

int
os_accept(int fd)
{
	return accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

static struct flock
host_lock(int type, int64_t start, int64_t end)
{
	static const short types[3] = { F_RDLCK, F_WRLCK, F_UNLCK };
	struct flock lock = {
		.l_type = types[type], .l_whence = SEEK_SET, .l_start = start
	};

	lock.l_len = end == INT64_MAX ? 0 : end - start;
	return lock;
}

int
os_lock(int fd, int type, int64_t start, int64_t end, bool wait)
{
	struct flock lock = host_lock(type, start, end);

	if (fcntl(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, &lock) == 0)
		return 0;
	return errno;
}

int
os_lock_test(int fd, int *type, int64_t *start, int64_t *end, int64_t *pid)
{
	struct flock lock = host_lock(*type, *start, *end);

	if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
		return errno;
	*type = lock.l_type == F_RDLCK ? 0 : lock.l_type == F_WRLCK ? 1 : 2;
	*start = lock.l_start;
	*end = lock.l_len == 0 ? INT64_MAX : lock.l_start + lock.l_len;
	*pid = lock.l_pid;
	return 0;
}

int
os_flock(int fd, int type, bool wait)
{
	static const int host[3] = { LOCK_SH, LOCK_EX, LOCK_UN };

	return flock(fd, host[type] | (wait ? 0 : LOCK_NB)) == 0 ? 0 : errno;
}

int
os_poller_open(void)
{
	return epoll_create1(EPOLL_CLOEXEC);
}

/* epoll's events are numbered as poll's. */
int
os_poller_set(
    int poller, int fd, short events, bool edges, bool added, uint64_t id)
{
	struct epoll_event event;

	event.events = (uint32_t)(unsigned short)events;
	if (edges)
		event.events |= EPOLLET;
	event.data.u64 = id;
	return epoll_ctl(poller, added ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, fd,
		   &event) == 0
		   ? 0
		   : errno;
}

void
os_poller_remove(int poller, int fd)
{
	struct epoll_event event = { 0 };

	epoll_ctl(poller, EPOLL_CTL_DEL, fd, &event);
}

#define TAKE_MOST 64

int
os_poller_take(int poller, struct os_poller_event *events, int room)
{
	struct epoll_event got[TAKE_MOST];
	int count, i;

	count = epoll_wait(poller, got, room < TAKE_MOST ? room : TAKE_MOST, 0);
	for (i = 0; i < count; i++) {
		events[i].id = got[i].data.u64;
		events[i].events = (short)got[i].events;
	}
	return count < 0 ? 0 : count;
}

#endif
