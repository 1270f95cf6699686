/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/run.h"

#include <errno.h>

#include "emu/arena.h"
#include "vmspace/lwp.h"
#include "vmspace/observe.h"
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
	uint64_t left_insns;  /* of the budget; UINT64_MAX: none */
	uint64_t limit_insns; /* of the observer; likewise */
	uint64_t part_insns;  /* retired since the start or last resumption */
	bool yield;           /* others have waited long enough */
	bool faulted;         /* nothing was retired since the last fault */
	bool one; /* one instruction is retired before others have it */
	uint64_t stored_at; /* part_insns of the last watched store */
};

/* What to do after an event; an errno value ends the run. */
enum { RUN_REFLECT = 0, RUN_AGAIN = -1 };

static void run_enter(struct run *run);
static int run_loop(struct run *run, struct run_exit *exit);
static int run_event(struct run *run, struct run_exit *exit);
static int run_fault(struct run *run, struct run_exit *exit);
static int run_interrupted(struct run_exit *exit, enum vms_run_how how);
static bool run_is_held(const struct run *run, const struct run_exit *exit);
static bool run_is_wanted(const struct run *run);
static void run_limit(struct run *run, struct cpu_limits *limits);
static void run_store(
    struct run *run, vms_va_t va, const struct cpu_regs *at, uint64_t insns);
static int run_yield(struct run *run);
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
		    lwp->budget_insns ? lwp->budget_insns : UINT64_MAX,
		.limit_insns = exit->limit_insns,
		.stored_at = UINT64_MAX };
	int error;

	atomic_store(&vms->running, lwp);
	vms->stats.runs++;
	vm_map_check_sizes(space);
	if (vms->config.flags & VMS_CONFIG_EXACT_CODE)
		pmap_note_all(&space->pmap);
	run_enter(&run);
	exit->started = false;
	exit->how = VMS_RUN_TRAP;
	error = run_loop(&run, exit);
	exit->part_insns = run.part_insns;
	run.cpu->ops->tick(run.cpu);
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
	bool held;
	int next;

	for (;;) {
		held = run_is_held(run, exit);
		run->one = held && run_is_wanted(run);
		if (!held && (run->yield || runlock_urgent(&vms->lock)) &&
		    (next = run_yield(run)) != 0)
			return next;
		if (run->limit_insns == 0 && !exit->started)
			return run_interrupted(exit, VMS_RUN_LIMIT);
		if (!held && lwp_take_interrupt(run->lwp))
			return run_interrupted(exit, VMS_RUN_ASKED);
		if ((next = pmap_activate(&run->space->pmap)) != 0)
			return next;
		run_limit(run, &limits);
		run->cpu->ops->run(run->cpu, &limits, &exit->cpu);
		next = run_event(run, exit);
		run_account(run, exit->cpu.insns);
		if (next != RUN_AGAIN)
			return next;
		exit->started = true;
		if (exit->cpu.kind == CPU_EXIT_FAULT)
			run->faulted = true;
		else if (exit->cpu.insns != 0)
			run->faulted = false;
	}
}

/*
 * An observer names the place of an interruption by a count of instructions.
 * Between a fault, which has used a page, and its instruction lies one that has
 * no such name, and so it is between entering and the first instruction; there
 * one is retired before others have their way.
 */
static bool
run_is_held(const struct run *run, const struct run_exit *exit)
{
	return run->space->vms->observe != NULL &&
	       (run->faulted || (exit->started && run->part_insns == 0));
}

/* Who comes after this look stops the engine, and is seen at the next. */
static bool
run_is_wanted(const struct run *run)
{
	return run->yield || runlock_urgent(&run->space->vms->lock) ||
	       lwp_interrupt_pending(run->lwp);
}

static int
run_interrupted(struct run_exit *exit, enum vms_run_how how)
{
	exit->cpu = (struct cpu_exit){ .kind = CPU_EXIT_STOPPED };
	exit->how = how;
	return 0;
}

static uint64_t
run_left(const struct run *run)
{
	uint64_t left = run->left_insns;

	if (run->limit_insns < left)
		left = run->limit_insns;
	return left;
}

/* The budget is that of the caller, what the observer permits, the way to the
 * next digest, or, before a watched store, one instruction. */
static void
run_limit(struct run *run, struct cpu_limits *limits)
{
	struct vms *vms = run->space->vms;
	uint64_t due = observe_due(vms);

	limits->budget_insns = run_left(run);
	if (due < limits->budget_insns)
		limits->budget_insns = due;
	if ((vms->store_step || run->one) && limits->budget_insns > 1)
		limits->budget_insns = 1;
}

/* So many have been retired as somebody asked for: who? */
static int
run_budget(struct run *run, struct run_exit *exit)
{
	uint64_t insns = exit->cpu.insns;

	exit->started = true;
	if (insns >= run->left_insns)
		exit->how = VMS_RUN_BUDGET;
	else if (insns >= run->limit_insns)
		exit->how = VMS_RUN_LIMIT;
	else
		return RUN_AGAIN;
	return RUN_REFLECT;
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
			run->yield = true;
		return RUN_AGAIN;
	case CPU_EXIT_BUDGET:
		return run_budget(run, exit);
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
	struct cpu_limits limits;
	struct cpu_regs at;
	struct cpu_exit before = exit->cpu;
	int error;

	exit->started = true;
	run->cpu->ops->get_regs(run->cpu, &at);
	error = 0;
	if (pmap_repair(&space->pmap, before.addr, before.access, at.rip)) {
		space->vms->stats.repairs++;
	} else if ((error = vm_fault(space, before.addr, before.access)) == 0) {
		pmap_repair(&space->pmap, before.addr, before.access, at.rip);
		space->vms->stats.faults_resolved++;
	}
	if (error == 0) {
		if (space->vms->store_step)
			run_store(run, before.addr, &at, exit->cpu.insns);
		return RUN_AGAIN;
	}
	if (error != EFAULT)
		return error;
	run_limit(run, &limits);
	run->cpu->ops->settle(run->cpu, &limits, &exit->cpu);
	if (!same_fault(&before, &exit->cpu))
		return run_event(run, exit);
	space->vms->stats.faults_reflected++;
	exit->was_present = pmap_lookup(&space->pmap, before.addr, NULL, NULL);
	return RUN_REFLECT;
}

/* Told once for each instruction, which may fault several times before it
 * has stored. */
static void
run_store(
    struct run *run, vms_va_t va, const struct cpu_regs *at, uint64_t insns)
{
	uint64_t now = run->part_insns + insns;

	if (run->stored_at == now)
		return;
	run->stored_at = now;
	observe_store(run->lwp, va, at, now);
}

/* Lets the waiters have the lock; others may use the engine meanwhile.  An
 * observer may refuse to go on. */
static int
run_yield(struct run *run)
{
	struct vms *vms = run->space->vms;
	const struct vms_run_end end = {
		.how = VMS_RUN_PAUSED, .insns = run->part_insns, .started = true
	};
	int error;

	run->yield = false;
	observe_run_end(run->lwp, &end);
	run->cpu->ops->get_regs(run->cpu, run->regs);
	atomic_store(&vms->running, NULL);
	runlock_release(&vms->lock);
	runlock_acquire(&vms->lock, true);
	atomic_store(&vms->running, run->lwp);
	run_enter(run);
	run->part_insns = 0;
	run->stored_at = UINT64_MAX;
	error = observe_run_start(run->lwp, NULL, NULL, &run->limit_insns);
	return error;
}

static void
run_account(struct run *run, uint64_t insns)
{
	struct vms *vms = run->space->vms;

	if (vms->counting) {
		run->lwp->retired += insns;
		vms->stats.insns += insns;
	}
	run->part_insns += insns;
	if (run->left_insns != UINT64_MAX)
		run->left_insns -= insns;
	if (run->limit_insns != UINT64_MAX)
		run->limit_insns -= insns;
	if (vms->store_step && insns > 0) {
		vms->store_step = false;
		pmap_close_stores(&run->space->pmap);
	}
	observe_retired(run->lwp, insns);
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
