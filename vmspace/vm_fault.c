/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/vm_fault.h"

#include <errno.h>

#include "base/page.h"
#include "vmspace/space.h"
#include "vmspace/vm_object.h"
#include "vmspace/vms.h"
#include "vmspace/vpte.h"

static int fault_enter(
    struct space *space, struct vm_entry *entry, vms_va_t va, bool write);
static int peek_entry(struct space *space, const struct vm_entry *entry,
    vms_va_t va, bool write, uint64_t *pa, bool *writable);

/* The entry that permits the access, or NULL.  A fetch is a read: the seed
 * knows no third kind of access and never enforces PROT_EXEC. */
static struct vm_entry *
entry_for(struct space *space, vms_va_t va, bool write)
{
	int needs = write ? VMS_PROT_WRITE : VMS_PROT_READ;
	struct vm_entry *entry;

	if (va >= VMS_VA_END)
		return NULL;
	entry = vm_map_lookup(&space->map, va);
	return entry != NULL && (entry->prot & needs) ? entry : NULL;
}

int
vm_fault(struct space *space, vms_va_t va, enum cpu_access access)
{
	bool write = access == CPU_WRITE;
	struct vm_entry *entry = entry_for(space, va, write);
	int error;

	if (entry == NULL)
		return EFAULT;
	vm_object_sizes_hold(space->vms);
	error = fault_enter(space, entry, page_trunc(va), write);
	vm_object_sizes_release(space->vms);
	return error;
}

int
vm_fault_peek(struct space *space, vms_va_t va, enum cpu_access access,
    uint64_t *pa, bool *writable)
{
	bool write = access == CPU_WRITE;
	const struct vm_entry *entry = entry_for(space, va, write);
	int error;

	if (entry == NULL)
		return EFAULT;
	vm_object_sizes_hold(space->vms);
	error = peek_entry(space, entry, page_trunc(va), write, pa, writable);
	vm_object_sizes_release(space->vms);
	return error;
}

/* Number of va's page in the entry's object, or in its tables. */
static uint64_t
entry_index(const struct vm_entry *entry, vms_va_t va)
{
	return (va - entry->start + entry->offset) >> PAGE_SHIFT;
}

static struct vpte_walk
entry_walk(const struct space *space, const struct vm_entry *entry, vms_va_t va,
    bool write)
{
	return (struct vpte_walk){
		.vms = space->vms,
		.arena = space->vms->arena,
		.era = (enum vms_era)space->vms->config.era,
		.object = entry->object,
		.master = entry->master,
		.pindex = entry_index(entry, va),
		.write = write,
	};
}

/*
 * Through tables a read is entered read-only, always: the first write must
 * fault, so that M is set.  Elsewhere a page of the object's own is entered
 * with all that prot permits, which saves a second fault that nobody sees.
 */
static int
fault_enter(
    struct space *space, struct vm_entry *entry, vms_va_t va, bool write)
{
	bool tables = entry->vpagetable;
	bool writable;
	uint64_t index, pa;
	int error;

	error = vm_entry_prepare(space, entry, write || tables);
	if (error != 0)
		return error;
	index = entry_index(entry, va);
	if (tables) {
		struct vpte_walk walk = entry_walk(space, entry, va, write);
		if ((error = vpte_walk(&walk, &index)) != 0)
			return error;
	}
	error = vm_object_page(entry->object, index, write, &pa, &writable);
	if (error != 0)
		return error;
	if (write && !writable)
		return EFAULT;
	if (tables)
		writable = write;
	else if (!(entry->prot & VMS_PROT_WRITE) || entry->needs_copy)
		writable = false;
	return pmap_enter(&space->pmap, va, pa, writable);
}

/* Before its shadow exists, the tables of a private mapping are read from the
 * file below it: the offset counts for frames, no longer for the index. */
static int
peek_walk(const struct space *space, const struct vm_entry *entry, vms_va_t va,
    bool write, uint64_t *index)
{
	struct vpte_walk walk = entry_walk(space, entry, va, write);

	if (entry->needs_copy) {
		walk.base = entry->offset >> PAGE_SHIFT;
		walk.pindex -= walk.base;
	}
	return vpte_peek(&walk, index);
}

static int
peek_entry(struct space *space, const struct vm_entry *entry, vms_va_t va,
    bool write, uint64_t *pa, bool *writable)
{
	uint64_t index = entry_index(entry, va);
	bool own = true;
	int error;

	if (entry->vpagetable &&
	    (error = peek_walk(space, entry, va, write, &index)) != 0)
		return error;
	error = entry->object == NULL
		    ? ENOENT
		    : vm_object_peek(entry->object, index, write, pa, &own);
	if (error == 0 && write && entry->needs_copy)
		error = ENOENT;
	if (error == ENOENT)
		*pa = VM_FAULT_NEW_PAGE;
	else if (error != 0)
		return error;
	if (entry->vpagetable)
		*writable = write;
	else
		*writable = (entry->prot & VMS_PROT_WRITE) &&
			    (error == ENOENT || (own && !entry->needs_copy));
	return 0;
}
