/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Counting retired instructions.
 *
 * A hook runs before each block and adds what the block holds.  The engine
 * puts the hook's argument into the code it makes, so each block is given a
 * record of its own (cpu_unicorn_argument.c): the record that next points to
 * goes into the block that is translated next and is filled when the engine
 * reports that block, before its first run.  A record lives until all code is
 * dropped; they are dropped together before the records run out.
 *
 * Everything that is not plain counting hides behind one comparison with
 * cu->fence: 0 unless the guest runs freely and nobody has asked for a stop.
 */
#include "emu/cpu_unicorn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A block takes at least this much of the engine's memory for code. */
#define BLOCK_CODE_BYTES 256
#define RECORDS_STEP     64 /* more than the engine translates in one step */
/* Added to a count it passes every fence. */
#define INSNS_UNKNOWN (UINT64_C(1) << 63)
#define FENCE_MAX     (INSNS_UNKNOWN - 1)

static void
argument_next(struct cpu_unicorn *cu, uint32_t next)
{
	const struct block *record = &cu->records[next];

	cu->record_next = next;
	memcpy((char *)cu->block_hook + cu->argument, &record, sizeof(record));
}

static void
records_restart(struct cpu_unicorn *cu)
{
	uc_ctl_flush_tb(cu->uc);
	argument_next(cu, 0);
}

/* The request is looked at after the fence is up, and unicorn_stop() lowers
 * the fence after the request: one of the two sees the other. */
static void
fence_raise(struct cpu_unicorn *cu)
{
	atomic_store(&cu->fence, cu->limit < FENCE_MAX ? cu->limit : FENCE_MAX);
	if (atomic_load(&cu->stop))
		atomic_store(&cu->fence, 0);
}

void
unicorn_count_begin(struct cpu_unicorn *cu)
{
	cu->last = NULL;
	if (!cu->counting)
		return;
	if (cu->records == NULL)
		cu->seen_run++;
	else if (cu->record_next + RECORDS_STEP > cu->record_max)
		records_restart(cu);
	if (!cu->stepping)
		fence_raise(cu);
}

void
unicorn_count_end(struct cpu_unicorn *cu)
{
	atomic_store_explicit(&cu->fence, 0, memory_order_relaxed);
}

void
unicorn_count_made(struct cpu_unicorn *cu, const uc_tb *made, uint32_t insns)
{
	struct block *record;

	if (cu->records == NULL || cu->record_next == cu->record_max)
		return;
	record = &cu->records[cu->record_next];
	record->cu = cu;
	record->addr = made->pc;
	record->size = made->size;
	record->insns = insns != 0 ? insns : INSNS_UNKNOWN;
	argument_next(cu, cu->record_next + 1);
	if (cu->record_next == cu->record_max && cu->in_guest)
		unicorn_stop_before(cu, EVENT_FULL);
}

void
unicorn_stop_before(struct cpu_unicorn *cu, enum event_kind kind)
{
	if (cu->event.kind == EVENT_NONE)
		cu->event.kind = kind;
	uc_emu_stop(cu->uc);
}

static void
count(struct cpu_unicorn *cu, const struct block *block)
{
	cu->last = block;
	cu->retired += block->insns;
}

static void
count_step(struct cpu_unicorn *cu, const struct block *block)
{
	if (cu->stepped) {
		unicorn_stop_before(cu, EVENT_STEPPED);
		return;
	}
	cu->stepped = true;
	cu->odd = *block;
	cu->odd.insns = 1;
	count(cu, &cu->odd);
}

static void
count_short_of_fence(struct cpu_unicorn *cu, const struct block *block)
{
	if (atomic_load_explicit(&cu->stop, memory_order_relaxed))
		unicorn_stop_before(cu, EVENT_NONE);
	else if (block->insns > cu->limit - cu->retired)
		unicorn_stop_before(cu, EVENT_SHORT);
	else
		count(cu, block);
}

/* Before each block; a stop in here leaves it undone.  Tail calls keep this
 * short: it costs as much as a few instructions of the guest. */
static void
on_block(uc_engine *uc, uint64_t va, uint32_t size, void *arg)
{
	const struct block *block = arg;
	struct cpu_unicorn *cu = block->cu;
	uint64_t retired = cu->retired + block->insns;

	if (retired > atomic_load_explicit(&cu->fence, memory_order_relaxed)) {
		cu->on_fence(uc, va, size, arg);
		return;
	}
	cu->retired = retired;
	cu->last = block;
}

/* With a record that may be nobody's own or that was never filled. */
static void
on_fence(uc_engine *uc, uint64_t va, uint32_t size, void *arg)
{
	const struct block here = { .addr = va, .size = size };
	const struct block *block = arg;
	struct cpu_unicorn *cu = block->cu;

	(void)uc;
	if (!cu->in_guest)
		return;
	if (cu->stepping) {
		count_step(cu, &here);
		return;
	}
	fence_raise(cu);
	if (block->insns == INSNS_UNKNOWN) {
		cu->odd = here;
		cu->odd.insns = unicorn_block_insns(cu, va, size);
		block = &cu->odd;
	}
	count_short_of_fence(cu, block);
}

/* What a block holds cannot change before the engine comes back. */
static const struct block *
seen_find(struct cpu_unicorn *cu, uint64_t va, uint32_t size)
{
	struct block *block = &cu->seen[(va ^ va >> 12) & (SEEN_BLOCKS - 1)];

	if (block->addr == va && block->size == size &&
	    block->run == cu->seen_run)
		return block;
	*block = (struct block){ .addr = va,
		.size = size,
		.run = cu->seen_run,
		.insns = unicorn_block_insns(cu, va, size) };
	return block;
}

/* For an engine in which blocks cannot have records. */
static void
on_block_seen(uc_engine *uc, uint64_t va, uint32_t size, void *arg)
{
	const struct block here = { .addr = va, .size = size };
	struct cpu_unicorn *cu = arg;

	(void)uc;
	if (!cu->in_guest)
		return;
	if (cu->stepping)
		count_step(cu, &here);
	else
		count_short_of_fence(cu, seen_find(cu, va, size));
}

void
unicorn_uncount(struct cpu_unicorn *cu, uint64_t rip)
{
	const struct block *last = cu->last;

	if (!cu->counting || last == NULL || rip - last->addr >= last->size)
		return;
	cu->retired -= last->insns;
	if (rip != last->addr)
		cu->retired += unicorn_block_insns(
		    cu, last->addr, (size_t)(rip - last->addr));
	cu->last = NULL;
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
		unicorn_stop_before(cu, EVENT_NONE);
}

static int
block_hook_add(struct cpu_unicorn *cu, uc_hook *hook,
    void (*fn)(uc_engine *, uint64_t, uint32_t, void *), void *arg)
{
	return uc_hook_add(cu->uc, hook, UC_HOOK_BLOCK, hook_pointer(fn), arg,
		   1, 0) == UC_ERR_OK
		   ? 0
		   : ENOMEM;
}

int
unicorn_stop_hook_add(struct cpu_unicorn *cu)
{
	uc_hook hook;

	return block_hook_add(cu, &hook, on_block_stop, cu);
}

/* Memory is used as blocks are made.  The last record is for blocks that have
 * none. */
static int
records_create(struct cpu_unicorn *cu)
{
	size_t max = cu->code_bytes / BLOCK_CODE_BYTES + 2 * RECORDS_STEP;

	if (cu->records == NULL)
		cu->records = calloc(max + 1, sizeof(*cu->records));
	if (cu->records == NULL)
		return ENOMEM;
	cu->on_fence = on_fence;
	cu->record_max = (uint32_t)max;
	cu->records[max] = (struct block){ .cu = cu, .insns = INSNS_UNKNOWN };
	return block_hook_add(cu, &cu->block_hook, on_block, &cu->records[max]);
}

static int
seen_create(struct cpu_unicorn *cu)
{
	if (cu->seen == NULL)
		cu->seen = calloc(SEEN_BLOCKS, sizeof(*cu->seen));
	if (cu->seen == NULL)
		return ENOMEM;
	return block_hook_add(cu, &cu->block_hook, on_block_seen, cu);
}

/* Only one block hook has its argument in the code: not with one that looks
 * for stops. */
static int
counting_start(struct cpu_unicorn *cu)
{
	return cu->precise && cu->argument != 0 ? records_create(cu)
						: seen_create(cu);
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
	if (on && cu->records != NULL)
		records_restart(cu);
	else
		uc_ctl_flush_tb(cu->uc);
	return 0;
}
