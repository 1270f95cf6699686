/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/block.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>
#include <zstd.h>

#define LEVEL      3
#define CODEC_NONE 0
#define CODEC_ZSTD 1

static const char type_letters[][5] = {
	[BLOCK_UNKNOWN] = "",
	[BLOCK_HEADER] = "HEAD",
	[BLOCK_EVENTS] = "EVTS",
	[BLOCK_PAGES] = "PAGE",
	[BLOCK_FILE] = "FILE",
	[BLOCK_INDEX] = "INDX",
	[BLOCK_END] = "END ",
};

int
problem_set(
    struct trace_problem *problem, uint64_t offset, const char *format, ...)
{
	va_list args;
	int len;

	if (problem == NULL)
		return EBADMSG;
	problem->offset = offset;
	len = snprintf(problem->text, sizeof(problem->text),
	    "at byte %llu: ", (unsigned long long)offset);
	va_start(args, format);
	(void)vsnprintf(problem->text + len,
	    sizeof(problem->text) - (size_t)len, format, args);
	va_end(args);
	return EBADMSG;
}

/* What the host says of a file as a whole is said without a place. */
int
problem_errno(struct trace_problem *problem, uint64_t offset, int error)
{
	if (problem != NULL && offset == 0) {
		problem->offset = 0;
		snprintf(problem->text, sizeof(problem->text), "%s",
		    error == ESPIPE ? "a recording must be a file that can be "
				      "read at any place"
				    : strerror(error));
	} else
		(void)problem_set(problem, offset, "%s", strerror(error));
	return error;
}

uint64_t
preamble_hash(const uint8_t *preamble)
{
	return XXH3_64bits(preamble, PREAMBLE_BYTES);
}

static void
block_pack(const struct block *block, uint8_t *at)
{
	memcpy(at, type_letters[block->type], 4);
	at[4] = block->codec;
	at[5] = block->flags;
	put_u16(at + 6, 0);
	put_u32(at + 8, block->raw);
	put_u32(at + 12, block->stored);
	put_u64(at + 16, block->event);
	put_u64(at + 24, block->insns);
	put_u64(at + 32, block->page);
	put_u32(at + 48, block->count);
}

static uint32_t
header_sum(const uint8_t *header)
{
	return (uint32_t)XXH3_64bits(header, 52);
}

static uint64_t
content_sum(const uint8_t *header, const uint8_t *stored, size_t len)
{
	return XXH3_64bits_withSeed(stored, len, XXH3_64bits(header, 56));
}

uint64_t
block_seal(uint8_t *header, const uint8_t *stored, uint64_t chain)
{
	put_u64(header + 40, chain);
	put_u32(header + 52, header_sum(header));
	put_u64(header + 56, content_sum(header, stored, get_u32(header + 12)));
	return XXH3_64bits(header, BLOCK_BYTES);
}

/* --- Writing --- */

int
block_sink_init(struct block_sink *sink)
{
	sink->zstd = ZSTD_createCCtx();
	return sink->zstd == NULL ? ENOMEM : 0;
}

void
block_sink_finish(struct block_sink *sink)
{
	(void)ZSTD_freeCCtx(sink->zstd);
	bytes_finish(&sink->out);
}

int
write_all(int fd, const void *bytes, size_t len, uint64_t offset)
{
	const uint8_t *at = bytes;

	while (len > 0) {
		ssize_t done = pwrite(fd, at, len, (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done == 0 ? EIO : errno;
		at += done;
		offset += (uint64_t)done;
		len -= (size_t)done;
	}
	return 0;
}

/* The stored form of raw, behind room for the header. */
static int
block_compress(
    struct block_sink *sink, struct block *block, const void *raw, size_t len)
{
	size_t room = ZSTD_compressBound(len), stored;
	uint8_t *at = bytes_grow(&sink->out, room);

	if (at == NULL)
		return ENOMEM;
	stored = ZSTD_compressCCtx(sink->zstd, at, room, raw, len, LEVEL);
	if (ZSTD_isError(stored))
		return ENOMEM;
	block->codec = stored < len ? CODEC_ZSTD : CODEC_NONE;
	if (block->codec == CODEC_NONE && len > 0)
		memcpy(at, raw, len);
	block->stored = (uint32_t)(block->codec == CODEC_ZSTD ? stored : len);
	return 0;
}

static int
block_put(struct block_sink *sink, struct block *block)
{
	size_t total = BLOCK_BYTES + (size_t)block->stored;
	int error;

	if (sink->limit != 0 && sink->offset + total > sink->limit)
		return ENOBUFS;
	block_pack(block, sink->out.at);
	block->chain = sink->chain;
	block->hash =
	    block_seal(sink->out.at, sink->out.at + BLOCK_BYTES, sink->chain);
	error = write_all(sink->fd, sink->out.at, total, sink->offset);
	if (error != 0) {
		(void)!ftruncate(sink->fd, (off_t)sink->offset);
		return error;
	}
	block->offset = sink->offset;
	sink->offset += total;
	sink->chain = block->hash;
	return 0;
}

int
block_write(struct block_sink *sink, struct block *block, const void *raw,
    size_t len, bool compress)
{
	int error = 0;

	if (len > BLOCK_RAW_MAX)
		return EFBIG;
	bytes_clear(&sink->out);
	if (bytes_grow(&sink->out, BLOCK_BYTES) == NULL)
		return ENOMEM;
	block->raw = block->stored = (uint32_t)len;
	block->codec = CODEC_NONE;
	if (compress)
		error = block_compress(sink, block, raw, len);
	else
		bytes_add(&sink->out, raw, len);
	if (error != 0 || sink->out.failed)
		return ENOMEM;
	return block_put(sink, block);
}

/* --- Reading --- */

int
block_source_init(struct block_source *source)
{
	source->zstd = ZSTD_createDCtx();
	return source->zstd == NULL ? ENOMEM : 0;
}

void
block_source_finish(struct block_source *source)
{
	(void)ZSTD_freeDCtx(source->zstd);
	bytes_finish(&source->stored);
}

int
read_all(int fd, void *bytes, size_t len, uint64_t offset, size_t *got)
{
	uint8_t *at = bytes;

	*got = 0;
	while (*got < len) {
		ssize_t done =
		    pread(fd, at + *got, len - *got, (off_t)(offset + *got));
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return errno;
		if (done == 0)
			break;
		*got += (size_t)done;
	}
	return 0;
}

static void
block_unpack(struct block *block, const uint8_t *at, uint64_t offset)
{
	*block = (struct block){ .codec = at[4],
		.flags = at[5],
		.raw = get_u32(at + 8),
		.stored = get_u32(at + 12),
		.event = get_u64(at + 16),
		.insns = get_u64(at + 24),
		.page = get_u64(at + 32),
		.chain = get_u64(at + 40),
		.count = get_u32(at + 48),
		.hash = XXH3_64bits(at, BLOCK_BYTES),
		.offset = offset };
	for (unsigned i = 0; i < 4; i++)
		block->letters[i] =
		    (char)(at[i] >= ' ' && at[i] <= '~' ? at[i] : '?');
	for (unsigned i = BLOCK_HEADER; i <= BLOCK_END; i++)
		if (memcmp(at, type_letters[i], 4) == 0)
			block->type = (enum block_type)i;
}

/* Our reasons to refuse a block whose header has arrived as it was sent. */
static int
block_check(
    const struct block *block, uint16_t zero, struct trace_problem *problem)
{
	uint64_t at = block->offset;

	if (block->raw > BLOCK_RAW_MAX)
		return problem_set(problem, at,
		    "a block of %lu bytes is over the limit of %lu",
		    (unsigned long)block->raw, (unsigned long)BLOCK_RAW_MAX);
	if (block->codec > CODEC_ZSTD || zero != 0)
		return problem_set(problem, at,
		    "a block is packed in a way that this version lacks");
	if (block->codec == CODEC_NONE ? block->stored != block->raw
				       : block->stored >= block->raw)
		return problem_set(
		    problem, at, "a block's lengths contradict each other");
	if (block->type == BLOCK_UNKNOWN && !(block->flags & BLOCK_SKIP))
		return problem_set(problem, at,
		    "a block of the type %s, which this version lacks",
		    block->letters);
	return 0;
}

int
block_read(struct block_source *source, uint64_t offset, struct block *block,
    struct trace_problem *problem)
{
	uint8_t header[BLOCK_BYTES];
	size_t got = 0;
	int error = 0;

	if (offset < source->size)
		error =
		    read_all(source->fd, header, sizeof(header), offset, &got);
	if (error != 0)
		return problem_errno(problem, offset, error);
	if (got < sizeof(header))
		return ENOENT;
	if (get_u32(header + 52) != header_sum(header))
		return problem_set(
		    problem, offset, "a block header's checksum is wrong");
	block_unpack(block, header, offset);
	error = block_check(block, get_u16(header + 6), problem);
	if (error != 0)
		return error;
	return block->stored > source->size - offset - BLOCK_BYTES ? ENOENT : 0;
}

static int
block_expand(struct block_source *source, const struct block *block,
    const uint8_t *stored, struct bytes *raw, struct trace_problem *problem)
{
	uint8_t *room;
	size_t len;

	bytes_clear(raw);
	room = bytes_grow(raw, block->raw);
	if (room == NULL && block->raw > 0)
		return problem_errno(problem, block->offset, ENOMEM);
	if (block->codec == CODEC_NONE) {
		if (block->raw > 0)
			memcpy(room, stored, block->raw);
		return 0;
	}
	len = ZSTD_decompressDCtx(
	    source->zstd, room, block->raw, stored, block->stored);
	if (ZSTD_isError(len) || len != block->raw)
		return problem_set(problem, block->offset,
		    "a block cannot be decompressed to its length");
	return 0;
}

int
block_load(struct block_source *source, const struct block *block,
    struct bytes *raw, struct trace_problem *problem)
{
	struct bytes *in = &source->stored;
	size_t len = BLOCK_BYTES + (size_t)block->stored, got;
	int error;

	bytes_clear(in);
	if (bytes_grow(in, len) == NULL)
		return problem_errno(problem, block->offset, ENOMEM);
	error = read_all(source->fd, in->at, len, block->offset, &got);
	if (error != 0)
		return problem_errno(problem, block->offset, error);
	if (got < len || get_u32(in->at + 12) != block->stored ||
	    get_u64(in->at + 56) !=
		content_sum(in->at, in->at + BLOCK_BYTES, block->stored))
		return problem_set(
		    problem, block->offset, "a block's checksum is wrong");
	return block_expand(source, block, in->at + BLOCK_BYTES, raw, problem);
}
