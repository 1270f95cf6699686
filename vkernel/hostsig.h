/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Signals for this host process while a guest runs: the handlers note them,
 * stop the guest and wake a wait; hostsig_take() passes them on.
 *
 * Signal handlers have no argument, so one static pointer names the run that
 * gets them; a second run at the same time gets none.
 */
#ifndef VMS_VKERNEL_HOSTSIG_H
#define VMS_VKERNEL_HOSTSIG_H

#include <stdint.h>

struct vk_hostsig;
struct vms_lwp;

/* Installs the handlers; ignored: bits of Linux signals that were ignored on
 * the host before.  Host errno values. */
int hostsig_open(struct vk_hostsig **out, uint64_t *ignored);
/* Puts everything back. */
void hostsig_close(struct vk_hostsig *hostsig);

/* Who is to be stopped from now on. */
void hostsig_set_lwp(struct vk_hostsig *hostsig, struct vms_lwp *lwp);
/* Readable when a signal has come. */
int hostsig_fd(const struct vk_hostsig *hostsig);
/* The Linux signals that came since the last call, as bits. */
uint64_t hostsig_take(struct vk_hostsig *hostsig);

#endif
