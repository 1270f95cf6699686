/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * struct vms: one arena, one engine, one run lock, and what hangs on them.
 *
 * Lock order: there is one lock, the run lock (runlock.h).  Everything in
 * this room below calls.c is called with it held; the fields of all structs
 * of this room are guarded by it unless they say otherwise.
 */
#ifndef VMS_VMSPACE_VMS_H
#define VMS_VMSPACE_VMS_H

#include <stdatomic.h>

#include <vmspace/vmspace.h>

#include "vmspace/pmap.h"
#include "vmspace/runlock.h"
#include "vmspace/vm_object.h"

struct cpu;
struct arena;
struct observation;

struct vms {
	struct vms_config config;
	struct arena *arena;
	struct cpu *cpu;
	struct runlock lock;
	atomic_int vkernel_enable;
	struct pv_table pv; /* pmap.c: who maps each arena page */
	struct vm_object_table
	    objects;          /* vm_object.c: file objects by (dev, ino) */
	uint64_t empty_root;  /* page table without guest pages */
	struct pmap *current; /* whose root the engine has, or NULL */
	_Atomic(struct vms_lwp *)
	    running;       /* lwp inside space_run, or NULL; not guarded */
	bool counting;     /* asked for by a caller */
	bool cpu_counting; /* also for an observer */
	bool store_step;   /* the next instruction stores to a watched page */
	struct observation *observe;        /* NULL: nobody looks */
	uint32_t proc_numbers, lwp_numbers; /* given so far */
	struct vms_proc *proc_list;
	unsigned procs; /* open vms_procs */
	unsigned lwps;  /* open vms_lwps */
	vms_lint_fn *lint;
	void *lint_arg;
	struct vms_stats stats;
	int host_pid_generation; /* os_fork_generation() at open: ENXIO in a
				    forked child */
};

/* As vms_open(), on the given arena and CPU, which vms then owns. */
int vms_open_on(const struct vms_config *config, struct arena *arena,
    struct cpu *cpu, struct vms **out);

/* The engine counts when a caller or an observer wants it; RDTSC shows it only
 * to the former. */
int vms_counting_apply(struct vms *vms);
/* vms_set_counting() inside the gate. */
int vms_counting_set(struct vms *vms, bool on);

#endif
