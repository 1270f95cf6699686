// SPDX-License-Identifier: BSD-2-Clause
// IPv6 over the loopback, and IPv4 through it, where the machine has it.

#include "tests/guest-programs/prog/say.h"

#include <netinet/in.h>
#include <sys/socket.h>

int
main(void)
{
	struct sockaddr_in6 address = { .sin6_family = AF_INET6,
		.sin6_addr = IN6ADDR_LOOPBACK_INIT },
			    peer;
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET6, SOCK_STREAM, 0), off = 0;
	char text[10];

	SHOW(fd >= 0);
	if (fd < 0)
		return 0;
	SHOW(setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)));
	if (bind(fd, (struct sockaddr *)&address, size) != 0) {
		perror("bind");
		return 1;
	}
	SHOW(getsockname(fd, (struct sockaddr *)&address, &size));
	SHOW(size);
	listen(fd, 1);
	IN_CHILD("client", {
		int client = socket(AF_INET6, SOCK_STREAM, 0);
		SHOW(connect(client, (struct sockaddr *)&address, size));
		write(client, "six", 3);
	});
	int client = accept(fd, (struct sockaddr *)&peer, &size);
	SHOW(size);
	SHOW(IN6_IS_ADDR_LOOPBACK(&peer.sin6_addr));
	SHOW(read(client, text, sizeof(text)));
	return 0;
}
