/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lint: what the kernel tolerates but its text calls wrong (specification 11,
 * 9.6), told to vms->lint in one sentence each.  Every function does nothing
 * when lint is off.  The sentences are made with the run lock held, so
 * vms->lint may not call the library.
 */
#ifndef VMS_VMSPACE_LINT_H
#define VMS_VMSPACE_LINT_H

#include <stdint.h>

#include <vmspace/vmspace.h>

struct lint_memory; /* what has been reported about one space */
struct space;
struct vmspace_entry;

/* A NULL id; a type or data that is not 0. */
void lint_create(struct vms *vms, void *id, int type, const void *data);

/* A destroy of an entry that still has references. */
void lint_destroy_busy(struct vms *vms, const struct vmspace_entry *ve);

/* A SETMAP that covers only part of a mapping: it governs all of it. */
void lint_setmap(struct space *space, vms_va_t addr, uint64_t len);

/* Before a run: what sanitising drops from *tf, and translations that the
 * page tables no longer give.  After it: the translations again, for tables
 * that changed meanwhile.  A finding is told once until it changes. */
void lint_run(
    struct vms *vms, struct vmspace_entry *ve, const struct trapframe *tf);
void lint_ran(struct vms *vms, struct vmspace_entry *ve);

/* Frees a memory; NULL is accepted. */
void lint_forget(struct lint_memory *memory);

#endif
