/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Follows load_script() of Linux: the line ends at its newline, and without
 * one within the buffer at the buffer's end, if the interpreter's name ends
 * before that; a cut argument is accepted.
 */
#include "loader/script.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "loader/message.h"

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The first of [at, end] that is no blank; end + 1: none. */
static size_t
blanks_skip(const char *line, size_t at, size_t end)
{
	while (at <= end && is_blank(line[at]))
		at++;
	return at;
}

/* The first of [at, end] that ends a word; end + 1: none. */
static size_t
word_end(const char *line, size_t at, size_t end)
{
	while (at <= end && !is_blank(line[at]) && line[at] != '\0')
		at++;
	return at;
}

/* Where the line ends, exclusive; 0: its first word is missing or cut. */
static size_t
line_end(const char *line)
{
	const size_t last = SCRIPT_BYTES - 1;
	size_t newline = strcspn(line, "\n"), word;

	if (line[newline] == '\n')
		return newline;
	word = blanks_skip(line, 2, last);
	return word > last || word_end(line, word, last) > last ? 0 : last;
}

static void
text_copy(char *to, const char *line, size_t at, size_t end)
{
	memcpy(to, line + at, end - at);
	to[end - at] = '\0';
}

int
script_parse(const char *bytes, size_t len, struct script *script)
{
	char line[SCRIPT_BYTES + 1] = { 0 };
	size_t at, end, stop;

	memcpy(line, bytes, len < SCRIPT_BYTES ? len : SCRIPT_BYTES);
	memset(script, 0, sizeof(*script));
	if (line[0] != '#' || line[1] != '!')
		return 0;
	end = line_end(line);
	while (end > 2 && is_blank(line[end - 1]))
		end--;
	at = blanks_skip(line, 2, end);
	if (at >= end)
		return ENOEXEC;
	if (line[at] == '\0')
		return EACCES;
	stop = word_end(line, at, end);
	if (stop > end)
		stop = end;
	text_copy(script->interp, line, at, stop);
	at = blanks_skip(line, stop, end);
	if (line[stop] == '\0' || at >= end)
		return 0;
	script->has_arg = true;
	text_copy(script->arg, line, at, end);
	return 0;
}

static int
file_check(const struct message *m, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return message_fail(
		    m, errno, "cannot be examined: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return message_fail(m, EACCES, "is not a regular file");
	return 0;
}

int
script_read(int fd, const char *name, struct script *script, char *message,
    size_t message_bytes)
{
	struct message m = { name, message, message_bytes };
	char bytes[SCRIPT_BYTES];
	ssize_t got;
	int error;

	error = file_check(&m, fd);
	if (error != 0)
		return error;
	got = pread(fd, bytes, sizeof(bytes), 0);
	if (got < 0)
		return message_fail(
		    &m, errno, "cannot be read: %s", strerror(errno));
	error = script_parse(bytes, (size_t)got, script);
	if (error != 0)
		return message_fail(&m, error,
		    "is a script (#!) whose first line names no interpreter "
		    "within its first %d bytes",
		    SCRIPT_BYTES);
	return 0;
}

int
script_argv(const struct script *script, const char *path,
    const char *const *argv, const char ***out)
{
	size_t count = 0, at = 0;
	const char **all;

	while (argv[count] != NULL)
		count++;
	all = calloc(count + 4, sizeof(*all));
	if (all == NULL)
		return ENOMEM;
	all[at++] = script->interp;
	if (script->has_arg)
		all[at++] = script->arg;
	all[at++] = path;
	for (size_t i = 1; i < count; i++)
		all[at++] = argv[i];
	*out = all;
	return 0;
}
