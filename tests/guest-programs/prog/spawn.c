// SPDX-License-Identifier: BSD-2-Clause
// vfork, posix_spawn with actions and attributes, system and popen.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>

extern char **environ;

static void
vforked(void)
{
	volatile int shared = 1;
	int status;
	pid_t child = vfork();

	if (child == 0) {
		shared = 2;
		execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
		_exit(1);
	}
	SHOW(shared);
	waitpid(child, &status, 0);
	show_status("vfork and exec", status);
	child = vfork();
	if (child == 0) {
		shared = 3;
		_exit(8);
	}
	SHOW(shared);
	waitpid(child, &status, 0);
	show_status("vfork and exit", status);
	child = vfork();
	if (child == 0) {
		execl("/no/such/program", "program", (char *)NULL);
		shared = errno;
		_exit(127);
	}
	SHOW(shared);
	waitpid(child, &status, 0);
	show_status("vfork and no exec", status);
}

static void
spawned(void)
{
	char *sh[] = { "sh", "-c",
		"cat; echo to stderr >&2; kill -USR1 $$; echo survived; exit 5",
		NULL };
	char *env[] = { "ONLY=this", NULL };
	char *print[] = { "env", NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t set;
	pid_t child;
	int status, error;

	FILE *input = fopen("input", "w");
	fputs("text of the file\n", input);
	fclose(input);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "input", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(
	    &actions, 2, "errors", O_WRONLY | O_CREAT, 0644);
	posix_spawn_file_actions_addclose(&actions, 9);
	posix_spawnattr_init(&attributes);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_setsigmask(&attributes, &set);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(
	    &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	error =
	    posix_spawn(&child, "/bin/sh", &actions, &attributes, sh, environ);
	waitpid(child, &status, 0);
	show_status("sh", status);
	SHOW(error);
	error = posix_spawnp(&child, "env", NULL, NULL, print, env);
	waitpid(child, &status, 0);
	show_status("env", status);
	SHOW(error);
	SHOW(posix_spawn(&child, "/no/such", NULL, NULL, sh, env));
	SHOW(posix_spawnp(&child, "no-such-program", NULL, NULL, sh, env));
	posix_spawn_file_actions_addopen(&actions, 5, "missing", O_RDONLY, 0);
	SHOW(posix_spawn(&child, "/bin/sh", &actions, NULL, sh, environ));
}

static void
shells(void)
{
	char line[100];

	show_status("system", system("echo from system; exit 3"));
	show_status("system, killed", system("kill -KILL $$"));
	SHOW(system(NULL) != 0);
	show_status("no command", system("no-such-command-at-all 2>/dev/null"));
	FILE *pipe = popen("printf 'a\\nb\\n'; exit 9", "r");
	while (fgets(line, sizeof(line), pipe))
		fputs(line, stdout);
	show_status("pclose", pclose(pipe));
	pipe = popen("tr a-z A-Z", "w");
	fputs("upper\n", pipe);
	fflush(stdout);
	show_status("pclose", pclose(pipe));
}

int
main(void)
{
	vforked();
	spawned();
	shells();
	return 0;
}
