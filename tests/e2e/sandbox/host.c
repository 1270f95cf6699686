/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Runs a command among sockets of the host, with descriptors of what is
 * outside: 7 the directory, 8 the file, 9 a socket.  A connection to
 * share/stream is given the directory.  Says what came from outside.
 *
 * usage: host COMMAND...
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int
bound(int type, const char *name)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	socklen_t len;
	int fd;

	strncpy(addr.sun_path, name, sizeof(addr.sun_path) - 1);
	len = sizeof(addr);
	if (name[0] == '@') {
		addr.sun_path[0] = '\0';
		len = (socklen_t)(sizeof(addr.sun_family) + strlen(name));
	}
	fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
	if (bind(fd, (struct sockaddr *)&addr, len) != 0)
		perror(name);
	return fd;
}

static void
give(int fd, int dir)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr head;
	} control;
	struct iovec iov = { "x", 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };

	memset(&control, 0, sizeof(control));
	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &dir, sizeof(dir));
	sendmsg(fd, &msg, 0);
}

static void
serve(int stream)
{
	alarm(60);
	listen(stream, 5);
	for (;;)
		give(accept(stream, NULL, NULL), 7);
}

int
main(int argc, char **argv)
{
	int abstract, inside, outside, status, stream;
	pid_t command, server;
	char byte;

	if (argc < 2)
		return 2;
	dup2(open("outside", O_RDONLY), 7);
	dup2(open("outside/secret", O_RDONLY), 8);
	dup2(socket(AF_UNIX, SOCK_DGRAM, 0), 9);
	abstract = bound(SOCK_DGRAM, "@sandbox");
	outside = bound(SOCK_DGRAM, "outside/dgram");
	inside = bound(SOCK_DGRAM, "share/dgram");
	stream = bound(SOCK_STREAM, "share/stream");
	server = fork();
	if (server == 0)
		serve(stream);
	command = fork();
	if (command == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	waitpid(command, &status, 0);
	kill(server, SIGKILL);
	if (recv(outside, &byte, 1, MSG_DONTWAIT) == 1 ||
	    recv(abstract, &byte, 1, MSG_DONTWAIT) == 1)
		puts("SECRET socket reached");
	close(inside);
	unlink("outside/dgram");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}
