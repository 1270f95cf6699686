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

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "vkernel/linux_abi.h"

struct vk_open;
struct vk_thread;

struct vk_file_ops {
	const char *name; /* "pipe", as in /proc/PID/fd: "pipe:[...]" */
	/* Bytes moved, or a negative LX_ error; -LX_EAGAIN: it would block,
	 * whatever O_NONBLOCK says.  off -1: the description's own position.
	 * iov names host memory: guest pages, or a buffer of ours. */
	int64_t (*read)(struct vk_thread *thread, struct vk_open *open,
	    const struct iovec *iov, int count, int64_t off);
	int64_t (*write)(struct vk_thread *thread, struct vk_open *open,
	    const struct iovec *iov, int count, int64_t off);
	/* The events that hold now.  With waiter, what may change them is
	 * named by wait_queue() and wait_fd(). */
	short (*poll)(
	    struct vk_open *open, short events, struct vk_thread *waiter);
	int64_t (*ioctl)(struct vk_thread *thread, struct vk_open *open,
	    uint64_t request, uint64_t arg);
	int64_t (*stat)(struct vk_thread *thread, struct vk_open *open,
	    struct lx_stat *st);
	/* The last holder is gone; fd is closed by the caller. */
	void (*close)(struct vk_open *open);
};

struct vk_open {
	unsigned refs;
	const struct vk_file_ops *ops; /* NULL: a host file */
	int fd;                        /* the host's; -1: none */
	int flags;                     /* of a kind of our own: LX_O_* status */
	bool may_block;                /* a pipe, socket or terminal */
	bool search;                   /* O_PATH */
	bool foreign;        /* came from the host: what others do to it cannot
				be told beforehand */
	DIR *dir;            /* made by the first getdents */
	struct dirent *held; /* read from dir, not yet given to the guest */
	char *path;          /* guest path it was opened by; NULL: unknown */
	void *data;          /* of the ops */
};

/* Wraps a host descriptor, which is closed when this fails. */
int open_create(int host_fd, struct vk_open **out);
/* A file of our own kind; data is ours until close. */
int open_create_ops(
    const struct vk_file_ops *ops, void *data, int flags, struct vk_open **out);
struct vk_open *open_ref(struct vk_open *open);
void open_drop(struct vk_open *open);

bool open_is_nonblocking(const struct vk_open *open);

#endif
