/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/codec.h"

#include <errno.h>
#include <string.h>

/* Event: kind (1 byte), length of the rest (varint), mask of the fields that
 * are not zero (varint), and these fields in the order of their table. */

void
codec_reset(struct codec_state *state)
{
	for (unsigned i = 0; i < CODEC_SLOTS; i++)
		state->slots[i].used = false;
	state->page = 0;
}

static const struct codec_slot no_frame;

static const uint64_t *
frame_base(const struct codec_state *state, uint32_t lwp)
{
	const struct codec_slot *slot;

	if (state == NULL)
		return no_frame.regs;
	slot = &state->slots[lwp % CODEC_SLOTS];
	return slot->used && slot->lwp == lwp ? slot->regs : no_frame.regs;
}

/* A frame and the two bases are one array of registers; frames without bases
 * are one too. */
_Static_assert(offsetof(struct trace_run, tls_in) ==
		   offsetof(struct trace_run, frame_in) +
		       TRACE_FRAME_REGS * sizeof(uint64_t),
    "the bases follow the frame");

static const void *
regs_of_run(const struct trace_run *run)
{
	return (const uint8_t *)run + offsetof(struct trace_run, frame_in);
}

static uint64_t
reg_at(const void *regs, unsigned at)
{
	uint64_t value;

	memcpy(
	    &value, (const uint8_t *)regs + at * sizeof(value), sizeof(value));
	return value;
}

/* What the next frame of the lwp is relative to. */
static void
run_keep(struct codec_state *state, const struct trace_run *run)
{
	struct codec_slot *slot = &state->slots[run->lwp % CODEC_SLOTS];
	const struct trapframe *last =
	    run->has_frame_out ? &run->frame_out : &run->frame_in;

	slot->used = true;
	slot->lwp = run->lwp;
	memcpy(slot->regs, last, sizeof(*last));
	memcpy(slot->regs + TRACE_FRAME_REGS, run->tls_in, sizeof(run->tls_in));
}

/* --- Encoding --- */

/* Does value take more bytes than delta, which is not zero? */
static bool
varint_longer(uint64_t value, uint64_t delta)
{
	for (; delta >= 0x80; delta >>= 7)
		value >>= 7;
	return value >= 0x80;
}

/*
 * Registers: mask of those that differ from base; mask of those among them
 * that are stored as they are, not as a zigzag difference; the values.
 */
static void
regs_encode(
    const void *bases, const void *regs, unsigned many, struct bytes *out)
{
	uint64_t mask = 0, plain = 0, values[2 + TRACE_REGS];
	unsigned count = 0;

	for (unsigned i = 0; i < many; i++) {
		uint64_t base = reg_at(bases, i), reg = reg_at(regs, i);
		if (reg == base)
			continue;
		uint64_t delta = zigzag(reg - base);
		bool shorter = varint_longer(reg, delta);
		mask |= UINT64_C(1) << i;
		if (!shorter)
			plain |= UINT64_C(1) << count;
		values[2 + count++] = shorter ? delta : reg;
	}
	values[0] = mask;
	values[1] = plain;
	bytes_varints(out, values, mask == 0 ? 1 : 2 + count);
}

static void
frame_in_encode(
    const uint64_t *base, const struct trace_run *run, struct bytes *out)
{
	regs_encode(base, regs_of_run(run), TRACE_REGS, out);
}

/* In *span: where what is relative to state is. */
static void
frames_encode(const struct codec_state *state, const struct trace_run *run,
    struct bytes *out, struct codec_span *span)
{
	span->start = out->len;
	frame_in_encode(frame_base(state, run->lwp), run, out);
	span->end = out->len;
	if (run->has_frame_out)
		regs_encode(
		    regs_of_run(run), &run->frame_out, TRACE_FRAME_REGS, out);
}

static bool
page_is_zero(const uint8_t *page)
{
	return page[0] == 0 && memcmp(page, page + 1, CODEC_PAGE - 1) == 0;
}

/* A page: 0 for zeroes, else 1 + the zigzag difference from the content after
 * the last one that was referred to. */
static int
page_encode(struct codec_state *state, const struct codec_store *store,
    const uint8_t *page, struct bytes *out)
{
	uint64_t number;
	int error;

	if (page_is_zero(page)) {
		bytes_u8(out, 0);
		return 0;
	}
	error = store->put(store->arg, page, &number);
	if (error != 0)
		return error;
	bytes_varint(out, 1 + zigzag(number - state->page - 1));
	state->page = number;
	return 0;
}

static int
content_encode(struct codec_state *state, const struct codec_store *store,
    const uint8_t *from, size_t len, struct bytes *out)
{
	size_t whole = len / CODEC_PAGE * CODEC_PAGE;

	for (size_t i = 0; i < whole; i += CODEC_PAGE) {
		int error = page_encode(state, store, from + i, out);
		if (error != 0)
			return error;
	}
	if (len > whole)
		bytes_add(out, from + whole, len - whole);
	return 0;
}

static bool
field_good(const struct field *field, uint64_t value)
{
	if (field->type == FIELD_OP)
		return trace_op_name((unsigned)value) != NULL;
	return field->max == 0 || value <= field->max;
}

/* What the table cannot say. */
static bool
event_good(const struct trace_event *event)
{
	const struct trace_bytes *bytes;

	if (event->kind != TRACE_INPUT && event->kind != TRACE_WRITTEN)
		return true;
	bytes =
	    event->kind == TRACE_INPUT ? &event->u.input : &event->u.written;
	return bytes->off % CODEC_PAGE + bytes->len <= CODEC_PAGE;
}

static bool
field_is_number(const struct field *field)
{
	return field->type != FIELD_BOOL && field->type != FIELD_FRAME_IN &&
	       field->type != FIELD_FRAME_OUT;
}

/* Everything but the content of a FIELD_BYTES.  Frames are the last fields. */
static int
fields_encode(const struct kind *kind, const struct codec_state *state,
    const struct trace_event *event, struct bytes *out, struct codec_span *span)
{
	uint64_t mask = 0, values[1 + 64];
	unsigned count = 1;

	for (unsigned i = 0; i < kind->count; i++) {
		const struct field *field = &kind->fields[i];
		uint64_t value = field_load(field, event);
		if (!field_good(field, value))
			return EINVAL;
		if (value == 0)
			continue;
		mask |= UINT64_C(1) << i;
		if (field_is_number(field))
			values[count++] =
			    field->type == FIELD_I32 ? zigzag(value) : value;
	}
	values[0] = mask;
	bytes_varints(out, values, count);
	*span = (struct codec_span){ 0 };
	if (event->kind == TRACE_RUN)
		frames_encode(state, &event->u.run, out, span);
	span->fields = out->len;
	return 0;
}

static const uint8_t *
kind_content(
    const struct kind *kind, const struct trace_event *event, size_t *len)
{
	const struct field *last = &kind->fields[kind->count - 1];

	*len = 0;
	if (last->type != FIELD_BYTES)
		return NULL;
	return field_bytes(last, event, len);
}

int
codec_canonical(const struct trace_event *event, struct bytes *out,
    const uint8_t **tail, size_t *tail_len)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	struct codec_span span;

	if (kind == NULL || !event_good(event))
		return EINVAL;
	bytes_u8(out, (uint8_t)event->kind);
	*tail = kind_content(kind, event, tail_len);
	return fields_encode(kind, NULL, event, out, &span);
}

void
codec_canonical_again(const struct codec_state *state,
    const struct trace_event *event, struct bytes *out, const uint8_t **tail,
    size_t *tail_len)
{
	const struct codec_span *span = &state->span;
	const uint8_t *payload = state->payload.at;

	*tail = kind_content(kind_find((unsigned)event->kind), event, tail_len);
	bytes_u8(out, (uint8_t)event->kind);
	bytes_add(out, payload, span->start);
	if (span->end != 0)
		frame_in_encode(no_frame.regs, &event->u.run, out);
	bytes_add(out, payload + span->end, span->fields - span->end);
}

int
codec_encode(struct codec_state *state, const struct trace_event *event,
    const struct codec_store *store, struct bytes *out)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	struct bytes *payload = &state->payload;
	const uint8_t *content;
	size_t len;
	int error;

	if (kind == NULL || !event_good(event))
		return EINVAL;
	bytes_clear(payload);
	content = kind_content(kind, event, &len);
	error = fields_encode(kind, state, event, payload, &state->span);
	if (error == 0)
		error = content_encode(state, store, content, len, payload);
	if (error != 0)
		return error;
	if (event->kind == TRACE_RUN)
		run_keep(state, &event->u.run);
	bytes_u8(out, (uint8_t)event->kind);
	bytes_varint(out, payload->len);
	bytes_add(out, payload->at, payload->len);
	return payload->failed || out->failed ? ENOMEM : 0;
}

/* --- Decoding --- */

void
codec_map_init(struct codec_map *map)
{
	*map = (struct codec_map){ .reg_count = TRACE_REGS };
	for (unsigned i = 0; i < TRACE_KIND_COUNT; i++)
		map->kinds[i] = (uint8_t)(kind_find(i) == NULL ? 0 : i);
	for (unsigned i = 0; i < VMS_OP_COUNT; i++)
		map->ops[i] = (uint8_t)(trace_op_name(i) == NULL ? 0 : i);
	for (unsigned i = 0; i < TRACE_REGS; i++)
		map->regs[i] = (uint8_t)i;
}

/* One decoding in progress. */
struct decoder {
	struct codec_state *state;
	const struct codec_map *map;
	const struct codec_store *store;
	struct cursor in;
	struct bytes *data;
	struct trace_event *event;
	const char **why;
};

static int
bad(const struct decoder *d, const char *why)
{
	*d->why = why;
	return EBADMSG;
}

static int
regs_decode(struct decoder *d, const uint64_t *base, uint64_t *regs)
{
	uint64_t mask = cursor_varint(&d->in), plain;

	memcpy(regs, base, TRACE_REGS * sizeof(*regs));
	if (mask == 0)
		return 0;
	if (d->map->reg_count < 64 && mask >> d->map->reg_count != 0)
		return bad(d, "a frame has a register without a name");
	plain = cursor_varint(&d->in);
	for (unsigned i = 0; i < d->map->reg_count; i++) {
		if ((mask >> i & 1) == 0)
			continue;
		uint64_t value = cursor_varint(&d->in);
		unsigned reg = d->map->regs[i];
		regs[reg] = plain & 1 ? value : base[reg] + unzigzag(value);
		plain >>= 1;
	}
	return 0;
}

static int
frame_in_decode(struct decoder *d)
{
	struct trace_run *run = &d->event->u.run;
	uint64_t regs[TRACE_REGS];
	int error = regs_decode(d, frame_base(d->state, run->lwp), regs);

	memcpy(&run->frame_in, regs, sizeof(run->frame_in));
	memcpy(run->tls_in, regs + TRACE_FRAME_REGS, sizeof(run->tls_in));
	return error;
}

static int
frame_out_decode(struct decoder *d)
{
	struct trace_run *run = &d->event->u.run;
	uint64_t in[TRACE_REGS], regs[TRACE_REGS];
	int error;

	if (!run->has_frame_out)
		return bad(d, "a frame that should not be there");
	memcpy(in, regs_of_run(run), sizeof(in));
	error = regs_decode(d, in, regs);
	memcpy(&run->frame_out, regs, sizeof(run->frame_out));
	return error;
}

static int
page_decode(struct decoder *d, uint8_t *page)
{
	uint64_t code = cursor_varint(&d->in);

	if (code == 0) {
		memset(page, 0, CODEC_PAGE);
		return 0;
	}
	d->state->page += unzigzag(code - 1) + 1;
	return d->store->get(d->store->arg, d->state->page, page);
}

static int
content_decode(struct decoder *d, const struct field *field, uint64_t len)
{
	size_t whole = (size_t)(len / CODEC_PAGE), rest = len % CODEC_PAGE;
	uint32_t len32 = (uint32_t)len;
	const uint8_t *tail;
	uint8_t *room;
	int error = 0;

	if (whole > cursor_left(&d->in))
		return bad(d, "an event's content does not fit into it");
	bytes_clear(d->data);
	room = bytes_grow(d->data, (size_t)len);
	if (room == NULL)
		return ENOMEM;
	for (size_t i = 0; i < whole && error == 0; i++)
		error = page_decode(d, room + i * CODEC_PAGE);
	tail = cursor_take(&d->in, rest);
	if (tail != NULL && rest > 0)
		memcpy(room + whole * CODEC_PAGE, tail, rest);
	memcpy((uint8_t *)d->event + field->offset, &room, sizeof(room));
	if (field->len_offset != 0)
		memcpy((uint8_t *)d->event + field->len_offset, &len32,
		    sizeof(len32));
	else if (len != field->max)
		return bad(d, "an event's content has the wrong length");
	return error;
}

static int
number_store(struct decoder *d, const struct field *field, uint64_t value)
{
	uint8_t *at = (uint8_t *)d->event + field->offset;
	uint32_t value32 = (uint32_t)value;
	enum vms_op op;

	switch (field->type) {
	case FIELD_U8:
		*at = (uint8_t)value;
		return value > UINT8_MAX ? bad(d, "a number is too large") : 0;
	case FIELD_OP:
		op = (enum vms_op)(value > UINT8_MAX ? 0 : d->map->ops[value]);
		memcpy(at, &op, sizeof(op));
		return op == 0 ? bad(d, "a call that this version lacks") : 0;
	case FIELD_I32:
		value = unzigzag(value);
		value32 = (uint32_t)value;
		memcpy(at, &value32, sizeof(value32));
		return (uint64_t)(int64_t)(int32_t)value32 != value
			   ? bad(d, "a number is too large")
			   : 0;
	case FIELD_U32:
		memcpy(at, &value32, sizeof(value32));
		return value32 != value ? bad(d, "a number is too large") : 0;
	default:
		memcpy(at, &value, sizeof(value));
		return 0;
	}
}

static int
field_decode(struct decoder *d, const struct field *field)
{
	uint64_t value;

	if (field->type == FIELD_BOOL) {
		*(bool *)((uint8_t *)d->event + field->offset) = true;
		return 0;
	}
	if (field->type == FIELD_FRAME_IN)
		return frame_in_decode(d);
	if (field->type == FIELD_FRAME_OUT)
		return frame_out_decode(d);
	value = cursor_varint(&d->in);
	if (field->type != FIELD_I32 && field->max != 0 && value > field->max)
		return bad(d, "a number is out of its range");
	if (field->type == FIELD_BYTES)
		return content_decode(d, field, value);
	return number_store(d, field, value);
}

static int
fields_decode(struct decoder *d, const struct kind *kind)
{
	uint64_t mask = cursor_varint(&d->in);
	int error = 0;

	for (unsigned i = 0; i < kind->count && error == 0; i++)
		if (mask >> i & 1)
			error = field_decode(d, &kind->fields[i]);
	if (error != 0)
		return error;
	if (d->in.bad)
		return bad(d, "an event ends too early");
	if (!d->map->newer && (mask >> kind->count || cursor_left(&d->in)))
		return bad(d, "an event has more fields than its kind");
	return 0;
}

/* Values that the encoder would not have taken or made. */
static int
event_check(struct decoder *d)
{
	const struct trace_event *event = d->event;

	if (event->kind == TRACE_CALL && event->u.call.op == 0)
		return bad(d, "a call without a name");
	if ((event->kind == TRACE_FP && event->u.fp.fxsave == NULL) ||
	    (event->kind == TRACE_PAGE && event->u.page.bytes == NULL))
		return bad(d, "an event lacks its content");
	if (!event_good(event))
		return bad(d, "an event's bytes cross a page");
	if (event->kind == TRACE_RUN)
		run_keep(d->state, &event->u.run);
	return 0;
}

int
codec_decode(struct codec_state *state, const struct codec_map *map,
    struct cursor *in, const struct codec_store *store, struct bytes *data,
    struct trace_event *event, const char **why)
{
	struct decoder d = { state, map, store, { 0 }, data, event, why };
	unsigned number = cursor_u8(in);
	size_t len;
	const uint8_t *payload = cursor_string(in, &len);
	int error;

	*event = (struct trace_event){ 0 };
	if (in->bad)
		return bad(&d, "an event goes beyond its block");
	event->kind = (enum trace_kind)map->kinds[number];
	if (event->kind == 0)
		return map->optional[number]
			   ? EAGAIN
			   : bad(&d,
				 "an event of a kind that this version lacks");
	d.in = cursor_over(payload, len);
	error = fields_decode(&d, kind_find((unsigned)event->kind));
	return error != 0 ? error : event_check(&d);
}
