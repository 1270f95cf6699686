/* SPDX-License-Identifier: BSD-2-Clause */
/* One table serves parsing and help.  Options end at "--" or at the first
 * argument that is none, because what follows belongs to the guest. */
#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/number.h"
#include "cli/options_row.h"

void
options_help(FILE *out, bool of_record)
{
	const struct option_row *row;
	char left[32];

	for (row = of_record ? record_rows : run_rows; row->name != NULL;
	     row++) {
		(void)snprintf(
		    left, sizeof(left), "--%s%s", row->name, row->shape);
		fprintf(out, "  %-22s %s\n", left, row->help);
	}
}

/* argument is "--NAME", "--NAME=VALUE", "-L" or "-LVALUE"; *value is NULL when
 * it has none. */
static const struct option_row *
row_find(const struct option_row *row, const char *argument, const char **value)
{
	const char *name = argument + 2;
	size_t len = strcspn(name, "=");

	for (; row->name != NULL; row++) {
		*value = name[len] == '=' ? name + len + 1 : NULL;
		if (argument[1] == '-' && strlen(row->name) == len &&
		    memcmp(row->name, name, len) == 0)
			return row;
		*value = *name != '\0' ? name : NULL;
		if (row->letter != 0 && argument[1] == row->letter)
			return row;
	}
	return NULL;
}

static const struct option_row *
row_lookup(
    const struct run_options *o, const char *argument, const char **value)
{
	const struct option_row *row = NULL;

	if (argument[1] == '\0')
		return NULL;
	if (strcmp(o->command, "record") == 0)
		row = row_find(record_rows, argument, value);
	return row != NULL ? row : row_find(run_rows, argument, value);
}

static int
count_set(const struct run_options *o, const struct option_row *row,
    const char *value, uint64_t *count)
{
	if (!number_parse(value, count) || *count == 0)
		return cli_usage(o->command,
		    "--%s takes a number above 0, not '%s'", row->name, value);
	return 0;
}

static int
size_set(const struct run_options *o, const struct option_row *row,
    const char *value, uint64_t *bytes)
{
	if (!size_parse(value, bytes) || *bytes == 0)
		return cli_usage(o->command,
		    "--%s takes a size like 64M, not '%s'", row->name, value);
	return 0;
}

static int
row_set(const struct option_row *row, struct run_options *o, const char *value)
{
	void *field = (char *)o + row->field;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return 0;
	case OPTION_TEXT:
		*(const char **)field = value;
		return 0;
	case OPTION_COUNT:
		return count_set(o, row, value, field);
	case OPTION_SIZE:
		return size_set(o, row, value, field);
	default:
		return row->set(o, value);
	}
}

/* argv[*at] is an option; leaves *at at the last argument it used. */
static int
option_apply(int argc, char **argv, int *at, struct run_options *o)
{
	const char *value;
	const struct option_row *row = row_lookup(o, argv[*at], &value);

	if (row == NULL)
		return cli_usage(o->command, "'%s' is not an option of %s",
		    argv[*at], o->command);
	if (row->kind == OPTION_FLAG || row->kind == OPTION_SET) {
		if (value != NULL)
			return cli_usage(
			    o->command, "--%s takes no value", row->name);
	} else if (row->kind != OPTION_SET_MAYBE && value == NULL) {
		if (*at + 1 >= argc)
			return cli_usage(
			    o->command, "--%s needs a value", row->name);
		value = argv[++*at];
	}
	if (value != NULL && *value == '\0')
		return cli_usage(o->command, "--%s needs a value", row->name);
	return row_set(row, o, value);
}

static int
options_agree(const struct run_options *o)
{
	if ((o->record.flags & VMS_RECORD_CHECK) != 0 &&
	    (o->record.flags & VMS_RECORD_DECLARED) == 0)
		return cli_usage(o->command,
		    "--undeclared and --check-declared exclude each other");
	return 0;
}

int
options_parse(int argc, char **argv, struct run_options *options)
{
	int at;

	*options = (struct run_options){ .command = argv[0],
		.clock = VK_CLOCK_HOST,
		.expect_exit = -1,
		.record = { .size = sizeof(options->record),
		    .flags = VMS_RECORD_DECLARED } };
	for (at = 1; at < argc && argv[at][0] == '-'; at++) {
		int status;

		if (strcmp(argv[at], "--") == 0) {
			at++;
			break;
		}
		status = option_apply(argc, argv, &at, options);
		if (status != 0 || options->help)
			return status;
	}
	if (at >= argc)
		return cli_usage(options->command, "PROGRAM is missing");
	options->program = at;
	return options_agree(options);
}

void
options_finish(struct run_options *options)
{
	for (size_t i = 0; i < options->bind_count; i++)
		free((void *)(uintptr_t)options->binds[i].source);
	free(options->binds);
	options->binds = NULL;
	options->bind_count = 0;
	free(options->env);
	options->env = NULL;
}
