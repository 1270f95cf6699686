/* SPDX-License-Identifier: BSD-2-Clause */
/* The first line of scripts: each row is what Linux did with that file. */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "loader/script.h"

/* 50, 100, 250 blanks */
#define B50  "                                                  "
#define B100 B50 B50
#define B250 B100 B100 B50
/* 50, 250 letters */
#define X50  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define X250 X50 X50 X50 X50 X50

#define TEXT(s) s, sizeof(s) - 1

static char message[512];
static struct script script;

/* interp NULL: error. */
static const struct {
	const char *name;
	const char *bytes;
	size_t len;
	const char *interp, *arg; /* arg NULL: none */
	int error;
} rows[] = {
	{ "plain", TEXT("#!/bin/sh\nexit\n"), "/bin/sh", NULL, 0 },
	{ "argument", TEXT("#!/bin/sh -e\n"), "/bin/sh", "-e", 0 },
	{ "one argument only", TEXT("#!/a b  c\td \t\n"), "/a", "b  c\td", 0 },
	{ "blanks around", TEXT("#! \t/bin/sh\t \n"), "/bin/sh", NULL, 0 },
	{ "no newline", TEXT("#!/bin/sh"), "/bin/sh", NULL, 0 },
	{ "no newline, argument", TEXT("#!/bin/sh -e"), "/bin/sh", "-e", 0 },
	{ "no newline, blank", TEXT("#!/bin/sh "), "/bin/sh", "", 0 },
	{ "carriage return", TEXT("#!/bin/sh\r\n"), "/bin/sh\r", NULL, 0 },
	{ "relative", TEXT("#!sh\n"), "sh", NULL, 0 },
	{ "NUL ends the name", TEXT("#!/a\0b c\n"), "/a", NULL, 0 },
	{ "NUL ends the argument", TEXT("#!/a b\0c\n"), "/a", "b", 0 },
	{ "NUL before the name", TEXT("#!\0/a\n"), NULL, NULL, EACCES },
	{ "end of file", TEXT("#!"), NULL, NULL, EACCES },
	{ "blanks to the end", TEXT("#!  "), NULL, NULL, EACCES },
	{ "empty line", TEXT("#!\n/bin/sh\n"), NULL, NULL, ENOEXEC },
	{ "blank line", TEXT("#! \t \n/bin/sh\n"), NULL, NULL, ENOEXEC },
	{ "all blanks", TEXT("#!" B250 B50), NULL, NULL, ENOEXEC },
	{ "name at the buffer's end", TEXT("#!" B250 "/ab\n"), "/ab", NULL, 0 },
	{ "newline after the buffer", TEXT("#!" B250 "/abc\n"), NULL, NULL,
	    ENOEXEC },
	{ "name cut", TEXT("#!/" X250 "xxxx\n"), NULL, NULL, ENOEXEC },
	{ "name that fits", TEXT("#!/" X250 "xx\n"), "/" X250 "xx", NULL, 0 },
	{ "blank is the last byte", TEXT("#!/" X250 "xx y\n"), "/" X250 "xx",
	    NULL, 0 },
	{ "argument cut", TEXT("#!/" X50 " " X250 "\n"), "/" X50,
	    X50 X50 X50 X50 "x", 0 },
	{ "no script", TEXT("\177ELF"), "", NULL, 0 },
	{ "only #", TEXT("#"), "", NULL, 0 },
	{ "# !", TEXT("# !/bin/sh\n"), "", NULL, 0 },
	{ "empty", TEXT(""), "", NULL, 0 },
};

START_TEST(test_first_line_is_read_as_linux_does)
{
	int error = script_parse(rows[_i].bytes, rows[_i].len, &script);

	ck_assert_msg(
	    error == rows[_i].error, "%s: error %d", rows[_i].name, error);
	if (error != 0)
		return;
	ck_assert_msg(strcmp(script.interp, rows[_i].interp) == 0,
	    "%s: interpreter '%s'", rows[_i].name, script.interp);
	ck_assert_msg(script.has_arg == (rows[_i].arg != NULL),
	    "%s: argument '%s'", rows[_i].name, script.arg);
	ck_assert_msg(
	    strcmp(script.arg, rows[_i].arg == NULL ? "" : rows[_i].arg) == 0,
	    "%s: argument '%s'", rows[_i].name, script.arg);
}
END_TEST

static int
read_text(const char *text)
{
	FILE *stream = tmpfile();
	int error;

	ck_assert_ptr_nonnull(stream);
	ck_assert_int_ge(fputs(text, stream), 0);
	ck_assert_int_eq(fflush(stream), 0);
	error = script_read(
	    fileno(stream), "./go", &script, message, sizeof(message));
	fclose(stream);
	return error;
}

START_TEST(test_file_is_read_from_its_start)
{
	ck_assert_int_eq(read_text("#!/bin/sh -x\n"), 0);
	ck_assert_str_eq(script.interp, "/bin/sh");
	ck_assert_str_eq(script.arg, "-x");
	ck_assert_int_eq(read_text(""), 0);
	ck_assert_str_eq(script.interp, "");
}
END_TEST

START_TEST(test_script_without_interpreter_says_so)
{
	ck_assert_int_eq(read_text("#!\n"), ENOEXEC);
	ck_assert_str_eq(message,
	    "./go: is a script (#!) whose first line names no interpreter "
	    "within its first 256 bytes");
}
END_TEST

START_TEST(test_what_is_no_file_is_no_script)
{
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(
	    script_read(ends[0], "./go", &script, message, sizeof(message)),
	    EACCES);
	ck_assert_str_eq(message, "./go: is not a regular file");
	close(ends[0]);
	close(ends[1]);
	ck_assert_int_eq(
	    script_read(-1, "./go", &script, message, sizeof(message)), EBADF);
}
END_TEST

static void
argv_check(
    const char *line, const char *const *argv, const char *const *expected)
{
	const char **made;
	size_t i;

	ck_assert_int_eq(script_parse(line, strlen(line), &script), 0);
	ck_assert_int_eq(script_argv(&script, "./go", argv, &made), 0);
	for (i = 0; expected[i] != NULL; i++)
		ck_assert_str_eq(made[i], expected[i]);
	ck_assert_ptr_null(made[i]);
	free(made);
}

START_TEST(test_arguments_are_put_before_those_of_the_script)
{
	argv_check("#!/bin/sh -e\n",
	    (const char *const[]){ "old", "a", "b", NULL },
	    (const char *const[]){ "/bin/sh", "-e", "./go", "a", "b", NULL });
	argv_check("#!/bin/sh\n", (const char *const[]){ "old", NULL },
	    (const char *const[]){ "/bin/sh", "./go", NULL });
	argv_check("#!/bin/sh\n", (const char *const[]){ NULL },
	    (const char *const[]){ "/bin/sh", "./go", NULL });
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("script");
	TCase *tc = tcase_create("script");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tc, test_first_line_is_read_as_linux_does, 0,
	    sizeof(rows) / sizeof(rows[0]));
	tcase_add_test(tc, test_file_is_read_from_its_start);
	tcase_add_test(tc, test_script_without_interpreter_says_so);
	tcase_add_test(tc, test_what_is_no_file_is_no_script);
	tcase_add_test(tc, test_arguments_are_put_before_those_of_the_script);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
