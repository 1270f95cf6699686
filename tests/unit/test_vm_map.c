/* SPDX-License-Identifier: BSD-2-Clause */
/* What joins, what is cut, and what MADV_SETMAP shows of it (specification
 * 5.5, 5.7, 7.3, 7.4). */
#include <errno.h>
#include <stdio.h>

#include "tests/unit/vm_fixture.h"

/* "10-14 16-17": the entries, in pages. */
static const char *
shape(void)
{
	static char text[256];
	size_t used = 0, count;
	const struct vm_entry *entries = vm_map_entries(&space->map, &count);

	text[0] = '\0';
	for (size_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "%s%llu-%llu", i ? " " : "",
		    (unsigned long long)(entries[i].start / PAGE),
		    (unsigned long long)(entries[i].end / PAGE));
	return text;
}

static vms_vpte_t
master_of(uint64_t page)
{
	struct vm_entry *entry = vm_map_lookup(&space->map, page * PAGE);

	ck_assert_ptr_nonnull(entry);
	return entry->master;
}

/* A linear view: frame 0 of the object at index 0 of the tables. */
#define LINEAR (VRW | VMS_VPTE_PS)

START_TEST(test_lookup_and_covered)
{
	map_anon(10, 4, SHARED);
	map_file(14, 2, SHARED, 0);
	map_anon(17, 1, 0);
	ck_assert_ptr_null(vm_map_lookup(&space->map, 10 * PAGE - 1));
	ck_assert_uint_eq(
	    vm_map_lookup(&space->map, 10 * PAGE)->start, 10 * PAGE);
	ck_assert_uint_eq(
	    vm_map_lookup(&space->map, 14 * PAGE - 1)->start, 10 * PAGE);
	ck_assert_ptr_null(vm_map_lookup(&space->map, 16 * PAGE));
	ck_assert(vm_map_covered(&space->map, 10 * PAGE, 16 * PAGE));
	ck_assert(!vm_map_covered(&space->map, 10 * PAGE, 18 * PAGE));
	ck_assert(!vm_map_covered(&space->map, 9 * PAGE, 11 * PAGE));
	ck_assert(vm_map_covered(&space->map, 0, 0));
	ck_assert(vm_map_is_free(&space->map, 16 * PAGE, 17 * PAGE));
	ck_assert(!vm_map_is_free(&space->map, 16 * PAGE, 18 * PAGE));
}
END_TEST

START_TEST(test_anonymous_mapping_goes_on_upwards)
{
	map_anon(10, 2, 0);
	map_anon(12, 3, 0);
	ck_assert_str_eq(shape(), "10-15");
	/* Below an existing one the kernel does not look upwards. */
	map_anon(8, 2, 0);
	ck_assert_str_eq(shape(), "8-10 10-15");
	map_at(15 * PAGE, PAGE, VMS_PROT_READ, ANON | FIXED, -1, 0);
	ck_assert_str_eq(shape(), "8-10 10-15 15-16");
}
END_TEST

START_TEST(test_anonymous_mapping_with_an_object_goes_on)
{
	map_anon(10, 2, 0);
	store(10 * PAGE, 1);
	map_anon(12, 3, 0);
	ck_assert_str_eq(shape(), "10-15");
	ck_assert_uint_eq(vms.objects.count, 1);
	store(14 * PAGE, 2);
	ck_assert_uint_eq(load(10 * PAGE), 1);
	/* With other rights: an entry of its own in the same object. */
	map_at(15 * PAGE, PAGE, VMS_PROT_READ, ANON | FIXED, -1, 0);
	ck_assert_str_eq(shape(), "10-15 15-16");
	ck_assert_uint_eq(load(15 * PAGE), 0);
	ck_assert_uint_eq(vms.objects.count, 1);
}
END_TEST

START_TEST(test_unmapped_tail_is_zero_when_mapped_again)
{
	map_anon(10, 4, 0);
	store(12 * PAGE, 7);
	store(10 * PAGE, 6);
	ck_assert_int_eq(vm_munmap(space, 12 * PAGE, 2 * PAGE), 0);
	map_anon(12, 2, 0);
	ck_assert_str_eq(shape(), "10-14");
	ck_assert_uint_eq(load(12 * PAGE), 0);
	ck_assert_uint_eq(load(10 * PAGE), 6);
}
END_TEST

START_TEST(test_hole_in_the_middle_gets_a_new_object)
{
	map_anon(10, 4, 0);
	store(11 * PAGE, 7);
	store(13 * PAGE, 8);
	ck_assert_int_eq(vm_munmap(space, 11 * PAGE, PAGE), 0);
	ck_assert_str_eq(shape(), "10-11 12-14");
	map_anon(11, 1, 0);
	ck_assert_str_eq(shape(), "10-11 11-12 12-14");
	ck_assert_uint_eq(load(11 * PAGE), 0);
	ck_assert_uint_eq(load(13 * PAGE), 8);
	ck_assert_uint_eq(vms.objects.count, 2);
}
END_TEST

START_TEST(test_unmap_of_the_middle_keeps_both_ends)
{
	memset(file_bytes + 2 * PAGE, 9, PAGE);
	map_file(10, 4, SHARED, 0);
	store(10 * PAGE, 1);
	store(13 * PAGE, 4);
	ck_assert_uint_eq(load(12 * PAGE), 9);
	ck_assert_int_eq(vm_munmap(space, 11 * PAGE, 2 * PAGE), 0);
	ck_assert_str_eq(shape(), "10-11 13-14");
	ck_assert(!present(12 * PAGE));
	ck_assert_int_eq(vm_fault(space, 12 * PAGE, CPU_READ), EFAULT);
	ck_assert_uint_eq(load(10 * PAGE), 1);
	ck_assert_uint_eq(file_bytes[3 * PAGE], 4);
}
END_TEST

START_TEST(test_one_unmap_takes_several_mappings)
{
	map_anon(10, 2, 0);
	map_file(12, 2, SHARED, 0);
	map_file(14, 2, PRIVATE, 0);
	map_anon(16, 2, SHARED);
	store(17 * PAGE, 3);
	ck_assert_int_eq(vm_munmap(space, 11 * PAGE, 6 * PAGE), 0);
	ck_assert_str_eq(shape(), "10-11 17-18");
	ck_assert_uint_eq(load(17 * PAGE), 3);
}
END_TEST

/* Shared file mappings that continue each other are one. */
START_TEST(test_continuing_shared_files_join)
{
	map_file(10, 2, SHARED, 4);
	map_file(12, 2, SHARED, 6);
	ck_assert_str_eq(shape(), "10-14");
	map_file(8, 2, SHARED, 2);
	ck_assert_str_eq(shape(), "8-14");
	map_file(14, 2, SHARED, 9);
	ck_assert_str_eq(shape(), "8-14 14-16");
	map_file(16, 2, PRIVATE, 11);
	map_file(18, 2, PRIVATE, 13);
	ck_assert_str_eq(shape(), "8-14 14-16 16-18 18-20");
	/* Advice joins what the insertion left apart. */
	ck_assert_int_eq(advise(16, 2, VMS_MADV_INVAL, 0), 0);
	ck_assert_str_eq(shape(), "8-14 14-16 16-20");
}
END_TEST

START_TEST(test_inherit_flag_joins_private_files)
{
	map_file(10, 2, PRIVATE | VMS_MAP_INHERIT, 0);
	map_file(12, 2, PRIVATE | VMS_MAP_INHERIT, 2);
	ck_assert_str_eq(shape(), "10-14");
	map_file(14, 2, PRIVATE, 4);
	ck_assert_str_eq(shape(), "10-14 14-16");
}
END_TEST

START_TEST(test_unlike_attributes_do_not_join)
{
	static const struct {
		int behav, undo;
	} pairs[] = {
		{ VMS_MADV_RANDOM, VMS_MADV_NORMAL },
		{ VMS_MADV_SEQUENTIAL, VMS_MADV_NORMAL },
		{ VMS_MADV_NOSYNC, VMS_MADV_AUTOSYNC },
		{ VMS_MADV_NOCORE, VMS_MADV_CORE },
	};

	map_file(10, 6, SHARED, 0);
	ck_assert_int_eq(advise(12, 2, pairs[_i].behav, 0), 0);
	ck_assert_str_eq(shape(), "10-12 12-14 14-16");
	ck_assert_int_eq(advise(12, 1, pairs[_i].undo, 0), 0);
	ck_assert_str_eq(shape(), "10-13 13-14 14-16");
	ck_assert_int_eq(advise(0, 100, pairs[_i].undo, 0), 0);
	ck_assert_str_eq(shape(), "10-16");
}
END_TEST

START_TEST(test_setmap_sets_the_master)
{
	map_file(10, 4, SHARED | TABLES, 0);
	ck_assert_uint_eq(master_of(10), 0);
	ck_assert_int_eq(access_va(10 * PAGE, CPU_READ), EFAULT);
	ck_assert_int_eq(advise(10, 4, VMS_MADV_SETMAP, LINEAR), 0);
	store(11 * PAGE, 8);
	ck_assert_uint_eq(file_bytes[PAGE], 8);
	ck_assert_int_eq(
	    advise(10, 4, VMS_MADV_SETMAP, UINT64_C(0xfedcba9876543210)), 0);
	ck_assert_uint_eq(master_of(13), UINT64_C(0xfedcba9876543210));
	ck_assert(!present(11 * PAGE));
}
END_TEST

/* C159: the new master governs the whole mapping, translations outside the
 * range stay. */
START_TEST(test_setmap_on_part_governs_all)
{
	map_file(10, 6, SHARED | TABLES, 0);
	ck_assert_int_eq(advise(10, 6, VMS_MADV_SETMAP, LINEAR), 0);
	for (uint64_t page = 10; page < 16; page++)
		ck_assert_int_eq(access_va(page * PAGE, CPU_READ), 0);
	ck_assert_int_eq(advise(12, 2, VMS_MADV_SETMAP, 0), 0);
	ck_assert_str_eq(shape(), "10-16");
	for (uint64_t page = 10; page < 16; page++)
		ck_assert_uint_eq(master_of(page), 0);
	ck_assert(present(11 * PAGE));
	ck_assert(!present(12 * PAGE));
	ck_assert(!present(13 * PAGE));
	ck_assert(present(14 * PAGE));
}
END_TEST

/* Mapping the second resets the first, SETMAP on either governs both. */
START_TEST(test_continuing_tables_have_one_master)
{
	map_file(10, 2, SHARED | TABLES, 0);
	ck_assert_int_eq(advise(10, 2, VMS_MADV_SETMAP, LINEAR), 0);
	map_file(12, 2, SHARED | TABLES, 2);
	ck_assert_uint_eq(master_of(10), 0);
	ck_assert_int_eq(advise(12, 2, VMS_MADV_SETMAP, LINEAR), 0);
	ck_assert_uint_eq(master_of(10), LINEAR);
}
END_TEST

START_TEST(test_separate_tables_have_their_own_masters)
{
	map_file(10, 2, SHARED | TABLES, 0);
	map_file(12, 2, SHARED | TABLES, 8);
	ck_assert_int_eq(advise(10, 2, VMS_MADV_SETMAP, LINEAR), 0);
	ck_assert_uint_eq(master_of(12), 0);
	ck_assert_int_eq(advise(10, 4, VMS_MADV_SETMAP, 5), 0);
	ck_assert_uint_eq(master_of(10), 5);
	ck_assert_uint_eq(master_of(12), 5);
}
END_TEST

/* C156: the entry without tables is passed over, the loop goes on. */
START_TEST(test_setmap_over_a_mixed_range)
{
	map_file(10, 2, SHARED | TABLES, 0);
	map_anon(12, 2, 0);
	map_file(14, 2, SHARED | TABLES, 0);
	store(12 * PAGE, 3);
	ck_assert_int_eq(advise(8, 20, VMS_MADV_SETMAP, LINEAR), EINVAL);
	ck_assert_uint_eq(master_of(10), LINEAR);
	ck_assert_uint_eq(master_of(14), LINEAR);
	ck_assert(present(12 * PAGE));
}
END_TEST

/* C129 with tables: overlaying a part resets its master only when it does not
 * continue the rest. */
START_TEST(test_overlay_of_a_part_of_tables)
{
	map_file(10, 6, SHARED | TABLES, 0);
	ck_assert_int_eq(advise(10, 6, VMS_MADV_SETMAP, LINEAR), 0);
	map_file(12, 2, SHARED | TABLES, 20);
	ck_assert_uint_eq(master_of(10), LINEAR);
	ck_assert_uint_eq(master_of(12), 0);
	ck_assert_uint_eq(master_of(15), LINEAR);
	map_file(12, 2, SHARED | TABLES, 2);
	ck_assert_str_eq(shape(), "10-16");
	ck_assert_uint_eq(master_of(10), 0);
}
END_TEST

START_TEST(test_inval_drops_the_range_only)
{
	map_file(10, 3, SHARED, 0);
	map_anon(13, 3, 0);
	for (uint64_t page = 10; page < 16; page++)
		store(page * PAGE, (uint8_t)page);
	ck_assert_int_eq(
	    vm_mcontrol(space, 11 * PAGE + 5, 3 * PAGE - 10, VMS_MADV_INVAL, 0),
	    0);
	ck_assert(present(10 * PAGE));
	for (uint64_t page = 11; page < 14; page++)
		ck_assert(!present(page * PAGE));
	ck_assert(present(14 * PAGE));
	for (uint64_t page = 10; page < 16; page++)
		ck_assert_uint_eq(load(page * PAGE), page);
}
END_TEST

/* FREE of anonymous memory loses its contents at once; nothing else does. */
START_TEST(test_free_loses_anonymous_contents_only)
{
	map_anon(10, 3, 0);
	map_file(13, 1, PRIVATE, 0);
	map_file(14, 1, SHARED, 1);
	map_anon(15, 1, TABLES);
	ck_assert_int_eq(advise(15, 1, VMS_MADV_SETMAP, LINEAR), 0);
	for (uint64_t page = 10; page < 16; page++)
		store(page * PAGE, (uint8_t)page);
	for (int behav = VMS_MADV_WILLNEED; behav < VMS_MADV_FREE; behav++)
		ck_assert_int_eq(advise(10, 6, behav, 0), 0);
	for (uint64_t page = 10; page < 16; page++)
		ck_assert_uint_eq(load(page * PAGE), page);
	ck_assert_int_eq(advise(11, 5, VMS_MADV_FREE, 0), 0);
	ck_assert_uint_eq(load(10 * PAGE), 10);
	ck_assert_uint_eq(load(11 * PAGE), 0);
	ck_assert_uint_eq(load(12 * PAGE), 0);
	for (uint64_t page = 13; page < 16; page++)
		ck_assert_uint_eq(load(page * PAGE), page);
}
END_TEST

/* 7.4: an anonymous neighbour joins the tables below it, keeps their master,
 * and discards pages by number. */
START_TEST(test_anonymous_tables_go_on_with_the_old_master)
{
	map_anon(10, 4, TABLES);
	ck_assert_int_eq(advise(10, 4, VMS_MADV_SETMAP, LINEAR | 0x5000), 0);
	store(10 * PAGE, 1);     /* page 5 of the object */
	store(13 * PAGE, 2);     /* page 8 */
	map_anon(14, 2, TABLES); /* pages 4 and 5 are discarded */
	ck_assert_str_eq(shape(), "10-16");
	ck_assert_uint_eq(master_of(15), LINEAR | 0x5000);
	ck_assert(!present(10 * PAGE));
	ck_assert_uint_eq(load(10 * PAGE), 0);
	ck_assert_uint_eq(load(13 * PAGE), 2);
	ck_assert_uint_eq(load(15 * PAGE), 0);
}
END_TEST

START_TEST(test_new_anonymous_tables_have_no_master)
{
	map_anon(10, 2, TABLES);
	ck_assert_int_eq(advise(10, 2, VMS_MADV_SETMAP, LINEAR), 0);
	ck_assert_int_eq(vm_munmap(space, 10 * PAGE, 2 * PAGE), 0);
	map_anon(10, 2, TABLES);
	ck_assert_uint_eq(master_of(10), 0);
	/* MAP_SHARED is an attribute of its own, and its new entry wins. */
	map_anon(14, 2, TABLES | SHARED);
	ck_assert_int_eq(advise(14, 2, VMS_MADV_SETMAP, LINEAR), 0);
	map_anon(16, 2, TABLES | SHARED);
	ck_assert_uint_eq(master_of(14), 0);
}
END_TEST

/* Unmapping part of private tables discards the pages with those numbers. */
START_TEST(test_partial_unmap_of_tables_discards_by_number)
{
	bool private = _i == 1;

	memset(file_bytes, 40, FILE_PAGES * PAGE);
	if (private)
		map_file(10, 8, PRIVATE | TABLES, 0);
	else
		map_anon(10, 8, TABLES);
	ck_assert_int_eq(advise(10, 8, VMS_MADV_SETMAP, LINEAR | 0x4000), 0);
	store(10 * PAGE, 4); /* page 4 of the object */
	store(11 * PAGE, 5); /* page 5 */
	ck_assert_int_eq(vm_munmap(space, 15 * PAGE, PAGE), 0); /* 5 */
	ck_assert_uint_eq(load(10 * PAGE), 4);
	ck_assert(!present(11 * PAGE));
	ck_assert_uint_eq(load(11 * PAGE), private ? 40 : 0);
}
END_TEST

START_TEST(test_setmap_is_partial)
{
	map_file(10, 4, SHARED | TABLES, 0);
	map_file(14, 4, PRIVATE | TABLES, 20);
	map_file(18, 4, PRIVATE | TABLES, 24); /* continues, not joined yet */
	map_anon(22, 4, 0);
	const struct {
		uint64_t page, pages;
		bool partial;
	} queries[] = {
		{ 10, 4, false },
		{ 9, 5, false },
		{ 10, 3, true },
		{ 11, 3, true },
		{ 11, 2, true },
		{ 14, 4, true },
		{ 18, 4, true },
		{ 14, 8, false },
		{ 0, 100, false },
		{ 22, 1, false },
		{ 40, 2, false },
	};

	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		ck_assert_msg(
		    queries[i].partial ==
			vm_map_setmap_is_partial(&space->map,
			    queries[i].page * PAGE,
			    (queries[i].page + queries[i].pages) * PAGE),
		    "query %d", (int)i);
}
END_TEST

/* Only files that can shrink are asked, each once, as long as it is shown. */
START_TEST(test_check_sizes_knows_each_file_once)
{
	map_file(10, 4, SHARED, 0);
	map_file(20, 4, PRIVATE, 0);
	store(21 * PAGE, 1);
	ck_assert_uint_eq(space->map.file_count, 1);
	ck_assert_int_eq(advise(11, 1, VMS_MADV_RANDOM, 0), 0);
	ck_assert_uint_eq(space->map.files[0].entries, 4);
	ck_assert_int_eq(vm_munmap(space, 10 * PAGE, 4 * PAGE), 0);
	ck_assert_uint_eq(space->map.files[0].entries, 1);
	ck_assert_int_eq(vm_munmap(space, 20 * PAGE, 4 * PAGE), 0);
	ck_assert_uint_eq(space->map.file_count, 0);
	if (os_seal_shrink(file_fd) == 0) {
		map_file(10, 4, SHARED, 0);
		ck_assert_uint_eq(space->map.file_count, 0);
	}
}
END_TEST

START_TEST(test_check_sizes_drops_lost_pages)
{
	map_file(10, 8, SHARED, 0);
	map_file(20, 4, PRIVATE, 0);
	for (uint64_t page = 10; page < 18; page++)
		ck_assert_int_eq(access_va(page * PAGE, CPU_READ), 0);
	ck_assert_int_eq(access_va(23 * PAGE, CPU_READ), 0);
	ck_assert_int_eq(ftruncate(file_fd, 2 * (off_t)PAGE + 1), 0);
	vm_map_check_sizes(space);
	ck_assert(present(12 * PAGE));
	for (uint64_t page = 13; page < 18; page++)
		ck_assert(!present(page * PAGE));
	ck_assert(!present(23 * PAGE));
	ck_assert_int_eq(vm_fault(space, 13 * PAGE, CPU_READ), EFAULT);
	ck_assert_int_eq(ftruncate(file_fd, 8 * (off_t)PAGE), 0);
	ck_assert_uint_eq(load(17 * PAGE), 0);
}
END_TEST

/* Against an array that holds for each page which mapping it belongs to. */
START_TEST(test_random_maps_match_an_array)
{
	enum { PAGES = 48 };
	int owner[PAGES] = { 0 };
	unsigned seed = (unsigned)_i + 1;

	for (int step = 1; step < 3000; step++) {
		uint64_t page = (unsigned)rand_r(&seed) % PAGES;
		uint64_t pages = 1 + (unsigned)rand_r(&seed) % 8;
		if (page + pages > PAGES)
			pages = PAGES - page;
		switch (rand_r(&seed) % 5) {
		case 0:
			map_anon(page, pages, 0);
			break;
		case 1:
			map_file(page, pages, SHARED, (int64_t)page);
			break;
		case 2:
			map_file(page, pages, PRIVATE, (int64_t)page);
			break;
		case 3:
			ck_assert_int_eq(vm_map_remove(space, page * PAGE,
					     (page + pages) * PAGE),
			    0);
			break;
		default:
			ck_assert_int_eq(
			    advise(page, pages, rand_r(&seed) % 11, 0), 0);
			continue;
		}
		bool mapped = vm_map_covered(
		    &space->map, page * PAGE, (page + pages) * PAGE);
		for (uint64_t i = page; i < page + pages; i++)
			owner[i] = mapped;
		for (uint64_t i = 0; i < PAGES; i++) {
			ck_assert_int_eq(
			    owner[i], vm_map_covered(&space->map, i * PAGE,
					  (i + 1) * PAGE));
			ck_assert_int_eq(access_va(i * PAGE, CPU_WRITE),
			    owner[i] ? 0 : EFAULT);
		}
	}
	ck_assert_uint_le(space->map.file_count, 1);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vm_map");
	TCase *tc = tcase_create("vm_map");

	suite_add_tcase(suite, tc);
	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, vm_setup, vm_teardown);
	tcase_add_test(tc, test_lookup_and_covered);
	tcase_add_test(tc, test_anonymous_mapping_goes_on_upwards);
	tcase_add_test(tc, test_anonymous_mapping_with_an_object_goes_on);
	tcase_add_test(tc, test_unmapped_tail_is_zero_when_mapped_again);
	tcase_add_test(tc, test_hole_in_the_middle_gets_a_new_object);
	tcase_add_test(tc, test_unmap_of_the_middle_keeps_both_ends);
	tcase_add_test(tc, test_one_unmap_takes_several_mappings);
	tcase_add_test(tc, test_continuing_shared_files_join);
	tcase_add_test(tc, test_inherit_flag_joins_private_files);
	tcase_add_loop_test(tc, test_unlike_attributes_do_not_join, 0, 4);
	tcase_add_test(tc, test_setmap_sets_the_master);
	tcase_add_test(tc, test_setmap_on_part_governs_all);
	tcase_add_test(tc, test_continuing_tables_have_one_master);
	tcase_add_test(tc, test_separate_tables_have_their_own_masters);
	tcase_add_test(tc, test_setmap_over_a_mixed_range);
	tcase_add_test(tc, test_overlay_of_a_part_of_tables);
	tcase_add_test(tc, test_inval_drops_the_range_only);
	tcase_add_test(tc, test_free_loses_anonymous_contents_only);
	tcase_add_test(tc, test_anonymous_tables_go_on_with_the_old_master);
	tcase_add_test(tc, test_new_anonymous_tables_have_no_master);
	tcase_add_loop_test(
	    tc, test_partial_unmap_of_tables_discards_by_number, 0, 2);
	tcase_add_test(tc, test_setmap_is_partial);
	tcase_add_test(tc, test_check_sizes_knows_each_file_once);
	tcase_add_test(tc, test_check_sizes_drops_lost_pages);
	tcase_add_loop_test(tc, test_random_maps_match_an_array, 0, 3);
	return suite_run(suite);
}
