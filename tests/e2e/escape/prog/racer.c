/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * racer host DIR: renames below DIR until it is killed: root/a is now a
 * directory, now a link to DIR/secret; root/walk/x moves out of the root and
 * back.
 * racer guest SECONDS: opens by these names; fails when it gets what is
 * outside.  Prints what it got, on stderr.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EXCHANGE 2

static void
host(const char *dir)
{
	if (chdir(dir) != 0)
		exit(1);
	for (;;) {
		syscall(SYS_renameat2, AT_FDCWD, "root/a", AT_FDCWD, "root/b",
		    EXCHANGE);
		syscall(SYS_renameat2, AT_FDCWD, "root/f", AT_FDCWD, "root/g",
		    EXCHANGE);
		rename("root/walk/x", "taken");
		rename("taken", "root/walk/x");
	}
}

enum got { INSIDE, OUTSIDE, NOTHING, KINDS };

static enum got
content(int fd)
{
	char text[32];
	ssize_t len;

	if (fd < 0)
		return NOTHING;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0)
		return NOTHING;
	text[len] = '\0';
	return strstr(text, "outside") != NULL ? OUTSIDE : INSIDE;
}

static enum got
by_path(const char *path)
{
	return content(open(path, O_RDONLY | O_NONBLOCK));
}

static enum got
by_mode(const char *path, int follow)
{
	struct stat st;

	if (fstatat(AT_FDCWD, path, &st, follow ? 0 : AT_SYMLINK_NOFOLLOW) != 0)
		return NOTHING;
	return (st.st_mode & 0777) == 0640 ? OUTSIDE : INSIDE;
}

static enum got
from_directory(void)
{
	enum got got;
	int fd;

	fd = open("walk/x/y", O_PATH | O_DIRECTORY);
	if (fd < 0)
		return NOTHING;
	got = content(openat(fd, "../../secret/secret.txt", O_RDONLY));
	if (got == NOTHING)
		got =
		    content(openat(fd, "../../../secret/secret.txt", O_RDONLY));
	close(fd);
	return got;
}

static enum got
from_cwd(void)
{
	enum got got;

	if (chdir("/walk/x/y") != 0)
		return NOTHING;
	got = by_path("../../secret/secret.txt");
	if (got == NOTHING)
		got = by_path("../../../secret/secret.txt");
	return chdir("/") != 0 ? NOTHING : got;
}

static enum got
attempt(unsigned turn)
{
	switch (turn % 9) {
	case 0:
		return by_path("a/secret.txt");
	case 1:
		return by_path("f");
	case 2:
		return by_path("a/../../secret/secret.txt");
	case 3:
		return from_directory();
	case 4:
		return from_cwd();
	case 5:
		return by_mode("a/secret.txt", 1);
	case 6:
		return by_mode("f", 1);
	case 7:
		return by_path("walk/x/y/../../../../secret/secret.txt");
	default:
		/* What is made must not be made outside. */
		mkdir("a/made", 0700);
		rmdir("a/made");
		chmod("f", 0600);
		return by_mode("a/./secret.txt/", 0);
	}
}

static int
guest(long seconds)
{
	unsigned long counts[KINDS] = { 0 };
	time_t end;
	unsigned turn;

	end = time(NULL) + seconds;
	for (turn = 0; turn % 64 != 0 || time(NULL) < end; turn++)
		counts[attempt(turn)]++;
	fprintf(stderr, "inside %lu outside %lu nothing %lu\n", counts[INSIDE],
	    counts[OUTSIDE], counts[NOTHING]);
	return counts[OUTSIDE] != 0 || counts[INSIDE] == 0;
}

int
main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "host") == 0)
		host(argv[2]);
	return guest(atol(argv[2]));
}
