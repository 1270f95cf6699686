/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reverse look-up from arena page to translations, and the rule that a page is
 * either writable or executable (drawn in pv.h).  The engine drops translated
 * code for a store only when the store goes through the executable address, so
 * this rule, and comparing bytes when a page becomes executable, is what makes
 * stale code impossible.
 */
#include "vmspace/pv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/assert.h"
#include "base/page.h"
#include "emu/arena.h"
#include "emu/pte.h"
#include "vmspace/vms.h"
#include "vmspace/watch.h"

#define SLOT_PAGES (ARENA_SLOT_BYTES / PAGE_BYTES)
/* Up to this many code pages are compared at each run entry; beyond, they lose
 * X instead. */
#define EXACT_COMPARE_MAX 16
/* The longest instruction reaches this far behind rip. */
#define INSN_REACH 14

struct pv_slot {
	struct pv_page pages[SLOT_PAGES];
};

static bool code_refresh(struct vms *vms, struct pv_page *page, uint64_t pa);
static void code_set(struct pmap *pmap, vms_va_t va, uint64_t *leaf);
static void aliases_weaken(struct pv_page *page, uint64_t clear, uint64_t set);
static void aliases_reenter(
    struct vms *vms, const struct pv_page *page, uint64_t pa);

int
pv_init(struct vms *vms)
{
	size_t count = (size_t)(arena_size(vms->arena) / ARENA_SLOT_BYTES);

	vms->pv.slots = calloc(count, sizeof(*vms->pv.slots));
	if (vms->pv.slots == NULL)
		return ENOMEM;
	return 0;
}

static void
slot_free(struct pv_slot *slot)
{
	if (slot == NULL)
		return;
	for (size_t i = 0; i < SLOT_PAGES; i++)
		free(slot->pages[i].copy);
	free(slot);
}

void
pv_finish(struct vms *vms)
{
	for (size_t i = 0; i < vms->pv.used_end; i++)
		slot_free(vms->pv.slots[i]);
	free(vms->pv.slots);
	while (vms->pv.free != NULL) {
		struct pv_entry *entry = vms->pv.free;
		vms->pv.free = entry->next;
		free(entry);
	}
	vms->pv = (struct pv_table){ 0 };
}

struct pv_page *
pv_page_find(const struct vms *vms, uint64_t pa)
{
	struct pv_slot *slot = vms->pv.slots[pa / ARENA_SLOT_BYTES];

	if (slot == NULL)
		return NULL;
	return &slot->pages[pa / PAGE_BYTES % SLOT_PAGES];
}

struct pv_page *
pv_page_get(struct vms *vms, uint64_t pa)
{
	size_t number = (size_t)(pa / ARENA_SLOT_BYTES);
	struct pv_slot **slot = &vms->pv.slots[number];

	if (*slot == NULL && (*slot = calloc(1, sizeof(**slot))) == NULL)
		return NULL;
	if (number >= vms->pv.used_end)
		vms->pv.used_end = number + 1;
	return pv_page_find(vms, pa);
}

int
pv_add(struct pmap *pmap, vms_va_t va, uint64_t pa)
{
	struct vms *vms = pmap->vms;
	struct pv_page *page = pv_page_get(vms, pa);
	struct pv_entry *entry = vms->pv.free;

	if (page == NULL)
		return ENOMEM;
	if (entry != NULL)
		vms->pv.free = entry->next;
	else if ((entry = malloc(sizeof(*entry))) == NULL)
		return ENOMEM;
	*entry = (struct pv_entry){ page->first, pmap, va };
	page->first = entry;
	return 0;
}

void
pv_delete(struct pmap *pmap, vms_va_t va, uint64_t pa)
{
	struct vms *vms = pmap->vms;
	struct pv_page *page = pv_page_find(vms, pa);
	struct pv_entry **link = &page->first;
	struct pv_entry *entry;

	while (*link != NULL && ((*link)->pmap != pmap || (*link)->va != va))
		link = &(*link)->next;
	VMS_ASSERT("pv-entry-exists", *link != NULL);
	entry = *link;
	*link = entry->next;
	entry->next = vms->pv.free;
	vms->pv.free = entry;
	if (page->first == NULL) {
		page->state = PV_DATA;
		page->step_once = false;
	}
}

void
pv_remove_page(struct vms *vms, uint64_t pa)
{
	struct pv_page *page = pv_page_find(vms, pa);

	if (page == NULL)
		return;
	while (page->first != NULL)
		pmap_remove(page->first->pmap, page->first->va,
		    page->first->va + PAGE_BYTES);
	watch_gone(vms, page);
}

void
pv_remove_slot(struct vms *vms, uint64_t slot_pa)
{
	for (uint64_t i = 0; i < SLOT_PAGES; i++)
		pv_remove_page(vms, slot_pa + i * PAGE_BYTES);
}

/* Is the page at va, of which one byte belongs to an instruction, pa? */
static bool
is_fetched_from(const struct pmap *pmap, vms_va_t va, uint64_t pa)
{
	uint64_t code_pa;

	return va < VMS_VA_END && pmap_lookup(pmap, va, &code_pa, NULL) &&
	       code_pa == pa;
}

static void
permit_fetch(struct pmap *pmap, struct pv_page *page, vms_va_t va,
    uint64_t *leaf, uint64_t pa)
{
	struct vms *vms = pmap->vms;

	if (page->step_once) {
		page->step_once = false;
		*leaf |= PTE_P;
		vms->cpu->ops->code_step(vms->cpu, va);
		return;
	}
	if (page->state == PV_DATA) {
		aliases_weaken(page, PTE_W, 0);
		page->state = PV_CODE;
		vms->stats.code_flips++;
	}
	if (code_refresh(vms, page, pa))
		aliases_reenter(vms, page, pa);
	code_set(pmap, va, leaf);
}

static void
permit_store(struct pmap *pmap, struct pv_page *page, uint64_t *leaf,
    uint64_t pa, vms_va_t rip)
{
	if (page->state == PV_CODE) {
		aliases_weaken(page, 0, PTE_NX);
		page->state = PV_DATA;
		page->step_once = is_fetched_from(pmap, rip, pa) ||
				  is_fetched_from(pmap, rip + INSN_REACH, pa);
		pmap->vms->stats.code_flips++;
	}
	*leaf |= PTE_P;
}

/* Where stores are to be noticed, only a store may open the way for others; a
 * page of vms_watch_stores() is closed again after each. */
static bool
store_permitted(struct pmap *pmap, struct pv_page *page, vms_va_t va,
    enum cpu_access access)
{
	struct vms *vms = pmap->vms;

	if (access == CPU_WRITE)
		watch_stored(vms, page);
	if (pmap_store_watched(pmap, va)) {
		vms->store_step |= access == CPU_WRITE;
		return access == CPU_WRITE;
	}
	return vms->observe == NULL || access == CPU_WRITE;
}

void
pv_permit(struct pmap *pmap, vms_va_t va, uint64_t *leaf,
    enum cpu_access access, vms_va_t rip)
{
	uint64_t pa = *leaf & PTE_FRAME;
	struct pv_page *page = pv_page_find(pmap->vms, pa);

	watch_use(pmap->vms, page);
	if (access == CPU_FETCH)
		permit_fetch(pmap, page, va, leaf, pa);
	else if (access == CPU_WRITE)
		permit_store(pmap, page, leaf, pa, rip);
	else
		*leaf |= PTE_P;
	if (page->state == PV_DATA && (*leaf & PTE_SOFT_WRITE) &&
	    store_permitted(pmap, page, va, access))
		*leaf |= PTE_W;
}

void
pv_hide(struct vms *vms, uint64_t pa)
{
	aliases_weaken(pv_page_find(vms, pa), PTE_P, 0);
}

void
pv_protect(struct vms *vms, uint64_t pa)
{
	aliases_weaken(pv_page_find(vms, pa), PTE_W, 0);
}

void
pv_each(struct vms *vms, void (*fn)(void *arg, struct pv_page *page), void *arg)
{
	for (size_t i = 0; i < vms->pv.used_end; i++)
		for (size_t j = 0; vms->pv.slots[i] != NULL && j < SLOT_PAGES;
		     j++)
			fn(arg, &vms->pv.slots[i]->pages[j]);
}

/* Gives every alias that may execute the page a look at its new bytes. */
static void
aliases_reenter(struct vms *vms, const struct pv_page *page, uint64_t pa)
{
	for (struct pv_entry *e = page->first; e != NULL; e = e->next) {
		const uint64_t *leaf = pmap_leaf(e->pmap, e->va);
		if ((*leaf & PTE_P) && !(*leaf & PTE_NX))
			vms->cpu->ops->code_enter(vms->cpu, e->va, pa);
	}
}

void
pv_note_write(struct vms *vms, uint64_t pa)
{
	struct pv_page *page = pv_page_find(vms, pa);

	if (page == NULL || page->state == PV_DATA)
		return;
	if (code_refresh(vms, page, pa))
		aliases_reenter(vms, page, pa);
}

static bool
leaf_is_code(const uint64_t *leaf)
{
	return leaf != NULL && (*leaf & PTE_P) && !(*leaf & PTE_NX);
}

static void
code_forget(struct pmap *pmap, vms_va_t va, uint64_t *leaf)
{
	*leaf |= PTE_NX;
	pmap_weakened(pmap, va);
}

void
pmap_note_all(struct pmap *pmap)
{
	size_t kept = 0;

	for (size_t i = 0; i < pmap->code_count; i++) {
		vms_va_t va = pmap->code[i];
		uint64_t *leaf = pmap_leaf(pmap, va);
		if (!leaf_is_code(leaf))
			continue;
		if (kept == EXACT_COMPARE_MAX) {
			code_forget(pmap, va, leaf);
			continue;
		}
		pmap->code[kept++] = va;
		pv_note_write(pmap->vms, *leaf & PTE_FRAME);
	}
	pmap->code_count = kept;
}

/* Compares the page with what was last translated; true: it had changed and
 * its translations are gone. */
static bool
code_refresh(struct vms *vms, struct pv_page *page, uint64_t pa)
{
	const uint8_t *bytes = arena_host(vms->arena, pa);

	if (page->copy != NULL && memcmp(page->copy, bytes, PAGE_BYTES) == 0)
		return false;
	vms->cpu->ops->code_drop(vms->cpu, pa);
	vms->stats.code_drops++;
	if (page->copy == NULL)
		page->copy = malloc(PAGE_BYTES);
	if (page->copy != NULL)
		memcpy(page->copy, bytes, PAGE_BYTES);
	return true;
}

/* Remembers va for pmap_note_all().  Without room the page simply loses X at
 * the end of the list: here, at once, so nothing is forgotten. */
static bool
code_remember(struct pmap *pmap, vms_va_t va)
{
	size_t capacity = pmap->code_capacity ? pmap->code_capacity * 2 : 32;
	vms_va_t *code;

	if (pmap->code_count < pmap->code_capacity) {
		pmap->code[pmap->code_count++] = va;
		return true;
	}
	if ((code = realloc(pmap->code, capacity * sizeof(*code))) == NULL)
		return false;
	pmap->code = code;
	pmap->code_capacity = capacity;
	pmap->code[pmap->code_count++] = va;
	return true;
}

static void
code_set(struct pmap *pmap, vms_va_t va, uint64_t *leaf)
{
	struct vms *vms = pmap->vms;

	if ((vms->config.flags & VMS_CONFIG_EXACT_CODE) &&
	    !leaf_is_code(leaf) && !code_remember(pmap, va))
		return;
	vms->cpu->ops->code_enter(vms->cpu, va, *leaf & PTE_FRAME);
	*leaf = (*leaf & ~PTE_NX) | PTE_P;
}

/* Clears bits and sets others in the engine half of every alias. */
static void
aliases_weaken(struct pv_page *page, uint64_t clear, uint64_t set)
{
	for (struct pv_entry *e = page->first; e != NULL; e = e->next) {
		uint64_t *leaf = pmap_leaf(e->pmap, e->va);
		uint64_t weaker = (*leaf & ~clear) | set;
		if (weaker == *leaf)
			continue;
		if (*leaf & PTE_P)
			pmap_weakened(e->pmap, e->va);
		*leaf = weaker;
	}
}
