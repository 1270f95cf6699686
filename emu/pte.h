/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * x86-64 page-table entries, as the engine's MMU reads them in the arena.
 *
 *   63  62..52      51..12        11..9      8 7  6 5 4 3 2 1 0
 *   NX  software    frame (pa)    software   G PS D A - - U W P
 */
#ifndef VMS_EMU_PTE_H
#define VMS_EMU_PTE_H

#include <stdint.h>

#define PTE_P     (UINT64_C(1) << 0)
#define PTE_W     (UINT64_C(1) << 1)
#define PTE_U     (UINT64_C(1) << 2)
#define PTE_A     (UINT64_C(1) << 5)
#define PTE_D     (UINT64_C(1) << 6)
#define PTE_PS    (UINT64_C(1) << 7)
#define PTE_NX    (UINT64_C(1) << 63)
#define PTE_FRAME UINT64_C(0x000FFFFFFFFFF000)

/* Software bits: what vmspace/pmap.c promises, whatever P, W and NX say. */
#define PTE_SOFT_PRESENT (UINT64_C(1) << 9)
#define PTE_SOFT_WRITE   (UINT64_C(1) << 10)

#define PTE_LEVELS  4
#define PTE_ENTRIES 512

/* Index into the table of a level: 3 is the root, 0 holds the pages. */
static inline unsigned
pte_index(uint64_t va, int level)
{
	return (unsigned)(va >> (12 + 9 * level)) & (PTE_ENTRIES - 1);
}

#endif
