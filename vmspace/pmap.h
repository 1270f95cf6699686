/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The derived half of a space: translations from guest page to arena page.
 *
 * Each leaf of the page tables holds two answers.  The *logical* translation
 * (software bits: present, writable) is what the kernel's pmap would hold; it
 * is dropped only by INVAL, SETMAP, munmap, destroy, chaos, or when its page
 * dies.  The *engine* bits (P, W, NX) may be weaker at any time; a fault that
 * the logical translation permits repairs them and is never seen above.
 *
 * A page of the arena is, over all its aliases, either writable or executable
 * (or "mixed": both, at one va), and flips by fault; pv_table keeps who maps
 * it.  See docs/architecture.md, "Code pages".
 */
#ifndef VMS_VMSPACE_PMAP_H
#define VMS_VMSPACE_PMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

#include "emu/cpu.h"

struct vms;

struct pmap {
	struct vms *vms;
	uint64_t root_pa;     /* 0: no table yet */
	size_t leaves;        /* logical translations */
	bool flush_all;       /* the engine may hold dropped translations ... */
	unsigned flush_count; /* ... or only these */
	vms_va_t flush[4];
	vms_va_t stores, stores_end; /* vms_watch_stores() */
	vms_va_t *code; /* VMS_CONFIG_EXACT_CODE: pages made executable */
	size_t code_count, code_capacity;
};

struct pv_slot;
struct pv_entry;
struct pv_table {
	struct pv_slot **slots; /* by arena slot; NULL: never mapped */
	size_t used_end;        /* slots from here on are NULL */
	struct pv_entry *free;
};

void pmap_init(struct vms *vms, struct pmap *pmap);
void pmap_finish(struct pmap *pmap);

/* Enters the logical translation va -> pa (both page-aligned), replacing any;
 * ENOMEM when no page-table page can be had. */
int pmap_enter(struct pmap *pmap, vms_va_t va, uint64_t pa, bool writable);

/* The logical translation of va's page: false when there is none.  pa and
 * writable may be NULL. */
bool pmap_lookup(
    const struct pmap *pmap, vms_va_t va, uint64_t *pa, bool *writable);

/* Drops the logical translations of [start, end), page-aligned. */
void pmap_remove(struct pmap *pmap, vms_va_t start, vms_va_t end);
void pmap_remove_all(struct pmap *pmap);

/* Calls fn for each logical translation in ascending order.  fn may not
 * change the pmap. */
typedef void pmap_each_fn(void *arg, vms_va_t va, uint64_t pa, bool writable);
void pmap_each(const struct pmap *pmap, pmap_each_fn *fn, void *arg);

/* Tries to satisfy an engine fault from the logical translation alone: true
 * when the engine bits now permit the access.  rip: of the instruction. */
bool pmap_repair(
    struct pmap *pmap, vms_va_t va, enum cpu_access access, vms_va_t rip);

/* Makes the engine agree before it runs pmap: root, pending flushes.  ENOMEM
 * when there is no page for a root. */
int pmap_activate(struct pmap *pmap);
/* The engine has no space's root any more: the next activation loads one. */
void pmap_deactivate(struct vms *vms);

/* Stores to [start, end), not aligned, are noticed one by one. */
void pmap_watch_stores(struct pmap *pmap, vms_va_t start, vms_va_t end);
/* The engine may not store there any more, until the next fault. */
void pmap_close_stores(struct pmap *pmap);

/* Does va's page hold watched bytes? */
static inline bool
pmap_store_watched(const struct pmap *pmap, vms_va_t va)
{
	return pmap->stores < pmap->stores_end && va < pmap->stores_end &&
	       (va | (VMS_PAGE_SIZE - 1)) >= pmap->stores;
}

/* Before arena page pa is freed or shown otherwise: drops every logical
 * translation of it in every space. */
void pv_remove_page(struct vms *vms, uint64_t pa);
void pv_remove_slot(struct vms *vms, uint64_t slot_pa); /* 512 pages */

/* Page pa was stored to by the host: code translated from it that is no longer
 * true is dropped. */
void pv_note_write(struct vms *vms, uint64_t pa);
/* The same for every page that pmap may execute (VMS_CONFIG_EXACT_CODE). */
void pmap_note_all(struct pmap *pmap);

int pv_init(struct vms *vms);
void pv_finish(struct vms *vms);

#endif
