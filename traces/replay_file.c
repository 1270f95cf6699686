/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/replay_file.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "traces/replay.h"
#include "traces/replay_report.h"

/* Events between two calls of progress(). */
#define PROGRESS_EVENTS 256

/* A file while it is replayed. */
struct pass {
	const struct vms_replay_options *options;
	struct replay_summary *summary;
	struct trace_reader *reader;
	struct replay *replay;
};

static int pass_open(struct pass *pass, const char *path);
static enum replay_result pass_run(struct pass *pass);
static void pass_event(struct pass *pass, const struct trace_event *event);
static void pass_progress(void *arg, uint64_t insns);

int
vms_replay(const char *path, const struct vms_replay_options *options)
{
	static const struct vms_replay_options defaults = { .size = sizeof(
								defaults) };
	struct replay_summary summary;
	int result;

	if (options == NULL)
		options = &defaults;
	if (options->size != sizeof(*options))
		return VMS_REPLAY_UNUSABLE;
	result = replay_file(path, options, &summary);
	if (result == VMS_REPLAY_UNUSABLE && options->report != NULL)
		fprintf(
		    options->report, "%s: %s\n", path, summary.problem.text);
	return result;
}

int
replay_file(const char *path, const struct vms_replay_options *options,
    struct replay_summary *summary)
{
	struct pass pass = { .options = options, .summary = summary };
	enum replay_result result = REPLAY_UNUSABLE;

	*summary = (struct replay_summary){ .events = 0 };
	if (pass_open(&pass, path) == 0)
		result = pass_run(&pass);
	if (result == REPLAY_DIFFERENT && options->report != NULL)
		replay_report(options->report, path,
		    replay_difference(pass.replay), summary->events);
	if (pass.replay != NULL && result == REPLAY_UNUSABLE)
		summary->problem = *replay_problem(pass.replay);
	replay_close(pass.replay);
	trace_reader_close(pass.reader);
	if (result == REPLAY_END)
		return VMS_REPLAY_SAME;
	return result == REPLAY_DIFFERENT ? VMS_REPLAY_DIFFERENT
					  : VMS_REPLAY_UNUSABLE;
}

static int
pass_open(struct pass *pass, const char *path)
{
	struct trace_problem *problem = &pass->summary->problem;
	int error = trace_reader_open(path, &pass->reader, problem);

	if (error == 0)
		error = replay_open(pass->reader, &pass->replay, problem);
	if (error != 0 && problem->text[0] == '\0')
		snprintf(problem->text, sizeof(problem->text), "%s",
		    strerror(error));
	return error;
}

static enum replay_result
pass_run(struct pass *pass)
{
	const struct trace_event *event;
	enum replay_result result;

	replay_set_tick(pass->replay, pass_progress, pass);
	while ((result = replay_step(pass->replay, &event)) == REPLAY_DONE)
		pass_event(pass, event);
	if (result == REPLAY_END) {
		pass->summary->how = trace_reader_end(pass->reader)->how;
		pass_progress(pass, pass->summary->insns);
	}
	return result;
}

static void
pass_event(struct pass *pass, const struct trace_event *event)
{
	struct replay_summary *summary = pass->summary;
	FILE *report = pass->options->report;

	if (summary->events == 0) {
		summary->first_event = event->number;
		summary->first_insn = event->insns;
	}
	summary->events = event->number + 1;
	summary->insns = event->insns;
	if (event->kind == TRACE_RUN)
		summary->insns += event->u.run.insns;
	if (event->kind == TRACE_CONCURRENT && report != NULL)
		fprintf(report,
		    "note: at event %" PRIu64
		    " the recording saw an undeclared concurrent write at "
		    "offset 0x%" PRIx64 " of object %" PRIu32 "\n",
		    event->number, event->u.concurrent.off,
		    event->u.concurrent.object);
	if (summary->events % PROGRESS_EVENTS == 0)
		pass_progress(pass, summary->insns);
}

static void
pass_progress(void *arg, uint64_t insns)
{
	const struct pass *pass = arg;

	if (pass->options->progress != NULL)
		pass->options->progress(pass->options->arg,
		    pass->summary->events, insns,
		    trace_reader_left(pass->reader));
}
