/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace trace diff: headers first, then event by event. */
#include "cli/trace_diff.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/json.h"

/* Lines of events that both have, kept to be shown before the first that
 * differs. */
#define CONTEXT 3

struct context {
	char lines[CONTEXT][DIFF_TEXT];
	size_t count; /* all that were ever added */
};

static void
context_add(struct context *context, const struct trace_event *event)
{
	char *line = context->lines[context->count++ % CONTEXT];
	int used = snprintf(line, DIFF_TEXT, "@%" PRIu64 " %" PRIu64 " ",
	    event->number, event->insns);

	trace_fields_line(event, line + used, DIFF_TEXT - (size_t)used);
}

static void
diff_line(const struct trace_event *event, char *line)
{
	int used = snprintf(line, DIFF_TEXT, "@%" PRIu64 " %" PRIu64 " ",
	    event->number, event->insns);

	trace_fields_line(event, line + used, DIFF_TEXT - (size_t)used);
}

/* False: the events are the same. */
static bool
fields_differ(
    const struct trace_event *a, const struct trace_event *b, struct diff *diff)
{
	struct trace_field fields[2][TRACE_FIELDS];
	size_t counts[2] = { trace_fields(a, fields[0]),
		trace_fields(b, fields[1]) };

	for (size_t i = 0; i < counts[0] && i < counts[1]; i++) {
		if (trace_field_same(&fields[0][i], &fields[1][i]))
			continue;
		snprintf(
		    diff->field, sizeof(diff->field), "%s", fields[0][i].name);
		for (int side = 0; side < 2; side++)
			trace_field_text(&fields[side][i], diff->values[side],
			    sizeof(diff->values[side]));
		return true;
	}
	return counts[0] != counts[1];
}

static enum diff_how
events_compare(
    const struct trace_event *a, const struct trace_event *b, struct diff *diff)
{
	if (a->kind != b->kind)
		return DIFF_KIND;
	return fields_differ(a, b, diff) ? DIFF_FIELD : DIFF_NONE;
}

static void
diff_ended(struct diff *diff, const int errors[2])
{
	if (errors[0] != errors[1])
		diff->how = errors[0] == ENOENT ? DIFF_A_ENDS : DIFF_B_ENDS;
}

static void
diff_lines(
    struct diff *diff, const int errors[2], const struct trace_event events[2])
{
	for (int side = 0; side < 2; side++)
		if (errors[side] == 0)
			diff_line(&events[side], diff->lines[side]);
}

/* One step of both; true: go on. */
static bool
diff_step(struct trace_reader *const readers[2], const char *const paths[2],
    struct diff *diff, struct context *context, int errors[2])
{
	struct trace_event events[2];

	for (int side = 0; side < 2; side++) {
		errors[side] =
		    trace_read(readers[side], paths[side], &events[side]);
		if (errors[side] == EBADMSG)
			return false;
	}
	if (errors[0] == 0 && errors[1] == 0)
		diff->how = events_compare(&events[0], &events[1], diff);
	else
		diff_ended(diff, errors);
	if (diff->how != DIFF_NONE || errors[0] != 0) {
		diff_lines(diff, errors, events);
		return false;
	}
	diff->event = events[0].number + 1;
	diff->insns = events[0].insns;
	diff->compared++;
	if (events[0].kind == TRACE_RUN) {
		diff->last_run = events[0].number;
		diff->insns += events[0].u.run.insns;
	}
	context_add(context, &events[0]);
	return true;
}

static int
diff_walk(struct trace_reader *const readers[2], const char *const paths[2],
    struct diff *diff, struct context *context)
{
	int errors[2] = { 0, 0 };

	*diff = (struct diff){ .how = DIFF_NONE };
	context->count = 0;
	while (diff_step(readers, paths, diff, context, errors))
		continue;
	return errors[0] == EBADMSG || errors[1] == EBADMSG ? TRACE_UNUSABLE
							    : CLI_OK;
}

int
diff_events(struct trace_reader *const readers[2], const char *const paths[2],
    struct diff *diff)
{
	struct context context;

	return diff_walk(readers, paths, diff, &context);
}

static const char *
diff_sentence(const struct diff *diff)
{
	switch (diff->how) {
	case DIFF_KIND:
		return "the events are of different kinds";
	case DIFF_A_ENDS:
		return "A ends, B goes on";
	case DIFF_B_ENDS:
		return "B ends, A goes on";
	default:
		return "";
	}
}

/* The event that differs, and what comes after it on this side. */
static void
side_print(char name, const char *line, struct trace_reader *reader)
{
	struct trace_problem problem;
	struct trace_event event;
	char text[DIFF_TEXT];

	if (*line == '\0')
		return;
	printf("%c %s\n", name, line);
	for (int i = 0; i < CONTEXT; i++) {
		if (trace_next(reader, &event, &problem) != 0)
			return;
		diff_line(&event, text);
		printf("%c %s\n", name, text);
	}
}

static void
diff_print(const struct diff *diff, const struct context *context,
    struct trace_reader *const readers[2])
{
	size_t shown = context->count < CONTEXT ? context->count : CONTEXT;

	for (size_t i = context->count - shown; i < context->count; i++)
		printf("  %s\n", context->lines[i % CONTEXT]);
	printf("first difference: event @%" PRIu64 ", after %" PRIu64
	       " instructions, ",
	    diff->event, diff->insns);
	if (diff->how == DIFF_FIELD)
		printf("%s: %s in A, %s in B\n", diff->field, diff->values[0],
		    diff->values[1]);
	else
		printf("%s\n", diff_sentence(diff));
	side_print('A', diff->lines[0], readers[0]);
	side_print('B', diff->lines[1], readers[1]);
}

static void
diff_json(const struct diff *diff, bool headers_same)
{
	struct json json;

	json_open(&json, stdout);
	json_flag(&json, "same", headers_same && diff->how == DIFF_NONE);
	json_flag(&json, "headers_same", headers_same);
	json_number(&json, "events_same", diff->compared);
	if (diff->how != DIFF_NONE) {
		json_number(&json, "event", diff->event);
		json_number(&json, "insns", diff->insns);
		if (diff->how == DIFF_FIELD) {
			json_string(&json, "field", diff->field);
			json_string(&json, "a", diff->values[0]);
			json_string(&json, "b", diff->values[1]);
		} else {
			json_string(&json, "why", diff_sentence(diff));
		}
		json_string(&json, "a_event", diff->lines[0]);
		json_string(&json, "b_event", diff->lines[1]);
	}
	json_close(&json);
}

struct header_row {
	const char *name;
	uint64_t values[2];
	const char *texts[2]; /* NULL: values count */
	bool counts;          /* guests can see it */
};

static void
header_print(const struct header_row *row)
{
	if (row->texts[0] != NULL)
		printf("header: %s is '%s' in A, '%s' in B\n", row->name,
		    row->texts[0], row->texts[1]);
	else
		printf("header: %s is 0x%" PRIx64 " in A, 0x%" PRIx64 " in B\n",
		    row->name, row->values[0], row->values[1]);
}

/* True: as far as guests can see, both were recorded alike.  What else
 * differs is only told. */
static bool
headers_compare(
    const struct trace_header *a, const struct trace_header *b, bool quiet)
{
	const struct header_row rows[] = {
		{ "config_flags", { a->config_flags, b->config_flags },
		    { NULL, NULL }, true },
		{ "era", { a->era, b->era }, { NULL, NULL }, true },
		{ "arena_bytes", { a->arena_bytes, b->arena_bytes },
		    { NULL, NULL }, true },
		{ "max_map_entries", { a->max_map_entries, b->max_map_entries },
		    { NULL, NULL }, true },
		{ "page_bytes", { a->page_bytes, b->page_bytes },
		    { NULL, NULL }, true },
		{ "cpu_model", { 0, 0 }, { a->cpu_model, b->cpu_model }, true },
		{ "observe_flags", { a->observe_flags, b->observe_flags },
		    { NULL, NULL }, false },
		{ "digest_insns", { a->digest_insns, b->digest_insns },
		    { NULL, NULL }, false },
		{ "unicorn", { 0, 0 }, { a->unicorn, b->unicorn }, false },
		{ "creator", { 0, 0 }, { a->creator, b->creator }, false },
	};
	bool same = true;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct header_row *row = &rows[i];

		if (row->values[0] == row->values[1] &&
		    (row->texts[0] == NULL ||
			strcmp(row->texts[0], row->texts[1]) == 0))
			continue;
		if (row->counts)
			same = false;
		if (!quiet)
			header_print(row);
	}
	return same;
}

static int
diff_readers(const struct trace_args *args, struct trace_reader *readers[2])
{
	struct context context;
	struct diff diff;
	bool same;
	int status;

	same = headers_compare(trace_reader_header(readers[0]),
	    trace_reader_header(readers[1]), args->json);
	status = diff_walk(readers, args->words, &diff, &context);
	if (status != CLI_OK)
		return status;
	if (args->json)
		diff_json(&diff, same);
	else if (diff.how != DIFF_NONE)
		diff_print(&diff, &context, readers);
	else
		printf("all %" PRIu64 " events are the same\n", diff.compared);
	return same && diff.how == DIFF_NONE ? CLI_OK : TRACE_DIFFERENT;
}

int
trace_diff(const struct trace_args *args)
{
	struct trace_reader *readers[2] = { NULL, NULL };
	int status;

	status = trace_open(args->words[0], &readers[0]);
	if (status == CLI_OK)
		status = trace_open(args->words[1], &readers[1]);
	if (status == CLI_OK)
		status = diff_readers(args, readers);
	trace_reader_close(readers[1]);
	trace_reader_close(readers[0]);
	return status;
}
