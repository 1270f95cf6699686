/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a guest of a space until something happens that its vkernel must see. */
#ifndef VMS_VMSPACE_RUN_H
#define VMS_VMSPACE_RUN_H

#include <vmspace/observe.h>
#include <vmspace/vmspace.h>

#include "emu/cpu.h"

struct space;
struct vms_lwp;

/* A cpu_exit that is final, made exact, and what the kernel adds to it. */
struct run_exit {
	struct cpu_exit
	    cpu; /* FAULT, TRAP, INT, SYSCALL, BUDGET, STOPPED (interrupted) */
	bool
	    was_present; /* FAULT: a logical translation was present (PGEX_P) */
	bool started; /* the guest was entered; false: STOPPED before its first
			 instruction */
	/* For the observer. */
	uint64_t limit_insns; /* set by the caller: 0: not even one */
	uint64_t part_insns;  /* retired since the run was resumed last */
	enum vms_run_how how;
};

/*
 * Enters regs on lwp's state, runs, stores the registers back into *regs.
 * Called with the run lock held; gives it up to waiters between slices, so
 * the space must be kept alive by a reference of its entry.
 * 0, ENOMEM, EIO (file truncated in mid-run), ENOTRECOVERABLE (engine failed),
 * or what an observer says when the run is resumed.
 */
int space_run(struct space *space, struct vms_lwp *lwp, struct cpu_regs *regs,
    bool fp_off, struct run_exit *exit);

#endif
