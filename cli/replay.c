/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace replay: executes a trace again and says whether all is the same. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "base/os.h"
#include "cli/against.h"
#include "cli/cli.h"
#include "traces/replay_file.h"

#define MILLION     UINT64_C(1000000)
#define PROGRESS_NS (200 * MILLION)

/* The line of progress on a terminal. */
struct progress {
	bool shown;
	uint64_t next_ns;
};

void
cmd_replay_help(FILE *out)
{
	fprintf(out,
	    "Executes all guest code of FILE, which vmspace record has made,\n"
	    "again, and compares every result, register, instruction count\n"
	    "and digest of memory.  Nothing but FILE is used.\n"
	    "\n"
	    "A difference is printed with the last instructions before it.\n"
	    "\n");
	against_help(out);
	fprintf(out,
	    "\n"
	    "Exit status: 0 the same; 1 different; 2 FILE cannot be used.\n");
}

static void
progress_show(void *arg, uint64_t events, uint64_t insns, uint64_t bytes_left)
{
	struct progress *progress = arg;
	uint64_t now = os_monotonic_ns();

	if (now < progress->next_ns)
		return;
	progress->next_ns = now + PROGRESS_NS;
	progress->shown = true;
	fprintf(stderr,
	    "\r%" PRIu64 " events, %" PRIu64 " million instructions, %" PRIu64
	    " KiB left\033[K",
	    events, insns / MILLION, bytes_left / 1024);
	fflush(stderr);
}

static void
progress_clear(const struct progress *progress)
{
	if (progress->shown)
		fprintf(stderr, "\r\033[K");
}

/* How the recording ended, when not as it should. */
static const char *
end_note(enum trace_end_how how)
{
	switch (how) {
	case TRACE_END_CAPPED:
		return "; the recording ends at its largest size";
	case TRACE_END_TRUNCATED:
		return "; the recording was cut short";
	case TRACE_END_COMPLETE:
		break;
	}
	return "";
}

static void
same_print(const struct replay_summary *summary)
{
	printf("same: %" PRIu64 " events, %" PRIu64 " instructions",
	    summary->events - summary->first_event,
	    summary->insns - summary->first_insn);
	if (summary->first_event != 0)
		printf(", from a checkpoint at event %" PRIu64 " on",
		    summary->first_event);
	printf("%s\n", end_note(summary->how));
}

static int
file_replay(const char *path)
{
	struct vms_replay_options options = { .size = sizeof(options),
		.report = stdout };
	struct progress progress = { .next_ns = 0 };
	struct replay_summary summary;
	int result;

	if (isatty(STDERR_FILENO)) {
		options.progress = progress_show;
		options.arg = &progress;
		progress.next_ns = os_monotonic_ns() + PROGRESS_NS;
	}
	result = replay_file(path, &options, &summary);
	progress_clear(&progress);
	if (result == VMS_REPLAY_UNUSABLE)
		return cli_fail(
		    VMS_REPLAY_UNUSABLE, "%s: %s", path, summary.problem.text);
	if (result == VMS_REPLAY_SAME)
		same_print(&summary);
	return result;
}

/* --NAME VALUE or --NAME=VALUE at argv[*at]; passes it. */
static bool
option_take(char **argv, int *at, const char *name, const char **value)
{
	size_t len = strlen(name);
	const char *argument = argv[*at];

	if (strncmp(argument, name, len) != 0)
		return false;
	if (argument[len] == '=')
		*value = argument + len + 1;
	else if (argument[len] == '\0' && argv[*at + 1] != NULL)
		*value = argv[++*at];
	else
		return false;
	++*at;
	return true;
}

int
cmd_replay(int argc, char **argv)
{
	struct against against = { .program = NULL };
	int at = 1, result, status;

	while (at < argc &&
	       (option_take(argv, &at, "--against", &against.program) ||
		   option_take(argv, &at, "--rules", &against.rules)))
		continue;
	if (at < argc && (strcmp(argv[at], "--against") == 0 ||
			     strcmp(argv[at], "--rules") == 0))
		return cli_usage("replay", "%s needs a value", argv[at]);
	if (at < argc && argv[at][0] == '-' && argv[at][1] != '\0')
		return cli_usage("replay", "'%s' is not an option", argv[at]);
	if (at + 1 != argc)
		return cli_usage("replay", "replay takes one FILE");
	if (against.program == NULL && against.rules != NULL)
		return cli_usage("replay", "--rules goes with --against");
	against.trace = argv[at];
	result = against.program != NULL ? against_run(&against)
					 : file_replay(argv[at]);
	status = cli_flush();
	return status != CLI_OK ? status : result;
}
