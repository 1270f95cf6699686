/* SPDX-License-Identifier: BSD-2-Clause */
/* One x86-64 instruction as text: the room's only user of Capstone. */
#ifndef VMS_TRACES_DISASM_H
#define VMS_TRACES_DISASM_H

#include <stddef.h>
#include <stdint.h>

struct trace_disasm;

/* NULL: Capstone cannot be opened. */
struct trace_disasm *trace_disasm_create(void);
void trace_disasm_destroy(struct trace_disasm *disasm);

/* "mov rax, qword ptr [rbx]" of the instruction at va; its length, 0 when the
 * bytes are no instruction, and then text says so. */
size_t trace_disasm_text(struct trace_disasm *disasm, uint64_t va,
    const uint8_t *bytes, size_t len, char *text, size_t room);

/* "0000000000401000: 48 8b 03                 mov rax, qword ptr [rbx]" */
size_t trace_disasm_line(struct trace_disasm *disasm, uint64_t va,
    const uint8_t *bytes, size_t len, char *line, size_t room);

#endif
