/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/header.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Not text, and spoiled by anything that changes line ends. */
static const uint8_t magic[8] = { 0x89, 'V', 'M', 'S', 'T', '\r', '\n', 0x1a };

void
preamble_encode(uint8_t *preamble)
{
	memcpy(preamble, magic, sizeof(magic));
	put_u16(preamble + 8, TRACE_MAJOR);
	put_u16(preamble + 10, TRACE_MINOR);
	put_u32(preamble + 12, 0);
}

int
preamble_decode(struct trace_header *about, const uint8_t *preamble, size_t got,
    struct trace_problem *problem)
{
	if (got < PREAMBLE_BYTES || memcmp(preamble, magic, sizeof(magic)) != 0)
		return problem_set(problem, 0, "this is no trace of vmspace");
	about->major = get_u16(preamble + 8);
	about->minor = get_u16(preamble + 10);
	if (about->major != TRACE_MAJOR)
		return problem_set(problem, 8,
		    "the trace has format %u.%u, this version reads %u.x",
		    about->major, about->minor, TRACE_MAJOR);
	return 0;
}

/* Items of the block: key, value, each with its length before it. */
enum item_type { ITEM_U32, ITEM_U64, ITEM_TEXT };

struct item {
	const char *key;
	enum item_type type;
	size_t offset, bytes; /* in struct trace_header */
};

#define ITEM(key, type, member)                                                \
	{                                                                      \
		key, type, offsetof(struct trace_header, member),              \
		    sizeof(((struct trace_header *)NULL)->member)              \
	}

static const struct item items[] = {
	ITEM("compat", ITEM_U64, compat),
	ITEM("incompat", ITEM_U64, incompat),
	ITEM("config.flags", ITEM_U32, config_flags),
	ITEM("config.era", ITEM_U32, era),
	ITEM("config.arena_bytes", ITEM_U64, arena_bytes),
	ITEM("config.max_map_entries", ITEM_U64, max_map_entries),
	ITEM("observe.flags", ITEM_U32, observe_flags),
	ITEM("observe.digest_insns", ITEM_U64, digest_insns),
	ITEM("page_bytes", ITEM_U32, page_bytes),
	ITEM("cpu_model", ITEM_TEXT, cpu_model),
	ITEM("unicorn", ITEM_TEXT, unicorn),
	ITEM("creator", ITEM_TEXT, creator),
};

#define ITEMS (sizeof(items) / sizeof(items[0]))

static const struct {
	uint64_t bit;
	const char *name;
	bool incompat;
} bits[] = {
	{ TRACE_COMPAT_WRITTEN, "what guests wrote", false },
	{ TRACE_COMPAT_CHECKPOINTS, "checkpoints", false },
	{ TRACE_COMPAT_UNDECLARED, "stores were searched for", false },
	{ TRACE_INCOMPAT_RING, "starts at a checkpoint", true },
};

#define BITS (sizeof(bits) / sizeof(bits[0]))

static uint64_t
bits_known(bool incompat)
{
	uint64_t known = 0;

	for (size_t i = 0; i < BITS; i++)
		if (bits[i].incompat == incompat)
			known |= bits[i].bit;
	return known;
}

/* --- Encoding --- */

/* An element of a list: number, flags, name. */
static void
element_encode(
    struct bytes *out, uint64_t number, uint8_t flags, const char *name)
{
	bytes_varint(out, number);
	bytes_u8(out, flags);
	bytes_string(out, name);
}

static void
bits_encode(struct bytes *out, uint64_t set, bool incompat)
{
	for (size_t i = 0; i < BITS; i++)
		if (bits[i].incompat == incompat && (set & bits[i].bit) != 0)
			element_encode(out, bits[i].bit, 0, bits[i].name);
}

static void
kinds_encode(struct bytes *out)
{
	for (unsigned i = 0; i < TRACE_KIND_COUNT; i++) {
		const struct kind *kind = kind_find(i);
		if (kind != NULL)
			element_encode(out, i, kind->optional, kind->name);
	}
}

static void
calls_encode(struct bytes *out)
{
	for (unsigned i = 0; i < VMS_OP_COUNT; i++)
		if (trace_op_name(i) != NULL)
			element_encode(out, i, 0, trace_op_name(i));
}

static void
regs_encode(struct bytes *out)
{
	for (unsigned i = 0; i < TRACE_REGS; i++)
		element_encode(out, i, 0, trace_reg_names[i]);
}

static void
item_encode(struct bytes *out, const char *key, struct bytes *value)
{
	bytes_string(out, key);
	bytes_varint(out, value->len);
	bytes_add(out, value->at, value->len);
	out->failed |= value->failed;
	bytes_clear(value);
}

static void
value_encode(struct bytes *value, const struct item *item, const void *member)
{
	uint32_t small;
	uint64_t large;

	switch (item->type) {
	case ITEM_U32:
		memcpy(&small, member, sizeof(small));
		bytes_varint(value, small);
		return;
	case ITEM_U64:
		memcpy(&large, member, sizeof(large));
		bytes_varint(value, large);
		return;
	case ITEM_TEXT:
		bytes_add(value, member, strnlen(member, item->bytes - 1));
		return;
	}
}

static void
lists_encode(
    const struct trace_header *about, struct bytes *out, struct bytes *value)
{
	bits_encode(value, about->compat, false);
	item_encode(out, "compat.names", value);
	bits_encode(value, about->incompat, true);
	item_encode(out, "incompat.names", value);
	regs_encode(value);
	item_encode(out, "registers", value);
	kinds_encode(value);
	item_encode(out, "kinds", value);
	calls_encode(value);
	item_encode(out, "calls", value);
}

int
header_encode(const struct trace_header *about, struct bytes *out)
{
	struct bytes value = { 0 };

	if ((about->compat & ~bits_known(false)) != 0 ||
	    (about->incompat & ~bits_known(true)) != 0)
		return EINVAL;
	for (size_t i = 0; i < ITEMS; i++) {
		value_encode(&value, &items[i],
		    (const uint8_t *)about + items[i].offset);
		item_encode(out, items[i].key, &value);
	}
	lists_encode(about, out, &value);
	for (size_t i = 0; about->notes != NULL && about->notes[i] != NULL;
	     i++) {
		bytes_add(&value, about->notes[i], strlen(about->notes[i]));
		item_encode(out, "note", &value);
	}
	bytes_finish(&value);
	return out->failed ? ENOMEM : 0;
}

/* --- Decoding --- */

struct header_input {
	struct header *header;
	struct cursor at, incompat_names;
	struct trace_problem *problem;
	size_t notes, notes_bytes;
	uint32_t items_seen;
	bool lists_seen[3];
};

static int
refuse(const struct header_input *in, const char *why)
{
	return problem_set(in->problem, PREAMBLE_BYTES, "%s", why);
}

static int
value_decode(
    struct header_input *in, const struct item *item, struct cursor value)
{
	uint8_t *member = (uint8_t *)&in->header->about + item->offset;
	size_t len = cursor_left(&value);
	uint64_t number;
	uint32_t small;

	if (item->type == ITEM_TEXT) {
		if (len >= item->bytes || memchr(value.at, 0, len) != NULL)
			return refuse(in, "a text of the header is too long");
		memcpy(member, value.at, len);
		return 0;
	}
	number = cursor_varint(&value);
	small = (uint32_t)number;
	if (value.bad || cursor_left(&value) > 0 ||
	    (item->type == ITEM_U32 && small != number))
		return refuse(in, "a number of the header is too long");
	if (item->type == ITEM_U32)
		memcpy(member, &small, sizeof(small));
	else
		memcpy(member, &number, sizeof(number));
	return 0;
}

/* One element of a list; false at the end. */
struct element {
	uint64_t number;
	uint8_t flags;
	const uint8_t *name;
	size_t len;
};

static bool
element_decode(struct cursor *in, struct element *element)
{
	if (cursor_left(in) == 0)
		return false;
	element->number = cursor_varint(in);
	element->flags = cursor_u8(in);
	element->name = cursor_string(in, &element->len);
	return !in->bad;
}

static bool
element_is(const struct element *element, const char *name)
{
	return name != NULL && strlen(name) == element->len &&
	       memcmp(element->name, name, element->len) == 0;
}

static void
name_copy(char *to, size_t room, const uint8_t *name, size_t len)
{
	size_t i;

	for (i = 0; i < len && i + 1 < room; i++)
		to[i] =
		    (char)(name[i] >= ' ' && name[i] <= '~' ? name[i] : '?');
	to[i] = '\0';
}

static int
refuse_name(const struct header_input *in, const char *why, const uint8_t *name,
    size_t len)
{
	char text[64];

	name_copy(text, sizeof(text), name, len);
	return problem_set(in->problem, PREAMBLE_BYTES, why, text);
}

typedef int list_fn(struct header_input *in, const struct element *element);

static int
kind_decode(struct header_input *in, const struct element *element)
{
	struct codec_map *map = &in->header->map;

	if (element->number == 0 || element->number > 255)
		return refuse(in, "an event kind has no usable number");
	map->optional[element->number] = element->flags & 1;
	for (unsigned i = 0; i < TRACE_KIND_COUNT; i++) {
		const struct kind *kind = kind_find(i);
		if (kind != NULL && element_is(element, kind->name))
			map->kinds[element->number] = (uint8_t)i;
	}
	return 0;
}

static int
call_decode(struct header_input *in, const struct element *element)
{
	if (element->number == 0 || element->number > 255)
		return refuse(in, "a call has no usable number");
	for (unsigned i = 0; i < VMS_OP_COUNT; i++)
		if (element_is(element, trace_op_name(i)))
			in->header->map.ops[element->number] = (uint8_t)i;
	return 0;
}

static int
reg_decode(struct header_input *in, const struct element *element)
{
	struct codec_map *map = &in->header->map;
	unsigned reg = 0;

	while (reg < TRACE_REGS && !element_is(element, trace_reg_names[reg]))
		reg++;
	if (reg == TRACE_REGS)
		return refuse_name(in,
		    "frames have the register %s, which this version lacks",
		    element->name, element->len);
	if (element->number != map->reg_count || map->reg_count == 64 ||
	    memchr(map->regs, (int)reg, map->reg_count) != NULL)
		return refuse(in, "the list of registers is not in order");
	map->regs[map->reg_count++] = (uint8_t)reg;
	return 0;
}

static const struct {
	const char *key;
	list_fn *fn;
} lists[3] = {
	{ "kinds", kind_decode },
	{ "calls", call_decode },
	{ "registers", reg_decode },
};

static int
list_decode(struct header_input *in, unsigned list, struct cursor value)
{
	struct element element;
	int error = 0;

	if (in->lists_seen[list])
		return refuse(in, "a list of the header is there twice");
	in->lists_seen[list] = true;
	while (error == 0 && element_decode(&value, &element))
		error = lists[list].fn(in, &element);
	return error == 0 && value.bad
		   ? refuse(in, "a list of the header is cut short")
		   : error;
}

/* Items with a key that we do not know are passed over. */
static int
item_decode(
    struct header_input *in, const struct element *key, struct cursor value)
{
	if (element_is(key, "incompat.names"))
		in->incompat_names = value;
	if (element_is(key, "note")) {
		in->notes++;
		in->notes_bytes += cursor_left(&value) + 1;
	}
	for (unsigned i = 0; i < ITEMS; i++) {
		if (!element_is(key, items[i].key))
			continue;
		if (in->items_seen >> i & 1)
			return refuse(
			    in, "an item of the header is there twice");
		in->items_seen |= UINT32_C(1) << i;
		return value_decode(in, &items[i], value);
	}
	for (unsigned i = 0; i < 3; i++)
		if (element_is(key, lists[i].key))
			return list_decode(in, i, value);
	return 0;
}

static bool
item_next(struct cursor *at, struct element *key, struct cursor *value)
{
	const uint8_t *from;
	size_t len;

	if (cursor_left(at) == 0)
		return false;
	key->name = cursor_string(at, &key->len);
	from = cursor_string(at, &len);
	*value = cursor_over(from, len);
	return !at->bad;
}

static int
bits_check(struct header_input *in)
{
	uint64_t unknown = in->header->about.incompat & ~bits_known(true);
	struct cursor names = in->incompat_names;
	struct element element;

	if (unknown == 0)
		return 0;
	while (names.at != NULL && element_decode(&names, &element))
		if ((element.number & unknown) != 0)
			return refuse_name(in,
			    "the trace needs \"%s\", which this version lacks",
			    element.name, element.len);
	return refuse(in, "the trace needs what this version lacks");
}

static int
notes_decode(struct header_input *in, struct cursor at)
{
	struct header *header = in->header;
	struct element key;
	struct cursor value;
	size_t count = 0;
	char *text;

	header->notes = calloc(in->notes + 1, sizeof(*header->notes));
	header->notes_text = text = calloc(in->notes_bytes + 1, 1);
	if (header->notes == NULL || text == NULL)
		return problem_errno(in->problem, PREAMBLE_BYTES, ENOMEM);
	while (item_next(&at, &key, &value)) {
		size_t len = cursor_left(&value);
		if (!element_is(&key, "note"))
			continue;
		header->notes[count++] = text;
		if (len > 0)
			memcpy(text, value.at, len);
		text += len + 1;
	}
	header->about.notes = header->notes;
	return 0;
}

static int
header_check(struct header_input *in)
{
	const struct trace_header *about = &in->header->about;

	if (!in->lists_seen[0] || !in->lists_seen[1] || !in->lists_seen[2])
		return refuse(in, "the header lacks a list of names");
	if (about->page_bytes != CODEC_PAGE)
		return refuse(in, "the trace has pages of another size");
	return 0;
}

int
header_decode(struct header *header, const uint8_t *raw, size_t len,
    struct trace_problem *problem)
{
	struct header_input in = { .header = header,
		.at = cursor_over(raw, len),
		.problem = problem };
	struct cursor start = in.at;
	struct element key;
	struct cursor value;
	int error = 0;

	header->map.newer = header->about.minor > TRACE_MINOR;
	while (error == 0 && item_next(&in.at, &key, &value))
		error = item_decode(&in, &key, value);
	/* A file of the future is refused by the name of what it needs, not
	 * because of what this changes. */
	if (bits_check(&in) != 0)
		return EBADMSG;
	if (error == 0 && in.at.bad)
		error = refuse(&in, "the header is cut short");
	if (error != 0)
		return error;
	error = header_check(&in);
	return error != 0 ? error : notes_decode(&in, start);
}

void
header_finish(struct header *header)
{
	free(header->notes);
	free(header->notes_text);
}
