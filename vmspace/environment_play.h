/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests that VMSPACE_REPLAY_GUEST wants to be played from a trace. */
#ifndef VMS_VMSPACE_ENVIRONMENT_PLAY_H
#define VMS_VMSPACE_ENVIRONMENT_PLAY_H

#include <vmspace/vmspace.h>

/*
 * When VMSPACE_REPLAY_GUEST names a trace, opens the first struct vms of the
 * process so that it plays it under the rules of VMSPACE_REPLAY_RULES.  ENOENT:
 * it does not, or this is not the first.  Else as vms_replay_guest(); what is
 * wrong is said on stderr, or where VMSPACE_REPLAY_VERDICT says.
 */
int environment_play_open(const struct vms_config *config, struct vms **out);

/* Gives the verdict, if vms is the one.  The exit of the process does it for
 * vkernels that do not close theirs. */
void environment_play_close(const struct vms *vms);

#endif
