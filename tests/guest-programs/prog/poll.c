// SPDX-License-Identifier: BSD-2-Clause
// poll, ppoll, select and pselect on what can be waited for.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/select.h>
#include <time.h>

static void
note(int number)
{
	(void)number;
}

static void
show_polls(const char *what, struct pollfd *polls, int count, int timeout)
{
	printf("%s: %d", what, poll(polls, (nfds_t)count, timeout));
	for (int i = 0; i < count; i++)
		printf(" %#x", (unsigned)polls[i].revents);
	putchar('\n');
	fflush(stdout);
}

static void
selects(int *ends)
{
	struct timeval time = { 0, 5000 };
	struct timespec precise = { 0, 5000000 };
	fd_set readable, writable;

	FD_ZERO(&readable);
	FD_ZERO(&writable);
	FD_SET(ends[0], &readable);
	SHOW(select(ends[0] + 1, &readable, NULL, NULL, &time));
	SHOW(FD_ISSET(ends[0], &readable));
	FD_SET(ends[0], &readable);
	FD_SET(ends[1], &writable);
	SHOW(select(ends[1] + 1, &readable, &writable, NULL, NULL));
	SHOW(FD_ISSET(ends[0], &readable));
	SHOW(FD_ISSET(ends[1], &writable) != 0);
	write(ends[1], "x", 1);
	FD_SET(ends[0], &readable);
	SHOW(pselect(ends[0] + 1, &readable, NULL, NULL, &precise, NULL));
	SHOW(select(0, NULL, NULL, NULL, &(struct timeval){ 0, 1000 }));
	FD_SET(500, &readable);
	SHOW(select(501, &readable, NULL, NULL, &time));
	SHOW(select(-1, NULL, NULL, NULL, &time));
}

static void
signals(void)
{
	struct timespec long_time = { 20, 0 };
	struct pollfd nothing = { -1, POLLIN, 7 };
	sigset_t block, none;

	signal(SIGALRM, note);
	ualarm(10000, 0);
	SHOW(poll(&nothing, 1, 20000));
	SHOW(nothing.revents);
	sigemptyset(&none);
	sigemptyset(&block);
	sigaddset(&block, SIGUSR1);
	signal(SIGUSR1, note);
	sigprocmask(SIG_BLOCK, &block, NULL);
	raise(SIGUSR1);
	SHOW(ppoll(NULL, 0, &long_time, &none));
	raise(SIGUSR1);
	SHOW(pselect(0, NULL, NULL, NULL, &long_time, &none));
	SHOW(ppoll(NULL, 0, &(struct timespec){ 0, 1000 }, NULL));
}

int
main(void)
{
	int ends[2], file = open("file", O_RDWR | O_CREAT, 0600);
	char fill[65536] = { 0 };

	pipe(ends);
	struct pollfd polls[] = { { ends[0], POLLIN, 0 },
		{ ends[1], POLLOUT, 0 }, { file, POLLIN | POLLOUT, 0 },
		{ 77, POLLIN, 0 }, { -5, POLLIN, 0 } };
	show_polls("fresh", polls, 5, -1);
	show_polls("nothing", polls, 1, 5);
	write(ends[1], "x", 1);
	show_polls("one byte", polls, 1, -1);
	read(ends[0], fill, 1);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	while (write(ends[1], fill, sizeof(fill)) > 0)
		;
	show_polls("full", polls, 2, 0);
	while (read(ends[0], fill, sizeof(fill)) == sizeof(fill))
		if (poll(polls, 1, 0) == 0)
			break;
	show_polls("empty", polls, 2, 0);
	selects(ends);
	read(ends[0], fill, 1);
	pid_t child = fork();
	if (child == 0) {
		close(ends[0]);
		usleep(10000);
		_exit(0);
	}
	close(ends[1]);
	show_polls("end", polls, 1, -1);
	waitpid(child, NULL, 0);
	pipe(ends);
	close(ends[0]);
	polls[0].fd = ends[1];
	polls[0].events = POLLOUT;
	show_polls("no reader", polls, 1, -1);
	SHOW(poll((struct pollfd *)16, 1, 0));
	signals();
	return 0;
}
