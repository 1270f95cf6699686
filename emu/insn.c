/* SPDX-License-Identifier: BSD-2-Clause */
#include "emu/insn.h"

#include <string.h>

#include "emu/x87_function.h"

/*
 * What follows each opcode in 64-bit mode:
 *   .  nothing            M  modrm           m  modrm, imm8    n  modrm, immz
 *   B  imm8               W  imm16           Z  immz           V  imm of mov
 *   J  near displacement  O  moffs           E  imm16, imm8
 *   F  modrm and, for /0 and /1, imm8        G  the same with immz
 *   R  modrm that always names registers     X  no such opcode
 *   P  prefix or escape, handled before the table is asked
 */
/* clang-format off */
static const char map_one[257] =
    "MMMMBZXX" "MMMMBZXP" "MMMMBZXX" "MMMMBZXX" /* 00 */
    "MMMMBZPX" "MMMMBZPX" "MMMMBZPX" "MMMMBZPX" /* 20 */
    "PPPPPPPP" "PPPPPPPP" "........" "........" /* 40 */
    "XXXMPPPP" "ZnBm...." "BBBBBBBB" "BBBBBBBB" /* 60 */
    "mnXmMMMM" "MMMMMMMM" "........" "..X....." /* 80 */
    "OOOO...." "BZ......" "BBBBBBBB" "VVVVVVVV" /* A0 */
    "mmW.PPmn" "E.W..BX." "MMMMXXX." "MMMMMMMM" /* C0 */
    "BBBBBBBB" "JJXB...." "P.PP..FG" "......MM"; /* E0 */

static const char map_0f[257] =
    "MMMMX..." "..X.XM.m" "MMMMMMMM" "MMMMMMMM" /* 00 */
    "RRRRXXXX" "MMMMMMMM" "......X." "PXPXXXXX" /* 20 */
    "MMMMMMMM" "MMMMMMMM" "MMMMMMMM" "MMMMMMMM" /* 40 */
    "MMMMMMMM" "MMMMMMMM" "mmmmMMM." "MMXXMMMM" /* 60 */
    "JJJJJJJJ" "JJJJJJJJ" "MMMMMMMM" "MMMMMMMM" /* 80 */
    "...MmMXX" "...MmMMM" "MMMMMMMM" "MXmMMMMM" /* A0 */
    "MMmMmmmM" "........" "MMMMMMMM" "MMMMMMMM" /* C0 */
    "MMMMMMMM" "MMMMMMMM" "MMMMMMMM" "MMMMMMMX"; /* E0 */
/* clang-format on */

struct cursor {
	const uint8_t *bytes;
	size_t at, len;
};

static unsigned
reg_field(const struct insn *insn)
{
	return (unsigned)insn->modrm >> 3 & 7;
}

static bool
take(struct cursor *c, uint8_t *byte)
{
	if (c->at >= c->len)
		return false;
	*byte = c->bytes[c->at++];
	return true;
}

static bool
skip(struct cursor *c, size_t count, uint8_t *first)
{
	if (count > c->len - c->at)
		return false;
	if (count == 1)
		*first = c->bytes[c->at];
	c->at += count;
	return true;
}

/* True when byte is a legacy prefix, which is then noted. */
static bool
prefix_note(struct insn *insn, uint8_t byte)
{
	switch (byte) {
	case 0xf0:
		insn->lock = true;
		return true;
	case 0xf2:
		insn->repne = true;
		return true;
	case 0xf3:
		insn->rep = true;
		return true;
	case 0x66:
		insn->opsize = true;
		return true;
	case 0x67:
		insn->addrsize = true;
		return true;
	case 0x64:
	case 0x65:
		insn->segment = byte;
		return true;
	case 0x26:
	case 0x2e:
	case 0x36:
	case 0x3e: /* the last override counts, and these have no effect */
		insn->segment = 0;
		return true;
	default:
		return false;
	}
}

/* A REX prefix counts only right before the opcode. */
static bool
prefixes_take(struct cursor *c, struct insn *insn, uint8_t *opcode)
{
	for (;;) {
		if (!take(c, opcode))
			return false;
		if ((*opcode & 0xf0) == 0x40)
			insn->rex = *opcode;
		else if (prefix_note(insn, *opcode))
			insn->rex = 0;
		else
			break;
	}
	insn->prefix_bytes = (uint8_t)(c->at - 1);
	return true;
}

static bool
vex_take(struct cursor *c, struct insn *insn, uint8_t *opcode)
{
	uint8_t first, second;

	insn->vex = true;
	insn->map = 1;
	if (!take(c, &first))
		return false;
	if (*opcode == 0xc4) {
		if (!take(c, &second))
			return false;
		insn->map = first & 0x1f;
	}
	if (insn->map == 0 || insn->map > 3)
		insn->invalid = true;
	return take(c, opcode);
}

static bool
opcode_take(struct cursor *c, struct insn *insn)
{
	uint8_t opcode;

	if (!prefixes_take(c, insn, &opcode))
		return false;
	if (opcode == 0xc4 || opcode == 0xc5) {
		if (!vex_take(c, insn, &opcode))
			return false;
	} else if (opcode == 0x0f) {
		insn->map = 1;
		if (!take(c, &opcode))
			return false;
		if (opcode == 0x38 || opcode == 0x3a) {
			insn->map = opcode == 0x38 ? 2 : 3;
			if (!take(c, &opcode))
				return false;
		}
	}
	insn->opcode = opcode;
	return true;
}

static char
operands(const struct insn *insn)
{
	switch (insn->map) {
	case 0:
		return map_one[insn->opcode];
	case 1:
		return map_0f[insn->opcode];
	case 2:
		return 'M';
	default:
		return 'm';
	}
}

static bool
disp_take(struct cursor *c, struct insn *insn, size_t bytes)
{
	const uint8_t *p = c->bytes + c->at;
	uint8_t ignored;

	if (!skip(c, bytes, &ignored))
		return false;
	if (bytes == 1)
		insn->disp = (int8_t)p[0];
	else
		insn->disp =
		    (int32_t)((uint32_t)p[0] | (uint32_t)p[1] << 8 |
			      (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
	return true;
}

static bool
modrm_take(struct cursor *c, struct insn *insn, bool registers)
{
	unsigned mod, base;

	if (!take(c, &insn->modrm))
		return false;
	insn->has_modrm = true;
	mod = insn->modrm >> 6;
	base = insn->modrm & 7;
	if (mod == 3 || registers)
		return true;
	if (base == 4) {
		if (!take(c, &insn->sib))
			return false;
		insn->has_sib = true;
		base = insn->sib & 7;
	}
	if (mod == 1)
		return disp_take(c, insn, 1);
	if (mod == 2 || base == 5)
		return disp_take(c, insn, 4);
	return true;
}

static bool
is_wide(const struct insn *insn)
{
	return insn->rex & 8;
}

/* Bytes of immediate data after the modrm part. */
static size_t
imm_bytes(const struct insn *insn, char kind)
{
	size_t z = insn->opsize && !is_wide(insn) ? 2 : 4;

	switch (kind) {
	case 'm':
	case 'B':
		return 1;
	case 'W':
		return 2;
	case 'E':
		return 3;
	case 'n':
	case 'Z':
	case 'J':
		return z;
	case 'V':
		return is_wide(insn) ? 8 : z;
	case 'O':
		return insn->addrsize ? 4 : 8;
	case 'F':
		return reg_field(insn) < 2 ? 1 : 0;
	case 'G':
		return reg_field(insn) < 2 ? z : 0;
	default:
		return 0;
	}
}

static bool
takes_modrm(char kind)
{
	return kind == 'M' || kind == 'm' || kind == 'n' || kind == 'F' ||
	       kind == 'G' || kind == 'R';
}

bool
insn_decode(const uint8_t *bytes, size_t len, struct insn *insn)
{
	struct cursor c = { bytes, 0,
		len < INSN_MAX_BYTES ? len : INSN_MAX_BYTES };
	char kind;

	memset(insn, 0, sizeof(*insn));
	if (!opcode_take(&c, insn))
		return false;
	kind = operands(insn);
	if (kind == 'X' || kind == 'P')
		insn->invalid = true;
	else if (takes_modrm(kind) && !modrm_take(&c, insn, kind == 'R'))
		return false;
	if (!skip(&c, imm_bytes(insn, kind), &insn->imm8))
		return false;
	insn->length = (uint8_t)c.at;
	return true;
}

bool
insn_has_memory(const struct insn *insn)
{
	return insn->has_modrm && insn->modrm < 0xc0 &&
	       !(insn->map == 1 && (insn->opcode & 0xfc) == 0x20);
}

static bool
rmw_one(const struct insn *insn)
{
	uint8_t op = insn->opcode;
	unsigned reg = reg_field(insn);

	if (op < 0x38)
		return (op & 7) < 2;
	switch (op) {
	case 0x80:
	case 0x81:
	case 0x83:
		return reg != 7;
	case 0x86:
	case 0x87:
	case 0xc0:
	case 0xc1:
	case 0xd0:
	case 0xd1:
	case 0xd2:
	case 0xd3:
		return true;
	case 0xf6:
	case 0xf7:
		return reg == 2 || reg == 3;
	case 0xfe:
	case 0xff:
		return reg < 2;
	default:
		return false;
	}
}

static bool
rmw_0f(const struct insn *insn)
{
	switch (insn->opcode) {
	case 0xa4:
	case 0xa5:
	case 0xab:
	case 0xac:
	case 0xad:
	case 0xb0:
	case 0xb1:
	case 0xb3:
	case 0xbb:
	case 0xc0:
	case 0xc1:
		return true;
	case 0xba:
		return reg_field(insn) > 4;
	case 0xc7:
		return reg_field(insn) == 1;
	default:
		return false;
	}
}

bool
insn_is_rmw(const struct insn *insn)
{
	if (!insn_has_memory(insn) || insn->vex)
		return false;
	return insn->map == 0 ? rmw_one(insn) : insn->map == 1 && rmw_0f(insn);
}

/* Of the instructions that read, change and write, shifts and shld, shrd
 * cannot be locked. */
static bool
can_lock(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	if (!insn_is_rmw(insn))
		return false;
	if (insn->map == 0)
		return op < 0xc0 || op >= 0xf0;
	return op != 0xa4 && op != 0xa5 && op != 0xac && op != 0xad;
}

/* movmskps, shifts of vectors by an immediate, movq2dq, movdq2q: the engine
 * takes any modrm for a register, and goes on behind it. */
static bool
takes_registers_only(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	return op == 0x50 || (op >= 0x71 && op <= 0x73) ||
	       (op == 0xd6 && (insn->rep || insn->repne));
}

/* What the engine runs although the processor it plays has no such
 * instruction; most others it refuses itself. */
static bool
is_undefined(const struct insn *insn)
{
	if (insn->vex || (insn->lock && !can_lock(insn)))
		return true;
	if (insn->map == 1)
		return insn_has_memory(insn) && takes_registers_only(insn);
	return insn->map == 0 && reg_field(insn) != 0 &&
	       (insn->opcode == 0x8f || (insn->opcode & 0xfe) == 0xc6);
}

static bool
is_port(uint8_t op)
{
	return (op & 0xfc) == 0x6c || (op & 0xf4) == 0xe4;
}

enum insn_hazard
insn_hazard(const struct insn *insn)
{
	if (is_undefined(insn))
		return INSN_UNDEFINED;
	if (insn->invalid)
		return INSN_SAFE;
	if (insn->map == 0 && is_port(insn->opcode))
		return INSN_PORT;
	if (insn->map == 0 && insn->opcode == 0xcf && !is_wide(insn) &&
	    !insn->opsize)
		return INSN_IRETD;
	if (insn->map == 1 && insn->opcode == 0x34)
		return INSN_SYSENTER;
	if (insn_is_int(insn) && insn->prefix_bytes > 0)
		return INSN_LONG_INT;
	if (insn->map == 0 && insn->opcode == 0xd9 &&
	    x87_is_function(insn->modrm))
		return INSN_FUNCTION;
	return INSN_SAFE;
}

/* push, pop, movsxd, jcc, xchg, mov, lea, nop, call, jmp, ret, loops. */
static bool
keeps_flags_one(uint8_t op)
{
	return (op & 0xf0) == 0x50 || op == 0x63 || op == 0x68 || op == 0x6a ||
	       (op & 0xf0) == 0x70 || (op >= 0x86 && op <= 0x99) ||
	       (op >= 0xa0 && op <= 0xa5) || (op & 0xf0) == 0xb0 ||
	       op == 0xc2 || op == 0xc3 || op == 0xc6 || op == 0xc7 ||
	       op == 0xc9 || (op >= 0xe0 && op <= 0xe3) ||
	       (op >= 0xe8 && op <= 0xeb);
}

/* cmov, setcc, jcc, movzx, movsx, bswap, nop, prefetch, moves of SSE. */
static bool
keeps_flags_0f(uint8_t op)
{
	return (op & 0xf0) == 0x40 || (op & 0xe0) == 0x80 ||
	       (op & 0xf6) == 0xb6 || (op & 0xf8) == 0xc8 || op == 0x0d ||
	       (op >= 0x10 && op <= 0x1f) || op == 0x28 || op == 0x29 ||
	       op == 0x6e || op == 0x6f || op == 0x7e || op == 0x7f ||
	       op == 0xd6 || op == 0xe7;
}

static enum insn_flags
flags_of_group(const struct insn *insn)
{
	unsigned reg = reg_field(insn);

	if (insn->opcode >= 0xf6) /* test not neg mul ... */
		return reg < 2    ? INSN_FLAGS_LOGIC
		       : reg == 3 ? INSN_FLAGS_SUBTRACT
				  : INSN_FLAGS_OTHER;
	if (reg == 5 || reg == 7) /* sub cmp */
		return INSN_FLAGS_SUBTRACT;
	return reg == 1 || reg == 4 || reg == 6 ? INSN_FLAGS_LOGIC
						: INSN_FLAGS_OTHER;
}

static enum insn_flags
flags_of_one(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	if (op < 0x40) /* add or adc sbb and sub xor cmp */
		return (op >> 3) == 5 || (op >> 3) == 7 ? INSN_FLAGS_SUBTRACT
		       : (op >> 3) == 1 || (op >> 3) == 4 || (op >> 3) == 6
			   ? INSN_FLAGS_LOGIC
			   : INSN_FLAGS_OTHER;
	if ((op & 0xfc) == 0x80 || (op & 0xfe) == 0xf6)
		return flags_of_group(insn);
	if ((op & 0xfe) == 0x84 || (op & 0xfe) == 0xa8) /* test */
		return INSN_FLAGS_LOGIC;
	return (op & 0xf6) == 0xa6 ? INSN_FLAGS_SUBTRACT : /* cmps scas */
		   INSN_FLAGS_OTHER;
}

enum insn_flags
insn_flags_after(const struct insn *insn, enum insn_flags before)
{
	uint8_t op = insn->opcode;

	if (insn->map == 0)
		return keeps_flags_one(op) ? before : flags_of_one(insn);
	if (insn->map != 1)
		return INSN_FLAGS_OTHER;
	if (keeps_flags_0f(op))
		return before;
	if (op == 0x2e || op == 0x2f) /* ucomiss comiss */
		return INSN_FLAGS_DIRECT;
	return (op & 0xfe) == 0xb0 ? INSN_FLAGS_SUBTRACT : INSN_FLAGS_OTHER;
}

/* As the engine prepares a condition: by which ones it converts the flags. */
static bool
condition_converts(unsigned condition, enum insn_flags before)
{
	if (before == INSN_FLAGS_DIRECT)
		return false;
	switch (condition >> 1) {
	case 1: /* B */
		return false;
	case 2: /* Z */
	case 4: /* S */
		return before == INSN_FLAGS_ENTRY;
	case 0: /* O */
	case 5: /* P */
		return true;
	default:
		return before != INSN_FLAGS_SUBTRACT;
	}
}

bool
insn_spoils_flags(const struct insn *insn, enum insn_flags before)
{
	uint8_t op = insn->opcode;

	if (insn->map == 0 && (op & 0xfe) == 0xe0)
		return before != INSN_FLAGS_ENTRY;
	if (!insn_has_memory(insn))
		return false;
	if (insn->map == 0)
		return ((op & 0xfe) == 0xc0 || (op & 0xfc) == 0xd0) &&
		       (reg_field(insn) & 6) == 2;
	if (insn->map != 1)
		return false;
	if (op == 0xc7)
		return reg_field(insn) == 1 && before != INSN_FLAGS_ENTRY;
	return (op & 0xf0) == 0x90 && condition_converts(op & 0xf, before);
}

bool
insn_is_killer(const struct insn *insn)
{
	if (!insn->lock || insn->map != 1 || insn->modrm < 0xc0)
		return false;
	if (insn->opcode == 0xba)
		return reg_field(insn) >= 4;
	return (insn->opcode & 0xe7) == 0xa3; /* A3 AB B3 BB */
}

bool
insn_is_rdtsc(const struct insn *insn)
{
	return insn->map == 1 && insn->opcode == 0x31 && !insn->lock;
}

bool
insn_is_rdtscp(const struct insn *insn)
{
	return insn->map == 1 && insn->opcode == 0x01 && insn->modrm == 0xf9 &&
	       !insn->lock;
}

bool
insn_is_pushf(const struct insn *insn)
{
	return insn->map == 0 && insn->opcode == 0x9c;
}

bool
insn_loads_flags(const struct insn *insn)
{
	return insn->map == 0 && (insn->opcode == 0x9d || insn->opcode == 0xcf);
}

bool
insn_shadows_next(const struct insn *insn)
{
	return insn->map == 0 && insn->opcode == 0x8e && reg_field(insn) == 2;
}

bool
insn_compares_string(const struct insn *insn)
{
	return insn->map == 0 &&
	       ((insn->opcode & 0xfe) == 0xa6 || (insn->opcode & 0xfe) == 0xae);
}

bool
insn_is_repeated(const struct insn *insn)
{
	uint8_t op = insn->opcode;

	return (insn->rep || insn->repne) && insn->map == 0 &&
	       ((op >= 0xa4 && op <= 0xa7) || (op >= 0xaa && op <= 0xaf));
}

bool
insn_is_int(const struct insn *insn)
{
	return insn->map == 0 && insn->opcode == 0xcd;
}

static uint64_t
reg_value(const struct cpu_regs *regs, unsigned n)
{
	const uint64_t values[16] = { regs->rax, regs->rcx, regs->rdx,
		regs->rbx, regs->rsp, regs->rbp, regs->rsi, regs->rdi, regs->r8,
		regs->r9, regs->r10, regs->r11, regs->r12, regs->r13, regs->r14,
		regs->r15 };

	return values[n];
}

/* Number of the base register, or -1: none, -2: rip. */
static int
base_register(const struct insn *insn)
{
	unsigned mod = insn->modrm >> 6;
	unsigned base = (insn->has_sib ? insn->sib : insn->modrm) & 7;

	if (mod == 0 && base == 5)
		return insn->has_sib ? -1 : -2;
	return (int)(base | (insn->rex & 1u) << 3);
}

static uint64_t
memory_address(const struct insn *insn, const struct cpu_regs *regs)
{
	int base = base_register(insn);
	uint64_t addr = (uint64_t)(int64_t)insn->disp;
	unsigned index;

	if (base == -2)
		addr += regs->rip + insn->length;
	else if (base >= 0)
		addr += reg_value(regs, (unsigned)base);
	if (insn->has_sib) {
		index = (insn->sib >> 3 & 7u) | (insn->rex & 2u) << 2;
		if (index != 4)
			addr += reg_value(regs, index) << (insn->sib >> 6);
	}
	if (insn->addrsize)
		addr &= UINT32_MAX;
	if (insn->segment != 0)
		addr += insn->segment == 0x64 ? regs->fs_base : regs->gs_base;
	return addr;
}

/* Whether insn uses the stack beside its operands, and where. */
static bool
stack_address(
    const struct insn *insn, const struct cpu_regs *regs, uint64_t *addr)
{
	uint8_t op = insn->opcode;
	unsigned reg = reg_field(insn);
	bool push, pop;

	if (insn->map == 1) {
		push = op == 0xa0 || op == 0xa8;
		pop = op == 0xa1 || op == 0xa9;
	} else {
		push = (op & 0xf8) == 0x50 || op == 0x68 || op == 0x6a ||
		       op == 0x9c || op == 0xe8 || op == 0xc8 ||
		       (op == 0xff && (reg == 2 || reg == 3 || reg == 6));
		pop = (op & 0xf8) == 0x58 || op == 0x8f || op == 0x9d ||
		      (op & 0xf6) == 0xc2 || op == 0xcf;
		if (op == 0xc9) {
			*addr = regs->rbp;
			return true;
		}
	}
	*addr = push ? regs->rsp - 8 : regs->rsp;
	return insn->map <= 1 && (push || pop);
}

bool
insn_stack_fault(const struct insn *insn, const struct cpu_regs *regs)
{
	uint64_t addr;
	int base;

	if (insn_has_memory(insn) &&
	    !va_is_canonical(memory_address(insn, regs))) {
		base = base_register(insn);
		return insn->segment == 0 && (base == 4 || base == 5);
	}
	return stack_address(insn, regs, &addr) && !va_is_canonical(addr);
}
