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
	struct vkernel_proc *vkernel; /* registry, NULL before the first create */
	atomic_bool mailbox;          /* P_MAILBOX; not guarded */
	struct vms_lwp *lwps;         /* list */
};

struct vms_lwp {
	struct vms_proc *proc;
	struct vms_lwp *next;         /* of proc->lwps */
	struct cpu_state *state;
	struct vmspace_entry *ve;     /* being run, or NULL (vkernel_lwp.ve) */
	atomic_bool interrupted;      /* vms_lwp_interrupt(); not guarded */
	uint64_t budget_insns;        /* 0: none */
	uint64_t retired;
};

#endif
