/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a guest has mapped where: a sorted array of areas that do not overlap.
 * Each area holds one reference of its object.  Knows no page tables.
 */
#ifndef VMS_VKERNEL_AREA_H
#define VMS_VKERNEL_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vk_object;

#define AREA_SHARED    0x1
#define AREA_GROWSDOWN 0x2
#define AREA_HEAP      0x4
#define AREA_STACK     0x8
#define AREA_MAYWRITE  0x10 /* shared: mprotect may add PROT_WRITE */
#define AREA_DONTFORK  0x20 /* a fork's child has no such area */
#define AREA_WIPE      0x40 /* a fork's child finds zeros */
#define AREA_LOCKED    0x80 /* counts against RLIMIT_MEMLOCK */
#define AREA_NORESERVE 0x100
#define AREA_STORED    0x200 /* shared: has permitted stores */

#define AREA_GAP (UINT64_C(256) << 12) /* stack_guard_gap */

struct vk_area {
	uint64_t start, end;      /* page-aligned */
	int prot;                 /* LX_PROT_ */
	unsigned flags;           /* AREA_ */
	struct vk_object *object; /* NULL: private zero memory */
	uint64_t offset;          /* of start in the object */
};

struct vk_areas {
	struct vk_area *rows;
	size_t count, room;
};

void areas_finish(struct vk_areas *areas);
/* Fills the empty copy with what a fork's child has.  LX_ENOMEM. */
int areas_fork(const struct vk_areas *areas, struct vk_areas *copy);

/* The area of va, NULL when there is none.  Borrowed until the next change. */
struct vk_area *areas_lookup(const struct vk_areas *areas, uint64_t va);
/* Index of the first area that ends above va. */
size_t areas_index(const struct vk_areas *areas, uint64_t va);
/* True when nothing is mapped in [start, end). */
bool areas_are_free(const struct vk_areas *areas, uint64_t start, uint64_t end);
/* True when every page of [start, end) is mapped. */
bool areas_cover(const struct vk_areas *areas, uint64_t start, uint64_t end);

/* Enters a copy of area into free space, joining like neighbours; takes its
 * reference over when it succeeds.  LX_ENOMEM. */
int areas_insert(struct vk_areas *areas, const struct vk_area *area);
/* Makes va a border, if it is inside an area.  LX_ENOMEM. */
int areas_split(struct vk_areas *areas, uint64_t va);
/* Forgets [start, end), whose ends are borders (areas_split()). */
void areas_remove(struct vk_areas *areas, uint64_t start, uint64_t end);
/* Joins like neighbours from the one before start to the one after end. */
void areas_join(struct vk_areas *areas, uint64_t start, uint64_t end);

/* The highest free [x, x + len) in [low, high), 0: there is none.  What grows
 * down keeps AREA_GAP below it. */
uint64_t areas_find_gap(
    const struct vk_areas *areas, uint64_t len, uint64_t low, uint64_t high);
/* The same, but the lowest. */
uint64_t areas_find_low_gap(
    const struct vk_areas *areas, uint64_t len, uint64_t low, uint64_t high);
/* Bytes mapped in [start, end) whose flags, of those in mask, are wanted. */
uint64_t areas_bytes(const struct vk_areas *areas, uint64_t start, uint64_t end,
    unsigned mask, unsigned wanted);
/* Private memory that may be written and is no stack, as RLIMIT_DATA counts
 * it. */
bool area_is_data(int prot, unsigned flags);
uint64_t areas_data_bytes(const struct vk_areas *areas);

#endif
