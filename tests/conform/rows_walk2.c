/* SPDX-License-Identifier: BSD-2-Clause */
/* C188-C199: large entries, offsets, private and shared tables. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

#define A VMS_VPTE_A
#define M VMS_VPTE_M

static uint64_t no_value;

/* Numbers frame pages 0 to 31: 100 and up. */
static void
number_frames(struct guest *g)
{
	for (unsigned n = 0; n < 32; n++)
		*frame_word(g, n) = 100 + n;
}

static void
map_vp(struct guest *g, uint64_t len, int flags, int64_t offset)
{
	map_at(g, VP, len, RW, flags | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE,
	    flags & VMS_MAP_ANON ? -1 : g->fd, offset);
}

static void
setmap(struct guest *g, uint64_t len, uint64_t master)
{
	EXPECT_EQ(F->mcontrol(g->id, VP, len, VMS_MADV_SETMAP, master), 0);
}

static void
c188_ps_in_master(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	number_frames(&g);
	map_vp(&g, 8 * PAGE, VMS_MAP_SHARED, 0);
	setmap(&g, 8 * PAGE, FRAME(3) | VRW | PS);
	for (unsigned n = 0; n < 8; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 103 + n);
	EXPECT_EQ(poke(&g, VP + 2 * PAGE, 5), 0);
	EXPECT_EQ(*frame_word(&g, 5), 5);
	setmap(&g, 8 * PAGE, FRAME(3) | V | R | PS);
	EXPECT_EQ(poke(&g, VP + 2 * PAGE, 6), T_PAGEFLT);
	EXPECT_EQ(peek_ok(&g, VP + 2 * PAGE), 5);
}

/* A PS entry at a level: index 0 names frame 3 and up, index 1 frame 10. */
static void
ps_at_level(int level)
{
	uint64_t span = PAGE << 9 * (4 - level), value;
	struct guest g;

	guest_open(&g, id_of((uintptr_t)level));
	number_frames(&g);
	vp_tables(&g, 1, VRW);
	*vp_entry(&g, vp_table_off(level), 0) = FRAME(3) | VRW | PS;
	*vp_entry(&g, vp_table_off(level), 1) = FRAME(10) | V | R | PS;
	map_vp(&g, 3 * span, VMS_MAP_SHARED, 0);
	setmap(&g, 3 * span, vp_table_off(1) | VRW);
	for (unsigned n = 0; n < 8; n++) {
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 103 + n);
		EXPECT_EQ(peek_ok(&g, VP + span + n * PAGE), 110 + n);
	}
	EXPECT_EQ(poke(&g, VP + PAGE, 1), 0);
	EXPECT_EQ(*frame_word(&g, 4), 1);
	EXPECT_EQ(poke(&g, VP + span, 1), T_PAGEFLT);
	EXPECT_EQ(peek(&g, VP + 2 * span, &value), T_PAGEFLT);
	EXPECT_EQ(*vp_entry(&g, vp_table_off(level), 0) & (A | M), A | M);
	EXPECT_EQ(*vp_entry(&g, vp_table_off(level), 1) & (A | M), A);
	/* The last page of the entry that the file has, and the first that
	 * it has not. */
	value = (MEM_BYTES - FRAME(3)) / PAGE;
	if (span > value * PAGE) {
		EXPECT_EQ(peek_ok(&g, VP + (value - 1) * PAGE), 0);
		EXPECT_EQ(peek(&g, VP + value * PAGE, &no_value), T_PAGEFLT);
	}
}

static void
c189_ps_at_level_1(void)
{
	ps_at_level(1);
}

static void
c189_ps_at_level_2(void)
{
	ps_at_level(2);
}

static void
c189_ps_at_level_3(void)
{
	ps_at_level(3);
}

static void
c190_ps_in_leaf(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	number_frames(&g);
	vp_open(&g, 4);
	for (unsigned n = 0; n < 4; n++)
		*vp_entry(&g, vp_table_off(4), n) = FRAME(9 - n) | VRW | PS;
	for (unsigned n = 0; n < 4; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 109 - n);
}

static void
c191_beyond_the_file(void)
{
	static const uint64_t beyond[] = { MEM_BYTES, MEM_BYTES + PAGE,
		UINT64_C(0x7ffffffff000), UINT64_C(0x000ffffffffff000) };
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	for (int level = 1; level <= 4; level++) {
		uint64_t good = *vp_level(&g, level);

		for (size_t i = 0; i < 4; i++) {
			*vp_level(&g, level) = beyond[i] | VRW;
			EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
			EXPECT_EQ(g.tf.tf_err, 4);
			EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
			EXPECT_EQ(g.tf.tf_err, 6);
		}
		*vp_level(&g, level) = good;
	}
	for (size_t i = 0; i < 4; i++) {
		vp_master(&g, 1, beyond[i] | VRW);
		EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	}
	/* The last page of the file is inside. */
	vp_master(&g, 1, vp_table_off(1) | VRW);
	*vp_level(&g, 4) = (MEM_BYTES - PAGE) | VRW;
	EXPECT_EQ(poke(&g, VP, 1), 0);
}

/* The file grows under the tables: the next walk finds the page. */
static void
c191_file_grows(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*vp_level(&g, 4) = MEM_BYTES | VRW;
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT(ftruncate(g.fd, (off_t)(MEM_BYTES + PAGE)) == 0);
	EXPECT_EQ(peek_ok(&g, VP), 0);
}

static void
c192_index_from_the_start(void)
{
	static const uint64_t starts[] = { PAGE, UINT64_C(0x123456789000),
		UINT64_C(0x7ffffff00000), 0x3fffff000 };
	struct guest g;
	int flags = VMS_MAP_SHARED | VMS_MAP_FIXED | VMS_MAP_VPAGETABLE;

	guest_open(&g, id_of(1));
	number_frames(&g);
	vp_tables(&g, 4, VRW);
	for (size_t i = 0; i < 4; i++) {
		map_at(&g, starts[i], 4 * PAGE, RW, flags, g.fd, 0);
		EXPECT_EQ(F->mcontrol(g.id, starts[i], 4 * PAGE,
			      VMS_MADV_SETMAP, vp_table_off(1) | VRW),
		    0);
		for (unsigned n = 0; n < 4; n++)
			EXPECT_EQ(peek_ok(&g, starts[i] + n * PAGE), 100 + n);
	}
}

static void
c193_shared_with_offset(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	number_frames(&g);
	vp_tables(&g, 16, VRW);
	map_vp(&g, 4 * PAGE, VMS_MAP_SHARED, 5 * (int64_t)PAGE);
	setmap(&g, 4 * PAGE, vp_table_off(1) | VRW);
	for (unsigned n = 0; n < 4; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 105 + n);
}

/* The offset may lie beyond the file: only indices come from it. */
static void
c193_large_offset(void)
{
	struct guest g;
	uint64_t offset = UINT64_C(0x7f8000000000); /* as 10.1 step 3 */

	guest_open(&g, id_of(1));
	number_frames(&g);
	vp_tables(&g, 4, VRW);
	*vp_entry(&g, vp_table_off(1), 255) = vp_table_off(2) | VRW;
	*vp_level(&g, 1) = 0;
	map_vp(&g, 4 * PAGE, VMS_MAP_SHARED, (int64_t)offset);
	setmap(&g, 4 * PAGE, vp_table_off(1) | VRW);
	EXPECT_EQ(peek_ok(&g, VP + 3 * PAGE), 103);
}

static void
c193_private_with_offset(void)
{
	struct guest g;
	uint64_t base = 5 * PAGE;

	guest_open(&g, id_of(1));
	number_frames(&g);
	vp_tables(&g, 4, VRW);
	for (int level = 1; level < 4; level++)
		*vp_level(&g, level) -= base;
	for (unsigned n = 0; n < 4; n++)
		*vp_entry(&g, vp_table_off(4), n) -= base;
	map_vp(&g, 4 * PAGE, VMS_MAP_PRIVATE, (int64_t)base);
	setmap(&g, 4 * PAGE, (vp_table_off(1) - base) | VRW);
	for (unsigned n = 0; n < 4; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 100 + n);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	EXPECT_EQ(*frame_word(&g, 0), 100);
}

/* Two vmspaces, one leaf table, different masters. */
static void
two_spaces(struct guest *a, struct guest *b)
{
	guest_open(a, id_of(1));
	guest_open_over(b, id_of(2), a);
	number_frames(a);
	vp_open(a, 4);
	vp_map(b, 4);
	/* b: a top table of its own at frame 31, the same below. */
	*word_at(a, FRAME(31)) = vp_table_off(2) | VRW;
	vp_master(b, 4, FRAME(31) | VRW);
}

static void
c194_different_masters(void)
{
	struct guest a, b;

	two_spaces(&a, &b);
	EXPECT_EQ(peek_ok(&a, VP), 100);
	EXPECT_EQ(peek_ok(&b, VP), 100);
	vp_master(&b, 4, FRAME(8) | VRW | PS);
	EXPECT_EQ(peek_ok(&a, VP), 100);
	EXPECT_EQ(peek_ok(&b, VP), 108);
	EXPECT_EQ(peek_ok(&a, VP + PAGE), 101);
	EXPECT_EQ(peek_ok(&b, VP + PAGE), 109);
}

static void
c195_data_is_shared(void)
{
	struct guest a, b;

	two_spaces(&a, &b);
	for (uint64_t i = 0; i < 10; i += 2) {
		EXPECT_EQ(poke(&a, VP, i), 0);
		EXPECT_EQ(peek_ok(&b, VP), i);
		EXPECT_EQ(poke(&b, VP, i + 1), 0);
		EXPECT_EQ(peek_ok(&a, VP), i + 1);
	}
}

static void
c196_bits_are_shared(void)
{
	struct guest a, b;

	two_spaces(&a, &b);
	EXPECT_EQ(*vp_level(&a, 4) & (A | M), 0);
	EXPECT_EQ(peek_ok(&b, VP), 100);
	EXPECT_EQ(*vp_level(&a, 4) & (A | M), A);
	EXPECT_EQ(*vp_level(&a, 1) & (A | M), 0);
	EXPECT_EQ(poke(&b, VP, 1), 0);
	EXPECT_EQ(*vp_level(&a, 4) & (A | M), A | M);
	EXPECT_EQ(*vp_level(&a, 2) & (A | M), A | M);
	EXPECT_EQ(*vp_level(&a, 1) & (A | M), 0);
}

static void
c197_private_tables(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	number_frames(&g);
	vp_tables(&g, 4, VRW);
	map_vp(&g, 4 * PAGE, VMS_MAP_PRIVATE, 0);
	setmap(&g, 4 * PAGE, vp_table_off(1) | VRW);
	EXPECT_EQ(peek_ok(&g, VP), 100);
	EXPECT_EQ(poke(&g, VP, 5), 0);
	EXPECT_EQ(peek_ok(&g, VP), 5);
	EXPECT_EQ(*frame_word(&g, 0), 100);
	for (int level = 1; level <= 4; level++)
		EXPECT_EQ(*vp_level(&g, level) & (A | M), 0);
	/* 9.4: the tables passed are copies now; later changes go unseen. */
	*vp_entry(&g, vp_table_off(4), 1) = 0;
	vp_inval(&g, VP, 4 * PAGE);
	EXPECT_EQ(peek_ok(&g, VP + PAGE), 101);
	EXPECT_EQ(peek_ok(&g, VP), 5);
}

static void
c198_anonymous(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	map_vp(&g, 8 * PAGE, VMS_MAP_ANON | VMS_MAP_PRIVATE, 0);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	setmap(&g, 8 * PAGE, VRW);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
	setmap(&g, 8 * PAGE, PS | VRW);
	for (unsigned n = 0; n < 8; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 0);
	for (unsigned n = 0; n < 8; n++)
		EXPECT_EQ(poke(&g, VP + n * PAGE, n + 1), 0);
	/* Another frame: other pages of the same object. */
	setmap(&g, 8 * PAGE, (4 * PAGE) | PS | VRW);
	EXPECT_EQ(peek_ok(&g, VP), 5);
	EXPECT_EQ(peek_ok(&g, VP + 3 * PAGE), 8);
	EXPECT_EQ(peek_ok(&g, VP + 4 * PAGE), 0);
	/* 5.7: the object is much larger than the mapping. */
	setmap(&g, 8 * PAGE, (UINT64_C(0x7FFFFFF0) * PAGE) | PS | VRW);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	setmap(&g, 8 * PAGE, (UINT64_C(0x7FFFFFFF) * PAGE) | PS | VRW);
	EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
}

static const uint8_t store_code[] = {
	0x48, 0x89, 0x07, /* mov QWORD PTR [rdi],rax */
	0xcc,             /* int3 */
};
static const uint8_t load_code[] = {
	0x48, 0x8b, 0x1f, /* mov rbx,QWORD PTR [rdi] */
	0xcc,             /* int3 */
};
static const uint8_t store16_code[] = {
	0x66, 0x89, 0x07, /* mov WORD PTR [rdi],ax */
	0xcc,             /* int3 */
};

static void
c199_crossing(void)
{
	struct guest g;
	uint64_t edge = VP + PAGE;

	guest_open(&g, id_of(1));
	vp_open(&g, 2);
	memset(frame_word(&g, 0), 0x11, PAGE);
	*vp_entry(&g, vp_table_off(4), 1) = 0;
	for (uint64_t back = 1; back < 8; back++) {
		guest_code(&g, store_code, sizeof(store_code));
		guest_frame(&g);
		g.tf.tf_rdi = (int64_t)(edge - back);
		g.tf.tf_rax = -1;
		EXPECT_EQ(guest_run(&g), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, edge);
		EXPECT_EQ(g.tf.tf_err, 6);
		EXPECT_EQ(g.tf.tf_rip, CODE);
		guest_code(&g, load_code, sizeof(load_code));
		guest_frame(&g);
		g.tf.tf_rdi = (int64_t)(edge - back);
		EXPECT_EQ(guest_run(&g), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_addr, edge);
		EXPECT_EQ(g.tf.tf_err, 4);
		EXPECT_EQ(g.tf.tf_rbx, 0);
	}
	guest_code(&g, store16_code, sizeof(store16_code));
	guest_frame(&g);
	g.tf.tf_rdi = (int64_t)(edge - 1);
	EXPECT_EQ(guest_run(&g), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_addr, edge);
	for (unsigned i = 0; i < PAGE / 8; i++)
		EXPECT_EQ(frame_word(&g, 0)[i], 0x1111111111111111);
	*vp_entry(&g, vp_table_off(4), 1) = FRAME(1) | VRW;
	guest_code(&g, store_code, sizeof(store_code));
	guest_frame(&g);
	g.tf.tf_rdi = (int64_t)(edge - 4);
	g.tf.tf_rax = 0x2222222233333333;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(frame_word(&g, 0)[511], 0x3333333311111111);
	EXPECT_EQ(*frame_word(&g, 1), 0x22222222);
}

static const struct row rows[] = {
	{ "C188", "PS in the master: linear", c188_ps_in_master, 0 },
	{ "C189", "PS at level 1: 512 GB", c189_ps_at_level_1, 0 },
	{ "C189", "PS at level 2: 1 GB", c189_ps_at_level_2, 0 },
	{ "C189", "PS at level 3: 2 MB", c189_ps_at_level_3, 0 },
	{ "C190", "PS in a leaf changes nothing", c190_ps_in_leaf, 0 },
	{ "C191", "frames and tables beyond the file", c191_beyond_the_file,
	    0 },
	{ "C191", "the file grows", c191_file_grows, 0 },
	{ "C192", "indices count from the mapping's start",
	    c192_index_from_the_start, 0 },
	{ "C193", "shared with an offset", c193_shared_with_offset, 0 },
	{ "C193", "an offset as large as a kernel address", c193_large_offset,
	    0 },
	{ "C193", "private with an offset", c193_private_with_offset, 0 },
	{ "C194", "shared tables, different masters", c194_different_masters,
	    0 },
	{ "C195", "data writes are seen by both", c195_data_is_shared, 0 },
	{ "C196", "A and M are seen by both", c196_bits_are_shared, 0 },
	{ "C197", "private: the file's tables are left", c197_private_tables,
	    0 },
	{ "C198", "anonymous VPAGETABLE", c198_anonymous, 0 },
	{ "C199", "a store across two pages, the second bad", c199_crossing,
	    0 },
};
ROW_GROUP(walk2, rows);
