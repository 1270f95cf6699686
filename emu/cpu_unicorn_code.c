/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translated code.
 *
 * Invariant: no block in the engine's cache contains a hazard (insn.h), so
 * each is seen in unicorn_on_edge() every time before it would run: the
 * engine calls that for each block it has made.  A block in which decoder and
 * engine count different instructions is a hazard too.
 */
#include "emu/cpu_unicorn.h"

#include "base/page.h"
#include "emu/arena.h"

/* The engine ends a block before it is as long as a page. */
#define BLOCK_MAX 4160

/* What walking over the instructions of a block showed. */
struct walk {
	uint32_t insns;
	bool clean; /* nothing in it needs a look when it runs */
};

static bool
needs_look(const struct insn *insn, enum insn_flags flags)
{
	return insn_hazard(insn) != INSN_SAFE || insn_spoils_flags(insn, flags);
}

static struct walk
block_walk(const struct cpu_unicorn *cu, uint64_t va, size_t size)
{
	uint8_t bytes[BLOCK_MAX];
	struct walk walk = { 0, true };
	enum insn_flags flags = INSN_FLAGS_ENTRY;
	struct insn insn;
	size_t at = 0;

	if (size > sizeof(bytes) || unicorn_peek(cu, va, bytes, size) != size)
		return (struct walk){ 0, false };
	while (at < size) {
		walk.insns++;
		if (!insn_decode(bytes + at, size - at, &insn))
			return (struct walk){ walk.insns, false };
		if (needs_look(&insn, flags))
			walk.clean = false;
		if (insn.invalid) /* #UD ends the block here */
			break;
		flags = insn_flags_after(&insn, flags);
		at += insn.length;
	}
	return walk;
}

/* The engine has counted an exit address at the end as one more. */
static bool
counts_agree(const struct cpu_unicorn *cu, const uc_tb *made, uint32_t insns)
{
	return made->icount == insns ||
	       (made->icount == insns + 1 &&
		   unicorn_guarded(cu, made->pc + made->size));
}

uint32_t
unicorn_block_insns(const struct cpu_unicorn *cu, uint64_t va, size_t size)
{
	return block_walk(cu, va, size).insns;
}

void
unicorn_on_edge(uc_engine *uc, uc_tb *made, uc_tb *before, void *arg)
{
	struct cpu_unicorn *cu = arg;
	struct walk walk = { 0, true };
	bool look = cu->in_guest && made->size != 0 &&
		    !(cu->stepping && made->pc == cu->step_va);

	(void)before;
	if (look)
		walk = block_walk(cu, made->pc, made->size);
	if (cu->counting)
		unicorn_count_made(cu, made, walk.insns);
	if (!look)
		return;
	if ((walk.clean && counts_agree(cu, made, walk.insns)) ||
	    cu->event.kind != EVENT_NONE)
		return;
	cu->event.kind = EVENT_HAZARD;
	cu->event.addr = made->pc;
	cu->event.size = made->size;
	uc_emu_stop(uc);
}

/* By physical page and through the window, because the engine knows
 * translated code by an address that it can execute at. */
void
unicorn_code_drop(struct cpu *cpu, uint64_t pa)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	unicorn_super_enter(cu);
	uc_ctl_remove_cache(
	    cu->uc, WINDOW_VA + pa, WINDOW_VA + pa + PAGE_BYTES);
	unicorn_guards_drop(cu, pa);
}
