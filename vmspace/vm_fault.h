/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Resolves an access to a guest page through the map of a space, as
 * trap_pfault and vm_fault do (specification 4.5, 9.4).
 */
#ifndef VMS_VMSPACE_VM_FAULT_H
#define VMS_VMSPACE_VM_FAULT_H

#include <vmspace/vmspace.h>

#include "emu/cpu.h"

struct space;

/*
 * 0: the logical translation is entered and permits the access.
 * EFAULT: reflect it.  ENOMEM: arena or host memory is at its end; nothing is
 * entered (A and M bits already set stay).
 */
int vm_fault(struct space *space, vms_va_t va, enum cpu_access access);

/* vm_fault_peek's pa for a page that vm_fault would have to make. */
#define VM_FAULT_NEW_PAGE UINT64_MAX

/*
 * What vm_fault() would enter now, for lint and reports: no bit is set, no
 * page is made or copied, no translation changes.  Errors as vm_fault().
 */
int vm_fault_peek(struct space *space, vms_va_t va, enum cpu_access access,
    uint64_t *pa, bool *writable);

#endif
