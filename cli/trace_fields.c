/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/trace_fields.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/trace.h"
#include "traces/kinds.h"

#define SHOWN_BYTES 16

/* Fields under construction. */
struct list {
	struct trace_field *fields;
	size_t count;
};

static void
list_add(struct list *list, const char *name, enum trace_form form,
    uint64_t value, const uint8_t *bytes)
{
	list->fields[list->count++] =
	    (struct trace_field){ name, form, value, bytes };
}

/* An unsigned member, read as what it is: hosts differ in byte order. */
static uint64_t
member_get(const uint8_t *at, enum field_type type)
{
	uint32_t word;
	uint64_t value;
	enum vms_op op;
	bool flag;

	switch (type) {
	case FIELD_BOOL:
		memcpy(&flag, at, sizeof(flag));
		return flag;
	case FIELD_U8:
		return *at;
	case FIELD_OP:
		memcpy(&op, at, sizeof(op));
		return (uint64_t)op;
	case FIELD_U32:
	case FIELD_I32:
		memcpy(&word, at, sizeof(word));
		return word;
	default:
		memcpy(&value, at, sizeof(value));
		return value;
	}
}

static void
list_bytes(struct list *list, const struct field *field,
    const struct trace_event *event)
{
	const uint8_t *base = (const uint8_t *)event, *bytes;
	uint32_t len = field->max;

	memcpy(&bytes, base + field->offset, sizeof(bytes));
	if (field->len_offset != 0)
		memcpy(&len, base + field->len_offset, sizeof(len));
	list_add(
	    list, field->name, TRACE_BYTES, bytes == NULL ? 0 : len, bytes);
}

static uint64_t
frame_get(const struct trapframe *tf, unsigned reg)
{
	uint64_t value;

	memcpy(
	    &value, (const uint8_t *)tf + reg * sizeof(value), sizeof(value));
	return value;
}

/* A part of a run that goes on has the registers of the part before it. */
static void
list_frame_in(struct list *list, const struct trace_run *run)
{
	static const char *const names[TRACE_REGS] = { "in.rdi", "in.rsi",
		"in.rdx", "in.rcx", "in.r8", "in.r9", "in.rax", "in.rbx",
		"in.rbp", "in.r10", "in.r11", "in.r12", "in.r13", "in.r14",
		"in.r15", "in.xflags", "in.trapno", "in.addr", "in.flags",
		"in.err", "in.rip", "in.cs", "in.rflags", "in.rsp", "in.ss",
		"in.fs_base", "in.gs_base" };

	if (run->resumed)
		return;
	for (unsigned reg = 0; reg < TRACE_FRAME_REGS; reg++)
		list_add(list, names[reg], TRACE_HEX,
		    frame_get(&run->frame_in, reg), NULL);
	for (unsigned i = 0; i < 2; i++)
		list_add(list, names[TRACE_FRAME_REGS + i], TRACE_HEX,
		    run->tls_in[i], NULL);
}

static void
list_frame_out(struct list *list, const struct trace_run *run)
{
	if (!run->has_frame_out)
		return;
	for (unsigned reg = 0; reg < TRACE_FRAME_REGS; reg++)
		list_add(list, trace_reg_names[reg], TRACE_HEX,
		    frame_get(&run->frame_out, reg), NULL);
}

static enum trace_form
form_of(enum field_type type)
{
	switch (type) {
	case FIELD_I32:
		return TRACE_SIGNED;
	case FIELD_HEX:
		return TRACE_HEX;
	case FIELD_OP:
		return TRACE_OP;
	default:
		return TRACE_DECIMAL;
	}
}

/* What an argument is called by the call that it belongs to. */
static const char *
field_name(const struct field *field, const struct trace_event *event)
{
	const char *name;

	if (event->kind != TRACE_CALL || strncmp(field->name, "args[", 5) != 0)
		return field->name;
	name = trace_op_arg(
	    (unsigned)event->u.call.op, (unsigned)(field->name[5] - '0'));
	return *name == '\0' ? field->name : name;
}

static void
list_field(struct list *list, const struct field *field,
    const struct trace_event *event)
{
	switch (field->type) {
	case FIELD_BYTES:
		list_bytes(list, field, event);
		break;
	case FIELD_FRAME_IN:
		list_frame_in(list, &event->u.run);
		break;
	case FIELD_FRAME_OUT:
		list_frame_out(list, &event->u.run);
		break;
	default:
		list_add(list, field_name(field, event), form_of(field->type),
		    member_get(
			(const uint8_t *)event + field->offset, field->type),
		    NULL);
	}
}

size_t
trace_fields(
    const struct trace_event *event, struct trace_field fields[TRACE_FIELDS])
{
	struct list list = { fields, 0 };
	const struct kind *kind = kind_find(event->kind);

	for (unsigned i = 0; kind != NULL && i < kind->count; i++)
		list_field(&list, &kind->fields[i], event);
	return list.count;
}

bool
trace_field_same(const struct trace_field *a, const struct trace_field *b)
{
	if (strcmp(a->name, b->name) != 0 || a->value != b->value)
		return false;
	return a->form != TRACE_BYTES || a->value == 0 ||
	       memcmp(a->bytes, b->bytes, (size_t)a->value) == 0;
}

static void
bytes_text(const struct trace_field *field, char *text, size_t room)
{
	int used = snprintf(text, room, "%" PRIu64 " bytes ", field->value);
	size_t at = used < 0 ? 0 : (size_t)used;

	for (size_t i = 0; i < field->value && i < SHOWN_BYTES; i++) {
		if (at + 6 > room)
			return;
		snprintf(text + at, room - at, "%02x", field->bytes[i]);
		at += 2;
	}
	if (field->value > SHOWN_BYTES && at + 4 <= room)
		memcpy(text + at, "...", 4);
}

static const char *
op_name(uint64_t op)
{
	const char *name =
	    op < VMS_OP_COUNT ? trace_op_name((unsigned)op) : NULL;

	return name == NULL ? "?" : name;
}

void
trace_field_text(const struct trace_field *field, char *text, size_t room)
{
	switch (field->form) {
	case TRACE_DECIMAL:
		snprintf(text, room, "%" PRIu64, field->value);
		break;
	case TRACE_SIGNED:
		snprintf(
		    text, room, "%" PRId64, (int64_t)(int32_t)field->value);
		break;
	case TRACE_OP:
		snprintf(text, room, "%s", op_name(field->value));
		break;
	case TRACE_HEX:
		snprintf(text, room, "0x%" PRIx64, field->value);
		break;
	case TRACE_BYTES:
		bytes_text(field, text, room);
		break;
	}
}

/* FNV-1a, 64 bits. */
static uint64_t
digest_byte(uint64_t digest, uint8_t byte)
{
	return (digest ^ byte) * UINT64_C(0x100000001b3);
}

static uint64_t
digest_number(uint64_t digest, uint64_t number)
{
	for (unsigned i = 0; i < 8; i++)
		digest = digest_byte(digest, (uint8_t)(number >> 8 * i));
	return digest;
}

uint64_t
trace_fields_digest(
    enum trace_kind kind, const struct trace_field *fields, size_t count)
{
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	digest = digest_number(digest, (uint64_t)kind);
	for (size_t i = 0; i < count; i++) {
		digest = digest_number(digest, fields[i].value);
		if (fields[i].form != TRACE_BYTES)
			continue;
		for (size_t at = 0; at < fields[i].value; at++)
			digest = digest_byte(digest, fields[i].bytes[at]);
	}
	return digest;
}

static bool
field_is_quiet(const struct trace_field *field)
{
	static const char *const quiet[] = { "op", "started", "has_frame_out" };

	for (size_t i = 0; i < sizeof(quiet) / sizeof(quiet[0]); i++)
		if (strcmp(field->name, quiet[i]) == 0)
			return true;
	return strncmp(field->name, "in.", 3) == 0;
}

/* The value that the register had when the run began, as a field. */
static const struct trace_field *
field_before(const struct trace_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(fields[i].name, "in.", 3) == 0 &&
		    strcmp(fields[i].name + 3, name) == 0)
			return &fields[i];
	return NULL;
}

/* Is the field worth a word in the line: not 0, or changed by the run? */
static bool
field_says(const struct trace_field *fields, size_t count, size_t at)
{
	const struct trace_field *before;

	if (field_is_quiet(&fields[at]))
		return false;
	before = field_before(fields, count, fields[at].name);
	if (before != NULL)
		return before->value != fields[at].value;
	return fields[at].value != 0;
}

void
trace_fields_line(const struct trace_event *event, char *line, size_t room)
{
	struct trace_field fields[TRACE_FIELDS];
	size_t count = trace_fields(event, fields), at;
	int used;

	used = snprintf(line, room, "%s%s%s", trace_kind_name(event->kind),
	    event->kind == TRACE_CALL ? " " : "",
	    event->kind == TRACE_CALL ? op_name(event->u.call.op) : "");
	at = used < 0 ? 0 : (size_t)used;
	for (size_t i = 0; i < count && at < room; i++) {
		char text[64];

		if (!field_says(fields, count, i))
			continue;
		trace_field_text(&fields[i], text, sizeof(text));
		used = snprintf(
		    line + at, room - at, " %s=%s", fields[i].name, text);
		at += used < 0 ? 0 : (size_t)used;
	}
}
