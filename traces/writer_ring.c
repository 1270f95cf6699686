/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/writer.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int
ring_init(struct trace_writer *w)
{
	if (w->ring.bytes == 0)
		return 0;
	if (unlink(w->ring.path) != 0 && errno != ENOENT)
		return errno;
	return digest_init(&w->ring.since);
}

static void
older_close(struct ring *ring)
{
	if (ring->older.fd >= 0)
		(void)close(ring->older.fd);
	ring->older.fd = -1;
	index_finish(&ring->index);
}

void
ring_finish(struct trace_writer *w)
{
	older_close(&w->ring);
	digest_finish(&w->ring.since);
	free(w->ring.path);
}

/* The umask may be another one by now: that of a guest. */
static void
mode_copy(int from, int to)
{
	struct stat st;

	if (fstat(from, &st) == 0)
		(void)fchmod(to, st.st_mode & 0777);
}

/* The partial file becomes the older one, and a new one begins. */
static int
ring_turn(struct trace_writer *w)
{
	struct ring *ring = &w->ring;
	int error = writer_events(w);

	if (error != 0)
		return error;
	if (rename(w->partial, ring->path) != 0)
		return errno;
	if (ring->older.fd >= 0) {
		digest_copy(&w->now.digest, &ring->since);
		digest_copy(&w->block_start.digest, &ring->since);
	}
	digest_reset(&ring->since);
	older_close(ring);
	ring->older = (struct block_sink){ .fd = w->sink.fd,
		.offset = w->sink.offset,
		.chain = w->sink.chain };
	w->sink.fd = -1;
	ring->index = w->index;
	w->index = (struct trace_index){ 0 };
	page_store_forget(&w->pages);
	if ((error = writer_begin(w)) == 0)
		mode_copy(ring->older.fd, w->sink.fd);
	return error;
}

int
ring_before(struct trace_writer *w, const struct trace_event *event)
{
	if (w->ring.bytes == 0 || event->kind != TRACE_CHECKPOINT ||
	    w->ring.in_checkpoint ||
	    w->sink.offset + w->events.len / 4 < w->ring.bytes / 2)
		return 0;
	return ring_turn(w);
}

int
ring_after(struct trace_writer *w, const struct trace_event *event)
{
	if (w->ring.bytes == 0)
		return 0;
	w->ring.in_checkpoint = event->kind == TRACE_CHECKPOINT;
	return digest_encoded(&w->ring.since, &w->state, event);
}

/* Appends the block at *at of the partial file to the older one. */
static int
block_move(struct trace_writer *w, uint64_t *at, struct bytes *block)
{
	struct block_sink *older = &w->ring.older;
	struct index_entry entry;
	size_t got, len = BLOCK_BYTES;
	int error;

	bytes_clear(block);
	if (bytes_grow(block, BLOCK_BYTES) == NULL)
		return ENOMEM;
	error = read_all(w->sink.fd, block->at, len, *at, &got);
	if (error != 0 || got < len)
		return error != 0 ? error : EIO;
	len = get_u32(block->at + 12);
	if (bytes_grow(block, len) == NULL)
		return ENOMEM;
	error = read_all(
	    w->sink.fd, block->at + BLOCK_BYTES, len, *at + BLOCK_BYTES, &got);
	if (error != 0 || got < len)
		return error != 0 ? error : EIO;
	older->chain =
	    block_seal(block->at, block->at + BLOCK_BYTES, older->chain);
	error = write_all(older->fd, block->at, block->len, older->offset);
	if (error != 0)
		return error;
	entry = (struct index_entry){ older->offset, get_u64(block->at + 16),
		get_u64(block->at + 24), get_u64(block->at + 32) };
	older->offset += block->len;
	*at += block->len;
	return index_add(&w->ring.index, &entry);
}

/* The partial file's first block, HEAD, stays behind. */
static int
blocks_move(struct trace_writer *w)
{
	uint64_t at = PREAMBLE_BYTES;
	uint8_t header[BLOCK_BYTES];
	struct bytes block = { 0 };
	size_t got;
	int error =
	    read_all(w->sink.fd, header, sizeof(header), PREAMBLE_BYTES, &got);

	if (error == 0 && got < sizeof(header))
		error = EIO;
	if (error == 0)
		at += BLOCK_BYTES + (uint64_t)get_u32(header + 12);
	while (error == 0 && at < w->sink.offset)
		error = block_move(w, &at, &block);
	bytes_finish(&block);
	return error;
}

int
ring_join(struct trace_writer *w)
{
	struct ring *ring = &w->ring;
	struct trace_index index = w->index;
	char *path = w->partial;
	int error;

	if (ring->older.fd < 0)
		return 0;
	error = blocks_move(w);
	if (error != 0) {
		(void)!ftruncate(ring->older.fd, (off_t)ring->older.offset);
		return error;
	}
	(void)unlink(path);
	(void)close(w->sink.fd);
	w->sink.fd = ring->older.fd;
	w->sink.offset = ring->older.offset;
	w->sink.chain = ring->older.chain;
	ring->older.fd = -1;
	w->index = ring->index;
	ring->index = index;
	w->partial = ring->path;
	ring->path = path;
	return 0;
}
