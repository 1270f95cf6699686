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
	const char *shape; /* of the value, for help */
	const char *help;
	/* value is NULL when there is none; 0 or the exit status. */
	int (*set)(struct run_options *options, const char *value);
	enum takes takes;
	bool of_record; /* run does not have it */
	char letter;    /* 0, or the short form */
};

static int
set_strace(struct run_options *o, const char *value)
{
	o->strace = true;
	o->strace_file = value;
	return 0;
}

/* As strace's -e: trace=SET, or SET alone. */
static int
set_filter(struct run_options *o, const char *value)
{
	const char *bad, *set = value;
	size_t len;

	if (strncmp(value, "trace=", 6) == 0)
		set += 6;
	else if (strncmp(value, "t=", 2) == 0)
		set += 2;
	if (!strace_filter_parse(set, &o->strace_filter, &bad, &len))
		return cli_usage(o->command,
		    "'%.*s' is no system call and no class of them", (int)len,
		    bad);
	o->filtered = true;
	return 0;
}

#define STRINGS_MAX 65536

static int
set_strings(struct run_options *o, const char *value)
{
	if (!number_parse(value, &o->strace_strings) ||
	    o->strace_strings == 0 || o->strace_strings > STRINGS_MAX)
		return cli_usage(o->command,
		    "--strace-strings takes a number from 1 to 65536, not '%s'",
		    value);
	return 0;
}

static int
set_trace(struct run_options *o, const char *value)
{
	if (strncmp(value, "insn", 4) != 0 ||
	    (value[4] != '\0' && value[4] != ':') ||
	    (value[4] == ':' && value[5] == '\0'))
		return cli_usage(o->command,
		    "--trace takes insn or insn:FILE, not '%s'", value);
	o->trace_insn = true;
	o->trace_file = value[4] == ':' ? value + 5 : NULL;
	return 0;
}

static int
set_memory(struct run_options *o, const char *value)
{
	if (!size_parse(value, &o->memory_bytes))
		return cli_usage(o->command,
		    "--memory takes a size like 512M, not '%s'", value);
	if (o->memory_bytes < MEMORY_MIN || o->memory_bytes > MEMORY_MAX)
		return cli_usage(
		    o->command, "--memory %s is outside 1M to 256G", value);
	if (!page_aligned(o->memory_bytes))
		return cli_usage(o->command,
		    "--memory %s is not a multiple of 4096 bytes", value);
	return 0;
}

static int
set_env(struct run_options *o, const char *value)
{
	const char **env;

	if (strchr(value, '=') == NULL || value[0] == '=')
		return cli_usage(
		    o->command, "--env takes NAME=VALUE, not '%s'", value);
	env = realloc(o->env, (o->env_count + 1) * sizeof(*env));
	if (env == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	env[o->env_count++] = value;
	o->env = env;
	return 0;
}

static int
set_root(struct run_options *o, const char *value)
{
	o->root = value;
	return 0;
}

/* SRC:DST[:ro]; the argument is cut into its parts. */
static int
bind_parse(const struct run_options *o, const char *value, struct vk_bind *bind)
{
	char *colon, *copy, *end;

	copy = strdup(value);
	if (copy == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	bind->source = copy;
	bind->read_only = false;
	end = copy + strlen(copy);
	if (end - copy > 3 && strcmp(end - 3, ":ro") == 0) {
		bind->read_only = true;
		end[-3] = '\0';
	}
	colon = strchr(copy, ':');
	if (colon == NULL || colon == copy || colon[1] != '/') {
		free(copy);
		return cli_usage(o->command,
		    "--bind takes SOURCE:/TARGET or SOURCE:/TARGET:ro, not "
		    "'%s'",
		    value);
	}
	*colon = '\0';
	bind->target = colon + 1;
	return 0;
}

static int
set_bind(struct run_options *o, const char *value)
{
	struct vk_bind *binds;
	int status;

	binds = realloc(o->binds, (o->bind_count + 1) * sizeof(*binds));
	if (binds == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	o->binds = binds;
	status = bind_parse(o, value, &binds[o->bind_count]);
	if (status == 0)
		o->bind_count++;
	return status;
}

static int
set_read_only(struct run_options *o, const char *value)
{
	(void)value;
	o->read_only = true;
	return 0;
}

static int
set_no_network(struct run_options *o, const char *value)
{
	(void)value;
	o->no_network = true;
	return 0;
}

static int
set_paths_by_name(struct run_options *o, const char *value)
{
	(void)value;
	o->paths_by_name = true;
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
count_parse(const struct run_options *o, const char *name, const char *value,
    uint64_t *count)
{
	if (!number_parse(value, count) || *count == 0)
		return cli_usage(o->command,
		    "--%s takes a number above 0, not '%s'", name, value);
	return 0;
}

static int
set_limit(struct run_options *o, const char *value)
{
	return count_parse(o, "limit-insns", value, &o->limit_insns);
}

static int
set_max_insns(struct run_options *o, const char *value)
{
	return count_parse(o, "max-insns", value, &o->max_insns);
}

static int
set_max_faults(struct run_options *o, const char *value)
{
	return count_parse(o, "max-faults", value, &o->max_faults);
}

static int
set_max_procs(struct run_options *o, const char *value)
{
	return count_parse(o, "max-procs", value, &o->max_procs);
}

static int
set_timeout(struct run_options *o, const char *value)
{
	if (!seconds_parse(value, &o->timeout_ns) || o->timeout_ns == 0)
		return cli_usage(o->command,
		    "--timeout takes seconds like 10 or 0.5, not '%s'", value);
	return 0;
}

static int
set_expect(struct run_options *o, const char *value)
{
	uint64_t status;

	if (!number_parse(value, &status) || status > 255)
		return cli_usage(o->command,
		    "--expect-exit takes a status from 0 to 255, not '%s'",
		    value);
	o->expect_exit = (int)status;
	return 0;
}

static int
set_strict(struct run_options *o, const char *value)
{
	(void)value;
	o->strict = true;
	return 0;
}

static int
set_aslr(struct run_options *o, const char *value)
{
	(void)value;
	o->aslr = true;
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
		return cli_usage(o->command,
		    "--clock takes host or virtual, not '%s'", value);
	return 0;
}

static int
set_seed(struct run_options *o, const char *value)
{
	if (!number_parse(value, &o->seed))
		return cli_usage(
		    o->command, "--seed takes a number, not '%s'", value);
	o->seeded = true;
	return 0;
}

static int
set_ids(struct run_options *o, const char *value)
{
	const char *colon = strchr(value, ':');
	char user[24];
	uint64_t uid, gid;
	size_t len = colon == NULL ? 0 : (size_t)(colon - value);

	if (len < sizeof(user)) {
		memcpy(user, value, len);
		user[len] = '\0';
	}
	if (colon == NULL || len >= sizeof(user) || !number_parse(user, &uid) ||
	    uid >= UINT32_MAX || !number_parse(colon + 1, &gid) ||
	    gid >= UINT32_MAX)
		return cli_usage(o->command,
		    "--ids takes two numbers UID:GID, not '%s'", value);
	o->own_ids = true;
	o->uid = (uint32_t)uid;
	o->gid = (uint32_t)gid;
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
set_output(struct run_options *o, const char *value)
{
	o->record_file = value;
	return 0;
}

static int
set_undeclared(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags &= ~(uint32_t)VMS_RECORD_DECLARED;
	return 0;
}

static int
set_check_declared(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags |= VMS_RECORD_CHECK;
	return 0;
}

static int
set_written(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags |= VMS_RECORD_WRITTEN;
	return 0;
}

static int
set_verify(struct run_options *o, const char *value)
{
	bool full = strcmp(value, "full") == 0;

	if (!full && strcmp(value, "normal") != 0)
		return cli_usage(o->command,
		    "--verify takes normal or full, not '%s'", value);
	o->record.flags &= ~(uint32_t)VMS_RECORD_VERIFY_FULL;
	if (full)
		o->record.flags |= VMS_RECORD_VERIFY_FULL;
	return 0;
}

static int
record_size(const struct run_options *o, const char *name, const char *value,
    uint64_t *bytes)
{
	if (!size_parse(value, bytes) || *bytes == 0)
		return cli_usage(o->command,
		    "--%s takes a size like 64M, not '%s'", name, value);
	return 0;
}

static int
set_max_size(struct run_options *o, const char *value)
{
	return record_size(o, "max-size", value, &o->record.max_bytes);
}

static int
set_ring(struct run_options *o, const char *value)
{
	return record_size(o, "ring", value, &o->record.ring_bytes);
}

static int
set_checkpoint(struct run_options *o, const char *value)
{
	return count_parse(o, "checkpoint", value, &o->record.checkpoint_insns);
}

static int
set_digest(struct run_options *o, const char *value)
{
	return count_parse(o, "digest", value, &o->record.digest_insns);
}

static int
set_record_optional(struct run_options *o, const char *value)
{
	(void)value;
	o->record.flags |= VMS_RECORD_OPTIONAL;
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
	{ "output", " FILE",
	    "or -o FILE: records into FILE; default PROGRAM.vmt", set_output,
	    TAKES_VALUE, true, 'o' },
	{ "undeclared", "",
	    "searches for what the vkernel wrote instead of trusting it",
	    set_undeclared, TAKES_NOTHING, true, 0 },
	{ "check-declared", "",
	    "searches, and fails on what the vkernel did not declare",
	    set_check_declared, TAKES_NOTHING, true, 0 },
	{ "written", "", "keeps what guests wrote too, for replay --against",
	    set_written, TAKES_NOTHING, true, 0 },
	{ "verify", "=normal|full", "full: a digest of memory after every run",
	    set_verify, TAKES_VALUE, true, 0 },
	{ "digest", " N",
	    "a digest of memory every N instructions; default 1048576",
	    set_digest, TAKES_VALUE, true, 0 },
	{ "checkpoint", " N", "keeps all of memory every N instructions",
	    set_checkpoint, TAKES_VALUE, true, 0 },
	{ "max-size", " SIZE", "ends the recording when FILE has SIZE bytes",
	    set_max_size, TAKES_VALUE, true, 0 },
	{ "ring", " SIZE", "keeps about the last SIZE bytes of the recording",
	    set_ring, TAKES_VALUE, true, 0 },
	{ "record-optional", "",
	    "the guest goes on when FILE cannot be written",
	    set_record_optional, TAKES_NOTHING, true, 0 },
	{ "strace", "[=FILE]",
	    "lists the guest's system calls on stderr or in FILE", set_strace,
	    MAY_TAKE_VALUE, false, 0 },
	{ "strace-filter", " SET",
	    "or -e trace=SET: shows these calls only: names, %file, !...",
	    set_filter, TAKES_VALUE, false, 'e' },
	{ "strace-strings", " N",
	    "or -s N: shows N bytes of a string; default 32", set_strings,
	    TAKES_VALUE, false, 's' },
	{ "trace", "=insn[:FILE]",
	    "disassembles every instruction on stderr or in FILE", set_trace,
	    TAKES_VALUE, false, 0 },
	{ "memory", " SIZE", "of the guest: bytes, or with K, M, G; default 4G",
	    set_memory, TAKES_VALUE, false, 0 },
	{ "root", " DIR", "makes DIR the guest's /, which it cannot leave",
	    set_root, TAKES_VALUE, false, 0 },
	{ "bind", " SRC:DST[:ro]",
	    "shows SRC of the host at DST; may be repeated", set_bind,
	    TAKES_VALUE, false, 0 },
	{ "read-only", "", "nothing can be changed but what --bind shows",
	    set_read_only, TAKES_NOTHING, false, 0 },
	{ "no-network", "", "no sockets but those of AF_UNIX", set_no_network,
	    TAKES_NOTHING, false, 0 },
	{ "paths-by-name", "",
	    "looks paths up by one name at a time (for tests)",
	    set_paths_by_name, TAKES_NOTHING, false, 0 },
	{ "env", " NAME=VALUE",
	    "sets a variable for the guest; may be repeated", set_env,
	    TAKES_VALUE, false, 0 },
	{ "clear-env", "", "starts with no variable, not with those of vmspace",
	    set_clear_env, TAKES_NOTHING, false, 0 },
	{ "limit-insns", " N",
	    "stops after exactly N instructions, with status 124", set_limit,
	    TAKES_VALUE, false, 0 },
	{ "timeout", " SECONDS",
	    "ends the run after this time of the host, with status 124",
	    set_timeout, TAKES_VALUE, false, 0 },
	{ "max-insns", " N",
	    "ends the run with 124 when it needs more instructions",
	    set_max_insns, TAKES_VALUE, false, 0 },
	{ "max-faults", " N",
	    "ends the run with 124 when it needs more page faults",
	    set_max_faults, TAKES_VALUE, false, 0 },
	{ "max-procs", " N",
	    "ends the run with 124 when it needs more processes at a time",
	    set_max_procs, TAKES_VALUE, false, 0 },
	{ "expect-exit", " N", "status 0 when the guest's is N, otherwise 1",
	    set_expect, TAKES_VALUE, false, 0 },
	{ "strict", "",
	    "ends the run with 125 at a system call that is not provided",
	    set_strict, TAKES_NOTHING, false, 0 },
	{ "aslr", "", "random addresses, which --seed decides", set_aslr,
	    TAKES_NOTHING, false, 0 },
	{ "clock", "=host|virtual",
	    "virtual: time is the count of instructions; default host",
	    set_clock, TAKES_VALUE, false, 0 },
	{ "seed", " N",
	    "of all randomness that the guest sees, and of schedules", set_seed,
	    TAKES_VALUE, false, 0 },
	{ "ids", " UID:GID",
	    "user and group that the guest is told; default the host's",
	    set_ids, TAKES_VALUE, false, 0 },
	{ "stats", "", "prints counts and times on stderr at the end",
	    set_stats, TAKES_NOTHING, false, 0 },
	{ "chaos", "", "drops every translation at every exit (for tests)",
	    set_chaos, TAKES_NOTHING, false, 0 },
	{ "lint", "", "reports doubtful uses of the vmspace calls on stderr",
	    set_lint, TAKES_NOTHING, false, 0 },
	{ "help", "", "prints this", set_help, TAKES_NOTHING, false, 0 },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

void
options_help(FILE *out, bool of_record)
{
	for (size_t i = 0; i < ROWS; i++) {
		char left[32];

		if (rows[i].of_record != of_record)
			continue;
		(void)snprintf(
		    left, sizeof(left), "--%s%s", rows[i].name, rows[i].shape);
		fprintf(out, "  %-22s %s\n", left, rows[i].help);
	}
}

static bool
row_applies(const struct option_row *row, const struct run_options *o)
{
	return !row->of_record || strcmp(o->command, "record") == 0;
}

/* argument is "--NAME", "--NAME=VALUE", "-L" or "-LVALUE"; *value is NULL when
 * it has none. */
static const struct option_row *
row_lookup(
    const struct run_options *o, const char *argument, const char **value)
{
	const char *name = argument + 2;
	size_t len;

	if (argument[1] == '\0')
		return NULL;
	len = strcspn(name, "=");
	for (size_t i = 0; i < ROWS; i++) {
		const struct option_row *row = &rows[i];

		if (!row_applies(row, o))
			continue;
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

/* argv[*at] is an option; leaves *at at the last argument it used. */
static int
option_apply(int argc, char **argv, int *at, struct run_options *o)
{
	const char *value;
	const struct option_row *row = row_lookup(o, argv[*at], &value);

	if (row == NULL)
		return cli_usage(o->command, "'%s' is not an option of %s",
		    argv[*at], o->command);
	if (row->takes == TAKES_NOTHING && value != NULL)
		return cli_usage(o->command, "--%s takes no value", row->name);
	if (row->takes == TAKES_VALUE && value == NULL) {
		if (*at + 1 >= argc)
			return cli_usage(
			    o->command, "--%s needs a value", row->name);
		value = argv[++*at];
	}
	if (value != NULL && *value == '\0')
		return cli_usage(o->command, "--%s needs a value", row->name);
	return row->set(o, value);
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
