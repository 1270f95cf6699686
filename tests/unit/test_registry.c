/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace/registry: entries by id. */
#include "vmspace/registry.h"

#include <check.h>
#include <errno.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>

static struct vkernel_proc *vkp;

static void
setup(void)
{
	ck_assert_int_eq(registry_create(&vkp), 0);
}

static void
teardown(void)
{
	registry_drop(vkp);
}

static void *
id(uintptr_t word)
{
	return (void *)word;
}

START_TEST(test_new_registry_is_empty_with_one_reference)
{
	ck_assert_uint_eq(vkp->refs, 1);
	ck_assert_uint_eq(vkp->count, 0);
	ck_assert_ptr_null(registry_lookup(vkp, id(0)));
}
END_TEST

/* C19, C20, C22: an id is a word, equal only to itself. */
static const uintptr_t words[] = { 0, 1, 2, 3, 0x1000, 0x1001, 0x100000000,
	UINTPTR_MAX, UINTPTR_MAX - 1 };
#define WORDS (sizeof(words) / sizeof(words[0]))

START_TEST(test_any_word_is_an_id)
{
	for (size_t i = 0; i < WORDS; i++) {
		ck_assert_ptr_null(registry_lookup(vkp, id(words[i])));
		ck_assert_int_eq(registry_insert(vkp, id(words[i]), NULL), 0);
	}
	for (size_t i = 0; i < WORDS; i++) {
		struct vmspace_entry *ve = registry_lookup(vkp, id(words[i]));
		ck_assert_ptr_nonnull(ve);
		ck_assert_ptr_eq(ve->id, id(words[i]));
		ck_assert_uint_eq(ve->refs, 0);
	}
	ck_assert_ptr_null(registry_lookup(vkp, id(4)));
}
END_TEST

START_TEST(test_deleted_id_is_gone_and_can_come_back)
{
	struct vmspace_entry *ve;

	for (size_t i = 0; i < WORDS; i++)
		ck_assert_int_eq(registry_insert(vkp, id(words[i]), NULL), 0);
	ve = registry_lookup(vkp, id(2));
	registry_delete(vkp, ve);
	ck_assert_ptr_null(registry_lookup(vkp, id(2)));
	ck_assert_ptr_nonnull(registry_lookup(vkp, id(3)));
	ck_assert_uint_eq(vkp->count, WORDS - 1);
	ck_assert_int_eq(registry_insert(vkp, id(2), NULL), 0);
	ck_assert_ptr_nonnull(registry_lookup(vkp, id(2)));
}
END_TEST

/* Ids as a vkernel chooses them: addresses of structures of one size. */
START_TEST(test_hundred_thousand_ids_have_short_chains)
{
	const uintptr_t base = 0x7f0000001040, step = 0x140;
	size_t longest = 0;

	for (uintptr_t i = 0; i < 100000; i++)
		ck_assert_int_eq(
		    registry_insert(vkp, id(base + i * step), NULL), 0);
	for (uintptr_t i = 0; i < 100000; i++)
		ck_assert_ptr_eq(registry_lookup(vkp, id(base + i * step))->id,
		    id(base + i * step));
	for (size_t i = 0; i < (size_t)1 << vkp->bits; i++) {
		size_t length = 0;
		for (struct vmspace_entry *ve = vkp->buckets[i]; ve != NULL;
		     ve = ve->next)
			length++;
		if (length > longest)
			longest = length;
	}
	ck_assert_uint_lt(longest, 16);
	for (uintptr_t i = 0; i < 100000; i += 2)
		registry_delete(vkp, registry_lookup(vkp, id(base + i * step)));
	for (uintptr_t i = 0; i < 100000; i++)
		ck_assert_int_eq(
		    registry_lookup(vkp, id(base + i * step)) != NULL,
		    i % 2 == 1);
}
END_TEST

START_TEST(test_only_the_last_drop_deletes)
{
	ck_assert_int_eq(registry_insert(vkp, id(1), NULL), 0);
	registry_ref(vkp);
	registry_drop(vkp);
	ck_assert_uint_eq(vkp->refs, 1);
	ck_assert_ptr_nonnull(registry_lookup(vkp, id(1)));
}
END_TEST

START_TEST(test_delete_of_a_referenced_entry_is_a_bug)
{
	struct vmspace_entry *ve;

	ck_assert_int_eq(registry_insert(vkp, id(1), NULL), 0);
	ve = registry_lookup(vkp, id(1));
	ve->refs = 1;
	registry_delete(vkp, ve);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("registry");
	TCase *tc = tcase_create("registry");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_new_registry_is_empty_with_one_reference);
	tcase_add_test(tc, test_any_word_is_an_id);
	tcase_add_test(tc, test_deleted_id_is_gone_and_can_come_back);
	tcase_add_test(tc, test_hundred_thousand_ids_have_short_chains);
	tcase_add_test(tc, test_only_the_last_drop_deletes);
	tcase_add_test_raise_signal(
	    tc, test_delete_of_a_referenced_entry_is_a_bug, SIGABRT);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
