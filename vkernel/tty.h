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
#include <sys/uio.h>

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

/* What vk_open keeps of a terminal: its device, and a master's other side. */
void tty_look(struct vk_open *open);
/* open gets a descriptor: it may become the terminal of the caller's session,
 * and /dev/tty becomes what it stands for.  LX_ENXIO. */
int tty_opened(struct vk_thread *thread, struct vk_open *open, int flags);
/* The last holder of a terminal is gone: a master's other side is hung up. */
void tty_closed(struct vk_open *open);
/* Bytes have been typed into a master. */
void tty_typed(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t bytes);

/*
 * What those in the background may do, after tty_check_change() and its kin:
 * 0: it is not their terminal, or they are not in the background;
 * LX_ERESTART: they have got SIGTTIN or SIGTTOU; LX_EIO.
 */
int tty_check_read(struct vk_thread *thread, const struct vk_open *open);
int tty_check_write(struct vk_thread *thread, const struct vk_open *open);
int tty_check_change(struct vk_thread *thread, const struct vk_open *open);

/* The caller's own terminal, if that is what open is, or what open is the
 * master of; NULL. */
struct vk_tty *tty_of_open(
    const struct vk_thread *thread, const struct vk_open *open);
/* LX_EINVAL, LX_ESRCH, LX_EPERM. */
int tty_set_foreground(
    struct vk_thread *thread, const struct vk_open *open, int group);
/* TIOCSCTTY and TIOCNOTTY: LX_EPERM, LX_ENOTTY, LX_ENOMEM. */
int tty_take(struct vk_thread *thread, const struct vk_open *open, int steal);
int tty_leave(struct vk_thread *thread, const struct vk_open *open);
/* The window of a pseudo-terminal has another size. */
void tty_resized(struct vk_thread *thread, const struct vk_open *open);

#endif
