/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Open file descriptions: struct vk_open, what Linux calls struct file; several
 * descriptors of several processes may hold one.  A kind of file is a table
 * of operations.  NULL entries mean what the host does with fd, which then is
 * a host descriptor of our own, closed at exec; kinds of our own (pipes,
 * eventfd, epoll ...) may have none (fd is -1).
 *
 * No operation blocks.  The events are host poll(2) bits.
 */
#ifndef VMS_VKERNEL_FILE_H
#define VMS_VKERNEL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "vkernel/linux_abi.h"
#include "vkernel/vnode.h"

struct vk_epoll_item;
struct vk_listing;
struct vk_mount;
struct vk_kernel;
struct vk_locks;
struct vk_open;
struct vk_socket_ops;
struct vk_thread;

struct vk_file_ops {
	/* "pipe", as in /proc/PID/fd: "pipe:[...]"; "anon_inode:[eventfd]" is
	 * all of the link. */
	const char *name;
	/* Bytes moved, or a negative LX_ error; -LX_EAGAIN: it would block,
	 * whatever O_NONBLOCK says.  off -1: the description's own position.
	 * iov names host memory: guest pages, or a buffer of ours.  NULL: the
	 * host's fd; -LX_EINVAL without one. */
	int64_t (*read)(struct vk_thread *thread, struct vk_open *open,
	    const struct iovec *iov, int count, int64_t off);
	int64_t (*write)(struct vk_thread *thread, struct vk_open *open,
	    const struct iovec *iov, int count, int64_t off);
	/* The events that hold now.  With waiter, what may change them is
	 * named by wait_queue() and wait_fd(). */
	short (*poll)(
	    struct vk_open *open, short events, struct vk_thread *waiter);
	/* -LX_ENOTTY: what all files know is tried. */
	int64_t (*ioctl)(struct vk_thread *thread, struct vk_open *open,
	    uint64_t request, uint64_t arg);
	int64_t (*stat)(
	    struct vk_thread *thread, struct vk_open *open, struct lx_stat *st);
	/* The last holder is gone; fd is closed by the caller. */
	void (*close)(struct vk_open *open);
	/* A number that grows whenever one of the events may have come anew,
	 * for EPOLLET.  NULL: every look is news. */
	uint64_t (*edges)(const struct vk_open *open, short events);
	/* Another description of the same thing, as open() of /proc/self/fd/N
	 * makes it; flags are LX_O_*.  NULL: LX_ENXIO. */
	int (*reopen)(struct vk_thread *thread, struct vk_open *open, int flags,
	    struct vk_open **out);
	const struct vk_socket_ops *socket; /* NULL: not a socket */
	bool by_host; /* poll only asks the host about fd */
};

struct vk_open {
	unsigned refs;
	const struct vk_file_ops *ops; /* NULL: a host file */
	int fd;                        /* the host's; -1: none */
	int flags;      /* with own_flags: LX_O_* mode and status */
	bool own_flags; /* fd, if any, is O_NONBLOCK whatever flags say */
	bool may_block; /* a pipe, socket or terminal */
	bool search;    /* O_PATH */
	bool foreign;   /* came from the host: what others do to it cannot
			   be told beforehand */
	struct vk_listing *listing; /* of a directory, once it was read */
	struct vk_mount *mount;     /* NULL: not known to be of one */
	struct vk_vnode node;       /* depth != 0: a file of ours in the tree */
	char *path; /* guest path it was opened by; NULL: unknown */
	void *data; /* of the ops */
	int owner, owner_signal;       /* F_SETOWN, F_SETSIG */
	struct vk_locks *locks;        /* set once it has locked something */
	struct vk_epoll_item *watched; /* by epoll files, linked */
	dev_t tty;                     /* a terminal's device; 0: none */
	dev_t pty;                     /* of the other side of a master */
	struct vk_kernel *kernel;      /* of a terminal that was opened */
};

/* Wraps a host descriptor whose description is nobody else's; it is closed
 * when this fails. */
int open_create(int host_fd, struct vk_open **out);
/* The same for a duplicate of one that others use too. */
int open_create_foreign(int host_fd, struct vk_open **out);
/* A file of our own kind; data is ours until close. */
int open_create_ops(
    const struct vk_file_ops *ops, void *data, int flags, struct vk_open **out);
struct vk_open *open_ref(struct vk_open *open);
void open_drop(struct vk_open *open);

/* LX_O_* mode and status flags. */
int open_flags(const struct vk_open *open);
int open_set_flags(struct vk_open *open, int flags);
bool open_is_nonblocking(const struct vk_open *open);
bool open_can_read(const struct vk_open *open);
bool open_can_write(const struct vk_open *open);
/* Ours, without a host descriptor. */
bool open_is_own(const struct vk_open *open);

/* The operations, as in struct vk_file_ops. */
int64_t open_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off);
int64_t open_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off);
short open_poll(struct vk_open *open, short events, struct vk_thread *waiter);
/* Host files: -LX_ENOSYS, the caller asks the host about fd. */
int64_t open_stat(
    struct vk_thread *thread, struct vk_open *open, struct lx_stat *st);

/* For the ops of what can only be read, and has no offset. */
int64_t open_write_refused(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off);
/* What any file knows; -LX_ENOTTY: ask the host about fd. */
int64_t open_ioctl(struct vk_thread *thread, struct vk_open *open,
    uint64_t request, uint64_t arg);

/* Parks the thread until one of the events may hold: LX_WAIT, LX_EINTR,
 * LX_ETIMEDOUT (when wait_time() was told), LX_ENOMEM. */
int open_park(struct vk_thread *thread, struct vk_open *open, short events);

/* What fstat() says of a file of our own: mode has the type; *id is made at
 * the first call. */
void open_stat_own(
    struct vk_thread *thread, uint32_t mode, uint64_t *id, struct lx_stat *st);

/* A new descriptor for it, or the reference is dropped: the number, or a
 * negative LX_ error. */
int64_t open_install(struct vk_thread *thread, struct vk_open *open, int flags);

/* Bytes that iov names. */
size_t iov_bytes(const struct iovec *iov, int count);
/* Copies between buf and the bytes of iov from off on; bytes copied. */
size_t iov_get(
    const struct iovec *iov, int count, size_t off, void *buf, size_t len);
size_t iov_put(const struct iovec *iov, int count, size_t off, const void *buf,
    size_t len);

#endif
