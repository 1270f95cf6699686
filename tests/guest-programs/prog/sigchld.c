// SPDX-License-Identifier: BSD-2-Clause
// SIGCHLD: what it says of each change; ignoring it; stop and continue.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>

static volatile sig_atomic_t codes[10], statuses[10], count;

static void
note(int number, siginfo_t *info, void *unused)
{
	(void)number;
	(void)unused;
	codes[count] = info->si_code;
	statuses[count] = info->si_status;
	count++;
}

static void
wait_for(int wanted)
{
	while (count < wanted)
		usleep(1000);
	printf("code %d, status %d\n", (int)codes[wanted - 1],
	    (int)statuses[wanted - 1]);
	fflush(stdout);
}

int
main(void)
{
	struct sigaction action = { .sa_sigaction = note,
		.sa_flags = SA_SIGINFO | SA_RESTART };
	int status;
	pid_t child;

	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (child == 0) {
		for (;;)
			pause();
	}
	kill(child, SIGSTOP);
	wait_for(1);
	SHOW(waitpid(child, &status, WUNTRACED | WNOHANG) == child);
	show_status("stopped", status);
	SHOW(waitpid(child, &status, WUNTRACED | WNOHANG));
	kill(child, SIGCONT);
	wait_for(2);
	SHOW(waitpid(child, &status, WCONTINUED) == child);
	show_status("continued", status);
	kill(child, SIGTERM);
	wait_for(3);
	SHOW(waitpid(child, &status, 0) == child);
	show_status("ended", status);
	SHOW(waitpid(child, &status, 0));

	IN_CHILD("exits", _exit(200));
	wait_for(4);
	action.sa_flags |= SA_NOCLDSTOP;
	sigaction(SIGCHLD, &action, NULL);
	child = fork();
	if (child == 0) {
		raise(SIGSTOP);
		_exit(5);
	}
	SHOW(waitpid(child, &status, WUNTRACED) == child);
	SHOW(count);
	kill(child, SIGCONT);
	wait_for(5);
	SHOW(waitpid(child, &status, 0) == child);

	action.sa_flags |= SA_NOCLDWAIT;
	sigaction(SIGCHLD, &action, NULL);
	if (fork() == 0)
		_exit(1);
	SHOW(wait(&status));
	SHOW(count);
	signal(SIGCHLD, SIG_IGN);
	if (fork() == 0)
		_exit(1);
	SHOW(wait(&status));
	return 0;
}
