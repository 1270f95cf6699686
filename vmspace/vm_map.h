/* SPDX-License-Identifier: BSD-2-Clause */
/* The intent half of a space: which ranges are mapped to what. */
#ifndef VMS_VMSPACE_VM_MAP_H
#define VMS_VMSPACE_VM_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

struct space;
struct vm_object;

struct vm_entry {
	vms_va_t start, end;       /* page-aligned, end exclusive */
	uint8_t prot;              /* VMS_PROT_* */
	uint8_t inherit;
	uint8_t advice;            /* NORMAL, RANDOM, SEQUENTIAL */
	bool vpagetable;
	bool needs_copy;           /* private: a shadow is made before the first write */
	bool cow;
	bool nosync, nocore;
	struct vm_object *object;  /* one reference; NULL: anonymous, not made yet */
	uint64_t offset;           /* bytes into object */
	vms_vpte_t master;         /* vpagetable: MADV_SETMAP's value */
};

struct vm_map {
	struct vm_entry *entries;  /* sorted, not overlapping */
	size_t count, capacity;
};

void vm_map_init(struct vm_map *map);
void vm_map_finish(struct space *space);

/* The entry that contains va, borrowed until the next change; or NULL. */
struct vm_entry *vm_map_lookup(struct vm_map *map, vms_va_t va);

/* Is every page of [start, end) mapped?  (vm_map_check_protection, VM_PROT_NONE) */
bool vm_map_covered(const struct vm_map *map, vms_va_t start, vms_va_t end);

/* Cuts entries at both ends, drops translations and references. ENOMEM. */
int vm_map_remove(struct space *space, vms_va_t start, vms_va_t end);

/* vm_map_madvise: 0, EINVAL (SETMAP over a normal entry), ENOMEM. */
int vm_map_madvise(struct space *space, vms_va_t start, vms_va_t end,
    int behav, vms_vpte_t value);

/* kern_mmap without its caller's look-ups (specification 5.2). */
int vm_mmap(struct space *space, vms_va_t addr, uint64_t len, int prot,
    int flags, int fd, int64_t offset, vms_va_t *out);

/* sys_munmap's checks and removal (specification 6, steps 3-9). */
int vm_munmap(struct space *space, vms_va_t addr, uint64_t len);

/* sys_mcontrol's checks and action (specification 7.1, steps 3-7). */
int vm_mcontrol(struct space *space, vms_va_t addr, uint64_t len, int behav,
    vms_vpte_t value);

#endif
