/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Makes a hostile file of a good trace: mutate WAY SEED FROM TO.  WAYs with
 * "mended" have checksums and chains that agree with what was changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "traces/block.h"

#define BLOCKS_MAX 4096

struct file {
	uint8_t *bytes;
	size_t len, room;
	size_t blocks[BLOCKS_MAX]; /* offsets; one more than count */
	size_t count;
	uint64_t seed;
};

static void
die(const char *what)
{
	fprintf(stderr, "mutate: %s\n", what);
	exit(2);
}

static void
file_read(struct file *file, const char *path)
{
	FILE *in = fopen(path, "rb");

	file->room = 1 << 26;
	file->bytes = malloc(file->room);
	if (in == NULL || file->bytes == NULL)
		die(path);
	file->len = fread(file->bytes, 1, file->room / 2, in);
	fclose(in);
}

static void
file_write(const struct file *file, const char *path)
{
	FILE *out = fopen(path, "wb");

	if (out == NULL ||
	    fwrite(file->bytes, 1, file->len, out) != file->len ||
	    fclose(out) != 0)
		die(path);
}

static size_t
random_below(struct file *file, size_t end)
{
	uint64_t z = file->seed += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)((z ^ z >> 31) % end);
}

static void
blocks_find(struct file *file)
{
	size_t at = PREAMBLE_BYTES;

	while (at + BLOCK_BYTES <= file->len && file->count < BLOCKS_MAX - 1) {
		file->blocks[file->count++] = at;
		at += BLOCK_BYTES + get_u32(file->bytes + at + 12);
	}
	file->blocks[file->count] = file->len;
	if (at != file->len || file->count < 4)
		die("not a whole trace");
}

/* As far as the blocks fit. */
static void
mend(struct file *file)
{
	uint64_t chain = preamble_hash(file->bytes);
	size_t at = PREAMBLE_BYTES;

	while (file->len - at >= BLOCK_BYTES) {
		uint8_t *header = file->bytes + at;
		size_t stored = get_u32(header + 12);
		if (stored > file->len - at - BLOCK_BYTES)
			return;
		chain = block_seal(header, header + BLOCK_BYTES, chain);
		at += BLOCK_BYTES + stored;
	}
}

static void
way_cut(struct file *file)
{
	file->len = random_below(file, file->len);
}

static void
way_flip(struct file *file)
{
	size_t bit = random_below(file, file->len * 8);

	file->bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
}

/* In a header, so that the rest is still understood. */
static void
way_header(struct file *file)
{
	size_t at = file->blocks[random_below(file, file->count)] +
		    random_below(file, BLOCK_BYTES);

	file->bytes[at] ^= (uint8_t)(1u << random_below(file, 8));
}

/* A field of a header becomes as large as it can be. */
static void
way_huge(struct file *file)
{
	static const unsigned fields[][2] = { { 8, 4 }, { 12, 4 }, { 16, 8 },
		{ 24, 8 }, { 32, 8 }, { 48, 4 } };
	const unsigned *field = fields[random_below(file, 6)];
	size_t block = file->blocks[random_below(file, file->count)];

	memset(file->bytes + block + field[0],
	    random_below(file, 2) ? 0xff : 0x7f, field[1]);
}

static size_t
block_bytes(const struct file *file, size_t block)
{
	return file->blocks[block + 1] - file->blocks[block];
}

static void
way_drop(struct file *file)
{
	size_t block = random_below(file, file->count);
	size_t at = file->blocks[block], len = block_bytes(file, block);

	memmove(file->bytes + at, file->bytes + at + len, file->len - at - len);
	file->len -= len;
}

static void
way_twice(struct file *file)
{
	size_t block = random_below(file, file->count);
	size_t at = file->blocks[block], len = block_bytes(file, block);

	memmove(file->bytes + at + len, file->bytes + at, file->len - at);
	file->len += len;
}

/* A block and the one after it change places. */
static void
way_swap(struct file *file)
{
	size_t block = random_below(file, file->count - 1);
	size_t at = file->blocks[block], len = block_bytes(file, block);
	size_t next = block_bytes(file, block + 1);
	uint8_t *copy = malloc(len);

	if (copy == NULL)
		die("memory");
	memcpy(copy, file->bytes + at, len);
	memmove(file->bytes + at, file->bytes + at + len, next);
	memcpy(file->bytes + at + next, copy, len);
	free(copy);
}

/* Bytes of one place to another. */
static void
way_copy(struct file *file)
{
	size_t len = 1 + random_below(file, 64);
	size_t from = random_below(file, file->len - len);
	size_t to = random_below(file, file->len - len);

	memmove(file->bytes + to, file->bytes + from, len);
}

static const struct {
	const char *name;
	void (*fn)(struct file *);
	bool mends;
} ways[] = {
	{ "cut", way_cut, false },
	{ "flip", way_flip, false },
	{ "flip-mended", way_flip, true },
	{ "header-mended", way_header, true },
	{ "huge", way_huge, false },
	{ "huge-mended", way_huge, true },
	{ "drop", way_drop, false },
	{ "drop-mended", way_drop, true },
	{ "twice", way_twice, false },
	{ "twice-mended", way_twice, true },
	{ "swap", way_swap, false },
	{ "swap-mended", way_swap, true },
	{ "copy-mended", way_copy, true },
};

int
main(int argc, char **argv)
{
	static struct file file;

	if (argc != 5)
		die("usage: mutate WAY SEED FROM TO");
	file.seed = strtoull(argv[2], NULL, 10);
	file_read(&file, argv[3]);
	blocks_find(&file);
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (strcmp(ways[i].name, argv[1]) != 0)
			continue;
		ways[i].fn(&file);
		if (ways[i].mends)
			mend(&file);
		file_write(&file, argv[4]);
		free(file.bytes);
		return 0;
	}
	die("there is no such way");
}
