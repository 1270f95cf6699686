/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A host thread that looks at the host's clock while guests run: it stops the
 * guest when the time of the run is over, and shows a line of progress.
 * It reads nothing of the kernel but what watchdog_note() left.
 */
#ifndef VMS_VKERNEL_WATCHDOG_H
#define VMS_VKERNEL_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

struct vk_kernel;
struct vk_watchdog;

/* Does nothing when the options ask for neither.  Host errno values. */
int watchdog_open(struct vk_kernel *kernel);
/* Erases the line. */
void watchdog_close(struct vk_kernel *kernel);

/* The time is over. */
bool watchdog_barks(const struct vk_kernel *kernel);
/* At most ns, so that a wait ends when the time is over. */
uint64_t watchdog_cap(const struct vk_kernel *kernel, uint64_t ns);
/* The numbers of the line: often, and cheap. */
void watchdog_note(struct vk_kernel *kernel);

#endif
