/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/u64map.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>

static struct u64map map;

static void
setup(void)
{
	map = (struct u64map){ 0 };
}

static void
teardown(void)
{
	u64map_finish(&map);
}

START_TEST(test_empty_map_has_no_key)
{
	ck_assert(!u64map_get(&map, 0, NULL));
	ck_assert(!u64map_remove(&map, 0, NULL));
}
END_TEST

START_TEST(test_put_replaces)
{
	uint64_t value;

	ck_assert_int_eq(u64map_put(&map, 0, 1), 0);
	ck_assert_int_eq(u64map_put(&map, 0, 2), 0);
	ck_assert(u64map_get(&map, 0, &value));
	ck_assert_uint_eq(value, 2);
	ck_assert_uint_eq(map.count, 1);
}
END_TEST

START_TEST(test_largest_key_works)
{
	uint64_t value;

	ck_assert_int_eq(u64map_put(&map, UINT64_MAX - 1, 7), 0);
	ck_assert(u64map_remove(&map, UINT64_MAX - 1, &value));
	ck_assert_uint_eq(value, 7);
}
END_TEST

START_TEST(test_reserved_key_aborts)
{
	(void)u64map_put(&map, UINT64_MAX, 0);
}
END_TEST

START_TEST(test_last_removal_frees)
{
	ck_assert_int_eq(u64map_put(&map, 5, 5), 0);
	ck_assert(u64map_remove(&map, 5, NULL));
	ck_assert_ptr_null(map.slots);
	ck_assert_uint_eq(map.capacity, 0);
}
END_TEST

static uint64_t
random_next(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return *state >> 33;
}

/* Against a plain array, with keys that collide often. */
#define KEYS 512
static uint64_t shadow[KEYS];

static void
compare_all(void)
{
	size_t count = 0;
	uint64_t value;

	for (uint64_t key = 0; key < KEYS; key++) {
		bool found = u64map_get(&map, key << 21, &value);
		ck_assert_int_eq(found, shadow[key] != 0);
		if (found)
			ck_assert_uint_eq(value, shadow[key]);
		count += found;
	}
	ck_assert_uint_eq(count, map.count);
}

static void
forget(void *arg, uint64_t key, uint64_t value)
{
	size_t *calls = arg;

	ck_assert_uint_eq(shadow[key >> 21], value);
	shadow[key >> 21] = 0;
	(*calls)++;
}

START_TEST(test_random_operations_match_an_array)
{
	uint64_t state = (uint64_t)_i + 1;

	for (int step = 0; step < 20000; step++) {
		uint64_t key = random_next(&state) % KEYS;
		uint64_t value = random_next(&state) + 1;
		size_t calls = 0;
		if (step % 997 == 0) {
			u64map_drain(
			    &map, key << 21, (key + 40) << 21, forget, &calls);
			for (uint64_t k = key; k < key + 40 && k < KEYS; k++)
				ck_assert_uint_eq(shadow[k], 0);
		} else if (value % 3 == 0) {
			ck_assert_int_eq(u64map_remove(&map, key << 21, NULL),
			    shadow[key] != 0);
			shadow[key] = 0;
		} else {
			ck_assert_int_eq(u64map_put(&map, key << 21, value), 0);
			shadow[key] = value;
		}
		if (step % 500 == 0)
			compare_all();
	}
	compare_all();
}
END_TEST

static void
sum(void *arg, uint64_t key, uint64_t value)
{
	ck_assert_uint_eq(key * 2, value);
	*(uint64_t *)arg += key;
}

START_TEST(test_drain_takes_exactly_the_range)
{
	static const struct {
		uint64_t first, end, sum;
	} rows[] = {
		{ 0, 0, 0 },
		{ 3, 6, 12 },
		{ 90, UINT64_MAX, 945 },
		{ 0, UINT64_MAX, 4950 },
		{ 60, 50, 0 },
	};
	uint64_t drained = 0, left = 0;

	for (uint64_t key = 0; key < 100; key++)
		ck_assert_int_eq(u64map_put(&map, key, key * 2), 0);
	u64map_drain(&map, rows[_i].first, rows[_i].end, sum, &drained);
	u64map_each(&map, sum, &left);
	ck_assert_uint_eq(drained, rows[_i].sum);
	ck_assert_uint_eq(left, 4950 - rows[_i].sum);
}
END_TEST

static Suite *
u64map_suite(void)
{
	Suite *suite = suite_create("u64map");
	TCase *tc = tcase_create("u64map");

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_empty_map_has_no_key);
	tcase_add_test(tc, test_put_replaces);
	tcase_add_test(tc, test_largest_key_works);
	tcase_add_test_raise_signal(tc, test_reserved_key_aborts, SIGABRT);
	tcase_add_test(tc, test_last_removal_frees);
	tcase_add_loop_test(tc, test_random_operations_match_an_array, 0, 4);
	tcase_add_loop_test(tc, test_drain_takes_exactly_the_range, 0, 5);
	return suite;
}

int
main(void)
{
	SRunner *runner = srunner_create(u64map_suite());
	int failed;

	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
