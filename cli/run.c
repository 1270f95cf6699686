/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace run and record: opens what the options ask for, hands the program to
 * the vkernel, and turns its end into an exit status. */
#include "cli/run.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "cli/cli.h"
#include "cli/options.h"
#include "cli/record.h"
#include "cli/search.h"
#include "cli/stats.h"
#include "vkernel/vkernel.h"

extern char **environ;

/* All that one run holds; zero is "not held". */
struct run {
	struct run_options options;
	const char **env;
	char *path;
	FILE *strace, *trace;
	struct vms *vms;
	struct vk_call_count counts[VK_CALLS];
	struct recording recording;
};

void
cmd_run_help(FILE *out)
{
	fprintf(out,
	    "Runs PROGRAM, an x86-64 Linux program, inside a vmspace.\n"
	    "Its stdin, stdout, stderr, directory and, unless options say\n"
	    "otherwise, environment are those of vmspace.  PROGRAM without a\n"
	    "slash is searched in the PATH of the guest's environment.\n"
	    "\n"
	    "Options:\n");
	options_help(out, false);
	fprintf(out,
	    "\n"
	    "Exit status: the guest's; 128 plus the signal that ended it; 2\n"
	    "wrong usage; 124 limit reached; 125 vmspace or the host failed;\n"
	    "126 PROGRAM cannot be run; 127 PROGRAM was not found.\n");
}

static int
program_find(struct run *run, const char *name)
{
	char **base = run->options.clear_env ? NULL : environ;
	int error;

	run->env = env_make(base, run->options.env, run->options.env_count);
	if (run->env == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	error = program_search(
	    name, run->options.root, (const char *const *)run->env, &run->path);
	if (error == 0)
		return 0;
	return cli_fail(error == ENOENT ? CLI_NOT_FOUND : CLI_NOT_RUN, "%s: %s",
	    name,
	    error == ENOENT   ? "no such program"
	    : error == EACCES ? "not a file that may be executed"
			      : strerror(error));
}

/* NULL in *out when not wanted; stderr when no file is named.  Guests get
 * none of our descriptors. */
static int
log_open(bool wanted, const char *file, FILE **out)
{
	int fd;

	if (!wanted)
		return 0;
	if (file == NULL) {
		*out = stderr;
		return 0;
	}
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fd >= 0)
		*out = fdopen(fd, "w");
	if (*out != NULL)
		return 0;
	return cli_fail(
	    CLI_FAILED, "%s cannot be written: %s", file, strerror(errno));
}

static int
log_close(FILE *log, const char *file)
{
	int failed;

	if (log == NULL)
		return 0;
	failed = ferror(log);
	if (log == stderr)
		return failed ? CLI_FAILED : 0;
	if (fclose(log) != 0 || failed)
		return cli_fail(CLI_FAILED, "%s could not be written", file);
	return 0;
}

static void
lint_print(void *arg, const char *finding)
{
	fprintf(arg, "vmspace: lint: %s\n", finding);
}

static uint64_t
insns_limit(const struct run_options *o)
{
	if (o->max_insns == 0 ||
	    (o->limit_insns != 0 && o->limit_insns < o->max_insns))
		return o->limit_insns;
	return o->max_insns;
}

static int
vms_start(struct run *run)
{
	const struct run_options *o = &run->options;
	struct vms_config config = { .size = sizeof(config) };
	struct vms_doctor doctor = { .size = sizeof(doctor) };
	int error;

	if (o->stats || insns_limit(o) != 0 || o->clock == VK_CLOCK_VIRTUAL)
		config.flags |= VMS_CONFIG_COUNT;
	if (o->chaos)
		config.flags |= VMS_CONFIG_CHAOS;
	error = vms_install_sigbus();
	if (error == 0)
		error = vms_open(&config, &run->vms);
	if (error == ENOTSUP && vms_doctor(&doctor) == 0 &&
	    doctor.unicorn_problem[0] != '\0')
		return cli_fail(CLI_FAILED, "the CPU engine cannot be used: %s",
		    doctor.unicorn_problem);
	if (error != 0)
		return cli_fail(
		    CLI_FAILED, "vmspace cannot start: %s", strerror(error));
	if (o->lint)
		vms_set_lint(run->vms, lint_print, stderr);
	return 0;
}

static int
status_of(const struct vk_result *result)
{
	switch (result->end) {
	case VK_END_EXIT:
		return result->value & 0xff;
	case VK_END_SIGNAL:
		return CLI_SIGNAL + result->value;
	case VK_END_LIMIT:
		return CLI_LIMIT;
	case VK_END_LOAD:
		return result->value == ENOENT ? CLI_NOT_FOUND : CLI_NOT_RUN;
	case VK_END_FAILED:
		break;
	}
	return CLI_FAILED;
}

static uint64_t
now_ns(void)
{
	struct timespec ts = { 0, 0 };

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static int
limit_fail(const struct run_options *o, enum vk_limit limit)
{
	static const char *const names[] = { [VK_LIMIT_INSNS] = "max-insns",
		[VK_LIMIT_TIMEOUT] = "timeout",
		[VK_LIMIT_FAULTS] = "max-faults",
		[VK_LIMIT_PROCS] = "max-procs" };
	const char *name = names[limit];

	if (limit == VK_LIMIT_INSNS && insns_limit(o) == o->limit_insns)
		name = "limit-insns";
	return cli_fail(
	    CLI_LIMIT, "stopped: the limit of --%s was reached", name);
}

/* The guest did what it was to do: --expect-exit. */
static int
expected(const struct run_options *o, const struct vk_result *result)
{
	int status = status_of(result);

	if (o->expect_exit < 0 ||
	    (result->end != VK_END_EXIT && result->end != VK_END_SIGNAL))
		return status;
	if (status == o->expect_exit)
		return CLI_OK;
	return cli_fail(CLI_UNUSABLE,
	    "the guest's status is %d, --expect-exit is %d", status,
	    o->expect_exit);
}

/* A line of progress is for somebody who waits and sees nothing else: not
 * beside a guest that uses the terminal, or a log that does. */
static FILE *
progress_file(const struct run *run)
{
	if (!isatty(STDERR_FILENO) || isatty(STDIN_FILENO) ||
	    isatty(STDOUT_FILENO) || run->strace == stderr ||
	    run->trace == stderr)
		return NULL;
	return stderr;
}

static void
stats_say(struct run *run, const struct vk_result *result, uint64_t ns)
{
	const struct run_options *o = &run->options;
	struct vms_stats stats = { .size = sizeof(stats) };

	if (!o->stats || vms_stats(run->vms, &stats) != 0)
		return;
	stats_print(stderr, &stats, result, ns);
	stats_print_calls(stderr, run->counts, o->clock == VK_CLOCK_HOST);
}

static int
guest_run(struct run *run, char **argv)
{
	const struct run_options *o = &run->options;
	const struct vk_options options = { .program = run->path,
		.argv = (const char *const *)(argv + o->program),
		.envp = (const char *const *)run->env,
		.memory_bytes = o->memory_bytes,
		.limit_insns = insns_limit(o),
		.timeout_ns = o->timeout_ns,
		.max_faults = o->max_faults,
		.max_procs = o->max_procs,
		.root = o->root,
		.binds = o->binds,
		.bind_count = o->bind_count,
		.read_only = o->read_only,
		.no_network = o->no_network,
		.paths_by_component = o->paths_by_name,
		.strict = o->strict,
		.aslr = o->aslr,
		.clock = o->clock,
		.seed = o->seed,
		.host_random = !o->seeded && o->clock == VK_CLOCK_HOST,
		.own_ids = o->own_ids,
		.uid = o->uid,
		.gid = o->gid,
		.strace = run->strace,
		.strace_pids = o->strace_file != NULL,
		.strace_strings = (size_t)o->strace_strings,
		.strace_filter = o->filtered ? &o->strace_filter : NULL,
		.trace_insn = run->trace,
		.progress = progress_file(run),
		.counts = o->stats ? run->counts : NULL,
		.errors = stderr };
	struct vk_result result = { .end = VK_END_FAILED };
	uint64_t start = now_ns();

	vk_run(run->vms, &options, &result);
	stats_say(run, &result, now_ns() - start);
	if (result.end == VK_END_LIMIT)
		return limit_fail(o, (enum vk_limit)result.value);
	return expected(o, &result);
}

/* A log that is incomplete makes the run a failure, whatever the guest's
 * status was. */
static int
run_finish(struct run *run, int status)
{
	int error;

	if (log_close(run->strace, run->options.strace_file) != 0 ||
	    log_close(run->trace, run->options.trace_file) != 0)
		status = CLI_FAILED;
	status = recording_stop(&run->recording, &run->options, status);
	error = run->vms == NULL ? 0 : vms_close(run->vms);
	if (error != 0)
		status = cli_fail(CLI_FAILED, "vmspace could not be closed: %s",
		    strerror(error));
	free(run->path);
	free(run->env);
	options_finish(&run->options);
	return status;
}

static int
run_prepare(struct run *run, char **argv)
{
	const struct run_options *o = &run->options;
	int status;

	status = program_find(run, argv[o->program]);
	if (status == 0)
		status = log_open(o->strace, o->strace_file, &run->strace);
	if (status == 0)
		status = log_open(o->trace_insn, o->trace_file, &run->trace);
	if (status == 0)
		status = vms_start(run);
	if (status == 0 && strcmp(o->command, "record") == 0)
		status = recording_start(
		    &run->recording, run->vms, o, run->path, argv);
	return status;
}

int
run_command(int argc, char **argv)
{
	struct run run = { .vms = NULL };
	char help[] = "help";
	char *help_argv[] = { help, argv[0], NULL };
	int status;

	status = options_parse(argc, argv, &run.options);
	if (status == 0 && run.options.help)
		return run_finish(&run, cmd_help(2, help_argv));
	if (status == 0)
		status = run_prepare(&run, argv);
	if (status == 0)
		status = guest_run(&run, argv);
	return run_finish(&run, status);
}

int
cmd_run(int argc, char **argv)
{
	return run_command(argc, argv);
}
