/* SPDX-License-Identifier: BSD-2-Clause */
/* The options that vmspace run and record have. */
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "cli/cli.h"
#include "cli/number.h"
#include "cli/options_row.h"

#define MEMORY_MIN (UINT64_C(1) << 20)
#define MEMORY_MAX (UINT64_C(1) << 38)

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
set_clear_env(struct run_options *o, const char *value)
{
	(void)value;
	o->clear_env = true;
	o->env_count = 0;
	return 0;
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

const struct option_row run_rows[] = {
	{ "strace", "[=FILE]",
	    "lists the guest's system calls on stderr or in FILE",
	    OPTION_SET_MAYBE, .set = set_strace },
	{ "strace-filter", " SET",
	    "or -e trace=SET: shows these calls only: names, %file, !...",
	    OPTION_SET_VALUE, .set = set_filter, .letter = 'e' },
	{ "strace-strings", " N",
	    "or -s N: shows N bytes of a string; default 32", OPTION_SET_VALUE,
	    .set = set_strings, .letter = 's' },
	{ "trace", "=insn[:FILE]",
	    "disassembles every instruction on stderr or in FILE",
	    OPTION_SET_VALUE, .set = set_trace },
	{ "memory", " SIZE", "of the guest: bytes, or with K, M, G; default 4G",
	    OPTION_SET_VALUE, .set = set_memory },
	{ "root", " DIR", "makes DIR the guest's /, which it cannot leave",
	    OPTION_TEXT, OPTION_FIELD(root) },
	{ "bind", " SRC:DST[:ro]",
	    "shows SRC of the host at DST; may be repeated", OPTION_SET_VALUE,
	    .set = set_bind },
	{ "read-only", "", "nothing can be changed but what --bind shows",
	    OPTION_FLAG, OPTION_FIELD(read_only) },
	{ "no-network", "", "no sockets but those of AF_UNIX", OPTION_FLAG,
	    OPTION_FIELD(no_network) },
	{ "paths-by-name", "",
	    "looks paths up by one name at a time (for tests)", OPTION_FLAG,
	    OPTION_FIELD(paths_by_name) },
	{ "env", " NAME=VALUE",
	    "sets a variable for the guest; may be repeated", OPTION_SET_VALUE,
	    .set = set_env },
	{ "clear-env", "", "starts with no variable, not with those of vmspace",
	    OPTION_SET, .set = set_clear_env },
	{ "limit-insns", " N",
	    "stops after exactly N instructions, with status 124", OPTION_COUNT,
	    OPTION_FIELD(limit_insns) },
	{ "timeout", " SECONDS",
	    "ends the run after this time of the host, with status 124",
	    OPTION_SET_VALUE, .set = set_timeout },
	{ "max-insns", " N",
	    "ends the run with 124 when it needs more instructions",
	    OPTION_COUNT, OPTION_FIELD(max_insns) },
	{ "max-faults", " N",
	    "ends the run with 124 when it needs more page faults",
	    OPTION_COUNT, OPTION_FIELD(max_faults) },
	{ "max-procs", " N",
	    "ends the run with 124 when it needs more processes at a time",
	    OPTION_COUNT, OPTION_FIELD(max_procs) },
	{ "expect-exit", " N", "status 0 when the guest's is N, otherwise 1",
	    OPTION_SET_VALUE, .set = set_expect },
	{ "strict", "",
	    "ends the run with 125 at a system call that is not provided",
	    OPTION_FLAG, OPTION_FIELD(strict) },
	{ "aslr", "", "random addresses, which --seed decides", OPTION_FLAG,
	    OPTION_FIELD(aslr) },
	{ "clock", "=host|virtual",
	    "virtual: time is the count of instructions; default host",
	    OPTION_SET_VALUE, .set = set_clock },
	{ "seed", " N",
	    "of all randomness that the guest sees, and of schedules",
	    OPTION_SET_VALUE, .set = set_seed },
	{ "ids", " UID:GID",
	    "user and group that the guest is told; default the host's",
	    OPTION_SET_VALUE, .set = set_ids },
	{ "stats", "", "prints counts and times on stderr at the end",
	    OPTION_FLAG, OPTION_FIELD(stats) },
	{ "chaos", "", "drops every translation at every exit (for tests)",
	    OPTION_FLAG, OPTION_FIELD(chaos) },
	{ "lint", "", "reports doubtful uses of the vmspace calls on stderr",
	    OPTION_FLAG, OPTION_FIELD(lint) },
	{ "help", "", "prints this", OPTION_FLAG, OPTION_FIELD(help) },
	{ .name = NULL },
};
