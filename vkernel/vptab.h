/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A guest's software page tables: four levels of 512 entries of the seed's
 * layout (VMS_VPTE_*), in frames of the memory image.
 *
 *   63..52   51..12    10     9   8        7   6   5   4   3   2   1    0
 *   0        frame     WIRED  G   MANAGED  U   M   A   X   W   R   PS   V
 *
 * Directories are V|R|W.  A leaf holds one count of its frame.  The host sets
 * A and M while a guest runs, so entries are atomic words.
 *
 * Nothing here invalidates: whoever changes an entry in a way that section
 * 9.6 names calls mm_inval().
 */
#ifndef VMS_VKERNEL_VPTAB_H
#define VMS_VKERNEL_VPTAB_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

#include "vkernel/image.h"

/* What one table of leaves covers. */
#define VPTAB_SPAN (UINT64_C(512) << 12)

typedef _Atomic vms_vpte_t vk_slot;

struct vk_vptab {
	struct vk_image *image;
	uint64_t root; /* frame */
};

/* LX_ENOMEM. */
int vptab_create(struct vk_image *image, struct vk_vptab *tab);
/* Drops every leaf's frame and every table. */
void vptab_destroy(struct vk_vptab *tab);

/* The value for MADV_SETMAP. */
vms_vpte_t vptab_master(const struct vk_vptab *tab);

/* The leaf of va, NULL when a directory on the way is missing. */
vk_slot *vptab_lookup(const struct vk_vptab *tab, uint64_t va);
/* The same, making the directories; NULL: no frame. */
vk_slot *vptab_reach(struct vk_vptab *tab, uint64_t va);

/* The first valid leaf in [*va, end), with *va set to its page, else NULL. */
vk_slot *vptab_next(const struct vk_vptab *tab, uint64_t *va, uint64_t end);

/* The next leaves of [*va, end) that one table holds, valid or not: the first
 * of *count, with *va set to its page, else NULL. */
vk_slot *vptab_span(
    const struct vk_vptab *tab, uint64_t *va, uint64_t end, size_t *count);

static inline vms_vpte_t
slot_get(vk_slot *slot)
{
	return atomic_load_explicit(slot, memory_order_relaxed);
}

static inline void
slot_note(struct vk_image *image, vk_slot *slot)
{
	image_note(image, (uint64_t)((uintptr_t)slot - (uintptr_t)image->base),
	    sizeof(*slot));
}

static inline void
slot_set(struct vk_image *image, vk_slot *slot, vms_vpte_t value)
{
	atomic_store_explicit(slot, value, memory_order_relaxed);
	slot_note(image, slot);
}

/* Clears bits, sets bits; the value before. */
static inline vms_vpte_t
slot_clear(struct vk_image *image, vk_slot *slot, vms_vpte_t bits)
{
	slot_note(image, slot);
	return atomic_fetch_and_explicit(slot, ~bits, memory_order_relaxed);
}

static inline vms_vpte_t
slot_mark(struct vk_image *image, vk_slot *slot, vms_vpte_t bits)
{
	slot_note(image, slot);
	return atomic_fetch_or_explicit(slot, bits, memory_order_relaxed);
}

#endif
