/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptor tables: ranges that are closed, and their limit. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static void
say(const char *what, long result)
{
	printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
	    result < 0 ? strerror(errno) : "");
}

static void
show(void)
{
	int fd;

	for (fd = 3; fd < 10; fd++)
		printf("%d ", fcntl(fd, F_GETFD));
	printf("\n");
}

static long
range(unsigned first, unsigned last, unsigned flags)
{
	return syscall(SYS_close_range, first, last, flags);
}

int
main(void)
{
	struct rlimit limit = { 20, 20 };
	int count, fd, fds[2];

	for (fd = 3; fd < 10; fd++)
		dup2(1, fd);
	say("close", range(4, 6, 0));
	say("cloexec", range(7, 8, 4));
	show();
	say("backwards", range(9, 3, 0));
	say("flags", range(3, 9, 9));
	say("own table", range(3, ~0u, 2));
	show();
	say("limit", setrlimit(RLIMIT_NOFILE, &limit));
	for (count = 0; dup(1) >= 0; count++)
		continue;
	printf("%d, then %s\n", count, strerror(errno));
	say("dup2", dup2(1, 20));
	say("F_DUPFD", fcntl(1, F_DUPFD, 20));
	say("pipe", pipe(fds));
	say("open", open(".", O_RDONLY));
	say("F_SETSIG", fcntl(1, F_SETSIG, 99));
	say("dup3", dup3(1, 1, 0));
	say("dup2 same", dup2(1, 1));
	return 0;
}
