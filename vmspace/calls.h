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

#include <vmspace/observe.h>
#include <vmspace/vmspace.h>

struct vmspace_entry;

/* ENXIO: vms was opened before a fork() of the host whose child this is.
 * EDEADLK: this thread is inside another call.  patient: see runlock.h. */
int gate_enter(struct vms *vms, bool patient);
void gate_leave(struct vms *vms);

/* The entry of id, borrowed.  EINVAL: proc has no registry; ENOENT. */
int entry_find(struct vms_proc *proc, void *id, struct vmspace_entry **out);

/* The gate, and the entry of id with a reference.  EINVAL and ENOENT as
 * entry_find(); both are told to the observer as the result of *call, and
 * leave the gate. */
int call_enter(struct vms_proc *proc, void *id, struct vms_call *call,
    struct vmspace_entry **out);
/* Tells that *call has ended with error, and answers it. */
int call_leave(struct vms_proc *proc, struct vmspace_entry *ve,
    struct vms_call *call, int error);

/* The steps of sys_vmspace_ctl before the frames are looked at (3.1, 1 to 5).
 * 0: lwp->ve is marked as run by lwp and the gate is held: ctl_leave(). */
int ctl_enter(struct vms_lwp *lwp, void *id, int cmd);
/* Runs the guest of *tf.  *tf is complete after 0, exact without a trap after
 * ENOMEM and EIO, and untouched after ENOTRECOVERABLE. */
int ctl_run(
    struct vms_lwp *lwp, struct trapframe *tf, const struct vextframe *vf);
/* The same when error says that there is no frame to run: it is told. */
int ctl_leave_unrun(struct vms_lwp *lwp, void *id, int error);
/* vkernel_trap's first half: lwp runs nothing, the reference is dropped. */
void ctl_leave(struct vms_lwp *lwp);

#endif
