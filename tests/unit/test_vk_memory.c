/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, page tables and areas of the reference vkernel. */
#include "tests/unit/vk_fixture.h"

#define PAGE UINT64_C(4096)

START_TEST(test_frames_run_out_and_come_back)
{
	uint64_t first, frame, last;
	uint32_t count, i;

	count = image_free_count(&memory.image);
	last = 0;
	for (i = 0; i < count; i++) {
		ck_assert_int_eq(image_alloc_zero(&memory.image, &frame), 0);
		ck_assert_uint_ne(frame, 0);
		ck_assert_uint_ne(frame, last);
		last = frame;
	}
	ck_assert_int_eq(image_alloc(&memory.image, &frame), LX_ENOMEM);
	memset(image_at(&memory.image, last), 0xaa, PAGE);
	image_drop(&memory.image, last);
	ck_assert_int_eq(image_alloc_zero(&memory.image, &first), 0);
	ck_assert_uint_eq(first, last);
	ck_assert_uint_eq(image_at(&memory.image, first)[4095], 0);
	for (i = 0; i < memory.image.count; i++)
		if (i != 0 && i != mm->tab.root >> 12)
			image_drop(&memory.image, (uint64_t)i << 12);
}
END_TEST

START_TEST(test_frame_with_two_holders_needs_two_drops)
{
	uint64_t frame;
	uint32_t count;

	count = image_free_count(&memory.image);
	ck_assert_int_eq(image_alloc(&memory.image, &frame), 0);
	image_ref(&memory.image, frame);
	ck_assert_uint_eq(image_refs(&memory.image, frame), 2);
	image_drop(&memory.image, frame);
	ck_assert_uint_eq(image_free_count(&memory.image), count - 1);
	image_drop(&memory.image, frame);
	ck_assert_uint_eq(image_free_count(&memory.image), count);
}
END_TEST

START_TEST(test_tables_have_four_levels_of_seed_entries)
{
	const uint64_t va = UINT64_C(0x7fff12345000);
	vms_vpte_t entry, *table;
	uint64_t frame;
	vk_slot *slot;
	int shift;

	ck_assert_ptr_null(vptab_lookup(&mm->tab, va));
	slot = vptab_reach(&mm->tab, va);
	ck_assert_int_eq(image_alloc(&memory.image, &frame), 0);
	slot_set(&memory.image, slot, frame | VMS_VPTE_V | VMS_VPTE_R);
	ck_assert_ptr_eq(vptab_lookup(&mm->tab, va), slot);
	/* The walk of section 9.4, done by hand. */
	entry = vptab_master(&mm->tab);
	for (shift = 39; shift >= 12; shift -= 9) {
		ck_assert_uint_eq(
		    entry & 0xfff, VMS_VPTE_V | VMS_VPTE_R | VMS_VPTE_W);
		table = (vms_vpte_t *)(void *)image_at(
		    &memory.image, entry & VMS_VPTE_FRAME);
		entry = table[(va >> shift) & 511];
	}
	ck_assert_uint_eq(entry, frame | VMS_VPTE_V | VMS_VPTE_R);
}
END_TEST

START_TEST(test_next_skips_what_is_not_there)
{
	static const uint64_t pages[] = { 0x1000, 0x2000, 0x200000,
		UINT64_C(0x40000000), UINT64_C(0x7ffffffff000) };
	uint64_t frame, va;
	vk_slot *slot;
	size_t i;

	for (i = 0; i < 5; i++) {
		ck_assert_int_eq(image_alloc(&memory.image, &frame), 0);
		slot_set(&memory.image, vptab_reach(&mm->tab, pages[i]),
		    frame | VMS_VPTE_V);
	}
	for (va = 0, i = 0; i < 5; i++, va += PAGE) {
		slot = vptab_next(&mm->tab, &va, VMS_VA_END);
		ck_assert_ptr_nonnull(slot);
		ck_assert_uint_eq(va, pages[i]);
	}
	ck_assert_ptr_null(vptab_next(&mm->tab, &va, VMS_VA_END));
	va = 0x2000;
	ck_assert_ptr_nonnull(vptab_next(&mm->tab, &va, 0x3000));
	va = 0x3000;
	ck_assert_ptr_null(vptab_next(&mm->tab, &va, 0x200000));
}
END_TEST

/* Rows: what is mapped as [start, end) with prot; then how many areas. */
static const struct {
	const char *name;
	struct {
		uint64_t start, end;
		int prot;
	} maps[4];
	size_t areas;
} joins[] = {
	{ "apart", { { 1, 2, RW }, { 3, 4, RW } }, 2 },
	{ "touching", { { 1, 2, RW }, { 2, 3, RW } }, 1 },
	{ "touching, unlike", { { 1, 2, RW }, { 2, 3, LX_PROT_READ } }, 2 },
	{ "hole filled", { { 1, 2, RW }, { 3, 4, RW }, { 2, 3, RW } }, 1 },
	{ "overlaid", { { 1, 9, RW }, { 4, 5, LX_PROT_READ } }, 3 },
	{ "overlaid and back",
	    { { 1, 9, RW }, { 4, 5, LX_PROT_READ }, { 4, 5, RW } }, 1 },
	{ "swallowed", { { 2, 3, RW }, { 4, 5, RW }, { 1, 9, RW } }, 1 },
	{ "head replaced", { { 4, 8, RW }, { 2, 6, LX_PROT_READ } }, 2 },
	{ "tail replaced", { { 4, 8, RW }, { 6, 9, LX_PROT_READ } }, 2 },
};

START_TEST(test_areas_join_and_split)
{
	size_t i;

	for (i = 0; i < 4 && joins[_i].maps[i].end != 0; i++)
		map_anonymous(joins[_i].maps[i].start << 20,
		    (joins[_i].maps[i].end - joins[_i].maps[i].start) << 20,
		    joins[_i].maps[i].prot);
	ck_assert_msg(mm->areas.count == joins[_i].areas, "%s: %zu areas",
	    joins[_i].name, mm->areas.count);
	for (i = 1; i < mm->areas.count; i++)
		ck_assert_uint_le(
		    mm->areas.rows[i - 1].end, mm->areas.rows[i].start);
}
END_TEST

START_TEST(test_gaps_are_found_from_above)
{
	const struct vk_areas *areas;

	areas = &mm->areas;
	ck_assert_uint_eq(
	    areas_find_gap(areas, 0x1000, 0x10000, 0x20000), 0x1f000);
	map_anonymous(0x1f000, 0x1000, RW);
	ck_assert_uint_eq(
	    areas_find_gap(areas, 0x1000, 0x10000, 0x20000), 0x1e000);
	map_anonymous(0x14000, 0x2000, RW);
	ck_assert_uint_eq(
	    areas_find_gap(areas, 0x9000, 0x10000, 0x20000), 0x16000);
	ck_assert_uint_eq(areas_find_gap(areas, 0xa000, 0x10000, 0x20000), 0);
	ck_assert_uint_eq(
	    areas_find_gap(areas, 0x4000, 0x10000, 0x15000), 0x10000);
	ck_assert_uint_eq(areas_find_gap(areas, 0x5000, 0x10000, 0x15000), 0);
}
END_TEST

START_TEST(test_cover_and_free_see_holes)
{
	map_anonymous(0x10000, 0x2000, RW);
	map_anonymous(0x13000, 0x1000, RW);
	ck_assert(areas_cover(&mm->areas, 0x10000, 0x12000));
	ck_assert(!areas_cover(&mm->areas, 0x10000, 0x14000));
	ck_assert(areas_are_free(&mm->areas, 0x12000, 0x13000));
	ck_assert(!areas_are_free(&mm->areas, 0x12000, 0x14000));
	ck_assert_uint_eq(areas_bytes(&mm->areas, 0, MM_VA_END, 0, 0), 0x3000);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_memory");
	TCase *tc = tcase_create("vk_memory");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vk_setup, vk_teardown);
	tcase_add_test(tc, test_frames_run_out_and_come_back);
	tcase_add_test(tc, test_frame_with_two_holders_needs_two_drops);
	tcase_add_test(tc, test_tables_have_four_levels_of_seed_entries);
	tcase_add_test(tc, test_next_skips_what_is_not_there);
	tcase_add_loop_test(tc, test_areas_join_and_split, 0,
	    (int)(sizeof(joins) / sizeof(joins[0])));
	tcase_add_test(tc, test_gaps_are_found_from_above);
	tcase_add_test(tc, test_cover_and_free_see_holes);
	return vk_run_suite(suite);
}
