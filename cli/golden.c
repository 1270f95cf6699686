/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace golden: records each program of a list anew and compares.  Recording
 * and replaying are done by a child each, so that neither the guest's
 * directory and descriptors nor its end are ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "cli/cli.h"
#include "cli/golden_list.h"
#include "cli/golden_text.h"
#include "cli/trace.h"

#define PATH_ROOM   1024
#define FDS_CLOSED  1024
#define RECORD_ARGS 10 /* before those of the program */

enum verb { GOLDEN_RECORD, GOLDEN_CHECK, GOLDEN_UPDATE };

struct golden {
	enum verb verb;
	const char *dir;
	char work[PATH_ROOM]; /* a directory of our own; "": none */
	char trace[PATH_ROOM + 16], errors[PATH_ROOM + 16];
	struct golden_list list;
	char *const *names; /* NULL ends; none: all of the list */
	size_t same, different, written;
};

void
cmd_golden_help(FILE *out)
{
	fprintf(out,
	    "Golden traces: a program has to do again what it did when its\n"
	    "golden trace was recorded, to the instruction.\n"
	    "\n"
	    "  record   writes DIR/NAME.golden for each line of "
	    "DIR/golden.txt;\n"
	    "           never over an old one\n"
	    "  check    records each program again, replays that and "
	    "compares\n"
	    "  update   writes every NAME.golden anew\n"
	    "\n"
	    "NAMEs choose lines; none: all.  A line is\n"
	    "\n"
	    "  NAME: PROGRAM ARGS\n"
	    "\n"
	    "with PROGRAM as a path from DIR, words parted by blanks; '#' "
	    "begins\n"
	    "a comment.  Programs run in DIR, with empty stdin, no\n"
	    "environment, virtual clock, seed 1, user and group 1000, and\n"
	    "with PROGRAM as argv[0].  A NAME.golden is text and the same\n"
	    "on every host.\n"
	    "\n"
	    "Exit status: 0 all are the same; 1 one differs; 2 the list or a\n"
	    "golden file cannot be used, or wrong usage; 125 a program could\n"
	    "not be recorded.\n");
}

/* Guests get nothing of ours beyond the standard streams. */
static void
descriptors_close(void)
{
	for (int fd = 3; fd < FDS_CLOSED; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static bool
stream_redirect(const char *path, int flags, int to)
{
	int fd = path == NULL ? -1 : open(path, flags, 0666);
	bool done = fd >= 0 && dup2(fd, to) == to;

	if (fd >= 0 && fd != to)
		close(fd);
	return done;
}

/* In the child: the exit status of vmspace record. */
static int
record_in_child(const struct golden *golden, const struct golden_row *row)
{
	const char *argv[RECORD_ARGS + GOLDEN_ARGS + 1] = { "record", "-o",
		golden->trace, "--clear-env", "--clock=virtual", "--seed=1",
		"--ids=1000:1000", "--" };
	char program[PATH_ROOM];
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	(void)snprintf(program, sizeof(program), "%s%s",
	    strchr(row->args[0], '/') == NULL ? "./" : "", row->args[0]);
	argv[argc++] = program;
	for (size_t i = 1; i < row->arg_count; i++)
		argv[argc++] = row->args[i];
	if (!stream_redirect(golden->errors, O_WRONLY | O_CREAT | O_TRUNC, 2) ||
	    !stream_redirect("/dev/null", O_RDONLY, 0) ||
	    !stream_redirect("/dev/null", O_WRONLY, 1) ||
	    chdir(golden->dir) != 0)
		return CLI_FAILED;
	descriptors_close();
	return cmd_record(argc, (char **)(uintptr_t)argv);
}

static int
replay_in_child(const struct golden *golden, const struct golden_row *row)
{
	const struct vms_replay_options options = { .size = sizeof(options),
		.report = stderr };

	(void)row;
	return vms_replay(golden->trace, &options);
}

/* The exit status of fn in a child; -1: there is none. */
static int
child_run(const struct golden *golden, const struct golden_row *row,
    int (*fn)(const struct golden *golden, const struct golden_row *row))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		status = fn(golden, row);
		fflush(NULL);
		_exit(status);
	}
	if (pid < 0)
		return -1;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* The first line that the recording left on stderr. */
static int
record_failed(const struct golden *golden, const struct golden_row *row)
{
	char line[256] = "it left no trace";
	FILE *file = fopen(golden->errors, "re");

	if (file != NULL) {
		if (fgets(line, sizeof(line), file) != NULL)
			line[strcspn(line, "\n")] = '\0';
		fclose(file);
	}
	return cli_fail(CLI_FAILED,
	    "%s/golden.txt: line %u: %s could not be recorded: %s", golden->dir,
	    row->number, row->name, line);
}

/* Records the program anew; *text is what its golden file should be. */
static int
row_record(
    const struct golden *golden, const struct golden_row *row, char **text)
{
	int status;

	(void)unlink(golden->trace);
	status = child_run(golden, row, record_in_child);
	if (status < 0 || access(golden->trace, R_OK) != 0)
		return record_failed(golden, row);
	return golden_text_make(golden->trace, row, status, text);
}

static int
text_write(const char *path, const char *text, int how)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | how, 0666);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
	bool failed;

	if (file == NULL) {
		int error = errno;

		if (fd >= 0)
			close(fd);
		return error == EEXIST
			   ? cli_fail(TRACE_UNUSABLE,
				 "%s: is there already; 'vmspace golden "
				 "update' writes it anew",
				 path)
			   : cli_fail(
				 CLI_FAILED, "%s: %s", path, strerror(error));
	}
	failed = fputs(text, file) < 0;
	if (fclose(file) != 0 || failed)
		return cli_fail(CLI_FAILED, "%s: %s", path, strerror(errno));
	return CLI_OK;
}

static int
row_write(struct golden *golden, const struct golden_row *row, const char *path,
    const char *text)
{
	int status = text_write(
	    path, text, golden->verb == GOLDEN_RECORD ? O_EXCL : O_TRUNC);

	if (status != CLI_OK)
		return status;
	golden->written++;
	printf("%s: written\n", row->name);
	return CLI_OK;
}

static int
row_replay(const struct golden *golden, const struct golden_row *row)
{
	int status = child_run(golden, row, replay_in_child);

	if (status == VMS_REPLAY_SAME)
		return CLI_OK;
	printf("%s: what was recorded now does not replay\n", row->name);
	return status == VMS_REPLAY_DIFFERENT ? TRACE_DIFFERENT : CLI_FAILED;
}

static int
row_compare(struct golden *golden, const struct golden_row *row,
    const char *path, const char *text)
{
	char *wanted;
	int status = golden_text_read(path, &wanted);

	if (status != CLI_OK)
		return status;
	status = golden_text_compare(row->name, wanted, text);
	free(wanted);
	if (status == CLI_OK)
		status = row_replay(golden, row);
	if (status == CLI_OK) {
		golden->same++;
		printf("%s: same\n", row->name);
	} else if (status == TRACE_DIFFERENT) {
		golden->different++;
	}
	return status;
}

static int
row_do(struct golden *golden, const struct golden_row *row)
{
	char path[PATH_ROOM], *text = NULL;
	int status;

	(void)snprintf(
	    path, sizeof(path), "%s/%s.golden", golden->dir, row->name);
	if (golden->verb == GOLDEN_RECORD && access(path, F_OK) == 0)
		return text_write(path, "", O_EXCL);
	status = row_record(golden, row, &text);
	if (status != CLI_OK)
		return status;
	status = golden->verb == GOLDEN_CHECK
		     ? row_compare(golden, row, path, text)
		     : row_write(golden, row, path, text);
	free(text);
	return status;
}

static bool
row_wanted(const struct golden *golden, const struct golden_row *row)
{
	if (*golden->names == NULL)
		return true;
	for (size_t i = 0; golden->names[i] != NULL; i++)
		if (strcmp(golden->names[i], row->name) == 0)
			return true;
	return false;
}

static int
names_check(const struct golden *golden)
{
	for (size_t i = 0; golden->names[i] != NULL; i++) {
		size_t at = 0;

		while (
		    at < golden->list.count &&
		    strcmp(golden->list.rows[at].name, golden->names[i]) != 0)
			at++;
		if (at == golden->list.count)
			return cli_fail(TRACE_UNUSABLE,
			    "%s/golden.txt has no line '%s'", golden->dir,
			    golden->names[i]);
	}
	return CLI_OK;
}

/* All rows are done whatever the first ones gave; the worst status counts. */
static int
rows_do(struct golden *golden)
{
	int worst = CLI_OK;

	for (size_t i = 0; i < golden->list.count; i++) {
		const struct golden_row *row = &golden->list.rows[i];
		int status =
		    row_wanted(golden, row) ? row_do(golden, row) : CLI_OK;

		worst = status > worst ? status : worst;
	}
	if (golden->verb == GOLDEN_CHECK)
		printf("%zu same, %zu different\n", golden->same,
		    golden->different);
	return worst;
}

static int
work_make(struct golden *golden)
{
	const char *tmp = getenv("TMPDIR");

	(void)snprintf(golden->work, sizeof(golden->work), "%s/vmspace-XXXXXX",
	    tmp == NULL || *tmp != '/' ? "/tmp" : tmp);
	if (mkdtemp(golden->work) == NULL) {
		int error = errno;

		golden->work[0] = '\0';
		return cli_fail(
		    CLI_FAILED, "no temporary directory: %s", strerror(error));
	}
	(void)snprintf(
	    golden->trace, sizeof(golden->trace), "%s/trace", golden->work);
	(void)snprintf(
	    golden->errors, sizeof(golden->errors), "%s/errors", golden->work);
	return CLI_OK;
}

static void
work_remove(const struct golden *golden)
{
	char partial[PATH_ROOM + 32];

	if (golden->work[0] == '\0')
		return;
	(void)snprintf(partial, sizeof(partial), "%s.partial", golden->trace);
	(void)unlink(partial);
	(void)unlink(golden->trace);
	(void)unlink(golden->errors);
	(void)rmdir(golden->work);
}

static int
golden_do(struct golden *golden)
{
	char path[PATH_ROOM];
	int status;

	(void)snprintf(path, sizeof(path), "%s/golden.txt", golden->dir);
	status = golden_list_read(path, &golden->list);
	if (status == CLI_OK)
		status = names_check(golden);
	if (status == CLI_OK)
		status = work_make(golden);
	if (status == CLI_OK)
		status = rows_do(golden);
	work_remove(golden);
	golden_list_finish(&golden->list);
	return status;
}

int
cmd_golden(int argc, char **argv)
{
	static const char *const verbs[] = { "record", "check", "update" };
	struct golden golden = { .verb = GOLDEN_RECORD };
	size_t verb = 0;
	int status, flushed;

	while (argc > 1 && verb < 3 && strcmp(argv[1], verbs[verb]) != 0)
		verb++;
	if (argc < 2 || verb == 3)
		return cli_usage(
		    "golden", "golden takes record, check or update");
	if (argc < 3)
		return cli_usage("golden", "golden %s needs a DIR", argv[1]);
	if (cli_asks_help(argv[2]))
		return help_command("golden");
	golden.verb = (enum verb)verb;
	golden.dir = argv[2];
	golden.names = argv + 3;
	status = golden_do(&golden);
	flushed = cli_flush();
	return flushed != 0 ? flushed : status;
}
