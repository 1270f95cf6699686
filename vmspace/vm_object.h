/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory objects: where the pages of a mapping come from.
 *
 *   file    pages of a host file, shown through 2 MiB windows of the arena;
 *           one object per (dev, ino), so every mapping of a file shares it
 *   anon    zero-filled pages of the arena
 *   shadow  private pages over (object, offset): reads fall through, the first
 *           write copies the page
 *
 * Invariant: a page that has been handed out keeps its arena address until it
 * is discarded, and before that pv_remove_page() has dropped every translation.
 *
 * An object is counted: one reference per map entry and per shadow over it.
 */
#ifndef VMS_VMSPACE_VM_OBJECT_H
#define VMS_VMSPACE_VM_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vms;
struct vm_object;

struct vm_object_table {
	struct vm_object *files; /* list; owned by vm_object_file.c */
	size_t count;            /* objects of every kind */
	uint32_t file_numbers;   /* given so far */
	uint32_t made_numbers;   /* the same for the other kinds */
	uint64_t ask;            /* current turn of asking for sizes */
	bool held;               /* sizes asked in this turn are believed */
};

enum vm_object_kind { VM_OBJECT_FILE, VM_OBJECT_ANON, VM_OBJECT_SHADOW };

/* The object of the open file fd, with a reference; writable: the mapping may
 * write through fd.  The descriptor is duplicated.  ENOMEM (also when the
 * process has no descriptor left), or fstat's error.  An object keeps the most
 * capable of the descriptors it was given, and upgrades its windows. */
int vm_object_file(
    struct vms *vms, int fd, bool writable, struct vm_object **out);
/* pages: size in pages; the VPAGETABLE case is 0x7FFFFFFF. */
int vm_object_anon(struct vms *vms, uint64_t pages, struct vm_object **out);
/* Page i of the shadow lies over page i + offset_pages of backing; takes its
 * own reference on backing. */
int vm_object_shadow(struct vms *vms, struct vm_object *backing,
    uint64_t offset_pages, uint64_t pages, struct vm_object **out);

void vm_object_ref(struct vm_object *object);
void vm_object_drop(struct vm_object *object); /* NULL is accepted */

enum vm_object_kind vm_object_kind(const struct vm_object *object);

/* Size in pages now; a file is asked each time (a partial last page counts).
 * Pages that a file has lost lose their translations here. */
uint64_t vm_object_pages(struct vm_object *object);
/* No page from this one on is in use.  Asks less: a file that cannot shrink may
 * have grown, but is asked before a page of what it has grown by is used. */
uint64_t vm_object_pages_used(struct vm_object *object);

/* Between hold and release each file is asked for its size at most once. */
void vm_object_sizes_hold(struct vms *vms);
void vm_object_sizes_release(struct vms *vms);

/*
 * Arena page of page number index.  for_write: in a shadow the page becomes
 * private first.  *writable: stores to pa are stores to this object (false for
 * a page that a shadow shows from below).
 * EFAULT: beyond the object's size.  ENOMEM.
 */
int vm_object_page(struct vm_object *object, uint64_t index, bool for_write,
    uint64_t *pa, bool *writable);

/*
 * What vm_object_page() would give, without changing any page: *own false for
 * a page that a shadow shows from below.  ENOENT: a page would be made (zero,
 * or for for_write a copy).  May show a window of a file.
 */
int vm_object_peek(struct vm_object *object, uint64_t index, bool for_write,
    uint64_t *pa, bool *own);

/* Private or anonymous pages [index, index + count) are lost: zero or backing
 * again.  Does nothing on a file. */
void vm_object_discard(
    struct vm_object *object, uint64_t index, uint64_t count);

/* As vm_map_delete: an entry that showed these pages goes.  When other
 * references stay, private and anonymous pages are discarded, and an object
 * that ended there becomes shorter. */
void vm_object_cut(struct vm_object *object, uint64_t index, uint64_t count);

/* vm_object_coalesce: may [index, index + count) of an object (NULL: not made
 * yet) go on with more pages?  Then it is long enough, and what it held there
 * is discarded. */
bool vm_object_coalesce(
    struct vm_object *object, uint64_t index, uint64_t count, uint64_t more);

/* The file that object is or lies over, borrowed, if it can shrink; else NULL.
 */
struct vm_object *vm_object_shrinkable(struct vm_object *object);

/* Pages of a file object that became unreachable by truncation since the last
 * look lose their translations.  Called at run entry for objects that can
 * shrink.  false: cannot shrink (sealed), need not be asked again. */
bool vm_object_check_size(struct vm_object *object);

/* The object of fd if some vmspace maps it, borrowed; else NULL. */
struct vm_object *vm_object_lookup(struct vms *vms, int fd);
/* Are the windows of this file writable? */
bool vm_object_stores(const struct vm_object *object);
/* The file object with this number (see vm_object_number), borrowed; NULL. */
struct vm_object *vm_object_numbered(struct vms *vms, uint32_t number);
/* Gives a file object that is mapped for the first time its number. */
uint32_t vm_object_number(struct vm_object *file);
/* Arena page of a file page that is already shown; false when it is not. */
bool vm_object_resident(struct vm_object *object, uint64_t index, uint64_t *pa);

/* An extent was repaired after SIGBUS: it is dropped and shown again at the
 * next use. */
void vm_object_broken_slot(struct vms *vms, uint64_t slot_pa);

#endif
