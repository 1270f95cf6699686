/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A vmspace: intent (vm_map) and derived state (pmap) of one address space.
 */
#ifndef VMS_VMSPACE_SPACE_H
#define VMS_VMSPACE_SPACE_H

#include "vmspace/pmap.h"
#include "vmspace/vm_map.h"

struct vms;

struct space {
	struct vms *vms;
	struct vm_map map;
	struct pmap pmap;
};

/* An empty space.  ENOMEM. */
int space_create(struct vms *vms, struct space **out);
/* Removes every translation and mapping, then frees; NULL is accepted. */
void space_destroy(struct space *space);

#endif
