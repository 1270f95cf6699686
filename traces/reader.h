/* SPDX-License-Identifier: BSD-2-Clause */
/* The inside of a reader: reader.c goes through events, reader_files.c and
 * reader_scan.c through blocks. */
#ifndef VMS_TRACES_READER_H
#define VMS_TRACES_READER_H

#include "traces/block.h"
#include "traces/digest.h"
#include "traces/header.h"
#include "traces/index.h"
#include "traces/pages.h"

/* A place between two blocks, and what the next header must say. */
struct position {
	uint64_t next; /* offset */
	uint64_t chain, event, page;
	bool linked; /* chain is known */
	bool known;  /* event and page are */
};

struct reader_file {
	char *name;
	uint64_t offset, len;
	uint8_t *bytes; /* NULL: not read yet */
};

struct trace_reader {
	struct block_source source;
	struct header header;
	struct block first; /* the HEADER block */
	struct bytes raw, data;

	/* Where trace_next() is. */
	struct position at;
	struct block block;   /* the one that events come from */
	struct cursor events; /* those that are left of it */
	uint32_t left;
	uint64_t number, insns;
	bool counted; /* insns is known */
	struct codec_state state;
	struct digest digest;
	bool digesting; /* every event since the start was seen */
	bool ended;
	struct trace_end end;
	int error; /* sticky */
	struct trace_problem problem;

	/* How far headers were looked at, and what was found. */
	struct position scanned;
	struct trace_index index;
	struct page_cache pages;
	struct reader_file *files;
	size_t file_count;
	uint64_t file_bytes;
	bool files_known;
};

/* The place behind the HEADER block. */
struct position reader_start(const struct trace_reader *r);

/* Reads the header at *at, checks that it belongs there, and steps over the
 * block.  ENOENT: the file ends. */
int reader_step(struct trace_reader *r, struct position *at,
    struct block *block, struct trace_problem *problem);

/* Notes a block that *at has just passed, if it is a new one.  ENOMEM. */
int reader_note(struct trace_reader *r, const struct position *at,
    const struct block *block);

/* Copies a page content that the current block may refer to; r->problem. */
int reader_page(struct trace_reader *r, uint64_t number, uint8_t *page);

void reader_files_finish(struct trace_reader *r);

#endif
