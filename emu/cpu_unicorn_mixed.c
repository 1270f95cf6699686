/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that store into the page they lie in.  While that page is
 * writable its bytes can change without the CPU being asked, so no guard
 * (guard.c) would hold: such an instruction is stepped.  Execution always
 * arrives by a fetch fault, because the page is NX except during that step.
 */
#include "emu/cpu_unicorn.h"

#include "base/page.h"
#include "emu/pte.h"

/* A fetch fault is reported at the start of a block, which may lie before the
 * page by less than this many instructions. */
#define ENTERING_STEPS 8192

void
unicorn_code_step(struct cpu *cpu, uint64_t va)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	cu->mixed_va = page_trunc(va);
	cu->mixed_root = cu->root_pa;
	cu->mixed_entering = ENTERING_STEPS;
	cu->mixed_stepped = false;
}

/* The instruction at rip has a byte in the page. */
static bool
is_inside(const struct cpu_unicorn *cu)
{
	uint64_t rip = cu->regs.rip;
	struct insn insn;

	if (page_trunc(rip) == cu->mixed_va)
		return true;
	return cu->mixed_va - rip < INSN_MAX_BYTES && unicorn_insn(cu, &insn) &&
	       cu->mixed_va - rip < insn.length;
}

static void
page_open(struct cpu_unicorn *cu)
{
	uint64_t *leaf = unicorn_leaf(cu, cu->mixed_va);

	if (leaf != NULL)
		*leaf &= ~PTE_NX;
	cu->mixed_open = true;
}

bool
unicorn_mixed_wants(struct cpu_unicorn *cu)
{
	if (cu->mixed_va == MIXED_NONE || cu->mixed_root != cu->root_pa)
		return false;
	if (cu->mixed_stepped ||
	    (!is_inside(cu) && cu->mixed_entering-- <= 0)) {
		unicorn_mixed_end(cu);
		return false;
	}
	cu->mixed_stepped = is_inside(cu);
	if (!cu->mixed_open)
		page_open(cu);
	return true;
}

void
unicorn_mixed_end(struct cpu_unicorn *cu)
{
	uint64_t *leaf;

	if (cu->mixed_open && (leaf = unicorn_leaf(cu, cu->mixed_va)) != NULL)
		*leaf |= PTE_NX;
	if (cu->mixed_open)
		unicorn_flush_page(&cu->cpu, cu->mixed_va);
	cu->mixed_open = false;
	cu->mixed_va = MIXED_NONE;
}
