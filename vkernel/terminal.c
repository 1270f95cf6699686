/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/terminal.h"

#include <signal.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/hostsig.h"
#include "vkernel/kernel.h"

void
terminal_save(struct vk_terminal *terminal)
{
	int fd;

	terminal->fd = -1;
	for (fd = 2; fd >= 0 && terminal->fd < 0; fd--)
		if (tcgetattr(fd, &terminal->saved) == 0)
			terminal->fd = os_dup(fd);
}

/* A background process that set it would be stopped. */
static bool
is_foreground(const struct vk_terminal *terminal)
{
	pid_t group;

	group = tcgetpgrp(terminal->fd);
	return group < 0 || group == getpgrp();
}

void
terminal_restore(const struct vk_terminal *terminal, enum vk_end end)
{
	if (terminal->fd >= 0 && end != VK_END_EXIT && is_foreground(terminal))
		tcsetattr(terminal->fd, TCSANOW, &terminal->saved);
}

void
terminal_finish(struct vk_terminal *terminal)
{
	if (terminal->fd >= 0)
		close(terminal->fd);
	terminal->fd = -1;
}

void
terminal_suspend(struct vk_kernel *kernel, int signal)
{
	struct vk_terminal *terminal;
	struct termios guest;
	bool known;

	terminal = &kernel->terminal;
	known = terminal->fd >= 0 && is_foreground(terminal) &&
		tcgetattr(terminal->fd, &guest) == 0;
	if (known)
		tcsetattr(terminal->fd, TCSANOW, &terminal->saved);
	kernel->stopped_by_terminal = false;
	if (!hostsig_stop_self(
		kernel->hostsig, signal == LX_SIGSTOP ? SIGSTOP : SIGTSTP) &&
	    kernel->process != NULL)
		signal_post_group(kernel, kernel->process->pgid, LX_SIGCONT);
	signal_collect(kernel);
	if (known && is_foreground(terminal))
		tcsetattr(terminal->fd, TCSANOW, &guest);
}
