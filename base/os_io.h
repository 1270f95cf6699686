/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the Linux personality's pipes, sockets and epoll need from a host.
 * os_io_linux.c and os_io_macos.c implement it.  Functions that return a
 * descriptor return -1 and set errno.
 */
#ifndef VMS_BASE_OS_IO_H
#define VMS_BASE_OS_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The pipe or terminal of fd opened once more with the host's access mode, as a
 * description of its own that is O_NONBLOCK, closed at exec; -1: the host
 * cannot do that. */
int os_reopen_stream(int fd, int mode);

/* The same, waiting as opening a FIFO does; EINTR ends it. */
int os_reopen_wait(int fd, int mode);
/* A descriptor that only stands for the file. */
int os_open_node(int dirfd, const char *path, bool follow);

/* Makes a socket file that nobody listens at.  A host errno value. */
int os_make_socket(int dirfd, const char *path, mode_t mode);
/* Connects to the socket file path of directory dirfd, which may be a link if
 * follow says so, without waiting; -1 and errno. */
int os_connect_at(int fd, int dirfd, const char *path, bool follow);
/* A socket that does not wait and is closed at exec; sends of it cause no
 * SIGPIPE. */
int os_socket(int domain, int type, int protocol);
int os_accept(int fd);

/*
 * Locks of a description, as fcntl's F_OFD_SETLK makes them; a host without
 * them has none: 0.  type: Linux's F_RDLCK, F_WRLCK, F_UNLCK; end is
 * exclusive, INT64_MAX: no end.  Host errno values.
 */
int os_lock(int fd, int type, int64_t start, int64_t end, bool wait);
/* flock(2) of all the file, by the same types. */
int os_flock(int fd, int type, bool wait);
/* Who would be in the way: *type is F_UNLCK when nobody is. */
int os_lock_test(int fd, int *type, int64_t *start, int64_t *end, int64_t *pid);

/*
 * Waiting for edges: what Linux calls epoll and others kqueue.  The poller is
 * a descriptor that is readable when something can be taken.
 */
struct os_poller_event {
	uint64_t id;
	short events; /* poll(2) bits */
};

int os_poller_open(void);
/* Watches fd, or changes how; events 0 watches nothing.  A host errno
 * value: EEXIST, when fd is watched for another id (added: it was not
 * before), EPERM for what is always ready. */
int os_poller_set(
    int poller, int fd, short events, bool edges, bool added, uint64_t id);
void os_poller_remove(int poller, int fd);
/* What has happened, at most room; never waits. */
int os_poller_take(int poller, struct os_poller_event *events, int room);

#endif
