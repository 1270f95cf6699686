/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the vkernel under test: what it gives the guest is compared with
 * what it gave when it was recorded, and what the guest did is done. */
#include "traces/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "traces/errno_map.h"

static bool run_find(struct guest *guest, const struct vms_run_start *start);
static void run_compare(struct guest *guest, const struct vms_run_start *start);
static int run_do(struct guest *guest, struct trapframe *tf);

int
guest_play(void *arg, const struct vms_run_start *start, struct trapframe *tf)
{
	struct guest *guest = arg;

	if (guest->state != GUEST_SAME)
		return ECANCELED;
	guest->verdict.len = 0;
	guest->memory_lines = 0;
	guest->first_object = 0;
	if (!run_find(guest, start))
		return ECANCELED;
	run_compare(guest, start);
	if (guest->state != GUEST_SAME)
		return ECANCELED;
	return run_do(guest, tf);
}

static void
run_text(struct guest *guest, const struct vms_run_start *start, char *text,
    size_t size)
{
	uint64_t ordinal;

	if (u64map_get(
		&guest->by_id, (uint64_t)(uintptr_t)start->id - 1, &ordinal))
		snprintf(text, size,
		    "a run of vmspace %" PRIu64 " by lwp %" PRIu32
		    " at 0x%" PRIx64,
		    ordinal, start->lwp, (uint64_t)start->tf->tf_rip);
	else
		snprintf(text, size, "a run by lwp %" PRIu32, start->lwp);
}

static bool
run_find(struct guest *guest, const struct vms_run_start *start)
{
	char recorded[400], made[120];

	run_text(guest, start, made, sizeof(made));
	while (guest_advance(guest, GUEST_RUN)) {
		const struct trace_event *next = &guest->next;

		if (next->kind == TRACE_RUN)
			return true;
		if (rules_has(&guest->rules, next->u.call.op, RULE_MISSING)) {
			guest->has_next = false;
			continue;
		}
		guest->verdict.len = 0;
		guest_call_text(&next->u.call, recorded, sizeof(recorded));
		guest_say(guest, "  recorded:   %s", recorded);
		guest_say(guest, "  the kernel: %s", made);
		guest_differ(guest,
		    "different at event %" PRIu64
		    ": a run where a call is recorded",
		    next->number);
		return false;
	}
	guest_past_end(guest, made);
	return false;
}

static void
registers_compare(struct guest *guest, const struct trace_run *run,
    const struct vms_run_start *start)
{
	const struct tls_info *tls = start->vf->vx_tls.info;
	uint64_t recorded[TRACE_REGS], actual[TRACE_REGS];

	memcpy(recorded, &run->frame_in, sizeof(run->frame_in));
	memcpy(actual, start->tf, sizeof(*start->tf));
	for (unsigned i = 0; i < TRACE_REGS - TRACE_FRAME_REGS; i++) {
		recorded[TRACE_FRAME_REGS + i] = run->tls_in[i];
		actual[TRACE_FRAME_REGS + i] = (uintptr_t)tls[i].base;
	}
	for (unsigned i = 0; i < TRACE_REGS; i++)
		if (recorded[i] != actual[i] &&
		    !(guest->rules.registers & (UINT32_C(1) << i)))
			guest_say(guest,
			    "  %s: recorded 0x%" PRIx64
			    ", the kernel gave 0x%" PRIx64,
			    trace_reg_names[i], recorded[i], actual[i]);
}

static void
run_compare(struct guest *guest, const struct vms_run_start *start)
{
	const struct trace_run *run = &guest->next.u.run;

	if (run->resumed) {
		guest_unusable(guest,
		    "event %" PRIu64 ": calls of another thread came in the "
		    "middle of a run; such a trace cannot be played",
		    guest->next.number);
		return;
	}
	if (run->proc != start->proc || run->lwp != start->lwp)
		guest_say(guest,
		    "  lwp: recorded %" PRIu32 ", the kernel ran %" PRIu32,
		    run->lwp, start->lwp);
	if (!guest_id_same(guest, run->id, start->id))
		guest_say(guest,
		    "  vmspace: recorded number %" PRIu32
		    ", the kernel ran another",
		    run->id);
	if (guest->memory_lines > 0 && guest->first_object != 0)
		guest_where_say(
		    guest, run->id, guest->first_object, guest->first_off);
	registers_compare(guest, run, start);
	guest_objects_compare(guest);
	if (guest->verdict.len > 0)
		guest_differ(guest,
		    "different at event %" PRIu64 ": a run of vmspace %" PRIu32
		    " at 0x%" PRIx64,
		    guest->next.number, run->id,
		    (uint64_t)run->frame_in.tf_rip);
}

/* What the guest has left: events that follow the RUN. */
static void
effects_do(struct guest *guest)
{
	struct trace_problem problem = { .text = "" };
	const struct trace_event *next = &guest->next;
	int error = 0;

	while (
	    guest->state == GUEST_SAME &&
	    (error = trace_next(guest->reader, &guest->next, &problem)) == 0) {
		if (next->kind == TRACE_FP) {
			(void)vms_play_setfp(
			    guest->vms, next->u.fp.lwp, next->u.fp.fxsave);
		} else if (next->kind == TRACE_WRITTEN) {
			guest_written(guest, &next->u.written);
		} else {
			guest->pushed = true;
			return;
		}
		guest->passed = next->number + 1;
	}
	if (error != 0 && error != ENOENT)
		guest_unusable(guest, "%s", problem.text);
}

/* The RUN is in guest->next. */
static void
part_do(struct guest *guest, struct trapframe *tf)
{
	const struct trace_run *run = &guest->next.u.run;

	if (run->has_frame_out)
		*tf = run->frame_out;
	(void)vms_play_retired(guest->vms, run->lwp, run->insns);
	guest->last = (struct guest_last){
		.any = true, .event = guest->next.number, .left = *tf
	};
	guest->has_next = false;
	guest->passed = guest->next.number + 1;
	effects_do(guest);
}

/* Another thread looked at the vms in the middle of the run, no more. */
static bool
part_next(struct guest *guest, uint32_t lwp)
{
	const struct trace_run *run = &guest->next.u.run;

	if (!guest_advance(guest, GUEST_RUN)) {
		guest_past_end(guest, "the rest of a run");
		return false;
	}
	if (guest->next.kind == TRACE_RUN && run->resumed && run->lwp == lwp)
		return true;
	guest_unusable(guest,
	    "event %" PRIu64 ": a call of another thread came in the middle "
	    "of a run; such a trace cannot be played",
	    guest->next.number);
	return false;
}

static int
run_do(struct guest *guest, struct trapframe *tf)
{
	struct trace_run run = guest->next.u.run;

	part_do(guest, tf);
	while (run.how == VMS_RUN_PAUSED) {
		if (!part_next(guest, run.lwp))
			return ECANCELED;
		run = guest->next.u.run;
		part_do(guest, tf);
	}
	verdict_progress(&guest->verdict, guest->passed, 0);
	if (guest->state != GUEST_SAME)
		return ECANCELED;
	return run.error == 0 ? 0 : errno_from_dragonfly(run.error);
}
