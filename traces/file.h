/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trace as a file: events in, events out.  docs/trace-format.md has the
 * bytes.  Everything that comes from a file is distrusted: lengths, numbers,
 * order, checksums; a reader's memory is bounded whatever the file says.
 *
 * Page contents of INPUT and WRITTEN events that fill a whole page are stored
 * once however often they occur (compared by bytes, not by a hash: guests may
 * be hostile); small ones are stored in the event.
 */
#ifndef VMS_TRACES_FILE_H
#define VMS_TRACES_FILE_H

#include <stdio.h>

#include "traces/event.h"

#define TRACE_MAJOR 1
#define TRACE_MINOR 0

/* Features that a reader may pass over. */
#define TRACE_COMPAT_WRITTEN     UINT64_C(0x1)
#define TRACE_COMPAT_CHECKPOINTS UINT64_C(0x2)
#define TRACE_COMPAT_UNDECLARED  UINT64_C(0x4) /* stores were searched for */
/* Features without which a file cannot be understood; the file has a name for
 * each bit that it sets, for the refusal by an older reader. */
#define TRACE_INCOMPAT_RING UINT64_C(0x1) /* "starts at a checkpoint" */

struct trace_header {
	uint16_t major, minor;
	uint64_t compat, incompat;
	/* Of struct vms_config, as far as guests can see it. */
	uint32_t config_flags, era;
	uint64_t arena_bytes, max_map_entries; /* as configured; 0: default */
	uint32_t observe_flags; /* VMS_OBSERVE_* of the recorder */
	uint64_t digest_insns;
	uint32_t page_bytes; /* 4096 */
	char cpu_model[32];  /* "Nehalem" */
	char unicorn[16];    /* version that recorded */
	char creator[32];    /* "vmspace 0.1.0" */
	/* "key=value" strings; NULL ends.  Reader: owned by it.  May be NULL.
	 */
	const char *const *notes;
};

enum trace_end_how {
	TRACE_END_COMPLETE,
	TRACE_END_CAPPED,   /* max_bytes */
	TRACE_END_TRUNCATED /* no end was found: a recording cut short */
};

struct trace_end {
	enum trace_end_how how;
	uint64_t events, insns;
	uint64_t stream_digest[2]; /* XXH3-128 of all encoded events in order */
};

/* --- Writing ------------------------------------------------------------ */

struct trace_writer;

struct trace_writer_options {
	uint64_t max_bytes; /* 0: no cap */
	/* 0: keep all.  Else about the last so many, from a CHECKPOINT on:
	 * the file is made of the last two parts that start at one and have
	 * half of the bytes, or what lies between two CHECKPOINTs.  Meanwhile
	 * the older part is path.partial.old.  Sets TRACE_INCOMPAT_RING; the
	 * file may still start at event 0. */
	uint64_t ring_bytes;
	/* Of the first event: not 0 in the copy of what a ring has kept. */
	uint64_t first_event, first_insn;
};

/* Creates path.partial (mode 0666 under the umask; an old one is replaced).
 * EBUSY: it is being written.  EISDIR, EEXIST: path is no file.  The caller
 * owns *out. */
int trace_writer_create(const char *path, const struct trace_header *header,
    const struct trace_writer_options *options, struct trace_writer **out);

/* Appends; sets event->number and event->insns.  An errno value ends the
 * trace: later calls give it again.  ENOBUFS: the cap is reached; the file up
 * to there is good and trace_writer_finish() will name it. */
int trace_write(struct trace_writer *writer, struct trace_event *event);

/* Bytes that the file has now, without what is buffered; a ring: its newer
 * part. */
uint64_t trace_writer_bytes(const struct trace_writer *writer);

/* Embeds a file of the host, to be found by trace_reader_file().  EFBIG: over
 * TRACE_FILE_MAX; that ends the trace too. */
#define TRACE_FILE_MAX (UINT32_C(256) << 20)
int trace_write_file(struct trace_writer *writer, const char *name,
    const void *bytes, size_t len);

/* Writes out what is buffered as a complete block: after it, a reader of the
 * partial file sees every event so far. */
int trace_writer_flush(struct trace_writer *writer);

/* Index and end, renames, frees.  Answers the first error; then the file keeps
 * the name path.partial.  end and bytes may be NULL. */
int trace_writer_finish(
    struct trace_writer *writer, struct trace_end *end, uint64_t *bytes);

/* --- Reading ------------------------------------------------------------ */

/* Why a file cannot be used, in one line: "at byte 4711: block checksum is
 * wrong". */
struct trace_problem {
	char text[200];
	uint64_t offset;
};

struct trace_reader;

/* EBADMSG and *problem, or an errno value of the host's file calls (then
 * *problem has its text too).  The caller owns *out. */
int trace_reader_open(
    const char *path, struct trace_reader **out, struct trace_problem *problem);
void trace_reader_close(struct trace_reader *reader); /* NULL is accepted */

const struct trace_header *trace_reader_header(const struct trace_reader *);

/* The next event; what it points to lives until the next call.  ENOENT: the
 * end (trace_reader_end() says which).  EBADMSG and problem: the file is bad
 * from here on. */
int trace_next(struct trace_reader *reader, struct trace_event *event,
    struct trace_problem *problem);

/* Known after trace_next() has given ENOENT. */
const struct trace_end *trace_reader_end(const struct trace_reader *reader);

/* Goes to the last point from which the event with this number can be reached
 * by trace_next(); frames of lwps are complete from there on.  Event numbers
 * are checked by the caller.  0 goes back to the start. */
int trace_reader_seek(struct trace_reader *reader, uint64_t number,
    struct trace_problem *problem);

/* Goes to the last CHECKPOINT before which all guests have retired fewer than
 * insns instructions.  ENOENT: there is none; it is at the start then. */
int trace_reader_seek_checkpoint(
    struct trace_reader *reader, uint64_t insns, struct trace_problem *problem);

/* Bytes of the file that have not been read yet: for progress. */
uint64_t trace_reader_left(const struct trace_reader *reader);

/* An embedded file; borrowed.  ENOENT. */
int trace_reader_file(struct trace_reader *reader, const char *name,
    const uint8_t **bytes, size_t *len);
/* Names of embedded files: NULL when index is past the last. */
const char *trace_reader_file_name(struct trace_reader *reader, size_t index);

/* Per block, for `vmspace trace info`: fn is told each. */
struct trace_block_info {
	const char *type;
	uint64_t offset, stored_bytes, raw_bytes, events;
};
typedef void trace_block_fn(void *arg, const struct trace_block_info *block);
int trace_reader_blocks(struct trace_reader *reader, trace_block_fn *fn,
    void *arg, struct trace_problem *problem);

#endif
