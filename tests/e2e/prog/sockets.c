/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets: AF_UNIX pairs, names and descriptors, AF_INET over loopback. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static char big[200000];

static void
say(const char *what, long result)
{
	printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
	    result < 0 ? strerror(errno) : "");
	fflush(stdout);
}

static int
events(int fd, short wanted)
{
	struct pollfd row = { fd, wanted, 0 };

	poll(&row, 1, 0);
	return row.revents;
}

#define ALL (POLLIN | POLLOUT | POLLRDHUP)

static long
send_fd(int sock, int fd, int more)
{
	char control[CMSG_SPACE(2 * sizeof(int))], byte = 'f';
	struct iovec row = { &byte, 1 };
	struct msghdr head = { .msg_iov = &row, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	int fds[2] = { fd, more };

	memset(control, 0, sizeof(control));
	head.msg_control = control;
	head.msg_controllen =
	    more < 0 ? CMSG_SPACE(sizeof(int)) : CMSG_SPACE(2 * sizeof(int));
	cmsg = CMSG_FIRSTHDR(&head);
	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(more < 0 ? sizeof(int) : 2 * sizeof(int));
	memcpy(CMSG_DATA(cmsg), fds, more < 0 ? sizeof(int) : sizeof(fds));
	return sendmsg(sock, &head, 0);
}

static int
receive_fd(int sock, size_t room, int flags)
{
	char control[256], byte;
	struct iovec row = { &byte, 1 };
	struct msghdr head = { .msg_iov = &row, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;
	int fd;

	memset(control, 0, sizeof(control));
	head.msg_control = control;
	head.msg_controllen = room;
	say("recvmsg", recvmsg(sock, &head, flags));
	printf("flags %x, control %zu\n", head.msg_flags, head.msg_controllen);
	cmsg = CMSG_FIRSTHDR(&head);
	if (cmsg == NULL || cmsg->cmsg_type != SCM_RIGHTS)
		return -1;
	printf("len %zu\n", (size_t)cmsg->cmsg_len);
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

static void
pairs(void)
{
	struct timeval tv = { 0, 20000 };
	struct ucred cred;
	struct stat st;
	socklen_t len;
	int fds[2], value;
	char buf[64];

	say("pair", socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
	fstat(fds[0], &st);
	printf("mode %o\n", st.st_mode);
	printf("idle %x\n", events(fds[0], ALL));
	say("send", send(fds[0], "hello", 5, 0));
	say("send", write(fds[0], "world", 5));
	ioctl(fds[1], FIONREAD, &value);
	printf("readable %d, %x\n", value, events(fds[1], ALL));
	say("peek", recv(fds[1], buf, 7, MSG_PEEK));
	say("recv", recv(fds[1], buf, sizeof(buf), 0));
	printf("%.10s\n", buf);
	say("dontwait", recv(fds[1], buf, sizeof(buf), MSG_DONTWAIT));
	setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	say("timeout", recv(fds[1], buf, sizeof(buf), 0));
	len = sizeof(cred);
	getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &cred, &len);
	printf("peer is me: %d %d %d\n", cred.pid == getpid(),
	    cred.uid == geteuid(), len);
	len = sizeof(value);
	getsockopt(fds[0], SOL_SOCKET, SO_TYPE, &value, &len);
	printf("type %d\n", value);
	getsockopt(fds[0], SOL_SOCKET, SO_DOMAIN, &value, &len);
	printf("domain %d\n", value);
	say("lseek", lseek(fds[0], 0, SEEK_CUR));
	say("shutdown", shutdown(fds[0], SHUT_WR));
	printf(
	    "after shutdown %x %x\n", events(fds[0], ALL), events(fds[1], ALL));
	say("end", recv(fds[1], buf, sizeof(buf), 0));
	say("no more", send(fds[0], "x", 1, MSG_NOSIGNAL));
	say("other way", send(fds[1], "y", 1, 0));
	close(fds[0]);
	printf("closed %x\n", events(fds[1], ALL));
	say("reset", recv(fds[1], buf, sizeof(buf), 0));
	say("then end", recv(fds[1], buf, sizeof(buf), 0));
	say("broken", send(fds[1], "y", 1, MSG_NOSIGNAL));
	close(fds[1]);
}

static void
packets(void)
{
	static const int types[] = { SOCK_DGRAM, SOCK_SEQPACKET };
	int fds[2], i, n;
	char buf[64];

	for (i = 0; i < 2; i++) {
		socketpair(AF_UNIX, types[i] | SOCK_NONBLOCK, 0, fds);
		say("first", send(fds[0], "abcdef", 6, 0));
		say("empty", send(fds[0], "", 0, 0));
		say("second", send(fds[0], "gh", 2, 0));
		say("part", recv(fds[1], buf, 3, MSG_TRUNC));
		say("empty", recv(fds[1], buf, sizeof(buf), 0));
		say("second", recv(fds[1], buf, sizeof(buf), 0));
		say("none", recv(fds[1], buf, sizeof(buf), 0));
		for (n = 0; n < 100 && send(fds[0], "x", 1, 0) == 1; n++)
			continue;
		if (types[i] == SOCK_DGRAM)
			printf("%d datagrams\n", n);
		close(fds[0]);
		printf("closed %x\n", events(fds[1], ALL));
		close(fds[1]);
	}
}

static void
rights(void)
{
	int fd, fds[2], inner[2], i;
	char buf[16];

	socketpair(AF_UNIX, SOCK_STREAM, 0, fds);
	pipe(inner);
	write(fds[0], "ab", 2);
	say("pass", send_fd(fds[0], inner[0], -1));
	write(fds[0], "cd", 2);
	close(inner[0]);
	say("before", recv(fds[1], buf, 2, 0));
	fd = receive_fd(fds[1], 256, MSG_CMSG_CLOEXEC);
	printf("cloexec %d\n", fcntl(fd, F_GETFD));
	say("after", recv(fds[1], buf, sizeof(buf), 0));
	write(inner[1], "through", 7);
	say("it is the pipe", read(fd, buf, sizeof(buf)));
	close(fd);
	say("two", send_fd(fds[0], inner[1], inner[1]));
	fd = receive_fd(fds[1], CMSG_LEN(sizeof(int)), 0);
	close(fd);
	say("two", send_fd(fds[0], inner[1], inner[1]));
	receive_fd(fds[1], 0, 0);
	say("one, lost", send_fd(fds[0], inner[1], -1));
	say("lost", recv(fds[1], buf, sizeof(buf), 0));
	say("bad", send_fd(fds[0], 99, -1));
	fflush(stdout);
	if (fork() == 0) {
		fd = open("passed", O_CREAT | O_RDWR, 0600);
		write(fd, "content", 7);
		send_fd(fds[0], fd, -1);
		_exit(0);
	}
	fd = receive_fd(fds[1], 256, 0);
	wait(NULL);
	say("of a child", pread(fd, buf, sizeof(buf), 0));
	unlink("passed");
	for (i = 3; i < 20; i++)
		close(i);
}

static socklen_t
name(struct sockaddr_un *addr, const char *path)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (path[0] == '@') {
		memcpy(addr->sun_path + 1, path + 1, strlen(path + 1));
		return (socklen_t)(offsetof(struct sockaddr_un, sun_path) +
				   strlen(path));
	}
	strcpy(addr->sun_path, path);
	return sizeof(*addr);
}

static void
server(const char *path, int type)
{
	struct sockaddr_un addr, from;
	socklen_t len, size;
	int fd, made, status;
	char buf[64];

	printf("server %s\n", path);
	size = name(&addr, path);
	fd = socket(AF_UNIX, type, 0);
	printf("new %x\n", events(fd, ALL));
	say("listen", listen(fd, 5));
	say("bind", bind(fd, (struct sockaddr *)&addr, size));
	say("again", bind(fd, (struct sockaddr *)&addr, size));
	made = socket(AF_UNIX, type, 0);
	say("taken", bind(made, (struct sockaddr *)&addr, size));
	say("nobody listens", connect(made, (struct sockaddr *)&addr, size));
	close(made);
	say("listen", listen(fd, 5));
	fcntl(fd, F_SETFL, O_NONBLOCK);
	say("accept", accept(fd, NULL, NULL));
	fcntl(fd, F_SETFL, 0);
	fflush(stdout);
	if (fork() == 0) {
		made = socket(AF_UNIX, type, 0);
		say("connect", connect(made, (struct sockaddr *)&addr, size));
		say("twice", connect(made, (struct sockaddr *)&addr, size));
		len = sizeof(from);
		memset(&from, 0, sizeof(from));
		getpeername(made, (struct sockaddr *)&from, &len);
		printf(
		    "peer %d %.20s\n", len, from.sun_path + (path[0] == '@'));
		say("client sends", send(made, "ping", 4, 0));
		say("client got", recv(made, buf, sizeof(buf), 0));
		_exit(3);
	}
	len = sizeof(from);
	usleep(50000);
	made = accept4(fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC);
	recv(made, buf, sizeof(buf), 0);
	printf("from len %d, family %d\n", len, from.sun_family);
	send(made, "pong!", 5, 0);
	wait(&status);
	printf("status %x\n", status);
	len = sizeof(from);
	getsockname(fd, (struct sockaddr *)&from, &len);
	printf("name %d %.20s\n", len, from.sun_path + (path[0] == '@'));
	close(made);
	close(fd);
	made = socket(AF_UNIX, type, 0);
	say("gone", connect(made, (struct sockaddr *)&addr, size));
	close(made);
	unlink(path);
}

static void
datagrams(void)
{
	struct sockaddr_un a, b, from;
	socklen_t len;
	char buf[64];
	int fd, other;

	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	other = socket(AF_UNIX, SOCK_DGRAM, 0);
	bind(fd, (struct sockaddr *)&a, name(&a, "dgram_a"));
	bind(other, (struct sockaddr *)&b, name(&b, "dgram_b"));
	say("sendto",
	    sendto(other, "msg", 3, 0, (struct sockaddr *)&a, sizeof(a)));
	len = sizeof(from);
	say("recvfrom",
	    recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &len));
	printf("from %s (%d)\n", from.sun_path, len);
	say("no target", send(fd, "x", 1, 0));
	say("connect", connect(fd, (struct sockaddr *)&b, sizeof(b)));
	say("send", send(fd, "y", 1, 0));
	say("recv", recv(other, buf, sizeof(buf), 0));
	close(other);
	say("gone", send(fd, "y", 1, 0));
	close(fd);
	unlink("dgram_a");
	unlink("dgram_b");
}

static void
inet(int family)
{
	struct sockaddr_storage addr;
	struct sockaddr_in *in = (struct sockaddr_in *)&addr;
	struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)&addr;
	int fd, made, on = 1, status;
	socklen_t len, size;
	size_t got, sum;
	ssize_t i, part;

	memset(&addr, 0, sizeof(addr));
	addr.ss_family = (sa_family_t)family;
	size = family == AF_INET ? sizeof(*in) : sizeof(*in6);
	if (family == AF_INET)
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		in6->sin6_addr = in6addr_loopback;
	fd = socket(family, SOCK_STREAM, 0);
	say("reuse", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)));
	if (bind(fd, (struct sockaddr *)&addr, size) != 0)
		return;
	say("listen", listen(fd, 5));
	len = sizeof(addr);
	getsockname(fd, (struct sockaddr *)&addr, &len);
	printf("name %d %d\n", len, addr.ss_family);
	fflush(stdout);
	if (fork() == 0) {
		made = socket(family, SOCK_STREAM, 0);
		say("connect", connect(made, (struct sockaddr *)&addr, size));
		say("nodelay", setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &on,
				   sizeof(on)));
		memset(big, 'q', sizeof(big));
		say("all", send(made, big, sizeof(big), 0));
		shutdown(made, SHUT_WR);
		part = recv(made, big, 4, MSG_WAITALL);
		printf("answer %.4s %zd\n", big, part);
		fflush(stdout);
		_exit(0);
	}
	made = accept(fd, NULL, NULL);
	for (sum = got = 0; (part = read(made, big, 30000)) > 0;
	     got += (size_t)part)
		for (i = 0; i < part; i++)
			sum = sum * 31 + (unsigned char)big[i];
	printf("got %zu %zx\n", got, sum);
	fflush(stdout);
	write(made, "do", 2);
	usleep(1000);
	write(made, "ne", 2);
	wait(&status);
	printf("status %x\n", status);
	close(made);
	close(fd);
	fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	on = connect(fd, (struct sockaddr *)&addr, size);
	events(fd, POLLOUT);
	len = sizeof(status);
	if (on < 0 && errno == EINPROGRESS)
		getsockopt(fd, SOL_SOCKET, SO_ERROR, &status, &len);
	else
		status = errno;
	printf("refused: %s\n", strerror(status));
	close(fd);
}

static void
errors(void)
{
	int fd, fds[2];
	char buf[8];

	say("family", socket(99, SOCK_STREAM, 0));
	say("type", socket(AF_UNIX, 9, 0));
	say("flags", socket(AF_UNIX, SOCK_STREAM | 0x100, 0));
	say("protocol", socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	say("unix protocol", socket(AF_UNIX, SOCK_STREAM, 5));
	say("inet pair", socketpair(AF_INET, SOCK_STREAM, 0, fds));
	say("not a socket", listen(0, 1));
	say("bad", listen(99, 1));
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	say("not connected", send(fd, "x", 1, MSG_NOSIGNAL));
	say("not connected", recv(fd, buf, 1, 0));
	say("not connected", shutdown(fd, SHUT_RD));
	say("peer", getpeername(fd, (struct sockaddr *)buf, (socklen_t *)fds));
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	say("not connected", send(fd, "x", 1, MSG_NOSIGNAL));
	say("not connected", recv(fd, buf, 1, 0));
	say("option", setsockopt(fd, SOL_SOCKET, 999, buf, 4));
	close(fd);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	pairs();
	packets();
	rights();
	server("a_socket", SOCK_STREAM);
	server("@vmspace-test", SOCK_STREAM);
	server("a_packet", SOCK_SEQPACKET);
	datagrams();
	inet(AF_INET);
	inet(AF_INET6);
	errors();
	return 0;
}
