/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who maps an arena page, and whether it is now data or code.  Shared by
 * pmap.c (page tables) and pv.c (this list and the code states) only.
 *
 *            fetch: verify, W off everywhere
 *   PV_DATA -------------------------------> PV_CODE
 *      ^    <-------------------------------    |
 *      |     store: X off everywhere            | a store into the page it is
 *      |                                        | fetched from, or too many flips
 *      '------------ PV_MIXED <-----------------'
 *        any access    W and X at one va, every alias not present
 *        by an alias
 */
#ifndef VMS_VMSPACE_PV_H
#define VMS_VMSPACE_PV_H

#include "vmspace/pmap.h"

enum pv_state { PV_DATA, PV_CODE, PV_MIXED };

struct pv_entry {
	struct pv_entry *next;
	struct pmap *pmap;
	vms_va_t va;
};

struct pv_page {
	struct pv_entry *first;  /* logical translations of this page */
	uint8_t *copy;           /* bytes last given to the translator, or NULL */
	struct pmap *mixed_pmap; /* PV_MIXED: where W and X are */
	vms_va_t mixed_va;
	uint32_t flips;          /* from code to data */
	enum pv_state state;
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

/* pmap.c: the leaf of va, NULL when there is no table for it. */
uint64_t *pmap_leaf(const struct pmap *pmap, vms_va_t va);
/* pmap.c: the engine may still hold more rights for va than its leaf. */
void pmap_weakened(struct pmap *pmap, vms_va_t va);

#endif
