/* SPDX-License-Identifier: BSD-2-Clause */
/* stat under the virtual clock: nothing in it differs from run to run. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/stat_virtual.h"

#define START  INT64_C(1704067200) /* of virtual time */
#define BEFORE INT64_C(1600000000) /* the run */

static struct vk_strangers strangers;
static int64_t now;

static void
setup(void)
{
	strangers_init(&strangers);
	strangers_finish(&strangers); /* the test's own output files */
	now = (int64_t)(strangers.started_ns / NS_PER_SEC) + 2;
}

static void
teardown(void)
{
	strangers_finish(&strangers);
}

enum when { OLD, OLDER, NEW, VIRTUAL };

static struct lx_timespec
time_of(enum when when)
{
	switch (when) {
	case OLD:
		return (struct lx_timespec){ BEFORE, 5 };
	case OLDER:
		return (struct lx_timespec){ BEFORE - 9, 7 };
	case NEW:
		return (struct lx_timespec){ now, 1 };
	default:
		return (struct lx_timespec){ START, 0 };
	}
}

static const struct {
	const char *name;
	enum when in[3], out[3]; /* access, modification, change */
} rows[] = {
	{ "unchanged", { OLD, OLDER, OLD }, { OLDER, OLDER, OLDER } },
	{ "unchanged and read", { NEW, OLDER, OLD }, { OLDER, OLDER, OLDER } },
	{ "written", { OLD, NEW, NEW }, { OLD, VIRTUAL, VIRTUAL } },
	{ "new", { NEW, NEW, NEW }, { VIRTUAL, VIRTUAL, VIRTUAL } },
	{ "times set", { OLD, OLDER, NEW }, { OLD, OLDER, VIRTUAL } },
};

static void
same_time(struct lx_timespec time, enum when when, const char *name)
{
	struct lx_timespec want;

	want = time_of(when);
	ck_assert_msg(
	    time.tv_sec == want.tv_sec && time.tv_nsec == want.tv_nsec, "%s",
	    name);
}

START_TEST(test_times_of_files)
{
	struct lx_stat st;

	memset(&st, 0, sizeof(st));
	st.st_mode = 0100644;
	st.st_dev = 9;
	st.st_ino = 77;
	st.st_atim = time_of(rows[_i].in[0]);
	st.st_mtim = time_of(rows[_i].in[1]);
	st.st_ctim = time_of(rows[_i].in[2]);
	stat_settle(&strangers, &st);
	same_time(st.st_atim, rows[_i].out[0], rows[_i].name);
	same_time(st.st_mtim, rows[_i].out[1], rows[_i].name);
	same_time(st.st_ctim, rows[_i].out[2], rows[_i].name);
	ck_assert_uint_eq(st.st_ino, 1);
	ck_assert_uint_eq(st.st_dev, 9);
}
END_TEST

static struct lx_stat
settled(uint32_t mode, uint64_t ino)
{
	struct lx_stat st;

	memset(&st, 0, sizeof(st));
	st.st_mode = mode;
	st.st_dev = 15;
	st.st_ino = ino;
	st.st_mtim = time_of(OLD);
	stat_settle(&strangers, &st);
	return st;
}

START_TEST(test_pipes_are_numbered_as_they_are_seen)
{
	struct lx_stat st;

	ck_assert_uint_eq(settled(0010600, 1338995).st_ino, 1);
	ck_assert_uint_eq(settled(0140600, 1338700).st_ino, 2);
	st = settled(0010600, 1338995);
	ck_assert_uint_eq(st.st_ino, 1);
	ck_assert_uint_eq(st.st_dev, 0);
	same_time(st.st_mtim, VIRTUAL, "pipe");
	st = settled(0040755, 4);
	ck_assert_uint_eq(st.st_ino, 3);
	ck_assert_uint_eq(st.st_dev, 15);
}
END_TEST

START_TEST(test_a_forgotten_number_is_not_given_again)
{
	uint64_t ino;

	for (ino = 100; ino < 200; ino++)
		ck_assert_uint_eq(settled(0100644, ino).st_ino, ino - 99);
	stat_forget(&strangers, 15, 142);
	stat_forget(&strangers, 15, 999);
	ck_assert_uint_eq(settled(0100644, 142).st_ino, 101);
	ck_assert_uint_eq(settled(0100644, 143).st_ino, 44);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("vk_stat");
	TCase *tc = tcase_create("vk_stat");
	SRunner *runner;
	int failed;

	suite_add_tcase(suite, tc);
	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_loop_test(
	    tc, test_times_of_files, 0, (int)(sizeof(rows) / sizeof(rows[0])));
	tcase_add_test(tc, test_pipes_are_numbered_as_they_are_seen);
	tcase_add_test(tc, test_a_forgotten_number_is_not_given_again);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
