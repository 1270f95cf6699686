/* SPDX-License-Identifier: BSD-2-Clause */
/* Pseudo-terminals, as far as hosts differ: os_tty_linux.c, os_tty_macos.c.
 * Functions return 0 or a positive errno value. */
#ifndef VMS_BASE_OS_TTY_H
#define VMS_BASE_OS_TTY_H

#include <stdbool.h>
#include <sys/types.h>

/* The device number of the other side of the master fd; 0: fd is no master. */
dev_t os_pty_slave(int fd);
/* N of /dev/pts/N.  ENOTTY: fd is no master, or there are no such names. */
int os_pty_number(int fd, unsigned *number);
/* Whether the other side can be opened, and packet mode. */
int os_pty_lock(int fd, bool on);
int os_pty_packet(int fd, bool on);
/* Opens the other side with Linux flags, closed at exec. */
int os_pty_peer(int fd, int linux_flags, int *peer);

/* True for the device that stands for the opener's own terminal. */
bool os_is_own_tty(dev_t rdev);

#endif
