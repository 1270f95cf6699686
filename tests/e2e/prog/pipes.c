/* SPDX-License-Identifier: BSD-2-Clause */
/* Pipes: capacity, atomic writes, packets, who is told of which end. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char big[300000];
static volatile sig_atomic_t caught;

static void
handler(int signal)
{
	caught = signal;
}

/* Of one page: what Linux gives to a user who has many elsewhere. */
static int
make_pipe(int fds[2], int flags)
{
	int result = pipe2(fds, flags);

	if (result == 0)
		fcntl(fds[0], F_SETPIPE_SZ, 4096);
	return result;
}

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

static void
capacity(void)
{
	static const size_t chunks[] = { 1, 3000, 4096, 4097, 65536 };
	int fds[2], i, n;
	size_t sum;

	for (i = 0; i < 5; i++) {
		make_pipe(fds, O_NONBLOCK);
		for (n = 0, sum = 0;; n++) {
			ssize_t put = write(fds[1], big, chunks[i]);

			if (put < 0)
				break;
			sum += (size_t)put;
		}
		printf(
		    "chunks of %zu: %d writes, %zu bytes\n", chunks[i], n, sum);
		ioctl(fds[0], FIONREAD, &n);
		printf("readable %d, events %x %x\n", n,
		    events(fds[1], POLLOUT), events(fds[0], POLLIN | POLLOUT));
		say("read 100", read(fds[0], big, 100));
		printf("room %x\n", events(fds[1], POLLOUT));
		say("read the page", read(fds[0], big, 4096));
		printf("room %x\n", events(fds[1], POLLOUT));
		close(fds[0]);
		close(fds[1]);
	}
}

static void
sizes(void)
{
	static const int wanted[] = { 1, 4096, 0, -1 };
	int fds[2], i;

	make_pipe(fds, 0);
	say("F_GETPIPE_SZ", fcntl(fds[0], F_GETPIPE_SZ));
	for (i = 0; i < 4; i++)
		say("F_SETPIPE_SZ", fcntl(fds[1], F_SETPIPE_SZ, wanted[i]));
	say("size of a file", fcntl(open(".", O_RDONLY), F_GETPIPE_SZ));
}

static void
ends(void)
{
	struct stat st;
	int fds[2];
	char c;

	make_pipe(fds, 0);
	fstat(fds[0], &st);
	printf("mode %o, links %d, size %d, block %d\n", st.st_mode,
	    (int)st.st_nlink, (int)st.st_size, (int)st.st_blksize);
	printf("flags %x %x\n", fcntl(fds[0], F_GETFL), fcntl(fds[1], F_GETFL));
	say("write to the read end", write(fds[0], "x", 1));
	say("read from the write end", read(fds[1], &c, 1));
	say("seek", lseek(fds[0], 0, SEEK_CUR));
	say("pread", pread(fds[0], &c, 1, 0));
	say("pwrite", pwrite(fds[1], &c, 1, 0));
	say("nothing", write(fds[1], "", 0));
	say("bad buffer", write(fds[1], (void *)8, 1));
	say("ioctl", ioctl(fds[0], TCGETS, &st));
	printf("idle %x %x\n", events(fds[0], POLLIN), events(fds[1], POLLOUT));
	close(fds[1]);
	printf("hung up %x\n", events(fds[0], POLLIN));
	say("end", read(fds[0], &c, 1));
	close(fds[0]);
	make_pipe(fds, 0);
	close(fds[0]);
	printf("broken %x\n", events(fds[1], POLLOUT));
	signal(SIGPIPE, handler);
	say("broken", write(fds[1], "x", 1));
	printf("signal %d\n", caught);
	signal(SIGPIPE, SIG_IGN);
	say("broken", write(fds[1], "x", 1));
	say("broken, nothing", write(fds[1], "x", 0));
	say("bad flags", pipe2(fds, O_APPEND));
	say("bad array", pipe((int *)8));
}

static void
packets(void)
{
	int fds[2], n;
	char buf[16];

	make_pipe(fds, O_DIRECT | O_NONBLOCK);
	say("packet", write(fds[1], "abcdef", 6));
	say("packet", write(fds[1], "gh", 2));
	ioctl(fds[0], FIONREAD, &n);
	printf("readable %d\n", n);
	say("part of the first", read(fds[0], buf, 3));
	say("the second", read(fds[0], buf, sizeof(buf)));
	printf("%.2s\n", buf);
	say("none", read(fds[0], buf, sizeof(buf)));
}

/* A child reads slowly what the parent writes at once. */
static void
blocking(void)
{
	size_t i, sum, got;
	int fds[2], status;
	ssize_t part;
	char buf[7000];

	make_pipe(fds, 0);
	fflush(stdout);
	if (fork() == 0) {
		close(fds[1]);
		for (sum = got = 0; (part = read(fds[0], buf, sizeof(buf))) > 0;
		     got += (size_t)part)
			for (i = 0; i < (size_t)part; i++)
				sum = sum * 31 + (unsigned char)buf[i];
		printf("child got %zu, sum %zx\n", got, sum);
		fflush(stdout);
		_exit(7);
	}
	close(fds[0]);
	for (i = 0; i < sizeof(big); i++)
		big[i] = (char)(i * 7 + i / 256);
	say("all of it", write(fds[1], big, sizeof(big)));
	close(fds[1]);
	wait(&status);
	printf("status %x\n", status);
}

/* A signal ends a write that has moved something with what it has moved. */
static void
interrupted(void)
{
	struct sigaction action;
	int fds[2];

	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGALRM, &action, NULL);
	make_pipe(fds, 0);
	alarm(1);
	say("partial", write(fds[1], big, 100000));
	alarm(1);
	say("nothing moved", write(fds[1], big, 100000));
	close(fds[0]);
	close(fds[1]);
	make_pipe(fds, 0);
	alarm(1);
	say("read", read(fds[0], big, 10));
	action.sa_flags = SA_RESTART;
	sigaction(SIGALRM, &action, NULL);
	fflush(stdout);
	if (fork() == 0) {
		sleep(2);
		write(fds[1], "late", 4);
		_exit(0);
	}
	caught = 0;
	alarm(1);
	say("read goes on", read(fds[0], big, 10));
	printf("signal %d\n", caught);
	wait(NULL);
}

/* Two writers, records of one size: none is torn. */
static void
atomic(void)
{
	static char record[4096];
	int fds[2], i, j, torn, n[2] = { 0, 0 };
	ssize_t got, part;

	make_pipe(fds, 0);
	fflush(stdout);
	for (i = 0; i < 2; i++)
		if (fork() == 0) {
			memset(record, 'a' + i, sizeof(record));
			for (j = 0; j < 200; j++)
				write(fds[1], record, 3001);
			_exit(0);
		}
	close(fds[1]);
	for (torn = 0;;) {
		for (got = 0; got < 3001; got += part) {
			part = read(fds[0], record + got, 3001 - (size_t)got);
			if (part <= 0)
				break;
		}
		if (got < 3001)
			break;
		for (i = 1; i < 3001; i++)
			torn += record[i] != record[0];
		n[record[0] - 'a']++;
	}
	printf("records %d %d, torn %d\n", n[0], n[1], torn);
	while (wait(NULL) > 0)
		continue;
}

/* By number: musl's headers do not have it. */
static long
preadv2_nowait(int fd, const struct iovec *rows, int count)
{
	return syscall(SYS_preadv2, fd, rows, count, -1L, -1L, 8);
}

static void
vectors(void)
{
	struct iovec rows[3] = { { big, 10 }, { big + 10, 0 },
		{ big + 20, 20 } };
	int fds[2];

	make_pipe(fds, O_NONBLOCK);
	say("writev", writev(fds[1], rows, 3));
	rows[0].iov_len = 25;
	say("readv", readv(fds[0], rows, 2));
	say("preadv2", preadv2_nowait(fds[0], rows, 1));
	say("preadv2", preadv2_nowait(fds[0], rows, 1));
	say("preadv", preadv(fds[0], rows, 1, 0));
	say("many", readv(fds[0], rows, 1025));
}

int
main(void)
{
	capacity();
	sizes();
	ends();
	packets();
	blocking();
	interrupted();
	atomic();
	vectors();
	return 0;
}
