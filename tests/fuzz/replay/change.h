/* SPDX-License-Identifier: BSD-2-Clause */
/* The changes that fuzz_replay.c makes to a recording, as its input says. */
#ifndef VMS_TESTS_FUZZ_REPLAY_CHANGE_H
#define VMS_TESTS_FUZZ_REPLAY_CHANGE_H

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "tests/fuzz/replay/scene.h"
#include "traces/file.h"
#include "traces/kinds.h"

#define EVENTS_MAX  400u
#define CHANGES_MAX 16u
#define INSNS_MAX   UINT64_C(0xffff)

struct recording {
	struct trace_header header;
	struct trace_event events[EVENTS_MAX];
	size_t count;
};

struct input {
	const uint8_t *bytes;
	size_t left;
};

static struct recording changed;
static uint8_t *made[CHANGES_MAX]; /* content of changed events */
static size_t made_count;

static inline void
promise(bool kept, const char *what, const char *text)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_replay: broken: %s: %s\n", what, text);
	abort();
}

static inline unsigned
byte_next(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->bytes++;
}

static inline uint64_t
bytes_next(struct input *in, unsigned count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | byte_next(in);
	return value;
}

/* Edges, differences from what is there, or any. */
static inline uint64_t
value_next(struct input *in, uint64_t old)
{
	static const uint64_t edges[] = { 0, 1, 2, 3, 0x7f, 0x1000, 0xfff,
		65535, 65536, INT32_MAX, UINT32_MAX, UINT64_C(1) << 46,
		INT64_MAX, INT64_MAX - 4095, UINT64_MAX, UINT64_MAX - 4095,
		SCENE_CODE, SCENE_ANON, UINT64_C(0x800000000000) };
	unsigned byte = byte_next(in);

	if (byte < 64)
		return edges[byte % (sizeof(edges) / sizeof(edges[0]))];
	if (byte < 128)
		return old + byte - 95;
	if (byte < 192)
		return old ^ UINT64_C(1) << (byte & 63);
	return bytes_next(in, byte % 8 + 1);
}

static inline const uint8_t *
content_copy(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	if (copy == NULL)
		abort();
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

static inline void
content_set(struct trace_event *event, const uint8_t *bytes)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	const struct field *last = &kind->fields[kind->count - 1];

	if (last->type == FIELD_BYTES)
		memcpy((uint8_t *)event + last->offset, &bytes, sizeof(bytes));
}

/* NULL: it has no content, or none now. */
static inline const uint8_t *
content_of(const struct trace_event *event, size_t *len)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	const struct field *last = &kind->fields[kind->count - 1];

	*len = 0;
	return last->type == FIELD_BYTES ? field_bytes(last, event, len) : NULL;
}

static inline struct trace_event *
event_next(struct input *in)
{
	return &changed.events[bytes_next(in, 2) % changed.count];
}

static inline void
register_change(struct input *in, struct trapframe *tf)
{
	unsigned at = byte_next(in) % TRACE_FRAME_REGS;
	uint64_t regs[TRACE_FRAME_REGS];

	memcpy(regs, tf, sizeof(regs));
	regs[at] = value_next(in, regs[at]);
	memcpy(tf, regs, sizeof(regs));
}

/* Content becomes ours, of the length len, with a few bytes changed. */
static inline void
content_change(struct input *in, struct trace_event *event, size_t len)
{
	size_t old_len;
	const uint8_t *old = content_of(event, &old_len);
	uint8_t *bytes = calloc(1, len + 1);

	promise(bytes != NULL, "memory", "");
	if (old != NULL)
		memcpy(bytes, old, old_len < len ? old_len : len);
	made[made_count++] = bytes;
	for (unsigned i = byte_next(in) % 5; i > 0 && len > 0; i--) {
		size_t at = bytes_next(in, 2) % len;
		bytes[at] = (uint8_t)value_next(in, bytes[at]);
	}
	content_set(event, bytes);
}

static inline void
content_resize(
    struct input *in, struct trace_event *event, const struct field *field)
{
	uint32_t len;
	size_t old_len;

	(void)content_of(event, &old_len);
	len = field->max;
	if (field->len_offset != 0) {
		len = (uint32_t)value_next(in, old_len) & 0x1fff;
		len = len > field->max ? field->max : len;
	}
	content_change(in, event, len);
	if (field->len_offset != 0)
		memcpy((uint8_t *)event + field->len_offset, &len, sizeof(len));
}

static inline void
number_change(
    struct input *in, struct trace_event *event, const struct field *field)
{
	uint8_t *at = (uint8_t *)event + field->offset;
	uint64_t value = value_next(in, field_load(field, event));
	uint32_t value32 = (uint32_t)value;

	switch (field->type) {
	case FIELD_BOOL:
		*(bool *)at = value & 1;
		break;
	case FIELD_U8:
		*at = (uint8_t)value;
		break;
	case FIELD_OP:
	case FIELD_U32:
	case FIELD_I32:
		memcpy(at, &value32, sizeof(value32));
		break;
	default:
		memcpy(at, &value, sizeof(value));
	}
}

static inline void
change_field(struct input *in, struct trace_event *event)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	const struct field *field = &kind->fields[byte_next(in) % kind->count];

	if (field->type == FIELD_FRAME_IN)
		register_change(in, &event->u.run.frame_in);
	else if (field->type == FIELD_FRAME_OUT)
		register_change(in, &event->u.run.frame_out);
	else if (field->type == FIELD_BYTES)
		content_resize(in, event, field);
	else
		number_change(in, event, field);
}

static inline void
change_content(struct input *in, struct trace_event *event)
{
	size_t len;

	if (content_of(event, &len) != NULL)
		content_change(in, event, len);
}

static inline void
change_remove(struct input *in, struct trace_event *event)
{
	size_t at = (size_t)(event - changed.events);

	(void)in;
	if (changed.count == 1)
		return;
	changed.count--;
	memmove(event, event + 1, (changed.count - at) * sizeof(*event));
}

/* Again, somewhere else. */
static inline void
change_insert(struct input *in, struct trace_event *event)
{
	struct trace_event copy = *event, *to = event_next(in);
	size_t after = changed.count - (size_t)(to - changed.events);

	if (changed.count == EVENTS_MAX)
		return;
	memmove(to + 1, to, after * sizeof(*to));
	*to = copy;
	changed.count++;
}

static inline void
change_swap(struct input *in, struct trace_event *event)
{
	struct trace_event *other = event_next(in), copy = *event;

	*event = *other;
	*other = copy;
}

/* One with nothing but zeroes, of any kind. */
static inline void
change_blank(struct input *in, struct trace_event *event)
{
	unsigned kind = byte_next(in) % TRACE_KIND_COUNT;

	if (kind_find(kind) == NULL)
		return;
	*event = (struct trace_event){ .kind = (enum trace_kind)kind };
	if (kind == TRACE_CALL)
		event->u.call.op = VMS_OP_PROC_OPEN;
	if (kind == TRACE_FP || kind == TRACE_PAGE)
		content_change(in, event, kind == TRACE_FP ? 512 : PAGE_BYTES);
}

static inline void
change_cut(struct input *in, struct trace_event *event)
{
	(void)in;
	changed.count = (size_t)(event - changed.events) + 1;
}

static inline void
change_header(struct input *in, struct trace_event *event)
{
	struct trace_header *header = &changed.header;
	unsigned which = byte_next(in) % 8;
	uint64_t value = value_next(in, which);

	(void)event;
	switch (which) {
	case 0:
		header->config_flags ^= (uint32_t)value;
		break;
	case 1:
		header->era = (uint32_t)value;
		break;
	case 2:
		header->arena_bytes = value;
		break;
	case 3:
		header->max_map_entries = value;
		break;
	case 4:
		header->observe_flags ^= (uint32_t)value;
		break;
	case 5:
		header->digest_insns = value;
		break;
	case 6:
		header->compat ^= value & 7;
		break;
	default:
		header->page_bytes ^= (uint32_t)value;
	}
}

static inline unsigned
changes_make(struct input *in)
{
	static void (*const changes[])(struct input *,
	    struct trace_event *) = { change_field, change_field, change_field,
		change_content, change_remove, change_insert, change_swap,
		change_blank, change_cut, change_header };
	const size_t count = sizeof(changes) / sizeof(changes[0]);
	unsigned done = 0;

	for (; in->left > 0 && done < CHANGES_MAX; done++) {
		unsigned op = byte_next(in);
		changes[op % count](in, event_next(in));
	}
	return done;
}

/* Guests that were ended by a trap still are when nothing but a count has
 * changed. */
static inline void
counts_cap(bool one_change)
{
	for (size_t i = 0; i < changed.count; i++) {
		struct trace_event *event = &changed.events[i];
		if (event->kind == TRACE_RUN &&
		    !(one_change && event->u.run.how == VMS_RUN_TRAP))
			event->u.run.insns &= INSNS_MAX;
	}
}

#endif
