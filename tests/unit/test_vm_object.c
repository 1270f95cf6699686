/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/vm_fixture.h"
#include "vmspace/vm_object_impl.h"

static uint64_t
page_of(struct vm_object *object, uint64_t index, bool for_write)
{
	uint64_t pa = 0;
	bool writable;

	ck_assert_int_eq(
	    vm_object_page(object, index, for_write, &pa, &writable), 0);
	return pa;
}

static uint8_t *
host(uint64_t pa)
{
	return arena_host(vms.arena, pa);
}

static struct vm_object *
file_object(bool writable)
{
	struct vm_object *object;

	ck_assert_int_eq(vm_object_file(&vms, file_fd, writable, &object), 0);
	return object;
}

START_TEST(test_drop_of_null_is_accepted)
{
	vm_object_drop(NULL);
}
END_TEST

START_TEST(test_anon_pages_are_zero_own_and_bounded)
{
	struct vm_object *object;
	uint64_t pa, first;
	bool writable = false;

	ck_assert_int_eq(vm_object_anon(&vms, 3, &object), 0);
	ck_assert_int_eq(vm_object_kind(object), VM_OBJECT_ANON);
	ck_assert_uint_eq(vm_object_pages(object), 3);
	ck_assert_int_eq(
	    vm_object_page(object, 0, false, &first, &writable), 0);
	ck_assert(writable);
	for (size_t i = 0; i < PAGE; i++)
		ck_assert_uint_eq(host(first)[i], 0);
	ck_assert_uint_ne(page_of(object, 2, true), first);
	ck_assert_uint_eq(page_of(object, 0, true), first);
	ck_assert_int_eq(
	    vm_object_page(object, 3, false, &pa, &writable), EFAULT);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_huge_anon_object_costs_what_is_touched)
{
	uint64_t used = arena_used(vms.arena);
	struct vm_object *object;

	ck_assert_int_eq(vm_object_anon(&vms, 0x7FFFFFFF, &object), 0);
	page_of(object, 0x7FFFFFFE, true);
	page_of(object, 5, true);
	ck_assert_uint_eq(arena_used(vms.arena) - used, 2 * PAGE);
	vm_object_discard(object, 6, UINT64_MAX);
	ck_assert_uint_eq(arena_used(vms.arena) - used, PAGE);
	vm_object_drop(object);
	ck_assert_uint_eq(arena_used(vms.arena), used);
}
END_TEST

START_TEST(test_anon_arena_at_its_end_is_enomem)
{
	struct vm_object *object;
	uint64_t index = 0, pa;
	bool writable;
	int error;

	ck_assert_int_eq(vm_object_anon(&vms, 0x7FFFFFFF, &object), 0);
	while (
	    (error = vm_object_page(object, index, true, &pa, &writable)) == 0)
		index++;
	ck_assert_int_eq(error, ENOMEM);
	ck_assert_uint_gt(index, 1000);
	vm_object_discard(object, 0, 1);
	ck_assert_int_eq(
	    vm_object_page(object, index, true, &pa, &writable), 0);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_one_object_per_file)
{
	struct vm_object *first = file_object(true);
	struct vm_object *second = file_object(false);
	int other;

	ck_assert_ptr_eq(first, second);
	ck_assert_ptr_eq(vm_object_lookup(&vms, file_fd), first);
	ck_assert_uint_eq(vms.objects.count, 1);
	ck_assert_int_eq(os_memfile("other", &other), 0);
	ck_assert_ptr_null(vm_object_lookup(&vms, other));
	vm_object_drop(first);
	ck_assert_uint_eq(vms.objects.count, 1);
	vm_object_drop(second);
	ck_assert_ptr_null(vm_object_lookup(&vms, file_fd));
	close(other);
}
END_TEST

START_TEST(test_file_pages_are_the_file)
{
	struct vm_object *object = file_object(true);
	uint64_t pa;

	ck_assert(!vm_object_resident(object, 3, &pa));
	pa = page_of(object, 3, true);
	file_bytes[3 * PAGE + 7] = 1;
	ck_assert_uint_eq(host(pa)[7], 1);
	host(pa)[8] = 2;
	ck_assert_uint_eq(file_bytes[3 * PAGE + 8], 2);
	ck_assert(vm_object_resident(object, 4, &pa));
	ck_assert_uint_eq(pa, page_of(object, 4, false));
	vm_object_discard(object, 0, 64);
	ck_assert_uint_eq(file_bytes[3 * PAGE + 8], 2);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_file_ends_in_a_partial_page)
{
	struct vm_object *object = file_object(true);
	uint64_t pa;
	bool writable;

	ck_assert_int_eq(ftruncate(file_fd, 5 * (off_t)PAGE + 1), 0);
	ck_assert_uint_eq(vm_object_pages(object), 6);
	page_of(object, 5, false);
	ck_assert_int_eq(
	    vm_object_page(object, 6, false, &pa, &writable), EFAULT);
	ck_assert_int_eq(
	    vm_object_page(object, UINT64_MAX >> 12, false, &pa, &writable),
	    EFAULT);
	ck_assert_int_eq(ftruncate(file_fd, 7 * (off_t)PAGE), 0);
	page_of(object, 6, false);
	ck_assert_int_eq(ftruncate(file_fd, 0), 0);
	ck_assert_uint_eq(vm_object_pages(object), 0);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_second_window_of_a_file)
{
	struct vm_object *object = file_object(true);
	uint64_t window = ARENA_SLOT_BYTES / PAGE;

	ck_assert_int_eq(ftruncate(file_fd, (off_t)(2 * ARENA_SLOT_BYTES)), 0);
	ck_assert_int_eq(pwrite(file_fd, "x", 1, (off_t)ARENA_SLOT_BYTES), 1);
	ck_assert_uint_eq(host(page_of(object, window, false))[0], 'x');
	ck_assert_uint_eq(host(page_of(object, window - 1, false))[0], 0);
	vm_object_drop(object);
}
END_TEST

/* A window opened for reading becomes writable in its place. */
START_TEST(test_windows_are_upgraded)
{
	struct vm_object *object = file_object(false), *again;
	uint64_t pa, before;
	bool writable = true;

	ck_assert(!vm_object_stores(object));
	ck_assert_int_eq(
	    vm_object_page(object, 1, false, &before, &writable), 0);
	ck_assert(!writable);
	again = file_object(true);
	ck_assert_ptr_eq(again, object);
	ck_assert(vm_object_stores(object));
	ck_assert_int_eq(vm_object_page(object, 1, true, &pa, &writable), 0);
	ck_assert(writable);
	ck_assert_uint_eq(pa, before);
	host(pa)[0] = 55;
	ck_assert_uint_eq(file_bytes[PAGE], 55);
	vm_object_drop(object);
	vm_object_drop(again);
}
END_TEST

START_TEST(test_no_descriptor_left_is_enomem)
{
	struct vm_object *object = NULL;
	struct rlimit before, limit;

	ck_assert_int_eq(getrlimit(RLIMIT_NOFILE, &before), 0);
	limit = before;
	limit.rlim_cur = 0;
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq(vm_object_file(&vms, file_fd, true, &object), ENOMEM);
	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &before), 0);
	ck_assert_ptr_null(object);
	ck_assert_uint_eq(vms.objects.count, 0);
}
END_TEST

START_TEST(test_closed_descriptor_is_ebadf)
{
	struct vm_object *object = NULL;

	ck_assert_int_eq(vm_object_file(&vms, 1000, true, &object), EBADF);
	ck_assert_uint_eq(vms.objects.count, 0);
}
END_TEST

START_TEST(test_shadow_reads_through_and_copies_on_write)
{
	struct vm_object *file = file_object(false), *shadow;
	uint64_t below, own;
	bool writable;

	memset(file_bytes + 5 * PAGE, 9, PAGE);
	ck_assert_int_eq(vm_object_shadow(&vms, file, 4, 3, &shadow), 0);
	vm_object_drop(file);
	ck_assert_uint_eq(vms.objects.count, 2);
	ck_assert_int_eq(
	    vm_object_page(shadow, 1, false, &below, &writable), 0);
	ck_assert(!writable);
	ck_assert_uint_eq(below, page_of(file, 5, false));
	ck_assert_int_eq(vm_object_page(shadow, 1, true, &own, &writable), 0);
	ck_assert(writable);
	ck_assert_uint_ne(own, below);
	ck_assert_int_eq(memcmp(host(own), file_bytes + 5 * PAGE, PAGE), 0);
	host(own)[0] = 1;
	ck_assert_uint_eq(file_bytes[5 * PAGE], 9);
	ck_assert_int_eq(
	    vm_object_page(shadow, 1, false, &below, &writable), 0);
	ck_assert_uint_eq(below, own);
	ck_assert(writable);
	vm_object_discard(shadow, 1, 1);
	ck_assert_uint_eq(host(page_of(shadow, 1, false))[0], 9);
	ck_assert_int_eq(
	    vm_object_page(shadow, 3, false, &below, &writable), EFAULT);
	vm_object_drop(shadow);
}
END_TEST

START_TEST(test_shadow_ends_with_its_file_but_keeps_copies)
{
	struct vm_object *file = file_object(false), *shadow;
	uint64_t pa, own;
	bool writable;

	ck_assert_int_eq(vm_object_shadow(&vms, file, 0, 100, &shadow), 0);
	own = page_of(shadow, 8, true);
	ck_assert_int_eq(ftruncate(file_fd, 4 * (off_t)PAGE), 0);
	ck_assert_uint_eq(page_of(shadow, 8, true), own);
	ck_assert_int_eq(
	    vm_object_page(shadow, 9, true, &pa, &writable), EFAULT);
	ck_assert_int_eq(
	    vm_object_page(shadow, 64, false, &pa, &writable), EFAULT);
	vm_object_drop(file);
	vm_object_drop(shadow);
}
END_TEST

START_TEST(test_peek_changes_nothing)
{
	struct vm_object *file = file_object(true), *shadow, *anon;
	uint64_t pa, used;
	bool own;

	ck_assert_int_eq(vm_object_shadow(&vms, file, 0, 4, &shadow), 0);
	ck_assert_int_eq(vm_object_anon(&vms, 4, &anon), 0);
	page_of(file, 0, false);
	used = arena_used(vms.arena);
	ck_assert_int_eq(vm_object_peek(anon, 1, false, &pa, &own), ENOENT);
	ck_assert_int_eq(vm_object_peek(anon, 4, false, &pa, &own), EFAULT);
	ck_assert_int_eq(vm_object_peek(shadow, 1, true, &pa, &own), ENOENT);
	ck_assert_int_eq(vm_object_peek(shadow, 1, false, &pa, &own), 0);
	ck_assert(!own);
	ck_assert_uint_eq(pa, page_of(file, 1, false));
	ck_assert_uint_eq(arena_used(vms.arena), used);
	page_of(shadow, 1, true);
	ck_assert_int_eq(vm_object_peek(shadow, 1, true, &pa, &own), 0);
	ck_assert(own);
	ck_assert_uint_eq(pa, page_of(shadow, 1, false));
	vm_object_drop(anon);
	vm_object_drop(shadow);
	vm_object_drop(file);
}
END_TEST

START_TEST(test_discard_drops_translations)
{
	struct vm_object *object;

	ck_assert_int_eq(vm_object_anon(&vms, 4, &object), 0);
	ck_assert_int_eq(
	    pmap_enter(&space->pmap, 0x1000, page_of(object, 1, true), true),
	    0);
	ck_assert_int_eq(
	    pmap_enter(&space->pmap, 0x5000, page_of(object, 1, true), false),
	    0);
	ck_assert_int_eq(
	    pmap_enter(&space->pmap, 0x2000, page_of(object, 2, true), true),
	    0);
	vm_object_discard(object, 1, 1);
	ck_assert(!present(0x1000));
	ck_assert(!present(0x5000));
	ck_assert(present(0x2000));
	vm_object_drop(object);
	ck_assert(!present(0x2000));
}
END_TEST

START_TEST(test_shrunk_file_drops_translations)
{
	struct vm_object *object = file_object(true);

	for (uint64_t i = 0; i < 4; i++)
		ck_assert_int_eq(pmap_enter(&space->pmap, i * PAGE,
				     page_of(object, i, true), true),
		    0);
	ck_assert(vm_object_check_size(object));
	ck_assert(present(3 * PAGE));
	ck_assert_int_eq(ftruncate(file_fd, 2 * (off_t)PAGE), 0);
	ck_assert(vm_object_check_size(object));
	ck_assert(present(1 * PAGE));
	ck_assert(!present(2 * PAGE));
	ck_assert(!present(3 * PAGE));
	vm_object_drop(object);
}
END_TEST

START_TEST(test_sealed_file_need_not_be_asked)
{
	struct vm_object *object;

	if (os_seal_shrink(file_fd) != 0)
		return;
	object = file_object(true);
	ck_assert(!vm_object_check_size(object));
	ck_assert_ptr_null(vm_object_shrinkable(object));
	page_of(object, FILE_PAGES - 1, false);
	/* It may still grow. */
	ck_assert_int_eq(ftruncate(file_fd, (FILE_PAGES + 1) * (off_t)PAGE), 0);
	page_of(object, FILE_PAGES, false);
	vm_object_drop(object);
}
END_TEST

/* As run.c does after SIGBUS: the window is shown again at the next use. */
START_TEST(test_broken_slot_is_shown_again)
{
	struct vm_object *object = file_object(true);
	uint64_t pa = page_of(object, 1, true);

	file_bytes[PAGE] = 3;
	ck_assert_int_eq(pmap_enter(&space->pmap, 0x7000, pa, true), 0);
	ck_assert(arena_repair(vms.arena, host(pa)));
	ck_assert_uint_eq(host(pa)[0], 0);
	vm_object_broken_slot(&vms, arena_broken(vms.arena));
	ck_assert(!present(0x7000));
	ck_assert(!vm_object_resident(object, 1, &pa));
	ck_assert_uint_eq(host(page_of(object, 1, true))[0], 3);
	vm_object_broken_slot(&vms, 0);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_coalesce)
{
	static const struct {
		const char *name;
		uint64_t pages, index, count, more;
		bool shared, result;
		uint64_t pages_after;
	} rows[] = {
		{ "at the end", 4, 0, 4, 2, false, true, 6 },
		{ "at the end, shared", 4, 0, 4, 2, true, true, 6 },
		{ "inside", 8, 0, 4, 2, false, true, 8 },
		{ "inside, shared", 8, 0, 4, 2, true, false, 8 },
		{ "across the end", 5, 1, 3, 4, false, true, 8 },
	};
	struct vm_object *object;
	uint64_t pa, used;

	ck_assert(vm_object_coalesce(NULL, 0, 1, 1));
	ck_assert_int_eq(vm_object_anon(&vms, rows[_i].pages, &object), 0);
	used = arena_used(vms.arena);
	for (uint64_t i = 0; i < rows[_i].pages; i++)
		page_of(object, i, true);
	if (rows[_i].shared)
		vm_object_ref(object);
	ck_assert_int_eq(vm_object_coalesce(object, rows[_i].index,
			     rows[_i].count, rows[_i].more),
	    rows[_i].result);
	ck_assert_uint_eq(vm_object_pages(object), rows[_i].pages_after);
	for (uint64_t i = 0; i < rows[_i].pages; i++) {
		uint64_t end = rows[_i].index + rows[_i].count;
		bool lost =
		    rows[_i].result && i >= end && i < end + rows[_i].more;
		bool own;
		ck_assert_int_eq(vm_object_peek(object, i, true, &pa, &own),
		    lost ? ENOENT : 0);
	}
	if (rows[_i].shared)
		vm_object_drop(object);
	vm_object_drop(object);
	ck_assert_uint_eq(arena_used(vms.arena), used);
}
END_TEST

START_TEST(test_cut_shortens_a_shared_object)
{
	struct vm_object *object;

	ck_assert_int_eq(vm_object_anon(&vms, 6, &object), 0);
	vm_object_cut(object, 4, 2); /* the only reference: it dies anyway */
	ck_assert_uint_eq(vm_object_pages(object), 6);
	vm_object_ref(object);
	vm_object_cut(object, 2, 2);
	ck_assert_uint_eq(vm_object_pages(object), 6);
	vm_object_cut(object, 4, 2);
	ck_assert_uint_eq(vm_object_pages(object), 4);
	vm_object_drop(object);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_held_sizes_are_asked_once)
{
	struct vm_object *object = file_object(true);
	uint64_t pa;
	bool writable;

	vm_object_sizes_hold(&vms);
	page_of(object, 10, false);
	ck_assert_int_eq(ftruncate(file_fd, 4 * (off_t)PAGE), 0);
	page_of(object, 10, false);
	vm_object_sizes_release(&vms);
	ck_assert_int_eq(
	    vm_object_page(object, 10, false, &pa, &writable), EFAULT);
	vm_object_sizes_hold(&vms);
	ck_assert_int_eq(
	    vm_object_page(object, 5, false, &pa, &writable), EFAULT);
	vm_object_sizes_release(&vms);
	vm_object_drop(object);
}
END_TEST

START_TEST(test_drop_beyond_the_last_aborts)
{
	struct vm_object *object;

	ck_assert_int_eq(vm_object_anon(&vms, 1, &object), 0);
	object->refs = 0;
	vm_object_drop(object);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vm_object");
	TCase *tc = tcase_create("vm_object");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vm_setup, vm_teardown);
	tcase_add_test(tc, test_drop_of_null_is_accepted);
	tcase_add_test(tc, test_anon_pages_are_zero_own_and_bounded);
	tcase_add_test(tc, test_huge_anon_object_costs_what_is_touched);
	tcase_add_test(tc, test_anon_arena_at_its_end_is_enomem);
	tcase_add_test(tc, test_one_object_per_file);
	tcase_add_test(tc, test_file_pages_are_the_file);
	tcase_add_test(tc, test_file_ends_in_a_partial_page);
	tcase_add_test(tc, test_second_window_of_a_file);
	tcase_add_test(tc, test_windows_are_upgraded);
	tcase_add_test(tc, test_no_descriptor_left_is_enomem);
	tcase_add_test(tc, test_closed_descriptor_is_ebadf);
	tcase_add_test(tc, test_shadow_reads_through_and_copies_on_write);
	tcase_add_test(tc, test_shadow_ends_with_its_file_but_keeps_copies);
	tcase_add_test(tc, test_peek_changes_nothing);
	tcase_add_test(tc, test_discard_drops_translations);
	tcase_add_test(tc, test_shrunk_file_drops_translations);
	tcase_add_test(tc, test_sealed_file_need_not_be_asked);
	tcase_add_test(tc, test_broken_slot_is_shown_again);
	tcase_add_loop_test(tc, test_coalesce, 0, 5);
	tcase_add_test(tc, test_cut_shortens_a_shared_object);
	tcase_add_test(tc, test_held_sizes_are_asked_once);
	tcase_add_test_raise_signal(
	    tc, test_drop_beyond_the_last_aborts, SIGABRT);
	return suite_run(suite);
}
