/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File locks: fcntl's, of a descriptor table (POSIX) or a description (OFD),
 * and flock's.  Guests' locks are kept here; what all guests together have
 * locked is also locked on the host, by one description per file, so that
 * host processes see it.
 */
#ifndef VMS_VKERNEL_LOCK_H
#define VMS_VKERNEL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/queue.h"

struct vk_fds;
struct vk_open;
struct vk_thread;

#define VK_LOCK_READ  0
#define VK_LOCK_WRITE 1
#define VK_LOCK_NONE  2

struct vk_lock {
	struct vk_lock *next;
	int64_t start, end; /* exclusive; INT64_MAX: no end */
	int type;
	bool whole;        /* of flock() */
	const void *owner; /* struct vk_fds, or struct vk_open */
	int pid;           /* -1: of a description */
};

struct vk_lock_file {
	struct vk_lock_file *next;
	uint64_t dev, ino;
	int host_fd; /* -1: none */
	bool host_writes;
	struct vk_lock *locks;
	struct vk_queue queue; /* woken when a lock goes */
	unsigned users;        /* calls that hold it */
};

/* Of a kernel; zero is none. */
struct vk_locks {
	struct vk_lock_file *files;
};

/* lock.c: start and end as in struct vk_lock. */

struct vk_lock_file *lock_file_find(
    struct vk_locks *locks, const struct vk_open *open);
void lock_file_drop(struct vk_locks *locks, struct vk_lock_file *file);
/* A lock of somebody else that is in want's way; NULL: none. */
const struct vk_lock *lock_conflict(
    const struct vk_lock_file *file, const struct vk_lock *want);
/* want, of any type, replaces what its owner has there.  LX_ENOMEM. */
int lock_set(struct vk_lock_file *file, const struct vk_lock *want);
/* The host's lock is as the guests' locks are in [start, end). */
void lock_host_settle(struct vk_lock_file *file, int64_t start, int64_t end);

void lock_flock_settle(struct vk_lock_file *file);

/* The description is going away, and what it has locked with it. */
void locks_drop_open(struct vk_open *open);
/* A descriptor of the table was closed: its locks of the file go. */
void locks_closed(struct vk_fds *fds, const struct vk_open *open);
/* All locks of the table go. */
void locks_drop_table(struct vk_fds *fds);

/* sys_lock.c */
int64_t lock_fcntl(
    struct vk_thread *thread, struct vk_open *open, int command, uint64_t va);

#endif
