/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace trace: looks its command up, and what all of them need. */
#include "cli/trace.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "traces/kinds.h"

struct trace_command {
	const char *name;
	const char *words;
	size_t word_count;
	unsigned options;
	const char *summary;
	int (*run)(const struct trace_args *args);
};

#define TRACE_USUAL (TRACE_OPT_JSON | TRACE_OPT_RANGE)

static const struct trace_command trace_commands[] = {
	{ "info", "FILE", 1, TRACE_OPT_JSON,
	    "what the file holds, how large its parts are, how it ended",
	    trace_info },
	{ "events", "FILE", 1, TRACE_USUAL, "every event, one a line",
	    trace_events },
	{ "calls", "FILE", 1, TRACE_USUAL,
	    "the system calls of a Linux guest, as strace shows them",
	    trace_calls },
	{ "insns", "FILE", 1, TRACE_USUAL,
	    "every instruction, with the registers and memory it used",
	    trace_insns },
	{ "blocks", "FILE", 1, TRACE_USUAL | TRACE_OPT_COUNT,
	    "every basic block, in the order of execution", trace_blocks },
	{ "mem", "FILE ADDR[,LEN]", 2, TRACE_USUAL | TRACE_OPT_ID,
	    "who wrote to these bytes (LEN: default 1), and when", trace_mem },
	{ "pages", "FILE", 1, TRACE_USUAL,
	    "the memory that entered from outside, by file and page",
	    trace_pages },
	{ "diff", "A B", 2, TRACE_OPT_JSON,
	    "the first event in which two traces differ", trace_diff },
	{ NULL, NULL, 0, 0, NULL, NULL },
};

static const struct trace_command *
trace_lookup(const char *name)
{
	const struct trace_command *c = trace_commands;

	while (c->name != NULL && strcmp(c->name, name) != 0)
		c++;
	return c->name == NULL ? NULL : c;
}

void
cmd_trace_help(FILE *out)
{
	fprintf(out, "Reads a trace that vmspace record has made.\n\n");
	for (const struct trace_command *c = trace_commands; c->name != NULL;
	     c++)
		fprintf(out, "  vmspace trace %s %s\n      %s\n", c->name,
		    c->words, c->summary);
	fprintf(out, "\nOptions:\n");
	trace_args_help(out, TRACE_USUAL | TRACE_OPT_COUNT | TRACE_OPT_ID);
	fprintf(out,
	    "\n"
	    "Events and instructions are counted from 0; both ends of a range\n"
	    "belong to it.  calls, insns, blocks and mem execute the trace\n"
	    "again, so they see all that the guest did.\n"
	    "\n"
	    "Exit status: 0; 1 the traces differ, or the replay is not like\n"
	    "the recording; 2 the file cannot be used, or wrong usage.\n");
}

static int
trace_run(const struct trace_command *command, int argc, char **argv)
{
	char name[32];
	struct trace_shape shape = { name, "trace", command->options,
		command->words, command->word_count };
	struct trace_args args;
	int status, flushed;

	(void)snprintf(name, sizeof(name), "trace %s", command->name);
	status = trace_args_parse(&shape, argc, argv, &args);
	if (status != 0)
		return status;
	status = command->run(&args);
	flushed = cli_flush();
	return flushed != 0 ? flushed : status;
}

int
cmd_trace(int argc, char **argv)
{
	const struct trace_command *command;

	if (argc < 2)
		return cli_usage("trace", "trace needs a command");
	command = trace_lookup(argv[1]);
	if (command == NULL)
		return cli_usage(
		    "trace", "'%s' is not a command of trace", argv[1]);
	if (argc > 2 && cli_asks_help(argv[2]))
		return help_command("trace");
	return trace_run(command, argc - 1, argv + 1);
}

int
trace_open(const char *path, struct trace_reader **out)
{
	struct trace_problem problem = { .offset = 0 };

	if (trace_reader_open(path, out, &problem) == 0)
		return 0;
	return cli_fail(TRACE_UNUSABLE, "%s: %s", path, problem.text);
}

int
trace_read(
    struct trace_reader *reader, const char *path, struct trace_event *event)
{
	struct trace_problem problem = { .offset = 0 };
	int error = trace_next(reader, event, &problem);

	if (error != 0 && error != ENOENT) {
		cli_fail(TRACE_UNUSABLE, "%s: %s", path, problem.text);
		return EBADMSG;
	}
	return error;
}

int
trace_read_status(int error)
{
	return error == 0 || error == ENOENT ? CLI_OK : TRACE_UNUSABLE;
}

static uint64_t
event_insns(const struct trace_event *event)
{
	return event->kind == TRACE_RUN ? event->u.run.insns : 0;
}

/* What path holds, as far as it can be read. */
struct extent {
	uint64_t events, insns; /* before the first event */
	uint64_t events_end, insns_end;
};

static void
extent_read(struct trace_reader *reader, struct extent *extent)
{
	struct trace_problem problem;
	struct trace_event event;

	*extent = (struct extent){ .events = UINT64_MAX };
	while (trace_next(reader, &event, &problem) == 0) {
		if (extent->events == UINT64_MAX) {
			extent->events = event.number;
			extent->insns = event.insns;
		}
		extent->events_end = event.number + 1;
		extent->insns_end = event.insns + event_insns(&event);
	}
}

int
trace_say_nothing(const char *path)
{
	struct trace_reader *reader;
	struct extent extent;
	char insns[64] = "no instruction";

	if (trace_open(path, &reader) != CLI_OK)
		return TRACE_UNUSABLE;
	extent_read(reader, &extent);
	trace_reader_close(reader);
	if (extent.events_end == 0)
		return cli_fail(CLI_OK, "%s: it holds no event", path);
	if (extent.insns_end > extent.insns)
		(void)snprintf(insns, sizeof(insns),
		    "instructions %" PRIu64 " to %" PRIu64, extent.insns,
		    extent.insns_end - 1);
	return cli_fail(CLI_OK,
	    "%s: nothing in this range: it holds events %" PRIu64 " to %" PRIu64
	    " and %s",
	    path, extent.events, extent.events_end - 1, insns);
}

bool
range_reached(const struct trace_range *range, const struct trace_event *event)
{
	uint64_t insns = event_insns(event);

	if (range->from.is_event)
		return event->number >= range->from.number;
	return event->insns + (insns == 0 ? 0 : insns - 1) >=
	       range->from.number;
}

bool
range_passed(const struct trace_range *range, const struct trace_event *event)
{
	return (range->to.is_event ? event->number : event->insns) >
	       range->to.number;
}

const char *
trace_kind_name(enum trace_kind number)
{
	const struct kind *kind = kind_find(number);

	return kind == NULL ? "unknown" : kind->name;
}
