/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/run.h"

#include <errno.h>

#include "emu/arena.h"
#include "vmspace/lwp.h"
#include "vmspace/runlock.h"
#include "vmspace/space.h"
#include "vmspace/vm_fault.h"
#include "vmspace/vms.h"

/* One RUN in progress. */
struct run {
	struct space *space;
	struct vms_lwp *lwp;
	struct cpu *cpu;
	struct cpu_regs *regs;
	bool fp_off;
	uint64_t left_insns; /* of the budget; UINT64_MAX: none */
};

/* What to do after an event; an errno value ends the run. */
enum { RUN_REFLECT = 0, RUN_AGAIN = -1 };

static void run_enter(struct run *run);
static int run_loop(struct run *run, struct run_exit *exit);
static int run_event(struct run *run, struct run_exit *exit);
static int run_fault(struct run *run, struct run_exit *exit);
static void run_yield(struct run *run);
static void run_account(struct run *run, uint64_t insns);
static int run_broken(struct run *run);

int
space_run(struct space *space, struct vms_lwp *lwp, struct cpu_regs *regs,
    bool fp_off, struct run_exit *exit)
{
	struct vms *vms = space->vms;
	struct run run = { .space = space,
		.lwp = lwp,
		.cpu = vms->cpu,
		.regs = regs,
		.fp_off = fp_off,
		.left_insns =
		    lwp->budget_insns ? lwp->budget_insns : UINT64_MAX };
	int error;

	atomic_store(&vms->running, lwp);
	vms->stats.runs++;
	vm_map_check_sizes(space);
	if (vms->config.flags & VMS_CONFIG_EXACT_CODE)
		pmap_note_all(&space->pmap);
	run_enter(&run);
	exit->started = false;
	error = run_loop(&run, exit);
	run.cpu->ops->get_regs(run.cpu, regs);
	if (vms->config.flags & VMS_CONFIG_CHAOS)
		pmap_remove_all(&space->pmap);
	atomic_store(&vms->running, NULL);
	return error;
}

static void
run_enter(struct run *run)
{
	run->cpu->ops->enter(run->cpu, run->lwp->state, run->regs, run->fp_off);
}

static int
run_loop(struct run *run, struct run_exit *exit)
{
	struct vms *vms = run->space->vms;
	struct cpu_limits limits;
	int next;

	for (;;) {
		if (runlock_urgent(&vms->lock))
			run_yield(run);
		if (lwp_take_interrupt(run->lwp)) {
			exit->cpu =
			    (struct cpu_exit){ .kind = CPU_EXIT_STOPPED };
			return 0;
		}
		if ((next = pmap_activate(&run->space->pmap)) != 0)
			return next;
		limits.budget_insns = run->left_insns;
		run->cpu->ops->run(run->cpu, &limits, &exit->cpu);
		next = run_event(run, exit);
		run_account(run, exit->cpu.insns);
		if (next != RUN_AGAIN)
			return next;
		exit->started = true;
	}
}

static int
run_event(struct run *run, struct run_exit *exit)
{
	struct vms *vms = run->space->vms;
	int error;

	if ((error = run_broken(run)) != 0)
		return error;
	switch (exit->cpu.kind) {
	case CPU_EXIT_FAULT:
		return run_fault(run, exit);
	case CPU_EXIT_STOPPED:
		if (exit->cpu.insns != 0)
			exit->started = true;
		if (runlock_wanted(&vms->lock))
			run_yield(run);
		return RUN_AGAIN;
	case CPU_EXIT_ENGINE:
		return ENOTRECOVERABLE;
	default:
		exit->started = true;
		return RUN_REFLECT;
	}
}

static bool
same_fault(const struct cpu_exit *a, const struct cpu_exit *b)
{
	return a->kind == b->kind && a->addr == b->addr &&
	       a->access == b->access;
}

/* A fault that nobody below resolves is made exact first, which can bring
 * another event to light. */
static int
run_fault(struct run *run, struct run_exit *exit)
{
	struct space *space = run->space;
	struct cpu_limits limits = { run->left_insns };
	struct cpu_regs at;
	struct cpu_exit before = exit->cpu;
	int error;

	exit->started = true;
	run->cpu->ops->get_regs(run->cpu, &at);
	if (pmap_repair(&space->pmap, before.addr, before.access, at.rip)) {
		space->vms->stats.repairs++;
		return RUN_AGAIN;
	}
	error = vm_fault(space, before.addr, before.access);
	if (error == 0) {
		pmap_repair(&space->pmap, before.addr, before.access, at.rip);
		space->vms->stats.faults_resolved++;
		return RUN_AGAIN;
	}
	if (error != EFAULT)
		return error;
	run->cpu->ops->settle(run->cpu, &limits, &exit->cpu);
	if (!same_fault(&before, &exit->cpu))
		return run_event(run, exit);
	space->vms->stats.faults_reflected++;
	exit->was_present = pmap_lookup(&space->pmap, before.addr, NULL, NULL);
	return RUN_REFLECT;
}

/* Lets the waiters have the lock; others may use the engine meanwhile. */
static void
run_yield(struct run *run)
{
	struct vms *vms = run->space->vms;

	run->cpu->ops->get_regs(run->cpu, run->regs);
	atomic_store(&vms->running, NULL);
	runlock_release(&vms->lock);
	runlock_acquire(&vms->lock, true);
	atomic_store(&vms->running, run->lwp);
	run_enter(run);
}

static void
run_account(struct run *run, uint64_t insns)
{
	run->lwp->retired += insns;
	run->space->vms->stats.insns += insns;
	if (run->left_insns != UINT64_MAX)
		run->left_insns -= insns;
}

/* A mapped file lost its end while the guest ran: the SIGBUS handler put a
 * zero page there and stopped the engine. */
static int
run_broken(struct run *run)
{
	struct vms *vms = run->space->vms;
	uint64_t slot = arena_broken(vms->arena);

	if (slot == UINT64_MAX)
		return 0;
	while (slot != UINT64_MAX) {
		vm_object_broken_slot(vms, slot);
		slot = arena_broken(vms->arena);
	}
	return EIO;
}
