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

#include <stdbool.h>
#include <stdint.h>

struct vk_hostsig;
struct vms_lwp;

/* Linux signals that have come: from a terminal, and from anybody else. */
struct vk_hostsig_bits {
	uint64_t terminal, others;
};

/* Installs the handlers; ignored: bits of Linux signals that were ignored on
 * the host before.  Host errno values. */
int hostsig_open(struct vk_hostsig **out, uint64_t *ignored);
/* Puts everything back. */
void hostsig_close(struct vk_hostsig *hostsig);

/* Who is to be stopped from now on. */
void hostsig_set_lwp(struct vk_hostsig *hostsig, struct vms_lwp *lwp);
/* Readable when a signal has come. */
int hostsig_fd(const struct vk_hostsig *hostsig);
/* What came since the last call; false: nothing. */
bool hostsig_take(struct vk_hostsig *hostsig, struct vk_hostsig_bits *bits);
/* True when three SIGQUIT came within one second. */
bool hostsig_is_insistent(const struct vk_hostsig *hostsig);
/* This process stops, as host_signal stops it by default; it may not, when the
 * host finds that nobody could continue it.  True: SIGCONT has come. */
bool hostsig_stop_self(struct vk_hostsig *hostsig, int host_signal);

#endif
