/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/tty.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "base/os_tty.h"
#include "vkernel/jobctl.h"
#include "vkernel/kernel.h"

struct vk_tty *
tty_of_session(const struct vk_kernel *kernel, int sid)
{
	struct vk_tty *tty;

	for (tty = kernel->ttys.first; tty != NULL; tty = tty->next)
		if (tty->sid == sid)
			return tty;
	return NULL;
}

static void
tty_destroy(struct vk_kernel *kernel, struct vk_tty *tty)
{
	struct vk_tty **link;

	for (link = &kernel->ttys.first; *link != tty; link = &(*link)->next)
		continue;
	*link = tty->next;
	close(tty->fd);
	free(tty);
}

static struct vk_tty *
tty_create(struct vk_kernel *kernel, int fd, int sid, int foreground)
{
	struct vk_tty *tty;
	struct stat st;

	tty = calloc(1, sizeof(*tty));
	if (tty == NULL)
		return NULL;
	tty->fd = os_dup(fd);
	if (tty->fd < 0 || fstat(fd, &st) != 0) {
		free(tty);
		return NULL;
	}
	tty->rdev = st.st_rdev;
	tty->sid = sid;
	tty->foreground = foreground;
	tty->next = kernel->ttys.first;
	kernel->ttys.first = tty;
	return tty;
}

int
ttys_start(struct vk_kernel *kernel)
{
	const struct vk_process *process;
	struct vk_tty *tty;
	int fd;

	process = kernel->process;
	for (fd = 0; fd < 3; fd++)
		if (isatty(fd) && tcgetpgrp(fd) >= 0)
			break;
	if (fd == 3)
		return 0;
	tty = tty_create(kernel, fd, process->sid, process->pgid);
	if (tty == NULL)
		return LX_ENOMEM;
	tty->host = true;
	return 0;
}

void
ttys_finish(struct vk_ttys *ttys)
{
	struct vk_tty *tty;

	while ((tty = ttys->first) != NULL) {
		ttys->first = tty->next;
		close(tty->fd);
		free(tty);
	}
}

int
tty_foreground(const struct vk_kernel *kernel)
{
	const struct vk_tty *tty;

	for (tty = kernel->ttys.first; tty != NULL; tty = tty->next)
		if (tty->host)
			return tty->foreground;
	return kernel->process == NULL ? 0 : kernel->process->pgid;
}

static void
tty_hang_up(struct vk_kernel *kernel, struct vk_tty *tty)
{
	int group;

	group = tty->foreground;
	tty_destroy(kernel, tty);
	if (signal_post_group(kernel, group, LX_SIGHUP))
		signal_post_group(kernel, group, LX_SIGCONT);
}

void
tty_session_end(struct vk_process *leader)
{
	struct vk_tty *tty;

	tty = tty_of_session(leader->kernel, leader->sid);
	if (tty != NULL && !tty->host)
		tty_hang_up(leader->kernel, tty);
}

static struct vk_tty *
tty_of_dev(const struct vk_kernel *kernel, dev_t rdev)
{
	struct vk_tty *tty;

	for (tty = kernel->ttys.first; tty != NULL; tty = tty->next)
		if (tty->rdev == rdev)
			return tty;
	return NULL;
}

void
tty_look(struct vk_open *open)
{
	struct stat st;

	if (fstat(open->fd, &st) != 0 || !S_ISCHR(st.st_mode))
		return;
	open->tty = st.st_rdev;
	open->pty = os_pty_slave(open->fd);
}

/* /dev/tty of those who have another terminal than this host process. */
static int
own_tty(struct vk_thread *thread, struct vk_open *open)
{
	const struct vk_tty *tty;
	int fd;

	tty = tty_of_session(thread->process->kernel, thread->process->sid);
	if (tty == NULL)
		return LX_ENXIO;
	open->tty = tty->rdev;
	if (tty->host)
		return 0;
	fd = os_reopen_stream(tty->fd, open->flags & O_ACCMODE);
	if (fd < 0)
		return LX_EIO;
	close(open->fd);
	open->fd = fd;
	return 0;
}

int
tty_opened(struct vk_thread *thread, struct vk_open *open, int flags)
{
	const struct vk_process *process;
	struct vk_kernel *kernel;

	process = thread->process;
	kernel = process->kernel;
	open->kernel = kernel;
	if (os_is_own_tty(open->tty))
		return own_tty(thread, open);
	if ((flags & (LX_O_NOCTTY | LX_O_PATH)) == 0 && open->pty == 0 &&
	    process->sid == process->pid &&
	    tty_of_session(kernel, process->sid) == NULL &&
	    tty_of_dev(kernel, open->tty) == NULL)
		tty_create(kernel, open->fd, process->sid, process->pgid);
	return 0;
}

void
tty_closed(struct vk_open *open)
{
	struct vk_process *leader;
	struct vk_tty *tty;

	if (open->pty == 0 || open->kernel == NULL)
		return;
	tty = tty_of_dev(open->kernel, open->pty);
	if (tty == NULL)
		return;
	leader = process_lookup(open->kernel, tty->sid);
	if (leader != NULL && !leader->exited &&
	    leader->pgid != tty->foreground) {
		signal_post(leader, LX_SIGHUP);
		signal_post(leader, LX_SIGCONT);
	}
	tty_hang_up(open->kernel, tty);
}

/* As n_tty_receive_signal_char(): the host knows of nobody to be told. */
static void
type_signals(struct vk_kernel *kernel, const struct vk_tty *tty,
    const struct termios *settings, const struct iovec *iov, size_t len)
{
	static const struct {
		int character, signal;
	} rows[] = { { VINTR, LX_SIGINT }, { VQUIT, LX_SIGQUIT },
		{ VSUSP, LX_SIGTSTP } };
	const uint8_t *bytes;
	size_t at, i;

	bytes = iov->iov_base;
	for (at = 0; at < len; at++)
		for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
			if (bytes[at] == settings->c_cc[rows[i].character] &&
			    bytes[at] != _POSIX_VDISABLE)
				signal_post_group(
				    kernel, tty->foreground, rows[i].signal);
}

void
tty_typed(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t bytes)
{
	struct termios settings;
	struct vk_kernel *kernel;
	const struct vk_tty *tty;
	size_t len;

	kernel = thread->process->kernel;
	tty = tty_of_dev(kernel, open->pty);
	if (tty == NULL || tcgetattr(tty->fd, &settings) != 0 ||
	    (settings.c_lflag & ISIG) == 0)
		return;
	for (; count > 0 && bytes > 0; count--, iov++) {
		len = iov->iov_len;
		if ((int64_t)len > bytes)
			len = (size_t)bytes;
		type_signals(kernel, tty, &settings, iov, len);
		bytes -= (int64_t)len;
	}
}

/* The caller's terminal, when open is that and his group has it not. */
static const struct vk_tty *
background_of(const struct vk_thread *thread, const struct vk_open *open)
{
	const struct vk_process *process;
	const struct vk_tty *tty;

	process = thread->process;
	tty = tty_of_session(process->kernel, process->sid);
	return tty != NULL && tty->rdev == open->tty &&
		       tty->foreground != process->pgid
		   ? tty
		   : NULL;
}

static int
check(struct vk_thread *thread, const struct vk_open *open, int signal)
{
	const struct vk_process *process;

	if (background_of(thread, open) == NULL)
		return 0;
	process = thread->process;
	if ((thread->mask & signal_bit(signal)) != 0 ||
	    process->actions->rows[signal].handler == LX_SIG_IGN)
		return signal == LX_SIGTTIN ? LX_EIO : 0;
	if (jobctl_group_is_orphaned(process->kernel, process->pgid))
		return LX_EIO;
	signal_post_group(process->kernel, process->pgid, signal);
	return LX_ERESTART;
}

int
tty_check_read(struct vk_thread *thread, const struct vk_open *open)
{
	return check(thread, open, LX_SIGTTIN);
}

int
tty_check_write(struct vk_thread *thread, const struct vk_open *open)
{
	struct termios settings;

	if (background_of(thread, open) == NULL ||
	    tcgetattr(open->fd, &settings) != 0 ||
	    (settings.c_lflag & TOSTOP) == 0)
		return 0;
	return check(thread, open, LX_SIGTTOU);
}

int
tty_check_change(struct vk_thread *thread, const struct vk_open *open)
{
	return check(thread, open, LX_SIGTTOU);
}

struct vk_tty *
tty_of_open(const struct vk_thread *thread, const struct vk_open *open)
{
	const struct vk_process *process;
	struct vk_tty *tty;

	process = thread->process;
	if (open->pty != 0)
		return tty_of_dev(process->kernel, open->pty);
	tty = tty_of_session(process->kernel, process->sid);
	return tty != NULL && tty->rdev == open->tty ? tty : NULL;
}

int
tty_set_foreground(
    struct vk_thread *thread, const struct vk_open *open, int group)
{
	const struct vk_process *process;
	struct vk_tty *tty;

	tty = tty_of_open(thread, open);
	if (group < 0)
		return LX_EINVAL;
	for (process = thread->process->kernel->first; process != NULL;
	     process = process->next)
		if (process->pgid == group)
			break;
	if (process == NULL)
		return LX_ESRCH;
	if (process->sid != thread->process->sid)
		return LX_EPERM;
	tty->foreground = group;
	return 0;
}

int
tty_take(struct vk_thread *thread, const struct vk_open *open, int steal)
{
	const struct vk_process *process;
	struct vk_kernel *kernel;
	struct vk_tty *tty;

	process = thread->process;
	kernel = process->kernel;
	tty = tty_of_dev(kernel, open->tty);
	if (process->sid == process->pid && tty != NULL &&
	    tty->sid == process->sid)
		return 0;
	if (process->sid != process->pid || open->pty != 0 ||
	    tty_of_session(kernel, process->sid) != NULL)
		return LX_EPERM;
	if (tty != NULL) {
		if (steal != 1 || process->cred.user.effective != 0)
			return LX_EPERM;
		tty->sid = process->sid;
		tty->foreground = process->pgid;
		return 0;
	}
	tty = tty_create(kernel, open->fd, process->sid, process->pgid);
	return tty == NULL ? LX_ENOMEM : 0;
}

/* Who does not lead the session keeps the terminal. */
int
tty_leave(struct vk_thread *thread, const struct vk_open *open)
{
	const struct vk_process *process;
	struct vk_tty *tty;

	process = thread->process;
	tty = tty_of_session(process->kernel, process->sid);
	if (tty == NULL || tty->rdev != open->tty)
		return LX_ENOTTY;
	if (process->sid == process->pid)
		tty_hang_up(process->kernel, tty);
	return 0;
}

/* The host tells of its own terminal. */
void
tty_resized(struct vk_thread *thread, const struct vk_open *open)
{
	const struct vk_tty *tty;

	tty = tty_of_dev(
	    thread->process->kernel, open->pty != 0 ? open->pty : open->tty);
	if (tty != NULL && !tty->host)
		signal_post_group(
		    thread->process->kernel, tty->foreground, LX_SIGWINCH);
}
