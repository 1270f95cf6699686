// SPDX-License-Identifier: BSD-2-Clause
// epoll: level, edge and one-shot, a server of many clients, errors.

#include "tests/guest-programs/prog/say.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

enum { CLIENTS = 12 };

static int set;

static int
add(int fd, unsigned events)
{
	struct epoll_event event = { .events = events, .data.fd = fd };

	return epoll_ctl(set, EPOLL_CTL_ADD, fd, &event);
}

static void
triggers(void)
{
	struct epoll_event event;
	int ends[2];

	pipe(ends);
	SHOW(add(ends[0], EPOLLIN));
	SHOW(add(ends[0], EPOLLIN));
	SHOW(epoll_wait(set, &event, 1, 0));
	write(ends[1], "ab", 2);
	SHOW(epoll_wait(set, &event, 1, -1));
	SHOW(epoll_wait(set, &event, 1, -1));
	event = (struct epoll_event){ .events = EPOLLIN | EPOLLET };
	SHOW(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
	SHOW(epoll_wait(set, &event, 1, 0));
	SHOW(epoll_wait(set, &event, 1, 0));
	write(ends[1], "c", 1);
	SHOW(epoll_wait(set, &event, 1, 0));
	SHOW(epoll_wait(set, &event, 1, 0));
	event.events = EPOLLIN | EPOLLONESHOT;
	SHOW(epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event));
	SHOW(epoll_wait(set, &event, 1, 0));
	SHOW(epoll_wait(set, &event, 1, 0));
	event.events = EPOLLIN;
	epoll_ctl(set, EPOLL_CTL_MOD, ends[0], &event);
	close(ends[1]);
	SHOW(epoll_wait(set, &event, 1, 0));
	SHOW(event.events);
	int copy = dup(ends[0]);
	close(ends[0]);
	SHOW(epoll_wait(set, &event, 1, 0));
	close(copy);
	SHOW(epoll_wait(set, &event, 1, 0));
	SHOW(epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL));
	SHOW(epoll_ctl(set, EPOLL_CTL_ADD, set, &event));
	int file = open("file", O_CREAT | O_RDWR, 0600);
	SHOW(add(file, EPOLLIN));
	SHOW(epoll_wait(set, &event, 0, 0));
	SHOW(epoll_wait(file, &event, 1, 0));
	SHOW(epoll_create1(1234));
	int outer = epoll_create1(EPOLL_CLOEXEC);
	pipe(ends);
	SHOW(add(ends[0], EPOLLIN));
	event.events = EPOLLIN;
	SHOW(epoll_ctl(outer, EPOLL_CTL_ADD, set, &event));
	SHOW(epoll_wait(outer, &event, 1, 0));
	write(ends[1], "x", 1);
	SHOW(epoll_wait(outer, &event, 1, 100));
	epoll_ctl(set, EPOLL_CTL_DEL, ends[0], NULL);
	close(outer);
}

static void
client(struct sockaddr_in *address, int me)
{
	char text[32];

	for (int i = 0; i < 3; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(fd, (struct sockaddr *)address, sizeof(*address)))
			_exit(1);
		int length = snprintf(text, sizeof(text), "%d.%d", me, i);
		write(fd, text, (size_t)length);
		if (read(fd, text, sizeof(text)) != length + 1)
			_exit(2);
		close(fd);
	}
	_exit(0);
}

static void
serve(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof(address);
	struct epoll_event events[4];
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	int served = 0, closed = 0, accepted = 0, failed = 0, status;

	bind(listener, (struct sockaddr *)&address, size);
	listen(listener, 50);
	getsockname(listener, (struct sockaddr *)&address, &size);
	SHOW(add(listener, EPOLLIN));
	for (int i = 0; i < CLIENTS; i++)
		if (fork() == 0)
			client(&address, i);
	while (closed < CLIENTS * 3) {
		int count = epoll_wait(set, events, 4, -1);
		for (int i = 0; i < count; i++) {
			int fd = events[i].data.fd;
			char text[32];
			if (fd == listener) {
				int peer = accept(listener, NULL, NULL);
				if (peer >= 0) {
					accepted++;
					add(peer, EPOLLIN | EPOLLRDHUP);
				}
				continue;
			}
			ssize_t got = read(fd, text, 31);
			if (got <= 0) {
				close(fd);
				closed++;
				continue;
			}
			text[got] = '.';
			write(fd, text, (size_t)got + 1);
			served++;
		}
	}
	while (wait(&status) > 0)
		failed += status != 0;
	SHOW(accepted);
	SHOW(served);
	SHOW(failed);
}

static void
alarmed(int number)
{
	(void)number;
}

int
main(void)
{
	struct epoll_event event;
	struct sigaction action = { .sa_handler = alarmed,
		.sa_flags = SA_RESTART };
	sigset_t none;

	set = epoll_create1(0);
	triggers();
	serve();
	sigaction(SIGALRM, &action, NULL);
	ualarm(20000, 0);
	int quiet = epoll_create1(0);
	SHOW(epoll_wait(quiet, &event, 1, -1));
	sigemptyset(&none);
	SHOW(epoll_pwait(quiet, &event, 1, 5, &none));
	return 0;
}
