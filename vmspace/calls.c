/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The eight calls of sys/vm/vm_vmspace.c, in its order of checks, behind one
 * gate.  What happens to a map is in vm_map.h, to a guest in run.h.
 */
#include "vmspace/calls.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/os.h"
#include "vmspace/frame_regs.h"
#include "vmspace/lint.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
#include "vmspace/registry.h"
#include "vmspace/run.h"
#include "vmspace/space.h"
#include "vmspace/trap.h"
#include "vmspace/vms.h"

static int create_locked(struct vms_proc *proc, void *id);
static int destroy_locked(struct vms_proc *proc, void *id);
static int ctl_check(struct vms_lwp *lwp, void *id, int cmd);
static void ctl_tell(struct vms_lwp *lwp, void *id, int cmd, int error);
static bool mailbox_take(struct vms_lwp *lwp);
static void ctl_tell_end(struct vms_lwp *lwp, const struct trapframe *tf,
    const struct run_exit *exit, int error);
static bool is_aligned(const void *pointer, size_t alignment);
static int ctl_run_unaligned(struct vms_lwp *lwp, void *tf, const void *vf);

int
gate_enter(struct vms *vms, bool patient)
{
	if (vms->host_pid_generation != os_fork_generation())
		return ENXIO;
	return runlock_acquire(&vms->lock, patient);
}

void
gate_leave(struct vms *vms)
{
	runlock_release(&vms->lock);
}

int
vms_create(struct vms_proc *proc, void *id, int type, void *data)
{
	struct vms_call call = { .op = VMS_OP_CREATE,
		.id = id,
		.args = { (uint64_t)type, data != NULL } };
	struct vms *vms = proc->vms;
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	lint_create(vms, id, type, data);
	error = observe_call(vms, proc, &call, create_locked(proc, id));
	gate_leave(vms);
	return error;
}

/* The kernel makes the space before it looks whether the id is taken; that
 * cannot be seen, and here it would be wasted. */
static int
create_locked(struct vms_proc *proc, void *id)
{
	struct space *space;
	int error;

	if (atomic_load(&proc->vms->vkernel_enable) == 0)
		return EOPNOTSUPP;
	if (proc->vkernel == NULL &&
	    (error = registry_create(&proc->vkernel)) != 0)
		return error;
	if (registry_lookup(proc->vkernel, id) != NULL)
		return EEXIST;
	if ((error = space_create(proc->vms, &space)) != 0)
		return error;
	if ((error = registry_insert(proc->vkernel, id, space)) != 0)
		space_destroy(space);
	return error;
}

int
vms_destroy(struct vms_proc *proc, void *id)
{
	struct vms_call call = { .op = VMS_OP_DESTROY, .id = id };
	int error;

	if ((error = gate_enter(proc->vms, false)) != 0)
		return error;
	error = destroy_locked(proc, id);
	observe_call(proc->vms, proc, &call, error);
	gate_leave(proc->vms);
	return error;
}

static int
destroy_locked(struct vms_proc *proc, void *id)
{
	struct vmspace_entry *ve;
	int error;

	if ((error = entry_find(proc, id, &ve)) != 0)
		return error;
	if (ve->refs != 0) {
		lint_destroy_busy(proc->vms, ve);
		return EBUSY;
	}
	observe_before_loss(proc->vms);
	registry_delete(proc->vkernel, ve);
	return 0;
}

int
entry_find(struct vms_proc *proc, void *id, struct vmspace_entry **out)
{
	if (proc->vkernel == NULL)
		return EINVAL;
	*out = registry_lookup(proc->vkernel, id);
	return *out == NULL ? ENOENT : 0;
}

int
vms_ctl(struct vms_lwp *lwp, void *id, int cmd, struct trapframe *tf,
    struct vextframe *vf)
{
	int error;

	if ((error = ctl_enter(lwp, id, cmd)) != 0)
		return error;
	if (tf == NULL || vf == NULL)
		return ctl_leave_unrun(lwp, id, EFAULT);
	if (is_aligned(tf, _Alignof(struct trapframe)) &&
	    is_aligned(vf, _Alignof(struct vextframe)))
		error = ctl_run(lwp, tf, vf);
	else
		error = ctl_run_unaligned(lwp, tf, vf);
	ctl_leave(lwp);
	return error;
}

static bool
is_aligned(const void *pointer, size_t alignment)
{
	return (uintptr_t)pointer % alignment == 0;
}

/* C46: for the kernel, frames are bytes. */
static int
ctl_run_unaligned(struct vms_lwp *lwp, void *tf, const void *vf)
{
	struct trapframe frame;
	struct vextframe tls;
	int error;

	memcpy(&frame, tf, sizeof(frame));
	memcpy(&tls, vf, sizeof(tls));
	error = ctl_run(lwp, &frame, &tls);
	memcpy(tf, &frame, sizeof(frame));
	return error;
}

int
ctl_enter(struct vms_lwp *lwp, void *id, int cmd)
{
	struct vms *vms = lwp->proc->vms;
	int error;

	if ((error = gate_enter(vms, true)) != 0)
		return error;
	if ((error = ctl_check(lwp, id, cmd)) != 0) {
		ctl_tell(lwp, id, cmd, error);
		gate_leave(vms);
	}
	return error;
}

static void
ctl_tell(struct vms_lwp *lwp, void *id, int cmd, int error)
{
	struct vms_call call = { .op = VMS_OP_CTL,
		.lwp = lwp->number,
		.id = id,
		.args = { (uint64_t)cmd } };

	observe_call(lwp->proc->vms, lwp->proc, &call, error);
}

int
ctl_leave_unrun(struct vms_lwp *lwp, void *id, int error)
{
	ctl_tell(lwp, id, VMS_CTL_RUN, error);
	ctl_leave(lwp);
	return error;
}

static int
ctl_check(struct vms_lwp *lwp, void *id, int cmd)
{
	struct vmspace_entry *ve;
	int error;

	if ((error = entry_find(lwp->proc, id, &ve)) != 0)
		return error;
	if (mailbox_take(lwp))
		return EINTR;
	if (cmd != VMS_CTL_RUN)
		return EOPNOTSUPP;
	if (lwp->ve != NULL)
		return EBUSY;
	ve->refs++;
	lwp->ve = ve;
	return 0;
}

/* The kicks are read before the flag: a mailbox signal that comes after this
 * look kicks the guest out, one that came before makes this call fail. */
static bool
mailbox_take(struct vms_lwp *lwp)
{
	struct vms_proc *proc = lwp->proc;

	lwp->kicks_seen = atomic_load(&proc->kicks);
	return atomic_load(&proc->mailbox) &&
	       atomic_exchange(&proc->mailbox, false);
}

int
ctl_run(struct vms_lwp *lwp, struct trapframe *tf, const struct vextframe *vf)
{
	struct vms *vms = lwp->proc->vms;
	struct vmspace_entry *ve = lwp->ve;
	struct cpu_regs regs;
	struct run_exit exit;
	uint64_t limit;
	int error;

	if (observe_plays(vms))
		return observe_play(lwp, tf, vf);
	if ((error = observe_run_start(lwp, tf, vf, &limit)) != 0)
		return error;
	lint_run(vms, ve, tf);
	frame_load(tf, vf, &regs);
	exit.limit_insns = limit;
	error = space_run(
	    ve->space, lwp, &regs, (tf->tf_xflags & PGEX_FPFAULT) != 0, &exit);
	if (error != ENOTRECOVERABLE) {
		frame_store(&regs, tf);
		if (error == 0) {
			trap_fill(&exit, tf);
			vms->stats.traps[tf->tf_trapno & 0xff]++;
		} else {
			tf->tf_trapno = 0;
		}
		lint_ran(vms, ve);
	}
	ctl_tell_end(lwp, tf, &exit, error);
	return error;
}

static void
ctl_tell_end(struct vms_lwp *lwp, const struct trapframe *tf,
    const struct run_exit *exit, int error)
{
	const struct vms_run_end end = {
		.how = error != 0 ? VMS_RUN_FAILED : exit->how,
		.error = error,
		.tf = error == ENOTRECOVERABLE ? NULL : tf,
		.insns = exit->part_insns,
		.started = exit->started,
	};

	observe_run_end(lwp, &end);
}

void
ctl_leave(struct vms_lwp *lwp)
{
	lwp->ve->refs--;
	lwp->ve = NULL;
	gate_leave(lwp->proc->vms);
}

int
call_enter(struct vms_proc *proc, void *id, struct vms_call *call,
    struct vmspace_entry **out)
{
	struct vmspace_entry *ve;
	int error;

	if ((error = gate_enter(proc->vms, false)) != 0)
		return error;
	call->id = id;
	if ((error = entry_find(proc, id, &ve)) != 0) {
		observe_call(proc->vms, proc, call, error);
		gate_leave(proc->vms);
		return error;
	}
	ve->refs++;
	*out = ve;
	return 0;
}

int
call_leave(struct vms_proc *proc, struct vmspace_entry *ve,
    struct vms_call *call, int error)
{
	observe_call(proc->vms, proc, call, error);
	ve->refs--;
	gate_leave(proc->vms);
	return error;
}

int
vms_mmap(struct vms_proc *proc, void *id, vms_va_t addr, uint64_t len, int prot,
    int flags, int fd, int64_t offset, vms_va_t *out)
{
	struct vms_call call = { .op = VMS_OP_MMAP,
		.args = { addr, len, (uint64_t)prot, (uint64_t)flags,
		    (uint64_t)offset } };
	struct vmspace_entry *ve;
	int error;

	if ((error = call_enter(proc, id, &call, &ve)) != 0)
		return error;
	error = vm_mmap(ve->space, addr, len, prot, flags, fd, offset, out);
	if (error == 0)
		call.result = *out;
	observe_mmap(proc, &call, fd, flags, error);
	ve->refs--;
	gate_leave(proc->vms);
	return error;
}

int
vms_munmap(struct vms_proc *proc, void *id, vms_va_t addr, uint64_t len)
{
	struct vms_call call = { .op = VMS_OP_MUNMAP, .args = { addr, len } };
	struct vmspace_entry *ve;
	int error;

	if ((error = call_enter(proc, id, &call, &ve)) != 0)
		return error;
	return call_leave(proc, ve, &call, vm_munmap(ve->space, addr, len));
}

int
vms_mcontrol(struct vms_proc *proc, void *id, vms_va_t addr, uint64_t len,
    int behav, vms_vpte_t value)
{
	struct vms_call call = { .op = VMS_OP_MCONTROL,
		.args = { addr, len, (uint64_t)behav, value } };
	struct vmspace_entry *ve;
	int error;

	if ((error = call_enter(proc, id, &call, &ve)) != 0)
		return error;
	if (behav == VMS_MADV_SETMAP)
		lint_setmap(ve->space, addr, len);
	error = vm_mcontrol(ve->space, addr, len, behav, value);
	return call_leave(proc, ve, &call, error);
}

/* sys_vmspace_pread and sys_vmspace_pwrite look the id up and fail; what
 * they would copy is never looked at (A6). */
static int
transfer_fails(struct vms_proc *proc, void *id, enum vms_op op)
{
	struct vms_call call = { .op = op };
	struct vmspace_entry *ve;
	int error;

	if ((error = call_enter(proc, id, &call, &ve)) != 0)
		return error;
	return call_leave(proc, ve, &call, EINVAL);
}

int
vms_pread(struct vms_proc *proc, void *id, void *buf, size_t nbyte, int flags,
    int64_t offset)
{
	(void)buf;
	(void)nbyte;
	(void)flags;
	(void)offset;
	return transfer_fails(proc, id, VMS_OP_PREAD);
}

int
vms_pwrite(struct vms_proc *proc, void *id, const void *buf, size_t nbyte,
    int flags, int64_t offset)
{
	(void)buf;
	(void)nbyte;
	(void)flags;
	(void)offset;
	return transfer_fails(proc, id, VMS_OP_PWRITE);
}
