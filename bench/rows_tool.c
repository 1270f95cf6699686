/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Programs of the system, dynamically linked, of one thread: what they print
 * must be what they print natively.
 */
#include "bench/bench.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/command.h"
#include "bench/data.h"

#define MIB      ((size_t)1 << 20)
#define ARGS_MAX 8

/* FILE in an argument stands for the path of that many bytes of words. */
static const struct tool {
	const char *name;
	const char *args[ARGS_MAX];
	size_t file_bytes;
} tools[] = {
	{ "sha256sum", { "FILE" }, 8 * MIB },
	{ "gzip", { "-c", "FILE" }, 2 * MIB },
	{ "xz", { "-1", "-T1", "-c", "FILE" }, 1 * MIB },
	{ "sort", { "--parallel=1", "-u", "-k", "1,2", "FILE" }, 4 * MIB },
	{ "gawk",
	    { "{ for (i = 1; i <= NF; i++) n[$i]++ } "
	      "END { for (w in n) s += n[w] * length(w); print s, length(n) }",
		"FILE" },
	    1 * MIB },
	{ "sqlite3",
	    { ":memory:",
		"create table t(a, b); with recursive c(x) as (select 1 union "
		"all select x + 1 from c where x < 30000) insert into t select "
		"x, x * 7919 % 10007 from c; create index i on t(b); select "
		"count(*), sum(a) from t where b in (select b from t where "
		"a % 3 = 0);" },
	    0 },
	{ "python3.11", { "-c", "pass" }, 0 },
};

struct job {
	struct command command;
	char file[512];
	char *args[ARGS_MAX + 1];
	char split[512]; /* file that the split of time is written to */
	uint64_t digest; /* of what it prints natively; 0: not known */
};

static bool
args_make(struct job *job, const struct tool *tool, const struct bench_env *env,
    struct figure *out)
{
	if (tool->file_bytes != 0 && !data_words(env, tool->file_bytes,
					 job->file, sizeof(job->file), out))
		return false;
	for (int i = 0; i < ARGS_MAX && tool->args[i] != NULL; i++)
		job->args[i] = strcmp(tool->args[i], "FILE") == 0
				   ? job->file
				   : (char *)(uintptr_t)tool->args[i];
	return true;
}

/* Where there is nothing native to compare with, nothing is compared. */
static void
digest_learn(
    struct job *job, const struct tool *tool, const struct bench_env *env)
{
	struct figure figure = { 0 };
	struct command native;
	struct spawned result;

	if (command_init(
		&native, NATIVE, env, tool->name, job->args, &figure) &&
	    command_run(&native, &result, &figure))
		job->digest = result.digest;
}

static void *
tool_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	const struct tool *tool = &tools[atoi(self->text)];
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		abort();
	setenv("LC_ALL", "C", 1);
	if (args_make(job, tool, env, out) &&
	    command_init(&job->command, (enum kind)self->number, env,
		tool->name, job->args, out))
		digest_learn(job, tool, env);
	return job;
}

static bool
job_run(struct job *job, struct spawned *result, struct figure *out)
{
	if (!command_run(&job->command, result, out))
		return false;
	if (job->digest != 0 && result->digest != job->digest)
		figure_fail(out, "%s: wrong output", job->command.program);
	return out->why[0] == '\0';
}

static void
tool_sample(void *state, struct figure *out)
{
	struct spawned result;

	if (job_run(state, &result, out))
		out->value = result.ns;
}

/* `vmspace-shared run`, its starts of the engine timed by engine_time.c. */
static void *
split_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct bench_env shared = *env;
	char path[512], timer[512];
	struct job *job;

	snprintf(path, sizeof(path), "%s-shared", env->cli);
	if (access(path, X_OK) == 0)
		shared.cli = path;
	job = tool_open(self, &shared, out);
	/* What command_init() has put there may not outlive this function. */
	job->command.argv[0] = strdup(job->command.argv[0]);
	snprintf(timer, sizeof(timer), "%s/../libengine_time.so", env->guests);
	if (access(timer, R_OK) != 0)
		figure_absent(out, "needs a preloaded library");
	snprintf(job->split, sizeof(job->split), "%s/split-%s", env->data,
	    self->text);
	setenv("BENCH_ENGINE_TIME", job->split, 1);
	setenv("LD_PRELOAD", timer, 1);
	return job;
}

/* The whole time divided by that inside the engine. */
static void
split_sample(void *state, struct figure *out)
{
	struct job *job = state;
	struct spawned result;
	double whole = 0, inside = 0;
	FILE *file;

	if (!job_run(job, &result, out))
		return;
	file = fopen(job->split, "r");
	if (file == NULL || fscanf(file, "%lf %lf", &whole, &inside) != 2 ||
	    inside <= 0)
		figure_fail(out, "the engine's time was not written");
	else
		out->value = whole / inside;
	if (file != NULL)
		fclose(file);
}

#define TOOL(number)                                                           \
	{ "vmspace run", tool_open, tool_sample, VMSPACE, number },            \
	    { "bare Unicorn", tool_open, tool_sample, BARE, number },          \
	    { "qemu-x86_64", tool_open, tool_sample, QEMU, number },           \
	    { "native", tool_open, tool_sample, NATIVE, number },              \
	{                                                                      \
		"", split_open, split_sample, VMSPACE, number                  \
	}

#define ROWS(name, words)                                                      \
	{ words, "ms", 1e6, 0, 1, 1.1, 0 }, { words, "ms", 1e6, 0, 2, 0, 0 },  \
	    { words, "ms", 1e6, 0, 3, 0, 0 },                                  \
	{                                                                      \
#name ", whole / inside the engine", "x", 1, 4, ROW_ALONE, 0,  \
		    1.1                                                        \
	}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define GROUP(name, number, words, rounds)                                     \
	static const struct contender name[] = { TOOL(number) };               \
	static const struct row name##_rows[] = { ROWS(name, words) };         \
	const struct group group_##name = { #name, name, COUNT(name),          \
		name##_rows, COUNT(name##_rows), rounds }

GROUP(sha256sum, "0", "sha256sum, 8 MiB", 7);
GROUP(gzip, "1", "gzip, 2 MiB", 7);
GROUP(xz, "2", "xz -1, 1 MiB", 7);
GROUP(sort, "3", "sort -u, 4 MiB", 7);
GROUP(gawk, "4", "gawk, words of 1 MiB counted", 7);
GROUP(sqlite3, "5", "sqlite3, 30,000 rows", 7);

/* Start-up is all there is of it: no goal against the engine. */
static const struct contender python[] = { TOOL("6") };
static const struct row python_rows[] = {
	{ "python3 -c pass", "ms", 1e6, 0, 1, 0, 0 },
	{ "python3 -c pass", "ms", 1e6, 0, 2, 0, 0 },
	{ "python3 -c pass", "ms", 1e6, 0, 3, 0, 0 },
};
const struct group group_python = { "python", python, 4, python_rows,
	COUNT(python_rows), 7 };
