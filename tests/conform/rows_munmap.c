/* SPDX-License-Identifier: BSD-2-Clause */
/* C140-C150: vmspace_munmap (sys_munmap, vm_mmap.c). */
#include <errno.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

#define ANON (VMS_MAP_ANON | VMS_MAP_PRIVATE)

/* Maps n anonymous pages at HOLE and writes 10 + i to page i. */
static void
open_pages(struct guest *g, unsigned n)
{
	guest_open(g, id_of(1));
	map_anon(g, HOLE, n * PAGE, RW);
	for (unsigned i = 0; i < n; i++)
		EXPECT_EQ(poke(g, HOLE + i * PAGE, 10 + i), 0);
}

static uint64_t
page(unsigned n)
{
	return HOLE + n * PAGE;
}

static bool
is_gone(struct guest *g, unsigned n)
{
	uint64_t value;

	return peek(g, page(n), &value) == T_PAGEFLT;
}

static void
c140_registry_and_id(void)
{
	EXPECT_EQ(F->munmap(id_of(1), HOLE, PAGE), EINVAL);
	EXPECT_EQ(F->munmap(id_of(1), 0, 0), EINVAL);
	EXPECT_EQ(F->create(id_of(2), 0, NULL), 0);
	EXPECT_EQ(F->munmap(id_of(1), HOLE, PAGE), ENOENT);
	EXPECT_EQ(F->munmap(id_of(1), 0, 0), ENOENT);
	EXPECT_EQ(F->munmap(id_of(1), UINT64_MAX, UINT64_MAX), ENOENT);
}

static void
c141_whole(void)
{
	struct guest g;

	open_pages(&g, 3);
	EXPECT_EQ(F->munmap(g.id, HOLE, 3 * PAGE), 0);
	for (unsigned i = 0; i < 3; i++)
		EXPECT(is_gone(&g, i));
	EXPECT_EQ(poke(&g, HOLE, 1), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 6);
}

static void
c142_middle(void)
{
	struct guest g;

	open_pages(&g, 5);
	EXPECT_EQ(F->munmap(g.id, page(2), PAGE), 0);
	EXPECT(is_gone(&g, 2));
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
	EXPECT_EQ(peek_ok(&g, page(1)), 11);
	EXPECT_EQ(peek_ok(&g, page(3)), 13);
	EXPECT_EQ(peek_ok(&g, page(4)), 14);
	EXPECT_EQ(poke(&g, page(1), 1), 0);
	EXPECT_EQ(poke(&g, page(3), 3), 0);
}

static void
c143_hole(void)
{
	struct guest g;

	open_pages(&g, 5);
	EXPECT_EQ(F->munmap(g.id, page(2), PAGE), 0);
	EXPECT_EQ(F->munmap(g.id, page(0), 5 * PAGE), EINVAL); /* middle */
	EXPECT_EQ(F->munmap(g.id, page(2), 2 * PAGE), EINVAL); /* start */
	EXPECT_EQ(F->munmap(g.id, page(4), 2 * PAGE), EINVAL); /* end */
	EXPECT_EQ(F->munmap(g.id, page(2), PAGE), EINVAL);
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
	EXPECT_EQ(peek_ok(&g, page(1)), 11);
	EXPECT_EQ(peek_ok(&g, page(3)), 13);
	EXPECT_EQ(peek_ok(&g, page(4)), 14);
}

static void
c144_adjacent(void)
{
	struct guest g;
	int fixed = VMS_MAP_SHARED | VMS_MAP_FIXED;

	open_pages(&g, 2);
	map_at(
	    &g, page(2), PAGE, VMS_PROT_READ, fixed, g.fd, (int64_t)FRAME(0));
	map_at(&g, page(3), PAGE, RW, fixed | VMS_MAP_VPAGETABLE, g.fd, 0);
	EXPECT_EQ(peek_ok(&g, page(2)), 0);
	EXPECT_EQ(F->munmap(g.id, page(1), 3 * PAGE), 0);
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
	for (unsigned i = 1; i < 4; i++)
		EXPECT(is_gone(&g, i));
}

static void
c145_len_0(void)
{
	struct guest g;

	open_pages(&g, 1);
	EXPECT_EQ(F->munmap(g.id, page(0), 0), 0);
	EXPECT_EQ(F->munmap(g.id, page(7), 0), 0);
	EXPECT_EQ(F->munmap(g.id, 0, 0), 0);
	EXPECT_EQ(F->munmap(g.id, VMS_VA_END, 0), 0);
	EXPECT_EQ(F->munmap(g.id, UINT64_C(0xffffffffffff0000), 0), 0);
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
}

static void
c146_len_0_unaligned(void)
{
	struct guest g;

	open_pages(&g, 3);
	EXPECT_EQ(F->munmap(g.id, page(1) + 5, 0), 0);
	EXPECT(is_gone(&g, 1));
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
	EXPECT_EQ(peek_ok(&g, page(2)), 12);
	EXPECT_EQ(F->munmap(g.id, page(1) + 5, 0), EINVAL);
	EXPECT_EQ(F->munmap(g.id, page(9) + 1, 0), EINVAL);
}

static void
c147_rounding(void)
{
	struct guest g;

	open_pages(&g, 5);
	EXPECT_EQ(F->munmap(g.id, page(1) + 0xfff, 2), 0);
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
	EXPECT(is_gone(&g, 1));
	EXPECT(is_gone(&g, 2));
	EXPECT_EQ(peek_ok(&g, page(3)), 13);
	EXPECT_EQ(F->munmap(g.id, page(3) + 1, PAGE), 0);
	EXPECT(is_gone(&g, 3));
	EXPECT(is_gone(&g, 4));
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
}

static void
c148_limits(void)
{
	struct guest g;

	open_pages(&g, 1);
	EXPECT_EQ(F->munmap(g.id, HOLE, UINT64_MAX), EINVAL);
	EXPECT_EQ(F->munmap(g.id, HOLE, UINT64_MAX - HOLE + 1), EINVAL);
	EXPECT_EQ(F->munmap(g.id, HOLE + 1, UINT64_MAX - 1), EINVAL);
	map_anon(&g, VMS_VA_END - PAGE, PAGE, RW);
	EXPECT_EQ(F->munmap(g.id, VMS_VA_END - PAGE, 2 * PAGE), EINVAL);
	EXPECT_EQ(F->munmap(g.id, VMS_VA_END, PAGE), EINVAL);
	EXPECT_EQ(F->munmap(g.id, UINT64_MAX - 4095, 1), EINVAL);
	EXPECT_EQ(F->munmap(g.id, VMS_VA_END - PAGE, PAGE), 0);
	EXPECT_EQ(peek_ok(&g, page(0)), 10);
}

static void
c149_what_counts_as_mapped(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	map_anon(&g, page(0), PAGE, VMS_PROT_NONE);
	map_at(&g, page(1), PAGE, RW,
	    VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE, g.fd, 0);
	map_anon(&g, page(2), PAGE, RW); /* never touched */
	EXPECT_EQ(F->munmap(g.id, page(0), 3 * PAGE), 0);
	EXPECT_EQ(F->munmap(g.id, page(0), PAGE), EINVAL);
}

static void
c150_mapped_again(void)
{
	struct guest g;

	open_pages(&g, 2);
	EXPECT_EQ(F->munmap(g.id, page(0), 2 * PAGE), 0);
	map_anon(&g, page(0), 2 * PAGE, RW);
	EXPECT_EQ(peek_ok(&g, page(0)), 0);
	EXPECT_EQ(peek_ok(&g, page(1)), 0);
	vp_open(&g, 2);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	EXPECT_EQ(F->munmap(g.id, VP, 2 * PAGE), 0);
	vp_map(&g, 2);
	EXPECT_EQ(peek(&g, VP, &(uint64_t){ 0 }), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
	vp_master(&g, 2, vp_table_off(1) | VRW);
	EXPECT_EQ(peek_ok(&g, VP), 1);
}

/* 5.7: a fixed overlay of the whole resets the master. */
static void
c150_fixed_overlay_of_vpagetable(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 4);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	vp_map(&g, 4);
	EXPECT_EQ(peek(&g, VP, &(uint64_t){ 0 }), T_PAGEFLT);
	EXPECT_EQ(*frame_word(&g, 0), 1);
}

static const struct row rows[] = {
	{ "C140", "no registry EINVAL, unknown id ENOENT", c140_registry_and_id,
	    0 },
	{ "C141", "a whole mapping", c141_whole, 0 },
	{ "C142", "the middle of a mapping", c142_middle, 0 },
	{ "C143", "a hole: EINVAL, nothing unmapped", c143_hole, 0 },
	{ "C144", "two different mappings in one call", c144_adjacent, 0 },
	{ "C145", "len 0, aligned: nothing happens", c145_len_0, 0 },
	{ "C146", "len 0, unaligned: that page", c146_len_0_unaligned, 0 },
	{ "C147", "rounding outwards on both sides", c147_rounding, 0 },
	{ "C148", "wrap and end of user space: EINVAL", c148_limits, 0 },
	{ "C149", "PROT_NONE, VPAGETABLE, untouched: mapped",
	    c149_what_counts_as_mapped, 0 },
	{ "C150", "mapped again: zero memory, master 0", c150_mapped_again, 0 },
	{ "C150", "an overlay has master 0", c150_fixed_overlay_of_vpagetable,
	    0 },
};
ROW_GROUP(munmap, rows);
