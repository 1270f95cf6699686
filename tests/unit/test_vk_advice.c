/* SPDX-License-Identifier: BSD-2-Clause */
/* What a guest advises, locks, and may not have: limits of address spaces. */
#include "tests/unit/vk_fixture.h"

#define PAGE UINT64_C(4096)
#define AT   UINT64_C(0x100000)

static char
byte_of(struct vk_mm *of, uint64_t va)
{
	char c;

	ck_assert_int_eq(copyin(of, &c, va, 1), 0);
	return c;
}

static uint64_t
map_as(uint64_t addr, uint64_t pages, unsigned flags)
{
	struct vk_mapping mapping = { .addr = addr,
		.len = pages * PAGE,
		.prot = RW,
		.flags = flags,
		.fixed = true };
	uint64_t va;

	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	return va;
}

START_TEST(test_children_get_what_was_advised)
{
	struct vk_mm *child;

	map_as(AT, 4, 0);
	ck_assert_int_eq(copyout(mm, AT, "a", 1), 0);
	ck_assert_int_eq(copyout(mm, AT + PAGE, "b", 1), 0);
	ck_assert_int_eq(mm_advise(mm, AT, PAGE, LX_MADV_DONTFORK), 0);
	ck_assert_int_eq(mm_advise(mm, AT + PAGE, PAGE, LX_MADV_WIPEONFORK), 0);
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	ck_assert_int_eq(mm_fault(child, AT, MM_READ), MM_UNMAPPED);
	ck_assert_int_eq(byte_of(child, AT + PAGE), 0);
	ck_assert_int_eq(byte_of(mm, AT + PAGE), 'b');
	mm_drop(child);
	ck_assert_int_eq(mm_advise(mm, AT, PAGE, LX_MADV_DOFORK), 0);
	ck_assert_int_eq(mm_advise(mm, AT + PAGE, PAGE, LX_MADV_KEEPONFORK), 0);
	ck_assert_uint_eq(mm->areas.count, 1);
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	ck_assert_int_eq(byte_of(child, AT), 'a');
	ck_assert_int_eq(byte_of(child, AT + PAGE), 'b');
	mm_drop(child);
}
END_TEST

START_TEST(test_removed_pages_are_zero_for_all)
{
	struct vk_mapping mapping = { .addr = AT,
		.len = 4 * PAGE,
		.prot = RW,
		.flags = AREA_SHARED | AREA_MAYWRITE,
		.fixed = true };
	struct vk_mm *child;
	uint64_t va;

	ck_assert_int_eq(object_anonymous(&memory.cache, &mapping.object), 0);
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(mapping.object);
	ck_assert_int_eq(copyout(mm, AT + PAGE, "a", 1), 0);
	ck_assert_int_eq(copyout(mm, AT + 2 * PAGE, "b", 1), 0);
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	ck_assert_int_eq(mm_advise(mm, AT + PAGE, PAGE, LX_MADV_REMOVE), 0);
	ck_assert_int_eq(byte_of(child, AT + PAGE), 0);
	ck_assert_int_eq(byte_of(child, AT + 2 * PAGE), 'b');
	ck_assert_int_eq(copyout(child, AT + PAGE, "c", 1), 0);
	ck_assert_int_eq(byte_of(mm, AT + PAGE), 'c');
	mm_drop(child);
}
END_TEST

START_TEST(test_locked_memory_counts_once)
{
	mm->limits.lock = 4 * PAGE;
	map_as(AT, 8, 0);
	ck_assert_int_eq(mm_lock(mm, AT, 3 * PAGE, false), 0);
	ck_assert_int_eq(mm_lock(mm, AT + PAGE, 3 * PAGE, false), 0);
	ck_assert_int_eq(mm_lock(mm, AT + 4 * PAGE, PAGE, false), LX_ENOMEM);
	ck_assert_int_eq(mm_advise(mm, AT, PAGE, LX_MADV_DONTNEED), LX_EINVAL);
	ck_assert_int_eq(mm_unlock(mm, AT, 2 * PAGE), 0);
	ck_assert_int_eq(mm_lock(mm, AT + 4 * PAGE, PAGE, true), 0);
	ck_assert(mm_is_present(mm, AT + 4 * PAGE));
	ck_assert_int_eq(mm_lock_all(mm, true, false, false), LX_ENOMEM);
	mm_unlock_all(mm);
	ck_assert_uint_eq(mm->areas.count, 1);
	mm->limits.lock = 0;
	ck_assert_int_eq(mm_lock(mm, AT, PAGE, false), LX_EPERM);
}
END_TEST

static int
map_more(uint64_t pages, int prot, unsigned flags)
{
	struct vk_mapping mapping = {
		.len = pages * PAGE, .prot = prot, .flags = flags
	};
	uint64_t va;
	int error;

	error = mm_map(mm, &mapping, &va);
	if (error == 0)
		ck_assert_int_eq(mm_unmap(mm, va, pages * PAGE), 0);
	return error;
}

START_TEST(test_limits_are_kept)
{
	uint64_t va;

	map_as(AT, 8, 0);
	mm->limits.as = 10 * PAGE;
	ck_assert_int_eq(map_more(2, RW, 0), 0);
	ck_assert_int_eq(map_more(3, RW, 0), LX_ENOMEM);
	map_as(AT, 8, 0); /* replaced, not added */
	ck_assert_int_eq(
	    mm_remap(mm, AT, 8 * PAGE, 11 * PAGE, LX_MREMAP_MAYMOVE, 0, &va),
	    LX_ENOMEM);
	mm->limits.as = UINT64_MAX;
	mm->limits.data = 10 * PAGE;
	ck_assert_int_eq(map_more(3, RW, 0), LX_ENOMEM);
	ck_assert_int_eq(map_more(3, LX_PROT_READ, 0), 0);
	ck_assert_int_eq(map_more(3, RW, AREA_GROWSDOWN), 0);
	mm->brk_start = mm->brk = AT + 64 * PAGE;
	ck_assert_uint_eq(mm_set_brk(mm, mm->brk + 3 * PAGE), mm->brk_start);
	ck_assert_uint_eq(
	    mm_set_brk(mm, mm->brk + 2 * PAGE), mm->brk_start + 2 * PAGE);
}
END_TEST

START_TEST(test_more_than_all_memory_is_refused)
{
	const uint64_t all = memory.image.count;
	uint64_t va;

	ck_assert_int_eq(map_more(all, RW, 0), LX_ENOMEM);
	ck_assert_int_eq(map_more(all - 1, RW, 0), 0);
	ck_assert_int_eq(map_more(all, RW, AREA_NORESERVE), 0);
	ck_assert_int_eq(map_more(all, LX_PROT_READ, 0), 0);
	va = map_as(AT, 1, 0);
	ck_assert_int_eq(
	    mm_remap(mm, va, PAGE, (all + 1) * PAGE, LX_MREMAP_MAYMOVE, 0, &va),
	    LX_ENOMEM);
}
END_TEST

START_TEST(test_places)
{
	struct vk_mapping low = { .len = PAGE, .prot = RW, .low = true };
	struct vk_mapping keep = {
		.addr = AT, .len = PAGE, .prot = RW, .fixed = true, .keep = true
	};
	uint64_t first, va;

	ck_assert_int_eq(mm_map(mm, &low, &first), 0);
	ck_assert_uint_eq(first, 0x40000000);
	ck_assert_int_eq(mm_map(mm, &low, &va), 0);
	ck_assert_uint_eq(va, first + PAGE);
	low.len = UINT64_C(0x40000000) - PAGE;
	low.prot = LX_PROT_READ;
	ck_assert_int_eq(mm_map(mm, &low, &va), LX_ENOMEM);
	ck_assert_int_eq(mm_map(mm, &keep, &va), 0);
	ck_assert_int_eq(mm_map(mm, &keep, &va), LX_EEXIST);
}
END_TEST

START_TEST(test_what_grows_down_keeps_its_gap)
{
	uint64_t va;

	va = map_as(mm->mmap_base - PAGE, 1, AREA_GROWSDOWN);
	ck_assert_uint_eq(map_anonymous(0, PAGE, RW), va - MM_STACK_GAP - PAGE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_advice");
	TCase *tc = tcase_create("vk_advice");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vk_setup, vk_teardown);
	tcase_add_test(tc, test_children_get_what_was_advised);
	tcase_add_test(tc, test_removed_pages_are_zero_for_all);
	tcase_add_test(tc, test_locked_memory_counts_once);
	tcase_add_test(tc, test_limits_are_kept);
	tcase_add_test(tc, test_more_than_all_memory_is_refused);
	tcase_add_test(tc, test_places);
	tcase_add_test(tc, test_what_grows_down_keeps_its_gap);
	return vk_run_suite(suite);
}
