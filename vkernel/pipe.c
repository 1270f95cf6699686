/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/pipe.h"

#include <stdlib.h>
#include <string.h>

#define ROOM_MOST (1u << 19) /* slots: 2^31 bytes */

struct vk_pipe *
pipe_create(void)
{
	struct vk_pipe *pipe;

	pipe = calloc(1, sizeof(*pipe));
	if (pipe == NULL)
		return NULL;
	pipe->room = PIPE_SLOTS;
	pipe->slots = calloc(pipe->room, sizeof(*pipe->slots));
	if (pipe->slots != NULL)
		return pipe;
	free(pipe);
	return NULL;
}

void
pipe_destroy(struct vk_pipe *pipe)
{
	if (pipe == NULL)
		return;
	queue_wake(&pipe->readable);
	queue_wake(&pipe->writable);
	free(pipe->bytes);
	free(pipe->slots);
	free(pipe);
}

static unsigned
slot_index(const struct vk_pipe *pipe, unsigned nth)
{
	return (pipe->head + nth) & (pipe->room - 1);
}

static uint8_t *
slot_bytes(const struct vk_pipe *pipe, unsigned index)
{
	return pipe->bytes + (size_t)index * PIPE_SLOT_BYTES;
}

bool
pipe_is_full(const struct vk_pipe *pipe)
{
	return pipe->used == pipe->room;
}

size_t
pipe_bytes(const struct vk_pipe *pipe)
{
	size_t sum;
	unsigned i;

	for (sum = 0, i = 0; i < pipe->used; i++)
		sum += pipe->slots[slot_index(pipe, i)].len;
	return sum;
}

/* Up to left bytes of the oldest slot; true: it was a packet's end. */
static bool
slot_read(struct vk_pipe *pipe, const struct iovec *iov, int count,
    size_t *done, size_t left)
{
	struct vk_pipe_slot *slot;
	size_t part;
	bool packet;

	slot = &pipe->slots[pipe->head];
	packet = slot->packet;
	part = slot->len < left ? slot->len : left;
	iov_put(
	    iov, count, *done, slot_bytes(pipe, pipe->head) + slot->off, part);
	*done += part;
	slot->off = (uint16_t)(slot->off + part);
	slot->len = (uint16_t)(packet ? 0 : slot->len - part);
	if (slot->len == 0) {
		pipe->head = slot_index(pipe, 1);
		pipe->used--;
	}
	return packet;
}

int64_t
pipe_read(struct vk_pipe *pipe, const struct iovec *iov, int count)
{
	size_t done, want;
	bool was_full;

	want = iov_bytes(iov, count);
	if (want == 0)
		return 0;
	if (pipe->used == 0)
		return pipe->writers == 0 ? 0 : -LX_EAGAIN;
	was_full = pipe_is_full(pipe);
	for (done = 0; done < want && pipe->used != 0;)
		if (slot_read(pipe, iov, count, &done, want - done))
			break;
	if (was_full && !pipe_is_full(pipe)) {
		pipe->write_edges++;
		queue_wake(&pipe->writable);
	}
	return (int64_t)done;
}

/* What does not fill a page joins the last slot when all of it fits there. */
static size_t
slot_join(struct vk_pipe *pipe, const struct iovec *iov, int count, size_t want)
{
	struct vk_pipe_slot *slot;
	unsigned index;
	size_t part;

	part = want % PIPE_SLOT_BYTES;
	if (part == 0 || pipe->used == 0)
		return 0;
	index = slot_index(pipe, pipe->used - 1);
	slot = &pipe->slots[index];
	if (slot->packet || slot->off + slot->len + part > PIPE_SLOT_BYTES)
		return 0;
	iov_get(iov, count, 0, slot_bytes(pipe, index) + slot->off + slot->len,
	    part);
	slot->len = (uint16_t)(slot->len + part);
	return part;
}

static size_t
slot_add(struct vk_pipe *pipe, const struct iovec *iov, int count, size_t done,
    size_t left, bool packet)
{
	unsigned index;
	size_t part;

	index = slot_index(pipe, pipe->used);
	part = left < PIPE_SLOT_BYTES ? left : PIPE_SLOT_BYTES;
	iov_get(iov, count, done, slot_bytes(pipe, index), part);
	pipe->slots[index] = (struct vk_pipe_slot){ 0, (uint16_t)part, packet };
	pipe->used++;
	return part;
}

int64_t
pipe_write(
    struct vk_pipe *pipe, const struct iovec *iov, int count, bool packets)
{
	size_t done, want;

	want = iov_bytes(iov, count);
	if (want == 0)
		return 0;
	if (pipe->readers == 0)
		return -LX_EPIPE;
	if (pipe->bytes == NULL)
		pipe->bytes = malloc((size_t)pipe->room * PIPE_SLOT_BYTES);
	if (pipe->bytes == NULL)
		return -LX_ENOMEM;
	done = packets ? 0 : slot_join(pipe, iov, count, want);
	while (done < want && !pipe_is_full(pipe))
		done += slot_add(pipe, iov, count, done, want - done, packets);
	if (done == 0)
		return -LX_EAGAIN;
	pipe->read_edges++;
	queue_wake(&pipe->readable);
	return (int64_t)done;
}

size_t
pipe_peek(const struct vk_pipe *pipe, size_t off, void *buf, size_t len)
{
	const struct vk_pipe_slot *slot;
	size_t done, part;
	unsigned i, index;

	for (done = 0, i = 0; i < pipe->used && done < len; i++) {
		index = slot_index(pipe, i);
		slot = &pipe->slots[index];
		if (off >= slot->len) {
			off -= slot->len;
			continue;
		}
		part = slot->len - off;
		if (part > len - done)
			part = len - done;
		memcpy((uint8_t *)buf + done,
		    slot_bytes(pipe, index) + slot->off + off, part);
		done += part;
		off = 0;
	}
	return done;
}

static int
pipe_move(struct vk_pipe *pipe, unsigned room)
{
	struct vk_pipe_slot *slots;
	uint8_t *bytes;
	unsigned from, i;

	slots = calloc(room, sizeof(*slots));
	bytes = malloc((size_t)room * PIPE_SLOT_BYTES);
	if (slots == NULL || bytes == NULL) {
		free(slots);
		free(bytes);
		return LX_ENOMEM;
	}
	for (i = 0; i < pipe->used; i++) {
		from = slot_index(pipe, i);
		slots[i] = pipe->slots[from];
		memcpy(bytes + (size_t)i * PIPE_SLOT_BYTES,
		    slot_bytes(pipe, from), PIPE_SLOT_BYTES);
	}
	free(pipe->slots);
	free(pipe->bytes);
	pipe->slots = slots;
	pipe->bytes = bytes;
	pipe->room = room;
	pipe->head = 0;
	return 0;
}

int
pipe_resize(struct vk_pipe *pipe, uint64_t bytes)
{
	unsigned room;
	bool grows;
	int error;

	for (room = 1; (uint64_t)room * PIPE_SLOT_BYTES < bytes; room *= 2)
		if (room == ROOM_MOST)
			return LX_EINVAL;
	if (room < pipe->used)
		return LX_EBUSY;
	grows = room > pipe->room;
	error = pipe_move(pipe, room);
	if (error == 0 && grows) {
		pipe->write_edges++;
		queue_wake(&pipe->writable);
	}
	return error;
}
