// SPDX-License-Identifier: BSD-2-Clause
// AF_UNIX streams: by path and abstract, errors, socketpair, shutdown.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static socklen_t
name(struct sockaddr_un *address, const char *path, int abstract)
{
	memset(address, 0, sizeof(*address));
	address->sun_family = AF_UNIX;
	strcpy(address->sun_path + abstract, path);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
			   strlen(path) + 1);
}

static void
serve(const char *path, int abstract)
{
	struct sockaddr_un address, peer = { 0 };
	socklen_t length = name(&address, path, abstract);
	char text[100] = "";
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	SHOW(bind(listener, (struct sockaddr *)&address, length));
	SHOW(listen(listener, 5));
	pid_t child = fork();
	if (child == 0) {
		int client = socket(AF_UNIX, SOCK_STREAM, 0);
		connect(client, (struct sockaddr *)&address, length);
		write(client, "question", 8);
		ssize_t got = read(client, text, sizeof(text));
		printf("client: %.*s\n", (int)got, text);
		fflush(stdout);
		_exit(read(client, text, 1) == 0 ? 0 : 1);
	}
	socklen_t size = sizeof(peer);
	int client =
	    accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
	SHOW(size);
	SHOW(fcntl(client, F_GETFD));
	SHOW(read(client, text, sizeof(text)));
	size = sizeof(peer);
	SHOW(getsockname(client, (struct sockaddr *)&peer, &size));
	SHOW(size);
	printf("%s\n", peer.sun_path + abstract);
	struct ucred who;
	size = sizeof(who);
	SHOW(getsockopt(client, SOL_SOCKET, SO_PEERCRED, &who, &size));
	SHOW(who.pid == child);
	write(client, "answer", 6);
	close(client);
	int status;
	waitpid(child, &status, 0);
	show_status("client", status);
	close(listener);
}

static void
errors(void)
{
	struct sockaddr_un address;
	socklen_t length = name(&address, "nothing", 0);
	int one = socket(AF_UNIX, SOCK_STREAM, 0);

	SHOW(connect(one, (struct sockaddr *)&address, length));
	length = name(&address, "socket", 0);
	SHOW(connect(one, (struct sockaddr *)&address, length));
	SHOW(bind(one, (struct sockaddr *)&address, length));
	SHOW(listen(one, 1));
	SHOW(accept(one, NULL, NULL));
	SHOW(write(one, "x", 1));
	SHOW(shutdown(one, SHUT_RD));
	SHOW(socket(AF_UNIX, 77, 0));
	SHOW(socket(999, SOCK_STREAM, 0));
	SHOW(bind(0, (struct sockaddr *)&address, length));
	int value;
	SHOW(getsockopt(one, SOL_SOCKET, 9999, &value, &length));
	struct stat stat;
	SHOW(lstat("socket", &stat));
	SHOW(S_ISSOCK(stat.st_mode));
	SHOW(open("socket", O_RDONLY));
	unlink("socket");
}

static void
pair(int type)
{
	int fds[2], pending;
	char text[100];

	SHOW(socketpair(AF_UNIX, type, 0, fds));
	SHOW(write(fds[0], "one", 3));
	SHOW(write(fds[0], "three", 5));
	SHOW(ioctl(fds[1], FIONREAD, &pending));
	SHOW(pending);
	SHOW(recv(fds[1], text, 2, MSG_PEEK));
	SHOW(recv(fds[1], text, sizeof(text), 0));
	SHOW(recv(fds[1], text, sizeof(text), MSG_DONTWAIT));
	SHOW(send(fds[1], "back", 4, 0));
	SHOW(recv(fds[0], text, 2, MSG_TRUNC));
	SHOW(recv(fds[0], text, sizeof(text), MSG_DONTWAIT));
	struct pollfd poller = { fds[1], POLLIN | POLLOUT | POLLRDHUP, 0 };
	SHOW(poll(&poller, 1, 0));
	SHOW(poller.revents);
	SHOW(shutdown(fds[0], SHUT_WR));
	SHOW(poll(&poller, 1, 0));
	SHOW(poller.revents);
	SHOW(recv(fds[1], text, sizeof(text), 0));
	SHOW(send(fds[0], "x", 1, MSG_NOSIGNAL));
	close(fds[0]);
	SHOW(send(fds[1], "x", 1, MSG_NOSIGNAL));
	SHOW(poll(&poller, 1, 0));
	SHOW(poller.revents);
	close(fds[1]);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	serve("socket", 0);
	serve("vms-test-abstract", 1);
	errors();
	pair(SOCK_STREAM);
	pair(SOCK_SEQPACKET);
	return 0;
}
