/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/space.h"

#include <errno.h>
#include <stdlib.h>

#include "vmspace/vms.h"

int
space_create(struct vms *vms, struct space **out)
{
	struct space *space = calloc(1, sizeof(*space));

	if (space == NULL)
		return ENOMEM;
	space->vms = vms;
	vm_map_init(&space->map);
	pmap_init(vms, &space->pmap);
	vms->stats.vmspaces++;
	*out = space;
	return 0;
}

void
space_destroy(struct space *space)
{
	if (space == NULL)
		return;
	space->vms->stats.vmspaces--;
	pmap_remove_all(&space->pmap);
	vm_map_finish(space);
	pmap_finish(&space->pmap);
	free(space);
}
