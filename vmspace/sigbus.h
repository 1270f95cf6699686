/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which arenas exist, for the SIGBUS handler: a file that a vmspace maps may
 * lose its end at any time, and the access that meets it is the engine's.
 */
#ifndef VMS_VMSPACE_SIGBUS_H
#define VMS_VMSPACE_SIGBUS_H

#include <vmspace/vmspace.h>

/* From now on vms_handle_sigbus() knows the arena of vms.  ENOMEM: more than
 * SIGBUS_MAX are open. */
#define SIGBUS_MAX 1024
int sigbus_register(struct vms *vms);
/* Does nothing for a vms that is not registered. */
void sigbus_unregister(struct vms *vms);

#endif
