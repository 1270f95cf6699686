/* SPDX-License-Identifier: BSD-2-Clause */
/* C168-C187, C200: the walk and its bits (vm_fault_vpagetable, vm_fault.c). */
#include <errno.h>
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

#define A VMS_VPTE_A
#define M VMS_VPTE_M

static uint64_t no_value;

static uint64_t
bits(struct guest *g, int level)
{
	return *vp_level(g, level) & (A | M);
}

static void
c168_no_master(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_tables(&g, 1, VRW);
	vp_map(&g, 1);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
	EXPECT_EQ(g.tf.tf_addr, VP);
	EXPECT_EQ(poke(&g, VP + 8, 1), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 6);
	EXPECT_EQ(g.tf.tf_addr, VP + 8);
	EXPECT_EQ(fetch(&g, VP), T_PAGEFLT);
}

static void
c169_master_without_v(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	vp_master(&g, 1, vp_table_off(1) | R | W);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
	EXPECT_EQ(bits(&g, 1), 0);
}

static void
c170_master_read_only(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	vp_master(&g, 1, vp_table_off(1) | V | R);
	EXPECT_EQ(peek_ok(&g, VP), 0);
	EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
	EXPECT_EQ(err_of(&g), ERR(7));
}

static void
c171_four_levels(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 16);
	for (unsigned n = 0; n < 16; n++)
		*frame_word(&g, n) = 100 + n;
	for (unsigned n = 0; n < 16; n++)
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 100 + n);
	for (unsigned n = 0; n < 16; n++)
		EXPECT_EQ(poke(&g, VP + n * PAGE + 8, n), 0);
	for (unsigned n = 0; n < 16; n++)
		EXPECT_EQ(frame_word(&g, n)[1], n);
}

/* Tables without flag at one level; 0 is the master. */
static void
open_without(struct guest *g, int level, uint64_t flag)
{
	vp_open(g, 1);
	if (level == 0)
		vp_master(g, 1, vp_table_off(1) | (VRW & ~flag));
	else
		*vp_level(g, level) &= ~flag;
}

static void
c172_r_missing(void)
{
	struct guest g;

	for (int level = 0; level <= 4; level++) {
		guest_open(&g, id_of(1 + (uintptr_t)level));
		open_without(&g, level, R);
		EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_err, 4);
		EXPECT_EQ(poke(&g, VP, 1), 0);
	}
}

static void
c173_w_missing(void)
{
	struct guest g;

	for (int level = 0; level <= 4; level++) {
		guest_open(&g, id_of(1 + (uintptr_t)level));
		open_without(&g, level, W);
		EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
		EXPECT_EQ(g.tf.tf_err, 6);
		EXPECT_EQ(peek_ok(&g, VP), 0);
		EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
		EXPECT_EQ(err_of(&g), ERR(7));
	}
}

static void
c173_v_missing(void)
{
	struct guest g;

	for (int level = 0; level <= 4; level++) {
		guest_open(&g, id_of(1 + (uintptr_t)level));
		open_without(&g, level, V);
		EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
		EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
	}
}

static void
c174_write_only(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*vp_level(&g, 4) = FRAME(0) | V | W;
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(poke(&g, VP, 4711), 0);
	EXPECT_EQ(*frame_word(&g, 0), 4711);
	if (!chaos)
		EXPECT_EQ(peek_ok(&g, VP), 4711);
	vp_inval(&g, VP, PAGE);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
}

static void
c175_x_and_u(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	memset(frame_word(&g, 0), 0xcc, 64);
	EXPECT_EQ(*vp_level(&g, 4) & (VMS_VPTE_X | VMS_VPTE_U), 0);
	EXPECT_EQ(fetch(&g, VP), 0);
	EXPECT_EQ(poke(&g, VP + 8, 1), 0);
	EXPECT_EQ(peek_ok(&g, VP + 8), 1);
	EXPECT_EQ(fetch(&g, VP), 0);
}

/* MANAGED, G, WIRED and the bits above the frame change nothing. */
static void
c175_other_bits(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	for (int level = 1; level <= 4; level++)
		*vp_level(&g, level) |= UINT64_C(0xfff0000000000f90);
	EXPECT_EQ(poke(&g, VP, 5), 0);
	EXPECT_EQ(*frame_word(&g, 0), 5);
	for (int level = 1; level <= 4; level++)
		EXPECT_EQ(*vp_level(&g, level) & UINT64_C(0xfff0000000000ff0),
		    UINT64_C(0xfff0000000000ff0));
}

static void
c176_read_sets_a(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 2);
	EXPECT_EQ(peek_ok(&g, VP), 0);
	for (int level = 1; level <= 4; level++)
		EXPECT_EQ(bits(&g, level), A);
	EXPECT_EQ(*vp_entry(&g, vp_table_off(4), 1) & (A | M), 0);
}

/* A fetch is a read. */
static void
c176_fetch_sets_a(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	memset(frame_word(&g, 0), 0xcc, 64);
	EXPECT_EQ(fetch(&g, VP), 0);
	for (int level = 1; level <= 4; level++)
		EXPECT_EQ(bits(&g, level), A);
}

static void
c177_write_sets_a_and_m(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 2);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	for (int level = 1; level <= 4; level++)
		EXPECT_EQ(bits(&g, level), A | M);
	EXPECT_EQ(*vp_entry(&g, vp_table_off(4), 1) & (A | M), 0);
}

static void
c178_upper_levels_first(void)
{
	struct guest g;

	for (int bad = 2; bad <= 4; bad++) {
		guest_open(&g, id_of((uintptr_t)bad));
		vp_open(&g, 1);
		*vp_level(&g, bad) = 0;
		EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
		for (int level = 1; level < bad; level++)
			EXPECT_EQ(bits(&g, level), A);
		EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
		for (int level = 1; level < bad; level++)
			EXPECT_EQ(bits(&g, level), A | M);
		EXPECT_EQ(*vp_level(&g, bad), 0);
	}
}

static void
c179_denied_gets_no_bit(void)
{
	struct guest g;

	for (int level = 1; level <= 4; level++) {
		guest_open(&g, id_of((uintptr_t)level));
		vp_open(&g, 1);
		*vp_level(&g, level) &= ~W;
		EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
		EXPECT_EQ(bits(&g, level), 0);
		for (int below = level + 1; below <= 4; below++)
			EXPECT_EQ(bits(&g, below), 0);
		*vp_level(&g, level) &= ~V;
		EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
		EXPECT_EQ(bits(&g, level), 0);
	}
}

/* The master is no word in memory: its flags would show in the file if the
 * walk wrote them anywhere. */
static void
c180_master_unmodified(void)
{
	struct guest g;
	static uint8_t before[MEM_BYTES];

	guest_open(&g, id_of(1));
	vp_map(&g, 1);
	vp_master(&g, 1, FRAME(0) | VRW | PS);
	EXPECT_EQ(peek(&g, HOLE, &no_value), T_PAGEFLT);
	memcpy(before, g.mem, MEM_BYTES);
	EXPECT_EQ(peek_ok(&g, VP), 0);
	EXPECT_EQ(poke(&g, VP, 0), 0);
	EXPECT(memcmp(before, g.mem, MEM_BYTES) == 0);
	/* It still grants exactly what it granted. */
	vp_master(&g, 1, FRAME(0) | V | R | PS);
	EXPECT_EQ(peek_ok(&g, VP), 0);
	EXPECT_EQ(poke(&g, VP, 0), T_PAGEFLT);
	EXPECT(memcmp(before, g.mem, MEM_BYTES) == 0);
}

static void
c181_read_then_write(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	EXPECT_EQ(peek_ok(&g, VP), 0);
	EXPECT_EQ(bits(&g, 4), A);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	EXPECT_EQ(bits(&g, 4), A | M);
}

static const uint8_t read_write_code[] = {
	0x48, 0x8b, 0x07, /* mov rax,QWORD PTR [rdi] */
	0x48, 0x89, 0x0f, /* mov QWORD PTR [rdi],rcx */
	0x48, 0x8b, 0x17, /* mov rdx,QWORD PTR [rdi] */
	0xcc,             /* int3 */
};

/* In one run, so that nothing in between can help. */
static void
c181_in_one_run(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*frame_word(&g, 0) = 5;
	guest_code(&g, read_write_code, sizeof(read_write_code));
	g.tf.tf_rdi = (int64_t)VP;
	g.tf.tf_rcx = 6;
	EXPECT_EQ(guest_run(&g), T_BPTFLT);
	EXPECT_EQ(g.tf.tf_rax, 5);
	EXPECT_EQ(g.tf.tf_rdx, 6);
	EXPECT_EQ(bits(&g, 4), A | M);
}

/* 9.4 step 8: a read enters read-only even when M is set already. */
static void
c181_m_set_already(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*vp_level(&g, 4) |= A | M;
	EXPECT_EQ(peek_ok(&g, VP), 0);
	*vp_level(&g, 4) &= ~M;
	EXPECT_EQ(poke(&g, VP, 1), 0);
	EXPECT_EQ(bits(&g, 4), A | M);
}

static void
c182_m_again(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	for (uint64_t i = 1; i < 5; i++) {
		EXPECT_EQ(poke(&g, VP, i), 0);
		EXPECT_EQ(bits(&g, 4), A | M);
		*vp_level(&g, 4) &= ~M;
		vp_inval(&g, VP, PAGE);
		EXPECT_EQ(bits(&g, 4), A);
	}
	/* 9.5: without INVAL further writes set nothing. */
	EXPECT_EQ(poke(&g, VP, 9), 0);
	*vp_level(&g, 4) &= ~M;
	EXPECT_EQ(poke(&g, VP, 10), 0);
	if (!chaos)
		EXPECT_EQ(bits(&g, 4), A);
}

static void
c183_w_cleared(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	EXPECT_EQ(poke(&g, VP, 1), 0);
	*vp_level(&g, 4) &= ~W;
	if (!chaos) {
		EXPECT_EQ(poke(&g, VP, 2), 0);
		EXPECT_EQ(*frame_word(&g, 0), 2);
	}
	vp_inval(&g, VP, PAGE);
	EXPECT_EQ(poke(&g, VP, 3), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 6);
	EXPECT(*frame_word(&g, 0) != 3);
	EXPECT_EQ(peek_ok(&g, VP), *frame_word(&g, 0));
}

static void
c184_v_cleared(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*frame_word(&g, 0) = 5;
	EXPECT_EQ(peek_ok(&g, VP), 5);
	*vp_level(&g, 4) = 0;
	if (!chaos)
		EXPECT_EQ(peek_ok(&g, VP), 5);
	vp_inval(&g, VP, PAGE);
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	EXPECT_EQ(g.tf.tf_err, 4);
}

static void
c185_v_set(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*vp_level(&g, 4) = 0;
	EXPECT_EQ(peek(&g, VP, &no_value), T_PAGEFLT);
	*vp_level(&g, 4) = FRAME(0) | VRW;
	EXPECT_EQ(peek_ok(&g, VP), 0);
	EXPECT_EQ(poke(&g, VP, 1), 0);
}

static void
c186_w_added(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*vp_level(&g, 4) = FRAME(0) | V | R;
	EXPECT_EQ(peek_ok(&g, VP), 0);
	EXPECT_EQ(poke(&g, VP, 1), T_PAGEFLT);
	*vp_level(&g, 4) |= W;
	EXPECT_EQ(poke(&g, VP, 1), 0);
	EXPECT_EQ(*frame_word(&g, 0), 1);
}

static void
c187_frame_changed(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	*frame_word(&g, 0) = 100;
	*frame_word(&g, 1) = 101;
	EXPECT_EQ(peek_ok(&g, VP), 100);
	*vp_level(&g, 4) = FRAME(1) | VRW;
	if (!chaos)
		EXPECT_EQ(peek_ok(&g, VP), 100);
	vp_inval(&g, VP, PAGE);
	EXPECT_EQ(peek_ok(&g, VP), 101);
	EXPECT_EQ(poke(&g, VP, 5), 0);
	EXPECT_EQ(*frame_word(&g, 1), 5);
	EXPECT_EQ(*frame_word(&g, 0), 100);
}

/* Code is looked at by its page, not by its address. */
static void
c187_code_frame_changed(void)
{
	static const uint8_t one[] = { 0xb8, 1, 0, 0, 0, 0xcc };
	static const uint8_t two[] = { 0xb8, 2, 0, 0, 0, 0xcc };
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 1);
	memcpy(frame_word(&g, 0), one, sizeof(one)); /* mov eax,1; int3 */
	memcpy(frame_word(&g, 1), two, sizeof(two)); /* mov eax,2; int3 */
	for (unsigned i = 0; i < 6; i++) {
		*vp_level(&g, 4) = FRAME(i % 2) | VRW;
		vp_inval(&g, VP, PAGE);
		EXPECT_EQ(fetch(&g, VP), 0);
		EXPECT_EQ(g.tf.tf_rax, i % 2 + 1);
	}
}

static void
c200_plain_stores(void)
{
	struct guest g;

	guest_open(&g, id_of(1));
	vp_open(&g, 8);
	for (unsigned n = 0; n < 8; n++) {
		*frame_word(&g, n + 8) = 100 + n;
		*vp_entry(&g, vp_table_off(4), n) = FRAME(n + 8) | VRW;
		EXPECT_EQ(peek_ok(&g, VP + n * PAGE), 100 + n);
	}
}

static const struct row rows[] = {
	{ "C168", "without SETMAP every access traps", c168_no_master, 0 },
	{ "C169", "master without V", c169_master_without_v, 0 },
	{ "C170", "master V|R: reads only", c170_master_read_only, 0 },
	{ "C171", "a four-level table", c171_four_levels, 0 },
	{ "C172", "R missing at any level", c172_r_missing, 0 },
	{ "C173", "W missing at any level", c173_w_missing, 0 },
	{ "C173", "V missing at any level", c173_v_missing, 0 },
	{ "C174", "leaf V|W without R", c174_write_only, 0 },
	{ "C175", "X and U are not looked at", c175_x_and_u, 0 },
	{ "C175", "nor are the other bits", c175_other_bits, 0 },
	{ "C176", "read sets A in all levels", c176_read_sets_a, 0 },
	{ "C176", "fetch sets A in all levels", c176_fetch_sets_a, 0 },
	{ "C177", "write sets A and M in all levels", c177_write_sets_a_and_m,
	    0 },
	{ "C178", "upper levels are marked when a lower fails",
	    c178_upper_levels_first, 0 },
	{ "C179", "an entry that denies gets no bit", c179_denied_gets_no_bit,
	    0 },
	{ "C180", "the master is never modified", c180_master_unmodified, 0 },
	{ "C181", "read then write sets M silently", c181_read_then_write, 0 },
	{ "C181", "also within one run", c181_in_one_run, 0 },
	{ "C181", "a read enters read-only though M is set", c181_m_set_already,
	    0 },
	{ "C182", "M cleared, INVAL, write: M again", c182_m_again, 0 },
	{ "C183", "W cleared: traps after INVAL", c183_w_cleared, 0 },
	{ "C184", "V cleared: traps after INVAL", c184_v_cleared, 0 },
	{ "C185", "V set needs no INVAL", c185_v_set, 0 },
	{ "C186", "W added needs no INVAL", c186_w_added, 0 },
	{ "C187", "frame changed, INVAL: the new page", c187_frame_changed, 0 },
	{ "C187", "also for code", c187_code_frame_changed, 0 },
	{ "C200", "table changes by plain stores", c200_plain_stores, 0 },
};
ROW_GROUP(walk, rows);
