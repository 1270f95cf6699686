/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/golden_list.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/trace.h"

#define LINE_MAX_BYTES 4096

static const char name_characters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_-";

/* NULL: row is complete; else what is wrong with its line. */
static const char *
row_parse(struct golden_row *row)
{
	char *colon = strchr(row->line, ':'), *rest, *word;

	if (colon == NULL)
		return "has no ':' after a name";
	*colon = '\0';
	row->name = row->line;
	if (*row->name == '\0' ||
	    row->name[strspn(row->name, name_characters)] != '\0')
		return "has a name that is not of letters, digits, _ and -";
	rest = colon + 1;
	while ((word = strtok_r(rest, " \t", &rest)) != NULL) {
		if (row->arg_count == GOLDEN_ARGS)
			return "has more than 32 words";
		row->args[row->arg_count++] = word;
	}
	return row->arg_count == 0 ? "names no program" : NULL;
}

static bool
name_is_new(const struct golden_list *list, const char *name)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->rows[i].name, name) == 0)
			return false;
	return true;
}

static struct golden_row *
row_add(struct golden_list *list, const char *line)
{
	struct golden_row *rows, *row;

	rows = realloc(list->rows, (list->count + 1) * sizeof(*rows));
	if (rows == NULL)
		return NULL;
	list->rows = rows;
	row = &rows[list->count];
	*row = (struct golden_row){ .line = strdup(line) };
	return row->line == NULL ? NULL : row;
}

static int
line_add(struct golden_list *list, const char *path, unsigned number,
    const char *line)
{
	struct golden_row *row = row_add(list, line);
	const char *wrong;

	if (row == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	row->number = number;
	wrong = row_parse(row);
	if (wrong == NULL && !name_is_new(list, row->name))
		wrong = "has the name of an earlier line";
	list->count++;
	return wrong == NULL ? CLI_OK
			     : cli_fail(TRACE_UNUSABLE, "%s: line %u %s", path,
				   number, wrong);
}

/* A comment or nothing? */
static bool
line_is_empty(const char *line)
{
	line += strspn(line, " \t");
	return *line == '\0' || *line == '#';
}

static int
lines_read(FILE *file, const char *path, struct golden_list *list)
{
	char line[LINE_MAX_BYTES];
	int status = CLI_OK;

	for (unsigned number = 1;
	     status == CLI_OK && fgets(line, sizeof(line), file) != NULL;
	     number++) {
		size_t len = strcspn(line, "\n");

		if (line[len] == '\0' && !feof(file))
			return cli_fail(TRACE_UNUSABLE,
			    "%s: line %u is too long", path, number);
		line[len] = '\0';
		if (!line_is_empty(line))
			status = line_add(list, path, number, line);
	}
	if (status == CLI_OK && ferror(file))
		status =
		    cli_fail(TRACE_UNUSABLE, "%s: %s", path, strerror(errno));
	return status;
}

int
golden_list_read(const char *path, struct golden_list *list)
{
	FILE *file = fopen(path, "re");
	int status;

	*list = (struct golden_list){ NULL, 0 };
	if (file == NULL)
		return cli_fail(
		    TRACE_UNUSABLE, "%s: %s", path, strerror(errno));
	status = lines_read(file, path, list);
	fclose(file);
	if (status == CLI_OK && list->count == 0)
		status =
		    cli_fail(TRACE_UNUSABLE, "%s: it names no program", path);
	return status;
}

void
golden_list_finish(struct golden_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->rows[i].line);
	free(list->rows);
}
