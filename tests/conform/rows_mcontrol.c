/* SPDX-License-Identifier: BSD-2-Clause */
/* C151-C167: vmspace_mcontrol (vm_map_madvise, vm_map.c), pread, pwrite. */
#include <errno.h>
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

#define SETMAP VMS_MADV_SETMAP
#define INVAL  VMS_MADV_INVAL

static uint64_t no_value;

static void
c151_registry_and_id(void)
{
	EXPECT_EQ(F->mcontrol(id_of(1), 0, PAGE, INVAL, 0), EINVAL);
	EXPECT_EQ(F->create(id_of(2), 0, NULL), 0);
	EXPECT_EQ(F->mcontrol(id_of(1), 0, PAGE, INVAL, 0), ENOENT);
	EXPECT_EQ(F->mcontrol(id_of(1), 0, PAGE, -1, 0), ENOENT);
	EXPECT_EQ(F->mcontrol(id_of(1), 0, PAGE, 99, 0), ENOENT);
}

static void
c152_behaviours(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(F->mcontrol(g.id, DATA, PAGE, -1, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, DATA, PAGE, 12, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, DATA, PAGE, 100, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, DATA, 0, 12, 0), EINVAL);
	for (int behav = 0; behav <= 9; behav++) {
		EXPECT_EQ(F->mcontrol(g.id, DATA, PAGE, behav, 0), 0);
		EXPECT_EQ(F->mcontrol(g.id, HOLE, PAGE, behav, 5), 0);
		EXPECT_EQ(F->mcontrol(g.id, 0, VMS_VA_END, behav, 0), 0);
	}
}

static void
c153_limits(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(F->mcontrol(g.id, DATA, UINT64_MAX, INVAL, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, UINT64_MAX, 2, INVAL, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, 0, VMS_VA_END + 1, INVAL, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, VMS_VA_END, 1, INVAL, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, UINT64_MAX - 4095, 0, INVAL, 0), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, 0, VMS_VA_END, INVAL, 0), 0);
	EXPECT_EQ(F->mcontrol(g.id, VMS_VA_END, 0, INVAL, 0), 0);
}

static void
c154_len_0_and_holes(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	for (int behav = 0; behav <= SETMAP; behav++) {
		EXPECT_EQ(F->mcontrol(g.id, DATA, 0, behav, 0), 0);
		EXPECT_EQ(F->mcontrol(g.id, HOLE, 8 * PAGE, behav, 0), 0);
		EXPECT_EQ(F->mcontrol(g.id, HOLE + 1, 1, behav, 0), 0);
	}
	EXPECT_EQ(poke(&g, DATA, 1), 0);
}

static void
c155_setmap_on_normal(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(F->mcontrol(g.id, DATA, PAGE, SETMAP, VRW), EINVAL);
	EXPECT_EQ(F->mcontrol(g.id, DATA, DATA_LEN, SETMAP, 0), EINVAL);
	EXPECT_EQ(poke(&g, DATA, 1), 0);
}

static void
c156_setmap_over_both(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_tables(&g, 1, VRW);
	vp_map(&g, 1);
	*frame_word(&g, 0) = 4711;
	map_anon(&g, VP + PAGE, PAGE, RW);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(
	    F->mcontrol(g.id, VP, 2 * PAGE, SETMAP, vp_table_off(1) | VRW),
	    EINVAL);
	EXPECT_EQ(peek_ok(&g, VP), 4711);
	/* Also when the normal one comes first. */
	map_anon(&g, VP - PAGE, PAGE, RW);
	EXPECT_EQ(F->mcontrol(g.id, VP - PAGE, 2 * PAGE, SETMAP, 0), EINVAL);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
}

static void
c157_any_value(void)
{
	static const uint64_t values[] = { 0, 1, UINT64_MAX,
		UINT64_C(0x8000000000000000), UINT64_C(0xfff0000000000ffe),
		UINT64_C(0x000ffffffffff00d), UINT64_C(0x123456789abcdef0) };
	struct guest g;

	guest_open(&g, id_of(1));
	vp_map(&g, 2);
	for (size_t i = 0; i < 7; i++) {
		EXPECT_EQ(
		    F->mcontrol(g.id, VP, 2 * PAGE, SETMAP, values[i]), 0);
		EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
		EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
	}
	vp_tables(&g, 2, VRW);
	vp_master(&g, 2, vp_table_off(1) | VRW);
	EXPECT_EQ(poke(&g, VP, 1), 0);
}

static void
c158_next_access(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 2);
	*frame_word(&g, 0) = 100;
	*frame_word(&g, 5) = 105;
	EXPECT_EQ(peek_ok(&g, VP), 100);
	vp_master(&g, 2, FRAME(5) | VRW | PS);
	EXPECT_EQ(peek_ok(&g, VP), 105);
	vp_master(&g, 2, 0);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
}

/* 7.4: pieces that are alike merge, and the master just set governs all. */
static void
c159_part(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 4);
	for (unsigned n = 0; n < 16; n++)
		*frame_word(&g, n) = 100 + n;
	EXPECT_EQ(
	    F->mcontrol(g.id, VP + PAGE, PAGE, SETMAP, FRAME(8) | VRW | PS), 0);
	for (unsigned n = 0; n < 4; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 108 + n);
}

static void
c159_two_that_continue(void)
{
	struct guest g;
	int flags = VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE;

	guest_open(&g, id_of(1));
	for (unsigned n = 0; n < 16; n++)
		*frame_word(&g, n) = 100 + n;
	map_at(&g, VP, 2 * PAGE, RW, flags, g.fd, 0);
	vp_master(&g, 2, FRAME(4) | VRW | PS);
	EXPECT_EQ(peek_ok(&g, VP), 104);
	vp_inval(&g, VP, 2 * PAGE);
	/* The second resets the first to 0 ... */
	map_at(
	    &g, VP + 2 * PAGE, 2 * PAGE, RW, flags, g.fd, (int64_t)(2 * PAGE));
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	/* ... and SETMAP on either governs both. */
	EXPECT_EQ(F->mcontrol(g.id, VP + 2 * PAGE, 2 * PAGE, SETMAP,
		      FRAME(8) | VRW | PS),
	    0);
	for (unsigned n = 0; n < 4; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 108 + n);
}

/* Offsets that do not continue: each keeps its own master. */
static void
c159_two_that_do_not(void)
{
	struct guest g;
	int flags = VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE;

	guest_open(&g, id_of(1));
	for (unsigned n = 0; n < 16; n++)
		*frame_word(&g, n) = 100 + n;
	map_at(&g, VP, PAGE, RW, flags, g.fd, 0);
	vp_master(&g, 1, FRAME(4) | VRW | PS);
	map_at(&g, VP + PAGE, PAGE, RW, flags, g.fd, 0);
	EXPECT_EQ(
	    F->mcontrol(g.id, VP + PAGE, PAGE, SETMAP, FRAME(8) | VRW | PS), 0);
	EXPECT_EQ(peek_ok(&g, VP), 104);
	EXPECT_EQ(peek_ok(&g, VP + PAGE), 108);
}

static void
c160_inval_on_normal(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, 2 * PAGE, RW);
	EXPECT_EQ(poke(&g, HOLE, 5), 0);
	EXPECT_EQ(poke(&g, DATA, 6), 0);
	vp_inval(&g, HOLE, 2 * PAGE);
	vp_inval(&g, DATA, DATA_LEN);
	vp_inval(&g, CODE, CODE_LEN);
	EXPECT_EQ(peek_ok(&g, HOLE), 5);
	EXPECT_EQ(peek_ok(&g, DATA), 6);
	EXPECT_EQ(poke(&g, HOLE, 7), 0);
}

/* Redirects leaves 0 to 3 to frames 4 to 7. */
static void
redirect(struct guest *g)
{
	for (unsigned n = 0; n < 4; n++)
		*vp_entry(g, vp_table_off(4), n) = FRAME(n + 4) | VRW;
}

static void
c161_partial_pages(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 4);
	for (unsigned n = 0; n < 8; n++)
		*frame_word(&g, n) = 100 + n;
	for (unsigned n = 0; n < 4; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 100 + n);
	redirect(&g);
	/* Two bytes, one in page 1 and one in page 2. */
	vp_inval(&g, VP + 2 * PAGE - 1, 2);
	EXPECT_EQ(peek_ok(&g, VP + PAGE), 105);
	EXPECT_EQ(peek_ok(&g, VP + 2 * PAGE), 106);
	if (!chaos) {
		EXPECT_EQ(peek_ok(&g, VP), 100);
		EXPECT_EQ(peek_ok(&g, VP + 3 * PAGE), 103);
	}
	vp_inval(&g, VP + 0x123, 0); /* an empty range in a page */
	EXPECT_EQ(peek_ok(&g, VP), 104);
}

static void
c162_other_space(void)
{
	struct guest a, b;

	guest_open(&a, id_of(1));
	guest_open_over(&b, id_of(2), &a);
	vp_open(&a, 4);
	vp_open(&b, 4);
	for (unsigned n = 0; n < 8; n++)
		*frame_word(&a, n) = 100 + n;
	EXPECT_EQ(peek_ok(&a, VP), 100);
	EXPECT_EQ(peek_ok(&b, VP), 100);
	redirect(&a);
	vp_inval(&a, VP, PAGE);
	EXPECT_EQ(peek_ok(&a, VP), 104);
	if (!chaos)
		EXPECT_EQ(peek_ok(&b, VP), 100);
	vp_inval(&b, VP, PAGE);
	EXPECT_EQ(peek_ok(&b, VP), 104);
}

static void
c163_inval_leaves_bits(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 2);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	EXPECT_EQ(peek_ok(&g, VP + PAGE), 0);
	vp_inval(&g, VP, 2 * PAGE);
	for (int level = 1; level <= 4; level++)
		EXPECT_EQ(*vp_level(&g, level) & 0x60, 0x60);
	EXPECT_EQ(*vp_entry(&g, vp_table_off(4), 1) & 0x60, 0x20);
}

static void
c164_advice_on_vpagetable(void)
{
	static const int behavs[] = { VMS_MADV_WILLNEED, VMS_MADV_DONTNEED,
		VMS_MADV_FREE };
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 2);
	for (size_t i = 0; i < 3; i++) {
		*vp_entry(&g, vp_table_off(4), 0) = FRAME(0) | VRW;
		vp_inval(&g, VP, 2 * PAGE);
		EXPECT_EQ(poke(&g, VP, 5 + i), 0);
		/* A stale translation shows that nothing was dropped. */
		*vp_entry(&g, vp_table_off(4), 0) = 0;
		EXPECT_EQ(F->mcontrol(g.id, VP, 2 * PAGE, behavs[i], 0), 0);
		if (!chaos)
			EXPECT_EQ(peek_ok(&g, VP), 5 + i);
		EXPECT_EQ(*frame_word(&g, 0), 5 + i);
		EXPECT_EQ(*vp_entry(&g, vp_table_off(4), 1), FRAME(1) | VRW);
	}
}

/* 7.3: WILLNEED and DONTNEED keep the data of other mappings, FREE may lose
 * those of anonymous pages only. */
static void
c164_advice_on_normal(void)
{
	struct guest g;
	uint64_t value;

	guest_open(&g, id_of(1));
	map_anon(&g, HOLE, PAGE, RW);
	EXPECT_EQ(poke(&g, HOLE, 5), 0);
	EXPECT_EQ(poke(&g, DATA, 6), 0);
	EXPECT_EQ(F->mcontrol(g.id, HOLE, PAGE, VMS_MADV_WILLNEED, 0), 0);
	EXPECT_EQ(F->mcontrol(g.id, HOLE, PAGE, VMS_MADV_DONTNEED, 0), 0);
	EXPECT_EQ(peek_ok(&g, HOLE), 5);
	EXPECT_EQ(F->mcontrol(g.id, HOLE, PAGE, VMS_MADV_FREE, 0), 0);
	EXPECT_EQ(F->mcontrol(g.id, DATA, PAGE, VMS_MADV_FREE, 0), 0);
	value = peek_ok(&g, HOLE);
	EXPECT(value == 5 || value == 0);
	EXPECT_EQ(peek_ok(&g, DATA), 6);
	EXPECT_EQ(poke(&g, HOLE, 7), 0);
	EXPECT_EQ(peek_ok(&g, HOLE), 7);
}

static void
c166_pread_pwrite(void)
{
	char buf[8] = "abcdefg";

	EXPECT_EQ(F->pread(id_of(1), buf, 8, 0, 0), EINVAL);
	EXPECT_EQ(F->pwrite(id_of(1), buf, 8, 0, 0), EINVAL);
	EXPECT_EQ(F->create(id_of(1), 0, NULL), 0);
	EXPECT_EQ(F->pread(id_of(2), buf, 8, 0, 0), ENOENT);
	EXPECT_EQ(F->pwrite(id_of(2), buf, 8, 0, 0), ENOENT);
	EXPECT_EQ(F->pread(id_of(1), buf, 8, 0, 0), EINVAL);
	EXPECT_EQ(F->pwrite(id_of(1), buf, 8, 0, 0), EINVAL);
	EXPECT(strcmp(buf, "abcdefg") == 0);
}

static void
c167_nothing_is_looked_at(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	EXPECT_EQ(F->pread(g.id, NULL, 0, 0, 0), EINVAL);
	EXPECT_EQ(F->pwrite(g.id, NULL, 0, 0, 0), EINVAL);
	EXPECT_EQ(F->pread(g.id, id_of(16), 100, -1, -1), EINVAL);
	EXPECT_EQ(
	    F->pwrite(g.id, id_of(16), SIZE_MAX, 7, (int64_t)DATA), EINVAL);
	EXPECT_EQ(F->pread(g.id, g.mem, 8, 0, (int64_t)DATA), EINVAL);
	EXPECT_EQ(F->destroy(g.id), 0);
}

static const struct row rows[] = {
	{ "C151", "no registry EINVAL, unknown id ENOENT", c151_registry_and_id,
	    0 },
	{ "C152", "behaviours outside 0 to 11: EINVAL", c152_behaviours, 0 },
	{ "C153", "wrap and end of user space: EINVAL", c153_limits, 0 },
	{ "C154", "len 0 and pure holes: 0", c154_len_0_and_holes, 0 },
	{ "C155", "SETMAP on a normal mapping: EINVAL", c155_setmap_on_normal,
	    0 },
	{ "C156", "SETMAP over both kinds: EINVAL, yet set",
	    c156_setmap_over_both, 0 },
	{ "C157", "SETMAP takes any value", c157_any_value, 0 },
	{ "C158", "SETMAP is in force at the next access", c158_next_access,
	    0 },
	{ "C159", "SETMAP on a part governs the whole", c159_part, 0 },
	{ "C159", "SETMAP on one of two that continue", c159_two_that_continue,
	    0 },
	{ "C159", "two that do not continue stay apart", c159_two_that_do_not,
	    0 },
	{ "C160", "INVAL on a normal mapping", c160_inval_on_normal, 0 },
	{ "C161", "INVAL covers partly touched pages", c161_partial_pages, 0 },
	{ "C162", "INVAL in one vmspace only", c162_other_space, 0 },
	{ "C163", "INVAL leaves A and M", c163_inval_leaves_bits, 0 },
	{ "C164", "advice on VPAGETABLE has no effect",
	    c164_advice_on_vpagetable, 0 },
	{ "C164", "advice on normal mappings", c164_advice_on_normal, 0 },
	{ "C166", "pread, pwrite: EINVAL, ENOENT, EINVAL", c166_pread_pwrite,
	    0 },
	{ "C167", "pread, pwrite look at nothing", c167_nothing_is_looked_at,
	    0 },
};
ROW_GROUP(mcontrol, rows);
