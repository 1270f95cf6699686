/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- Opening --- */

static int
source_open(struct trace_reader *r, const char *path)
{
	struct stat st;

	r->source.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (r->source.fd < 0 || fstat(r->source.fd, &st) != 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return ESPIPE;
	r->source.size = (uint64_t)st.st_size;
	return 0;
}

static int
header_read(struct trace_reader *r, struct trace_problem *problem)
{
	uint8_t preamble[PREAMBLE_BYTES];
	struct block block;
	size_t got;
	int error = read_all(r->source.fd, preamble, sizeof(preamble), 0, &got);

	if (error != 0)
		return problem_errno(problem, 0, error);
	error = preamble_decode(&r->header.about, preamble, got, problem);
	if (error == 0)
		error = block_read(&r->source, PREAMBLE_BYTES, &block, problem);
	if (error == ENOENT)
		return problem_set(
		    problem, r->source.size, "the file ends in its header");
	if (error != 0)
		return error;
	if (block.type != BLOCK_HEADER ||
	    block.chain != preamble_hash(preamble))
		return problem_set(problem, PREAMBLE_BYTES,
		    "the first block does not belong to this file");
	error = block_load(&r->source, &block, &r->raw, problem);
	if (error != 0)
		return error;
	r->first = block;
	return header_decode(&r->header, r->raw.at, r->raw.len, problem);
}

static int
reader_init(
    struct trace_reader *r, const char *path, struct trace_problem *problem)
{
	int error = source_open(r, path);

	if (error == 0)
		error = block_source_init(&r->source);
	if (error == 0)
		error = digest_init(&r->digest);
	return error != 0 ? problem_errno(problem, 0, error)
			  : header_read(r, problem);
}

static void
reader_rewind(struct trace_reader *r)
{
	r->at = reader_start(r);
	r->left = 0;
	r->number = r->insns = 0;
	r->counted = (r->header.about.incompat & TRACE_INCOMPAT_RING) == 0;
	r->digesting = !r->header.map.newer;
	r->ended = false;
	r->error = 0;
	digest_reset(&r->digest);
}

int
trace_reader_open(
    const char *path, struct trace_reader **out, struct trace_problem *problem)
{
	struct trace_reader *r = calloc(1, sizeof(*r));
	int error;

	if (r == NULL)
		return problem_errno(problem, 0, ENOMEM);
	r->source.fd = -1;
	error = reader_init(r, path, problem);
	if (error != 0) {
		trace_reader_close(r);
		return error;
	}
	r->scanned = reader_start(r);
	reader_rewind(r);
	*out = r;
	return 0;
}

void
trace_reader_close(struct trace_reader *r)
{
	if (r == NULL)
		return;
	if (r->source.fd >= 0)
		(void)close(r->source.fd);
	block_source_finish(&r->source);
	header_finish(&r->header);
	digest_finish(&r->digest);
	index_finish(&r->index);
	page_cache_finish(&r->pages);
	reader_files_finish(r);
	bytes_finish(&r->state.payload);
	bytes_finish(&r->raw);
	bytes_finish(&r->data);
	free(r);
}

const struct trace_header *
trace_reader_header(const struct trace_reader *r)
{
	return &r->header.about;
}

const struct trace_end *
trace_reader_end(const struct trace_reader *r)
{
	return &r->end;
}

uint64_t
trace_reader_left(const struct trace_reader *r)
{
	return r->at.next < r->source.size ? r->source.size - r->at.next : 0;
}

/* --- Blocks --- */

static int
bad(struct trace_reader *r, const struct block *block, const char *why)
{
	return problem_set(&r->problem, block->offset, "%s", why);
}

static int
enter_events(struct trace_reader *r, const struct block *block)
{
	if (block->count == 0)
		return bad(r, block, "a block of events has none");
	if (r->counted && block->insns != r->insns)
		return bad(r, block,
		    "a block does not continue the count of instructions");
	r->block = *block;
	r->number = block->event;
	r->insns = block->insns;
	r->counted = true;
	r->events = cursor_over(r->raw.at, r->raw.len);
	r->left = block->count;
	codec_reset(&r->state);
	return 0;
}

static int
end_check(struct trace_reader *r, const struct block *block)
{
	uint64_t digest[2];

	if (r->end.how > TRACE_END_CAPPED)
		return bad(r, block, "the trace ends in an unknown way");
	if (r->end.events != block->event ||
	    (r->counted && r->end.insns != r->insns))
		return bad(r, block, "the totals at the end are wrong");
	digest_value(&r->digest, digest);
	if (r->digesting &&
	    memcmp(digest, r->end.stream_digest, sizeof(digest)) != 0)
		return bad(r, block, "the digest of the events is wrong");
	if (block_end(block) != r->source.size)
		return bad(r, block, "bytes follow the end");
	r->ended = true;
	return ENOENT;
}

static int
enter_end(struct trace_reader *r, const struct block *block)
{
	const uint8_t *raw = r->raw.at;

	if (r->raw.len < END_BYTES ||
	    (r->raw.len > END_BYTES && !r->header.map.newer))
		return bad(r, block, "the end has a wrong length");
	r->end = (struct trace_end){ (enum trace_end_how)get_u32(raw),
		get_u64(raw + 8), get_u64(raw + 16),
		{ get_u64(raw + 24), get_u64(raw + 32) } };
	return end_check(r, block);
}

/* ENOENT: that was the end. */
static int
block_enter(struct trace_reader *r, const struct block *block)
{
	int error;

	if (block->type == BLOCK_HEADER)
		return bad(r, block, "there is a second header");
	error = block->type == BLOCK_PAGES
		    ? page_cache_load(&r->pages, &r->source, block, &r->problem)
		    : block_load(&r->source, block, &r->raw, &r->problem);
	if (error != 0)
		return error;
	if (block->type == BLOCK_EVENTS)
		return enter_events(r, block);
	return block->type == BLOCK_END ? enter_end(r, block) : 0;
}

static int
end_truncated(struct trace_reader *r)
{
	r->end = (struct trace_end){ TRACE_END_TRUNCATED, r->number, r->insns,
		{ 0, 0 } };
	if (r->digesting)
		digest_value(&r->digest, r->end.stream_digest);
	r->ended = true;
	return ENOENT;
}

static int
block_next(struct trace_reader *r)
{
	struct block block;
	int error = reader_step(r, &r->at, &block, &r->problem);

	if (error == ENOENT)
		return end_truncated(r);
	if (error == 0 && reader_note(r, &r->at, &block) != 0)
		error = problem_errno(&r->problem, block.offset, ENOMEM);
	return error != 0 ? error : block_enter(r, &block);
}

/* --- Events --- */

static int
store_get(void *arg, uint64_t number, uint8_t *page)
{
	return reader_page(arg, number, page);
}

/* Counts the event that was decoded. */
static int
event_count(struct trace_reader *r, struct trace_event *event)
{
	event->number = r->number++;
	event->insns = r->insns;
	if (event->kind == TRACE_RUN)
		r->insns += event->u.run.insns;
	if (--r->left == 0 && cursor_left(&r->events) > 0)
		return bad(r, &r->block, "bytes follow a block's last event");
	return r->digesting ? digest_event(&r->digest, event) : 0;
}

/* EAGAIN: there was one that nobody needs. */
static int
event_next(struct trace_reader *r, struct trace_event *event)
{
	const struct codec_store store = { NULL, store_get, r };
	const char *why = NULL;
	int error = codec_decode(&r->state, &r->header.map, &r->events, &store,
	    &r->data, event, &why);

	if (error == EAGAIN) {
		r->digesting = false;
		r->number++;
		r->left--;
		return EAGAIN;
	}
	if (error == 0)
		return event_count(r, event);
	if (why != NULL)
		return problem_set(&r->problem, r->block.offset,
		    "event %llu: %s", (unsigned long long)r->number, why);
	return error == EBADMSG
		   ? error
		   : problem_errno(&r->problem, r->block.offset, error);
}

int
trace_next(struct trace_reader *r, struct trace_event *event,
    struct trace_problem *problem)
{
	int error = r->ended ? ENOENT : r->error != 0 ? r->error : EAGAIN;

	while (error == EAGAIN) {
		if (r->left > 0) {
			error = event_next(r, event);
			continue;
		}
		error = block_next(r);
		if (error == 0)
			error = EAGAIN;
	}
	if (error == 0 || error == ENOENT)
		return error;
	r->error = error;
	if (problem != NULL)
		*problem = r->problem;
	return error;
}

static void
reader_place(struct trace_reader *r, uint64_t offset)
{
	reader_rewind(r);
	r->at = (struct position){ .next = offset };
	r->counted = r->digesting = false;
}

int
trace_reader_seek_checkpoint(
    struct trace_reader *r, uint64_t insns, struct trace_problem *problem)
{
	struct position at = reader_start(r);
	uint64_t found = 0;
	struct block block;
	int error;

	while ((error = reader_step(r, &at, &block, problem)) == 0) {
		if ((error = reader_note(r, &at, &block)) != 0)
			return problem_errno(problem, block.offset, error);
		if (block.type != BLOCK_EVENTS)
			continue;
		if (block.insns >= insns)
			break;
		if (block.flags & BLOCK_CHECKPOINT)
			found = block.offset;
	}
	if (error != 0 && error != ENOENT)
		return error;
	reader_rewind(r);
	if (found == 0)
		return ENOENT;
	reader_place(r, found);
	return 0;
}

int
trace_reader_seek(
    struct trace_reader *r, uint64_t number, struct trace_problem *problem)
{
	const struct index_entry *entry;
	struct block block;
	int error = 0;

	while (error == 0 && r->scanned.event <= number) {
		struct position next = r->scanned;
		error = reader_step(r, &next, &block, problem);
		if (error == 0 && reader_note(r, &next, &block) != 0)
			error = problem_errno(problem, block.offset, ENOMEM);
	}
	if (error != 0 && error != ENOENT)
		return error;
	entry = number == 0 ? NULL : index_event(&r->index, number);
	if (entry == NULL)
		reader_rewind(r);
	else
		reader_place(r, entry->offset);
	return 0;
}
