/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/trace_decode.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <capstone/capstone.h>

struct decoder {
	csh handle;
	cs_insn *insn; /* reused */
};

struct decoder *
decoder_create(void)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));

	if (decoder == NULL)
		return NULL;
	if (cs_open(CS_ARCH_X86, CS_MODE_64, &decoder->handle) != CS_ERR_OK) {
		free(decoder);
		return NULL;
	}
	if (cs_option(decoder->handle, CS_OPT_DETAIL, CS_OPT_ON) == CS_ERR_OK)
		decoder->insn = cs_malloc(decoder->handle);
	if (decoder->insn != NULL)
		return decoder;
	decoder_destroy(decoder);
	return NULL;
}

void
decoder_destroy(struct decoder *decoder)
{
	if (decoder == NULL)
		return;
	if (decoder->insn != NULL)
		cs_free(decoder->insn, 1);
	cs_close(&decoder->handle);
	free(decoder);
}

/* The 64 bits of a register, and how many of its low ones an address takes. */
static const struct {
	size_t offset;
	x86_reg reg;
	unsigned bits;
} address_registers[] = {
#define BOTH(wide, narrow, member)                                             \
	{ offsetof(struct trapframe, member), wide, 64 },                      \
	{                                                                      \
		offsetof(struct trapframe, member), narrow, 32                 \
	}
	BOTH(X86_REG_RAX, X86_REG_EAX, tf_rax),
	BOTH(X86_REG_RBX, X86_REG_EBX, tf_rbx),
	BOTH(X86_REG_RCX, X86_REG_ECX, tf_rcx),
	BOTH(X86_REG_RDX, X86_REG_EDX, tf_rdx),
	BOTH(X86_REG_RSI, X86_REG_ESI, tf_rsi),
	BOTH(X86_REG_RDI, X86_REG_EDI, tf_rdi),
	BOTH(X86_REG_RBP, X86_REG_EBP, tf_rbp),
	BOTH(X86_REG_RSP, X86_REG_ESP, tf_rsp),
	BOTH(X86_REG_R8, X86_REG_R8D, tf_r8),
	BOTH(X86_REG_R9, X86_REG_R9D, tf_r9),
	BOTH(X86_REG_R10, X86_REG_R10D, tf_r10),
	BOTH(X86_REG_R11, X86_REG_R11D, tf_r11),
	BOTH(X86_REG_R12, X86_REG_R12D, tf_r12),
	BOTH(X86_REG_R13, X86_REG_R13D, tf_r13),
	BOTH(X86_REG_R14, X86_REG_R14D, tf_r14),
	BOTH(X86_REG_R15, X86_REG_R15D, tf_r15),
};

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static uint64_t
register_value(const struct trapframe *tf, const cs_insn *insn, unsigned reg)
{
	uint64_t value = 0;

	if (reg == X86_REG_RIP || reg == X86_REG_EIP)
		return (uint64_t)tf->tf_rip + insn->size;
	for (size_t i = 0; i < COUNT(address_registers); i++) {
		if ((unsigned)address_registers[i].reg != reg)
			continue;
		memcpy(&value,
		    (const uint8_t *)tf + address_registers[i].offset,
		    sizeof(value));
		return address_registers[i].bits == 64 ? value
						       : (uint32_t)value;
	}
	return 0;
}

static uint64_t
operand_address(const struct trapframe *tf, const uint64_t tls[2],
    const cs_insn *insn, const x86_op_mem *mem)
{
	uint64_t va = (uint64_t)mem->disp;

	va += register_value(tf, insn, mem->base);
	va += register_value(tf, insn, mem->index) * (uint64_t)mem->scale;
	if (insn->detail->x86.addr_size == 4)
		va = (uint32_t)va;
	if (mem->segment == X86_REG_FS)
		va += tls[0];
	else if (mem->segment == X86_REG_GS)
		va += tls[1];
	return va;
}

static void
access_add(
    struct decoded *decoded, vms_va_t va, size_t len, bool read, bool written)
{
	size_t shown = len < DECODED_ACCESS_BYTES ? len : DECODED_ACCESS_BYTES;

	if (decoded->access_count == DECODED_ACCESSES || len == 0)
		return;
	decoded->accesses[decoded->access_count++] =
	    (struct decoded_access){ va, shown, len, read, written };
}

/* Operands that only compute an address, or hint. */
static bool
operand_is_unused(const cs_insn *insn)
{
	switch (insn->id) {
	case X86_INS_LEA:
	case X86_INS_NOP:
	case X86_INS_PREFETCH:
	case X86_INS_PREFETCHNTA:
	case X86_INS_PREFETCHT0:
	case X86_INS_PREFETCHT1:
	case X86_INS_PREFETCHT2:
	case X86_INS_PREFETCHW:
	case X86_INS_CLFLUSH:
		return true;
	default:
		return false;
	}
}

/* What Capstone 4 says wrongly of a first operand that is memory: that a store
 * only reads it, or how large it is (0: as it says). */
static const struct {
	unsigned id;
	bool read, written;
	size_t len;
} memory_rows[] = {
	{ X86_INS_CMPXCHG, true, true, 0 },
	{ X86_INS_CMPXCHG8B, true, true, 0 },
	{ X86_INS_CMPXCHG16B, true, true, 0 },
	{ X86_INS_ROL, true, true, 0 },
	{ X86_INS_ROR, true, true, 0 },
	{ X86_INS_RCL, true, true, 0 },
	{ X86_INS_RCR, true, true, 0 },
	{ X86_INS_MOVUPS, false, true, 0 },
	{ X86_INS_MOVUPD, false, true, 0 },
	{ X86_INS_MOVDQA, false, true, 0 },
	{ X86_INS_MOVLPS, false, true, 0 },
	{ X86_INS_MOVHPS, false, true, 0 },
	{ X86_INS_MOVLPD, false, true, 0 },
	{ X86_INS_MOVHPD, false, true, 0 },
	{ X86_INS_MOVD, false, true, 0 },
	{ X86_INS_MOVQ, false, true, 0 },
	{ X86_INS_MOVNTPS, false, true, 0 },
	{ X86_INS_MOVNTPD, false, true, 0 },
	{ X86_INS_MOVNTDQ, false, true, 0 },
	{ X86_INS_MOVNTQ, false, true, 0 },
	{ X86_INS_MOVNTI, false, true, 0 },
	{ X86_INS_MOVBE, false, true, 0 },
	{ X86_INS_PEXTRB, false, true, 0 },
	{ X86_INS_PEXTRW, false, true, 0 },
	{ X86_INS_PEXTRD, false, true, 0 },
	{ X86_INS_PEXTRQ, false, true, 0 },
	{ X86_INS_EXTRACTPS, false, true, 0 },
	{ X86_INS_STMXCSR, false, true, 0 },
	{ X86_INS_FNSTCW, false, true, 0 },
	{ X86_INS_FNSTSW, false, true, 2 },
	{ X86_INS_FST, false, true, 0 },
	{ X86_INS_FSTP, false, true, 0 },
	{ X86_INS_FIST, false, true, 0 },
	{ X86_INS_FISTP, false, true, 0 },
	{ X86_INS_FISTTP, false, true, 0 },
	{ X86_INS_FNSAVE, false, true, 108 },
	{ X86_INS_FRSTOR, true, false, 108 },
	{ X86_INS_FXSAVE, false, true, 512 },
	{ X86_INS_FXSAVE64, false, true, 512 },
	{ X86_INS_FXRSTOR, true, false, 512 },
	{ X86_INS_FXRSTOR64, true, false, 512 },
};

/* Capstone does not know the access of some operands: it is then taken for
 * both, and the bytes before and after say which. */
static void
operand_add(struct decoded *decoded, unsigned id, const cs_x86_op *op,
    bool first, vms_va_t va)
{
	bool unknown = op->access == CS_AC_INVALID;
	bool read = unknown || (op->access & CS_AC_READ) != 0;
	bool written = unknown || (op->access & CS_AC_WRITE) != 0;
	size_t len = op->size;

	for (size_t i = 0; first && i < COUNT(memory_rows); i++) {
		if (memory_rows[i].id != id)
			continue;
		read = memory_rows[i].read;
		written = memory_rows[i].written;
		if (memory_rows[i].len != 0)
			len = memory_rows[i].len;
	}
	access_add(decoded, va, len, read, written);
}

static void
operands_find(struct decoded *decoded, const struct trapframe *tf,
    const uint64_t tls[2], const cs_insn *insn)
{
	const cs_x86 *x86 = &insn->detail->x86;

	if (operand_is_unused(insn))
		return;
	for (unsigned i = 0; i < x86->op_count; i++) {
		const cs_x86_op *op = &x86->operands[i];

		if (op->type == X86_OP_MEM)
			operand_add(decoded, insn->id, op, i == 0,
			    operand_address(tf, tls, insn, &op->mem));
	}
}

/* Accesses to the stack that no operand names. */
static const struct {
	unsigned id;
	int offset; /* from rsp, or rbp where from_rbp */
	bool written, from_rbp;
} stack_rows[] = {
	{ X86_INS_PUSH, -8, true, false },
	{ X86_INS_PUSHFQ, -8, true, false },
	{ X86_INS_CALL, -8, true, false },
	{ X86_INS_POP, 0, false, false },
	{ X86_INS_POPFQ, 0, false, false },
	{ X86_INS_RET, 0, false, false },
	{ X86_INS_LEAVE, 0, false, true },
};

static void
stack_find(
    struct decoded *decoded, const struct trapframe *tf, const cs_insn *insn)
{
	for (size_t i = 0; i < COUNT(stack_rows); i++) {
		int64_t base = stack_rows[i].from_rbp ? tf->tf_rbp : tf->tf_rsp;

		if (stack_rows[i].id == insn->id)
			access_add(decoded,
			    (uint64_t)base + (uint64_t)stack_rows[i].offset, 8,
			    !stack_rows[i].written, stack_rows[i].written);
	}
}

static bool
register_is_fp(unsigned reg)
{
	return (reg >= X86_REG_XMM0 && reg <= X86_REG_XMM31) ||
	       (reg >= X86_REG_MM0 && reg <= X86_REG_MM7) ||
	       (reg >= X86_REG_ST0 && reg <= X86_REG_ST7) ||
	       (reg >= X86_REG_FP0 && reg <= X86_REG_FP7);
}

static bool
insn_uses_fp(const struct decoder *decoder, const cs_insn *insn)
{
	const cs_x86 *x86 = &insn->detail->x86;

	for (unsigned i = 0; i < x86->op_count; i++)
		if (x86->operands[i].type == X86_OP_REG &&
		    register_is_fp(x86->operands[i].reg))
			return true;
	return cs_insn_group(decoder->handle, insn, X86_GRP_FPU) ||
	       insn->mnemonic[0] == 'f';
}

static bool
insn_jumps(const struct decoder *decoder, const cs_insn *insn)
{
	static const unsigned char groups[] = { CS_GRP_JUMP, CS_GRP_CALL,
		CS_GRP_RET, CS_GRP_INT, CS_GRP_IRET };

	for (size_t i = 0; i < COUNT(groups); i++)
		if (cs_insn_group(decoder->handle, insn, groups[i]))
			return true;
	return insn->id == X86_INS_SYSCALL || insn->id == X86_INS_UD2 ||
	       insn->id == X86_INS_HLT;
}

static bool
insn_repeats(const cs_insn *insn)
{
	uint8_t prefix = insn->detail->x86.prefix[0];

	return prefix == X86_PREFIX_REP || prefix == X86_PREFIX_REPNE;
}

void
decode(struct decoder *decoder, const struct trapframe *tf,
    const uint64_t tls[2], const uint8_t *bytes, size_t len,
    struct decoded *decoded)
{
	const cs_insn *insn = decoder->insn;
	uint64_t next = (uint64_t)tf->tf_rip;
	size_t left = len;

	*decoded = (struct decoded){ .size = 0 };
	if (len == 0 || !cs_disasm_iter(decoder->handle, &bytes, &left, &next,
			    decoder->insn)) {
		(void)snprintf(decoded->text, sizeof(decoded->text), "%s",
		    len == 0 ? "(not readable)" : "(bad)");
		return;
	}
	decoded->size = insn->size;
	memcpy(decoded->bytes, insn->bytes,
	    insn->size < INSN_BYTES ? insn->size : INSN_BYTES);
	(void)snprintf(decoded->text, sizeof(decoded->text), "%s%s%s",
	    insn->mnemonic, insn->op_str[0] != '\0' ? " " : "", insn->op_str);
	decoded->jumps = insn_jumps(decoder, insn);
	decoded->repeats = insn_repeats(insn);
	decoded->uses_fp = insn_uses_fp(decoder, insn);
	operands_find(decoded, tf, tls, insn);
	stack_find(decoded, tf, insn);
}
