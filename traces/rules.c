/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/rules.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 512
#define WORDS_MAX      32
#define SPACES         " \t\r\n"

/* One line, while it is read. */
struct line {
	struct rules *rules;
	char *words[WORDS_MAX];
	unsigned count;
	unsigned flag; /* RULE_* that its first words stand for */
	char *why;
	size_t why_size;
};

static int
refuse(struct line *line, const char *what, const char *word)
{
	snprintf(line->why, line->why_size, "%s%s%s", what,
	    word == NULL ? "" : ": ", word == NULL ? "" : word);
	return EBADMSG;
}

static int
op_read(struct line *line, const char *word, unsigned *op)
{
	for (*op = 1; *op < VMS_OP_COUNT; ++*op)
		if (trace_op_name(*op) != NULL &&
		    strcmp(trace_op_name(*op), word) == 0)
			return 0;
	return refuse(line, "there is no such call", word);
}

static int
number_read(struct line *line, const char *word, char stop, uint64_t *number,
    const char **rest)
{
	char *end;

	errno = 0;
	*number = strtoull(word, &end, 0);
	if (*word < '0' || *word > '9' || errno != 0 || *end != stop)
		return refuse(line, "not a number", word);
	*rest = end;
	return 0;
}

/* Every word is a call. */
static int
calls_read(struct line *line, unsigned at)
{
	unsigned op;
	int error;

	for (; at < line->count; at++) {
		if ((error = op_read(line, line->words[at], &op)) != 0)
			return error;
		line->rules->calls[op] |= (uint8_t)line->flag;
	}
	return 0;
}

/* A call, then names or numbers of its arguments. */
static int
args_read(struct line *line, unsigned at)
{
	unsigned op, arg;
	int error;

	if ((error = op_read(line, line->words[at], &op)) != 0)
		return error;
	if (++at == line->count)
		return refuse(line, "an argument is missing", NULL);
	for (; at < line->count; at++) {
		const char *word = line->words[at];

		for (arg = 0; arg < 5; arg++)
			if (*trace_op_arg(op, arg) != '\0' &&
			    (strcmp(trace_op_arg(op, arg), word) == 0 ||
				(word[0] == (char)('0' + arg) &&
				    word[1] == '\0')))
				break;
		if (arg == 5)
			return refuse(line, "the call has no argument", word);
		line->rules->args[op] |= (uint8_t)(1u << arg);
	}
	return 0;
}

static int
registers_read(struct line *line, unsigned at)
{
	unsigned reg;

	for (; at < line->count; at++) {
		const char *word = line->words[at];

		if (strncmp(word, "tf_", 3) == 0)
			word += 3;
		for (reg = 0; reg < TRACE_REGS; reg++)
			if (strcmp(trace_reg_names[reg], word) == 0)
				break;
		if (reg == TRACE_REGS)
			return refuse(
			    line, "there is no such register", line->words[at]);
		line->rules->registers |= UINT32_C(1) << reg;
	}
	return 0;
}

static int
range_add(struct line *line, const struct rule_range *range)
{
	struct rules *rules = line->rules;
	struct rule_range *ranges =
	    realloc(rules->ranges, (rules->range_count + 1) * sizeof(*ranges));

	if (ranges == NULL)
		return ENOMEM;
	rules->ranges = ranges;
	ranges[rules->range_count++] = *range;
	return 0;
}

/* OBJECT, or OBJECT FROM-TO; TO is exclusive. */
static int
memory_read(struct line *line, unsigned at)
{
	struct rule_range range = { .end = UINT64_MAX };
	const char *rest;
	uint64_t object;
	int error;

	error = number_read(line, line->words[at], '\0', &object, &rest);
	if (error != 0)
		return error;
	if (object == 0 || object > UINT32_MAX)
		return refuse(line, "objects count from 1", line->words[at]);
	range.object = (uint32_t)object;
	if (line->count > at + 2)
		return refuse(line, "too many words", line->words[at + 2]);
	if (line->count == at + 2) {
		error = number_read(
		    line, line->words[at + 1], '-', &range.off, &rest);
		if (error == 0)
			error = number_read(
			    line, rest + 1, '\0', &range.end, &rest);
		if (error != 0)
			return error;
		if (range.end <= range.off)
			return refuse(
			    line, "an empty range", line->words[at + 1]);
	}
	return range_add(line, &range);
}

static const struct {
	const char *first, *second, *third; /* NULL: none */
	unsigned flag;
	int (*read)(struct line *line, unsigned at);
} rows[] = {
	{ "ignore", "call", NULL, RULE_IGNORE, calls_read },
	{ "ignore", "result", NULL, RULE_RESULT, calls_read },
	{ "ignore", "data", NULL, RULE_DATA, calls_read },
	{ "ignore", "args", NULL, 0, args_read },
	{ "ignore", "field", NULL, 0, registers_read },
	{ "ignore", "memory", NULL, 0, memory_read },
	{ "allow", "extra", "call", RULE_EXTRA, calls_read },
	{ "allow", "missing", "call", RULE_MISSING, calls_read },
};

static bool
word_is(const struct line *line, unsigned at, const char *word)
{
	return word == NULL ||
	       (at < line->count && strcmp(line->words[at], word) == 0);
}

static int
line_read(struct line *line)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		unsigned at = rows[i].third == NULL ? 2 : 3;

		if (!word_is(line, 0, rows[i].first) ||
		    !word_is(line, 1, rows[i].second) ||
		    !word_is(line, 2, rows[i].third))
			continue;
		if (line->count <= at)
			return refuse(line, "the line says not of what", NULL);
		line->flag = rows[i].flag;
		return rows[i].read(line, at);
	}
	return refuse(line, "there is no such rule", line->words[0]);
}

static int
line_split(struct line *line, char *text)
{
	char *at = text;

	text[strcspn(text, "#")] = '\0';
	line->count = 0;
	for (at += strspn(at, SPACES); *at != '\0'; at += strspn(at, SPACES)) {
		if (line->count == WORDS_MAX)
			return refuse(line, "too many words", NULL);
		line->words[line->count++] = at;
		at += strcspn(at, SPACES);
		if (*at != '\0')
			*at++ = '\0';
	}
	return line->count == 0 ? 0 : line_read(line);
}

static int
file_read(struct rules *rules, const char *path, FILE *file, char *problem,
    size_t size)
{
	char text[LINE_MAX_BYTES], why[160] = "";
	struct line line = {
		.rules = rules, .why = why, .why_size = sizeof(why)
	};
	unsigned number = 0;
	int error = 0;

	while (error == 0 && fgets(text, sizeof(text), file) != NULL) {
		number++;
		if (strchr(text, '\n') == NULL && !feof(file))
			error = refuse(&line, "the line is too long", NULL);
		else
			error = line_split(&line, text);
	}
	if (error == 0 && ferror(file))
		error = EIO;
	if (error == EBADMSG)
		snprintf(problem, size, "%s:%u: %s", path, number, why);
	else if (error != 0)
		snprintf(problem, size, "%s: %s", path, strerror(error));
	return error;
}

int
rules_read(struct rules *rules, const char *path, char *problem, size_t size)
{
	FILE *file = fopen(path, "re");
	int error;

	if (file == NULL) {
		error = errno;
		snprintf(problem, size, "%s: %s", path, strerror(error));
		return error;
	}
	error = file_read(rules, path, file, problem, size);
	fclose(file);
	return error;
}

void
rules_finish(struct rules *rules)
{
	free(rules->ranges);
	*rules = (struct rules){ .ranges = NULL };
}

bool
rules_has(const struct rules *rules, unsigned op, unsigned rule)
{
	return op < VMS_OP_COUNT && (rules->calls[op] & rule) != 0;
}

bool
rules_ignore_byte(const struct rules *rules, uint32_t object, uint64_t off)
{
	for (size_t i = 0; i < rules->range_count; i++)
		if (rules->ranges[i].object == object &&
		    off >= rules->ranges[i].off && off < rules->ranges[i].end)
			return true;
	return false;
}
