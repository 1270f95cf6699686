/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/insn_print.h"

#include <inttypes.h>
#include <string.h>

#include "traces/kinds.h"

#define INDENT "             "

/* Registers that are neither rip nor written by the end of a run. */
static bool
register_counts(const char *name)
{
	static const char *const others[] = { "xflags", "trapno", "addr",
		"flags", "err", "rip", "cs", "ss" };

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (strcmp(name, others[i]) == 0)
			return false;
	return true;
}

uint64_t
insn_register(const struct trapframe *tf, unsigned reg)
{
	uint64_t value;

	memcpy(
	    &value, (const uint8_t *)tf + reg * sizeof(value), sizeof(value));
	return value;
}

/* The next register after reg that the instruction changed; TRACE_FRAME_REGS:
 * there is none.  Starts with UINT_MAX's successor, 0. */
static unsigned
register_changed(const struct exec_insn *insn, unsigned reg)
{
	for (; insn->has_after && reg < TRACE_FRAME_REGS; reg++)
		if (register_counts(trace_reg_names[reg]) &&
		    insn_register(&insn->before, reg) !=
			insn_register(&insn->after, reg))
			return reg;
	return TRACE_FRAME_REGS;
}

/* Registers of the FXSAVE image by place. */
static const struct {
	const char *name;
	unsigned off, len;
} fp_rows[] = {
	{ "fcw", 0, 2 },
	{ "fsw", 2, 2 },
	{ "ftw", 4, 1 },
	{ "mxcsr", 24, 4 },
	{ "st0", 32, 10 },
	{ "st1", 48, 10 },
	{ "st2", 64, 10 },
	{ "st3", 80, 10 },
	{ "st4", 96, 10 },
	{ "st5", 112, 10 },
	{ "st6", 128, 10 },
	{ "st7", 144, 10 },
	{ "xmm0", 160, 16 },
	{ "xmm1", 176, 16 },
	{ "xmm2", 192, 16 },
	{ "xmm3", 208, 16 },
	{ "xmm4", 224, 16 },
	{ "xmm5", 240, 16 },
	{ "xmm6", 256, 16 },
	{ "xmm7", 272, 16 },
	{ "xmm8", 288, 16 },
	{ "xmm9", 304, 16 },
	{ "xmm10", 320, 16 },
	{ "xmm11", 336, 16 },
	{ "xmm12", 352, 16 },
	{ "xmm13", 368, 16 },
	{ "xmm14", 384, 16 },
	{ "xmm15", 400, 16 },
};

#define FP_ROWS (sizeof(fp_rows) / sizeof(fp_rows[0]))

static bool
fp_changed(const struct exec_insn *insn, size_t row)
{
	return insn->has_fp &&
	       memcmp(insn->fp_before + fp_rows[row].off,
		   insn->fp_after + fp_rows[row].off, fp_rows[row].len) != 0;
}

/* The number in these little-endian bytes, in hexadecimal. */
static void
number_text(const uint8_t *bytes, size_t len, char *text)
{
	for (size_t i = len; i > 0; i--)
		text += snprintf(text, 3, "%02x", bytes[i - 1]);
}

static void
bytes_put(FILE *out, const uint8_t *bytes, size_t len, size_t wanted)
{
	for (size_t i = 0; i < len; i++)
		fprintf(out, "%02x", bytes[i]);
	if (len == 0)
		fprintf(out, "(not mapped)");
	else if (len < wanted)
		fprintf(out, "..");
}

static bool
access_writes(const struct exec_access *access)
{
	return access->at.written &&
	       (!access->at.read || access->before_len != access->after_len ||
		   memcmp(access->before, access->after, access->after_len) !=
		       0);
}

static void
access_text(FILE *out, const struct exec_access *access)
{
	if (access->at.read) {
		fprintf(out, INDENT "read [0x%" PRIx64 "] ", access->at.va);
		bytes_put(
		    out, access->before, access->before_len, access->at.len);
		fputc('\n', out);
	}
	if (!access_writes(access))
		return;
	fprintf(out, INDENT "write [0x%" PRIx64 "] ", access->at.va);
	bytes_put(out, access->before, access->before_len, access->at.len);
	fprintf(out, " -> ");
	bytes_put(out, access->after, access->after_len, access->at.len);
	fputc('\n', out);
}

static void
registers_text(FILE *out, const struct exec_insn *insn)
{
	char before[40], after[40];

	for (unsigned reg = register_changed(insn, 0); reg < TRACE_FRAME_REGS;
	     reg = register_changed(insn, reg + 1))
		fprintf(out, INDENT "%s 0x%" PRIx64 " -> 0x%" PRIx64 "\n",
		    trace_reg_names[reg], insn_register(&insn->before, reg),
		    insn_register(&insn->after, reg));
	for (size_t row = 0; row < FP_ROWS; row++) {
		if (!fp_changed(insn, row))
			continue;
		number_text(insn->fp_before + fp_rows[row].off,
		    fp_rows[row].len, before);
		number_text(
		    insn->fp_after + fp_rows[row].off, fp_rows[row].len, after);
		fprintf(out, INDENT "%s 0x%s -> 0x%s\n", fp_rows[row].name,
		    before, after);
	}
}

void
insn_print_text(FILE *out, const struct exec_insn *insn)
{
	char hex[3 * INSN_BYTES + 1] = "";

	for (size_t i = 0; i < insn->decoded.size && i < INSN_BYTES; i++)
		(void)snprintf(hex + 3 * i, 4, "%02x ", insn->decoded.bytes[i]);
	fprintf(out, "%10" PRIu64 " %016" PRIx64 " %-24s %s%s%s\n",
	    insn->number, insn->rip, hex, insn->decoded.text,
	    insn->symbol[0] == '\0' ? "" : "  ; ", insn->symbol);
	registers_text(out, insn);
	for (size_t i = 0; i < insn->decoded.access_count; i++)
		access_text(out, &insn->accesses[i]);
	if (insn->end != NULL)
		fprintf(out, INDENT "run @%" PRIu64 " ends: %s%s\n",
		    insn->event, insn->end,
		    insn->retired ? "" : ", the instruction is not done");
}

static void
registers_json(struct json *json, const struct exec_insn *insn)
{
	char number[40], text[48];

	json_begin(json, "registers", '{');
	for (unsigned reg = register_changed(insn, 0); reg < TRACE_FRAME_REGS;
	     reg = register_changed(insn, reg + 1))
		json_hex(json, trace_reg_names[reg],
		    insn_register(&insn->after, reg));
	for (size_t row = 0; row < FP_ROWS; row++) {
		if (!fp_changed(insn, row))
			continue;
		number_text(insn->fp_after + fp_rows[row].off, fp_rows[row].len,
		    number);
		(void)snprintf(text, sizeof(text), "0x%s", number);
		json_string(json, fp_rows[row].name, text);
	}
	json_end(json, '{');
}

static void
accesses_json(struct json *json, const struct exec_insn *insn, bool written)
{
	json_begin(json, written ? "writes" : "reads", '[');
	for (size_t i = 0; i < insn->decoded.access_count; i++) {
		const struct exec_access *access = &insn->accesses[i];

		if (written ? !access_writes(access) : !access->at.read)
			continue;
		json_begin(json, NULL, '{');
		json_hex(json, "address", access->at.va);
		json_bytes(json, written ? "old" : "bytes", access->before,
		    access->before_len);
		if (written)
			json_bytes(
			    json, "new", access->after, access->after_len);
		json_end(json, '{');
	}
	json_end(json, '[');
}

void
insn_print_json(FILE *out, const struct exec_insn *insn)
{
	struct json json;

	json_open(&json, out);
	json_number(&json, "insn", insn->number);
	json_number(&json, "event", insn->event);
	json_number(&json, "proc", insn->proc);
	json_number(&json, "lwp", insn->lwp);
	json_number(&json, "id", insn->id);
	json_hex(&json, "rip", insn->rip);
	if (insn->symbol[0] != '\0')
		json_string(&json, "symbol", insn->symbol);
	json_bytes(&json, "bytes", insn->decoded.bytes, insn->decoded.size);
	json_string(&json, "text", insn->decoded.text);
	json_flag(&json, "retired", insn->retired);
	registers_json(&json, insn);
	accesses_json(&json, insn, false);
	accesses_json(&json, insn, true);
	if (insn->end != NULL)
		json_string(&json, "end", insn->end);
	json_close(&json);
}
