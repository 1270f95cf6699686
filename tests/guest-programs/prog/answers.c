// SPDX-License-Identifier: BSD-2-Clause
// What calls answer when the file or the argument is of the wrong kind.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/utsname.h>

static void
machine(const char *when)
{
	struct utsname name;

	uname(&name);
	printf("%s: %s, %d\n", when, name.machine,
	    strncmp(name.release, "2.6.", 4) == 0);
}

static void
personalities(void)
{
	machine("at first");
	SHOW(personality(0xffffffff) & PER_MASK);
	SHOW(personality(PER_LINUX32 | UNAME26) & PER_MASK);
	machine("then");
	fflush(stdout);
	IN_CHILD("child", machine("in a child"); fflush(stdout));
	SHOW(personality(PER_LINUX | ADDR_COMPAT_LAYOUT));
	SHOW(personality(PER_LINUX));
	machine("at last");
}

static void
show_score(const char *when)
{
	char text[20] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY);

	read(fd, text, sizeof(text) - 1);
	printf("%s: %s", when, text);
	fflush(stdout);
	close(fd);
}

static void
scores(void)
{
	int fd = open("/proc/self/oom_score_adj", O_WRONLY);

	SHOW(write(fd, "700", 3));
	show_score("then");
	SHOW(write(fd, "1001", 4));
	SHOW(write(fd, "much", 4));
	IN_CHILD("child", show_score("in a child"));
	SHOW(write(fd, "750\n", 4));
	show_score("at last");
}

int
main(void)
{
	struct msghdr head = { 0 };
	struct sockaddr_in from;
	int ends[2], pair[2];

	pipe(ends);
	SHOW(fsync(ends[1]));
	SHOW(fdatasync(ends[0]));
	SHOW(socketpair(AF_INET, SOCK_STREAM, 0, pair));
	SHOW(socketpair(AF_INET, SOCK_DGRAM, IPPROTO_TCP, pair));
	SHOW(socketpair(AF_INET, SOCK_STREAM, IPPROTO_ICMP, pair));
	SHOW(socketpair(AF_INET, 75, 0, pair));
	SHOW(socketpair(0, SOCK_STREAM, 0, pair));
	SHOW(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
	SHOW(fsync(pair[0]));
	head.msg_name = &from;
	head.msg_namelen = (socklen_t)-1;
	SHOW(recvmsg(pair[0], &head, MSG_DONTWAIT));
	personalities();
	scores();
	return 0;
}
