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

/* vm_entry.inherit; no vmspace call uses it, but unlike entries never join. */
enum vm_inherit { VM_INHERIT_COPY, VM_INHERIT_SHARE };

struct vm_entry {
	vms_va_t start, end; /* page-aligned, end exclusive */
	uint8_t prot;        /* VMS_PROT_* */
	uint8_t max_prot;
	uint8_t inherit; /* enum vm_inherit */
	uint8_t advice;  /* VMS_MADV_NORMAL, RANDOM, SEQUENTIAL */
	bool vpagetable;
	bool needs_copy; /* private: a shadow is made before the first write */
	bool cow;
	bool nosync, nocore;
	bool stack;
	struct vm_object
	    *object;          /* one reference; NULL: anonymous, not made yet */
	uint64_t offset;      /* bytes into object */
	uint64_t avail_ssize; /* stack: bytes below start kept free */
	vms_vpte_t master;    /* vpagetable: MADV_SETMAP's value */
};

/* A file that can shrink and the entries that show it. */
struct vm_map_file {
	struct vm_object *object; /* borrowed from those entries */
	size_t entries;
};

struct vm_map {
	struct vm_entry *entries; /* sorted, not overlapping */
	size_t count, capacity;
	struct vm_map_file *files; /* each once */
	size_t file_count, file_capacity;
};

void vm_map_init(struct vm_map *map);
/* Drops every entry; the caller has removed every translation. */
void vm_map_finish(struct space *space);

/* The entry that contains va, borrowed until the next change; or NULL. */
struct vm_entry *vm_map_lookup(struct vm_map *map, vms_va_t va);

/* Every entry in ascending order, borrowed until the next change. */
const struct vm_entry *vm_map_entries(const struct vm_map *map, size_t *count);

/* Is every page of [start, end) mapped?  (vm_map_check_protection,
 * VM_PROT_NONE) */
bool vm_map_covered(const struct vm_map *map, vms_va_t start, vms_va_t end);

/* Is no page of [start, end) mapped? */
bool vm_map_is_free(const struct vm_map *map, vms_va_t start, vms_va_t end);

/* vm_map_findspace: the first gap of len bytes at or above hint, its start a
 * multiple of align (a power of two).  Space reserved for a stack is no gap,
 * except for another stack.  ENOMEM. */
int vm_map_findspace(const struct vm_map *map, vms_va_t hint, uint64_t len,
    uint64_t align, bool stack, vms_va_t *out);

/*
 * vm_map_insert: adds *entry, or makes an anonymous neighbour below it longer.
 * Takes over its reference on object when it succeeds.  ENOMEM: it overlaps,
 * or memory is at its end; nothing has changed.
 */
int vm_map_insert(struct space *space, const struct vm_entry *entry);

/* vm_map_stack's end: the page-aligned [start, end), just inserted, is made an
 * entry of its own with avail bytes reserved below.  ENOMEM. */
int vm_map_reserve_below(
    struct space *space, vms_va_t start, vms_va_t end, uint64_t avail);

/* vm_map_inherit with VM_INHERIT_SHARE.  ENOMEM. */
int vm_map_share(struct space *space, vms_va_t start, vms_va_t end);

/* Cuts entries at both ends, drops translations and references.  ENOMEM:
 * nothing is removed. */
int vm_map_remove(struct space *space, vms_va_t start, vms_va_t end);

/* vm_map_madvise: 0, EINVAL (SETMAP over a normal entry), ENOMEM (a part may
 * have been done). */
int vm_map_madvise(struct space *space, vms_va_t start, vms_va_t end, int behav,
    vms_vpte_t value);

/* Would SETMAP over [start, end) also govern addresses outside of it, now or
 * by the merge rule?  For lint. */
bool vm_map_setmap_is_partial(
    const struct vm_map *map, vms_va_t start, vms_va_t end);

/* Before a run: pages of files that became shorter lose their translations.
 * Costs one question per file that can shrink. */
void vm_map_check_sizes(struct space *space);

/* Before the first access: the object of an anonymous entry; for copy the
 * shadow of a private one (vm_map_entry_allocate_object, vm_map_entry_shadow).
 * ENOMEM. */
int vm_entry_prepare(struct space *space, struct vm_entry *entry, bool copy);

/* kern_mmap without its caller's look-ups (specification 5.2). */
int vm_mmap(struct space *space, vms_va_t addr, uint64_t len, int prot,
    int flags, int fd, int64_t offset, vms_va_t *out);

/* sys_munmap's checks and removal (specification 6, steps 3-9). */
int vm_munmap(struct space *space, vms_va_t addr, uint64_t len);

/* sys_mcontrol's checks and action (specification 7.1, steps 3-7). */
int vm_mcontrol(struct space *space, vms_va_t addr, uint64_t len, int behav,
    vms_vpte_t value);

#endif
