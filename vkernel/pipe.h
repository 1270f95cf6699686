/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pipes of our own: slots of a page each, as Linux has them, so that a pipe is
 * full after the same writes.  A write of at most a page lies in one slot,
 * whole.
 */
#ifndef VMS_VKERNEL_PIPE_H
#define VMS_VKERNEL_PIPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/file.h"
#include "vkernel/queue.h"

#define PIPE_SLOT_BYTES 4096u
#define PIPE_SLOTS      16u

struct vk_pipe_slot {
	uint16_t off, len;
	bool packet; /* written with O_DIRECT: read at once or lost */
};

struct vk_pipe {
	uint8_t *bytes; /* NULL until the first write */
	struct vk_pipe_slot *slots;
	unsigned room; /* slots, a power of two */
	unsigned head; /* the oldest used slot */
	unsigned used;
	unsigned readers, writers; /* descriptions */
	struct vk_queue readable, writable;
	uint64_t read_edges, write_edges; /* news for either end */
	uint64_t id;                      /* of fstat; 0: none yet */
};

/* Both ends hold it: it goes when readers and writers are 0. */
struct vk_pipe *pipe_create(void);
void pipe_destroy(struct vk_pipe *pipe);

/* Bytes moved; -LX_EAGAIN, -LX_EPIPE, -LX_ENOMEM.  read: 0 is the end. */
int64_t pipe_read(struct vk_pipe *pipe, const struct iovec *iov, int count);
int64_t pipe_write(
    struct vk_pipe *pipe, const struct iovec *iov, int count, bool packets);
/* Bytes to be read. */
size_t pipe_bytes(const struct vk_pipe *pipe);
bool pipe_is_full(const struct vk_pipe *pipe);
/* Copies the bytes from off on without taking them: bytes copied. */
size_t pipe_peek(const struct vk_pipe *pipe, size_t off, void *buf, size_t len);
/* Capacity in bytes, rounded as Linux does; LX_EINVAL, LX_EBUSY, LX_ENOMEM. */
int pipe_resize(struct vk_pipe *pipe, uint64_t bytes);

/* The pipe of a file; NULL: it is no pipe of ours. */
struct vk_pipe *pipe_of(const struct vk_open *open);
/* One end; flags are LX_O_*, with the mode. */
int pipe_open(struct vk_pipe *pipe, int flags, struct vk_open **out);

#endif
