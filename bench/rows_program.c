/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole programs: under `vmspace run`, on bare Unicorn, under QEMU's user
 * mode, and natively.  A sample is the time from start to end of a process.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>

#include "bench/command.h"

#define ARGS_MAX  8
#define LINES_MAX 2

/* One program, as a line of words, and what it must print. */
struct line {
	const char *words;
	const char *output;
};

struct task {
	struct command command;
	char words[64]; /* what the command's arguments point to */
	const char *output;
};

struct program {
	struct task tasks[LINES_MAX];
	unsigned count;
};

static const struct line compute_lines[] = {
	{ "compute hash 10", "12402430673437773476\n" },
	{ "compute sort 10", "178232127894\n" },
	{ "compute calls 10", "16930051828856681153\n" },
	{ "compute float 10", "1669980\n" },
	{ "compute all 4", "11416404748354578130\n" },
};

static bool
line_init(struct task *task, enum kind kind, const struct bench_env *env,
    const struct line *line, struct figure *out)
{
	char *args[ARGS_MAX + 1] = { NULL }, *name, *word;
	unsigned count = 0;

	snprintf(task->words, sizeof(task->words), "%s", line->words);
	task->output = line->output;
	name = strtok(task->words, " ");
	while ((word = strtok(NULL, " ")) != NULL && count < ARGS_MAX)
		args[count++] = word;
	return command_init(&task->command, kind, env, name, args, out);
}

static bool
task_run(const struct task *task, double *ns, struct figure *out)
{
	struct spawned result;

	if (!command_run(&task->command, &result, out))
		return false;
	*ns += result.ns;
	if (strcmp(result.output, task->output) != 0)
		figure_fail(out, "wrong output %.*s",
		    (int)strcspn(result.output, "\n"), result.output);
	return out->why[0] == '\0';
}

static struct program *
program_new(const struct contender *self, const struct bench_env *env,
    const struct line *from, unsigned count, struct figure *out)
{
	struct program *program = calloc(1, sizeof(*program));
	enum kind kind = (enum kind)self->number;

	if (program == NULL)
		abort();
	program->count = count;
	for (unsigned i = 0; i < count; i++) {
		if (!line_init(&program->tasks[i], kind, env, &from[i], out))
			break;
	}
	return program;
}

/* self->text: the number of the line. */
static void *
compute_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	return program_new(self, env, &compute_lines[atoi(self->text)], 1, out);
}

static void
program_sample(void *state, struct figure *out)
{
	struct program *program = state;
	double ns = 0;

	for (unsigned i = 0; i < program->count; i++) {
		if (!task_run(&program->tasks[i], &ns, out))
			return;
	}
	out->value = ns;
}

#define CALLS 200000

static void *
getppid_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	static const struct line both[] = { { "getppid 1", "1\n" },
		{ "getppid 200001", "200001\n" } };

	return program_new(self, env, both, 2, out);
}

/* The difference of two runs: what all the others of the calls took. */
static void
getppid_sample(void *state, struct figure *out)
{
	struct program *program = state;
	double one = 0, many = 0;

	if (task_run(&program->tasks[0], &one, out) &&
	    task_run(&program->tasks[1], &many, out))
		out->value = (many - one) / CALLS;
}

static void *
startup_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	static const struct line line = { "busybox true", "" };

	return program_new(self, env, &line, 1, out);
}

#define PHASE(number)                                                          \
	{ "vmspace run", compute_open, program_sample, VMSPACE, number },      \
	{                                                                      \
		"bare Unicorn", compute_open, program_sample, BARE, number     \
	}

static const struct contender compute[] = {
	PHASE("4"),
	{ "qemu-x86_64", compute_open, program_sample, QEMU, "4" },
	{ "native", compute_open, program_sample, NATIVE, "4" },
};
static const struct contender phases[] = { PHASE("0"), PHASE("1"), PHASE("2"),
	PHASE("3") };
/* Without bare Unicorn, which serves no system calls and loads no busybox. */
#define SERVED(open, sample)                                                   \
	{ "vmspace run", open, sample, VMSPACE, NULL },                        \
	    { "qemu-x86_64", open, sample, QEMU, NULL },                       \
	{                                                                      \
		"native", open, sample, NATIVE, NULL                           \
	}
static const struct contender calls[] = { SERVED(
    getppid_open, getppid_sample) };
static const struct contender startup[] = { SERVED(
    startup_open, program_sample) };

static const struct row compute_rows[] = {
	{ "compute guest, all phases", "ms", 1e6, 0, 1, 1.05, 0 },
	{ "compute guest, all phases", "ms", 1e6, 0, 2, 0, 0 },
	{ "compute guest, all phases", "ms", 1e6, 0, 3, 0, 0 },
};
static const struct row phases_rows[] = {
	{ "compute guest, hashing", "ms", 1e6, 0, 1, 0, 0 },
	{ "compute guest, sorting", "ms", 1e6, 2, 3, 0, 0 },
	{ "compute guest, calls", "ms", 1e6, 4, 5, 0, 0 },
	{ "compute guest, floating point", "ms", 1e6, 6, 7, 0, 0 },
};
static const struct row calls_rows[] = {
	{ "getppid under vmspace run", "ns", 1, 0, 1, 0, 0 },
	{ "getppid under vmspace run", "ns", 1, 0, 2, 0, 0 },
};
static const struct row startup_rows[] = {
	{ "busybox true, start to end", "ms", 1e6, 0, 1, 1, 0 },
	{ "busybox true, start to end", "ms", 1e6, 0, 2, 0, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct group group_compute = { "compute", compute, COUNT(compute),
	compute_rows, COUNT(compute_rows), 13 };
const struct group group_phases = { "phases", phases, COUNT(phases),
	phases_rows, COUNT(phases_rows), 7 };
const struct group group_getppid = { "getppid", calls, COUNT(calls), calls_rows,
	COUNT(calls_rows), 13 };
const struct group group_startup = { "startup", startup, COUNT(startup),
	startup_rows, COUNT(startup_rows), 21 };
