/* SPDX-License-Identifier: BSD-2-Clause */
/* The macOS host's part of pseudo-terminals. */
#include "base/os_tty.h"

#ifdef __APPLE__

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/os_guest.h"

dev_t
os_pty_slave(int fd)
{
	const char *name;
	struct stat st;

	name = ptsname(fd);
	return name == NULL || stat(name, &st) != 0 ? 0 : st.st_rdev;
}

int
os_pty_number(int fd, unsigned *number)
{
	(void)fd;
	(void)number;
	return ENOTTY;
}

/* What has been unlocked stays so. */
int
os_pty_lock(int fd, bool on)
{
	if (on)
		return ptsname(fd) == NULL ? ENOTTY : 0;
	return grantpt(fd) == 0 && unlockpt(fd) == 0 ? 0 : errno;
}

int
os_pty_packet(int fd, bool on)
{
	int value;

	value = on;
	return ioctl(fd, TIOCPKT, &value) == 0 ? 0 : errno;
}

int
os_pty_peer(int fd, int linux_flags, int *peer)
{
	const char *name;

	name = ptsname(fd);
	if (name == NULL)
		return ENOTTY;
	*peer = open(name, os_open_flags(linux_flags) | O_NOCTTY | O_CLOEXEC);
	return *peer >= 0 ? 0 : errno;
}

bool
os_is_own_tty(dev_t rdev)
{
	struct stat st;

	return stat("/dev/tty", &st) == 0 && st.st_rdev == rdev;
}

#else

/* An empty file is not C. */
typedef int os_tty_macos_unused;

#endif
