/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace trace events: every event, one a line. */
#include <errno.h>

#include "cli/cli.h"
#include "cli/trace.h"
#include "traces/text.h"

static int
events_print(struct trace_reader *reader, const struct trace_args *args)
{
	struct trace_event event;
	bool printed = false;
	int error;

	while ((error = trace_read(reader, args->words[0], &event)) == 0) {
		if (range_passed(&args->range, &event))
			break;
		if (!range_reached(&args->range, &event))
			continue;
		printed = true;
		if (args->json)
			trace_event_json(stdout, &event);
		else
			trace_event_print(stdout, &event);
	}
	if (error != EBADMSG && !printed)
		return trace_say_nothing(args->words[0]);
	return trace_read_status(error);
}

int
trace_events(const struct trace_args *args)
{
	struct trace_reader *reader;
	int status = trace_open(args->words[0], &reader);

	if (status != CLI_OK)
		return status;
	status = events_print(reader, args);
	trace_reader_close(reader);
	return status;
}
