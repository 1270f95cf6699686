/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The framing of a trace file: a preamble, then blocks, each compressed by
 * itself.  A block's header has a checksum of its own, one of what it holds,
 * and the hash of the header before it, so that blocks that were reordered,
 * left out or doubled are found.
 *
 *    0  type, 4 letters      16  event    40  chain     56  checksum
 *    4  codec   5  flags     24  insns    48  count     64  stored bytes
 *    8  raw    12  stored    32  page     52  header's checksum
 */
#ifndef VMS_TRACES_BLOCK_H
#define VMS_TRACES_BLOCK_H

#include "base/format.h"
#include "traces/bytes.h"
#include "traces/file.h"

#define PREAMBLE_BYTES   16
#define BLOCK_BYTES      64
#define BLOCK_RAW_MAX    (UINT32_C(4) << 20)
#define BLOCK_RAW_TARGET (UINT32_C(256) << 10)
#define END_BYTES        64
#define BLOCK_SKIP       0x01 /* flag: not needed to understand the rest */
#define BLOCK_CHECKPOINT 0x02 /* flag: its first event is a CHECKPOINT */

enum block_type {
	BLOCK_UNKNOWN,
	BLOCK_HEADER,
	BLOCK_EVENTS,
	BLOCK_PAGES,
	BLOCK_FILE,
	BLOCK_INDEX,
	BLOCK_END
};

struct block {
	enum block_type type;
	char letters[5];
	uint8_t codec, flags;
	uint32_t raw, stored;        /* bytes */
	uint64_t event, insns, page; /* numbers of the first in or after it */
	uint32_t count;              /* events or pages in it */
	uint64_t chain;              /* hash of the header before */
	uint64_t hash;               /* of this one */
	uint64_t offset;             /* of the header in the file */
};

/*
 * The content of an END block:
 *    0  how, 4 bytes     8  events    24  digest, low half     40  offset of
 *    4  zero            16  insns     32  digest, high half        the index
 */

/* EBADMSG, with "at byte N: " and the text in *problem, which may be NULL. */
int problem_set(struct trace_problem *problem, uint64_t offset,
    const char *format, ...) VMS_PRINTF(3, 4);
/* error, with its text. */
int problem_errno(struct trace_problem *problem, uint64_t offset, int error);

/* Hash of the preamble: the chain of the first block. */
uint64_t preamble_hash(const uint8_t *preamble);

/* --- Writing --- */

struct block_sink {
	int fd;
	uint64_t offset; /* where the next block goes */
	uint64_t chain;
	uint64_t limit; /* blocks must end there; 0: none */
	void *zstd;
	struct bytes out;
};

/* The caller gives fd and offset and keeps fd. */
int block_sink_init(struct block_sink *sink);
void block_sink_finish(struct block_sink *sink);

/* Writes len raw bytes as one block.  Of *block the caller sets type, flags,
 * event, insns, page and count; codec 0 if !compress.  ENOBUFS: over the
 * limit, nothing was written; after other errors the file ends as before. */
int block_write(struct block_sink *sink, struct block *block, const void *raw,
    size_t len, bool compress);
int write_all(int fd, const void *bytes, size_t len, uint64_t offset);

/* Sets both checksums and the chain of a packed header; its hash. */
uint64_t block_seal(uint8_t *header, const uint8_t *stored, uint64_t chain);

/* --- Reading --- */

struct block_source {
	int fd;
	uint64_t size;
	void *zstd;
	struct bytes stored;
};

int block_source_init(struct block_source *source);
void block_source_finish(struct block_source *source);

/* 0, or an errno value of the host; *got is less than len at the end. */
int read_all(int fd, void *bytes, size_t len, uint64_t offset, size_t *got);

/* The header at offset.  ENOENT: the file ends before the block does. */
int block_read(struct block_source *source, uint64_t offset,
    struct block *block, struct trace_problem *problem);
static inline uint64_t
block_end(const struct block *block)
{
	return block->offset + BLOCK_BYTES + block->stored;
}

/* What the block holds, checked and decompressed, replaces that of raw. */
int block_load(struct block_source *source, const struct block *block,
    struct bytes *raw, struct trace_problem *problem);

#endif
