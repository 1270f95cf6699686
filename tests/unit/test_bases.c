/* SPDX-License-Identifier: BSD-2-Clause */
/* Where address spaces begin, with and without randomisation. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "loader/bases.h"

#define MIB        (UINT64_C(1) << 20)
#define ROUNDS     20000
#define ALL(bits)  (((UINT64_C(1) << (bits)) - 1) << PAGE_SHIFT)
#define PIE_BASE   UINT64_C(0x555555554000)
#define STACK_END  UINT64_C(0x7ffffffff000)
#define STACK_MOST ALL(22)

/* As /proc/self/maps of Linux under "setarch -R" says. */
static const struct {
	uint64_t stack_limit, mmap_base;
} fixed[] = {
	{ 8 * MIB, UINT64_C(0x7ffff7fff000) },
	{ 0, UINT64_C(0x7ffff7fff000) },
	{ 127 * MIB, UINT64_C(0x7ffff7fff000) },
	{ 200 * MIB, UINT64_C(0x7ffff36ff000) },
	{ UINT64_MAX, UINT64_C(0x155555556000) },
};

START_TEST(test_bases_are_those_without_randomisation)
{
	struct load_bases bases;

	load_bases_choose(NULL, fixed[_i].stack_limit, &bases);
	ck_assert_uint_eq(bases.pie_base, PIE_BASE);
	ck_assert_uint_eq(bases.mmap_base, fixed[_i].mmap_base);
	ck_assert_uint_eq(bases.stack_end, STACK_END);
	ck_assert_uint_eq(bases.brk_offset, 0);
}
END_TEST

START_TEST(test_same_number_gives_the_same_bases)
{
	const uint64_t number = 12345, other = 12346;
	struct load_bases a, b;

	load_bases_choose(&number, 8 * MIB, &a);
	load_bases_choose(&number, 8 * MIB, &b);
	ck_assert_int_eq(memcmp(&a, &b, sizeof(a)), 0);
	load_bases_choose(&other, 8 * MIB, &b);
	ck_assert_uint_ne(a.pie_base, b.pie_base);
	ck_assert_uint_ne(a.mmap_base, b.mmap_base);
	ck_assert_uint_ne(a.stack_end, b.stack_end);
	ck_assert_uint_ne(a.brk_offset, b.brk_offset);
}
END_TEST

/* Bits that were 1 and bits that were 0. */
struct seen {
	uint64_t ones, zeros;
};

static void
seen_add(struct seen *seen, uint64_t offset)
{
	seen->ones |= offset;
	seen->zeros |= ~offset;
}

static void
seen_check(const struct seen *seen, unsigned bits)
{
	ck_assert_uint_eq(seen->ones, ALL(bits));
	ck_assert_uint_eq(seen->zeros & ALL(bits), ALL(bits));
}

START_TEST(test_every_bit_of_linux_is_random)
{
	struct seen pie = { 0, 0 }, map = pie, stack = pie, brk = pie;
	struct load_bases bases;

	for (uint64_t number = 0; number < ROUNDS; number++) {
		load_bases_choose(&number, 8 * MIB, &bases);
		seen_add(&pie, bases.pie_base - PIE_BASE);
		/* The stack may lie so much lower: room is left for it. */
		seen_add(
		    &map, STACK_END - STACK_MOST - 9 * MIB - bases.mmap_base);
		seen_add(&stack, STACK_END - bases.stack_end);
		seen_add(&brk, bases.brk_offset);
		ck_assert_uint_lt(bases.mmap_base + 8 * MIB, bases.stack_end);
	}
	seen_check(&pie, 28);
	seen_check(&map, 28);
	seen_check(&stack, 22);
	seen_check(&brk, 13);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("bases");
	TCase *tc = tcase_create("bases");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, test_bases_are_those_without_randomisation, 0,
	    sizeof(fixed) / sizeof(fixed[0]));
	tcase_add_test(tc, test_same_number_gives_the_same_bases);
	tcase_add_test(tc, test_every_bit_of_linux_is_random);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
