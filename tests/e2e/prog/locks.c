/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks of files between processes: fcntl's two kinds, and flock. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
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
lock(int fd, int command, int type, off_t start, off_t len)
{
	struct flock row = { .l_type = (short)type,
		.l_whence = SEEK_SET,
		.l_start = start,
		.l_len = len };

	return fcntl(fd, command, &row);
}

static void
test(int fd, int command, int type, off_t start, off_t len)
{
	struct flock row = { .l_type = (short)type,
		.l_whence = SEEK_SET,
		.l_start = start,
		.l_len = len };
	int result = fcntl(fd, command, &row);

	printf("test %d: type %d, %d+%d, pid %s\n", result, row.l_type,
	    (int)row.l_start, (int)row.l_len,
	    row.l_pid == getppid() ? "parent"
	    : row.l_pid == -1      ? "description"
	    : row.l_pid == 0       ? "none"
				   : "other");
	fflush(stdout);
}

static void
child(void (*body)(int), int fd)
{
	int status;

	fflush(stdout);
	if (fork() == 0) {
		body(fd);
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
	if (status != 0)
		printf("status %x\n", status);
}

static void
looks(int fd)
{
	test(fd, F_GETLK, F_WRLCK, 0, 0);
	test(fd, F_GETLK, F_RDLCK, 0, 0);
	test(fd, F_GETLK, F_WRLCK, 45, 5);
	say("child takes", lock(fd, F_SETLK, F_WRLCK, 5, 10));
	say("child reads", lock(fd, F_SETLK, F_RDLCK, 5, 10));
	say("child beside", lock(fd, F_SETLK, F_WRLCK, 100, 10));
}

static void
closes(int fd)
{
	int other = open("locked", O_RDWR);

	say("child", lock(fd, F_SETLK, F_WRLCK, 0, 10));
	close(other);
	close(fd);
}

static void
posix(void)
{
	int fd = open("locked", O_CREAT | O_RDWR, 0600), other, pid, status;

	say("read", lock(fd, F_SETLK, F_RDLCK, 0, 50));
	say("write inside", lock(fd, F_SETLK, F_WRLCK, 20, 10));
	child(looks, fd);
	test(fd, F_GETLK, F_WRLCK, 0, 0);
	say("unlock inside", lock(fd, F_SETLK, F_UNLCK, 22, 4));
	child(looks, fd);
	other = open("locked", O_RDWR);
	say("same owner", lock(other, F_SETLK, F_WRLCK, 0, 50));
	close(other);
	child(looks, fd);
	child(closes, fd);
	say("bad type", lock(fd, F_SETLK, 9, 0, 0));
	say("negative", lock(fd, F_SETLK, F_RDLCK, -5, 0));
	say("backwards", lock(fd, F_SETLK, F_WRLCK, 10, -5));
	child(looks, fd);
	say("null", fcntl(fd, F_SETLK, NULL));
	other = open("locked", O_RDONLY);
	say("read only", lock(other, F_SETLK, F_WRLCK, 0, 0));
	close(other);
	lock(fd, F_SETLK, F_WRLCK, 0, 10);
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 10) == 0 ? 0 : 1);
	usleep(50000);
	say("release", lock(fd, F_SETLK, F_UNLCK, 0, 0));
	waitpid(pid, &status, 0);
	say("waited", status);
	say("of who exited", lock(fd, F_SETLK, F_WRLCK, 0, 10));
	close(fd);
}

static void
deadlock(void)
{
	int fd = open("locked", O_RDWR), pid, status;

	lock(fd, F_SETLK, F_WRLCK, 0, 1);
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		lock(fd, F_SETLK, F_WRLCK, 1, 1);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) == 0 ? 0 : errno);
	}
	usleep(100000);
	say("deadlock", lock(fd, F_SETLKW, F_WRLCK, 1, 1));
	lock(fd, F_SETLK, F_UNLCK, 0, 1);
	waitpid(pid, &status, 0);
	printf("child %x\n", status);
	close(fd);
}

static void
ofd(void)
{
	int a = open("locked", O_RDWR), b = open("locked", O_RDWR), c = dup(a);

	say("ofd", lock(a, F_OFD_SETLK, F_WRLCK, 0, 10));
	say("other", lock(b, F_OFD_SETLK, F_RDLCK, 5, 10));
	say("posix", lock(b, F_SETLK, F_RDLCK, 5, 10));
	test(b, F_OFD_GETLK, F_WRLCK, 0, 0);
	close(a);
	say("dup has it", lock(b, F_OFD_SETLK, F_RDLCK, 5, 10));
	close(c);
	say("gone", lock(b, F_OFD_SETLK, F_RDLCK, 5, 10));
	close(b);
}

static void
handler(int signal)
{
	(void)signal;
}

static void
whole(void)
{
	struct sigaction action;
	int a = open("locked", O_RDWR), b = open("locked", O_RDWR), pid;

	say("ex", flock(a, LOCK_EX));
	say("sh", flock(b, LOCK_SH | LOCK_NB));
	say("again", flock(a, LOCK_SH));
	say("sh", flock(b, LOCK_SH | LOCK_NB));
	say("upgrade", flock(b, LOCK_EX | LOCK_NB));
	say("and a", flock(a, LOCK_EX | LOCK_NB));
	say("op", flock(a, 77));
	say("fd", flock(77, LOCK_EX));
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		close(a);
		say("child waits", flock(b, LOCK_EX));
		_exit(0);
	}
	usleep(50000);
	flock(a, LOCK_UN);
	waitpid(pid, NULL, 0);
	say("b has it", flock(a, LOCK_EX | LOCK_NB));
	memset(&action, 0, sizeof(action));
	action.sa_handler = handler;
	sigaction(SIGALRM, &action, NULL);
	alarm(1);
	say("interrupted", flock(a, LOCK_EX));
	close(b);
	say("closed", flock(a, LOCK_EX | LOCK_NB));
	close(a);
}

int
main(void)
{
	posix();
	deadlock();
	ofd();
	whole();
	unlink("locked");
	return 0;
}
