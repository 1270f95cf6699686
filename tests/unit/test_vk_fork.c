/* SPDX-License-Identifier: BSD-2-Clause */
/* Two address spaces of the reference vkernel: what fork() makes of one. */
#include "tests/unit/vk_fixture.h"

#define PAGE UINT64_C(4096)
#define AT   UINT64_C(0x100000)

static vms_vpte_t
leaf(uint64_t va)
{
	vk_slot *slot;

	slot = vptab_lookup(&mm->tab, va);
	return slot == NULL ? 0 : slot_get(slot);
}

static char
byte_of(struct vk_mm *of, uint64_t va)
{
	char c;

	ck_assert_int_eq(copyin(of, &c, va, 1), 0);
	return c;
}

START_TEST(test_fork_shares_until_written)
{
	struct vk_mm *child;

	map_anonymous(AT, 3 * PAGE, RW);
	ck_assert_int_eq(copyout(mm, AT, "p", 1), 0);
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	ck_assert_uint_eq(leaf(AT) & VMS_VPTE_W, 0);
	ck_assert_int_eq(byte_of(child, AT), 'p');
	ck_assert_int_eq(copyout(child, AT, "c", 1), 0);
	ck_assert_int_eq(copyout(child, AT + PAGE, "d", 1), 0);
	ck_assert_int_eq(byte_of(mm, AT), 'p');
	ck_assert_int_eq(byte_of(mm, AT + PAGE), 0);
	ck_assert_int_eq(copyout(mm, AT, "q", 1), 0);
	ck_assert_int_eq(byte_of(child, AT), 'c');
	mm_drop(child);
	ck_assert_int_eq(byte_of(mm, AT), 'q');
}
END_TEST

START_TEST(test_fork_keeps_shared_memory_shared)
{
	struct vk_mapping mapping = { .addr = AT,
		.len = 2 * PAGE,
		.prot = RW,
		.flags = AREA_SHARED | AREA_MAYWRITE,
		.fixed = true };
	struct vk_mm *child;
	uint64_t va;

	ck_assert_int_eq(object_anonymous(&memory.cache, &mapping.object), 0);
	ck_assert_int_eq(mm_map(mm, &mapping, &va), 0);
	object_drop(mapping.object);
	ck_assert_int_eq(copyout(mm, AT, "p", 1), 0);
	ck_assert_int_eq(mm_fork(mm, &child), 0);
	ck_assert_uint_ne(leaf(AT) & VMS_VPTE_W, 0);
	ck_assert_int_eq(copyout(child, AT, "c", 1), 0);
	ck_assert_int_eq(copyout(child, AT + PAGE, "d", 1), 0);
	ck_assert_int_eq(byte_of(mm, AT), 'c');
	ck_assert_int_eq(byte_of(mm, AT + PAGE), 'd');
	mm_drop(child);
}
END_TEST

START_TEST(test_fork_without_memory_leaves_the_parent)
{
	struct vk_mm *child;
	uint64_t va;

	map_anonymous(AT, UINT64_C(64) << 20, RW);
	for (va = AT; mm_fault(mm, va, MM_WRITE) != MM_NO_MEMORY; va += PAGE)
		continue;
	ck_assert_int_eq(mm_fork(mm, &child), LX_ENOMEM);
	ck_assert_int_eq(copyout(mm, AT, "x", 1), 0);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_fork");
	TCase *tc = tcase_create("vk_fork");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, vk_setup, vk_teardown);
	tcase_add_test(tc, test_fork_shares_until_written);
	tcase_add_test(tc, test_fork_keeps_shared_memory_shared);
	tcase_add_test(tc, test_fork_without_memory_leaves_the_parent);
	return vk_run_suite(suite);
}
