/* SPDX-License-Identifier: BSD-2-Clause */
/* FIFOs: opening waits for the other end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void
say(const char *what, long result)
{
	printf("%s: %ld%s%s\n", what, result, result < 0 ? " " : "",
	    result < 0 ? strerror(errno) : "");
	fflush(stdout);
}

static int
events(int fd)
{
	struct pollfd row = { fd, POLLIN | POLLOUT, 0 };

	poll(&row, 1, 0);
	return row.revents;
}

static void
meet(int first, int second)
{
	char buf[16];
	ssize_t done;
	int fd, pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fd = open("fifo", second);
		if (second == O_WRONLY)
			write(fd, "hello", 5);
		else
			printf("child got %zd\n", read(fd, buf, 16));
		fflush(stdout);
		_exit(0);
	}
	if (first == O_WRONLY)
		usleep(30000);
	fd = open("fifo", first);
	done = first == O_WRONLY ? write(fd, "hello!", 6) : read(fd, buf, 16);
	waitpid(pid, NULL, 0);
	say(first == O_WRONLY ? "write" : "read", done);
	if (first == O_RDONLY) {
		printf("hung up %x\n", events(fd));
		say("end", read(fd, buf, 16));
	}
	close(fd);
}

static void
handler(int signal)
{
	(void)signal;
}

int
main(void)
{
	struct sigaction action;
	char buf[16];
	int both, fd;

	say("mkfifo", mkfifo("fifo", 0600));
	say("again", mkfifo("fifo", 0600));
	say("no reader", open("fifo", O_WRONLY | O_NONBLOCK));
	fd = open("fifo", O_RDONLY | O_NONBLOCK);
	say("no writer", read(fd, buf, 16));
	printf("%x flags %x\n", events(fd), fcntl(fd, F_GETFL));
	close(fd);
	both = open("fifo", O_RDWR);
	say("both", write(both, "abc", 3));
	say("back", read(both, buf, 16));
	fd = open("fifo", O_RDONLY);
	say("with a writer", write(both, "xy", 2));
	say("read", read(fd, buf, 16));
	close(fd);
	close(both);
	meet(O_RDONLY, O_WRONLY);
	meet(O_WRONLY, O_RDONLY);
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	say("interrupted", open("fifo", O_RDONLY));
	alarm(1);
	say("interrupted", open("fifo", O_WRONLY));
	say("create", fd = open("fifo", O_CREAT | O_RDONLY | O_NONBLOCK, 0600));
	say("exclusive", open("fifo", O_CREAT | O_EXCL | O_RDWR, 0600));
	unlink("fifo");
	return 0;
}
