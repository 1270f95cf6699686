/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers between the caller, the blobs and the engine. */
#include "emu/cpu_unicorn.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* CF PF AF ZF SF TF DF OF NT AC ID; IF and bit 1 are always set.  IOPL, VM
 * and RF must not reach the engine. */
#define FLAGS_ALLOWED UINT64_C(0x244dd5)
#define FLAGS_FIXED   UINT64_C(0x202)
#define NO_EXCEPTION  UINT32_MAX
#define CR0_VALUE     UINT64_C(0x80010033)
#define CR0_TS        UINT64_C(0x8)
/* Writing more registers than this one by one is slower than a restore. */
#define FEW_REGS 5

/* In the order of struct blob_map. */
static const struct reg {
	size_t offset;
	int id;
} reg_table[BLOB_REGS] = {
	{ offsetof(struct cpu_regs, rax), UC_X86_REG_RAX },
	{ offsetof(struct cpu_regs, rbx), UC_X86_REG_RBX },
	{ offsetof(struct cpu_regs, rcx), UC_X86_REG_RCX },
	{ offsetof(struct cpu_regs, rdx), UC_X86_REG_RDX },
	{ offsetof(struct cpu_regs, rsi), UC_X86_REG_RSI },
	{ offsetof(struct cpu_regs, rdi), UC_X86_REG_RDI },
	{ offsetof(struct cpu_regs, rbp), UC_X86_REG_RBP },
	{ offsetof(struct cpu_regs, rsp), UC_X86_REG_RSP },
	{ offsetof(struct cpu_regs, r8), UC_X86_REG_R8 },
	{ offsetof(struct cpu_regs, r9), UC_X86_REG_R9 },
	{ offsetof(struct cpu_regs, r10), UC_X86_REG_R10 },
	{ offsetof(struct cpu_regs, r11), UC_X86_REG_R11 },
	{ offsetof(struct cpu_regs, r12), UC_X86_REG_R12 },
	{ offsetof(struct cpu_regs, r13), UC_X86_REG_R13 },
	{ offsetof(struct cpu_regs, r14), UC_X86_REG_R14 },
	{ offsetof(struct cpu_regs, r15), UC_X86_REG_R15 },
	{ offsetof(struct cpu_regs, rip), UC_X86_REG_RIP },
	{ offsetof(struct cpu_regs, fs_base), UC_X86_REG_FS_BASE },
	{ offsetof(struct cpu_regs, gs_base), UC_X86_REG_GS_BASE },
};

static uint64_t
reg_get(const struct cpu_regs *regs, size_t i)
{
	uint64_t value;

	memcpy(&value, (const char *)regs + reg_table[i].offset, 8);
	return value;
}

static void
reg_put(struct cpu_regs *regs, size_t i, uint64_t value)
{
	memcpy((char *)regs + reg_table[i].offset, &value, 8);
}

uint64_t
blob_get64(const uc_context *blob, size_t offset)
{
	uint64_t value;

	memcpy(&value, (const char *)blob + offset, sizeof(value));
	return value;
}

uint32_t
blob_get32(const uc_context *blob, size_t offset)
{
	uint32_t value;

	memcpy(&value, (const char *)blob + offset, sizeof(value));
	return value;
}

void
blob_put64(uc_context *blob, size_t offset, uint64_t value)
{
	memcpy((char *)blob + offset, &value, sizeof(value));
}

void
blob_put32(uc_context *blob, size_t offset, uint32_t value)
{
	memcpy((char *)blob + offset, &value, sizeof(value));
}

int
unicorn_state_create(struct cpu *cpu, struct cpu_state **out)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	struct cpu_state *state = calloc(1, sizeof(*state));

	if (state == NULL)
		return ENOMEM;
	if (uc_context_alloc(cu->uc, &state->blob) != UC_ERR_OK) {
		free(state);
		return ENOMEM;
	}
	memcpy(state->blob, cu->pristine, cu->at.bytes);
	state->rflags = FLAGS_FIXED;
	*out = state;
	return 0;
}

void
unicorn_state_destroy(struct cpu *cpu, struct cpu_state *state)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	if (state == NULL)
		return;
	if (cu->live == state)
		cu->live = NULL;
	if (cu->entered == state)
		cu->entered = NULL;
	uc_context_free(state->blob);
	free(state);
}

void
unicorn_enter(struct cpu *cpu, struct cpu_state *state,
    const struct cpu_regs *regs, bool fp_off)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	cu->entered = state;
	cu->regs = *regs;
	cu->regs.rflags = (regs->rflags & FLAGS_ALLOWED) | FLAGS_FIXED;
	cu->fp_off = fp_off;
}

void
unicorn_get_regs(struct cpu *cpu, struct cpu_regs *regs)
{
	*regs = cpu_unicorn(cpu)->regs;
}

static void
blob_load(struct cpu_unicorn *cu)
{
	uc_context *blob = cu->entered->blob;

	for (size_t i = 0; i < BLOB_REGS; i++)
		blob_put64(blob, cu->at.regs[i], reg_get(&cu->regs, i));
	blob_put64(blob, cu->at.cr3, cu->root_pa);
	blob_put32(blob, cu->at.old_exception, NO_EXCEPTION);
	uc_context_restore(cu->uc, blob);
	cu->live = cu->entered;
	cu->latched = false;
}

/* Rip is not compared: uc_emu_start() writes it. */
static void
changes_load(struct cpu_unicorn *cu)
{
	size_t changed[FEW_REGS], count = 0;
	uint64_t value;

	for (size_t i = 0; i < BLOB_REGS; i++) {
		if (reg_get(&cu->regs, i) == reg_get(&cu->have, i) ||
		    reg_table[i].id == UC_X86_REG_RIP)
			continue;
		if (count == FEW_REGS) {
			blob_load(cu);
			return;
		}
		changed[count++] = i;
	}
	for (size_t i = 0; i < count; i++) {
		value = reg_get(&cu->regs, changed[i]);
		uc_reg_write(cu->uc, reg_table[changed[i]].id, &value);
	}
}

void
unicorn_regs_load(struct cpu_unicorn *cu)
{
	struct cpu_state *state = cu->entered;
	uint64_t cr0 = CR0_VALUE | (cu->fp_off ? CR0_TS : 0);

	if (cu->live != state || cu->latched)
		blob_load(cu);
	else
		changes_load(cu);
	if (cu->regs.rflags != state->rflags) {
		uc_reg_write(cu->uc, UC_X86_REG_RFLAGS, &cu->regs.rflags);
		state->rflags = cu->regs.rflags;
	}
	if (cu->fp_off != state->fp_off) {
		uc_reg_write(cu->uc, UC_X86_REG_CR0, &cr0);
		state->fp_off = cu->fp_off;
	}
}

void
unicorn_regs_save(struct cpu_unicorn *cu)
{
	struct cpu_state *state = cu->entered;

	uc_context_save(cu->uc, state->blob);
	for (size_t i = 0; i < BLOB_REGS; i++)
		reg_put(&cu->regs, i, blob_get64(state->blob, cu->at.regs[i]));
	uc_reg_read(cu->uc, UC_X86_REG_RFLAGS, &cu->regs.rflags);
	state->rflags = cu->regs.rflags;
	cu->have = cu->regs;
	cu->latched =
	    blob_get32(state->blob, cu->at.old_exception) != NO_EXCEPTION;
}

void
unicorn_event_take(struct cpu_unicorn *cu, const uc_context *blob)
{
	cu->event.is_int = blob_get32(blob, cu->at.is_int) != 0;
	cu->event.error = blob_get32(blob, cu->at.error_code);
	cu->event.addr = blob_get64(blob, cu->at.cr2);
}

/*
 * FXSAVE, 64-bit form: FCW 0, FSW 2, FTW 4 (one bit for each register in
 * use), FOP 6, FIP 8, FDP 16, MXCSR 24, its mask 28, ST0-7 from 32 and
 * XMM0-15 from 160, 16 bytes each.
 */
static const struct fp_field {
	int id;
	size_t offset;
} fp_fields[] = {
	{ UC_X86_REG_FPCW, 0 },
	{ UC_X86_REG_FPSW, 2 },
	{ UC_X86_REG_FOP, 6 },
	{ UC_X86_REG_FIP, 8 },
	{ UC_X86_REG_FDP, 16 },
	{ UC_X86_REG_MXCSR, 24 },
};

#define FP_FIELDS   (sizeof(fp_fields) / sizeof(fp_fields[0]))
#define FXSAVE_SIZE 512
#define MXCSR_MASK  0xffffu

void
unicorn_state_getfp(struct cpu *cpu, struct cpu_state *state, uint8_t *fxsave)
{
	const uint32_t mask = MXCSR_MASK;
	uint16_t tags = 0;

	(void)cpu;
	memset(fxsave, 0, FXSAVE_SIZE);
	for (size_t i = 0; i < FP_FIELDS; i++)
		uc_context_reg_read(
		    state->blob, fp_fields[i].id, fxsave + fp_fields[i].offset);
	memcpy(fxsave + 28, &mask, sizeof(mask));
	uc_context_reg_read(state->blob, UC_X86_REG_FPTAG, &tags);
	for (unsigned i = 0; i < 8; i++)
		if ((tags >> 2 * i & 3) != 3)
			fxsave[4] = (uint8_t)(fxsave[4] | 1u << i);
	for (int i = 0; i < 8; i++)
		uc_context_reg_read(
		    state->blob, UC_X86_REG_ST0 + i, fxsave + 32 + 16 * i);
	for (int i = 0; i < 16; i++)
		uc_context_reg_read(
		    state->blob, UC_X86_REG_XMM0 + i, fxsave + 160 + 16 * i);
}

/* FSW goes first: it says which register ST0 is. */
void
unicorn_state_setfp(
    struct cpu *cpu, struct cpu_state *state, const uint8_t *fxsave)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	uint16_t tags = 0;

	for (size_t i = 0; i < FP_FIELDS; i++)
		uc_context_reg_write(
		    state->blob, fp_fields[i].id, fxsave + fp_fields[i].offset);
	for (unsigned i = 0; i < 8; i++)
		if (!(fxsave[4] >> i & 1))
			tags = (uint16_t)(tags | 3u << 2 * i);
	uc_context_reg_write(state->blob, UC_X86_REG_FPTAG, &tags);
	for (int i = 0; i < 8; i++)
		uc_context_reg_write(
		    state->blob, UC_X86_REG_ST0 + i, fxsave + 32 + 16 * i);
	for (int i = 0; i < 16; i++)
		uc_context_reg_write(
		    state->blob, UC_X86_REG_XMM0 + i, fxsave + 160 + 16 * i);
	if (cu->live == state)
		cu->live = NULL;
}

static bool
selectors_untouched(const struct cpu_unicorn *cu, uc_context *blob)
{
	static const int ids[] = { UC_X86_REG_DS, UC_X86_REG_ES, UC_X86_REG_FS,
		UC_X86_REG_GS };

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		uint64_t now = 0, fresh = 0;
		uc_context_reg_read(blob, ids[i], &now);
		uc_context_reg_read(cu->pristine, ids[i], &fresh);
		if (now != fresh)
			return false;
	}
	return true;
}

int
unicorn_state_save(
    struct cpu *cpu, struct cpu_state *state, struct cpu_saved *saved)
{
	if (!selectors_untouched(cpu_unicorn(cpu), state->blob))
		return ENOTSUP;
	unicorn_state_getfp(cpu, state, saved->fxsave);
	saved->clock = state->clock;
	return 0;
}

void
unicorn_state_load(
    struct cpu *cpu, struct cpu_state *state, const struct cpu_saved *saved)
{
	unicorn_state_setfp(cpu, state, saved->fxsave);
	state->clock = saved->clock;
}
