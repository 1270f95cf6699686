/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A decoder for single x86-64 instructions, as much of one as the CPU needs:
 * length, prefixes, opcode and memory operand.  Lengths are those that the
 * engine uses, which follows AMD where AMD and Intel differ (0x66 makes the
 * displacement of a near branch 16 bits wide).
 *
 * It is our own because it runs on every block that the engine translates
 * and on every read fault; Capstone is a hundred times slower.
 */
#ifndef VMS_EMU_INSN_H
#define VMS_EMU_INSN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "emu/cpu.h"

#define INSN_MAX_BYTES 15

struct insn {
	uint8_t length;
	uint8_t prefix_bytes; /* before the opcode, 0x0F escapes excluded */
	uint8_t map;          /* 0: one byte, 1: 0F, 2: 0F 38, 3: 0F 3A */
	uint8_t opcode;
	uint8_t modrm; /* 0 without has_modrm */
	uint8_t sib;
	uint8_t rex;     /* 0: none that counts */
	uint8_t segment; /* 0, or the override prefix 0x64 or 0x65 */
	uint8_t imm8;    /* of an instruction with one immediate byte */
	bool has_modrm, has_sib;
	bool lock, rep, repne, opsize, addrsize;
	bool vex;
	bool invalid; /* no such opcode: #UD, length is a guess */
	int32_t disp;
};

/* Decodes the instruction at bytes; false: it needs more than len bytes, or
 * more than 15. */
bool insn_decode(const uint8_t *bytes, size_t len, struct insn *insn);

/* What the engine does wrong and must not be let do. */
enum insn_hazard {
	INSN_SAFE,
	INSN_PORT,      /* in, out, ins, outs: executes; hardware: #GP(0) */
	INSN_UNDEFINED, /* runs, but hardware: #UD */
	INSN_IRETD,     /* iret with 32-bit operands can enter VM86 mode */
	INSN_SYSENTER,  /* hardware without SYSENTER_CS: #GP(0) */
	INSN_LONG_INT,  /* int n with prefixes: where it began would be lost */
	INSN_FUNCTION   /* fsin, fprem and their like: by the host's libm */
};
enum insn_hazard insn_hazard(const struct insn *insn);

/* The part of INSN_UNDEFINED that makes the engine abort the process when it
 * is translated: LOCK bt, bts, btr, btc with a register destination. */
bool insn_is_killer(const struct insn *insn);

/*
 * The engine keeps flags lazily: as operands of the instruction that set them
 * last.  Which kind that was, as far as the block so far tells.
 */
enum insn_flags {
	INSN_FLAGS_ENTRY,    /* none in this block */
	INSN_FLAGS_DIRECT,   /* comiss and its like: nothing to convert */
	INSN_FLAGS_LOGIC,    /* test, and, or, xor */
	INSN_FLAGS_SUBTRACT, /* cmp, sub, neg, cmpxchg */
	INSN_FLAGS_OTHER
};
enum insn_flags insn_flags_after(
    const struct insn *insn, enum insn_flags before);

/*
 * The engine would get flags wrong: cmpxchg8b, cmpxchg16b, loope and loopne
 * when the block has changed flags before; rcl, rcr and setcc of memory when
 * they fault after they have converted the flags.  Right when stepped.
 */
bool insn_spoils_flags(const struct insn *insn, enum insn_flags before);

bool insn_has_memory(const struct insn *insn);
/* Reads and writes its memory operand. */
bool insn_is_rmw(const struct insn *insn);
bool insn_is_rdtsc(const struct insn *insn);
bool insn_is_rdtscp(const struct insn *insn);
bool insn_is_pushf(const struct insn *insn);
/* Loads RFLAGS from the stack: popf, iret. */
bool insn_loads_flags(const struct insn *insn);
/* mov or pop to %ss: the next instruction belongs to it. */
bool insn_shadows_next(const struct insn *insn);
/* REP with a string instruction. */
bool insn_is_repeated(const struct insn *insn);
/* cmps or scas: REP ends by ZF too. */
bool insn_compares_string(const struct insn *insn);

/* int n, two-byte form; the number is insn->imm8. */
bool insn_is_int(const struct insn *insn);

/* True when a general-protection fault of insn at regs comes from a
 * non-canonical address in the stack segment: hardware raises #SS. */
bool insn_stack_fault(const struct insn *insn, const struct cpu_regs *regs);

static inline bool
va_is_canonical(uint64_t va)
{
	return va + (UINT64_C(1) << 47) < UINT64_C(1) << 48;
}

#endif
