/* SPDX-License-Identifier: BSD-2-Clause */
/* Which accesses are resolved, what is entered for them, and what vm_fault_peek
 * says about it (specification 4.5, 5.5, 9). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "tests/unit/vm_fixture.h"

#define VA UINT64_C(0x10000)
#define PS VMS_VPTE_PS
#define AM (VMS_VPTE_A | VMS_VPTE_M)

/* vm_fault, after a peek that must have foretold it. */
static int
fault(vms_va_t va, enum cpu_access access)
{
	uint64_t used = arena_used(vms.arena), foretold = 0, pa;
	bool may_write = false, writable;
	int peeked = vm_fault_peek(space, va, access, &foretold, &may_write);
	int error;

	/* A peek may show a window, and make nothing else. */
	ck_assert_uint_eq((arena_used(vms.arena) - used) % ARENA_SLOT_BYTES, 0);
	error = vm_fault(space, va, access);
	ck_assert_int_eq(peeked, error);
	if (error != 0)
		return error;
	ck_assert(pmap_lookup(&space->pmap, va, &pa, &writable));
	if (foretold != VM_FAULT_NEW_PAGE)
		ck_assert_uint_eq(pa, foretold);
	ck_assert_int_eq(may_write, writable);
	return 0;
}

static void
drop_translations(void)
{
	ck_assert_int_eq(
	    vm_mcontrol(space, 0, VMS_VA_END, VMS_MADV_INVAL, 0), 0);
}

START_TEST(test_outside_any_mapping_is_efault)
{
	static const vms_va_t vas[] = { 0, VA - 1, VA + 2 * PAGE_BYTES,
		VMS_VA_END - 1, VMS_VA_END, UINT64_C(0xffff800000000000),
		UINT64_MAX, UINT64_C(1) << 52 };

	map_at(VA, 2 * PAGE, RW, ANON | FIXED, -1, 0);
	for (int access = CPU_READ; access <= CPU_FETCH; access++)
		ck_assert_int_eq(
		    fault(vas[_i], (enum cpu_access)access), EFAULT);
}
END_TEST

/* 5.5: prot is tested for read (fetches too) or write, nothing else. */
START_TEST(test_protection)
{
	bool reads = _i & VMS_PROT_READ, writes = _i & VMS_PROT_WRITE;

	map_at(VA, PAGE, _i, ANON | FIXED, -1, 0);
	ck_assert_int_eq(fault(VA, CPU_READ), reads ? 0 : EFAULT);
	ck_assert_int_eq(fault(VA, CPU_FETCH), reads ? 0 : EFAULT);
	ck_assert_int_eq(fault(VA, CPU_WRITE), writes ? 0 : EFAULT);
	ck_assert_int_eq(present(VA), reads || writes);
	ck_assert_int_eq(present_writable(VA), writes);
}
END_TEST

START_TEST(test_anonymous_page_is_zero_and_writable_at_once)
{
	map_at(VA, 2 * PAGE, RW, ANON | FIXED, -1, 0);
	ck_assert_int_eq(fault(VA + PAGE + 5, CPU_READ), 0);
	ck_assert(present_writable(VA + PAGE));
	ck_assert(!present(VA));
	ck_assert_uint_eq(load(VA + PAGE + 77), 0);
}
END_TEST

START_TEST(test_shared_file_is_the_file)
{
	map_at(VA, 2 * PAGE, RW, SHARED | FIXED, file_fd, 5 * PAGE);
	file_bytes[6 * PAGE + 1] = 6;
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert_uint_eq(load(VA + PAGE + 1), 6);
	store(VA + PAGE + 2, 7);
	ck_assert_uint_eq(file_bytes[6 * PAGE + 2], 7);
}
END_TEST

/* The entry forbids what the window could do, and the other way round. */
START_TEST(test_read_only_mapping_of_a_writable_window)
{
	map_at(VA, PAGE, RW, SHARED | FIXED, file_fd, 0);
	map_at(VA + PAGE, PAGE, VMS_PROT_READ, SHARED | FIXED, file_fd, 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert(!present_writable(VA + PAGE));
	ck_assert_int_eq(fault(VA + PAGE, CPU_WRITE), EFAULT);
	store(VA, 3);
	ck_assert_uint_eq(load(VA + PAGE), 3);
}
END_TEST

/* C80: a private page is entered read-only until the first write copies it. */
START_TEST(test_private_file_is_copied_on_write)
{
	file_bytes[PAGE] = 1;
	map_at(VA, 2 * PAGE, RW, FIXED | (_i ? PRIVATE : 0), file_fd, PAGE);
	ck_assert_int_eq(fault(VA, CPU_READ), 0);
	ck_assert(!present_writable(VA));
	file_bytes[PAGE] = 2;
	ck_assert_uint_eq(load(VA), 2);
	ck_assert_int_eq(fault(VA, CPU_WRITE), 0);
	*guest(VA) = 3;
	ck_assert_uint_eq(file_bytes[PAGE], 2);
	drop_translations();
	ck_assert_int_eq(fault(VA, CPU_READ), 0);
	ck_assert(present_writable(VA));
	ck_assert_uint_eq(load(VA), 3);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert(!present_writable(VA + PAGE));
}
END_TEST

START_TEST(test_private_write_of_a_read_only_descriptor)
{
	char path[32];
	int fd;

	snprintf(path, sizeof(path), "/dev/fd/%d", file_fd);
	ck_assert_int_ge(fd = open(path, O_RDONLY), 0);
	map_at(VA, PAGE, RW, PRIVATE | FIXED, fd, 0);
	close(fd);
	store(VA, 9);
	ck_assert_uint_eq(file_bytes[0], 0);
}
END_TEST

/* C83: pages wholly beyond the end. */
START_TEST(test_end_of_file)
{
	ck_assert_int_eq(ftruncate(file_fd, PAGE + 100), 0);
	map_at(VA, 4 * PAGE, RW, FIXED | (_i ? PRIVATE : SHARED), file_fd, 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert_uint_eq(load(VA + 2 * PAGE - 1), 0);
	ck_assert_int_eq(fault(VA + 2 * PAGE, CPU_READ), EFAULT);
	ck_assert_int_eq(fault(VA + 2 * PAGE, CPU_WRITE), EFAULT);
	ck_assert_int_eq(ftruncate(file_fd, 3 * (off_t)PAGE), 0);
	ck_assert_int_eq(fault(VA + 2 * PAGE, CPU_READ), 0);
	ck_assert_int_eq(ftruncate(file_fd, 0), 0);
	ck_assert_int_eq(fault(VA, CPU_WRITE), EFAULT);
	ck_assert_int_eq(
	    vm_mcontrol(space, 0, VMS_VA_END, VMS_MADV_INVAL, 0), 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), EFAULT);
}
END_TEST

START_TEST(test_negative_offset_is_beyond_any_file)
{
	map_at(VA, PAGE, RW, SHARED | FIXED, file_fd, -4096);
	ck_assert_int_eq(fault(VA, CPU_READ), EFAULT);
}
END_TEST

/*
 * Tables: root on page 1, then 2, 3, 4; the leaf of va 0 names page 8.
 */
static void
tables_write(void)
{
	for (uint64_t page = 1; page <= 3; page++)
		file_words(page)[0] = (page + 1) * PAGE | VRW;
	for (uint64_t i = 0; i < 16; i++)
		file_words(4)[i] = (8 + i) * PAGE | VRW;
}

#define MASTER (PAGE | VRW)

static void
map_tables(vms_va_t va, uint64_t pages, int flags, int64_t offset)
{
	map_at(va, pages * PAGE, RW, FIXED | TABLES | flags, file_fd, offset);
	ck_assert_int_eq(
	    vm_mcontrol(space, va, pages * PAGE, VMS_MADV_SETMAP, MASTER), 0);
}

/* 9.4 step 8: read-only for a read, always; A, then M with the first write. */
START_TEST(test_tables_read_then_write)
{
	tables_write();
	map_tables(VA, 4, SHARED, 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert(!present_writable(VA + PAGE));
	ck_assert_uint_eq(file_words(1)[0] & AM, VMS_VPTE_A);
	ck_assert_uint_eq(file_words(4)[1] & AM, VMS_VPTE_A);
	ck_assert_int_eq(fault(VA + PAGE, CPU_WRITE), 0);
	ck_assert(present_writable(VA + PAGE));
	ck_assert_uint_eq(file_words(1)[0] & AM, AM);
	ck_assert_uint_eq(file_words(4)[1] & AM, AM);
	*guest(VA + PAGE) = 5;
	ck_assert_uint_eq(file_bytes[9 * PAGE], 5);
	drop_translations();
	ck_assert_int_eq(fault(VA + PAGE, CPU_FETCH), 0);
	ck_assert(!present_writable(VA + PAGE));
}
END_TEST

/* C192, C193: what the index counts from, and what a frame names. */
START_TEST(test_tables_with_an_offset)
{
	bool private = _i == 1;
	uint64_t shift = private ? 2 : 0;

	tables_write();
	/* Private: tables and data are named from file page 2 on. */
	if (private)
		memmove(file_bytes + 3 * PAGE, file_bytes + PAGE, 4 * PAGE);
	for (uint64_t page = 0; page < 16; page++)
		file_bytes[(8 + page) * PAGE] = (uint8_t)(8 + page);
	map_tables(VA, 4, private ? PRIVATE : SHARED, 2 * (int64_t)PAGE);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert_uint_eq(load(VA + PAGE), private ? 8 + 1 + shift : 8 + 1 + 2);
}
END_TEST

/* C197: private tables are marked in a copy, and are no longer the file's. */
START_TEST(test_private_tables_are_copied_by_the_walk)
{
	tables_write();
	map_tables(VA, 4, PRIVATE, 0);
	ck_assert_int_eq(fault(VA, CPU_READ), 0);
	ck_assert_uint_eq(file_words(1)[0] & AM, 0);
	ck_assert_uint_eq(file_words(4)[0] & AM, 0);
	file_words(4)[0] = 0;
	file_bytes[8 * PAGE] = 1;
	drop_translations();
	ck_assert_int_eq(fault(VA, CPU_READ), 0);
	ck_assert_uint_eq(load(VA), 1);
	store(VA, 2);
	ck_assert_uint_eq(file_bytes[8 * PAGE], 1);
	/* The guest sees its own table page, with the marks. */
	ck_assert_int_eq(vm_mcontrol(space, VA, 4 * PAGE, VMS_MADV_SETMAP,
			     VRW | PS | 4 * PAGE),
	    0);
	ck_assert_int_eq(fault(VA, CPU_READ), 0);
	ck_assert_uint_eq(
	    *(uint64_t *)(void *)guest(VA), (8 * PAGE) | VRW | AM);
}
END_TEST

/* A denied first walk of a private mapping makes its shadow as well. */
START_TEST(test_private_tables_get_their_shadow_first)
{
	map_at(VA, PAGE, RW, FIXED | TABLES | PRIVATE, file_fd, 0);
	ck_assert_uint_eq(vms.objects.count, 1);
	ck_assert_int_eq(vm_fault(space, VA, CPU_READ), EFAULT);
	ck_assert_uint_eq(vms.objects.count, 2);
}
END_TEST

/* C198. */
START_TEST(test_anonymous_tables_are_zero)
{
	map_at(VA, 4 * PAGE, RW, FIXED | TABLES | ANON, -1, 0);
	ck_assert_int_eq(fault(VA, CPU_READ), EFAULT);
	ck_assert_int_eq(
	    vm_mcontrol(space, VA, 4 * PAGE, VMS_MADV_SETMAP, MASTER), 0);
	ck_assert_int_eq(fault(VA, CPU_READ), EFAULT);
	ck_assert_int_eq(
	    vm_mcontrol(space, VA, 4 * PAGE, VMS_MADV_SETMAP, VRW | PS), 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_READ), 0);
	ck_assert_uint_eq(load(VA + PAGE), 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_WRITE), 0);
	/* Beyond the artificial size. */
	ck_assert_int_eq(vm_mcontrol(space, VA, 4 * PAGE, VMS_MADV_SETMAP,
			     VRW | PS | UINT64_C(0x7FFFFFFE) << 12),
	    0);
	ck_assert_int_eq(fault(VA, CPU_WRITE), 0);
	ck_assert_int_eq(fault(VA + PAGE, CPU_WRITE), EFAULT);
}
END_TEST

/* C191 for data pages, C194: the far end of the 128 TB. */
START_TEST(test_tables_over_the_whole_space)
{
	vms_va_t last = VMS_VA_END - PAGE;

	map_at(0, VMS_VA_END, RW, SHARED | TABLES | FIXED, file_fd, 0);
	ck_assert_int_eq(
	    vm_mcontrol(space, 0, VMS_VA_END, VMS_MADV_SETMAP, MASTER), 0);
	file_words(1)[255] = 2 * PAGE | VRW;
	file_words(2)[511] = 3 * PAGE | VRW;
	file_words(3)[511] = 4 * PAGE | VRW;
	file_words(4)[511] = 5 * PAGE | VRW;
	file_words(4)[510] = (FILE_PAGES)*PAGE | VRW;
	ck_assert_int_eq(fault(last + 3, CPU_WRITE), 0);
	*guest(last) = 17;
	ck_assert_uint_eq(file_bytes[5 * PAGE], 17);
	ck_assert_int_eq(fault(last - 1, CPU_READ), EFAULT);
	ck_assert_uint_eq(file_words(4)[510] & AM, VMS_VPTE_A);
	ck_assert_int_eq(fault(0, CPU_READ), EFAULT);
}
END_TEST

/* 9.6: a stale translation stays; after INVAL only the new one counts. */
START_TEST(test_stale_translation_until_inval)
{
	uint64_t pa, now;
	bool writable;

	tables_write();
	map_tables(VA, 4, SHARED, 0);
	store(VA, 1);
	file_words(4)[0] = 20 * PAGE | VRW;
	ck_assert(present_writable(VA));
	ck_assert(pmap_lookup(&space->pmap, VA, &pa, NULL));
	ck_assert_int_eq(
	    vm_fault_peek(space, VA, CPU_WRITE, &now, &writable), 0);
	ck_assert_uint_ne(pa, now);
	ck_assert_uint_eq(file_words(4)[0] & AM, 0);
	drop_translations();
	store(VA, 2);
	ck_assert_uint_eq(file_bytes[20 * PAGE], 2);
	file_words(4)[0] = 0;
	ck_assert_uint_eq(load(VA), 2);
	drop_translations();
	ck_assert_int_eq(fault(VA, CPU_READ), EFAULT);
}
END_TEST

/* Two spaces share tables and data, not translations. */
START_TEST(test_two_spaces_over_one_image)
{
	struct space *first = space, *second;

	tables_write();
	map_tables(VA, 4, SHARED, 0);
	store(VA, 1);
	ck_assert_int_eq(space_create(&vms, &second), 0);
	space = second;
	map_tables(VA, 4, SHARED, 0);
	ck_assert(!present(VA));
	ck_assert_uint_eq(load(VA), 1);
	store(VA + 1, 2);
	space = first;
	ck_assert_uint_eq(load(VA + 1), 2);
	space_destroy(second);
	ck_assert_uint_eq(load(VA + 1), 2);
}
END_TEST

START_TEST(test_arena_at_its_end_is_enomem_and_recovers)
{
	vms_va_t va = VA;
	int error;

	map_at(VA, ARENA_MIN_BYTES, RW, ANON | FIXED, -1, 0);
	while ((error = vm_fault(space, va, CPU_WRITE)) == 0)
		va += PAGE;
	ck_assert_int_eq(error, ENOMEM);
	ck_assert(!present(va));
	ck_assert(present(va - PAGE));
	ck_assert_int_eq(
	    vm_mcontrol(space, VA, 64 * PAGE, VMS_MADV_FREE, 0), 0);
	ck_assert_int_eq(vm_fault(space, va, CPU_WRITE), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vm_fault");
	TCase *tc = tcase_create("vm_fault");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vm_setup, vm_teardown);
	tcase_add_loop_test(tc, test_outside_any_mapping_is_efault, 0, 8);
	tcase_add_loop_test(tc, test_protection, 0, 8);
	tcase_add_test(tc, test_anonymous_page_is_zero_and_writable_at_once);
	tcase_add_test(tc, test_shared_file_is_the_file);
	tcase_add_test(tc, test_read_only_mapping_of_a_writable_window);
	tcase_add_loop_test(tc, test_private_file_is_copied_on_write, 0, 2);
	tcase_add_test(tc, test_private_write_of_a_read_only_descriptor);
	tcase_add_loop_test(tc, test_end_of_file, 0, 2);
	tcase_add_test(tc, test_negative_offset_is_beyond_any_file);
	tcase_add_test(tc, test_tables_read_then_write);
	tcase_add_loop_test(tc, test_tables_with_an_offset, 0, 2);
	tcase_add_test(tc, test_private_tables_are_copied_by_the_walk);
	tcase_add_test(tc, test_private_tables_get_their_shadow_first);
	tcase_add_test(tc, test_anonymous_tables_are_zero);
	tcase_add_test(tc, test_tables_over_the_whole_space);
	tcase_add_test(tc, test_stale_translation_until_inval);
	tcase_add_test(tc, test_two_spaces_over_one_image);
	tcase_add_test(tc, test_arena_at_its_end_is_enomem_and_recovers);
	return suite_run(suite);
}
