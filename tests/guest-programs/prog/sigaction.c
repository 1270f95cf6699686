// SPDX-License-Identifier: BSD-2-Clause
// sigaction's flags, masks in handlers, suspension, and what exec keeps.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <time.h>

static volatile sig_atomic_t depth, deepest, count;
static int ends[2];

static void
nested(int number)
{
	depth++;
	count++;
	if (depth > deepest)
		deepest = depth;
	if (count < 3)
		raise(number);
	depth--;
}

static void
other(int number)
{
	(void)number;
	count += 100;
}

static void
install(int number, void (*handler)(int), int flags, int masked)
{
	struct sigaction action = { .sa_handler = handler, .sa_flags = flags };

	sigemptyset(&action.sa_mask);
	if (masked != 0)
		sigaddset(&action.sa_mask, masked);
	SHOW(sigaction(number, &action, NULL));
	depth = deepest = count = 0;
}

static void
read_while_interrupted(int flags)
{
	char byte = 0;

	install(SIGUSR1, other, flags, 0);
	pid_t parent = getpid(), child = fork();
	if (child == 0) {
		usleep(30000);
		kill(parent, SIGUSR1);
		usleep(30000);
		write(ends[1], "r", 1);
		_exit(0);
	}
	SHOW(read(ends[0], &byte, 1));
	SHOW(count);
	if (byte == 0)
		SHOW(read(ends[0], &byte, 1));
	waitpid(child, NULL, 0);
}

static void
masks(void)
{
	sigset_t set, old;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	SHOW(sigprocmask(SIG_BLOCK, &set, &old));
	install(SIGUSR2, other, 0, 0);
	raise(SIGUSR2);
	SHOW(count);
	sigfillset(&set);
	sigdelset(&set, SIGUSR2);
	SHOW(sigsuspend(&set));
	SHOW(count);
	SHOW(sigprocmask(SIG_SETMASK, NULL, &set));
	SHOW(sigismember(&set, SIGUSR2));
	sigemptyset(&set);
	sigaddset(&set, SIGKILL);
	sigaddset(&set, SIGSTOP);
	sigaddset(&set, SIGTERM);
	SHOW(sigprocmask(SIG_SETMASK, &set, NULL));
	SHOW(sigprocmask(SIG_SETMASK, NULL, &set));
	SHOW(sigismember(&set, SIGKILL));
	SHOW(sigismember(&set, SIGTERM));
	SHOW(sigprocmask(99, &set, NULL));
}

int
main(int argc, char **argv)
{
	struct sigaction action;
	sigset_t set;

	if (argc > 1) {
		sigaction(SIGUSR1, NULL, &action);
		SHOW(action.sa_handler == SIG_DFL);
		sigaction(SIGHUP, NULL, &action);
		SHOW(action.sa_handler == SIG_IGN);
		sigprocmask(SIG_SETMASK, NULL, &set);
		SHOW(sigismember(&set, SIGTERM));
		sigpending(&set);
		SHOW(sigismember(&set, SIGTERM));
		return 0;
	}
	pipe(ends);
	install(SIGUSR1, nested, 0, 0);
	raise(SIGUSR1);
	SHOW(count);
	SHOW(deepest);
	install(SIGUSR1, nested, SA_NODEFER, 0);
	raise(SIGUSR1);
	SHOW(deepest);
	install(SIGUSR1, other, SA_RESETHAND, 0);
	raise(SIGUSR1);
	SHOW(sigaction(SIGUSR1, NULL, &action));
	SHOW(action.sa_handler == SIG_DFL);
	read_while_interrupted(0);
	read_while_interrupted(SA_RESTART);
	masks();
	SHOW(sigaction(SIGKILL, &action, NULL));
	SHOW(sigaction(65, &action, NULL));
	SHOW(sigaction(0, NULL, &action));
	signal(SIGHUP, SIG_IGN);
	raise(SIGTERM);
	fflush(stdout);
	execl("/proc/self/exe", argv[0], "again", (char *)NULL);
	return 1;
}
