/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables of a space, in the arena, where the engine's MMU walks them.
 * Invariant: a leaf with PTE_SOFT_PRESENT has exactly one pv entry, and its
 * engine bits never exceed what the software bits and the page's pv state
 * permit, except in the engine's own TLB until pmap_activate().
 */
#include "vmspace/pmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/page.h"
#include "emu/arena.h"
#include "emu/pte.h"
#include "vmspace/pv.h"
#include "vmspace/vms.h"

/* Directories permit everything: the leaf decides.  A and D are always set,
 * so that the engine never has to write to an entry. */
#define DIRECTORY_BITS (PTE_P | PTE_W | PTE_U | PTE_A)
#define LEAF_BITS      (PTE_U | PTE_A | PTE_D)

static uint64_t *table_host(const struct pmap *pmap, uint64_t pa);
static int root_make(struct pmap *pmap);
static int leaf_make(struct pmap *pmap, vms_va_t va, uint64_t **leaf);
static void leaf_drop(struct pmap *pmap, vms_va_t va, uint64_t *leaf);
static void tables_free(struct pmap *pmap, uint64_t pa, int level);

void
pmap_init(struct vms *vms, struct pmap *pmap)
{
	*pmap = (struct pmap){ .vms = vms };
}

void
pmap_finish(struct pmap *pmap)
{
	pmap_remove_all(pmap);
	if (pmap->vms->current == pmap)
		pmap_deactivate(pmap->vms);
	if (pmap->root_pa != 0)
		tables_free(pmap, pmap->root_pa, PTE_LEVELS - 1);
	free(pmap->code);
	*pmap = (struct pmap){ .vms = pmap->vms };
}

int
pmap_enter(struct pmap *pmap, vms_va_t va, uint64_t pa, bool writable)
{
	uint64_t *leaf;
	int error;

	VMS_ASSERT("pmap-user-va", va < VMS_VA_END && page_aligned(va));
	if ((error = leaf_make(pmap, va, &leaf)) != 0)
		return error;
	if ((*leaf & PTE_SOFT_PRESENT) && (*leaf & PTE_FRAME) == pa) {
		if (writable)
			*leaf |= PTE_SOFT_WRITE;
		else if (*leaf & PTE_SOFT_WRITE) {
			*leaf &= ~(PTE_SOFT_WRITE | PTE_W);
			pmap_weakened(pmap, va);
		}
		return 0;
	}
	if (*leaf & PTE_SOFT_PRESENT)
		leaf_drop(pmap, va, leaf);
	if ((error = pv_add(pmap, va, pa)) != 0)
		return error;
	pmap->leaves++;
	*leaf = pa | LEAF_BITS | PTE_NX | PTE_SOFT_PRESENT |
		(writable ? PTE_SOFT_WRITE : 0);
	return 0;
}

bool
pmap_lookup(const struct pmap *pmap, vms_va_t va, uint64_t *pa, bool *writable)
{
	const uint64_t *leaf = pmap_leaf(pmap, va);

	if (leaf == NULL || !(*leaf & PTE_SOFT_PRESENT))
		return false;
	if (pa != NULL)
		*pa = *leaf & PTE_FRAME;
	if (writable != NULL)
		*writable = (*leaf & PTE_SOFT_WRITE) != 0;
	return true;
}

/* The leaf table of va, or NULL. */
static uint64_t *
leaf_table(const struct pmap *pmap, vms_va_t va)
{
	uint64_t *table = table_host(pmap, pmap->root_pa);

	for (int level = PTE_LEVELS - 1; level > 0; level--) {
		uint64_t entry = table[pte_index(va, level)];
		if (!(entry & PTE_P))
			return NULL;
		table = table_host(pmap, entry & PTE_FRAME);
	}
	return table;
}

/* Calls fn(arg, ...) for every present leaf of [start, end). */
struct leaves {
	const struct pmap *pmap;
	vms_va_t start, end;
	void (*fn)(void *arg, vms_va_t va, uint64_t *leaf);
	void *arg;
};

/* The part of it below a table whose first entry is for va. */
static void
leaves_below(
    const struct leaves *leaves, uint64_t table_pa, int level, vms_va_t va)
{
	const uint64_t span = PAGE_BYTES << (9 * level);
	uint64_t *table = table_host(leaves->pmap, table_pa);
	uint64_t i = leaves->start > va ? (leaves->start - va) / span : 0;
	uint64_t end = (leaves->end - va + span - 1) / span;

	if (end > PTE_ENTRIES)
		end = PTE_ENTRIES;
	for (va += i * span; i < end; i++, va += span) {
		if (level > 0 && (table[i] & PTE_P))
			leaves_below(
			    leaves, table[i] & PTE_FRAME, level - 1, va);
		else if (level == 0 && (table[i] & PTE_SOFT_PRESENT))
			leaves->fn(leaves->arg, va, &table[i]);
	}
}

static void
leaves_each(const struct pmap *pmap, vms_va_t start, vms_va_t end,
    void (*fn)(void *arg, vms_va_t va, uint64_t *leaf), void *arg)
{
	const struct leaves leaves = { pmap, start, end, fn, arg };

	if (pmap->leaves != 0 && start < end)
		leaves_below(&leaves, pmap->root_pa, PTE_LEVELS - 1, 0);
}

static void
leaf_drop_one(void *arg, vms_va_t va, uint64_t *leaf)
{
	leaf_drop(arg, va, leaf);
}

void
pmap_remove(struct pmap *pmap, vms_va_t start, vms_va_t end)
{
	leaves_each(pmap, start, end, leaf_drop_one, pmap);
}

void
pmap_remove_all(struct pmap *pmap)
{
	pmap_remove(pmap, 0, VMS_VA_END);
}

struct each {
	pmap_each_fn *fn;
	void *arg;
};

static void
leaf_close(void *arg, vms_va_t va, uint64_t *leaf)
{
	if (!(*leaf & PTE_W))
		return;
	*leaf &= ~PTE_W;
	pmap_weakened(arg, va);
}

void
pmap_close_stores(struct pmap *pmap)
{
	vms_va_t end = pmap->stores_end;

	if (pmap->stores < end)
		leaves_each(
		    pmap, page_trunc(pmap->stores), end, leaf_close, pmap);
}

void
pmap_watch_stores(struct pmap *pmap, vms_va_t start, vms_va_t end)
{
	pmap->stores = start;
	pmap->stores_end = end;
	pmap_close_stores(pmap);
}

static void
each_leaf(void *arg, vms_va_t va, uint64_t *leaf)
{
	const struct each *each = arg;

	each->fn(each->arg, va, *leaf & PTE_FRAME, *leaf & PTE_SOFT_WRITE);
}

void
pmap_each(const struct pmap *pmap, pmap_each_fn *fn, void *arg)
{
	struct each each = { fn, arg };

	leaves_each(pmap, 0, VMS_VA_END, each_leaf, &each);
}

bool
pmap_repair(
    struct pmap *pmap, vms_va_t va, enum cpu_access access, vms_va_t rip)
{
	uint64_t *leaf = va < VMS_VA_END ? pmap_leaf(pmap, va) : NULL;

	if (leaf == NULL || !(*leaf & PTE_SOFT_PRESENT))
		return false;
	if (access == CPU_WRITE && !(*leaf & PTE_SOFT_WRITE))
		return false;
	pv_permit(pmap, page_trunc(va), leaf, access, rip);
	return true;
}

int
pmap_activate(struct pmap *pmap)
{
	struct vms *vms = pmap->vms;
	struct cpu *cpu = vms->cpu;
	int error;

	if (pmap->root_pa == 0 && (error = root_make(pmap)) != 0)
		return error;
	if (vms->current != pmap || pmap->flush_all)
		cpu->ops->set_root(cpu, pmap->root_pa);
	else
		for (unsigned i = 0; i < pmap->flush_count; i++)
			cpu->ops->flush_page(cpu, pmap->flush[i]);
	vms->current = pmap;
	pmap->flush_all = false;
	pmap->flush_count = 0;
	return 0;
}

void
pmap_deactivate(struct vms *vms)
{
	vms->cpu->ops->set_root(vms->cpu, vms->empty_root);
	vms->current = NULL;
}

uint64_t *
pmap_leaf(const struct pmap *pmap, vms_va_t va)
{
	uint64_t *table;

	if (pmap->root_pa == 0)
		return NULL;
	table = leaf_table(pmap, va);
	return table == NULL ? NULL : &table[pte_index(va, 0)];
}

/* Only the current space can have live engine translations: entering another
 * one loads CR3, which drops all. */
void
pmap_weakened(struct pmap *pmap, vms_va_t va)
{
	const size_t room = sizeof(pmap->flush) / sizeof(pmap->flush[0]);

	if (pmap->vms->current != pmap || pmap->flush_all)
		return;
	if (pmap->flush_count == room)
		pmap->flush_all = true;
	else
		pmap->flush[pmap->flush_count++] = va;
}

static uint64_t *
table_host(const struct pmap *pmap, uint64_t pa)
{
	return (uint64_t *)(void *)arena_host(pmap->vms->arena, pa);
}

static int
root_make(struct pmap *pmap)
{
	struct vms *vms = pmap->vms;
	int error = arena_page_alloc(vms->arena, &pmap->root_pa);

	if (error == 0)
		vms->cpu->ops->root_init(vms->cpu, pmap->root_pa);
	else
		pmap->root_pa = 0;
	return error;
}

static int
leaf_make(struct pmap *pmap, vms_va_t va, uint64_t **leaf)
{
	uint64_t pa;
	int error;

	if (pmap->root_pa == 0 && (error = root_make(pmap)) != 0)
		return error;
	pa = pmap->root_pa;
	for (int level = PTE_LEVELS - 1; level > 0; level--) {
		uint64_t *entry = &table_host(pmap, pa)[pte_index(va, level)];
		if (!(*entry & PTE_P)) {
			error = arena_page_alloc(pmap->vms->arena, &pa);
			if (error != 0)
				return error;
			*entry = pa | DIRECTORY_BITS;
		}
		pa = *entry & PTE_FRAME;
	}
	*leaf = &table_host(pmap, pa)[pte_index(va, 0)];
	return 0;
}

static void
leaf_drop(struct pmap *pmap, vms_va_t va, uint64_t *leaf)
{
	pv_delete(pmap, va, *leaf & PTE_FRAME);
	if (*leaf & PTE_P)
		pmap_weakened(pmap, va);
	*leaf = 0;
	pmap->leaves--;
}

/* Frees the tables below the user half of a table of this level. */
static void
tables_free(struct pmap *pmap, uint64_t pa, int level)
{
	unsigned user = level == PTE_LEVELS - 1 ? PTE_ENTRIES / 2 : PTE_ENTRIES;
	const uint64_t *table = table_host(pmap, pa);

	if (level > 0)
		for (unsigned i = 0; i < user; i++)
			if (table[i] & PTE_P)
				tables_free(
				    pmap, table[i] & PTE_FRAME, level - 1);
	arena_page_free(pmap->vms->arena, pa);
}
