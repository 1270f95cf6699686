/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest of a few bytes on the Unicorn CPU, for the tests of emu/: one
 * address space whose page tables the test writes itself.  Everything is
 * static in the test program that includes this; guest_open() comes first.
 */
#ifndef VMS_TESTS_UNIT_CPU_GUEST_H
#define VMS_TESTS_UNIT_CPU_GUEST_H

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "emu/arena.h"
#include "emu/cpu.h"
#include "emu/pte.h"

#define CODE        UINT64_C(0x400000) /* two pages: read, execute */
#define RO          UINT64_C(0x500000) /* one page: read */
#define DATA        UINT64_C(0x600000) /* two pages: read, write */
#define STACK       UINT64_C(0x700000) /* two pages: read, write; rsp in between */
#define HOLE        UINT64_C(0x800000) /* never mapped */
#define FIXED_FLAGS UINT64_C(0x202)

struct guest {
	struct arena *arena;
	struct cpu *cpu;
	struct cpu_state *state;
	struct cpu_regs regs;
	struct cpu_exit exit;
	uint64_t root, budget;
	bool fp_off;
};

static struct guest g;

static inline uint64_t *
guest_table(uint64_t pa)
{
	return (uint64_t *)(void *)arena_host(g.arena, pa);
}

static inline uint64_t
guest_page(void)
{
	uint64_t pa;

	ck_assert_int_eq(arena_page_alloc(g.arena, &pa), 0);
	return pa;
}

/* Maps the page of va to pa with PTE_ bits beside P and U. */
static inline void
guest_map_in(uint64_t root, uint64_t va, uint64_t pa, uint64_t bits)
{
	uint64_t at = root, *entry;

	for (int level = 3; level > 0; level--) {
		entry = &guest_table(at)[pte_index(va, level)];
		if (!(*entry & PTE_P))
			*entry = guest_page() | PTE_P | PTE_W | PTE_U;
		at = *entry & PTE_FRAME;
	}
	guest_table(at)[pte_index(va, 0)] = pa | PTE_P | PTE_U | bits;
}

static inline uint64_t
guest_map(uint64_t va, uint64_t bits)
{
	uint64_t pa = guest_page();

	guest_map_in(g.root, va, pa, bits);
	return pa;
}

static inline uint64_t *
guest_leaf(uint64_t va)
{
	uint64_t at = g.root;

	for (int level = 3; level > 0; level--)
		at = guest_table(at)[pte_index(va, level)] & PTE_FRAME;
	return &guest_table(at)[pte_index(va, 0)];
}

static inline uint8_t *
guest_host(uint64_t va)
{
	return arena_host(
	    g.arena, (*guest_leaf(va) & PTE_FRAME) + (va & 0xfff));
}

static inline void
guest_code_enter(uint64_t va)
{
	uint64_t page = va & ~UINT64_C(0xfff);

	g.cpu->ops->code_enter(g.cpu, page, *guest_leaf(page) & PTE_FRAME);
}

/* Puts bytes at va and makes them known to the CPU as code. */
static inline void
guest_code(uint64_t va, const void *bytes, size_t len)
{
	const uint8_t *from = bytes;

	for (size_t i = 0; i < len; i++)
		*guest_host(va + i) = from[i];
	for (uint64_t p = va & ~UINT64_C(0xfff); p < va + len; p += 4096) {
		g.cpu->ops->code_drop(g.cpu, *guest_leaf(p) & PTE_FRAME);
		guest_code_enter(p);
	}
}

/* With code_bytes of memory for translated code. */
static inline void
guest_open_with(uint64_t code_bytes)
{
	memset(&g, 0, sizeof(g));
	g.budget = UINT64_MAX;
	ck_assert_int_eq(arena_create(ARENA_MIN_BYTES, &g.arena), 0);
	ck_assert_int_eq(cpu_unicorn_create(g.arena, code_bytes, &g.cpu), 0);
	ck_assert_int_eq(g.cpu->ops->state_create(g.cpu, &g.state), 0);
	g.root = guest_page();
	g.cpu->ops->root_init(g.cpu, g.root);
	guest_map(CODE, 0);
	guest_map(CODE + 4096, 0);
	guest_map(RO, PTE_NX);
	guest_map(DATA, PTE_W | PTE_NX);
	guest_map(DATA + 4096, PTE_W | PTE_NX);
	guest_map(STACK, PTE_W | PTE_NX);
	guest_map(STACK + 4096, PTE_W | PTE_NX);
	memset(guest_host(CODE), 0x90, 4096);
	memset(guest_host(CODE + 4096), 0x90, 4096);
	guest_code_enter(CODE);
	guest_code_enter(CODE + 4096);
	g.cpu->ops->set_root(g.cpu, g.root);
	g.regs.rip = CODE;
	g.regs.rsp = STACK + 4096;
	g.regs.rflags = FIXED_FLAGS;
}

static inline void
guest_open(void)
{
	guest_open_with(0);
}

static inline void
guest_close(void)
{
	g.cpu->ops->state_destroy(g.cpu, g.state);
	g.cpu->ops->destroy(g.cpu);
	arena_destroy(g.arena);
}

/* Enters g.regs, runs to the next exit and takes the registers back. */
static inline enum cpu_exit_kind
guest_run(void)
{
	const struct cpu_limits limits = { g.budget };

	g.cpu->ops->enter(g.cpu, g.state, &g.regs, g.fp_off);
	g.cpu->ops->run(g.cpu, &limits, &g.exit);
	g.cpu->ops->settle(g.cpu, &limits, &g.exit);
	g.cpu->ops->get_regs(g.cpu, &g.regs);
	return g.exit.kind;
}

#endif
