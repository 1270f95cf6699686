// SPDX-License-Identifier: BSD-2-Clause
// Queued signals: their order and values, and waiting for them.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <time.h>

static int order[20], length;

static void
note(int number, siginfo_t *info, void *unused)
{
	(void)unused;
	order[length++] = (number - SIGRTMIN) * 100 + info->si_value.sival_int;
}

static void
send(int number, int value)
{
	SHOW(sigqueue(getpid(), number, (union sigval){ .sival_int = value }));
}

int
main(void)
{
	struct sigaction action = { .sa_sigaction = note,
		.sa_flags = SA_SIGINFO };
	struct timespec soon = { 0, 5000000 };
	siginfo_t info;
	sigset_t all, some, pending;

	sigfillset(&all);
	sigfillset(&action.sa_mask);
	for (int i = 0; i < 4; i++)
		sigaction(SIGRTMIN + i, &action, NULL);
	sigprocmask(SIG_SETMASK, &all, NULL);
	send(SIGRTMIN + 3, 1);
	send(SIGRTMIN + 1, 2);
	send(SIGRTMIN + 1, 3);
	send(SIGRTMIN + 2, 4);
	send(SIGRTMIN + 1, 5);
	SHOW(kill(getpid(), SIGUSR1));
	SHOW(kill(getpid(), SIGUSR1));
	SHOW(sigpending(&pending));
	SHOW(sigismember(&pending, SIGRTMIN + 1));
	SHOW(sigismember(&pending, SIGUSR1));
	SHOW(sigismember(&pending, SIGUSR2));

	sigemptyset(&some);
	sigaddset(&some, SIGRTMIN + 1);
	SHOW(sigwaitinfo(&some, &info) - SIGRTMIN);
	SHOW(info.si_value.sival_int);
	SHOW(info.si_code == SI_QUEUE);
	SHOW(info.si_pid == getpid());
	sigemptyset(&some);
	sigaddset(&some, SIGUSR1);
	SHOW(sigtimedwait(&some, &info, &soon));
	SHOW(info.si_code == SI_USER);
	SHOW(sigtimedwait(&some, &info, &soon));
	sigemptyset(&some);
	sigprocmask(SIG_SETMASK, &some, NULL);
	for (int i = 0; i < length; i++)
		printf("handled %d\n", order[i]);
	SHOW(sigqueue(getpid(), 65, (union sigval){ 0 }));
	SHOW(sigqueue(getpid(), 0, (union sigval){ 0 }));

	sigprocmask(SIG_SETMASK, &all, NULL);
	send(SIGRTMIN, 9);
	IN_CHILD("child has none", {
		sigpending(&pending);
		_exit(sigismember(&pending, SIGRTMIN));
	});
	sigaddset(&some, SIGCHLD);
	SHOW(sigwaitinfo(&some, &info));
	SHOW(info.si_code == CLD_EXITED);
	SHOW(info.si_status);
	return 0;
}
