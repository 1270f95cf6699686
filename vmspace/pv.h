/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who maps an arena page, and whether it is now data or code.  Shared by
 * pmap.c (page tables) and pv.c (this list and the code states) only.
 *
 *            fetch: bytes compared, W off everywhere
 *   PV_DATA -----------------------------------------> PV_CODE
 *           <-----------------------------------------
 *            store: X off everywhere
 *
 * An instruction that stores into the page it is fetched from would go round
 * for ever, so the fetch after its store fault is answered by letting the CPU
 * step that one instruction while the page stays writable.
 */
#ifndef VMS_VMSPACE_PV_H
#define VMS_VMSPACE_PV_H

#include "vmspace/pmap.h"

enum pv_state { PV_DATA, PV_CODE };

struct pv_entry {
	struct pv_entry *next;
	struct pmap *pmap;
	vms_va_t va;
};

struct pv_page {
	struct pv_entry *first; /* logical translations of this page */
	uint8_t *copy; /* bytes last given to the translator, or NULL */
	struct watch_page *watch; /* of an observer; owned by watch.c */
	enum pv_state state;
	bool step_once; /* PV_DATA: the next fetch is stepped */
};

/* NULL only when host memory is at its end. */
struct pv_page *pv_page_get(struct vms *vms, uint64_t pa);
/* NULL when the page was never mapped. */
struct pv_page *pv_page_find(const struct vms *vms, uint64_t pa);

int pv_add(struct pmap *pmap, vms_va_t va, uint64_t pa);
void pv_delete(struct pmap *pmap, vms_va_t va, uint64_t pa);

/* Changes the page's state so that access by (pmap, va) is permitted, and sets
 * that leaf's engine bits. */
void pv_permit(struct pmap *pmap, vms_va_t va, uint64_t *leaf,
    enum cpu_access access, vms_va_t rip);

/* The engine loses every right to the page, or the right to store to it, until
 * the next fault; logical translations stay. */
void pv_hide(struct vms *vms, uint64_t pa);
void pv_protect(struct vms *vms, uint64_t pa);

/* Calls fn for every page that was ever mapped or watched. */
void pv_each(
    struct vms *vms, void (*fn)(void *arg, struct pv_page *page), void *arg);

/* pmap.c: the leaf of va, NULL when there is no table for it. */
uint64_t *pmap_leaf(const struct pmap *pmap, vms_va_t va);
/* pmap.c: the engine may still hold more rights for va than its leaf. */
void pmap_weakened(struct pmap *pmap, vms_va_t va);

#endif
