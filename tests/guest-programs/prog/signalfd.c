// SPDX-License-Identifier: BSD-2-Clause
// signalfd, eventfd and timerfd, alone and in poll and epoll.

#include "tests/guest-programs/prog/say.h"

#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static void
signals(void)
{
	struct signalfd_siginfo info[3];
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	int fd = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	SHOW(read(fd, info, sizeof(info)));
	kill(getpid(), SIGUSR2);
	sigqueue(getpid(), SIGUSR1, (union sigval){ .sival_int = 5 });
	struct pollfd poller = { fd, POLLIN, 0 };
	SHOW(poll(&poller, 1, -1));
	SHOW(read(fd, info, 10));
	SHOW(read(fd, info, sizeof(info)) / (long)sizeof(*info));
	SHOW(info[0].ssi_signo);
	SHOW(info[0].ssi_int);
	SHOW(info[1].ssi_signo);
	pid_t child = fork();
	if (child == 0)
		_exit(33);
	SHOW(poll(&poller, 1, -1));
	SHOW(read(fd, info, sizeof(info[0])) == sizeof(info[0]));
	SHOW(info[0].ssi_status);
	SHOW(info[0].ssi_pid == (uint32_t)child);
	SHOW(wait(NULL) == child);
	SHOW(close(fd));
}

static void
events(void)
{
	uint64_t value = 3;
	int fd = eventfd(2, EFD_NONBLOCK);

	SHOW(write(fd, &value, 8));
	SHOW(read(fd, &value, 8));
	SHOW(value);
	SHOW(read(fd, &value, 8));
	value = UINT64_MAX;
	SHOW(write(fd, &value, 8));
	value = UINT64_MAX - 1;
	SHOW(write(fd, &value, 8));
	SHOW(write(fd, &value, 8));
	SHOW(write(fd, &value, 4));
	close(fd);
	fd = eventfd(3, EFD_SEMAPHORE);
	SHOW(read(fd, &value, 8));
	SHOW(value);
	IN_CHILD("adds", {
		value = 4;
		write(fd, &value, 8);
	});
	for (int i = 0; i < 6; i++)
		read(fd, &value, 8);
	struct pollfd poller = { fd, POLLIN | POLLOUT, 0 };
	SHOW(poll(&poller, 1, 0));
	SHOW(poller.revents);
	close(fd);
}

static void
timers(void)
{
	struct itimerspec time = { { 0, 2000000 }, { 0, 1000000 } };
	struct epoll_event event = { .events = EPOLLIN };
	uint64_t count, total = 0;
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	int set = epoll_create1(0);

	SHOW(read(fd, &count, 8));
	SHOW(timerfd_settime(fd, 0, &time, NULL));
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, fd, &event));
	while (total < 5) {
		epoll_wait(set, &event, 1, -1);
		if (read(fd, &count, 8) == 8)
			total += count;
	}
	SHOW(timerfd_settime(fd, 0, &(struct itimerspec){ 0 }, &time));
	SHOW(time.it_interval.tv_nsec);
	SHOW(epoll_wait(set, &event, 1, 0));
	SHOW(timerfd_gettime(fd, &time));
	SHOW(time.it_value.tv_nsec);
	SHOW(timerfd_settime(
	    fd, 0, &(struct itimerspec){ { 0, 0 }, { 0, 1000000000 } }, NULL));
}

int
main(void)
{
	signals();
	events();
	timers();
	return 0;
}
