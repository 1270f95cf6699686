/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two ways to go forward: go() lets the engine run until something happens,
 * step() lets it do one instruction by the trap flag, after looking at it.
 */
#include "emu/cpu_unicorn.h"

#include "base/page.h"
#include "emu/x87_function.h"

/* What one RUN is worth on a clock that does not count. */
#define RUN_TICKS 1000
/* A block that the engine translates is shorter than this. */
#define SETTLE_STEPS 8192

static void begin(
    struct cpu_unicorn *cu, const struct cpu_limits *limits, uint64_t retired);
static void finish(
    struct cpu_unicorn *cu, uint64_t before, struct cpu_exit *exit);
static bool advance(struct cpu_unicorn *cu, struct cpu_exit *exit);
static bool must_step(struct cpu_unicorn *cu);
static bool go(struct cpu_unicorn *cu, struct cpu_exit *exit);
static bool step(struct cpu_unicorn *cu, struct cpu_exit *exit);
static uc_err start(struct cpu_unicorn *cu, uint64_t until);

void
unicorn_run(
    struct cpu *cpu, const struct cpu_limits *limits, struct cpu_exit *exit)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	begin(cu, limits, 0);
	while (!advance(cu, exit))
		continue;
	finish(cu, 0, exit);
}

/* Only a fetch fault can be inexact: the engine translates a whole block
 * before it runs the first instruction of it. */
void
unicorn_settle(
    struct cpu *cpu, const struct cpu_limits *limits, struct cpu_exit *exit)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);
	uint64_t before = exit->insns;
	bool done = false;

	if (exit->kind != CPU_EXIT_FAULT || exit->access != CPU_FETCH ||
	    page_trunc(cu->regs.rip) == page_trunc(exit->addr))
		return;
	begin(cu, limits, before);
	for (int i = 0; i < SETTLE_STEPS && !done; i++) {
		*exit = (struct cpu_exit){ .kind = CPU_EXIT_BUDGET };
		done = cu->retired >= cu->limit || step(cu, exit);
	}
	while (!done)
		done = advance(cu, exit);
	finish(cu, before, exit);
}

static void
begin(struct cpu_unicorn *cu, const struct cpu_limits *limits, uint64_t retired)
{
	cu->limit = cu->counting ? limits->budget_insns : UINT64_MAX;
	cu->retired = retired;
	cu->hazard_size = 0;
	cu->short_left = false;
	unicorn_run_begin(cu);
}

static void
finish(struct cpu_unicorn *cu, uint64_t before, struct cpu_exit *exit)
{
	unicorn_run_end(cu);
	unicorn_mixed_end(cu);
	exit->insns = cu->retired;
	if (unicorn_clock_counts(cu))
		cu->entered->clock += cu->retired - before;
}

void
unicorn_set_clock(struct cpu *cpu, bool counts)
{
	cpu_unicorn(cpu)->clock_counts = counts;
}

void
unicorn_tick(struct cpu *cpu)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	if (!unicorn_clock_counts(cu))
		cu->entered->clock += RUN_TICKS;
}

static bool
advance(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	*exit = (struct cpu_exit){ .kind = CPU_EXIT_STOPPED };
	if (unicorn_stop_taken(cu))
		return true;
	exit->kind = CPU_EXIT_BUDGET;
	if (cu->retired >= cu->limit)
		return true;
	exit->kind = CPU_EXIT_TRAP;
	exit->vector = 13;
	if (!va_is_canonical(cu->regs.rip))
		return true;
	exit->vector = 0;
	return must_step(cu) ? step(cu, exit) : go(cu, exit);
}

static bool
must_step(struct cpu_unicorn *cu)
{
	return unicorn_mixed_wants(cu) || cu->short_left ||
	       cu->regs.rip - cu->hazard_va < cu->hazard_size ||
	       unicorn_must_step(cu);
}

static bool
go(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	uint64_t rip = cu->regs.rip;
	uc_err err;

	unicorn_guards_arm(cu);
	err = start(cu, 0);

	/* At an exit address, or without progress for another reason, the
	 * instruction is looked at and stepped over. */
	cu->hazard_size = 0;
	if (cu->event.kind == EVENT_NONE &&
	    (cu->regs.rip == rip || unicorn_guarded(cu, cu->regs.rip))) {
		cu->hazard_va = cu->regs.rip;
		cu->hazard_size = 1;
	}
	return unicorn_event_exit(cu, err, exit);
}

/* With exit addresses off, so that one can be passed. */
static uc_err
start_unguarded(struct cpu_unicorn *cu, uint64_t until)
{
	uc_err err;

	if (cu->exit_count == 0 && until == 0)
		return start(cu, 0);
	cu->capture = true;
	uc_ctl_exits_disable(cu->uc);
	err = start(cu, until);
	uc_ctl_exits_enable(cu->uc);
	cu->capture = cu->exit_count > 0;
	return err;
}

/* The trap flag does not stop between an instruction that shadows the next and
 * that one, and translating the next unseen may be fatal.  0: no address. */
static uint64_t
step_until(const struct cpu_unicorn *cu, const struct insn *insn)
{
	if (insn_shadows_next(insn))
		return cu->regs.rip + insn->length;
	return cu->regs.rip == 0 ? 1 : 0;
}

/* pushf has pushed the trap flag of the step. */
static void
pushf_mend(struct cpu_unicorn *cu)
{
	uint64_t va = cu->regs.rsp + 1;
	uint8_t byte;

	if (unicorn_peek(cu, va, &byte, 1) == 1)
		unicorn_poke(cu, va, (uint8_t)(byte & ~1u));
}

static bool
zero_flag_ends(const struct insn *insn, uint64_t rflags)
{
	bool zf = rflags & 0x40;

	return insn_compares_string(insn) && (insn->repne ? zf : !zf);
}

/*
 * Running freely, the engine comes back to a REP instruction once more to
 * find the count at zero, and counts that; stepping, it goes on at once.
 */
static void
repeat_mend(struct cpu_unicorn *cu, const struct insn *insn,
    const struct cpu_regs *before)
{
	uint64_t mask = insn->addrsize ? UINT32_MAX : UINT64_MAX;

	if (insn_is_repeated(insn) && (before->rcx & mask) != 0 &&
	    (cu->regs.rcx & mask) == 0 &&
	    cu->regs.rip == before->rip + insn->length &&
	    !zero_flag_ends(insn, cu->regs.rflags))
		cu->regs.rip = before->rip;
}

static void
step_mend(struct cpu_unicorn *cu, const struct insn *insn,
    const struct cpu_regs *before)
{
	if (insn_is_pushf(insn))
		pushf_mend(cu);
	repeat_mend(cu, insn, before);
	if (insn_hazard(insn) != INSN_SAFE) /* must be seen every time */
		uc_ctl_remove_cache(cu->uc, before->rip, before->rip + 1);
}

/* Does fsin, fprem and their like in the engine's place. */
static bool
x87_done(struct cpu_unicorn *cu, const struct insn *insn)
{
	uint8_t fxsave[512];

	if (insn_hazard(insn) != INSN_FUNCTION || cu->fp_off)
		return false;
	unicorn_state_getfp(&cu->cpu, cu->entered, fxsave);
	x87_function(fxsave, insn->modrm);
	unicorn_state_setfp(&cu->cpu, cu->entered, fxsave);
	cu->regs.rip += insn->length;
	cu->retired += cu->counting;
	return true;
}

static bool
step(struct cpu_unicorn *cu, struct cpu_exit *exit)
{
	struct cpu_regs before = cu->regs;
	bool ours = !(before.rflags & FLAG_TF);
	bool done;
	struct insn insn;
	uc_err err;

	if (unicorn_insn(cu, &insn)) {
		if (unicorn_hazard_exit(cu, &insn, exit))
			return true;
		if (x87_done(cu, &insn)) {
			/* This much if the guest steps itself. */
			*exit = (struct cpu_exit){ .kind = CPU_EXIT_TRAP,
				.vector = 1 };
			return !ours;
		}
	}
	cu->regs.rflags |= FLAG_TF;
	cu->stepping = true;
	cu->step_va = before.rip;
	err = start_unguarded(cu, step_until(cu, &insn));
	cu->stepping = false;
	done = cu->event.kind == EVENT_VECTOR && cu->event.vector == 1 &&
	       !cu->event.is_int;
	if (ours && !(done && insn_loads_flags(&insn)))
		cu->regs.rflags &= ~FLAG_TF;
	if (done)
		step_mend(cu, &insn, &before);
	if (done && ours)
		return false;
	return unicorn_event_exit(cu, err, exit);
}

/* Empties the engine's TLB, so several changes are one. */
static void
root_load(struct cpu_unicorn *cu)
{
	if (cu->root_due)
		uc_reg_write(cu->uc, UC_X86_REG_CR3, &cu->root_pa);
	cu->root_due = false;
}

static uc_err
start(struct cpu_unicorn *cu, uint64_t until)
{
	uc_err err;

	root_load(cu);
	unicorn_regs_load(cu);
	cu->event.kind = EVENT_NONE;
	cu->event.captured = false;
	cu->stepped = false;
	cu->in_guest = true;
	unicorn_count_begin(cu);
	err = uc_emu_start(cu->uc, cu->regs.rip, until, 0, 0);
	unicorn_count_end(cu);
	cu->in_guest = false;
	unicorn_regs_save(cu);
	if (cu->event.kind == EVENT_VECTOR && !cu->event.captured)
		unicorn_event_take(cu, cu->entered->blob);
	return err;
}
