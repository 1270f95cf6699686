/* SPDX-License-Identifier: BSD-2-Clause */
/* One x86-64 instruction as text, by Capstone. */
#ifndef VMS_BASE_DISASM_H
#define VMS_BASE_DISASM_H

#include <stddef.h>
#include <stdint.h>

struct disasm;

/* NULL: Capstone cannot be opened. */
struct disasm *disasm_create(void);
void disasm_destroy(struct disasm *disasm);

/* "mov rax, qword ptr [rbx]" of the instruction at va; its length, 0 when the
 * bytes are no instruction, and then text says so. */
size_t disasm_text(struct disasm *disasm, uint64_t va, const uint8_t *bytes,
    size_t len, char *text, size_t room);

/* "0000000000401000: 48 8b 03                 mov rax, qword ptr [rbx]" */
size_t disasm_line(struct disasm *disasm, uint64_t va, const uint8_t *bytes,
    size_t len, char *line, size_t room);

#endif
