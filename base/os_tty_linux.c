/* SPDX-License-Identifier: BSD-2-Clause */
/* The Linux host's part of pseudo-terminals. */
#include "base/os_tty.h"

#ifdef __linux__

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "base/os_guest.h"

#define PTS_MAJOR 136

dev_t
os_pty_slave(int fd)
{
	unsigned number;

	if (os_pty_number(fd, &number) != 0)
		return 0;
	return makedev(PTS_MAJOR, number);
}

int
os_pty_number(int fd, unsigned *number)
{
	return ioctl(fd, TIOCGPTN, number) == 0 ? 0 : errno;
}

int
os_pty_lock(int fd, bool on)
{
	int value;

	value = on;
	return ioctl(fd, TIOCSPTLCK, &value) == 0 ? 0 : errno;
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
	*peer = ioctl(
	    fd, TIOCGPTPEER, os_open_flags(linux_flags) | O_NOCTTY | O_CLOEXEC);
	return *peer >= 0 ? 0 : errno;
}

bool
os_is_own_tty(dev_t rdev)
{
	return rdev == makedev(5, 0);
}

#else

/* An empty file is not C. */
typedef int os_tty_linux_unused;

#endif
