/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The host's terminal around a run: what its settings were before, and who has
 * them while this process is stopped.
 */
#ifndef VMS_VKERNEL_TERMINAL_H
#define VMS_VKERNEL_TERMINAL_H

#include <termios.h>

#include "vkernel/vkernel.h"

struct vk_kernel;

struct vk_terminal {
	struct termios saved;
	int fd; /* of 0..2, duplicated, as guests cannot close ours; -1: none */
};

void terminal_save(struct vk_terminal *terminal);
/* A guest that did not end by itself cannot have meant what it left. */
void terminal_restore(const struct vk_terminal *terminal, enum vk_end end);
void terminal_finish(struct vk_terminal *terminal);

/*
 * This host process stops with the Linux signal, and its terminal is as it
 * was before the run meanwhile.  Returns when it is continued, with SIGCONT
 * for the guests.
 */
void terminal_suspend(struct vk_kernel *kernel, int signal);

#endif
