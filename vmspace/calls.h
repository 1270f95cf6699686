/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the calls of both faces have in common.
 *
 * The gate is passed by every call: the run lock is taken before anything is
 * looked at, so calls on one struct vms appear one after the other
 * (specification 2.3).
 */
#ifndef VMS_VMSPACE_CALLS_H
#define VMS_VMSPACE_CALLS_H

#include <stdbool.h>

#include <vmspace/vmspace.h>

struct vmspace_entry;

/* ENXIO: vms was opened before a fork() of the host whose child this is.
 * EDEADLK: this thread is inside another call.  patient: see runlock.h. */
int gate_enter(struct vms *vms, bool patient);
void gate_leave(struct vms *vms);

/* The gate, and the entry of id with a reference.  EINVAL: proc has no
 * registry; ENOENT: no such id; both leave the gate. */
int call_enter(struct vms_proc *proc, void *id, struct vmspace_entry **out);
void call_leave(struct vms_proc *proc, struct vmspace_entry *ve);

/* The steps of sys_vmspace_ctl before the frames are looked at (3.1, 1 to 5).
 * 0: lwp->ve is marked as run by lwp and the gate is held: ctl_leave(). */
int ctl_enter(struct vms_lwp *lwp, void *id, int cmd);
/* Runs the guest of *tf.  *tf is complete after 0, exact without a trap after
 * ENOMEM and EIO, and untouched after ENOTRECOVERABLE. */
int ctl_run(
    struct vms_lwp *lwp, struct trapframe *tf, const struct vextframe *vf);
/* vkernel_trap's first half: lwp runs nothing, the reference is dropped. */
void ctl_leave(struct vms_lwp *lwp);

#endif
