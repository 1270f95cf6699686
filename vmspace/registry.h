/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The registry: which vmspaces a group of processes has, by id (struct
 * vkernel_proc and struct vmspace_entry of sys/sys/vkernel.h).
 *
 * An id is an opaque word, equal only to itself; NULL is one like any other
 * (A1).  The kernel's tree is a hash here: no call shows its order.
 */
#ifndef VMS_VMSPACE_REGISTRY_H
#define VMS_VMSPACE_REGISTRY_H

#include <stddef.h>

struct lint_memory;
struct space;

struct vmspace_entry {
	void *id;
	unsigned refs;            /* lwps inside, and calls in progress */
	struct space *space;      /* owned */
	struct lint_memory *lint; /* owned by lint.c; NULL: nothing reported */
	struct vmspace_entry *next; /* of its bucket */
};

struct vkernel_proc {
	unsigned refs; /* processes that share it */
	size_t count;  /* entries */
	unsigned bits; /* 1 << bits buckets */
	struct vmspace_entry **buckets;
	struct vmspace_entry *last; /* found last, or NULL */
};

/* An empty registry with one reference.  ENOMEM. */
int registry_create(struct vkernel_proc **out);

void registry_ref(struct vkernel_proc *vkp);
/* The last drop deletes every entry, none of which may have references, and
 * frees the registry. */
void registry_drop(struct vkernel_proc *vkp);

/* The entry of id, borrowed until it is deleted; NULL: none. */
struct vmspace_entry *registry_lookup(struct vkernel_proc *vkp, void *id);

/* Adds id, which must not be there, and takes space.  ENOMEM: space is still
 * the caller's. */
int registry_insert(struct vkernel_proc *vkp, void *id, struct space *space);

/* vmspace_entry_delete: removes ve, which has no references, and destroys its
 * space. */
void registry_delete(struct vkernel_proc *vkp, struct vmspace_entry *ve);

#endif
