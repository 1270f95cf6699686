/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an event is made of, as tables: the codec, the printers and the lists
 * of names in a file's header all follow them.  Rows are only ever added at
 * the end: their order is part of the format (docs/trace-format.md).
 */
#ifndef VMS_TRACES_KINDS_H
#define VMS_TRACES_KINDS_H

#include "traces/event.h"

enum field_type {
	FIELD_BOOL,
	FIELD_U8,
	FIELD_OP, /* enum vms_op */
	FIELD_U32,
	FIELD_I32,
	FIELD_U64,
	FIELD_HEX,       /* U64 that people read in base 16 */
	FIELD_FRAME_IN,  /* frame_in and tls_in of a run */
	FIELD_FRAME_OUT, /* frame_out, there when has_frame_out */
	FIELD_BYTES      /* at most one in a kind, and the last */
};

struct field {
	const char *name;
	enum field_type type;
	uint16_t offset;     /* in struct trace_event */
	uint16_t len_offset; /* FIELD_BYTES: of its uint32_t; 0: always max */
	uint32_t max;        /* value or bytes at most; 0: whatever fits */
};

struct kind {
	const char *name;
	bool optional; /* replay does not need it */
	const struct field *fields;
	unsigned count; /* below 64 */
};

/* NULL: no such kind. */
const struct kind *kind_find(unsigned number);

/* The value of a field; of FIELD_BYTES the length; of a frame 0 or 1, whether
 * it is there.  FIELD_I32 is sign-extended. */
uint64_t field_load(const struct field *field, const struct trace_event *event);
/* The content of a FIELD_BYTES. */
const uint8_t *field_bytes(
    const struct field *field, const struct trace_event *event, size_t *len);

/* NULL: no such call. */
const char *trace_op_name(unsigned op);
/* Names of args; "" after the last that op has. */
const char *trace_op_arg(unsigned op, unsigned arg);
/* "trap", "budget" ...; NULL: no such enum vms_run_how. */
const char *trace_how_name(unsigned how);

/* Registers in the order of a frame: those of struct trapframe, then the
 * bases of fs and gs. */
#define TRACE_FRAME_REGS 25
#define TRACE_REGS       27
extern const char *const trace_reg_names[TRACE_REGS];

#endif
