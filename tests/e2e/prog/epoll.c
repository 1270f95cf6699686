/* SPDX-License-Identifier: BSD-2-Clause */
/* epoll, eventfd, poll and select over pipes and each other. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Of one page: what Linux gives to a user who has many elsewhere. */
static int
make_pipe(int fds[2], int flags)
{
	int result = pipe2(fds, flags);

	if (result == 0)
		fcntl(fds[0], F_SETPIPE_SZ, 4096);
	return result;
}

static void
say(const char *what, long result)
{
	printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
	    result < 0 ? strerror(errno) : "");
	fflush(stdout);
}

static int
ctl(int epfd, int op, int fd, uint32_t events, uint64_t data)
{
	struct epoll_event event = { .events = events, .data.u64 = data };

	return epoll_ctl(epfd, op, fd, &event);
}

static void
look(const char *what, int epfd)
{
	struct epoll_event events[8];
	int count, i;

	count = epoll_wait(epfd, events, 8, 0);
	printf("%s: %d", what, count);
	for (i = 0; i < count; i++)
		printf(" %x/%d", events[i].events, (int)events[i].data.u64);
	printf("\n");
	fflush(stdout);
}

static void
levels(void)
{
	int epfd, fds[2];
	char buf[8];

	epfd = epoll_create1(EPOLL_CLOEXEC);
	make_pipe(fds, 0);
	say("add", ctl(epfd, EPOLL_CTL_ADD, fds[0], EPOLLIN, 1));
	say("add", ctl(epfd, EPOLL_CTL_ADD, fds[1], EPOLLOUT, 2));
	look("idle", epfd);
	write(fds[1], "abc", 3);
	look("written", epfd);
	look("written", epfd);
	say("mod", ctl(epfd, EPOLL_CTL_MOD, fds[1], 0, 2));
	look("masked", epfd);
	read(fds[0], buf, 8);
	look("read", epfd);
	close(fds[1]);
	look("hung up", epfd);
	close(fds[0]);
	look("closed", epfd);
	close(epfd);
}

static void
edges(void)
{
	int epfd, fds[2];
	char buf[8];

	epfd = epoll_create1(0);
	make_pipe(fds, O_NONBLOCK);
	ctl(epfd, EPOLL_CTL_ADD, fds[0], EPOLLIN | EPOLLET, 1);
	ctl(epfd, EPOLL_CTL_ADD, fds[1], EPOLLOUT | EPOLLET, 2);
	look("first", epfd);
	look("again", epfd);
	write(fds[1], "ab", 2);
	look("written", epfd);
	look("not again", epfd);
	read(fds[0], buf, 1);
	look("part read", epfd);
	write(fds[1], "c", 1);
	look("more", epfd);
	ctl(epfd, EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLET | EPOLLONESHOT, 3);
	look("modified", epfd);
	write(fds[1], "d", 1);
	look("one shot is over", epfd);
	ctl(epfd, EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLONESHOT, 4);
	look("armed", epfd);
	look("fired", epfd);
	close(fds[1]);
	look("fired, hung up", epfd);
	close(fds[0]);
	close(epfd);
}

static void
errors(void)
{
	int dup_fd, epfd, fds[2], file, other, i, chain[8];

	epfd = epoll_create(1);
	make_pipe(fds, 0);
	file = open("plain", O_CREAT | O_RDWR, 0600);
	say("create 0", epoll_create(0));
	say("create flags", epoll_create1(1));
	say("file", ctl(epfd, EPOLL_CTL_ADD, file, EPOLLIN, 0));
	say("bad fd", ctl(epfd, EPOLL_CTL_ADD, 99, EPOLLIN, 0));
	say("bad epfd", ctl(99, EPOLL_CTL_ADD, fds[0], EPOLLIN, 0));
	say("no epoll", ctl(fds[1], EPOLL_CTL_ADD, fds[0], EPOLLIN, 0));
	say("itself", ctl(epfd, EPOLL_CTL_ADD, epfd, EPOLLIN, 0));
	say("op", ctl(epfd, 9, fds[0], EPOLLIN, 0));
	say("null", epoll_ctl(epfd, EPOLL_CTL_ADD, fds[0], NULL));
	say("mod missing", ctl(epfd, EPOLL_CTL_MOD, fds[0], EPOLLIN, 0));
	say("del missing", ctl(epfd, EPOLL_CTL_DEL, fds[0], EPOLLIN, 0));
	say("add", ctl(epfd, EPOLL_CTL_ADD, fds[0], EPOLLIN, 5));
	say("twice", ctl(epfd, EPOLL_CTL_ADD, fds[0], EPOLLIN, 0));
	dup_fd = dup(fds[0]);
	say("duplicate", ctl(epfd, EPOLL_CTL_ADD, dup_fd, EPOLLIN, 6));
	write(fds[1], "x", 1);
	look("both", epfd);
	close(fds[0]);
	look("the description lives", epfd);
	close(dup_fd);
	look("now it does not", epfd);
	other = epoll_create1(0);
	say("nested", ctl(other, EPOLL_CTL_ADD, epfd, EPOLLIN, 7));
	say("loop", ctl(epfd, EPOLL_CTL_ADD, other, EPOLLIN, 8));
	make_pipe(fds, 0);
	ctl(epfd, EPOLL_CTL_ADD, fds[0], EPOLLIN, 9);
	look("outer, idle", other);
	write(fds[1], "x", 1);
	look("outer", other);
	look("inner", epfd);
	for (i = 0; i < 8; i++)
		chain[i] = epoll_create1(0);
	for (i = 0; i < 7; i++)
		say("chain",
		    ctl(chain[i + 1], EPOLL_CTL_ADD, chain[i], EPOLLIN, 0));
	say("maxevents", epoll_wait(epfd, (struct epoll_event *)fds, 0, 0));
	say("buffer", epoll_wait(epfd, (struct epoll_event *)8, 1, 0));
	say("read", read(epfd, fds, 8));
	say("write", write(epfd, fds, 8));
	say("exclusive mod",
	    ctl(epfd, EPOLL_CTL_MOD, fds[0], EPOLLIN | EPOLLEXCLUSIVE, 0));
	unlink("plain");
	for (i = 3; i < 60; i++)
		close(i);
}

static void
counters(void)
{
	uint64_t value;
	int fd, epfd;
	char c;

	fd = eventfd(3, EFD_NONBLOCK);
	epfd = epoll_create1(0);
	ctl(epfd, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLOUT | EPOLLET, 1);
	look("eventfd", epfd);
	value = 0;
	say("read", read(fd, &value, 8));
	printf("%d\n", (int)value);
	look("eventfd", epfd);
	say("empty", read(fd, &value, 8));
	say("short", read(fd, &c, 1));
	say("short", write(fd, &c, 1));
	value = UINT64_MAX;
	say("too much", write(fd, &value, 8));
	value = UINT64_MAX - 1;
	say("full", write(fd, &value, 8));
	look("eventfd", epfd);
	value = 1;
	say("one more", write(fd, &value, 8));
	close(fd);
	fd = eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK);
	say("semaphore", read(fd, &value, 8));
	say("semaphore", read(fd, &value, 8));
	say("semaphore", read(fd, &value, 8));
	say("seek", lseek(fd, 0, SEEK_SET));
	say("pread", pread(fd, &value, 8, 0));
	printf("value %d flags %x\n", (int)value, fcntl(fd, F_GETFL));
	close(fd);
	close(epfd);
}

static void
waits(void)
{
	struct epoll_event event;
	struct pollfd rows[2];
	struct timeval tv = { 0, 1000 };
	uint64_t value;
	int counter, epfd, fds[2];
	fd_set set;

	counter = eventfd(0, 0);
	epfd = epoll_create1(0);
	make_pipe(fds, 0);
	ctl(epfd, EPOLL_CTL_ADD, counter, EPOLLIN, 1);
	say("timeout", epoll_wait(epfd, &event, 1, 10));
	fflush(stdout);
	if (fork() == 0) {
		usleep(20000);
		value = 1;
		write(counter, &value, 8);
		read(fds[0], &value, 1);
		value = 5;
		write(counter, &value, 8);
		_exit(0);
	}
	say("wakes", epoll_wait(epfd, &event, 1, -1));
	read(counter, &value, 8);
	rows[0] = (struct pollfd){ counter, POLLIN, 0 };
	rows[1] = (struct pollfd){ epfd, POLLIN, 0 };
	write(fds[1], "x", 1);
	say("poll", poll(rows, 1, -1));
	say("poll", poll(rows, 2, -1));
	printf("%x %x\n", rows[0].revents, rows[1].revents);
	read(counter, &value, 8);
	printf("value %d\n", (int)value);
	FD_ZERO(&set);
	FD_SET(counter, &set);
	say("select", select(counter + 1, &set, NULL, NULL, &tv));
	FD_SET(fds[1], &set);
	say("select", select(fds[1] + 1, NULL, &set, NULL, NULL));
	printf("%d %d\n", FD_ISSET(counter, &set), FD_ISSET(fds[1], &set));
	rows[0] = (struct pollfd){ 50, POLLIN, 0 };
	rows[1] = (struct pollfd){ -1, POLLIN, 0 };
	say("closed", poll(rows, 2, -1));
	printf("%x %x\n", rows[0].revents, rows[1].revents);
	FD_SET(50, &set);
	say("closed", select(51, &set, NULL, NULL, NULL));
	wait(NULL);
}

static void
on_alarm(int signal)
{
	(void)signal;
}

static void
masks(void)
{
	struct epoll_event event;
	struct sigaction action;
	sigset_t all, none;
	int epfd;

	epfd = epoll_create1(0);
	memset(&action, 0, sizeof(action));
	action.sa_handler = on_alarm;
	action.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &action, NULL);
	sigfillset(&all);
	sigemptyset(&none);
	sigprocmask(SIG_BLOCK, &all, NULL);
	raise(SIGUSR1);
	say("blocked", epoll_wait(epfd, &event, 1, 1));
	say("let in", epoll_pwait(epfd, &event, 1, -1, &none));
	say("gone", epoll_pwait(epfd, &event, 1, 1, &none));
}

int
main(void)
{
	int fd;

	/* What the caller left open is in the way of 50 and 99 below. */
	for (fd = 3; fd < 100; fd++)
		close(fd);
	levels();
	edges();
	errors();
	counters();
	waits();
	masks();
	return 0;
}
