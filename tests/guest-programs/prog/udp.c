// SPDX-License-Identifier: BSD-2-Clause
// UDP over the loopback, connected and not, and names of addresses.

#include "tests/guest-programs/prog/say.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

static void
numeric(const char *host, const char *service, int flags)
{
	struct addrinfo hints = { .ai_flags = flags,
		.ai_socktype = SOCK_STREAM };
	struct addrinfo *list;
	char name[100], port[20];

	int error = getaddrinfo(host, service, &hints, &list);
	printf("%s %s: %s\n", host ? host : "(null)", service,
	    error ? gai_strerror(error) : "ok");
	if (error != 0)
		return;
	SHOW(getnameinfo(list->ai_addr, list->ai_addrlen, name, sizeof(name),
	    port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV));
	printf("%s %s family %d\n", name, port, list->ai_family);
	freeaddrinfo(list);
}

static void
datagrams(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
			   from;
	socklen_t size = sizeof(address);
	static char text[70000];
	int a = socket(AF_INET, SOCK_DGRAM, 0),
	    b = socket(AF_INET, SOCK_DGRAM, 0);

	SHOW(bind(a, (struct sockaddr *)&address, size));
	SHOW(getsockname(a, (struct sockaddr *)&address, &size));
	SHOW(bind(b, (struct sockaddr *)&address, size));
	SHOW(sendto(b, "datagram", 8, 0, (struct sockaddr *)&address, size));
	SHOW(recvfrom(
	    a, text, sizeof(text), 0, (struct sockaddr *)&from, &size));
	SHOW(sendto(a, text, 8, 0, (struct sockaddr *)&from, size));
	SHOW(recv(b, text, 4, MSG_TRUNC));
	SHOW(connect(b, (struct sockaddr *)&address, size));
	SHOW(send(b, text, 3000, 0));
	SHOW(send(b, text, 0, 0));
	SHOW(recv(a, text, sizeof(text), 0));
	SHOW(recv(a, text, sizeof(text), 0));
	SHOW(recv(a, text, sizeof(text), MSG_DONTWAIT));
	SHOW(recv(a, text, sizeof(text), MSG_ERRQUEUE));
	SHOW(accept(a, NULL, NULL));
	SHOW(send(b, text, 70000, 0));
	close(a);
	send(b, "x", 1, 0);
	struct pollfd poller = { b, POLLIN, 0 };
	SHOW(poll(&poller, 1, 2000));
	SHOW(recv(b, text, sizeof(text), 0));
	from.sin_family = AF_UNSPEC;
	SHOW(connect(b, (struct sockaddr *)&from, sizeof(from)));
	SHOW(send(b, "x", 1, 0));
}

int
main(void)
{
	struct in_addr inet;
	struct in6_addr inet6;
	char text[100];

	datagrams();
	SHOW(inet_pton(AF_INET, "10.1.2.3", &inet));
	SHOW(inet_pton(AF_INET6, "::ffff:1.2.3.4", &inet6));
	puts(inet_ntop(AF_INET6, &inet6, text, sizeof(text)));
#ifdef __GLIBC__
	if (0)
#endif
		SHOW(inet_pton(AF_INET, "1.2.3", &inet));
	numeric("127.0.0.1", "80", AI_NUMERICHOST);
	numeric("::1", "8080", AI_NUMERICHOST | AI_NUMERICSERV);
	numeric("not.numeric.invalid", "80", AI_NUMERICHOST);
	numeric(NULL, "1234", AI_PASSIVE);
	return 0;
}
