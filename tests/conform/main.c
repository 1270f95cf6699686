/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs the conformance rows, each in a process of its own.
 *
 *	conform [-f FACE] [-n NUMBER]...   run (all faces, all numbers)
 *	conform --list                     the rows and their test names
 *	conform --after-exec               used by the exec row (C204)
 *
 * FACE is handle, handle-chaos, handle-recorded, handle-verified, dropin or
 * dropin-chaos.  Recorded rows must pass as they are, and are replayed.
 */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/conform/conform.h"
#include "tests/conform/coverage.h"
#include "tests/conform/dropin_api.h"

static const struct mode {
	const char *name;
	const struct face *face;
	bool chaos;
	unsigned not_on; /* rows with one of these flags are left out */
	enum recording recording;
} modes[] = {
	{ "handle", &face_handle, false, ROW_DROPIN, UNRECORDED },
	{ "handle-chaos", &face_handle, true, ROW_DROPIN | ROW_NO_CHAOS,
	    UNRECORDED },
	{ "handle-recorded", &face_handle, false, ROW_DROPIN | ROW_NO_RECORD,
	    RECORDED },
	{ "handle-verified", &face_handle, false, ROW_DROPIN | ROW_NO_RECORD,
	    VERIFIED },
	{ "dropin", &face_dropin, false, ROW_HANDLE, UNRECORDED },
	{ "dropin-chaos", &face_dropin, true, ROW_HANDLE | ROW_NO_CHAOS,
	    UNRECORDED },
};
enum { MODES = sizeof(modes) / sizeof(modes[0]) };

/* A row on a mode; Check hands a test nothing but an index. */
struct test {
	const struct mode *mode;
	const struct row *row;
	char name[128];
};

const struct face *F;
bool chaos;
enum recording recording;
const char *self_path;
static const struct test *current;
static struct test *tests;
static size_t test_count;

void
expect_true(bool ok, const char *text, const char *file, int line)
{
	if (!ok)
		ck_abort_msg("[%s] %s:%d: %s", current->name, file, line, text);
	else
		mark_point();
}

void
expect_eq(
    uint64_t got, uint64_t want, const char *text, const char *file, int line)
{
	if (got != want)
		ck_abort_msg("[%s] %s:%d: %s: got 0x%" PRIx64
			     ", want 0x%" PRIx64,
		    current->name, file, line, text, got, want);
	else
		mark_point();
}

void
note(const char *text)
{
	printf("%s: %s\n", current->name, text);
	fflush(stdout);
}

START_TEST(run_row)
{
	const struct row *row;
	const char *left;

	current = &tests[_i];
	row = current->row;
	F = current->mode->face;
	chaos = current->mode->chaos;
	recording = current->mode->recording;
	if (SIGNALS_ARE_LATE && (row->flags & ROW_SIGNALS)) {
		note("skipped: the thread sanitizer delays signals");
		return;
	}
	if (row->flags & ROW_FORKS) {
		row->fn();
		return;
	}
	F->open(chaos);
	if (!(row->flags & ROW_RAW))
		F->enable(1);
	row->fn();
	left = F->close();
	ck_assert_msg(left == NULL, "[%s] %s", current->name, left);
}
END_TEST

static bool
wanted(const char *name, const char *const *list)
{
	if (list[0] == NULL)
		return true;
	for (; *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static void
test_add(const struct mode *mode, const struct row *row)
{
	struct test *t;

	tests = realloc(tests, (test_count + 1) * sizeof(*tests));
	if (tests == NULL)
		abort();
	t = &tests[test_count++];
	t->mode = mode;
	t->row = row;
	snprintf(t->name, sizeof(t->name), "%s %s: %s", row->number, mode->name,
	    row->what);
}

static void
tests_collect(const char *const *faces, const char *const *numbers)
{
	for (size_t m = 0; m < MODES; m++)
		for (size_t g = 0; groups[g] != NULL; g++)
			for (size_t r = 0; r < groups[g]->count; r++) {
				const struct row *row = &groups[g]->rows[r];

				if ((row->flags & modes[m].not_on) == 0 &&
				    wanted(modes[m].name, faces) &&
				    wanted(row->number, numbers))
					test_add(&modes[m], row);
			}
}

/* One test case per row, so that a crash is printed with the row's name. */
static Suite *
conform_suite(void)
{
	Suite *s = suite_create("conform");

	for (size_t i = 0; i < test_count; i++) {
		TCase *tc = tcase_create(tests[i].name);

		tcase_set_timeout(tc, 90);
		tcase_add_loop_test(tc, run_row, (int)i, (int)i + 1);
		suite_add_tcase(s, tc);
	}
	suite_add_tcase(s, coverage_tcase());
	return s;
}

static void
list(void)
{
	for (size_t g = 0; groups[g] != NULL; g++)
		for (size_t r = 0; r < groups[g]->count; r++) {
			const struct row *row = &groups[g]->rows[r];

			printf("%-5s %s.%s: %s [", row->number, groups[g]->name,
			    row->number, row->what);
			for (size_t m = 0; m < MODES; m++)
				if ((row->flags & modes[m].not_on) == 0)
					printf(" %s", modes[m].name);
			printf(" ]%s\n",
			    groups[g] == &group_deviation ? " cannot" : "");
		}
}

static int
run(void)
{
	SRunner *sr = srunner_create(conform_suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	free(tests);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
usage(void)
{
	fprintf(
	    stderr, "usage: conform [--list] [-f FACE]... [-n NUMBER]...\n");
	return 2;
}

int
main(int argc, char **argv)
{
	const char *faces[16] = { NULL }, *numbers[64] = { NULL };
	size_t nfaces = 0, nnumbers = 0;

	self_path = argv[0];
	if (argc == 2 && strcmp(argv[1], "--list") == 0) {
		list();
		return 0;
	}
	if (argc == 2 && strcmp(argv[1], "--after-exec") == 0)
		return dropin_after_exec();
	for (int i = 1; i < argc; i += 2) {
		if (i + 1 == argc)
			return usage();
		if (strcmp(argv[i], "-f") == 0 && nfaces < 15)
			faces[nfaces++] = argv[i + 1];
		else if (strcmp(argv[i], "-n") == 0 && nnumbers < 63)
			numbers[nnumbers++] = argv[i + 1];
		else
			return usage();
	}
	tests_collect(faces, numbers);
	return run();
}
