/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Controlling terminals of guest sessions.  The host knows nothing of them:
 * to it all guests are one process, which stays in the foreground.  Which
 * session has which terminal, and which group is in its foreground, is kept
 * here, and so are the rules for those who are not.
 */
#ifndef VMS_VKERNEL_TTY_H
#define VMS_VKERNEL_TTY_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct vk_kernel;
struct vk_open;
struct vk_process;
struct vk_thread;

struct vk_tty {
	struct vk_tty *next;
	dev_t rdev;     /* of the host */
	int fd;         /* a duplicate, for /dev/tty */
	int sid;        /* whose terminal it is */
	int foreground; /* group */
	bool host;      /* the terminal that this process was started on */
};

struct vk_ttys {
	struct vk_tty *first;
};

/* The first process has the terminal that the host gave it.  LX_ENOMEM. */
int ttys_start(struct vk_kernel *kernel);
void ttys_finish(struct vk_ttys *ttys);

/* Foreground group of the host's terminal; the first process's without one. */
int tty_foreground(const struct vk_kernel *kernel);
/* The leader of a session has ended. */
void tty_session_end(struct vk_process *leader);
/* The session's terminal; NULL: it has none. */
struct vk_tty *tty_of_session(const struct vk_kernel *kernel, int sid);

#endif
