/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/kinds.h"

#include <string.h>

#define AT(part, member) ((uint16_t)offsetof(struct trace_event, u.part.member))
#define ROW(part, member, type, max)                                           \
	{                                                                      \
#member, (type), AT(part, member), 0, (max)                    \
	}
#define BYTES(part, member, len, max)                                          \
	{                                                                      \
#member, FIELD_BYTES, AT(part, member), AT(part, len), (max)   \
	}
#define COUNT(rows) ((unsigned)(sizeof(rows) / sizeof((rows)[0])))

static const struct field call_fields[] = {
	ROW(call, op, FIELD_OP, 0),
	ROW(call, proc, FIELD_U32, 0),
	ROW(call, lwp, FIELD_U32, 0),
	ROW(call, id, FIELD_U32, 0),
	ROW(call, vkernel_enable, FIELD_U8, 0),
	ROW(call, result, FIELD_HEX, 0),
	ROW(call, args[0], FIELD_HEX, 0),
	ROW(call, args[1], FIELD_HEX, 0),
	ROW(call, args[2], FIELD_HEX, 0),
	ROW(call, args[3], FIELD_HEX, 0),
	ROW(call, args[4], FIELD_HEX, 0),
	ROW(call, error, FIELD_I32, 0),
	ROW(call, fd_kind, FIELD_U8, VMS_FD_OTHER),
	ROW(call, fd_mode, FIELD_U8, 0),
	ROW(call, object, FIELD_U32, 0),
	BYTES(call, data, data_bytes, TRACE_DATA_MAX),
};

static const struct field object_fields[] = {
	ROW(object, number, FIELD_U32, 0),
	ROW(object, bytes, FIELD_HEX, 0),
	ROW(object, fixed_end, FIELD_BOOL, 0),
};

static const struct field input_fields[] = {
	ROW(input, object, FIELD_U32, 0),
	ROW(input, off, FIELD_HEX, 0),
	ROW(input, first, FIELD_BOOL, 0),
	ROW(input, undeclared, FIELD_BOOL, 0),
	BYTES(input, bytes, len, 4096),
};

static const struct field run_fields[] = {
	ROW(run, proc, FIELD_U32, 0),
	ROW(run, lwp, FIELD_U32, 0),
	ROW(run, id, FIELD_U32, 0),
	ROW(run, started, FIELD_BOOL, 0),
	ROW(run, has_frame_out, FIELD_BOOL, 0),
	ROW(run, insns, FIELD_U64, 0),
	ROW(run, how, FIELD_U8, VMS_RUN_FAILED),
	ROW(run, error, FIELD_I32, 0),
	ROW(run, resumed, FIELD_BOOL, 0),
	ROW(run, frame_in, FIELD_FRAME_IN, 0),
	ROW(run, frame_out, FIELD_FRAME_OUT, 0),
};

static const struct field digest_fields[] = {
	ROW(digest, lwp, FIELD_U32, 0),
	ROW(digest, insns, FIELD_U64, 0),
	ROW(digest, memory, FIELD_HEX, 0),
	ROW(digest, registers, FIELD_HEX, 0),
};

static const struct field concurrent_fields[] = {
	ROW(concurrent, object, FIELD_U32, 0),
	ROW(concurrent, off, FIELD_HEX, 0),
};

static const struct field written_fields[] = {
	ROW(written, object, FIELD_U32, 0),
	ROW(written, off, FIELD_HEX, 0),
	BYTES(written, bytes, len, 4096),
};

static const struct field fp_fields[] = {
	ROW(fp, lwp, FIELD_U32, 0),
	{ "fxsave", FIELD_BYTES, AT(fp, fxsave), 0, 512 },
};

static const struct field checkpoint_fields[] = {
	BYTES(checkpoint, bytes, len, TRACE_DATA_MAX),
};

static const struct field page_fields[] = {
	ROW(page, file, FIELD_BOOL, 0),
	ROW(page, object, FIELD_U32, 0),
	ROW(page, index, FIELD_U64, 0),
	{ "bytes", FIELD_BYTES, AT(page, bytes), 0, 4096 },
};

const struct kind *
kind_find(unsigned number)
{
	static const struct kind kinds[TRACE_KIND_COUNT] = {
		[TRACE_CALL] = { "call", false, call_fields,
		    COUNT(call_fields) },
		[TRACE_OBJECT] = { "object", false, object_fields,
		    COUNT(object_fields) },
		[TRACE_INPUT] = { "input", false, input_fields,
		    COUNT(input_fields) },
		[TRACE_RUN] = { "run", false, run_fields, COUNT(run_fields) },
		[TRACE_DIGEST] = { "digest", true, digest_fields,
		    COUNT(digest_fields) },
		[TRACE_CONCURRENT] = { "concurrent", true, concurrent_fields,
		    COUNT(concurrent_fields) },
		[TRACE_WRITTEN] = { "written", true, written_fields,
		    COUNT(written_fields) },
		[TRACE_FP] = { "fp", true, fp_fields, COUNT(fp_fields) },
		[TRACE_CHECKPOINT] = { "checkpoint", true, checkpoint_fields,
		    COUNT(checkpoint_fields) },
		[TRACE_PAGE] = { "page", true, page_fields,
		    COUNT(page_fields) },
	};

	if (number >= TRACE_KIND_COUNT || kinds[number].name == NULL)
		return NULL;
	return &kinds[number];
}

static const uint8_t *
member(const struct trace_event *event, uint16_t offset)
{
	return (const uint8_t *)event + offset;
}

static uint64_t
load_u32(const struct trace_event *event, uint16_t offset)
{
	uint32_t value;

	memcpy(&value, member(event, offset), sizeof(value));
	return value;
}

const uint8_t *
field_bytes(
    const struct field *field, const struct trace_event *event, size_t *len)
{
	const uint8_t *at;

	memcpy(&at, member(event, field->offset), sizeof(at));
	*len = field->len_offset == 0 ? field->max
				      : load_u32(event, field->len_offset);
	return at;
}

uint64_t
field_load(const struct field *field, const struct trace_event *event)
{
	const uint8_t *at = member(event, field->offset);
	uint64_t value;
	enum vms_op op;
	size_t len;

	switch (field->type) {
	case FIELD_BOOL:
		return *(const bool *)at;
	case FIELD_U8:
		return *at;
	case FIELD_OP:
		memcpy(&op, at, sizeof(op));
		return (uint64_t)op;
	case FIELD_U32:
		return load_u32(event, field->offset);
	case FIELD_I32:
		return (uint64_t)(int64_t)(int32_t)load_u32(
		    event, field->offset);
	case FIELD_U64:
	case FIELD_HEX:
		memcpy(&value, at, sizeof(value));
		return value;
	case FIELD_FRAME_IN:
		return 1;
	case FIELD_FRAME_OUT:
		return event->u.run.has_frame_out;
	case FIELD_BYTES:
		(void)field_bytes(field, event, &len);
		return len;
	}
	return 0;
}

struct op_row {
	const char *name, *args[5];
};

static const struct op_row *
op_find(unsigned op)
{
	static const struct op_row ops[VMS_OP_COUNT] = {
		[VMS_OP_PROC_OPEN] = { "proc_open", { "" } },
		[VMS_OP_PROC_FORK] = { "proc_fork", { "" } },
		[VMS_OP_PROC_EXEC] = { "proc_exec", { "" } },
		[VMS_OP_PROC_EXIT] = { "proc_exit", { "" } },
		[VMS_OP_LWP_OPEN] = { "lwp_open", { "" } },
		[VMS_OP_LWP_EXIT] = { "lwp_exit", { "" } },
		[VMS_OP_LWP_SET_BUDGET] = { "lwp_set_budget", { "insns", "" } },
		[VMS_OP_LWP_SETFP] = { "lwp_setfp", { "" } },
		[VMS_OP_SET_COUNTING] = { "set_counting", { "on", "" } },
		[VMS_OP_CREATE] = { "create", { "type", "data", "" } },
		[VMS_OP_DESTROY] = { "destroy", { "" } },
		[VMS_OP_CTL] = { "ctl", { "cmd", "" } },
		[VMS_OP_MMAP] = { "mmap",
		    { "addr", "len", "prot", "flags", "offset" } },
		[VMS_OP_MUNMAP] = { "munmap", { "addr", "len", "" } },
		[VMS_OP_MCONTROL] = { "mcontrol",
		    { "addr", "len", "behav", "value", "" } },
		[VMS_OP_PREAD] = { "pread", { "" } },
		[VMS_OP_PWRITE] = { "pwrite", { "" } },
		[VMS_OP_MEM_READ] = { "mem_read", { "va", "len", "" } },
		[VMS_OP_MEM_WRITE] = { "mem_write", { "va", "len", "" } },
	};

	if (op >= VMS_OP_COUNT || ops[op].name == NULL)
		return NULL;
	return &ops[op];
}

const char *
trace_op_name(unsigned op)
{
	const struct op_row *row = op_find(op);

	return row == NULL ? NULL : row->name;
}

const char *
trace_op_arg(unsigned op, unsigned arg)
{
	const struct op_row *row = op_find(op);

	if (row == NULL || arg >= 5 || row->args[arg] == NULL)
		return "";
	return row->args[arg];
}

const char *
trace_how_name(unsigned how)
{
	static const char *const names[] = {
		[VMS_RUN_TRAP] = "trap",
		[VMS_RUN_BUDGET] = "budget",
		[VMS_RUN_LIMIT] = "limit",
		[VMS_RUN_ASKED] = "asked",
		[VMS_RUN_PAUSED] = "paused",
		[VMS_RUN_FAILED] = "failed",
	};

	return how < COUNT(names) ? names[how] : NULL;
}

_Static_assert(
    sizeof(struct trapframe) == TRACE_FRAME_REGS * sizeof(int64_t), "frame");

const char *const trace_reg_names[TRACE_REGS] = { "rdi", "rsi", "rdx", "rcx",
	"r8", "r9", "rax", "rbx", "rbp", "r10", "r11", "r12", "r13", "r14",
	"r15", "xflags", "trapno", "addr", "flags", "err", "rip", "cs",
	"rflags", "rsp", "ss", "fs_base", "gs_base" };
