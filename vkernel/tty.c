/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/tty.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
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

void
tty_session_end(struct vk_process *leader)
{
	struct vk_tty *tty;
	int group;

	tty = tty_of_session(leader->kernel, leader->sid);
	if (tty == NULL || tty->host)
		return;
	group = tty->foreground;
	tty_destroy(leader->kernel, tty);
	if (signal_post_group(leader->kernel, group, LX_SIGHUP))
		signal_post_group(leader->kernel, group, LX_SIGCONT);
}
