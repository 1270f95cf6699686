/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/conform/coverage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Numbers of the checklist. */
enum { FIRST = 1, LAST = 210 };

/*
 * How many numbers cannot.txt holds.  This only goes down: a number leaves the
 * file when its row passes, and this with it.
 */
enum { CANNOT = 2 };

const struct row_group *const groups[] = { &group_api, &group_create,
	&group_ctl, &group_entry, &group_fault, &group_trap, &group_signal,
	&group_mailbox, &group_mmap, &group_mmap_file, &group_munmap,
	&group_mcontrol, &group_walk, &group_walk2, &group_threads, &group_life,
	&group_native, &group_deviation, NULL };

static bool
has_row(const struct row_group *group, int number)
{
	char name[16];

	snprintf(name, sizeof(name), "C%d", number);
	for (size_t i = 0; i < group->count; i++)
		if (strcmp(group->rows[i].number, name) == 0)
			return true;
	return false;
}

static bool
is_tested(int number)
{
	for (size_t g = 0; groups[g] != NULL; g++)
		if (groups[g] != &group_deviation && has_row(groups[g], number))
			return true;
	return false;
}

/* Marks the numbers of cannot.txt ("C98 reason", '#' comments). */
static int
cannot_read(bool cannot[LAST + 1])
{
	FILE *file = fopen(CONFORM_DIR "/cannot.txt", "r");
	char line[256];
	int count = 0;

	ck_assert_msg(file != NULL, "tests/conform/cannot.txt is missing");
	while (fgets(line, sizeof(line), file) != NULL) {
		int n = line[0] == 'C' ? atoi(line + 1) : 0;

		if (line[0] == '#' || line[0] == '\n')
			continue;
		ck_assert_msg(n >= FIRST && n <= LAST && !cannot[n],
		    "cannot.txt: bad or double line: %s", line);
		cannot[n] = true;
		count++;
	}
	fclose(file);
	return count;
}

START_TEST(every_number_has_a_row)
{
	bool cannot[LAST + 1] = { false };

	cannot_read(cannot);
	for (int n = FIRST; n <= LAST; n++) {
		ck_assert_msg(cannot[n] || is_tested(n),
		    "C%d has no row and is not in cannot.txt", n);
		ck_assert_msg(cannot[n] == has_row(&group_deviation, n),
		    "C%d: cannot.txt and the deviation rows differ", n);
	}
}
END_TEST

START_TEST(cannot_list_only_shrinks)
{
	bool cannot[LAST + 1] = { false };
	int count = cannot_read(cannot);

	ck_assert_msg(count == CANNOT,
	    "cannot.txt has %d numbers, coverage.c says %d", count, CANNOT);
}
END_TEST

START_TEST(every_cannot_is_documented)
{
	static char text[1 << 18];
	bool cannot[LAST + 1] = { false };
	FILE *file = fopen(CONFORM_DIR "/../../docs/limits.md", "r");

	ck_assert_msg(file != NULL, "docs/limits.md is missing");
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	cannot_read(cannot);
	for (int n = FIRST; n <= LAST; n++) {
		char name[16];

		snprintf(name, sizeof(name), "C%d", n);
		ck_assert_msg(!cannot[n] || strstr(text, name) != NULL,
		    "docs/limits.md gives no reason for %s", name);
	}
}
END_TEST

TCase *
coverage_tcase(void)
{
	TCase *tc = tcase_create("coverage");

	tcase_add_test(tc, every_number_has_a_row);
	tcase_add_test(tc, cannot_list_only_shrinks);
	tcase_add_test(tc, every_cannot_is_documented);
	return tc;
}
