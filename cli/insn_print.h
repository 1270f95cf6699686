/* SPDX-License-Identifier: BSD-2-Clause */
/* One executed instruction as text and as JSON. */
#ifndef VMS_CLI_INSN_PRINT_H
#define VMS_CLI_INSN_PRINT_H

#include <stdio.h>

#include "cli/json.h"
#include "cli/trace_exec.h"

/*
 * A line with the instruction, and indented lines of what it did:
 *
 *	   1234 0000000000401020 48 8b 03  mov rax, qword ptr [rbx]  main+0x4
 *	           rax 0 -> 0x2a
 *	           read [0x402000] 2a00000000000000
 */
void insn_print_text(FILE *out, const struct exec_insn *insn);
void insn_print_json(FILE *out, const struct exec_insn *insn);

/* A register by its number in trace_reg_names. */
uint64_t insn_register(const struct trapframe *tf, unsigned reg);

#endif
