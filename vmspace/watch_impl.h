/* SPDX-License-Identifier: BSD-2-Clause */
/* What watch.c and watch_snapshot.c share. */
#ifndef VMS_VMSPACE_WATCH_IMPL_H
#define VMS_VMSPACE_WATCH_IMPL_H

#include "vmspace/watch.h"

/* Does nothing when page is in the list, or is not. */
void watch_list_add(
    struct watch *watch, enum watch_what what, struct watch_page *page);
void watch_list_remove(
    struct watch *watch, enum watch_what what, struct watch_page *page);

/* The page at pa is known from now on; in no list.  NULL: no memory. */
struct watch_page *watch_page_create(
    struct vms *vms, uint32_t object, bool file, uint64_t index, uint64_t pa);

/* What is known of the page is what it holds now. */
void watch_copy_set(struct vms *vms, struct watch_page *page);

const uint8_t *watch_known_bytes(
    const struct vms *vms, const struct watch_page *page);

/* What the page adds to the digest. */
uint64_t watch_page_part(const struct vms *vms, const struct watch_page *page);

#endif
