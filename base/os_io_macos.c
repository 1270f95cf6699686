/* SPDX-License-Identifier: BSD-2-Clause */
/* The macOS host's part of pipes, sockets and epoll. */
#include "base/os_io.h"

#ifdef __APPLE__

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/event.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Opening /dev/fd/N gives the same description here; a name is needed. */
int
os_reopen_stream(int fd, int mode)
{
	char path[1024];

	if (fcntl(fd, F_GETPATH, path) != 0)
		return -1;
	return open(path, mode | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

int
os_reopen_wait(int fd, int mode)
{
	char path[1024];

	if (fcntl(fd, F_GETPATH, path) != 0)
		return -1;
	return open(path, mode | O_CLOEXEC);
}

int
os_open_node(int dirfd, const char *path, bool follow)
{
	return openat(dirfd, path,
	    O_EVTONLY | O_NONBLOCK | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
}

static int
address_at(struct sockaddr_un *addr, int dirfd, const char *path)
{
	char dir[1024];
	int len;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	dir[0] = '\0';
	if (path[0] != '/' && fcntl(dirfd, F_GETPATH, dir) != 0)
		return errno;
	len = snprintf(addr->sun_path, sizeof(addr->sun_path), "%s%s%s", dir,
	    dir[0] == '\0' ? "" : "/", path);
	return len < (int)sizeof(addr->sun_path) ? 0 : ENAMETOOLONG;
}

/* Only bind() makes such files here. */
int
os_make_socket(int dirfd, const char *path, mode_t mode)
{
	struct sockaddr_un addr;
	int error, fd;

	error = address_at(&addr, dirfd, path);
	if (error != 0)
		return error;
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0)
		return errno;
	error =
	    bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 ? 0 : errno;
	close(fd);
	if (error == 0)
		chmod(addr.sun_path, mode);
	return error == EADDRINUSE ? EEXIST : error;
}

int
os_connect_at(int fd, int dirfd, const char *path, bool follow)
{
	struct sockaddr_un addr;
	struct stat st;

	errno = address_at(&addr, dirfd, path);
	if (errno != 0)
		return -1;
	/* A file that becomes a link after this is followed. */
	if (!follow && fstatat(dirfd, path, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    S_ISLNK(st.st_mode)) {
		errno = ELOOP;
		return -1;
	}
	return connect(fd, (struct sockaddr *)&addr, sizeof(addr));
}

static int
settle(int fd)
{
	int on;

	on = 1;
	if (fd < 0)
		return fd;
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	setsockopt(fd, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
	return fd;
}

int
os_socket(int domain, int type, int protocol)
{
	return settle(socket(domain, type, protocol));
}

int
os_accept(int fd)
{
	return settle(accept(fd, NULL, NULL));
}

int
os_lock(int fd, int type, int64_t start, int64_t end, bool wait)
{
	(void)fd;
	(void)type;
	(void)start;
	(void)end;
	(void)wait;
	return 0;
}

int
os_lock_test(int fd, int *type, int64_t *start, int64_t *end, int64_t *pid)
{
	(void)fd;
	(void)start;
	(void)end;
	(void)pid;
	*type = 2;
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
	int poller;

	poller = kqueue();
	if (poller >= 0)
		fcntl(poller, F_SETFD, FD_CLOEXEC);
	return poller;
}

static int
filter_set(int poller, int fd, int16_t filter, bool on, bool edges, uint64_t id)
{
	struct kevent change;

	EV_SET(&change, (uintptr_t)fd, filter,
	    (uint16_t)(on ? EV_ADD | (edges ? EV_CLEAR : 0) : EV_DELETE), 0, 0,
	    (void *)(uintptr_t)id);
	if (kevent(poller, &change, 1, NULL, 0, NULL) == 0 || !on)
		return 0;
	return errno;
}

int
os_poller_set(
    int poller, int fd, short events, bool edges, bool added, uint64_t id)
{
	int error;

	(void)added;
	error = filter_set(poller, fd, EVFILT_READ,
	    (events & (POLLIN | POLLRDNORM)) != 0, edges, id);
	if (error != 0)
		return error;
	return filter_set(poller, fd, EVFILT_WRITE,
	    (events & (POLLOUT | POLLWRNORM)) != 0, edges, id);
}

void
os_poller_remove(int poller, int fd)
{
	filter_set(poller, fd, EVFILT_READ, false, false, 0);
	filter_set(poller, fd, EVFILT_WRITE, false, false, 0);
}

#define TAKE_MOST 64

int
os_poller_take(int poller, struct os_poller_event *events, int room)
{
	const struct timespec now = { 0, 0 };
	struct kevent got[TAKE_MOST];
	int count, i;

	count = kevent(
	    poller, NULL, 0, got, room < TAKE_MOST ? room : TAKE_MOST, &now);
	for (i = 0; i < count; i++) {
		events[i].id = (uint64_t)(uintptr_t)got[i].udata;
		events[i].events =
		    got[i].filter == EVFILT_READ ? POLLIN : POLLOUT;
		if ((got[i].flags & EV_EOF) != 0)
			events[i].events |= POLLHUP;
	}
	return count < 0 ? 0 : count;
}

#endif
