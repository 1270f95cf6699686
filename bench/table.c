/* SPDX-License-Identifier: BSD-2-Clause */
/* The table, as Markdown for people or as CSV for programs. */
#include "bench/bench.h"

#include <string.h>

void
table_begin(struct table *table)
{
	if (table->csv) {
		fputs("what,ours,unit,against,theirs,ratio,goal_ratio,"
		      "goal_value,met,rounds,ours_min,ours_max,theirs_min,"
		      "theirs_max,note\n",
		    table->out);
		return;
	}
	fprintf(table->out,
	    "| %-44s | %12s | %-29s | %12s | %8s | %-18s | %-5s |\n", "what",
	    "ours", "against", "theirs", "ratio", "goal", "met");
	fprintf(table->out, "|%.46s|%.13s:|%.31s|%.13s:|%.9s:|%.20s|%.7s|\n",
	    "------------------------------------------------",
	    "--------------------", "----------------------------------",
	    "--------------------", "--------------------",
	    "--------------------", "--------------------");
	fflush(table->out);
}

static void
format_value(char *text, size_t size, double value, const char *unit)
{
	int digits = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 3;

	snprintf(text, size, "%.*f %s", digits, value, unit);
}

static void
format_goal(char *text, size_t size, const struct row *row)
{
	size_t used = 0;

	text[0] = '\0';
	if (row->goal_ratio > 0)
		used = (size_t)snprintf(text, size, "<= %gx", row->goal_ratio);
	if (row->goal_value > 0 && used < size)
		snprintf(text + used, size - used, "%s<= %g %s",
		    used > 0 ? ", " : "", row->goal_value, row->unit);
}

static const char *
row_met(const struct row *row, double value, double ratio)
{
	if (row->goal_ratio <= 0 && row->goal_value <= 0)
		return "-";
	if (row->goal_ratio > 0 && ratio > row->goal_ratio)
		return "NO";
	if (row->goal_value > 0 && value > row->goal_value)
		return "NO";
	return "yes";
}

static void
series_bounds(const struct series *s, double scale, double *min, double *max)
{
	*min = *max = s->values[0] / scale;
	for (unsigned i = 1; i < s->count; i++) {
		double value = s->values[i] / scale;

		*min = value < *min ? value : *min;
		*max = value > *max ? value : *max;
	}
}

static void
print_bounds(FILE *out, const struct series *series, double scale)
{
	double min, max;

	if (series == NULL || series->count == 0) {
		fputs(",,", out);
		return;
	}
	series_bounds(series, scale, &min, &max);
	fprintf(out, ",%.6g,%.6g", min, max);
}

static void
print_csv(FILE *out, const struct row *row, const char *name,
    const struct series *ours, const struct series *theirs, double ratio,
    const char *met)
{
	fprintf(out, "\"%s\",%.6g,%s,\"%s\",", row->what,
	    series_median(ours) / row->scale, row->unit, name);
	if (theirs != NULL)
		fprintf(out, "%.6g,%.4f", series_median(theirs) / row->scale,
		    ratio);
	else
		fputc(',', out);
	fputc(',', out);
	if (row->goal_ratio > 0)
		fprintf(out, "%g", row->goal_ratio);
	fputc(',', out);
	if (row->goal_value > 0)
		fprintf(out, "%g", row->goal_value);
	fprintf(out, ",%s,%u", met, ours->count);
	print_bounds(out, ours, row->scale);
	print_bounds(out, theirs, row->scale);
	fputs(",\n", out);
}

static void
print_text(FILE *out, const struct row *row, const char *name,
    const struct series *ours, const struct series *theirs, double ratio,
    const char *met)
{
	char mine[32], other[32] = "", quotient[32] = "", goal[64];

	format_value(
	    mine, sizeof(mine), series_median(ours) / row->scale, row->unit);
	if (theirs != NULL) {
		format_value(other, sizeof(other),
		    series_median(theirs) / row->scale, row->unit);
		format_value(quotient, sizeof(quotient), ratio, "x");
		*strrchr(quotient, ' ') = 'x';
		quotient[strlen(quotient) - 1] = '\0';
	}
	format_goal(goal, sizeof(goal), row);
	fprintf(out, "| %-44s | %12s | %-29s | %12s | %8s | %-18s | %-5s |\n",
	    row->what, mine, name, other, quotient, goal, met);
}

static void
row_without(struct table *table, const struct row *row, const char *name,
    const struct series *series)
{
	const char *why = series->why;

	table->absent += series->absent;
	table->failed += !series->absent;
	if (table->csv)
		fprintf(table->out, "\"%s\",,%s,\"%s\",,,,,,,,,,,\"%s\"\n",
		    row->what, row->unit, name, why);
	else
		fprintf(table->out,
		    "| %-44s | %12s | %-29s | %12s | %8s | %-18s | %-5s |\n",
		    row->what, "no figure", name, "", "", why, "-");
	fflush(table->out);
}

void
table_row(struct table *table, const struct row *row,
    const struct contender *contenders, const struct series *series)
{
	const struct series *ours = &series[row->ours];
	const struct series *theirs = NULL;
	const char *name =
	    row->against == ROW_ALONE ? "" : contenders[row->against].name;
	const char *met;
	double ratio = 0;

	if (row->against != ROW_ALONE)
		theirs = &series[row->against];
	if (ours->why[0] != '\0') {
		row_without(table, row, name, ours);
		return;
	}
	if (theirs != NULL && theirs->why[0] != '\0') {
		row_without(table, row, name, theirs);
		return;
	}
	if (theirs != NULL)
		ratio = series_ratio(ours, theirs);
	met = row_met(row, series_median(ours) / row->scale, ratio);
	table->met += strcmp(met, "yes") == 0;
	table->missed += strcmp(met, "NO") == 0;
	(table->csv ? print_csv : print_text)(
	    table->out, row, name, ours, theirs, ratio, met);
	fflush(table->out);
}

void
table_end(const struct table *table)
{
	if (!table->csv)
		fprintf(table->out,
		    "\n%u goals met, %u missed; rows without a figure: "
		    "%u not to be had here, %u failed\n",
		    table->met, table->missed, table->absent, table->failed);
}
