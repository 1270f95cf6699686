/* SPDX-License-Identifier: BSD-2-Clause */
/* The walk of a software page table, as vm_fault_vpagetable
 * (sys/vm/vm_fault.c). */
#ifndef VMS_VMSPACE_VPTE_H
#define VMS_VMSPACE_VPTE_H

#include <stdbool.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

struct arena;
struct vm_object;

struct vpte_walk {
	struct vms *vms; /* whose observer hears of marks; NULL: none */
	struct arena *arena;
	enum vms_era era;
	struct vm_object *object; /* holds tables and data */
	uint64_t base; /* its page that frame 0 names; 0 but for peeks */
	vms_vpte_t master;
	uint64_t pindex; /* page index into the tables */
	bool write;      /* a read or fetch otherwise */
};

/*
 * The page number of the data in object.  Sets A, and for a write M, in each
 * entry that permits the access; table pages of a private mapping become its
 * own.  EFAULT: the tables do not permit the access, or a table page lies
 * beyond the object.  ENOMEM.
 */
int vpte_walk(const struct vpte_walk *walk, uint64_t *index);

/* As vpte_walk(), but changes nothing; object NULL is one without pages. */
int vpte_peek(const struct vpte_walk *walk, uint64_t *index);

#endif
