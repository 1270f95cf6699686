/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the host that a trace carries. */
#include "traces/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 4096
/* Of all files that are kept in memory. */
#define FILES_BYTES (UINT64_C(512) << 20)

void
reader_files_finish(struct trace_reader *r)
{
	for (size_t i = 0; i < r->file_count; i++) {
		free(r->files[i].name);
		free(r->files[i].bytes);
	}
	free(r->files);
}

/* One FILE block. */
struct piece {
	const uint8_t *name, *bytes;
	size_t name_len, len;
	uint64_t total, at;
};

static int
piece_read(struct trace_reader *r, const struct block *block, struct bytes *raw,
    struct piece *piece)
{
	struct cursor in;
	int error = block_load(&r->source, block, raw, NULL);

	if (error != 0)
		return error;
	in = cursor_over(raw->at, raw->len);
	piece->name = cursor_string(&in, &piece->name_len);
	piece->total = cursor_varint(&in);
	piece->at = cursor_varint(&in);
	piece->len = cursor_left(&in);
	piece->bytes = cursor_take(&in, piece->len);
	return in.bad || piece->total > TRACE_FILE_MAX ||
		       piece->at > piece->total ||
		       piece->len > piece->total - piece->at
		   ? EBADMSG
		   : 0;
}

static int
file_add(struct trace_reader *r, const struct block *block,
    const struct piece *piece)
{
	struct reader_file *file;
	char *name;

	if (piece->at != 0 || r->file_count == FILES_MAX)
		return 0;
	if (r->files == NULL)
		r->files = calloc(FILES_MAX, sizeof(*r->files));
	name = calloc(1, piece->name_len + 1);
	if (r->files == NULL || name == NULL) {
		free(name);
		return ENOMEM;
	}
	memcpy(name, piece->name, piece->name_len);
	file = &r->files[r->file_count++];
	file->name = name;
	file->offset = block->offset;
	file->len = piece->total;
	return 0;
}

static void
files_find(struct trace_reader *r)
{
	struct position at = reader_start(r);
	struct bytes raw = { 0 };
	struct block block;
	struct piece piece;

	if (r->files_known)
		return;
	r->files_known = true;
	while (reader_step(r, &at, &block, NULL) == 0)
		if (block.type == BLOCK_FILE &&
		    (piece_read(r, &block, &raw, &piece) != 0 ||
			file_add(r, &block, &piece) != 0))
			break;
	bytes_finish(&raw);
}

/* Its pieces follow each other. */
static int
file_fill(struct trace_reader *r, struct reader_file *file, uint8_t *bytes)
{
	struct position at = { .next = file->offset };
	struct bytes raw = { 0 };
	struct block block;
	struct piece piece = { 0 };
	uint64_t done = 0;
	int error = 0;

	while (error == 0 && done < file->len) {
		error = reader_step(r, &at, &block, NULL);
		if (error == 0)
			error = block.type == BLOCK_FILE
				    ? piece_read(r, &block, &raw, &piece)
				    : EBADMSG;
		if (error == 0 &&
		    (piece.at != done || piece.total != file->len ||
			piece.len == 0))
			error = EBADMSG;
		if (error != 0)
			break;
		memcpy(bytes + done, piece.bytes, piece.len);
		done += piece.len;
	}
	bytes_finish(&raw);
	return error == ENOENT ? EBADMSG : error;
}

static int
file_load(struct trace_reader *r, struct reader_file *file)
{
	uint8_t *bytes;
	int error;

	if (file->len > FILES_BYTES - r->file_bytes)
		return ENOMEM;
	bytes = malloc(file->len == 0 ? 1 : (size_t)file->len);
	if (bytes == NULL)
		return ENOMEM;
	error = file_fill(r, file, bytes);
	if (error != 0) {
		free(bytes);
		return error;
	}
	file->bytes = bytes;
	r->file_bytes += file->len;
	return 0;
}

int
trace_reader_file(struct trace_reader *r, const char *name,
    const uint8_t **bytes, size_t *len)
{
	int error = ENOENT;

	files_find(r);
	for (size_t i = 0; i < r->file_count; i++) {
		struct reader_file *file = &r->files[i];
		if (strcmp(file->name, name) != 0)
			continue;
		error = file->bytes == NULL ? file_load(r, file) : 0;
		if (error != 0)
			break;
		*bytes = file->bytes;
		*len = (size_t)file->len;
		break;
	}
	return error;
}

const char *
trace_reader_file_name(struct trace_reader *r, size_t index)
{
	files_find(r);
	return index < r->file_count ? r->files[index].name : NULL;
}
