/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Of DragonFly's <sys/vkernel.h>: the virtual page-table entry.
 *
 * The bits are those of the seed (2010-2011).  A program that defines
 * VMSPACE_ERA_2013 gets the layout of 2013 and later, which has no R bit, and
 * the library follows it (see <sys/vmspace.h>); VPTE_R is then 0, so that an
 * expression like VPTE_V | VPTE_R | VPTE_W means the same in both.
 */
#ifndef VMSPACE_DRAGONFLY_SYS_VKERNEL_H
#define VMSPACE_DRAGONFLY_SYS_VKERNEL_H

#include <stdint.h>

typedef uint64_t vpte_t;

#define VPTE_FRAME_END      48
#define VPTE_FRAME          0x000FFFFFFFFFF000ULL
#define VPTE_PAGE_BITS      9
#define VPTE_PAGE_ENTRIES   (1 << VPTE_PAGE_BITS)
#define VPTE_PAGE_MASK      (VPTE_PAGE_ENTRIES - 1)
#define VPTE_PAGETABLE_SIZE 4096

#define VPTE_V 0x00000001ULL /* valid */
#define VPTE_A 0x00000020ULL /* accessed: set by the host */
#define VPTE_M 0x00000040ULL /* modified: set by the host */

#ifdef VMSPACE_ERA_2013
#define VPTE_R       0x00000000ULL
#define VPTE_W       0x00000002ULL
#define VPTE_RW      VPTE_W
#define VPTE_U       0x00000004ULL
#define VPTE_PS      0x00000080ULL
#define VPTE_G       0x00000100ULL
#define VPTE_WIRED   0x00000200ULL
#define VPTE_MANAGED 0x00000400ULL
#else
#define VPTE_PS      0x00000002ULL /* terminal at this level */
#define VPTE_R       0x00000004ULL
#define VPTE_W       0x00000008ULL
#define VPTE_X       0x00000010ULL /* not looked at */
#define VPTE_U       0x00000080ULL /* not looked at */
#define VPTE_MANAGED 0x00000100ULL /* not looked at */
#define VPTE_G       0x00000200ULL /* not looked at */
#define VPTE_WIRED   0x00000400ULL /* not looked at */
#endif

#endif
