/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as a trace: a reader gives events or refuses with a place, and
 * what it gives can be written and read again.  As no change of a file would
 * survive its checksums, the bytes are also read with these made good, and as
 * the content of a block of events.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"
#include "traces/block.h"
#include "traces/codec.h"
#include "traces/header.h"
#include "traces/index.h"
#include "traces/text.h"

static void
promise(int kept, const char *what)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_trace: broken: %s\n", what);
	abort();
}

static void
path_fill(char *path, const uint8_t *bytes, size_t len)
{
	int fd = mkstemp(path);

	promise(
	    fd >= 0 && write(fd, bytes, len) == (ssize_t)len, "temporary file");
	close(fd);
}

static void
refused(int error, const struct trace_problem *problem)
{
	promise(error == EBADMSG || error == ENOMEM, "EBADMSG");
	promise(strncmp(problem->text, "at byte ", 8) == 0 &&
		    strchr(problem->text, '\n') == NULL,
	    "one line with a place");
}

/* Reads on; the events that came. */
static uint64_t
read_events(struct trace_reader *reader, struct trace_writer *copy)
{
	struct trace_problem problem = { "", 0 };
	struct trace_event event;
	uint64_t count = 0;
	int error;

	while ((error = trace_next(reader, &event, &problem)) == 0) {
		FILE *null = fopen("/dev/null", "w");
		promise(null != NULL, "/dev/null");
		trace_event_print(null, &event);
		trace_event_json(null, &event);
		fclose(null);
		count++;
		if (copy != NULL)
			promise(trace_write(copy, &event) == 0,
			    "what was read can be written");
	}
	if (error != ENOENT)
		refused(error, &problem);
	return count;
}

static void
read_files(struct trace_reader *reader)
{
	const uint8_t *bytes;
	const char *name;
	size_t len;

	for (size_t i = 0; i < 4; i++) {
		name = trace_reader_file_name(reader, i);
		if (name == NULL ||
		    trace_reader_file(reader, name, &bytes, &len) != 0)
			break;
		promise(len <= TRACE_FILE_MAX, "length of a file");
	}
}

static void
tell_block(void *arg, const struct trace_block_info *block)
{
	*(uint64_t *)arg += block->stored_bytes;
}

static void
copy_check(const char *copy_path, uint64_t count, uint64_t wrote)
{
	struct trace_reader *reader;

	promise(count == wrote, "every event was written");
	promise(trace_reader_open(copy_path, &reader, NULL) == 0, "a copy");
	promise(read_events(reader, NULL) == count, "a copy has all events");
	trace_reader_close(reader);
}

static void
read_all_ways(struct trace_reader *reader)
{
	static const struct trace_header header = { .page_bytes = 4096 };
	char copy_path[] = "/tmp/fuzz_trace_copy.XXXXXX";
	struct trace_problem problem = { "", 0 };
	struct trace_writer *copy;
	struct trace_end end;
	uint64_t count, sum = 0;

	path_fill(copy_path, NULL, 0);
	promise(trace_writer_create(copy_path, &header, NULL, &copy) == 0,
	    "a copy is made");
	count = read_events(reader, copy);
	promise(trace_writer_finish(copy, &end, NULL) == 0, "a copy ends");
	copy_check(copy_path, count, end.events);
	unlink(copy_path);
	(void)trace_reader_blocks(reader, tell_block, &sum, &problem);
	read_files(reader);
	if (trace_reader_seek(reader, count / 2, &problem) == 0)
		(void)read_events(reader, NULL);
}

static void
read_file(const uint8_t *bytes, size_t len)
{
	char path[] = "/tmp/fuzz_trace.XXXXXX";
	struct trace_problem problem = { "", 0 };
	struct trace_reader *reader;
	int error;

	path_fill(path, bytes, len);
	error = trace_reader_open(path, &reader, &problem);
	unlink(path);
	if (error != 0) {
		refused(error, &problem);
		return;
	}
	read_all_ways(reader);
	trace_reader_close(reader);
}

/* Makes all checksums good, as far as the blocks fit. */
static void
file_mend(uint8_t *bytes, size_t len)
{
	uint64_t chain;
	size_t at = PREAMBLE_BYTES;

	if (len < PREAMBLE_BYTES)
		return;
	chain = preamble_hash(bytes);
	while (at <= len && len - at >= BLOCK_BYTES) {
		size_t stored = get_u32(bytes + at + 12);
		if (stored > len - at - BLOCK_BYTES)
			return;
		chain = block_seal(bytes + at, bytes + at + BLOCK_BYTES, chain);
		at += BLOCK_BYTES + stored;
	}
}

static int
page_none(void *arg, uint64_t number, uint8_t *page)
{
	(void)arg;
	memset(page, (int)(number & 0xff), CODEC_PAGE);
	return number < 1000 ? 0 : ENOENT;
}

/* The bytes as events, and as an index. */
static void
read_content(const uint8_t *bytes, size_t len)
{
	static struct codec_state state;
	const struct codec_store store = { NULL, page_none, NULL };
	struct cursor in = cursor_over(bytes, len);
	struct trace_index index = { 0 };
	struct bytes data = { 0 };
	struct trace_event event;
	struct codec_map map;
	const char *why;
	int error = 0;

	codec_map_init(&map);
	codec_reset(&state);
	while (error == 0)
		error = codec_decode(
		    &state, &map, &in, &store, &data, &event, &why);
	promise(error == EBADMSG || error == ENOENT, "decoding ends");
	bytes_finish(&data);
	in = cursor_over(bytes, len);
	(void)index_decode(&index, &in);
	index_finish(&index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	promise(copy != NULL, "memory");
	if (len > 0)
		memcpy(copy, bytes, len);
	read_file(bytes, len);
	file_mend(copy, len);
	read_file(copy, len);
	read_content(bytes, len);
	free(copy);
	return 0;
}
