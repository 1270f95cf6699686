/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk of specification 9.4 over an anonymous object of 64 pages. */
#include <errno.h>

#include "tests/unit/vm_fixture.h"
#include "vmspace/vpte.h"

#define OBJECT_PAGES 64
#define V            VMS_VPTE_V
#define R            VMS_VPTE_R
#define W            VMS_VPTE_W
#define A            VMS_VPTE_A
#define M            VMS_VPTE_M
#define PS           VMS_VPTE_PS

static struct vm_object *object;

static void
setup(void)
{
	vm_setup();
	ck_assert_int_eq(vm_object_anon(&vms, OBJECT_PAGES, &object), 0);
}

static void
teardown(void)
{
	vm_object_drop(object);
	vm_teardown();
}

static uint64_t *
table(uint64_t page)
{
	uint64_t pa;
	bool writable;

	ck_assert_int_eq(vm_object_page(object, page, true, &pa, &writable), 0);
	return (uint64_t *)(void *)arena_host(vms.arena, pa);
}

static int
walk(vms_vpte_t master, uint64_t pindex, bool write, uint64_t *index)
{
	struct vpte_walk walk = {
		.arena = vms.arena,
		.era = (enum vms_era)vms.config.era,
		.object = object,
		.master = master,
		.pindex = pindex,
		.write = write,
	};
	uint64_t peeked = 0;
	int peek_error = vpte_peek(&walk, &peeked);
	int error = vpte_walk(&walk, index);

	/* A peek before and after always agrees. */
	ck_assert_int_eq(peek_error, error);
	if (error == 0)
		ck_assert_uint_eq(peeked, *index);
	ck_assert_int_eq(vpte_peek(&walk, &peeked), error);
	return error;
}

/* Tables on pages 1 to 4; pindex has index 11, 22, 33, 44 from the top. */
#define FRAME(page) ((uint64_t)(page) << 12)
#define PINDEX                                                                 \
	((UINT64_C(11) << 27) | (UINT64_C(22) << 18) | (UINT64_C(33) << 9) | 44)
static const unsigned slots[] = { 0, 11, 22, 33, 44 };
#define DATA 9

/* Writes the chain with bits on every level but one, which has odd; returns
 * the master.  Level 0 is the master, 4 the leaf. */
static vms_vpte_t
chain(vms_vpte_t bits, unsigned level, vms_vpte_t odd)
{
	for (unsigned i = 1; i <= 4; i++)
		table(i)[slots[i]] =
		    FRAME(i == 4 ? DATA : i + 1) | (i == level ? odd : bits);
	return FRAME(1) | (level == 0 ? odd : bits);
}

/* A and M of the entry of this level. */
static vms_vpte_t
marks(unsigned level)
{
	return table(level)[slots[level]] & (A | M);
}

START_TEST(test_four_levels_reach_the_page)
{
	uint64_t index = 0;

	ck_assert_int_eq(walk(chain(VRW, 9, 0), PINDEX, _i == 1, &index), 0);
	ck_assert_uint_eq(index, DATA);
}
END_TEST

START_TEST(test_bits_above_35_of_the_index_are_ignored)
{
	uint64_t index = 0;

	ck_assert_int_eq(
	    walk(chain(VRW, 9, 0), PINDEX | UINT64_C(7) << 36, false, &index),
	    0);
	ck_assert_uint_eq(index, DATA);
}
END_TEST

/* C169 to C173, C176, C178, C179: for every level the bits that one entry may
 * have, and what a read and a write then do. */
START_TEST(test_level_denies)
{
	static const struct {
		vms_vpte_t bits;
		bool reads, writes;
	} rows[] = {
		{ 0, false, false },
		{ R | W | PS | A | M, false, false }, /* no V */
		{ V, false, false },
		{ V | R, true, false },
		{ V | W, false, true },
		{ V | R | W, true, true },
	};
	const int count = sizeof(rows) / sizeof(rows[0]);
	unsigned level = (unsigned)(_i / count / 2);
	bool write = _i / count % 2;
	vms_vpte_t bits = rows[_i % count].bits;
	vms_vpte_t master = chain(VRW, level, bits);
	bool granted = write ? rows[_i % count].writes : rows[_i % count].reads;
	uint64_t index = 77;

	ck_assert_int_eq(
	    walk(master, PINDEX, write, &index), granted ? 0 : EFAULT);
	ck_assert_uint_eq(index, granted ? DATA : 77);
	for (unsigned i = 1; i <= 4; i++) {
		vms_vpte_t expected = 0;
		if (i < level || granted)
			expected = write ? A | M : A;
		else if (i == level)
			expected = bits & (A | M);
		ck_assert_uint_eq(marks(i), expected);
	}
}
END_TEST

START_TEST(test_x_and_u_are_not_looked_at)
{
	uint64_t index;

	ck_assert_int_eq(walk(chain(VRW | VMS_VPTE_X | VMS_VPTE_U, 9, 0),
			     PINDEX, false, &index),
	    0);
	ck_assert_int_eq(walk(chain(VRW, 9, 0), PINDEX, false, &index), 0);
}
END_TEST

START_TEST(test_other_bits_survive_the_marks)
{
	vms_vpte_t other = VMS_VPTE_X | VMS_VPTE_U | VMS_VPTE_MANAGED |
			   VMS_VPTE_G | VMS_VPTE_WIRED |
			   UINT64_C(0xABC0000000000800);
	uint64_t index;

	ck_assert_int_eq(
	    walk(chain(VRW | other, 9, 0), PINDEX, true, &index), 0);
	for (unsigned i = 1; i <= 4; i++)
		ck_assert_uint_eq(table(i)[slots[i]],
		    FRAME(i == 4 ? DATA : i + 1) | VRW | other | A | M);
}
END_TEST

/* C188 to C190: the frame is added, so it need not be aligned. */
START_TEST(test_large_entry_is_linear)
{
	uint64_t below = PINDEX & ((UINT64_C(1) << (36 - 9 * _i)) - 1);
	vms_vpte_t master = chain(VRW, (unsigned)_i, 0);
	vms_vpte_t large = FRAME(3) | VRW | PS;
	uint64_t index;

	if (_i == 0)
		master = large;
	else
		table((uint64_t)_i)[slots[_i]] = large;
	ck_assert_int_eq(walk(master, PINDEX, false, &index), 0);
	ck_assert_uint_eq(index, 3 + below);
	for (unsigned i = 1; i <= 4; i++)
		ck_assert_uint_eq(marks(i), i <= (unsigned)_i ? A : 0);
}
END_TEST

START_TEST(test_master_is_not_written)
{
	struct vpte_walk w = { .arena = vms.arena,
		.object = object,
		.master = VRW | PS,
		.pindex = 5,
		.write = true };
	uint64_t index;

	ck_assert_int_eq(vpte_walk(&w, &index), 0);
	ck_assert_uint_eq(index, 5);
	ck_assert_uint_eq(w.master, VRW | PS);
}
END_TEST

START_TEST(test_table_beyond_the_object)
{
	uint64_t index;
	vms_vpte_t master = chain(VRW, 9, 0);

	table((uint64_t)_i)[slots[_i]] = FRAME(OBJECT_PAGES) | VRW;
	ck_assert_int_eq(
	    walk(master, PINDEX, false, &index), _i == 4 ? 0 : EFAULT);
	ck_assert_uint_eq(marks((unsigned)_i), A);
	ck_assert_int_eq(
	    walk(FRAME(OBJECT_PAGES) | VRW, PINDEX, false, &index), EFAULT);
}
END_TEST

START_TEST(test_zero_tables_deny)
{
	uint64_t index;

	ck_assert_int_eq(walk(VRW, PINDEX, false, &index), EFAULT);
}
END_TEST

/* No R; W is 0x2, PS is 0x80: the same bits mean other things. */
START_TEST(test_era_2013)
{
	static const struct {
		const char *name;
		vms_vpte_t bits;
		unsigned level;
		bool reads, writes;
		uint64_t index;
	} rows[] = {
		{ "V alone reads", V, 4, true, false, DATA },
		{ "0x2 writes", V | 0x2, 4, true, true, DATA },
		{ "0x8 does not", V | 0x8, 4, true, false, DATA },
		{ "0x80 is large", V | 0x82, 3, true, true, 4 + 44 },
		{ "no V", 0x2, 4, false, false, 0 },
		{ "directory denies writes", V, 2, true, false, DATA },
	};
	uint64_t index = 0;
	vms_vpte_t master;

	vms.config.era = VMS_ERA_2013;
	master = chain(V | VMS_VPTE13_W, rows[_i].level, rows[_i].bits);
	ck_assert_int_eq(
	    walk(master, PINDEX, false, &index), rows[_i].reads ? 0 : EFAULT);
	ck_assert_uint_eq(index, rows[_i].index);
	ck_assert_int_eq(
	    walk(master, PINDEX, true, &index), rows[_i].writes ? 0 : EFAULT);
}
END_TEST

START_TEST(test_peek_sets_and_makes_nothing)
{
	vms_vpte_t master = chain(VRW, 9, 0);
	struct vpte_walk w = { .arena = vms.arena,
		.object = object,
		.master = master,
		.pindex = PINDEX,
		.write = true };
	uint64_t used = arena_used(vms.arena), index;

	ck_assert_int_eq(vpte_peek(&w, &index), 0);
	ck_assert_uint_eq(index, DATA);
	for (unsigned i = 1; i <= 4; i++)
		ck_assert_uint_eq(marks(i), 0);
	w.master = FRAME(20) | VRW;
	ck_assert_int_eq(vpte_peek(&w, &index), EFAULT);
	w.object = NULL;
	ck_assert_int_eq(vpte_peek(&w, &index), EFAULT);
	w.master = VRW | PS;
	ck_assert_int_eq(vpte_peek(&w, &index), 0);
	ck_assert_uint_eq(arena_used(vms.arena), used);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vpte");
	TCase *tc = tcase_create("vpte");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(tc, test_four_levels_reach_the_page, 0, 2);
	tcase_add_test(tc, test_bits_above_35_of_the_index_are_ignored);
	tcase_add_loop_test(tc, test_level_denies, 0, 5 * 2 * 6);
	tcase_add_test(tc, test_x_and_u_are_not_looked_at);
	tcase_add_test(tc, test_other_bits_survive_the_marks);
	tcase_add_loop_test(tc, test_large_entry_is_linear, 0, 4);
	tcase_add_test(tc, test_master_is_not_written);
	tcase_add_loop_test(tc, test_table_beyond_the_object, 1, 5);
	tcase_add_test(tc, test_zero_tables_deny);
	tcase_add_loop_test(tc, test_era_2013, 0, 6);
	tcase_add_test(tc, test_peek_sets_and_makes_nothing);
	return suite_run(suite);
}
