// SPDX-License-Identifier: BSD-2-Clause
// Descriptors and credentials that are sent over sockets.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sys/socket.h>

union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(4 * sizeof(int))];
};

static ssize_t
send_fds(int socket, const int *fds, int count)
{
	union control control = { 0 };
	struct iovec data = { "x", 1 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE((size_t)count * sizeof(int)) };
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN((size_t)count * sizeof(int));
	memcpy(CMSG_DATA(header), fds, (size_t)count * sizeof(int));
	return sendmsg(socket, &message, 0);
}

static int
receive_fds(int socket, int *fds, size_t room, int flags)
{
	union control control = { 0 };
	char byte;
	struct iovec data = { &byte, 1 };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = room };

	SHOW(recvmsg(socket, &message, flags));
	SHOW((message.msg_flags & MSG_CTRUNC) != 0);
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	if (header == NULL)
		return 0;
	size_t length = header->cmsg_len - CMSG_LEN(0);
	memcpy(fds, CMSG_DATA(header), length);
	return (int)(length / sizeof(int));
}

int
main(void)
{
	int pair[2], fds[4], ends[2], status;
	char text[20] = "";

	SHOW(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	pid_t child = fork();
	if (child == 0) {
		int file = open("made", O_RDWR | O_CREAT, 0600);
		pipe(ends);
		write(file, "0123456789", 10);
		lseek(file, 4, SEEK_SET);
		int two[2] = { file, ends[0] };
		send_fds(pair[1], two, 2);
		write(ends[1], "through the pipe", 16);
		_exit(0);
	}
	waitpid(child, &status, 0);
	show_status("sender", status);
	SHOW(receive_fds(
	    pair[0], fds, CMSG_SPACE(2 * sizeof(int)), MSG_CMSG_CLOEXEC));
	SHOW(fcntl(fds[0], F_GETFD));
	SHOW(read(fds[0], text, 3));
	puts(text);
	SHOW(read(fds[1], text, 20));
	puts(text);
	SHOW(read(fds[1], text, 20));

	SHOW(send_fds(pair[0], fds, 2));
	SHOW(receive_fds(pair[1], fds + 2, CMSG_SPACE(0) + 4, 0));
	SHOW(fcntl(fds[2], F_GETFD));
	SHOW(send_fds(pair[0], fds, 1));
	SHOW(read(pair[1], text, 1));
	// What comes with bytes that are only read is closed.
	SHOW(pipe(ends));
	SHOW(send_fds(pair[0], &ends[1], 1));
	close(ends[1]);
	SHOW(read(pair[1], text, 1));
	SHOW(read(ends[0], text, 1));
	// A socket that travels through itself, and a bad descriptor.
	SHOW(send_fds(pair[0], &pair[1], 1));
	fds[0] = 99;
	SHOW(send_fds(pair[0], fds, 1));

	int on = 1;
	struct ucred who = { 0 };
	union control control = { 0 };
	struct iovec data = { text, sizeof(text) };
	struct msghdr message = { .msg_iov = &data,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = sizeof(control) };
	SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	SHOW(setsockopt(pair[0], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	SHOW(send(pair[1], "who", 3, 0));
	SHOW(recvmsg(pair[0], &message, 0));
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	SHOW(header != NULL && header->cmsg_type == SCM_CREDENTIALS);
	if (header != NULL)
		memcpy(&who, CMSG_DATA(header), sizeof(who));
	SHOW(who.pid == getpid());
	SHOW(who.uid == getuid());
	return 0;
}
