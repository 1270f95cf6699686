/* SPDX-License-Identifier: BSD-2-Clause */
/* An event as a list of named values: what diff and golden compare, field by
 * field, and print. */
#ifndef VMS_CLI_TRACE_FIELDS_H
#define VMS_CLI_TRACE_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "traces/event.h"

#define TRACE_FIELDS 80 /* no event has more */

enum trace_form {
	TRACE_DECIMAL,
	TRACE_SIGNED,
	TRACE_HEX,
	TRACE_OP,
	TRACE_BYTES
};

struct trace_field {
	const char *name;
	enum trace_form form;
	uint64_t value;       /* of TRACE_BYTES: how many */
	const uint8_t *bytes; /* borrowed from the event */
};

/* All of them, in a fixed order that depends on the kind only; how many. */
size_t trace_fields(
    const struct trace_event *event, struct trace_field fields[TRACE_FIELDS]);

bool trace_field_same(const struct trace_field *a, const struct trace_field *b);

/* "0x401020", "-2", "4096 bytes 7f454c46..." */
void trace_field_text(const struct trace_field *field, char *text, size_t room);

/* A number for all of them, the same on every host. */
uint64_t trace_fields_digest(
    enum trace_kind kind, const struct trace_field *fields, size_t count);

/* A line without numbers of event and instruction: what a person needs to see
 * of it.  Of a frame that a run leaves, what differs from the one before. */
void trace_fields_line(
    const struct trace_event *event, char *line, size_t room);

#endif
