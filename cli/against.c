/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The program finds its trace in the environment; the library in it plays the
 * guests, compares, and writes down what it has found (traces/guest_verdict.h),
 * which is read here however the program ends.
 */
#include "cli/against.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "base/os.h"
#include "cli/cli.h"
#include "traces/file.h"
#include "traces/guest_verdict.h"
#include "vkernel/syscall.h"

/* So long a program may go on after it was told of a difference. */
#define GRACE_NS (UINT64_C(5) * 1000000000)
#define HIGH_FD  500
#define POLL_NS  2000000

/* How far the trace was followed, as the trace itself tells it. */
struct place {
	uint64_t events;     /* in the whole trace */
	const char *syscall; /* that ended the run before; NULL: unknown */
	bool incomplete;     /* the trace was cut off */
	bool passed;         /* the kernel had nothing more to do */
};

void
against_help(FILE *out)
{
	fprintf(out,
	    "With --against=COMMAND a virtual kernel is tested: COMMAND, words\n"
	    "that may be quoted, is run, and in it no guest code is executed:\n"
	    "what the guests did is taken from FILE, recorded with --written,\n"
	    "and what the kernel does is compared with what is in FILE.\n"
	    "--rules=RULES names a file of what may differ.\n");
}

/* --- The program --------------------------------------------------------- */

/* A shell would do it, but shells change the environment, which a kernel may
 * hand to its guests. */
static const char *
word_take(const char *at, char *out)
{
	char quote = '\0';

	for (; *at != '\0' && (quote != '\0' || !strchr(" \t\n", *at)); at++) {
		if (quote == '\0' && (*at == '\'' || *at == '"'))
			quote = *at;
		else if (quote != '\0' && *at == quote)
			quote = '\0';
		else if (*at == '\\' && quote != '\'' && at[1] != '\0')
			*out++ = *++at;
		else
			*out++ = *at;
	}
	*out = '\0';
	return at;
}

/* The words of command, as the shell's without its other powers; NULL: no
 * memory, or there is none. */
static char **
words_split(const char *command)
{
	size_t len = strlen(command), count = 0;
	char **words = calloc(len / 2 + 2, sizeof(*words));

	while (words != NULL) {
		command += strspn(command, " \t\n");
		if (*command == '\0' ||
		    (words[count] = malloc(len + 1)) == NULL)
			break;
		command = word_take(command, words[count++]);
	}
	return count == 0 ? NULL : words;
}

static void
program_exec(const struct against *against, int fd)
{
	char number[16];
	char **words = words_split(against->program);

	(void)snprintf(number, sizeof(number), "%d", fd);
	if (words == NULL ||
	    setenv("VMSPACE_REPLAY_GUEST", against->trace, 1) != 0 ||
	    setenv("VMSPACE_REPLAY_RULES",
		against->rules == NULL ? "" : against->rules, 1) != 0 ||
	    setenv("VMSPACE_REPLAY_VERDICT", number, 1) != 0)
		_exit(126);
	execvp(words[0], words);
	_exit(errno == ENOENT ? 127 : 126);
}

/* A program that makes its calls over and over without looking at their
 * errors is ended. */
static int
program_wait(pid_t child, int fd)
{
	const struct timespec pause = { 0, POLL_NS };
	struct verdict_read verdict;
	uint64_t deadline = UINT64_MAX;
	int status;
	pid_t ended;

	while ((ended = waitpid(child, &status, WNOHANG)) == 0 ||
	       (ended == -1 && errno == EINTR)) {
		if (deadline == UINT64_MAX && verdict_read(fd, &verdict) == 0 &&
		    verdict.result > VMS_REPLAY_SAME)
			deadline = os_monotonic_ns() + GRACE_NS;
		if (os_monotonic_ns() > deadline)
			(void)kill(child, SIGKILL);
		(void)nanosleep(&pause, NULL);
	}
	return ended == child ? status : 0;
}

static int
program_run(const struct against *against, int fd, int *status)
{
	pid_t child;

	fflush(NULL);
	if ((child = fork()) == -1)
		return errno;
	if (child == 0)
		program_exec(against, fd);
	*status = program_wait(child, fd);
	return 0;
}

/* --- Where it was -------------------------------------------------------- */

static bool
is_linux(const struct trace_header *header)
{
	for (size_t i = 0; header->notes != NULL && header->notes[i] != NULL;
	     i++)
		if (strcmp(header->notes[i], "personality=linux") == 0)
			return true;
	return false;
}

static const char *
syscall_of(const struct trace_run *run)
{
	const struct syscall_row *row;

	if (!run->has_frame_out || run->frame_out.tf_trapno != T_FAST_SYSCALL)
		return NULL;
	row = syscall_row((uint64_t)run->frame_out.tf_rax);
	return row == NULL ? NULL : row->name;
}

/* reached: so many events were the same. */
static void
place_find(struct trace_reader *reader, uint64_t reached, struct place *place)
{
	bool linux_guest = is_linux(trace_reader_header(reader));
	struct trace_problem problem;
	struct trace_event event;
	int error;

	place->passed = true;
	while ((error = trace_next(reader, &event, &problem)) == 0) {
		if (event.kind != TRACE_RUN && event.kind != TRACE_CALL)
			continue;
		if (event.number >= reached)
			place->passed = false;
		else if (linux_guest && event.kind == TRACE_RUN)
			place->syscall = syscall_of(&event.u.run);
	}
	if (error == ENOENT) {
		place->events = trace_reader_end(reader)->events;
		place->incomplete =
		    trace_reader_end(reader)->how != TRACE_END_COMPLETE;
	}
}

static void
place_print(const struct place *place)
{
	if (place->syscall != NULL)
		printf(
		    "  the system call before it was %s()\n", place->syscall);
}

/* --- What is said -------------------------------------------------------- */

/* Of a program that gave no verdict. */
static int
ended_early(const struct against *against, int status,
    const struct verdict_read *verdict, const struct place *place)
{
	if (WIFEXITED(status) &&
	    (WEXITSTATUS(status) == 126 || WEXITSTATUS(status) == 127))
		return cli_fail(VMS_REPLAY_UNUSABLE, "'%s' cannot be run",
		    against->program);
	if (WIFSIGNALED(status))
		printf("different: the kernel was killed by signal %d (%s)",
		    WTERMSIG(status), strsignal(WTERMSIG(status)));
	else
		printf("different: the kernel ended with status %d",
		    WEXITSTATUS(status));
	if (verdict == NULL)
		printf(", and had not opened a struct vms\n");
	else
		printf(" after %" PRIu64 " of %" PRIu64 " events\n",
		    verdict->events, place->events);
	place_print(place);
	return VMS_REPLAY_DIFFERENT;
}

static int
same(const struct against *against, int status,
    const struct verdict_read *verdict, const struct place *place)
{
	if (WIFSIGNALED(status))
		return ended_early(against, status, verdict, place);
	printf("same: %" PRIu64 " events%s\n", place->events,
	    place->incomplete ? "; the recording ends there" : "");
	return VMS_REPLAY_SAME;
}

static int
verdict_print(const struct against *against, struct trace_reader *reader,
    int fd, int status)
{
	struct verdict_read verdict;
	struct place place = { .events = 0 };
	bool opened = verdict_read(fd, &verdict) == 0;

	if (!opened)
		return ended_early(against, status, NULL, &place);
	place_find(reader, verdict.events, &place);
	switch (verdict.result) {
	case VMS_REPLAY_SAME:
		return same(against, status, &verdict, &place);
	case VMS_REPLAY_DIFFERENT:
		fputs(verdict.text, stdout);
		place_print(&place);
		return VMS_REPLAY_DIFFERENT;
	case VMS_REPLAY_UNUSABLE:
		verdict.text[strcspn(verdict.text, "\n")] = '\0';
		return cli_fail(VMS_REPLAY_UNUSABLE, "%s", verdict.text);
	}
	if (place.passed && WIFEXITED(status))
		return same(against, status, &verdict, &place);
	return ended_early(against, status, &verdict, &place);
}

/* The number is one that the program does not miss. */
static int
verdict_file(int *out)
{
	FILE *file = tmpfile();
	int fd;

	if (file == NULL)
		return errno;
	if ((fd = fcntl(fileno(file), F_DUPFD, HIGH_FD)) == -1)
		fd = dup(fileno(file));
	fclose(file);
	if (fd == -1)
		return errno;
	*out = fd;
	return 0;
}

static int
play(const struct against *against, struct trace_reader *reader)
{
	int fd = -1, status = 0, error, result;

	if ((error = verdict_file(&fd)) != 0)
		return cli_fail(
		    CLI_FAILED, "no temporary file: %s", strerror(error));
	if ((error = program_run(against, fd, &status)) != 0)
		result = cli_fail(CLI_FAILED, "'%s' cannot be run: %s",
		    against->program, strerror(error));
	else
		result = verdict_print(against, reader, fd, status);
	close(fd);
	return result;
}

int
against_run(const struct against *against)
{
	struct trace_problem problem = { .text = "" };
	struct trace_reader *reader;
	int result;

	if (trace_reader_open(against->trace, &reader, &problem) != 0)
		return cli_fail(VMS_REPLAY_UNUSABLE, "%s: %s", against->trace,
		    problem.text);
	result = play(against, reader);
	trace_reader_close(reader);
	return result;
}
