// SPDX-License-Identifier: BSD-2-Clause
// kill to processes, groups and threads, and what it answers.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <sys/syscall.h>
#include <time.h>

static int ready[2];

static pid_t
child(pid_t group, int ignore)
{
	pid_t pid = fork();
	char byte;

	if (pid == 0) {
		setpgid(0, group);
		if (ignore)
			signal(SIGUSR1, SIG_IGN);
		write(ready[1], "r", 1);
		for (;;)
			pause();
	}
	setpgid(pid, group);
	read(ready[0], &byte, 1);
	return pid;
}

static void
reap(const char *name, pid_t pid)
{
	int status;

	SHOW(waitpid(pid, &status, 0) == pid);
	show_status(name, status);
}

int
main(void)
{
	pipe(ready);
	pid_t leader = child(0, 0);
	pid_t second = child(leader, 0);
	pid_t deaf = child(leader, 1);
	SHOW(getpgid(second) == leader);
	SHOW(killpg(leader, 0));
	SHOW(kill(-leader, SIGUSR1));
	reap("leader", leader);
	reap("second", second);
	SHOW(kill(deaf, 0));
	SHOW(killpg(leader, SIGKILL));
	reap("deaf", deaf);
	SHOW(killpg(leader, 0));
	SHOW(kill(deaf, 0));

	pid_t alone = child(0, 0);
	SHOW(syscall(SYS_tgkill, alone, alone, 0));
	SHOW(syscall(SYS_tgkill, alone, getpid(), SIGTERM));
	SHOW(syscall(SYS_tgkill, 0, alone, SIGTERM));
	SHOW(syscall(SYS_tkill, alone, SIGTERM));
	reap("alone", alone);

	IN_CHILD("whole group", {
		setpgid(0, 0);
		for (int i = 0; i < 3; i++)
			if (fork() == 0)
				for (;;)
					pause();
		kill(0, SIGTERM);
		sleep(5);
	});
	pid_t zombie = fork();
	if (zombie == 0)
		_exit(4);
	siginfo_t info;
	SHOW(waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT));
	SHOW(kill(zombie, SIGKILL));
	reap("zombie", zombie);
	return 0;
}
