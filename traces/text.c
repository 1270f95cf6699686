/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/text.h"

#include <inttypes.h>
#include <string.h>
#include <xxhash.h>

#include "traces/kinds.h"

#define SHOWN 32 /* bytes of content */

/* One line in the making, of either sort. */
struct line {
	FILE *file;
	bool json;
	const char *gap; /* goes before the next item */
};

static void
key(struct line *line, const char *name)
{
	fprintf(
	    line->file, line->json ? "%s\"%s\":" : "%s%s=", line->gap, name);
	line->gap = line->json ? "," : " ";
}

static void
put_hex(struct line *line, const char *name, uint64_t value)
{
	key(line, name);
	fprintf(
	    line->file, line->json ? "\"0x%" PRIx64 "\"" : "0x%" PRIx64, value);
}

static void
put_unsigned(struct line *line, const char *name, uint64_t value)
{
	key(line, name);
	fprintf(line->file, "%" PRIu64, value);
}

/* Our own names: nothing in them needs an escape. */
static void
put_word(struct line *line, const char *name, const char *word)
{
	key(line, name);
	fprintf(line->file, line->json ? "\"%s\"" : "%s", word);
}

static void
put_flag(struct line *line, const char *name)
{
	fprintf(
	    line->file, line->json ? "%s\"%s\":true" : "%s%s", line->gap, name);
	line->gap = line->json ? "," : " ";
}

static void
group_open(struct line *line, const char *name)
{
	fprintf(
	    line->file, line->json ? "%s\"%s\":{" : "%s%s[", line->gap, name);
	line->gap = "";
}

static void
group_close(struct line *line)
{
	fputc(line->json ? '}' : ']', line->file);
	line->gap = line->json ? "," : " ";
}

static void
put_regs(struct line *line, const char *name, const struct trapframe *base,
    const struct trapframe *tf, const uint64_t *tls)
{
	uint64_t before[TRACE_FRAME_REGS], regs[TRACE_FRAME_REGS];

	memcpy(before, base, sizeof(before));
	memcpy(regs, tf, sizeof(regs));
	group_open(line, name);
	for (unsigned i = 0; i < TRACE_FRAME_REGS; i++)
		if (regs[i] != before[i])
			put_hex(line, trace_reg_names[i], regs[i]);
	for (unsigned i = 0; tls != NULL && i < 2; i++)
		if (tls[i] != 0)
			put_hex(line, trace_reg_names[TRACE_FRAME_REGS + i],
			    tls[i]);
	group_close(line);
}

static void
put_frame_in(struct line *line, const struct trace_run *run)
{
	static const struct trapframe zero;

	put_regs(line, line->json ? "frame_in" : "in", &zero, &run->frame_in,
	    run->tls_in);
}

static void
put_frame_out(struct line *line, const struct trace_run *run)
{
	put_regs(line, line->json ? "frame_out" : "out", &run->frame_in,
	    &run->frame_out, NULL);
}

static void
put_content(struct line *line, const struct field *field,
    const struct trace_event *event)
{
	size_t len;
	const uint8_t *bytes = field_bytes(field, event, &len);

	group_open(line, field->name);
	put_unsigned(line, "len", len);
	put_hex(line, "xxh3", XXH3_64bits(bytes, len));
	if (len <= SHOWN) {
		key(line, "hex");
		fputs(line->json ? "\"" : "", line->file);
		for (size_t i = 0; i < len; i++)
			fprintf(line->file, "%02x", bytes[i]);
		fputs(line->json ? "\"" : "", line->file);
	}
	group_close(line);
}

/* args[n] under the name that the call has for it. */
static const char *
field_name(const struct field *field, const struct trace_event *event)
{
	const char *name = "";

	if (event->kind == TRACE_CALL && strncmp(field->name, "args[", 5) == 0)
		name = trace_op_arg(
		    event->u.call.op, (unsigned)(field->name[5] - '0'));
	return name[0] == '\0' ? field->name : name;
}

static void
put_number(struct line *line, const struct field *field,
    const struct trace_event *event, uint64_t value)
{
	const char *name = field_name(field, event);
	const char *how = trace_how_name((unsigned)value);

	if (field->type == FIELD_HEX) {
		put_hex(line, name, value);
	} else if (field->type == FIELD_I32) {
		key(line, name);
		fprintf(line->file, "%" PRId32, (int32_t)value);
	} else if (strcmp(name, "how") == 0 && how != NULL) {
		put_word(line, name, how);
	} else {
		put_unsigned(line, name, value);
	}
}

/* "how" is shown when zero too: trap. */
static bool
is_shown(const struct field *field, uint64_t value)
{
	return value != 0 || strcmp(field->name, "how") == 0;
}

static void
put_field(struct line *line, const struct field *field,
    const struct trace_event *event)
{
	uint64_t value = field_load(field, event);

	if (!is_shown(field, value))
		return;
	switch (field->type) {
	case FIELD_OP:
		if (line->json)
			put_word(line, "call", trace_op_name((unsigned)value));
		return;
	case FIELD_BOOL:
		put_flag(line, field->name);
		return;
	case FIELD_FRAME_IN:
		put_frame_in(line, &event->u.run);
		return;
	case FIELD_FRAME_OUT:
		put_frame_out(line, &event->u.run);
		return;
	case FIELD_BYTES:
		put_content(line, field, event);
		return;
	default:
		put_number(line, field, event, value);
	}
}

static void
put_fields(
    struct line *line, const struct kind *kind, const struct trace_event *event)
{
	for (unsigned i = 0; i < kind->count; i++)
		put_field(line, &kind->fields[i], event);
}

void
trace_event_print(FILE *file, const struct trace_event *event)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	struct line line = { file, false, " " };

	if (kind == NULL)
		return;
	fprintf(file, "@%" PRIu64 " %" PRIu64 " %s", event->number,
	    event->insns, kind->name);
	if (event->kind == TRACE_CALL &&
	    trace_op_name(event->u.call.op) != NULL)
		fprintf(file, " %s", trace_op_name(event->u.call.op));
	put_fields(&line, kind, event);
	fputc('\n', file);
}

void
trace_event_json(FILE *file, const struct trace_event *event)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	struct line line = { file, true, "" };

	if (kind == NULL)
		return;
	fputc('{', file);
	put_unsigned(&line, "event", event->number);
	put_unsigned(&line, "at", event->insns);
	put_word(&line, "kind", kind->name);
	put_fields(&line, kind, event);
	fputs("}\n", file);
}
