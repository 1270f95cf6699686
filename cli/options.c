/* SPDX-License-Identifier: BSD-2-Clause */
/* One table serves parsing and help.  Options end at "--" or at the first
 * argument that is none, because what follows belongs to the guest. */
#include "cli/options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "cli/cli.h"
#include "cli/number.h"

#define MEMORY_MIN (UINT64_C(1) << 20)
#define MEMORY_MAX (UINT64_C(1) << 38)

enum takes { TAKES_NOTHING, TAKES_VALUE, MAY_TAKE_VALUE };

struct option_row {
	const char *name;
	enum takes takes;
	const char *shape; /* of the value, for help */
	const char *help;
	/* value is NULL when there is none; 0 or the exit status. */
	int (*set)(struct run_options *options, const char *value);
};

static int
set_strace(struct run_options *o, const char *value)
{
	o->strace = true;
	o->strace_file = value;
	return 0;
}

static int
set_trace(struct run_options *o, const char *value)
{
	if (strncmp(value, "insn", 4) != 0 ||
	    (value[4] != '\0' && value[4] != ':') ||
	    (value[4] == ':' && value[5] == '\0'))
		return cli_usage(
		    "run", "--trace takes insn or insn:FILE, not '%s'", value);
	o->trace_insn = true;
	o->trace_file = value[4] == ':' ? value + 5 : NULL;
	return 0;
}

static int
set_memory(struct run_options *o, const char *value)
{
	if (!size_parse(value, &o->memory_bytes))
		return cli_usage(
		    "run", "--memory takes a size like 512M, not '%s'", value);
	if (o->memory_bytes < MEMORY_MIN || o->memory_bytes > MEMORY_MAX)
		return cli_usage(
		    "run", "--memory %s is outside 1M to 256G", value);
	if (!page_aligned(o->memory_bytes))
		return cli_usage("run",
		    "--memory %s is not a multiple of 4096 bytes", value);
	return 0;
}

static int
set_env(struct run_options *o, const char *value)
{
	const char **env;

	if (strchr(value, '=') == NULL || value[0] == '=')
		return cli_usage(
		    "run", "--env takes NAME=VALUE, not '%s'", value);
	env = realloc(o->env, (o->env_count + 1) * sizeof(*env));
	if (env == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	env[o->env_count++] = value;
	o->env = env;
	return 0;
}

static int
set_clear_env(struct run_options *o, const char *value)
{
	(void)value;
	o->clear_env = true;
	o->env_count = 0;
	return 0;
}

static int
set_limit(struct run_options *o, const char *value)
{
	if (!number_parse(value, &o->limit_insns) || o->limit_insns == 0)
		return cli_usage("run",
		    "--limit-insns takes a number above 0, not '%s'", value);
	return 0;
}

static int
set_clock(struct run_options *o, const char *value)
{
	if (strcmp(value, "host") == 0)
		o->clock = VK_CLOCK_HOST;
	else if (strcmp(value, "virtual") == 0)
		o->clock = VK_CLOCK_VIRTUAL;
	else
		return cli_usage(
		    "run", "--clock takes host or virtual, not '%s'", value);
	return 0;
}

static int
set_seed(struct run_options *o, const char *value)
{
	if (!number_parse(value, &o->seed))
		return cli_usage(
		    "run", "--seed takes a number, not '%s'", value);
	return 0;
}

static int
set_stats(struct run_options *o, const char *value)
{
	(void)value;
	o->stats = true;
	return 0;
}

static int
set_chaos(struct run_options *o, const char *value)
{
	(void)value;
	o->chaos = true;
	return 0;
}

static int
set_lint(struct run_options *o, const char *value)
{
	(void)value;
	o->lint = true;
	return 0;
}

static int
set_help(struct run_options *o, const char *value)
{
	(void)value;
	o->help = true;
	return 0;
}

static const struct option_row rows[] = {
	{ "strace", MAY_TAKE_VALUE, "[=FILE]",
	    "lists the guest's system calls on stderr or in FILE", set_strace },
	{ "trace", TAKES_VALUE, "=insn[:FILE]",
	    "disassembles every instruction on stderr or in FILE", set_trace },
	{ "memory", TAKES_VALUE, " SIZE",
	    "of the guest: bytes, or with K, M, G; default 1G", set_memory },
	{ "env", TAKES_VALUE, " NAME=VALUE",
	    "sets a variable for the guest; may be repeated", set_env },
	{ "clear-env", TAKES_NOTHING, "",
	    "starts with no variable, not with those of vmspace",
	    set_clear_env },
	{ "limit-insns", TAKES_VALUE, " N",
	    "stops after exactly N instructions, with status 124", set_limit },
	{ "clock", TAKES_VALUE, "=host|virtual",
	    "virtual: time is the count of instructions; default host",
	    set_clock },
	{ "seed", TAKES_VALUE, " N",
	    "of all randomness that the guest sees; default 0", set_seed },
	{ "stats", TAKES_NOTHING, "",
	    "prints counts and times on stderr at the end", set_stats },
	{ "chaos", TAKES_NOTHING, "",
	    "drops every translation at every exit (for tests)", set_chaos },
	{ "lint", TAKES_NOTHING, "",
	    "reports doubtful uses of the vmspace calls on stderr", set_lint },
	{ "help", TAKES_NOTHING, "", "prints this", set_help },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void
options_help(FILE *out)
{
	for (size_t i = 0; i < ROWS; i++) {
		char left[32];

		(void)snprintf(
		    left, sizeof(left), "--%s%s", rows[i].name, rows[i].shape);
		fprintf(out, "  %-22s %s\n", left, rows[i].help);
	}
}

/* name is not terminated: len bytes of it count. */
static const struct option_row *
row_lookup(const char *name, size_t len)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strlen(rows[i].name) == len &&
		    memcmp(rows[i].name, name, len) == 0)
			return &rows[i];
	return NULL;
}

/* argv[*at] is an option; leaves *at at the last argument it used. */
static int
option_apply(int argc, char **argv, int *at, struct run_options *options)
{
	const char *name = argv[*at] + 2;
	const char *value = strchr(name, '=');
	size_t len = value == NULL ? strlen(name) : (size_t)(value - name);
	const struct option_row *row = row_lookup(name, len);

	if (row == NULL || argv[*at][1] != '-')
		return cli_usage(
		    "run", "'%s' is not an option of run", argv[*at]);
	if (value != NULL)
		value++;
	if (row->takes == TAKES_NOTHING && value != NULL)
		return cli_usage("run", "--%s takes no value", row->name);
	if (row->takes == TAKES_VALUE && value == NULL) {
		if (*at + 1 >= argc)
			return cli_usage(
			    "run", "--%s needs a value", row->name);
		value = argv[++*at];
	}
	if (value != NULL && *value == '\0')
		return cli_usage("run", "--%s needs a value", row->name);
	return row->set(options, value);
}

int
options_parse(int argc, char **argv, struct run_options *options)
{
	int at;

	*options = (struct run_options){ .clock = VK_CLOCK_HOST };
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
		return cli_usage("run", "PROGRAM is missing");
	options->program = at;
	return 0;
}

void
options_finish(struct run_options *options)
{
	free(options->env);
	options->env = NULL;
}
