/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lifetime of processes and threads: vkernel_inherit, vkernel_exit and
 * vkernel_lwp_exit of sys/vm/vm_vmspace.c.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vmspace/vmspace.h>

#include "base/assert.h"
#include "emu/cpu.h"
#include "vmspace/calls.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
#include "vmspace/registry.h"
#include "vmspace/vms.h"

#define FXSAVE_MXCSR  24
#define MXCSR_DEFINED UINT32_C(0xFFFF)

static int proc_create(
    struct vms *vms, struct vms_proc *parent, struct vms_proc **out);
static bool proc_running(const struct vms_proc *proc);
static void proc_leave(struct vms_proc *proc);
static void lwp_free(struct vms_lwp *lwp);
static void lwp_unlink(struct vms_lwp *lwp);

int
vms_proc_open(struct vms *vms, struct vms_proc **out)
{
	return proc_create(vms, NULL, out);
}

int
vms_proc_fork(struct vms_proc *parent, struct vms_proc **child)
{
	return proc_create(parent->vms, parent, child);
}

/* vkernel_inherit, when parent is not NULL and has a registry. */
static int
proc_create(struct vms *vms, struct vms_proc *parent, struct vms_proc **out)
{
	struct vms_call call = { .op = parent == NULL ? VMS_OP_PROC_OPEN
						      : VMS_OP_PROC_FORK };
	struct vms_proc *proc;
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if ((error = proc_new(vms, &proc)) != 0) {
		gate_leave(vms);
		return error;
	}
	if (parent != NULL && parent->vkernel != NULL) {
		registry_ref(parent->vkernel);
		proc->vkernel = parent->vkernel;
	}
	call.result = proc->number = ++vms->proc_numbers;
	observe_call(vms, parent, &call, 0);
	gate_leave(vms);
	*out = proc;
	return 0;
}

int
proc_new(struct vms *vms, struct vms_proc **out)
{
	struct vms_proc *proc = calloc(1, sizeof(*proc));

	if (proc == NULL)
		return ENOMEM;
	proc->vms = vms;
	atomic_init(&proc->mailbox, false);
	atomic_init(&proc->kicks, 0);
	proc->next = vms->proc_list;
	vms->proc_list = proc;
	vms->procs++;
	*out = proc;
	return 0;
}

int
vms_proc_exec(struct vms_proc *proc)
{
	struct vms_call call = { .op = VMS_OP_PROC_EXEC };
	int error;

	if ((error = gate_enter(proc->vms, false)) != 0)
		return error;
	if (proc_running(proc))
		error = EBUSY;
	else
		proc_leave(proc);
	observe_call(proc->vms, proc, &call, error);
	gate_leave(proc->vms);
	return error;
}

int
vms_proc_exit(struct vms_proc *proc)
{
	struct vms_call call = { .op = VMS_OP_PROC_EXIT };
	struct vms *vms;
	int error;

	if (proc == NULL)
		return 0;
	vms = proc->vms;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if (proc_running(proc)) {
		observe_call(vms, proc, &call, EBUSY);
		gate_leave(vms);
		return EBUSY;
	}
	lwps_free(proc);
	proc_leave(proc);
	observe_call(vms, proc, &call, 0);
	proc_free(proc);
	gate_leave(vms);
	return 0;
}

void
lwps_free(struct vms_proc *proc)
{
	struct vms_lwp *lwp;

	while ((lwp = proc->lwps) != NULL) {
		proc->lwps = lwp->next;
		lwp_free(lwp);
	}
}

void
proc_free(struct vms_proc *proc)
{
	struct vms_proc **link = &proc->vms->proc_list;

	while (*link != proc)
		link = &(*link)->next;
	*link = proc->next;
	proc->vms->procs--;
	free(proc);
}

/* A guest that waits for its next slice counts as running. */
static bool
proc_running(const struct vms_proc *proc)
{
	for (struct vms_lwp *lwp = proc->lwps; lwp != NULL; lwp = lwp->next) {
		if (lwp->ve != NULL)
			return true;
	}
	return false;
}

static void
proc_leave(struct vms_proc *proc)
{
	struct vkernel_proc *vkp = proc->vkernel;

	proc->vkernel = NULL;
	if (vkp == NULL)
		return;
	if (vkp->refs == 1 && vkp->count > 0)
		observe_before_loss(proc->vms);
	registry_drop(vkp);
}

/* May be called from a signal handler.  The flag comes before the kick, as
 * mailbox_take() reads them in the other order.  A stop that hits the guest of
 * another process is passed over by its run. */
void
vms_proc_mailbox(struct vms_proc *proc)
{
	struct vms *vms = proc->vms;

	atomic_store(&proc->mailbox, true);
	atomic_fetch_add(&proc->kicks, 1);
	if (atomic_load(&vms->running) != NULL)
		vms->cpu->ops->stop(vms->cpu);
}

int
vms_lwp_open(struct vms_proc *proc, struct vms_lwp **out)
{
	struct vms_call call = { .op = VMS_OP_LWP_OPEN };
	struct vms *vms = proc->vms;
	struct vms_lwp *lwp;
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if ((error = lwp_new(proc, &lwp)) == 0) {
		call.result = lwp->number = ++vms->lwp_numbers;
		observe_call(vms, proc, &call, 0);
		*out = lwp;
	}
	gate_leave(vms);
	return error;
}

int
lwp_new(struct vms_proc *proc, struct vms_lwp **out)
{
	struct vms *vms = proc->vms;
	struct vms_lwp *lwp = calloc(1, sizeof(*lwp));
	int error;

	if (lwp == NULL)
		return ENOMEM;
	error = vms->cpu->ops->state_create(vms->cpu, &lwp->state);
	if (error != 0) {
		free(lwp);
		return error;
	}
	lwp->proc = proc;
	atomic_init(&lwp->interrupted, false);
	lwp->next = proc->lwps;
	proc->lwps = lwp;
	vms->lwps++;
	*out = lwp;
	return 0;
}

int
vms_lwp_exit(struct vms_lwp *lwp)
{
	struct vms_call call = { .op = VMS_OP_LWP_EXIT };
	struct vms *vms;
	int error;

	if (lwp == NULL)
		return 0;
	vms = lwp->proc->vms;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if (lwp->ve != NULL)
		error = EBUSY;
	call.lwp = lwp->number;
	observe_call(vms, lwp->proc, &call, error);
	if (error == 0) {
		lwp_unlink(lwp);
		lwp_free(lwp);
	}
	gate_leave(vms);
	return error;
}

static void
lwp_free(struct vms_lwp *lwp)
{
	struct vms *vms = lwp->proc->vms;

	VMS_ASSERT("lwp-idle", lwp->ve == NULL);
	vms->cpu->ops->state_destroy(vms->cpu, lwp->state);
	vms->lwps--;
	free(lwp);
}

static void
lwp_unlink(struct vms_lwp *lwp)
{
	struct vms_lwp **link = &lwp->proc->lwps;

	while (*link != lwp)
		link = &(*link)->next;
	*link = lwp->next;
}

/* The request is stored before the engine's user is looked at; a run stores
 * itself before it looks for requests.  One of the two sees the other. */
void
vms_lwp_interrupt(struct vms_lwp *lwp)
{
	struct vms *vms = lwp->proc->vms;

	atomic_store(&lwp->interrupted, true);
	if (atomic_load(&vms->running) == lwp)
		vms->cpu->ops->stop(vms->cpu);
}

int
vms_lwp_set_budget(struct vms_lwp *lwp, uint64_t insns)
{
	struct vms_call call = { .op = VMS_OP_LWP_SET_BUDGET,
		.lwp = lwp->number,
		.args = { insns } };
	struct vms *vms = lwp->proc->vms;
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	if (insns != 0 && !vms->counting)
		error = vms_counting_set(vms, true);
	if (error == 0)
		lwp->budget_insns = insns;
	observe_call(vms, lwp->proc, &call, error);
	gate_leave(vms);
	return error;
}

uint64_t
vms_lwp_retired(const struct vms_lwp *lwp)
{
	return lwp->retired;
}

int
vms_lwp_getfp(struct vms_lwp *lwp, void *fxsave)
{
	struct vms *vms = lwp->proc->vms;
	int error;

	if ((error = gate_enter(vms, false)) != 0)
		return error;
	vms->cpu->ops->state_getfp(vms->cpu, lwp->state, fxsave);
	gate_leave(vms);
	return 0;
}

void
lwp_setfp(struct vms_lwp *lwp, const void *fxsave)
{
	struct vms_call call = { .op = VMS_OP_LWP_SETFP,
		.lwp = lwp->number,
		.data = fxsave,
		.data_bytes = 512 };
	struct vms *vms = lwp->proc->vms;

	vms->cpu->ops->state_setfp(vms->cpu, lwp->state, fxsave);
	observe_call(vms, lwp->proc, &call, 0);
}

int
vms_lwp_setfp(struct vms_lwp *lwp, const void *fxsave)
{
	struct vms *vms = lwp->proc->vms;
	uint32_t mxcsr;
	int error;

	memcpy(&mxcsr, (const uint8_t *)fxsave + FXSAVE_MXCSR, sizeof(mxcsr));
	if ((mxcsr & ~MXCSR_DEFINED) != 0)
		return EINVAL;
	if ((error = gate_enter(vms, false)) != 0)
		return error;
	lwp_setfp(lwp, fxsave);
	gate_leave(vms);
	return 0;
}
