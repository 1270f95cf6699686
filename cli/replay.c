/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace replay: executes a trace again and says whether all is the same. */
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "base/os.h"
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

int
cmd_replay(int argc, char **argv)
{
	struct vms_replay_options options = { .size = sizeof(options),
		.report = stdout };
	struct progress progress = { .next_ns = 0 };
	struct replay_summary summary;
	int result, status;

	if (argc != 2)
		return cli_usage("replay", "replay takes one FILE");
	if (argv[1][0] == '-' && argv[1][1] != '\0')
		return cli_usage("replay", "'%s' is not an option", argv[1]);
	if (isatty(STDERR_FILENO)) {
		options.progress = progress_show;
		options.arg = &progress;
		progress.next_ns = os_monotonic_ns() + PROGRESS_NS;
	}
	result = replay_file(argv[1], &options, &summary);
	progress_clear(&progress);
	if (result == VMS_REPLAY_UNUSABLE)
		return cli_fail(VMS_REPLAY_UNUSABLE, "%s: %s", argv[1],
		    summary.problem.text);
	if (result == VMS_REPLAY_SAME)
		printf("same: %" PRIu64 " events, %" PRIu64 " instructions%s\n",
		    summary.events, summary.insns, end_note(summary.how));
	status = cli_flush();
	return status != CLI_OK ? status : result;
}
