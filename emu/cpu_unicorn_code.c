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

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

static struct block *
block_slot(struct cpu_unicorn *cu, uint64_t va)
{
	return &cu->blocks[(va ^ va >> 12) & (BLOCK_CACHE - 1)];
}

static void
block_note(struct cpu_unicorn *cu, uint64_t va, size_t size, uint32_t insns)
{
	*block_slot(cu, va) = (struct block){ .addr = va,
		.root = cu->root_pa,
		.epoch = cu->epoch,
		.size = (uint32_t)size,
		.insns = insns };
}

static const struct block *
block_find(struct cpu_unicorn *cu, uint64_t va, size_t size)
{
	struct block *block = block_slot(cu, va);

	if (block->addr != va || block->size != size ||
	    block->root != cu->root_pa || block->epoch != cu->epoch)
		block_note(cu, va, size, block_walk(cu, va, size).insns);
	return block;
}

void
unicorn_on_edge(uc_engine *uc, uc_tb *made, uc_tb *before, void *arg)
{
	struct cpu_unicorn *cu = arg;
	struct walk walk;

	(void)before;
	if (!cu->in_guest || made->size == 0 ||
	    (cu->stepping && made->pc == cu->step_va))
		return;
	walk = block_walk(cu, made->pc, made->size);
	if (cu->counting)
		block_note(cu, made->pc, made->size, walk.insns);
	if ((walk.clean && counts_agree(cu, made, walk.insns)) ||
	    cu->event.kind != EVENT_NONE)
		return;
	cu->event.kind = EVENT_HAZARD;
	cu->event.addr = made->pc;
	cu->event.size = made->size;
	uc_emu_stop(uc);
}

static void
stop_before_block(struct cpu_unicorn *cu, enum event_kind kind)
{
	if (cu->event.kind == EVENT_NONE)
		cu->event.kind = kind;
	uc_emu_stop(cu->uc);
}

/* Before each block; a stop in here leaves it undone. */
static void
on_block(uc_engine *uc, uint64_t va, uint32_t size, void *arg)
{
	struct cpu_unicorn *cu = arg;
	const struct block *block;

	(void)uc;
	if (!cu->in_guest)
		return;
	if (cu->stepping) {
		if (cu->stepped) {
			stop_before_block(cu, EVENT_STEPPED);
			return;
		}
		cu->stepped = true;
		cu->last =
		    (struct block){ .addr = va, .size = size, .insns = 1 };
	} else {
		block = block_find(cu, va, size);
		if (atomic_load_explicit(&cu->stop, memory_order_relaxed)) {
			stop_before_block(cu, EVENT_NONE);
			return;
		}
		if (block->insns > cu->limit - cu->retired) {
			stop_before_block(cu, EVENT_SHORT);
			return;
		}
		cu->last = *block;
	}
	cu->last_valid = true;
	cu->retired += cu->last.insns;
}

void
unicorn_uncount(struct cpu_unicorn *cu, uint64_t rip)
{
	const struct block *last = &cu->last;

	if (!cu->counting || !cu->last_valid || rip - last->addr >= last->size)
		return;
	if (rip == last->addr)
		cu->retired -= last->insns;
	else
		cu->retired -=
		    last->insns -
		    block_walk(cu, last->addr, rip - last->addr).insns;
	cu->last_valid = false;
}

static void *
hook_pointer(void (*fn)(uc_engine *, uint64_t, uint32_t, void *))
{
	void *pointer;

	memcpy(&pointer, &fn, sizeof(pointer));
	return pointer;
}

/* Before each block of an engine that nobody may stop from outside. */
static void
on_block_stop(uc_engine *uc, uint64_t va, uint32_t size, void *arg)
{
	struct cpu_unicorn *cu = arg;

	(void)uc;
	(void)va;
	(void)size;
	if (cu->in_guest && !cu->counting && !cu->stepping &&
	    atomic_load_explicit(&cu->stop, memory_order_relaxed))
		stop_before_block(cu, EVENT_NONE);
}

int
unicorn_stop_hook_add(struct cpu_unicorn *cu)
{
	uc_hook hook;

	return uc_hook_add(cu->uc, &hook, UC_HOOK_BLOCK,
		   hook_pointer(on_block_stop), cu, 1, 0) == UC_ERR_OK
		   ? 0
		   : ENOMEM;
}

static int
counting_start(struct cpu_unicorn *cu)
{
	if (cu->blocks == NULL)
		cu->blocks = calloc(BLOCK_CACHE, sizeof(*cu->blocks));
	if (cu->blocks == NULL)
		return ENOMEM;
	if (uc_hook_add(cu->uc, &cu->block_hook, UC_HOOK_BLOCK,
		hook_pointer(on_block), cu, 1, 0) != UC_ERR_OK)
		return ENOMEM;
	return 0;
}

int
unicorn_set_counting(struct cpu *cpu, bool on)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	int error;

	if (on == cu->counting)
		return 0;
	if (on && (error = counting_start(cu)) != 0)
		return error;
	if (!on)
		uc_hook_del(cu->uc, cu->block_hook);
	atomic_store(&cu->plain, !on && cu->precise);
	unicorn_stop_drain(cu);
	cu->counting = on;
	cu->epoch++;
	uc_ctl_flush_tb(cu->uc);
	return 0;
}

/* By physical page and through the window, because the engine knows
 * translated code by an address that it can execute at. */
void
unicorn_code_drop(struct cpu *cpu, uint64_t pa)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	cu->epoch++;
	unicorn_super_enter(cu);
	uc_ctl_remove_cache(
	    cu->uc, WINDOW_VA + pa, WINDOW_VA + pa + PAGE_BYTES);
	unicorn_guards_drop(cu, pa);
}
