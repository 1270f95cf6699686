/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of loading a snapshot share. */
#ifndef VMS_VMSPACE_SNAPSHOT_LOAD_H
#define VMS_VMSPACE_SNAPSHOT_LOAD_H

#include <vmspace/snapshot.h>

#include "vmspace/snapshot.h"

struct space;
struct vm_object;

/* The arrays are parallel to the rows of their tables. */
struct loader {
	struct vms *vms;
	const struct vms_snapshot_source *source;
	void *arg;
	struct snapshot snapshot;
	struct vms_proc **procs;
	struct vms_lwp **lwps;
	struct vms_proc **registries; /* a proc that has it, by number - 1 */
	size_t registry_count;
	struct vm_object **files, **made; /* one reference each, or NULL */
	struct space **spaces;            /* owned by their registries */
	uint64_t *pages;                  /* pa */
};

/* Borrowed; NULL: no such object. */
struct vm_object *loader_object(
    const struct loader *loader, bool file, uint64_t number);

/* Steps, in this order.  EBADMSG, ENOMEM, or what source gives. */
int load_spaces(struct loader *loader);
int load_entries(struct loader *loader);
int load_pages(struct loader *loader);
int load_live(struct loader *loader);
int load_translations(struct loader *loader);

#endif
