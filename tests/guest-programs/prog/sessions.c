// SPDX-License-Identifier: BSD-2-Clause
// Process groups and sessions; a pseudo terminal with job control.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>

static void
note(int number)
{
	(void)number;
	write(1, "caught\r\n", 8);
}

static void
ids(void)
{
	SHOW(getsid(0) == getsid(getpid()));
	SHOW(getpgrp() == getpgid(0));
	SHOW(getpgid(0x3fffffff));
	SHOW(getsid(0x3fffffff));
	SHOW(setpgid(0, -5));
	SHOW(setpgid(0x3fffffff, 0));
	IN_CHILD("session", {
		SHOW(setsid() == getpid());
		SHOW(getsid(0) == getpid() && getpgrp() == getpid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		SHOW(open("/dev/tty", O_RDWR));
	});
	IN_CHILD("leader", {
		SHOW(setpgid(0, 0));
		SHOW(getpgrp() == getpid());
		SHOW(setsid());
	});
}

// What the terminal shows until text has come.
static void
expect(int master, const char *text)
{
	char seen[1000] = "";
	size_t length = 0;

	while (strstr(seen, text) == NULL && length < sizeof(seen) - 1) {
		ssize_t got =
		    read(master, seen + length, sizeof(seen) - 1 - length);
		if (got <= 0)
			break;
		length += (size_t)got;
		seen[length] = 0;
	}
	printf("terminal: ");
	for (size_t i = 0; i < length; i++)
		if (seen[i] >= ' ')
			putchar(seen[i]);
		else
			printf("\\%o", seen[i]);
	putchar('\n');
	fflush(stdout);
}

static void
on_terminal(const char *name)
{
	struct winsize size;
	char line[100];

	setsid();
	int fd = open(name, O_RDWR);
	ioctl(fd, TIOCSCTTY, 0);
	dup2(fd, 0);
	dup2(fd, 1);
	signal(SIGINT, note);
	ioctl(0, TIOCGWINSZ, &size);
	printf("%d x %d, foreground %d, tty %d\n", size.ws_row, size.ws_col,
	    tcgetpgrp(0) == getpid(), isatty(0));
	fflush(stdout);
	ssize_t got;
	do
		got = read(0, line, sizeof(line));
	while (got < 0 && errno == EINTR);
	printf("line of %zd\n", got);
	struct termios mode;
	tcgetattr(0, &mode);
	mode.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
	tcsetattr(0, TCSANOW, &mode);
	printf("raw\n");
	fflush(stdout);
	got = read(0, line, 3);
	printf("read %zd\n", got);
	fflush(stdout);
	_exit(6);
}

int
main(void)
{
	struct winsize size = { .ws_row = 33, .ws_col = 99 };
	struct termios mode;
	int status;

	ids();
	SHOW(isatty(0));
	SHOW(tcgetattr(0, &mode));
	SHOW(ttyname(0) == NULL);
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	SHOW(master >= 0);
	SHOW(grantpt(master));
	SHOW(unlockpt(master));
	SHOW(ioctl(master, TIOCSWINSZ, &size));
	pid_t child = fork();
	if (child == 0)
		on_terminal(ptsname(master));
	expect(master, "tty 1\r\n");
	write(master, "\003", 1);
	expect(master, "caught");
	write(master, "wrong\025right\n", 12);
	expect(master, "line of 6\r\nraw\r\n");
	write(master, "abc", 3);
	expect(master, "read 3\r\n");
	waitpid(child, &status, 0);
	show_status("on the terminal", status);
	SHOW(ioctl(0, TIOCGWINSZ, &size));
	return 0;
}
