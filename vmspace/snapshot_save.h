/* SPDX-License-Identifier: BSD-2-Clause */
/* What the two halves of saving a snapshot share. */
#ifndef VMS_VMSPACE_SNAPSHOT_SAVE_H
#define VMS_VMSPACE_SNAPSHOT_SAVE_H

#include <vmspace/snapshot.h>

#include "vmspace/snapshot.h"

/* A growing array of pointers. */
struct list {
	void **at;
	size_t count, capacity;
};

struct saver {
	struct vms *vms;
	const struct vms_snapshot_sink *sink;
	void *arg;
	struct snapshot snapshot;
	struct list procs, lwps,
	    registries;      /* registries: as procs have them */
	struct list objects; /* that are mapped; some twice */
	struct list pages;   /* struct watch_page */
	uint64_t space;      /* that is being saved */
	int error;
};

/* ENOMEM. */
int list_add(struct list *list, void *item);
void list_sort(struct list *list, int (*compare)(const void *, const void *));
int compare_u64(uint64_t a, uint64_t b);

/* Steps, in this order, after procs and registries are known. */
int save_spaces(struct saver *saver);
int save_objects(struct saver *saver);
int save_pages(struct saver *saver);
int save_translations(struct saver *saver);

#endif
