// SPDX-License-Identifier: BSD-2-Clause
// AF_UNIX datagrams, several messages in one call, gathered and scattered.

#include "tests/guest-programs/prog/say.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

static int
bound(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	strcpy(address.sun_path, path);
	SHOW(bind(fd, (struct sockaddr *)&address, sizeof(address)));
	return fd;
}

int
main(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX }, from;
	socklen_t size = sizeof(from);
	char text[50], more[50];
	int a = bound("a"), b = bound("b");

	strcpy(to.sun_path, "b");
	SHOW(sendto(a, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)));
	SHOW(recvfrom(b, text, 3, MSG_TRUNC, (struct sockaddr *)&from, &size));
	printf("%.3s from %s\n", text, from.sun_path);
	SHOW(recv(b, text, 3, MSG_DONTWAIT));
	SHOW(send(a, "x", 1, 0));
	SHOW(connect(a, (struct sockaddr *)&to, sizeof(to)));

	struct iovec out[3] = { { "ab", 2 }, { "", 0 }, { "cdef", 4 } };
	struct iovec in[2] = { { text, 3 }, { more, sizeof(more) } };
	struct msghdr message = { .msg_iov = out, .msg_iovlen = 3 };
	SHOW(sendmsg(a, &message, 0));
	message.msg_iov = in;
	message.msg_iovlen = 2;
	SHOW(recvmsg(b, &message, 0));
	printf("%.3s %.3s\n", text, more);
	SHOW(writev(a, out, 3));
	in[1].iov_len = 1;
	SHOW(recvmsg(b, &message, 0));
	SHOW(message.msg_flags == MSG_TRUNC);

	struct mmsghdr many[3] = {
		{ .msg_hdr = { .msg_iov = &out[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &out[2], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = out, .msg_iovlen = 3 } }
	};
	SHOW(sendmmsg(a, many, 3, 0));
	SHOW(many[2].msg_len);
	in[1].iov_len = sizeof(more);
	many[0].msg_hdr.msg_iov = in;
	many[0].msg_hdr.msg_iovlen = 2;
	many[1].msg_hdr = many[2].msg_hdr = many[0].msg_hdr;
	SHOW(recvmmsg(b, many, 3, MSG_DONTWAIT, NULL));
	SHOW(many[0].msg_len * 100 + many[1].msg_len * 10 + many[2].msg_len);
	close(b);
	SHOW(send(a, "x", 1, 0));
	IN_CHILD("nobody", {
		int pair[2];
		socketpair(AF_UNIX, SOCK_DGRAM, 0, pair);
		close(pair[0]);
		SHOW(send(pair[1], "x", 1, MSG_NOSIGNAL));
	});
	return 0;
}
