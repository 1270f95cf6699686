/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/bench.h"

extern char **environ;

static int
start(char *const argv[], int out, int unused, pid_t *pid)
{
	posix_spawn_file_actions_t actions;
	int error = posix_spawn_file_actions_init(&actions);

	if (error != 0)
		return error;
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_addclose(&actions, out);
	posix_spawn_file_actions_addclose(&actions, unused);
	error = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error;
}

/* All of an output; what is done with it waits until it is over, so that the
 * writer never waits for more than the reading. */
struct output {
	char *bytes;
	size_t len, room;
};

static bool
output_grow(struct output *output)
{
	size_t room = output->room == 0 ? 65536 : output->room * 2;
	char *bytes = realloc(output->bytes, room);

	if (bytes == NULL)
		return false;
	output->bytes = bytes;
	output->room = room;
	return true;
}

static void
output_read(int fd, struct output *output)
{
	ssize_t got;

	do {
		if (output->len == output->room && !output_grow(output))
			return;
		got = read(fd, output->bytes + output->len,
		    output->room - output->len);
		if (got > 0)
			output->len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
}

static void
output_take(struct output *output, struct spawned *result)
{
	size_t len = sizeof(result->output) - 1;
	uint64_t digest = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < output->len; i++)
		digest = (digest ^ (unsigned char)output->bytes[i]) *
			 UINT64_C(0x100000001b3);
	result->digest = digest;
	if (len > output->len)
		len = output->len;
	if (len > 0)
		memcpy(result->output, output->bytes, len);
	result->output[len] = '\0';
	free(output->bytes);
}

static int
status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status)
				   : WEXITSTATUS(status);
}

bool
spawn_wait(char *const argv[], struct spawned *result, struct figure *out)
{
	struct output output = { NULL, 0, 0 };
	int fds[2], status = 0, error;
	double begin;
	pid_t pid;

	if (pipe(fds) != 0) {
		figure_fail(out, "pipe: %s", strerror(errno));
		return false;
	}
	begin = clock_ns();
	error = start(argv, fds[1], fds[0], &pid);
	close(fds[1]);
	if (error == 0) {
		output_read(fds[0], &output);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	} else {
		figure_fail(out, "%s: %s", argv[0], strerror(error));
	}
	result->ns = clock_ns() - begin;
	output_take(&output, result);
	result->status = status_of(status);
	close(fds[0]);
	return error == 0;
}

static bool
start_piped(char *const argv[], const int in[2], const int to[2],
    struct running *running, struct figure *out)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	int error;

	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, to[1], 1);
	posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(
	    &running->pid, argv[0], &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	if (error != 0)
		figure_fail(out, "%s: %s", argv[0], strerror(error));
	running->input = in[1];
	running->output = to[0];
	return error == 0;
}

static void
close_on_exec(const int fds[2])
{
	fcntl(fds[0], F_SETFD, FD_CLOEXEC);
	fcntl(fds[1], F_SETFD, FD_CLOEXEC);
}

bool
spawn_start(char *const argv[], struct running *running, struct figure *out)
{
	int in[2], to[2];
	bool started;

	if (pipe(in) != 0 || pipe(to) != 0) {
		figure_fail(out, "pipe: %s", strerror(errno));
		return false;
	}
	close_on_exec(in);
	close_on_exec(to);
	started = start_piped(argv, in, to, running, out);
	close(in[0]);
	close(to[1]);
	if (!started) {
		close(in[1]);
		close(to[0]);
	}
	return started;
}

int
spawn_end(struct running *running)
{
	int status = 0;

	close(running->input);
	close(running->output);
	while (waitpid(running->pid, &status, 0) < 0 && errno == EINTR)
		;
	return status_of(status);
}

void
spawn_kill(struct running *running)
{
	kill(-running->pid, SIGKILL);
	spawn_end(running);
}
