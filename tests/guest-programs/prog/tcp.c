// SPDX-License-Identifier: BSD-2-Clause
// TCP over the loopback: echo, options, half close, refusal, non-blocking.

#include "tests/guest-programs/prog/say.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

static struct sockaddr_in address;

static int
listening(void)
{
	socklen_t size = sizeof(address);
	int on = 1, fd = socket(AF_INET, SOCK_STREAM, 0);

	address = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	SHOW(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	SHOW(bind(fd, (struct sockaddr *)&address, size));
	SHOW(listen(fd, 8));
	SHOW(getsockname(fd, (struct sockaddr *)&address, &size));
	SHOW(ntohs(address.sin_port) != 0);
	return fd;
}

static void
client(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	char text[4096];
	long total = 0, sum = 0;
	ssize_t got;

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		_exit(1);
	for (int i = 0; i < 100; i++) {
		memset(text, i, 1000);
		if (write(fd, text, 1000) != 1000)
			_exit(2);
	}
	shutdown(fd, SHUT_WR);
	while ((got = read(fd, text, sizeof(text))) > 0)
		for (ssize_t i = 0; i < got; i++) {
			total++;
			sum += text[i];
		}
	SHOW(total);
	SHOW(sum);
	_exit(0);
}

static void
echo(int listener)
{
	struct sockaddr_in peer;
	socklen_t size = sizeof(peer);
	char text[1500], *copy = malloc(100000);
	size_t length = 0;
	ssize_t got;
	int status;

	pid_t child = fork();
	if (child == 0)
		client();
	int fd = accept(listener, (struct sockaddr *)&peer, &size);
	SHOW(size);
	SHOW(peer.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	while ((got = read(fd, text, sizeof(text))) > 0) {
		memcpy(copy + length, text, (size_t)got);
		length += (size_t)got;
	}
	SHOW(length);
	SHOW(send(fd, copy, length, 0));
	close(fd);
	waitpid(child, &status, 0);
	show_status("client", status);
	free(copy);
}

static void
options(int fd)
{
	static const int rows[][2] = { { SOL_SOCKET, SO_TYPE },
		{ SOL_SOCKET, SO_ERROR }, { SOL_SOCKET, SO_KEEPALIVE },
		{ SOL_SOCKET, SO_REUSEADDR }, { SOL_SOCKET, SO_ACCEPTCONN },
		{ SOL_SOCKET, SO_DOMAIN }, { IPPROTO_TCP, TCP_NODELAY } };
	struct linger linger = { 1, 5 };
	int value, on = 1;
	socklen_t size;

	SHOW(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger)));
	SHOW(setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, 1));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		size = sizeof(value);
		if (getsockopt(fd, rows[i][0], rows[i][1], &value, &size) == 0)
			printf("option %d: %d\n", rows[i][1], value);
		else
			printf("option %d: none\n", rows[i][1]);
	}
}

static void
without_blocking(int listener)
{
	struct timeval timeout = { 0, 20000 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), error;
	socklen_t size = sizeof(error);
	struct pollfd poller = { fd, POLLOUT, 0 };
	char byte;

	fcntl(listener, F_SETFL, O_NONBLOCK);
	SHOW(accept(listener, NULL, NULL));
	int answer = connect(fd, (struct sockaddr *)&address, sizeof(address));
	SHOW(answer == 0 || errno == EINPROGRESS);
	SHOW(poll(&poller, 1, 2000));
	SHOW(poller.revents);
	SHOW(getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size));
	SHOW(error);
	SHOW(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	SHOW(read(fd, &byte, 1));
	int peer = accept(listener, NULL, NULL);
	SHOW(fcntl(peer, F_GETFL) == O_RDWR);
	SHOW(setsockopt(
	    peer, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)));
	SHOW(recv(peer, &byte, 1, 0));
	SHOW(send(peer, "!", 1, MSG_OOB));
	poller.events = POLLPRI;
	SHOW(poll(&poller, 1, 2000));
	SHOW(recv(fd, &byte, 1, MSG_OOB));
	// Data that nobody reads makes the end a reset.
	send(fd, "unread", 6, 0);
	poller = (struct pollfd){ peer, POLLIN, 0 };
	poll(&poller, 1, 2000);
	close(peer);
	poller = (struct pollfd){ fd, POLLIN, 0 };
	SHOW(poll(&poller, 1, 2000));
	SHOW(recv(fd, &byte, 1, 0));
	close(fd);
	close(listener);

	fd = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	connect(fd, (struct sockaddr *)&address, sizeof(address));
	poller = (struct pollfd){ fd, POLLOUT, 0 };
	SHOW(poll(&poller, 1, 2000));
	SHOW(poller.revents);
	SHOW(send(fd, "x", 1, MSG_NOSIGNAL));
	SHOW(getpeername(fd, (struct sockaddr *)&address, &size));

	// One that waited leaves nothing to the next call.
	fd = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	address.sin_family = 47;
	SHOW(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	address.sin_family = AF_INET;
	listener = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(listen(listener, 1));
	size = sizeof(address);
	SHOW(getsockname(listener, (struct sockaddr *)&address, &size));
	SHOW(connect(fd, (struct sockaddr *)&address, sizeof(address)));
	SHOW(connect(fd, (struct sockaddr *)&address, sizeof(address)));
}

int
main(void)
{
	int listener = listening();

	echo(listener);
	options(listener);
	without_blocking(listener);
	return 0;
}
