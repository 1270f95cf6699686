/* SPDX-License-Identifier: BSD-2-Clause */
/* What vm_map.c and vm_advise.c share. */
#ifndef VMS_VMSPACE_VM_MAP_IMPL_H
#define VMS_VMSPACE_VM_MAP_IMPL_H

#include "vmspace/vm_map.h"

/* Index of the first entry that ends above va. */
size_t map_index(const struct vm_map *map, vms_va_t va);

/* Room for more entries: cutting then fails only for want of an object. */
int map_reserve(struct vm_map *map, size_t more);

/* Are two entries, low directly below high, one but for their masters? */
bool entries_join(const struct vm_entry *low, const struct vm_entry *high);

/* Another entry of this map has object.  ENOMEM. */
int map_file_ref(struct vm_map *map, struct vm_object *object);

/* vm_map_simplify_entry; returns the new index of entry i. */
size_t map_simplify(struct vm_map *map, size_t i);

/* vm_map_clip_start: afterwards an entry that contains va starts there.  *i:
 * the first entry that ends above va. */
int map_clip_start(struct space *space, vms_va_t va, size_t *i);

/* vm_map_clip_end: entry i ends at va or before. */
int map_clip_end(struct space *space, size_t i, vms_va_t va);

#endif
