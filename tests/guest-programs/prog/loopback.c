// SPDX-License-Identifier: BSD-2-Clause
// What names, connections and datagrams of the loopback say at their edges.

#include "tests/guest-programs/prog/say.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

union name {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

static union name
name_of(const char *text, int port)
{
	union name name;

	memset(&name, 0, sizeof(name));
	if (inet_pton(AF_INET, text, &name.in.sin_addr) == 1) {
		name.in.sin_family = AF_INET;
		name.in.sin_port = htons((uint16_t)port);
	} else {
		inet_pton(AF_INET6, text, &name.in6.sin6_addr);
		name.in6.sin6_family = AF_INET6;
		name.in6.sin6_port = htons((uint16_t)port);
	}
	return name;
}

static socklen_t
size_of(const union name *name)
{
	return name->any.sa_family == AF_INET ? sizeof(name->in)
					      : sizeof(name->in6);
}

static int
do_bind(int fd, const char *text, int port)
{
	union name name = name_of(text, port);

	return bind(fd, &name.any, size_of(&name));
}

static int
do_connect(int fd, const char *text, int port)
{
	union name name = name_of(text, port);

	return connect(fd, &name.any, size_of(&name));
}

// Ports are told only as given, made up or none.
static int
show_name(const char *what, int fd, int peer, int known)
{
	char text[INET6_ADDRSTRLEN] = "";
	union name name;
	socklen_t size = sizeof(name);
	int port;

	if ((peer ? getpeername : getsockname)(fd, &name.any, &size) != 0) {
		printf("%s: %s\n", what, strerror(errno));
		return 0;
	}
	port = ntohs(name.in.sin_port);
	inet_ntop(name.any.sa_family,
	    name.any.sa_family == AF_INET ? (void *)&name.in.sin_addr
					  : (void *)&name.in6.sin6_addr,
	    text, sizeof(text));
	printf("%s: %s port %s size %d\n", what, text,
	    port == 0       ? "none"
	    : port == known ? "known"
			    : "made up",
	    (int)size);
	return port;
}

static int
listening(int family, const char *text, int *port)
{
	int fd = socket(family, SOCK_STREAM, 0);

	SHOW(do_bind(fd, text, 0));
	SHOW(listen(fd, 4));
	*port = show_name("listens", fd, 0, 0);
	return fd;
}

static void
show_poll(const char *what, int fd)
{
	struct pollfd poller = { fd, POLLIN | POLLOUT | POLLPRI | 0x2000, 0 };

	poll(&poller, 1, 0);
	printf("%s: events %x\n", what, (unsigned)poller.revents);
}

static void
set(int fd, int level, int option, int value)
{
	if (setsockopt(fd, level, option, &value, sizeof(value)) != 0)
		printf("set %d.%d: %s\n", level, option, strerror(errno));
}

static void
get(int fd, int level, int option)
{
	int value = 0;
	socklen_t size = sizeof(value);

	if (getsockopt(fd, level, option, &value, &size) != 0)
		printf("get %d.%d: %s\n", level, option, strerror(errno));
	else
		printf("get %d.%d: %d, size %d\n", level, option, value,
		    (int)size);
}

// Two ends of a connection.
static void
pair(int ends[2])
{
	int port, listener = listening(AF_INET, "127.0.0.1", &port);

	ends[0] = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(do_connect(ends[0], "127.0.0.1", port));
	ends[1] = accept(listener, NULL, NULL);
	close(listener);
}

static void
names(void)
{
	int port, fd, other, v6;

	fd = socket(AF_INET, SOCK_STREAM, 0);
	show_name("new", fd, 0, 0);
	show_name("new", fd, 1, 0);
	SHOW(do_bind(fd, "192.0.2.1", 0));
	SHOW(do_bind(fd, "::1", 0));
	SHOW(do_bind(fd, "127.1.2.3", 0));
	SHOW(do_bind(fd, "127.1.2.3", 0));
	port = show_name("bound", fd, 0, 0);
	other = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(do_bind(other, "127.1.2.3", port));
	SHOW(do_bind(other, "0.0.0.0", port));
	v6 = socket(AF_INET6, SOCK_STREAM, 0);
	SHOW(do_bind(v6, "::", port));
	SHOW(do_bind(v6, "::ffff:127.1.2.3", port));
	SHOW(do_bind(v6, "127.0.0.1", port));
	set(v6, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	SHOW(do_bind(v6, "::ffff:127.0.0.1", port));
	SHOW(do_bind(v6, "::", port));
	set(v6, IPPROTO_IPV6, IPV6_V6ONLY, 0);
	SHOW(do_bind(other, "127.0.0.1", port));
	show_name("other", other, 0, port);
	SHOW(listen(fd, 1));
	SHOW(listen(other, 1));
	close(v6);
	close(other);
	other = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(do_connect(other, "127.1.2.3", port));
	show_name("to 127.1.2.3", other, 0, 0);
	show_name("to 127.1.2.3", other, 1, port);
	close(other);
	other = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(do_connect(other, "127.0.0.1", port));
	SHOW(do_connect(other, "::1", port));
	close(other);
	close(fd);
}

static void
sharing(void)
{
	int a = socket(AF_INET, SOCK_STREAM, 0),
	    b = socket(AF_INET, SOCK_STREAM, 0), port, c;

	set(a, SOL_SOCKET, SO_REUSEADDR, 1);
	SHOW(do_bind(a, "127.0.0.1", 0));
	port = show_name("shared", a, 0, 0);
	SHOW(do_bind(b, "127.0.0.1", port));
	set(b, SOL_SOCKET, SO_REUSEADDR, 1);
	SHOW(do_bind(b, "127.0.0.1", port));
	SHOW(listen(a, 1));
	SHOW(listen(b, 1));
	c = socket(AF_INET, SOCK_STREAM, 0);
	set(c, SOL_SOCKET, SO_REUSEADDR, 1);
	SHOW(do_bind(c, "0.0.0.0", port));
	close(a);
	SHOW(listen(b, 1));
	close(b);
	close(c);
	a = socket(AF_INET, SOCK_DGRAM, 0);
	b = socket(AF_INET, SOCK_DGRAM, 0);
	set(a, SOL_SOCKET, SO_REUSEPORT, 1);
	SHOW(do_bind(a, "0.0.0.0", 0));
	port = show_name("datagrams", a, 0, 0);
	SHOW(do_bind(b, "127.0.0.1", port));
	set(b, SOL_SOCKET, SO_REUSEPORT, 1);
	SHOW(do_bind(b, "127.0.0.1", port));
	close(a);
	close(b);
}

static void
both_families(void)
{
	int port, fd = listening(AF_INET6, "::", &port), client, peer;
	static const char *const to[] = { "127.0.0.1", "::1",
		"::ffff:127.0.0.1", "0.0.0.0", "::" };

	for (size_t i = 0; i < sizeof(to) / sizeof(*to); i++) {
		client = socket(
		    strchr(to[i], ':') ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
		printf("to %s\n", to[i]);
		SHOW(do_connect(client, to[i], port));
		show_name("client", client, 0, port);
		show_name("client's peer", client, 1, port);
		peer = accept(fd, NULL, NULL);
		show_name("accepted", peer, 0, port);
		show_name("accepted's peer", peer, 1, port);
		close(client);
		close(peer);
	}
	close(fd);
	fd = listening(AF_INET, "0.0.0.0", &port);
	client = socket(AF_INET6, SOCK_STREAM, 0);
	SHOW(do_connect(client, "::1", port));
	SHOW(do_connect(client, "::ffff:127.0.0.1", port));
	close(client);
	client = socket(AF_INET6, SOCK_STREAM, 0);
	set(client, IPPROTO_IPV6, IPV6_V6ONLY, 1);
	SHOW(do_connect(client, "::ffff:127.0.0.1", port));
	close(client);
	close(fd);
}

static void
backlog(void)
{
	int port, fd = listening(AF_INET, "127.0.0.1", &port), ends[3];
	char byte;

	SHOW(listen(fd, 1));
	for (int i = 0; i < 2; i++) {
		ends[i] = socket(AF_INET, SOCK_STREAM, 0);
		SHOW(do_connect(ends[i], "127.0.0.1", port));
	}
	show_poll("listener", fd);
	SHOW(recv(fd, &byte, 1, 0));
	SHOW(send(fd, &byte, 1, MSG_NOSIGNAL));
	SHOW(do_connect(fd, "127.0.0.1", port));
	SHOW(accept(ends[0], NULL, NULL));
	SHOW(listen(ends[0], 1));
	write(ends[0], "early", 5);
	int peer = accept(fd, NULL, NULL), count = 0;
	SHOW(ioctl(peer, FIONREAD, &count));
	SHOW(count);
	close(fd); // the second one is reset
	SHOW(recv(ends[1], &byte, 1, 0));
	SHOW(recv(ends[1], &byte, 1, 0));
	show_poll("reset", ends[1]);
	close(peer);
	close(ends[0]);
	close(ends[1]);
}

static void
ends_of(void)
{
	struct linger hard = { 1, 0 };
	int ends[2], count;
	char text[100];

	pair(ends);
	show_poll("idle", ends[0]);
	SHOW(write(ends[0], "0123456789", 10));
	SHOW(recv(ends[1], text, 4, MSG_PEEK));
	SHOW(recv(ends[1], text, 4, MSG_TRUNC));
	SHOW(recv(ends[1], text, 100, 0));
	SHOW(text[0]);
	SHOW(write(ends[0], text, 0));
	SHOW(recv(ends[1], text, 1, MSG_DONTWAIT));
	SHOW(shutdown(ends[0], SHUT_WR));
	show_poll("half", ends[0]);
	show_poll("other half", ends[1]);
	SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
	SHOW(read(ends[1], text, 10));
	SHOW(write(ends[1], "late", 4));
	SHOW(shutdown(ends[1], SHUT_RDWR));
	show_poll("over", ends[0]);
	show_poll("over", ends[1]);
	show_name("over", ends[0], 1, 0);
	SHOW(shutdown(ends[0], SHUT_RD));
	SHOW(read(ends[0], text, 10));
	SHOW(read(ends[0], text, 10));
	close(ends[0]);
	close(ends[1]);

	pair(ends);
	write(ends[1], "last", 4);
	close(ends[1]);
	show_poll("closed", ends[0]);
	SHOW(send(ends[0], "x", 1, 0));
	show_poll("after it wrote", ends[0]);
	SHOW(read(ends[0], text, 10));
	SHOW(read(ends[0], text, 10));
	SHOW(send(ends[0], "x", 1, 0));
	SHOW(send(ends[0], "x", 1, MSG_NOSIGNAL));
	get(ends[0], SOL_SOCKET, SO_ERROR);
	close(ends[0]);

	pair(ends);
	write(ends[0], "unread", 6);
	write(ends[1], "read later", 10);
	SHOW(ioctl(ends[1], FIONREAD, &count));
	SHOW(count);
	close(ends[1]);
	show_poll("unread", ends[0]);
	SHOW(read(ends[0], text, 100));
	SHOW(read(ends[0], text, 100));
	SHOW(read(ends[0], text, 100));
	show_name("unread", ends[0], 1, 0);
	close(ends[0]);

	pair(ends);
	setsockopt(ends[1], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(ends[1]);
	SHOW(send(ends[0], "x", 1, 0));
	SHOW(send(ends[0], "x", 1, 0));
	close(ends[0]);

	pair(ends);
	SHOW(shutdown(ends[0], SHUT_RD));
	show_poll("deaf", ends[0]);
	SHOW(read(ends[0], text, 10));
	SHOW(write(ends[1], "heard", 5));
	SHOW(read(ends[0], text, 10));
	close(ends[0]);
	close(ends[1]);
}

static void
urgent(void)
{
	int ends[2], mark = 0;
	char text[100] = "";

	pair(ends);
	SHOW(recv(ends[1], text, 1, MSG_OOB));
	SHOW(send(ends[0], "abc", 3, MSG_OOB));
	show_poll("urgent", ends[1]);
	SHOW(recv(ends[1], text, 10, MSG_OOB));
	SHOW(text[0]);
	SHOW(read(ends[1], text, 10));
	SHOW(ioctl(ends[1], SIOCATMARK, &mark));
	close(ends[0]);
	close(ends[1]);
}

static void
by_steps(void)
{
	int port, fd = listening(AF_INET, "127.0.0.1", &port), client;

	client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	show_poll("new", client);
	SHOW(do_connect(client, "127.0.0.1", port));
	show_poll("connected", client);
	get(client, SOL_SOCKET, SO_ERROR);
	SHOW(do_connect(client, "127.0.0.1", port));
	SHOW(do_connect(client, "127.0.0.1", port));
	close(client);
	close(fd);
	client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	SHOW(do_connect(client, "127.0.0.1", port));
	show_poll("refused", client);
	get(client, SOL_SOCKET, SO_ERROR);
	get(client, SOL_SOCKET, SO_ERROR);
	show_poll("refused", client);
	SHOW(do_connect(client, "127.0.0.1", port));
	show_poll("again", client);
	close(client);
	client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	SHOW(do_connect(client, "127.0.0.1", port));
	SHOW(do_bind(client, "127.0.0.1", 0)); // its port is free again
	SHOW(shutdown(client, SHUT_RD));
	SHOW(do_connect(client, "127.0.0.1", port));
	close(client);
	client = socket(AF_INET, SOCK_STREAM, 0);
	SHOW(do_connect(client, "127.0.0.1", port));
	show_name("refused", client, 1, port);
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	SHOW(connect(client, &none, sizeof(none)));
	SHOW(shutdown(client, SHUT_RDWR));
	SHOW(send(client, "x", 1, MSG_NOSIGNAL));
	SHOW(recv(client, &none, 1, 0));
	close(client);
}

static void
fill(void)
{
	static char text[65536];
	long sent = 0, got = 0, sum = 0;
	int ends[2];
	ssize_t part;

	pair(ends);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	memset(text, 7, sizeof(text));
	while ((part = write(ends[0], text, sizeof(text))) > 0)
		sent += part;
	SHOW(part);
	SHOW(sent > 100000);
	show_poll("full", ends[0]);
	while ((part = read(ends[1], text, 1000)) > 0) {
		got += part;
		sum += text[part - 1];
	}
	SHOW(got == sent);
	SHOW(sum >= 7 * (got / 1000));
	show_poll("empty", ends[0]);
	close(ends[0]);
	close(ends[1]);
}

// More than fits, by a writer that waits.
static void
transfer(void)
{
	enum { BYTES = 6000000 };
	static unsigned char text[BYTES];
	struct iovec parts[2] = { { text, 1000 },
		{ text + 1000, BYTES - 1000 } };
	int ends[2];
	long bad = 0;

	pair(ends);
	if (fork() == 0) {
		close(ends[1]);
		for (long i = 0; i < BYTES; i++)
			text[i] = (unsigned char)(i * 7 + i / 65536);
		_exit(writev(ends[0], parts, 2) != BYTES);
	}
	close(ends[0]);
	SHOW(recv(ends[1], text, BYTES, MSG_WAITALL));
	for (long i = 0; i < BYTES; i++)
		bad += text[i] != (unsigned char)(i * 7 + i / 65536);
	SHOW(bad);
	SHOW(read(ends[1], text, 1));
	int status;
	wait(&status);
	SHOW(status);
	close(ends[1]);
}

static void
datagrams(void)
{
	int a = socket(AF_INET, SOCK_DGRAM, 0),
	    b = socket(AF_INET, SOCK_DGRAM, 0),
	    c = socket(AF_INET6, SOCK_DGRAM, 0), port, lost, count;
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	static char text[70000];
	union name to, from;
	socklen_t size;

	SHOW(listen(a, 1));
	SHOW(send(a, "x", 1, 0));
	SHOW(shutdown(a, SHUT_WR));
	close(a);
	a = socket(AF_INET, SOCK_DGRAM, 0);
	show_poll("new", a);
	SHOW(do_bind(a, "0.0.0.0", 0));
	port = show_name("bound", a, 0, 0);
	to = name_of("127.0.0.1", port);
	SHOW(sendto(b, text, 65507, 0, &to.any, sizeof(to.in)));
	SHOW(sendto(b, text, 65508, 0, &to.any, sizeof(to.in)));
	SHOW(sendto(b, text, 1, MSG_OOB, &to.any, sizeof(to.in)));
	SHOW(sendto(b, text, 1, 0, &to.any, 8));
	show_name("sender", b, 0, port);
	SHOW(ioctl(a, FIONREAD, &count));
	SHOW(count);
	SHOW(recv(a, text, 100, MSG_TRUNC | MSG_PEEK));
	SHOW(recv(a, text, 100, 0));
	to = name_of("127.0.0.1", 0);
	SHOW(sendto(b, text, 1, 0, &to.any, sizeof(to.in)));
	to = name_of("255.255.255.255", port);
	SHOW(sendto(b, text, 1, 0, &to.any, sizeof(to.in)));
	to = name_of("127.0.0.1", port);
	to.in.sin_family = 77;
	SHOW(sendto(b, text, 1, 0, &to.any, sizeof(to.in)));

	to = name_of("::ffff:127.0.0.1", port);
	SHOW(sendto(c, "six", 3, 0, &to.any, sizeof(to.in6)));
	size = sizeof(from);
	SHOW(recvfrom(a, text, 100, 0, &from.any, &size));
	SHOW(size);
	SHOW(from.in.sin_addr.s_addr == htonl(INADDR_LOOPBACK));
	SHOW(sendto(a, "four", 4, 0, &from.any, size));
	size = sizeof(from);
	SHOW(recvfrom(c, text, 100, 0, &from.any, &size));
	SHOW(size);
	SHOW(IN6_IS_ADDR_V4MAPPED(&from.in6.sin6_addr));
	to = name_of("::1", port);
	SHOW(sendto(c, "lost", 4, 0, &to.any, sizeof(to.in6)));

	close(b);
	b = socket(AF_INET, SOCK_DGRAM, 0);
	SHOW(do_connect(b, "127.0.0.1", port));
	to = name_of("127.0.0.9", port ^ 1);
	SHOW(sendto(b, "elsewhere", 9, 0, &to.any, sizeof(to.in)));
	get(b, SOL_SOCKET, SO_ERROR);
	show_name("connected", b, 0, port);
	show_name("connected", b, 1, port);
	SHOW(do_connect(a, "127.0.0.1", show_name("back", b, 0, port)));
	show_name("connected", a, 0, port);
	to = name_of("127.0.0.1", port);
	SHOW(sendto(c, "stranger", 8, 0, &to.any, sizeof(to.in)));
	SHOW(recv(a, text, 100, MSG_DONTWAIT));
	SHOW(write(b, "friend", 6));
	SHOW(recv(a, text, 100, MSG_DONTWAIT));
	for (lost = 0; lost < 400; lost++)
		send(b, text, 100, 0);
	for (count = 0; recv(a, text, 100, MSG_DONTWAIT) == 100; count++)
		continue;
	SHOW(count > 50 && count < 400);
	SHOW(connect(a, &none, sizeof(none)));
	show_name("alone", a, 0, port);
	show_name("alone", a, 1, port);
	close(a);
	SHOW(send(b, "x", 1, 0));
	show_poll("nobody there", b);
	SHOW(send(b, "x", 1, 0));
	SHOW(send(b, "x", 1, 0));
	get(b, SOL_SOCKET, SO_ERROR);
	SHOW(shutdown(b, SHUT_WR));
	SHOW(send(b, "no signal", 9, 0));
	SHOW(write(b, "no signal", 9));
	SHOW(connect(b, &none, sizeof(none)));
	show_name("unbound", b, 0, 0);
	SHOW(send(b, "x", 1, 0));
	close(b);
	close(c);
}

static void
options(void)
{
	static const int rows[][2] = { { SOL_SOCKET, SO_RCVBUF },
		{ SOL_SOCKET, SO_SNDBUF }, { SOL_SOCKET, SO_PROTOCOL },
		{ SOL_SOCKET, SO_DOMAIN }, { SOL_SOCKET, SO_TYPE },
		{ SOL_SOCKET, SO_BROADCAST }, { SOL_SOCKET, SO_RCVLOWAT },
		{ IPPROTO_TCP, TCP_NODELAY }, { IPPROTO_TCP, TCP_KEEPIDLE },
		{ IPPROTO_TCP, TCP_MAXSEG }, { IPPROTO_IP, IP_TTL },
		{ IPPROTO_IP, IP_TOS }, { IPPROTO_IPV6, IPV6_V6ONLY },
		{ IPPROTO_IPV6, IPV6_UNICAST_HOPS }, { SOL_SOCKET, 999 } };
	static const int kinds[][2] = { { AF_INET, SOCK_STREAM },
		{ AF_INET, SOCK_DGRAM }, { AF_INET6, SOCK_STREAM },
		{ AF_INET6, SOCK_DGRAM } };
	unsigned char state = 0;
	socklen_t size = 1;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(*kinds); k++) {
		int fd = socket(kinds[k][0], kinds[k][1], 0);
		printf("family %d type %d\n", kinds[k][0], kinds[k][1]);
		set(fd, SOL_SOCKET, SO_RCVBUF, 5000);
		set(fd, SOL_SOCKET, SO_SNDBUF, 100);
		set(fd, SOL_SOCKET, SO_BROADCAST, 7);
		set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
		set(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0);
		set(fd, IPPROTO_IP, IP_TTL, 300);
		set(fd, IPPROTO_IP, IP_TTL, 9);
		set(fd, IPPROTO_IP, IP_TOS, 16);
		set(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 5);
		for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
			get(fd, rows[i][0], rows[i][1]);
		close(fd);
	}
	SHOW(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	SHOW(socket(AF_INET, SOCK_DGRAM, IPPROTO_TCP));
	int port, fd = listening(AF_INET, "127.0.0.1", &port);
	get(fd, SOL_SOCKET, SO_ACCEPTCONN);
	SHOW(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &state, &size));
	SHOW(state);
	close(fd);
}

static void
broken(int number)
{
	(void)number;
	puts("SIGPIPE");
}

int
main(void)
{
	signal(SIGPIPE, broken);
	names();
	sharing();
	both_families();
	backlog();
	ends_of();
	urgent();
	by_steps();
	fill();
	transfer();
	datagrams();
	options();
	return 0;
}
