/* SPDX-License-Identifier: BSD-2-Clause */
/* One table serves parsing and help, as in options.c. */
#include "cli/trace_args.h"

#include <string.h>

#include "cli/cli.h"
#include "cli/number.h"

struct row {
	const char *name, *letter; /* letter: NULL, or "-o" */
	unsigned option;
	bool takes_value;
	const char *shape, *help;
	/* False: value is not as shape says. */
	bool (*set)(struct trace_args *args, const char *value);
};

static bool
set_json(struct trace_args *args, const char *value)
{
	(void)value;
	args->json = true;
	return true;
}

static bool
set_count(struct trace_args *args, const char *value)
{
	(void)value;
	args->count = true;
	return true;
}

static bool
set_id(struct trace_args *args, const char *value)
{
	uint64_t id;

	if (!number_parse(value, &id) || id == 0 || id > UINT32_MAX)
		return false;
	args->id = (uint32_t)id;
	return true;
}

static bool
set_out(struct trace_args *args, const char *value)
{
	args->out = value;
	return true;
}

static bool
place_parse(const char *text, struct trace_place *place)
{
	place->is_event = *text == '@';
	return number_parse(text + place->is_event, &place->number);
}

static bool
set_from(struct trace_args *args, const char *value)
{
	return place_parse(value, &args->range.from);
}

static bool
set_to(struct trace_args *args, const char *value)
{
	return place_parse(value, &args->range.to);
}

/* "N" or "N..M". */
static bool
set_both(struct trace_range *range, const char *value, bool is_event)
{
	const char *dots = strstr(value, "..");
	char first[24];
	size_t len = dots == NULL ? strlen(value) : (size_t)(dots - value);
	struct trace_range both = { { is_event, 0 }, { is_event, 0 } };

	if (len >= sizeof(first))
		return false;
	memcpy(first, value, len);
	first[len] = '\0';
	if (!number_parse(first, &both.from.number) ||
	    !number_parse(dots == NULL ? first : dots + 2, &both.to.number) ||
	    both.to.number < both.from.number)
		return false;
	*range = both;
	return true;
}

static bool
set_event(struct trace_args *args, const char *value)
{
	return set_both(&args->range, value, true);
}

static bool
set_insn(struct trace_args *args, const char *value)
{
	return set_both(&args->range, value, false);
}

static const struct row rows[] = {
	{ "json", NULL, TRACE_OPT_JSON, false, "",
	    "prints one JSON object a line", set_json },
	{ "from", NULL, TRACE_OPT_RANGE, true, " @N|N",
	    "starts at event N (@N) or at instruction N", set_from },
	{ "to", NULL, TRACE_OPT_RANGE, true, " @N|N",
	    "ends with event N (@N) or with instruction N", set_to },
	{ "event", NULL, TRACE_OPT_RANGE, true, " N[..M]",
	    "the same as --from @N --to @M", set_event },
	{ "insn", NULL, TRACE_OPT_RANGE, true, " N[..M]",
	    "the same as --from N --to M", set_insn },
	{ "count", NULL, TRACE_OPT_COUNT, false, "",
	    "adds up by address, the most executed first", set_count },
	{ "id", NULL, TRACE_OPT_ID, true, " N",
	    "the vmspace, counted in order of first use; default 1", set_id },
	{ "output", "-o", TRACE_OPT_OUT, true, " FILE", "the file to write",
	    set_out },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void
trace_args_help(FILE *out, unsigned options)
{
	for (size_t i = 0; i < ROWS; i++) {
		char left[32];

		if ((options & rows[i].option) == 0)
			continue;
		(void)snprintf(left, sizeof(left), "%s%s%s%s",
		    rows[i].letter == NULL ? "--" : rows[i].letter,
		    rows[i].letter == NULL ? rows[i].name : "", rows[i].shape,
		    "");
		fprintf(out, "  %-18s %s\n", left, rows[i].help);
	}
}

static bool
row_is(const struct row *row, const char *argument, size_t len)
{
	if (row->letter != NULL && strlen(row->letter) == len &&
	    memcmp(argument, row->letter, len) == 0)
		return true;
	return len > 2 && memcmp(argument, "--", 2) == 0 &&
	       strlen(row->name) == len - 2 &&
	       memcmp(row->name, argument + 2, len - 2) == 0;
}

static const struct row *
row_lookup(unsigned options, const char *argument, size_t len)
{
	for (size_t i = 0; i < ROWS; i++)
		if ((options & rows[i].option) != 0 &&
		    row_is(&rows[i], argument, len))
			return &rows[i];
	return NULL;
}

/* argv[*at] is an option; leaves *at at the last argument it used. */
static int
option_apply(const struct trace_shape *shape, int argc, char **argv, int *at,
    struct trace_args *args)
{
	const char *argument = argv[*at];
	size_t len = strcspn(argument, "=");
	const char *value = argument[len] == '=' ? argument + len + 1 : NULL;
	const struct row *row = row_lookup(shape->options, argument, len);

	if (row == NULL)
		return cli_usage(shape->help, "'%s' is not an option of %s",
		    argument, shape->command);
	if (!row->takes_value && value != NULL)
		return cli_usage(shape->help, "--%s takes no value", row->name);
	if (row->takes_value && value == NULL && *at + 1 < argc)
		value = argv[++*at];
	if (row->takes_value && (value == NULL || *value == '\0'))
		return cli_usage(shape->help, "--%s needs a value", row->name);
	if (row->set(args, value))
		return 0;
	return cli_usage(shape->help, "--%s takes%s, not '%s'", row->name,
	    row->shape, value);
}

static int
word_add(
    const struct trace_shape *shape, const char *word, struct trace_args *args)
{
	if (args->word_count == shape->word_count)
		return cli_usage(shape->help, "%s takes %s, not also '%s'",
		    shape->command, shape->words, word);
	args->words[args->word_count++] = word;
	return 0;
}

static bool
is_option(const char *argument)
{
	return argument[0] == '-' && argument[1] != '\0';
}

static int
range_check(const struct trace_shape *shape, const struct trace_range *range)
{
	if (range->from.is_event != range->to.is_event ||
	    range->from.number <= range->to.number)
		return 0;
	return cli_usage(shape->help, "--from is behind --to");
}

int
trace_args_parse(const struct trace_shape *shape, int argc, char **argv,
    struct trace_args *args)
{
	bool options = true;

	*args =
	    (struct trace_args){ .id = 1, .range.to = { false, UINT64_MAX } };
	for (int at = 1; at < argc; at++) {
		int status;

		if (options && strcmp(argv[at], "--") == 0) {
			options = false;
			continue;
		}
		status = options && is_option(argv[at])
			     ? option_apply(shape, argc, argv, &at, args)
			     : word_add(shape, argv[at], args);
		if (status != 0)
			return status;
	}
	if (args->word_count < shape->word_count)
		return cli_usage(
		    shape->help, "%s needs %s", shape->command, shape->words);
	return range_check(shape, &args->range);
}
