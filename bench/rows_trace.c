/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Recording and replaying: time, and size of the trace, of the same program
 * unrecorded, recorded and replayed; beside them QEMU's log of instructions.
 */
#include "bench/bench.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bench/spawn.h"

enum kind { PLAIN, RECORD, SEARCH, REPLAY, QEMU, QEMU_LOG };

#define ARGS_MAX 16
#define DIRS     20
#define FILES    50 /* in each directory */

/* The guest program and its arguments; "@tree" is a directory of files. */
struct subject {
	const char *words[6];
};

static const struct subject subjects[] = {
	{ { "compute", "all", "4" } },
	{ { "compute", "calls", "1" } },
	{ { "busybox", "find", "@tree", "-size", "+0" } },
	{ { "getppid", "100001" } },
};

struct program {
	const struct bench_env *env;
	enum kind kind;
	const struct subject *subject;
	char directory[64]; /* for the trace and the tree */
	char trace[96], tree[96];
	char path[512]; /* of the guest */
};

static bool
guest_find(const struct bench_env *env, const char *name, char *path,
    size_t size, struct figure *out)
{
	snprintf(path, size, "%s/%s", env->guests, name);
	if (access(path, X_OK) == 0)
		return true;
	if (strcmp(name, "busybox") == 0) {
		snprintf(path, size, "/usr/bin/busybox");
		if (access(path, X_OK) == 0)
			return true;
	}
	figure_absent(out, "no such x86-64 Linux program here");
	return false;
}

static void
tree_path(const struct program *program, unsigned at, char *path, size_t size)
{
	if (at % (FILES + 1) == 0)
		snprintf(path, size, "%s/%u", program->tree, at / (FILES + 1));
	else
		snprintf(path, size, "%s/%u/%u", program->tree,
		    at / (FILES + 1), at % (FILES + 1));
}

static bool
tree_make(const struct program *program)
{
	char path[160];
	FILE *file;

	if (mkdir(program->tree, 0777) != 0)
		return false;
	for (unsigned i = 0; i < DIRS * (FILES + 1); i++) {
		tree_path(program, i, path, sizeof(path));
		if (i % (FILES + 1) == 0) {
			if (mkdir(path, 0777) != 0)
				return false;
			continue;
		}
		file = fopen(path, "w");
		if (file == NULL)
			return false;
		fputs("x\n", file);
		fclose(file);
	}
	return true;
}

static void
tree_remove(const struct program *program)
{
	char path[160];

	for (unsigned i = DIRS * (FILES + 1); i-- > 0;) {
		tree_path(program, i, path, sizeof(path));
		(void)remove(path);
	}
	(void)rmdir(program->tree);
}

static void *
program_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct program *program = calloc(1, sizeof(*program));
	const char *tmp = getenv("TMPDIR");

	if (program == NULL)
		abort();
	program->env = env;
	program->kind = (enum kind)self->number;
	program->subject = &subjects[atoi(self->text)];
	if (!guest_find(env, program->subject->words[0], program->path,
		sizeof(program->path), out))
		return program;
	snprintf(program->directory, sizeof(program->directory),
	    "%.30s/vmspace-bench.XXXXXX", tmp == NULL ? "/tmp" : tmp);
	return program;
}

/* Every sample has a directory of its own, which it takes away again. */
static bool
sample_begin(struct program *program, struct figure *out)
{
	size_t end = strlen(program->directory);

	memset(program->directory + end - 6, 'X', 6);
	if (mkdtemp(program->directory) == NULL) {
		figure_fail(out, "no temporary directory");
		return false;
	}
	snprintf(
	    program->trace, sizeof(program->trace), "%s/t", program->directory);
	snprintf(program->tree, sizeof(program->tree), "%s/tree",
	    program->directory);
	if (program->subject == &subjects[2] && !tree_make(program)) {
		figure_fail(out, "no files for find");
		return false;
	}
	return true;
}

static void
sample_end(struct program *program)
{
	if (program->subject == &subjects[2])
		tree_remove(program);
	(void)unlink(program->trace);
	(void)rmdir(program->directory);
}

static char *
word(const char *text)
{
	return (char *)(uintptr_t)text;
}

static size_t
prefix_add(const struct program *program, enum kind kind, char **argv)
{
	size_t n = 0;

	if (kind == QEMU || kind == QEMU_LOG) {
		argv[n++] = word("qemu-x86_64");
		if (kind == QEMU)
			return n;
		argv[n++] = word("-d");
		argv[n++] = word("in_asm,exec");
		argv[n++] = word("-D");
		argv[n++] = word(program->trace);
		return n;
	}
	argv[n++] = word(program->env->cli);
	argv[n++] = word(kind == PLAIN ? "run" : "record");
	if (kind == SEARCH)
		argv[n++] = word("--undeclared");
	if (kind != PLAIN) {
		argv[n++] = word("-o");
		argv[n++] = word(program->trace);
	}
	return n;
}

static bool
guest_run(struct program *program, enum kind kind, struct spawned *result,
    struct figure *out)
{
	char *argv[ARGS_MAX];
	size_t n = prefix_add(program, kind, argv);

	argv[n++] = program->path;
	for (size_t i = 1; program->subject->words[i] != NULL; i++)
		argv[n++] = strcmp(program->subject->words[i], "@tree") == 0
				? program->tree
				: word(program->subject->words[i]);
	argv[n] = NULL;
	if (!spawn_wait(argv, result, out))
		return false;
	if (result->status != 0)
		figure_fail(out, "%s: status %d", argv[0], result->status);
	return result->status == 0;
}

static bool
trace_replay(
    struct program *program, struct spawned *result, struct figure *out)
{
	char *argv[] = { word(program->env->cli), word("replay"),
		program->trace, NULL };

	if (!spawn_wait(argv, result, out))
		return false;
	if (result->status != 0)
		figure_fail(out, "replay: status %d", result->status);
	return result->status == 0;
}

static void
time_sample(void *state, struct figure *out)
{
	struct program *program = state;
	enum kind first = program->kind == REPLAY ? RECORD : program->kind;
	struct spawned result;

	if (!sample_begin(program, out))
		return;
	if (guest_run(program, first, &result, out) &&
	    (program->kind != REPLAY || trace_replay(program, &result, out)))
		out->value = result.ns;
	sample_end(program);
}

/* The number that follows name, and then key, in `vmspace trace info`. */
static double
info_number(struct program *program, const char *name, const char *key,
    struct figure *out)
{
	char *argv[] = { word(program->env->cli), word("trace"), word("info"),
		word("--json"), program->trace, NULL };
	struct spawned result;
	const char *at;

	if (!spawn_wait(argv, &result, out))
		return 0;
	at = strstr(result.output, name);
	if (at != NULL)
		at = strstr(at, key);
	if (at == NULL) {
		figure_fail(out, "trace info says nothing of %s", name);
		return 0;
	}
	return strtod(at + strlen(key), NULL);
}

static void
size_sample(void *state, struct figure *out)
{
	struct program *program = state;
	struct spawned result;
	struct stat st;
	double insns = 0, calls = 0, pages = 0;

	if (!sample_begin(program, out))
		return;
	if (guest_run(program, program->kind, &result, out) &&
	    stat(program->trace, &st) == 0)
		out->value = (double)st.st_size;
	if (out->value > 0 && program->kind == QEMU_LOG) {
		if (guest_run(program, RECORD, &result, out))
			insns = info_number(program, "{", "\"insns\":", out);
	} else if (out->value > 0) {
		insns = info_number(program, "{", "\"insns\":", out);
		calls = info_number(program, "{", "\"syscalls\":", out);
		pages = info_number(
		    program, "\"pages\":", "\"stored_bytes\":", out);
	}
	if (program->subject == &subjects[2])
		out->value = (out->value - pages) / calls;
	else
		out->value = out->value / insns * 1000;
	sample_end(program);
}

#define TIMED(name, kind, subject)                                             \
	{                                                                      \
		name, program_open, time_sample, kind, subject                 \
	}
#define SIZED(name, kind, subject)                                             \
	{                                                                      \
		name, program_open, size_sample, kind, subject                 \
	}

static const struct contender contenders[] = {
	TIMED("recorded", RECORD, "0"),           /* 0 */
	TIMED("unrecorded", PLAIN, "0"),          /* 1 */
	TIMED("replayed", REPLAY, "0"),           /* 2 */
	TIMED("recorded", RECORD, "2"),           /* 3 */
	TIMED("recorded, searched", SEARCH, "2"), /* 4 */
	TIMED("unrecorded", PLAIN, "2"),          /* 5 */
	TIMED("recorded", RECORD, "3"),           /* 6 */
	TIMED("recorded, searched", SEARCH, "3"), /* 7 */
	TIMED("unrecorded", PLAIN, "3"),          /* 8 */
};
static const struct row rows[] = {
	{ "compute guest, recorded", "ms", 1e6, 0, 1, 1.3, 0 },
	{ "compute guest, replayed", "ms", 1e6, 2, 0, 1.1, 0 },
	{ "find in 1000 files, declared stores", "ms", 1e6, 3, 5, 3, 0 },
	{ "find in 1000 files, searched stores", "ms", 1e6, 4, 5, 8, 0 },
	{ "getppid 100,000 times, declared stores", "ms", 1e6, 6, 8, 3, 0 },
	{ "getppid 100,000 times, searched stores", "ms", 1e6, 7, 8, 8, 0 },
};

static const struct contender size_contenders[] = {
	SIZED("trace", RECORD, "0"),                        /* 0 */
	SIZED("trace", RECORD, "2"),                        /* 1 */
	SIZED("trace", RECORD, "1"),                        /* 2 */
	SIZED("qemu-x86_64 -d in_asm,exec", QEMU_LOG, "1"), /* 3 */
	TIMED("recorded", RECORD, "1"),                     /* 4 */
	TIMED("unrecorded", PLAIN, "1"),                    /* 5 */
	TIMED("qemu-x86_64 -d in_asm,exec", QEMU_LOG, "1"), /* 6 */
	TIMED("qemu-x86_64", QEMU, "1"),                    /* 7 */
};
static const struct row size_rows[] = {
	{ "trace per 1000 instructions, compute", "B", 1, 0, ROW_ALONE, 0, 1 },
	{ "trace per system call, find, without pages", "B", 1, 1, ROW_ALONE, 0,
	    200 },
	{ "trace per 1000 instructions, calls", "B", 1, 2, 3, 0, 0 },
	{ "calls guest, recorded", "ms", 1e6, 4, 5, 0, 0 },
	{ "calls guest, logged by QEMU", "ms", 1e6, 6, 7, 0, 0 },
	{ "calls guest, recorded", "ms", 1e6, 4, 6, 0, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct group group_trace = { "trace", contenders, COUNT(contenders), rows,
	COUNT(rows), 9 };
const struct group group_trace_size = { "trace_size", size_contenders,
	COUNT(size_contenders), size_rows, COUNT(size_rows), 3 };
