/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's proc and lwp, as far as vkernels see them. */
#ifndef VMS_VMSPACE_LWP_H
#define VMS_VMSPACE_LWP_H

#include <stdatomic.h>

#include <vmspace/vmspace.h>

struct cpu_state;
struct vkernel_proc;
struct vmspace_entry;

struct vms_proc {
	struct vms *vms;
	struct vms_proc *next; /* of vms->proc_list */
	uint32_t number;       /* for observers, from 1 */
	struct vkernel_proc
	    *vkernel;         /* registry, NULL before the first create */
	atomic_bool mailbox;  /* P_MAILBOX; not guarded */
	atomic_uint kicks;    /* vms_proc_mailbox() calls; not guarded */
	struct vms_lwp *lwps; /* list */
};

struct vms_lwp {
	struct vms_proc *proc;
	uint32_t number;      /* for observers, from 1 */
	struct vms_lwp *next; /* of proc->lwps */
	struct cpu_state *state;
	struct vmspace_entry *ve; /* being run, or NULL (vkernel_lwp.ve) */
	atomic_bool interrupted;  /* vms_lwp_interrupt(); not guarded */
	unsigned kicks_seen;      /* of proc->kicks, when this RUN began */
	uint64_t budget_insns;    /* 0: none */
	uint64_t retired;
};

/* Without a number, inside the gate, told to nobody.  ENOMEM. */
int proc_new(struct vms *vms, struct vms_proc **out);
int lwp_new(struct vms_proc *proc, struct vms_lwp **out);
/* All of proc, none of which runs; and proc, which has left its registry. */
void lwps_free(struct vms_proc *proc);
void proc_free(struct vms_proc *proc);

/* vms_lwp_setfp() inside the gate, of an image that is right. */
void lwp_setfp(struct vms_lwp *lwp, const void *fxsave);

/*
 * Must the guest that lwp runs or is about to run be kicked out with trapno
 * 0?  True once for each request: the request is taken.  A mailbox kick is a
 * counter and not a walk over proc->lwps, because it comes from a signal
 * handler.
 */
static inline bool
lwp_take_interrupt(struct vms_lwp *lwp)
{
	unsigned kicks = atomic_load(&lwp->proc->kicks);
	bool kicked = kicks != lwp->kicks_seen;

	lwp->kicks_seen = kicks;
	if (atomic_load(&lwp->interrupted) &&
	    atomic_exchange(&lwp->interrupted, false))
		kicked = true;
	return kicked;
}

/* Would it be true? */
static inline bool
lwp_interrupt_pending(const struct vms_lwp *lwp)
{
	return atomic_load(&lwp->proc->kicks) != lwp->kicks_seen ||
	       atomic_load(&lwp->interrupted);
}

#endif
