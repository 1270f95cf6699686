/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
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

static uint64_t
digest_add(uint64_t digest, const char *bytes, size_t len)
{
	for (size_t i = 0; i < len; i++)
		digest = (digest ^ (unsigned char)bytes[i]) *
			 UINT64_C(0x100000001b3);
	return digest;
}

/* Keeps the beginning and reads to the end. */
static void
output_read(int fd, struct spawned *result)
{
	char bytes[65536];
	size_t len = 0, room = sizeof(result->output) - 1;
	ssize_t got;

	result->digest = UINT64_C(0xcbf29ce484222325);
	while ((got = read(fd, bytes, sizeof(bytes))) > 0 ||
	       (got < 0 && errno == EINTR)) {
		size_t n = got < 0 ? 0 : (size_t)got;

		result->digest = digest_add(result->digest, bytes, n);
		if (n > room - len)
			n = room - len;
		memcpy(result->output + len, bytes, n);
		len += n;
	}
	result->output[len] = '\0';
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
		output_read(fds[0], result);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	} else {
		figure_fail(out, "%s: %s", argv[0], strerror(error));
	}
	result->ns = clock_ns() - begin;
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
