/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening FIFOs of the file system.  The bytes go through the host's FIFO;
 * guests that wait for each other's end meet here, in the same order in every
 * run, and another host thread waits for host processes.
 */
#ifndef VMS_VKERNEL_FIFO_H
#define VMS_VKERNEL_FIFO_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/file.h"
#include "vkernel/queue.h"

struct vk_fifo {
	struct vk_fifo *next;
	uint64_t dev, ino;
	unsigned readers, writers; /* of guests, those who wait too */
	uint64_t read_opens, write_opens;
	unsigned waiting; /* of guests, those who open */
	int both;         /* host descriptor, both ends, while they do; or -1 */
	struct vk_queue queue;
};

/* True when name of directory dir is a FIFO, and opening it with these LX_O_
 * flags may have to wait. */
bool fifo_may_wait(int dir, const char *name, int flags);
/* Opens it: 0, -LX_WAIT, -LX_ERESTART, or what open says. */
int64_t fifo_open(struct vk_thread *thread, int dir, const char *name,
    int flags, struct vk_open **out);

#endif
