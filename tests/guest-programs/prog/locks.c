// SPDX-License-Identifier: BSD-2-Clause
// Locks of files: fcntl's, those of descriptions, flock, lockf.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>

static int
lock(int fd, int command, int type, long start, long length)
{
	struct flock lock = { .l_type = (short)type,
		.l_whence = SEEK_SET,
		.l_start = start,
		.l_len = length };

	return fcntl(fd, command, &lock);
}

static void
tell(int fd, long start, long length)
{
	struct flock lock = { .l_type = F_WRLCK,
		.l_whence = SEEK_SET,
		.l_start = start,
		.l_len = length };

	SHOW(fcntl(fd, F_GETLK, &lock));
	printf("type %d, %ld + %ld, by parent %d\n", lock.l_type,
	    (long)lock.l_start, (long)lock.l_len, lock.l_pid == getppid());
	fflush(stdout);
}

static void
posix_locks(void)
{
	int fd = open("file", O_RDWR | O_CREAT, 0600), ends[2];
	char byte;

	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 100));
	SHOW(lock(fd, F_SETLK, F_RDLCK, 20, 30));
	SHOW(lock(fd, F_SETLK, F_UNLCK, 60, 10));
	IN_CHILD("other", {
		tell(fd, 0, 0);
		tell(fd, 25, 5);
		tell(fd, 62, 3);
		SHOW(lock(fd, F_SETLK, F_RDLCK, 25, 5));
		SHOW(lock(fd, F_SETLK, F_WRLCK, 25, 5));
		SHOW(lock(fd, F_SETLK, F_WRLCK, 60, 10));
	});
	pipe(ends);
	pid_t child = fork();
	if (child == 0) {
		write(ends[1], "x", 1);
		int answer = lock(fd, F_SETLKW, F_WRLCK, 0, 10);
		write(ends[1], "y", 1);
		_exit(answer + 2);
	}
	read(ends[0], &byte, 1);
	usleep(20000);
	fcntl(ends[0], F_SETFL, O_NONBLOCK);
	SHOW(read(ends[0], &byte, 1));
	// Any close of the file drops the locks of the process.
	close(open("file", O_RDONLY));
	int status;
	waitpid(child, &status, 0);
	show_status("waited", status);
	SHOW(lock(fd, F_SETLK, 7, 0, 1));
	SHOW(lock(99, F_SETLK, F_RDLCK, 0, 1));
	SHOW(lock(fd, F_SETLK, F_RDLCK, -5, 1));
	int reader = open("file", O_RDONLY);
	SHOW(lock(reader, F_SETLK, F_WRLCK, 0, 1));
}

static void
deadlock(void)
{
	int fd = open("file", O_RDWR), ends[2];
	char byte;

	pipe(ends);
	SHOW(lock(fd, F_SETLK, F_WRLCK, 0, 1));
	pid_t child = fork();
	if (child == 0) {
		lock(fd, F_SETLK, F_WRLCK, 1, 1);
		write(ends[1], "x", 1);
		_exit(lock(fd, F_SETLKW, F_WRLCK, 0, 1) == 0 ? 1 : 2);
	}
	read(ends[0], &byte, 1);
	usleep(20000);
	SHOW(lock(fd, F_SETLKW, F_WRLCK, 1, 1));
	SHOW(lock(fd, F_SETLK, F_UNLCK, 0, 0));
	int status;
	waitpid(child, &status, 0);
	show_status("child", status);
}

static void
descriptions(void)
{
	int one = open("file", O_RDWR), two = open("file", O_RDWR);

	SHOW(lock(one, F_OFD_SETLK, F_WRLCK, 0, 5));
	SHOW(lock(two, F_OFD_SETLK, F_WRLCK, 0, 5));
	SHOW(lock(dup(one), F_OFD_SETLK, F_WRLCK, 0, 5));
	SHOW(lock(two, F_SETLK, F_WRLCK, 0, 5));
	close(one);
	SHOW(flock(two, LOCK_EX));
	one = open("file", O_RDONLY);
	SHOW(flock(one, LOCK_SH | LOCK_NB));
	SHOW(flock(two, LOCK_SH));
	SHOW(flock(one, LOCK_SH | LOCK_NB));
	SHOW(flock(one, LOCK_EX | LOCK_NB));
	IN_CHILD("inherits", SHOW(flock(two, LOCK_UN)));
	SHOW(flock(one, LOCK_EX | LOCK_NB));
	SHOW(flock(one, 77));
	SHOW(lockf(two, F_TLOCK, 10));
	IN_CHILD("lockf", {
		SHOW(lockf(two, F_TEST, 10));
		SHOW(lockf(two, F_TLOCK, 10));
	});
}

int
main(void)
{
	posix_locks();
	deadlock();
	descriptions();
	return 0;
}
