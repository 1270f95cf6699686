/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Guests of several processes or threads: starts from a shell, bytes through
 * pipes, threads with a mutex, memory that comes and goes, and what a
 * sleeping process takes.
 */
#include "bench/bench.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "bench/command.h"
#include "bench/spawn.h"

#define STARTS 200
/* Sleepers without and with those that are measured. */
#define SLEEPERS_FEW  10
#define SLEEPERS_MANY 60

/* A line is written before the first start and after each. */
#define STARTS_SCRIPT                                                          \
	"echo; i=0; while [ $i -lt 200 ]; do %s true; echo; i=$((i+1)); done"
#define SLEEPERS_SCRIPT                                                        \
	"i=0; while [ $i -lt %u ]; do %s sleep 1000 & i=$((i+1)); done; "      \
	"sleep 0.3; echo; wait"

struct shell {
	struct command command;
	char busybox[512];
	char script[1024];
	enum kind kind;
	unsigned which; /* STARTS: 0 mean, 1 first, 2 last */
};

static struct shell *
shell_new(enum kind kind, const struct bench_env *env, struct figure *out)
{
	struct shell *shell = calloc(1, sizeof(*shell));

	if (shell == NULL)
		abort();
	shell->kind = kind;
	if (!program_find("busybox", shell->busybox, sizeof(shell->busybox))) {
		figure_absent(out, "no x86-64 Linux program busybox here");
		return shell;
	}
	static char sh[] = "sh", c[] = "-c";
	char *args[] = { sh, c, shell->script, NULL };

	command_init(&shell->command, kind, env, "busybox", args, out);
	return shell;
}

static void *
starts_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct shell *shell = shell_new((enum kind)self->number, env, out);

	shell->which = (unsigned)atoi(self->text);
	snprintf(shell->script, sizeof(shell->script), STARTS_SCRIPT,
	    shell->busybox);
	return shell;
}

/* When each line came. */
static unsigned
lines_time(int fd, double *times, unsigned max)
{
	unsigned count = 0;
	char bytes[64];
	ssize_t got;

	while ((got = read(fd, bytes, sizeof(bytes))) > 0 ||
	       (got < 0 && errno == EINTR))
		for (ssize_t i = 0; i < got && count < max; i++)
			times[count++] = clock_ns();
	return count;
}

static void
starts_sample(void *state, struct figure *out)
{
	struct shell *shell = state;
	double times[STARTS + 1];
	struct running running;
	unsigned count;
	int status;

	if (!spawn_start(shell->command.argv, &running, out))
		return;
	count = lines_time(running.output, times, STARTS + 1);
	status = spawn_end(&running);
	if (status != 0 || count != STARTS + 1)
		figure_fail(out, "status %d after %u starts", status, count);
	else if (shell->which == 0)
		out->value = (times[STARTS] - times[0]) / STARTS;
	else if (shell->which == 1)
		out->value = times[1] - times[0];
	else
		out->value = times[STARTS] - times[STARTS - 1];
}

static void *
sleepers_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	return shell_new((enum kind)self->number, env, out);
}

/* Bytes of a line like "Pss:  123 kB" of a file of the process; 0: none. */
static double
memory_line(pid_t pid, const char *file, const char *name)
{
	char path[64], line[256];
	double bytes = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%ld/%s", (long)pid, file);
	in = fopen(path, "r");
	if (in == NULL)
		return 0;
	while (fgets(line, sizeof(line), in) != NULL)
		if (strncmp(line, name, strlen(name)) == 0)
			bytes = atof(line + strlen(name)) * 1024;
	fclose(in);
	return bytes;
}

/* The one process of vmspace, with its page tables: that guests have a page
 * both in the memory image and in the engine's memory counts once. */
static double
sleepers_bytes(struct shell *shell, unsigned count, struct figure *out)
{
	struct running running;
	double bytes = 0;
	char byte;

	snprintf(shell->script, sizeof(shell->script), SLEEPERS_SCRIPT, count,
	    shell->busybox);
	if (!spawn_start(shell->command.argv, &running, out))
		return 0;
	if (read(running.output, &byte, 1) == 1)
		bytes = memory_line(running.pid, "smaps_rollup", "Pss:") +
			memory_line(running.pid, "status", "VmPTE:");
	if (bytes == 0)
		figure_fail(out, "could not be looked at");
	spawn_kill(&running);
	return bytes;
}

static void
sleepers_sample(void *state, struct figure *out)
{
	struct shell *shell = state;
	double few = sleepers_bytes(shell, SLEEPERS_FEW, out);

	if (out->why[0] != '\0')
		return;
	out->value = (sleepers_bytes(shell, SLEEPERS_MANY, out) - few) /
		     (SLEEPERS_MANY - SLEEPERS_FEW);
}

/* The same less what each process may take beside its pages. */
static void
allowed_sample(void *state, struct figure *out)
{
	sleepers_sample(state, out);
	out->value = out->value > 1 << 20 ? out->value - (1 << 20) : 0;
}

/* Resident pages of one that sleeps, natively. */
static void *
sleeper_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	static char sleep_word[] = "sleep", long_word[] = "1000";
	char *args[] = { sleep_word, long_word, NULL };
	struct shell *shell = shell_new((enum kind)self->number, env, out);

	if (out->why[0] == '\0')
		command_init(
		    &shell->command, shell->kind, env, "busybox", args, out);
	return shell;
}

static void
sleeper_sample(void *state, struct figure *out)
{
	struct shell *shell = state;
	struct running running;

	if (!spawn_start(shell->command.argv, &running, out))
		return;
	usleep(100000);
	out->value = memory_line(running.pid, "status", "VmRSS:");
	if (out->value == 0)
		figure_fail(out, "could not be looked at");
	spawn_kill(&running);
}

/* The time of many less that of one, by their number. */
struct counted {
	struct command one, many;
	char number[24];
	unsigned count;
};

static void *
counted_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct counted *counted = calloc(1, sizeof(*counted));
	static char first[] = "1";
	char name[32], *one[] = { first, NULL }, *many[2] = { NULL };

	if (counted == NULL)
		abort();
	snprintf(name, sizeof(name), "%.*s", (int)strcspn(self->text, " "),
	    self->text);
	counted->count = (unsigned)atoi(self->text + strlen(name));
	snprintf(
	    counted->number, sizeof(counted->number), "%u", counted->count + 1);
	many[0] = counted->number;
	if (command_init(
		&counted->one, (enum kind)self->number, env, name, one, out))
		command_init(&counted->many, (enum kind)self->number, env, name,
		    many, out);
	return counted;
}

static void
counted_sample(void *state, struct figure *out)
{
	struct counted *counted = state;
	struct spawned one, many;

	if (command_run(&counted->one, &one, out) &&
	    command_run(&counted->many, &many, out))
		out->value = (many.ns - one.ns) / counted->count;
}

#define STARTS_OF(name, kind)                                                  \
	{ name, starts_open, starts_sample, kind, "0" },                       \
	    { name, starts_open, starts_sample, kind, "1" },                   \
	{                                                                      \
		name, starts_open, starts_sample, kind, "2"                    \
	}
#define COUNTED(what)                                                          \
	{ "vmspace run", counted_open, counted_sample, VMSPACE, what },        \
	    { "qemu-x86_64", counted_open, counted_sample, QEMU, what },       \
	{                                                                      \
		"native", counted_open, counted_sample, NATIVE, what           \
	}

static const struct contender starts[] = { STARTS_OF("vmspace run", VMSPACE),
	STARTS_OF("native", NATIVE),
	{ "qemu-x86_64", starts_open, starts_sample, QEMU, "0" } };
static const struct contender pingpong[] = { COUNTED("pingpong 20000") };
static const struct contender threads[] = { COUNTED("threads 20000") };
static const struct contender blocks[] = { COUNTED("blocks 20") };
static const struct contender sleepers[] = {
	{ "vmspace run", sleepers_open, sleepers_sample, VMSPACE, NULL },
	{ "vmspace run", sleepers_open, allowed_sample, VMSPACE, NULL },
	{ "native, resident pages of one", sleeper_open, sleeper_sample, NATIVE,
	    NULL },
};

static const struct row starts_rows[] = {
	{ "fork and exec from a shell, each of 200", "ms", 1e6, 0, 3, 1, 0 },
	{ "fork and exec from a shell, each of 200", "ms", 1e6, 0, 6, 0, 0 },
	{ "fork and exec from a shell, the first", "ms", 1e6, 1, 4, 0, 0 },
	{ "fork and exec from a shell, the 200th", "ms", 1e6, 2, 5, 1, 0 },
};
static const struct row pingpong_rows[] = {
	{ "byte to a process and back, pipes", "us", 1e3, 0, 1, 0, 0 },
	{ "byte to a process and back, pipes", "us", 1e3, 0, 2, 0, 0 },
};
static const struct row threads_rows[] = {
	{ "4 threads, work and one mutex, a turn", "us", 1e3, 0, 1, 0, 0 },
	{ "4 threads, work and one mutex, a turn", "us", 1e3, 0, 2, 0, 0 },
};
static const struct row blocks_rows[] = {
	{ "malloc, touch, free 16 MiB", "ms", 1e6, 0, 1, 0, 0 },
	{ "malloc, touch, free 16 MiB", "ms", 1e6, 0, 2, 0, 0 },
};
static const struct row sleepers_rows[] = {
	{ "memory of a sleeping busybox", "KiB", 1024, 0, 2, 0, 0 },
	{ "the same less 1 MiB", "KiB", 1024, 1, 2, 1.5, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

const struct group group_starts = { "starts", starts, COUNT(starts),
	starts_rows, COUNT(starts_rows), 9 };
const struct group group_pingpong = { "pingpong", pingpong, COUNT(pingpong),
	pingpong_rows, COUNT(pingpong_rows), 7 };
const struct group group_threads = { "threads", threads, COUNT(threads),
	threads_rows, COUNT(threads_rows), 7 };
const struct group group_blocks = { "blocks", blocks, COUNT(blocks),
	blocks_rows, COUNT(blocks_rows), 7 };
const struct group group_sleepers = { "sleepers", sleepers, COUNT(sleepers),
	sleepers_rows, COUNT(sleepers_rows), 3 };
