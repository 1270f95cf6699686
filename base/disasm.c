/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/disasm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <capstone/capstone.h>

#define HEX_COLUMNS 10

struct disasm {
	csh handle;
	cs_insn *insn; /* reused for every instruction */
};

struct disasm *
disasm_create(void)
{
	struct disasm *disasm;

	disasm = calloc(1, sizeof(*disasm));
	if (disasm == NULL)
		return NULL;
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &disasm->handle) != CS_ERR_OK) {
		free(disasm);
		return NULL;
	}
	disasm->insn = cs_malloc(disasm->handle);
	return disasm;
}

void
disasm_destroy(struct disasm *disasm)
{
	if (disasm == NULL)
		return;
	cs_free(disasm->insn, 1);
	cs_close(&disasm->handle);
	free(disasm);
}

size_t
disasm_text(struct disasm *disasm, uint64_t va, const uint8_t *bytes,
    size_t len, char *text, size_t room)
{
	const cs_insn *insn;
	const uint8_t *at;
	uint64_t next;
	size_t left;

	at = bytes;
	left = len;
	next = va;
	insn = disasm->insn;
	if (len == 0) {
		snprintf(text, room, "(not readable)");
		return 0;
	}
	if (!cs_disasm_iter(disasm->handle, &at, &left, &next, disasm->insn)) {
		snprintf(text, room, "(bad)");
		return 0;
	}
	snprintf(text, room, "%s%s%s", insn->mnemonic,
	    insn->op_str[0] != '\0' ? " " : "", insn->op_str);
	return insn->size;
}

static void
hex_bytes(char *hex, size_t room, const uint8_t *bytes, size_t len)
{
	size_t at, i;

	hex[0] = '\0';
	for (i = 0, at = 0; i < len && at + 4 < room; i++)
		at += (size_t)snprintf(
		    hex + at, room - at, i == 0 ? "%02x" : " %02x", bytes[i]);
}

size_t
disasm_line(struct disasm *disasm, uint64_t va, const uint8_t *bytes,
    size_t len, char *line, size_t room)
{
	char hex[64], text[224];
	size_t size;

	size = disasm_text(disasm, va, bytes, len, text, sizeof(text));
	hex_bytes(hex, sizeof(hex), bytes, size != 0 ? size : len > 0);
	snprintf(line, room, "%016" PRIx64 ": %-*s  %s", va,
	    3 * HEX_COLUMNS - 1, hex, text);
	return size;
}
