/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines of the text, after a comment:
 *
 *	program PROGRAM ARGS
 *	status N
 *	@EVENT INSNS DIGEST kind field=value ...
 *	end EVENTS INSNS DIGEST
 *
 * Nothing of the host is in them: no path, no size of the file, no version.
 */
#include "cli/golden_text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/golden_list.h"
#include "cli/trace.h"
#include "cli/trace_fields.h"

#define LINE_ROOM     600
#define CONTEXT_LINES 3
#define TEXT_MAX      (64L << 20)

static void
event_write(FILE *out, const struct trace_event *event)
{
	struct trace_field fields[TRACE_FIELDS];
	size_t count = trace_fields(event, fields);
	char line[LINE_ROOM];

	trace_fields_line(event, line, sizeof(line));
	fprintf(out, "@%" PRIu64 " %" PRIu64 " %016" PRIx64 " %s\n",
	    event->number, event->insns,
	    trace_fields_digest(event->kind, fields, count), line);
}

static void
start_write(FILE *out, const struct golden_row *row, int status)
{
	fprintf(out, "# vmspace golden 1\nprogram");
	for (size_t i = 0; i < row->arg_count; i++)
		fprintf(out, " %s", row->args[i]);
	fprintf(out, "\nstatus %d\n", status);
}

static int
end_write(FILE *out, const char *path, const struct trace_end *end)
{
	if (end->how != TRACE_END_COMPLETE)
		return cli_fail(
		    TRACE_UNUSABLE, "%s: the trace is not complete", path);
	fprintf(out,
	    "end %" PRIu64 " %" PRIu64 " %016" PRIx64 "%016" PRIx64 "\n",
	    end->events, end->insns, end->stream_digest[0],
	    end->stream_digest[1]);
	return CLI_OK;
}

static int
trace_write_text(FILE *out, const char *path, struct trace_reader *reader)
{
	struct trace_event event;
	int error;

	while ((error = trace_read(reader, path, &event)) == 0)
		event_write(out, &event);
	if (error != ENOENT)
		return trace_read_status(error);
	return end_write(out, path, trace_reader_end(reader));
}

int
golden_text_make(
    const char *path, const struct golden_row *row, int status, char **text)
{
	struct trace_reader *reader;
	char *made = NULL;
	size_t len;
	FILE *out;
	int result;

	result = trace_open(path, &reader);
	if (result != CLI_OK)
		return result;
	out = open_memstream(&made, &len);
	if (out != NULL) {
		start_write(out, row, status);
		result = trace_write_text(out, path, reader);
	}
	trace_reader_close(reader);
	if (out == NULL || fclose(out) != 0)
		result = cli_fail(CLI_FAILED, "out of memory");
	if (result == CLI_OK)
		*text = made;
	else
		free(made);
	return result;
}

static char *
file_read(FILE *file)
{
	char *text;
	long len;

	if (fseek(file, 0, SEEK_END) != 0 || (len = ftell(file)) < 0 ||
	    len > TEXT_MAX || fseek(file, 0, SEEK_SET) != 0)
		return NULL;
	text = malloc((size_t)len + 1);
	if (text == NULL)
		return NULL;
	text[fread(text, 1, (size_t)len, file)] = '\0';
	return text;
}

int
golden_text_read(const char *path, char **text)
{
	FILE *file = fopen(path, "re");

	if (file == NULL)
		return cli_fail(
		    TRACE_UNUSABLE, "%s: %s", path, strerror(errno));
	*text = file_read(file);
	fclose(file);
	if (*text == NULL)
		return cli_fail(TRACE_UNUSABLE, "%s: cannot be read", path);
	return CLI_OK;
}

static size_t
line_len(const char *line)
{
	return strcspn(line, "\n");
}

static const char *
line_next(const char *line)
{
	line += line_len(line);
	return *line == '\n' ? line + 1 : line;
}

static void
line_print(char mark, unsigned number, const char *line)
{
	if (*line == '\0')
		printf("  %c %5u  (no more lines)\n", mark, number);
	else
		printf("  %c %5u  %.*s\n", mark, number, (int)line_len(line),
		    line);
}

/* Both texts from the line on that was the last CONTEXT_LINES of the same. */
static void
difference_print(const char *name, const char *const *before, unsigned number,
    const char *golden, const char *now)
{
	unsigned first = number > CONTEXT_LINES ? number - CONTEXT_LINES : 1;

	printf("%s: different from line %u on ('-' golden, '+' now)\n", name,
	    number);
	for (unsigned at = first; at < number; at++)
		line_print(' ', at, before[at % CONTEXT_LINES]);
	line_print('-', number, golden);
	line_print('+', number, now);
}

int
golden_text_compare(const char *name, const char *golden, const char *now)
{
	const char *before[CONTEXT_LINES];
	unsigned number = 1;

	while (*golden != '\0' || *now != '\0') {
		if (line_len(golden) != line_len(now) ||
		    memcmp(golden, now, line_len(now)) != 0) {
			difference_print(name, before, number, golden, now);
			return TRACE_DIFFERENT;
		}
		before[number++ % CONTEXT_LINES] = golden;
		golden = line_next(golden);
		now = line_next(now);
	}
	return CLI_OK;
}
