/* SPDX-License-Identifier: BSD-2-Clause */
/* struct vm_object, for vm_object.c and vm_object_file.c only. */
#ifndef VMS_VMSPACE_VM_OBJECT_IMPL_H
#define VMS_VMSPACE_VM_OBJECT_IMPL_H

#include <sys/types.h>

#include "base/u64map.h"
#include "vmspace/vm_object.h"

/* What a file object's descriptor permits; more is better. */
enum file_access { FILE_NONE, FILE_READ, FILE_WRITE };

struct vm_object {
	struct vms *vms;
	size_t refs;
	enum vm_object_kind kind;
	uint64_t pages;            /* size; of a file: when last asked */
	uint32_t number;           /* from 1; file: 0 until it is mapped */
	uint64_t bytes;            /* file: size when last asked */
	struct u64map shown;       /* anon, shadow: page index -> pa;
				      file: window number -> pa of its slot */
	struct vm_object *backing; /* shadow: one reference */
	uint64_t backing_pages;    /* shadow: page 0 lies over this one */

	struct vm_object *next; /* file: of vm_object_table.files */
	dev_t dev;
	ino_t ino;
	int fd;
	enum file_access access;
	bool fixed_end; /* cannot shrink; never changes */
	uint64_t asked; /* vm_object_table.ask at the last look */
};

int object_create(struct vms *vms, enum vm_object_kind kind, uint64_t pages,
    struct vm_object **out);
void object_free(struct vm_object *object);

/* Makes the page index, which is not there, of an object that is no file.
 * ENOMEM. */
int object_page_make(struct vm_object *object, uint64_t index, uint64_t *pa);

/* As vm_object_page() and vm_object_pages(), of a file. */
int file_page(
    struct vm_object *file, uint64_t index, uint64_t *pa, bool *writable);
uint64_t file_pages(struct vm_object *file);
/* The last reference went: windows, descriptor, list. */
void file_finish(struct vm_object *file);

#endif
