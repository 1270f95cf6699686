/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whole programs: under `vmspace run`, on bare Unicorn, under QEMU's user
 * mode, and natively.  A sample is the time from start to end of a process.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/spawn.h"

enum kind { VMSPACE, BARE, QEMU, NATIVE };

#define ARGS_MAX  8
#define LINES_MAX 2

/* One program, as a line of words, and what it must print. */
struct line {
	const char *words;
	const char *output;
};

struct command {
	char program[512];
	char words[64];
	char *argv[ARGS_MAX + 1];
	const char *output;
};

struct program {
	struct command commands[LINES_MAX];
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
find_in_path(const char *name, char *path, size_t size)
{
	const char *dir = getenv("PATH");

	while (dir != NULL && *dir != '\0') {
		int len = (int)strcspn(dir, ":");

		snprintf(path, size, "%.*s/%s", len, dir, name);
		if (access(path, X_OK) == 0)
			return true;
		dir += len + (dir[len] == ':');
	}
	return false;
}

/* The guest is one of ours or else one of the system's. */
static bool
guest_find(
    const struct bench_env *env, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", env->guests, name);
	if (access(path, X_OK) == 0)
		return true;
	return strcmp(name, "busybox") == 0 && find_in_path(name, path, size);
}

static unsigned
prefix_add(enum kind kind, const struct bench_env *env, char **argv)
{
	static char run[] = "run", bare[] = "--bare", qemu[] = "qemu-x86_64";

	switch (kind) {
	case VMSPACE:
		argv[0] = (char *)(uintptr_t)env->cli;
		argv[1] = run;
		return 2;
	case BARE:
		argv[0] = (char *)(uintptr_t)env->self;
		argv[1] = bare;
		return 2;
	case QEMU:
		argv[0] = qemu;
		return 1;
	case NATIVE:
		break;
	}
	return 0;
}

static bool
kind_usable(enum kind kind, const struct bench_env *env, struct figure *out)
{
	char path[512];

	if (kind == VMSPACE && access(env->cli, X_OK) != 0)
		figure_fail(out, "vmspace is not built");
	else if (kind == QEMU &&
		 !find_in_path("qemu-x86_64", path, sizeof(path)))
		figure_absent(out, "qemu-x86_64 is not installed");
#if !defined(__linux__) || !defined(__x86_64__)
	else if (kind == NATIVE)
		figure_absent(out, "this host is not x86-64 Linux");
#endif
	return out->why[0] == '\0';
}

static bool
command_make(struct command *command, enum kind kind,
    const struct bench_env *env, const struct line *line, struct figure *out)
{
	unsigned argc;
	char *word;

	snprintf(command->words, sizeof(command->words), "%s", line->words);
	command->output = line->output;
	word = strtok(command->words, " ");
	if (!guest_find(
		env, word, command->program, sizeof(command->program))) {
		figure_fail(out, "no x86-64 Linux program %s here", word);
		out->absent = true;
		return false;
	}
	argc = prefix_add(kind, env, command->argv);
	command->argv[argc++] = command->program;
	while ((word = strtok(NULL, " ")) != NULL && argc < ARGS_MAX)
		command->argv[argc++] = word;
	return true;
}

static bool
command_run(const struct command *command, double *ns, struct figure *out)
{
	struct spawned result = { 0 };

	if (!spawn_wait(command->argv, &result, out))
		return false;
	*ns += result.ns;
	if (result.status != 0)
		figure_fail(
		    out, "%s: status %d", command->program, result.status);
	else if (strcmp(result.output, command->output) != 0)
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
	if (!kind_usable(kind, env, out))
		return program;
	program->count = count;
	for (unsigned i = 0; i < count; i++) {
		if (!command_make(
			&program->commands[i], kind, env, &from[i], out))
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
		if (!command_run(&program->commands[i], &ns, out))
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

	if (command_run(&program->commands[0], &one, out) &&
	    command_run(&program->commands[1], &many, out))
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
	{ "busybox true, start to end", "ms", 1e6, 0, 1, 0, 0 },
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
