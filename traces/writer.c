/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "traces/header.h"

#define FILE_PIECE  (UINT32_C(1) << 20)
#define BLOCK_LEAST 4096

/* --- Blocks --- */

static int
writer_block(struct trace_writer *w, struct block *block, const void *raw,
    size_t len, bool compress)
{
	struct index_entry entry;
	int error = block_write(&w->sink, block, raw, len, compress);

	if (error != 0)
		return error;
	entry = (struct index_entry){ block->offset, block->event, block->insns,
		block->page };
	return index_add(&w->index, &entry);
}

static struct block
block_here(const struct trace_writer *w, enum block_type type)
{
	return (struct block){ .type = type,
		.event = w->block_start.events,
		.insns = w->block_start.insns,
		.page = w->pages.written };
}

static int
pages_write(struct trace_writer *w)
{
	struct block block = block_here(w, BLOCK_PAGES);
	struct bytes raw = { 0 };
	uint64_t end = w->pages.next;
	int error;

	if (w->pages.written == end)
		return 0;
	block.count = (uint32_t)(end - w->pages.written);
	for (uint64_t n = w->pages.written; n < end; n++)
		bytes_add(&raw, page_store_at(&w->pages, n), CODEC_PAGE);
	error = raw.failed ? ENOMEM
			   : writer_block(w, &block, raw.at, raw.len, true);
	bytes_finish(&raw);
	if (error == 0)
		w->pages.written = end;
	return error;
}

int
writer_events(struct trace_writer *w)
{
	struct block block;
	int error = pages_write(w);

	if (error != 0 || w->count == 0)
		return error;
	block = block_here(w, BLOCK_EVENTS);
	block.count = w->count;
	block.flags = w->checkpoint ? BLOCK_CHECKPOINT : 0;
	error = writer_block(w, &block, w->events.at, w->events.len, true);
	if (error != 0)
		return error;
	bytes_clear(&w->events);
	w->count = 0;
	w->block_start.events = w->now.events;
	w->block_start.insns = w->now.insns;
	digest_copy(&w->block_start.digest, &w->now.digest);
	codec_reset(&w->state);
	return 0;
}

static int
store_put(void *arg, const uint8_t *page, uint64_t *number)
{
	struct trace_writer *w = arg;
	bool added;

	*number = page_store_put(&w->pages, page, &added);
	if (added && !cap_fits(w))
		return ENOBUFS;
	if (!added ||
	    (w->pages.next - w->pages.written) * CODEC_PAGE < w->target)
		return 0;
	return pages_write(w);
}

/* --- Opening --- */

static int
partial_open(struct trace_writer *w)
{
	if (unlink(w->partial) != 0 && errno != ENOENT)
		return errno;
	w->sink.fd =
	    open(w->partial, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (w->sink.fd < 0)
		return errno;
	(void)flock(w->sink.fd, LOCK_EX | LOCK_NB);
	return 0;
}

int
writer_begin(struct trace_writer *w)
{
	struct block block = block_here(w, BLOCK_HEADER);
	uint8_t preamble[PREAMBLE_BYTES];
	int error = partial_open(w);

	if (error != 0)
		return error;
	preamble_encode(preamble);
	w->sink.offset = PREAMBLE_BYTES;
	w->sink.chain = preamble_hash(preamble);
	error = write_all(w->sink.fd, preamble, sizeof(preamble), 0);
	if (error != 0)
		return error;
	return block_write(&w->sink, &block, w->header.at, w->header.len, true);
}

static char *
path_with(const char *path, const char *suffix)
{
	size_t len = strlen(path) + strlen(suffix) + 1;
	char *whole = malloc(len);

	if (whole != NULL)
		(void)snprintf(whole, len, "%s%s", path, suffix);
	return whole;
}

static int
paths_init(struct trace_writer *w, const char *path)
{
	w->path = path_with(path, "");
	w->partial = path_with(path, ".partial");
	w->ring.path = path_with(path, ".partial.old");
	return w->path == NULL || w->partial == NULL || w->ring.path == NULL
		   ? ENOMEM
		   : 0;
}

/* A directory, device or pipe is not replaced. */
static int
path_check(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0 || S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		return 0;
	return S_ISDIR(st.st_mode) ? EISDIR : EEXIST;
}

/* Nor is what another writer is about to name. */
static int
partial_check(const char *partial)
{
	int fd = open(partial, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return 0;
	if (flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		error = EBUSY;
	(void)close(fd);
	return error;
}

static int
about_encode(struct trace_writer *w, const struct trace_header *header)
{
	struct trace_header about = *header;

	about.page_bytes = CODEC_PAGE;
	if (w->ring.bytes != 0)
		about.incompat |= TRACE_INCOMPAT_RING;
	return header_encode(&about, &w->header);
}

static void
writer_limits(
    struct trace_writer *w, const struct trace_writer_options *options)
{
	uint64_t part;

	if (options != NULL) {
		w->now.events = options->first_event;
		w->now.insns = options->first_insn;
		w->block_start.events = options->first_event;
		w->block_start.insns = options->first_insn;
	}
	w->target = BLOCK_RAW_TARGET;
	w->max_bytes = options == NULL ? 0 : options->max_bytes;
	w->ring.bytes = options == NULL ? 0 : options->ring_bytes;
	part = w->ring.bytes == 0 ||
		       (w->max_bytes != 0 && w->max_bytes < w->ring.bytes)
		   ? w->max_bytes / 16
		   : w->ring.bytes / 16;
	if (part != 0 && part < w->target)
		w->target = part < BLOCK_LEAST ? BLOCK_LEAST : (size_t)part;
}

static int
writer_init(
    struct trace_writer *w, const char *path, const struct trace_header *header)
{
	int error = page_store_init(&w->pages);

	w->store = (struct codec_store){ store_put, NULL, w };
	if (error == 0)
		error = digest_init(&w->now.digest);
	if (error == 0)
		error = digest_init(&w->block_start.digest);
	if (error == 0)
		error = block_sink_init(&w->sink);
	if (error == 0)
		error = paths_init(w, path);
	if (error == 0)
		error = path_check(w->path);
	if (error == 0)
		error = partial_check(w->partial);
	if (error == 0)
		error = ring_init(w);
	if (error == 0)
		error = about_encode(w, header);
	if (error == 0)
		error = writer_begin(w);
	cap_init(w);
	return error;
}

static void
writer_free(struct trace_writer *w)
{
	if (w->sink.fd >= 0)
		(void)close(w->sink.fd);
	block_sink_finish(&w->sink);
	index_finish(&w->index);
	page_store_finish(&w->pages);
	ring_finish(w);
	bytes_finish(&w->header);
	bytes_finish(&w->state.payload);
	bytes_finish(&w->events);
	digest_finish(&w->now.digest);
	digest_finish(&w->block_start.digest);
	free(w->path);
	free(w->partial);
	free(w);
}

int
trace_writer_create(const char *path, const struct trace_header *header,
    const struct trace_writer_options *options, struct trace_writer **out)
{
	struct trace_writer *w = calloc(1, sizeof(*w));
	int error;

	if (w == NULL)
		return ENOMEM;
	w->sink.fd = w->ring.older.fd = -1;
	writer_limits(w, options);
	error = writer_init(w, path, header);
	if (error != 0) {
		writer_free(w);
		return error;
	}
	*out = w;
	return 0;
}

/* --- Events --- */

/* A block starts at each checkpoint, where readers find it. */
static int
event_begin(struct trace_writer *w, const struct trace_event *event)
{
	int error = ring_before(w, event);

	if (error == 0 && event->kind == TRACE_CHECKPOINT)
		error = writer_events(w);
	return error;
}

/* When event does not fit behind what is pending, that goes out first.  ENOBUFS
 * is the answer when nothing is pending any more. */
static int
event_encode(struct trace_writer *w, const struct trace_event *event)
{
	const struct pending before = cap_pending(w);
	int error = codec_encode(&w->state, event, &w->store, &w->events);

	if (error == 0 && !cap_fits(w))
		error = ENOBUFS;
	if (error != ENOBUFS)
		return error;
	cap_back(w, &before);
	error = writer_events(w);
	if (error != 0 || before.events == 0)
		return error != 0 ? error : ENOBUFS;
	return event_encode(w, event);
}

static int
event_write(struct trace_writer *w, struct trace_event *event)
{
	int error = event_begin(w, event);

	event->number = w->now.events;
	event->insns = w->now.insns;
	if (error == 0)
		error = event_encode(w, event);
	if (error == 0)
		error = digest_encoded(&w->now.digest, &w->state, event);
	if (error == 0)
		error = ring_after(w, event);
	if (error != 0)
		return error;
	if (w->count++ == 0)
		w->checkpoint = event->kind == TRACE_CHECKPOINT;
	w->now.events++;
	if (event->kind == TRACE_RUN)
		w->now.insns += event->u.run.insns;
	return w->events.len >= w->target ? writer_events(w) : 0;
}

int
trace_write(struct trace_writer *w, struct trace_event *event)
{
	if (w->error == 0)
		w->error = event_write(w, event);
	return w->error;
}

uint64_t
trace_writer_bytes(const struct trace_writer *w)
{
	return w->sink.offset;
}

int
trace_writer_flush(struct trace_writer *w)
{
	if (w->error == 0)
		w->error = writer_events(w);
	return w->error;
}

/* Name, length of all, position of this piece, the piece. */
static int
piece_write(struct trace_writer *w, const char *name, const uint8_t *from,
    size_t len, size_t at)
{
	struct block block = block_here(w, BLOCK_FILE);
	struct bytes raw = { 0 };
	size_t piece = len - at < FILE_PIECE ? len - at : FILE_PIECE;
	int error;

	block.flags = BLOCK_SKIP;
	bytes_string(&raw, name);
	bytes_varint(&raw, len);
	bytes_varint(&raw, at);
	if (piece > 0)
		bytes_add(&raw, from + at, piece);
	error = raw.failed ? ENOMEM
			   : writer_block(w, &block, raw.at, raw.len, true);
	bytes_finish(&raw);
	return error;
}

static int
file_write(
    struct trace_writer *w, const char *name, const void *bytes, size_t len)
{
	size_t at = 0;
	int error = writer_events(w);

	if (error == 0 && (len > TRACE_FILE_MAX || strlen(name) > 4096))
		return EFBIG;
	do {
		if (error == 0)
			error = piece_write(w, name, bytes, len, at);
		at += FILE_PIECE;
	} while (error == 0 && at < len);
	return error;
}

int
trace_write_file(
    struct trace_writer *w, const char *name, const void *bytes, size_t len)
{
	if (w->error == 0)
		w->error = file_write(w, name, bytes, len);
	return w->error;
}

/* --- The end --- */

static int
index_write(struct trace_writer *w, uint64_t *offset)
{
	struct block block = block_here(w, BLOCK_INDEX);
	struct bytes raw = { 0 };
	int error;

	block.flags = BLOCK_SKIP;
	block.count = (uint32_t)w->index.count;
	index_encode(&w->index, &raw);
	error = raw.failed
		    ? ENOMEM
		    : block_write(&w->sink, &block, raw.at, raw.len, true);
	bytes_finish(&raw);
	*offset = error == 0 ? block.offset : 0;
	return error == ENOBUFS ? 0 : error;
}

static int
end_write(struct trace_writer *w, const struct trace_end *end, uint64_t index)
{
	struct block block = block_here(w, BLOCK_END);
	uint8_t raw[END_BYTES] = { 0 };

	put_u32(raw, (uint32_t)end->how);
	put_u64(raw + 8, end->events);
	put_u64(raw + 16, end->insns);
	put_u64(raw + 24, end->stream_digest[0]);
	put_u64(raw + 32, end->stream_digest[1]);
	put_u64(raw + 40, index);
	w->sink.limit = 0;
	return block_write(&w->sink, &block, raw, sizeof(raw), false);
}

static int
writer_complete(struct trace_writer *w, struct trace_end *end)
{
	struct progress *last;
	uint64_t index = 0;
	int error;

	(void)trace_writer_flush(w);
	if (w->error != 0 && w->error != ENOBUFS)
		return w->error;
	last = &w->block_start;
	*end = (struct trace_end){ w->error == 0 ? TRACE_END_COMPLETE
						 : TRACE_END_CAPPED,
		last->events, last->insns, { 0, 0 } };
	digest_value(&last->digest, end->stream_digest);
	error = ring_join(w);
	if (error == 0)
		error = index_write(w, &index);
	if (error == 0)
		error = end_write(w, end, index);
	if (error == 0 && rename(w->partial, w->path) != 0)
		error = errno;
	return error;
}

int
trace_writer_finish(
    struct trace_writer *w, struct trace_end *end, uint64_t *bytes)
{
	struct trace_end done = { 0 };
	int error = writer_complete(w, &done);

	if (end != NULL)
		*end = done;
	if (bytes != NULL)
		*bytes = w->sink.offset;
	writer_free(w);
	return error;
}
