/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Telling the observer of a struct vms (include/vmspace/observe.h).  Without
 * one every function here returns at once.  Called with the run lock held.
 */
#ifndef VMS_VMSPACE_OBSERVE_H
#define VMS_VMSPACE_OBSERVE_H

#include <vmspace/observe.h>

#include "emu/cpu.h"
#include "vmspace/watch.h"

struct vm_object;
struct vms_lwp;
struct vmspace_entry;

struct observation {
	struct vms_observer to;
	void *arg;
	struct watch watch;
	uint64_t insns;       /* retired while observed */
	uint64_t next_digest; /* of insns; UINT64_MAX: none */
	struct vms_lwp *playing;
	uint8_t fxsave[512];
};

/* Ends the observation without telling anybody: for vms_close(). */
void observe_end(struct vms *vms);

/* Completes *call (all but op, lwp, id, args, data, result) and tells it;
 * answers error. */
int observe_call(
    struct vms *vms, struct vms_proc *proc, struct vms_call *call, int error);
/* The same for a mapping of fd. */
int observe_mmap(
    struct vms_proc *proc, struct vms_call *call, int fd, int flags, int error);
/* A numbered file object is new or has another size. */
void observe_object(struct vm_object *file);

/* Around each part of a run.  *limit as vms_observer.run_start() leaves it. */
int observe_run_start(struct vms_lwp *lwp, const struct trapframe *tf,
    const struct vextframe *vf, uint64_t *limit);
void observe_run_end(struct vms_lwp *lwp, const struct vms_run_end *told);

/* How many instructions may be retired until something is due. */
uint64_t observe_due(const struct vms *vms);
/* insns more have been retired; takes a digest when one is due. */
void observe_retired(struct vms_lwp *lwp, uint64_t insns);
/* Before memory goes away: a digest. */
void observe_before_loss(struct vms *vms);

void observe_store(struct vms_lwp *lwp, vms_va_t va,
    const struct cpu_regs *regs, uint64_t insns);

/* Does play() of the observer take the engine's place? */
bool observe_plays(const struct vms *vms);
int observe_play(
    struct vms_lwp *lwp, struct trapframe *tf, const struct vextframe *vf);
/* Around a copy from or to guest memory. */
void observe_play_before(struct vms *vms, const struct vms_call *call);
void observe_play_read(
    struct vms *vms, const struct vms_call *call, void *bytes);

#endif
