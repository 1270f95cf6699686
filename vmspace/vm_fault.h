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

#endif
