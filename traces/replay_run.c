/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One RUN, executed for as long as it was recorded.
 *
 * Invariant: replay->part is active only inside vms_ctl(); its limit is what
 * makes an asynchronous stop come at the recorded instruction.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "traces/errno_map.h"
#include "traces/replay_frame.h"
#include "traces/replay_impl.h"

/* A run that should have ended with a trap may go on for so long. */
#define SLACK_INSNS 4096

/* A run while it is executed. */
struct running {
	const struct trace_run *run;
	struct replay_lwp *lwp;
	struct trapframe tf;
	struct vextframe vf;
	int64_t xflags, addr; /* with which the run was begun */
	uint64_t done;        /* instructions */
	uint64_t limit_insns;
	int error;
};

static enum replay_result run_load(
    struct replay *replay, struct running *running);
static void run_locate(struct replay *replay, const struct running *running);
static bool host_failed(const struct trace_run *run);
static bool run_traps(const struct trace_run *run);
static void run_execute(struct replay *replay, struct running *running);
static void run_part(
    struct replay *replay, struct running *running, uint64_t insns);
static bool run_skipped(
    struct replay *replay, struct running *running, uint64_t at);
static bool run_stepped(
    struct replay *replay, struct running *running, uint64_t at);
static enum replay_result run_compare(
    struct replay *replay, const struct running *running);
static void run_keep(const struct trace_run *run, struct running *running);

enum replay_result
replay_run(struct replay *replay)
{
	struct running running = { .run = &replay->event.u.run };
	enum replay_result result = run_load(replay, &running);

	if (result != REPLAY_DONE)
		return result;
	run_execute(replay, &running);
	if (replay->difference.field[0] != '\0')
		result = REPLAY_DIFFERENT;
	else
		result = run_compare(replay, &running);
	if (result == REPLAY_DIFFERENT) {
		run_locate(replay, &running);
		replay_concurrent_explain(replay);
	}
	if (result != REPLAY_DONE)
		return result;
	run_keep(running.run, &running);
	if (host_failed(running.run))
		replay_digests_drop(replay);
	result = replay_digests_compare(replay);
	if (result == REPLAY_DIFFERENT)
		replay_written_explain(replay);
	return result;
}

/* Runs that the host cut short: no guest could have told. */
static bool
host_failed(const struct trace_run *run)
{
	int error = errno_from_dragonfly(run->error);

	return run->how == VMS_RUN_FAILED &&
	       (error == EIO || error == ENOMEM || error == ENOTRECOVERABLE);
}

/* Where the difference was seen: at the end of the run that came first. */
static void
run_locate(struct replay *replay, const struct running *running)
{
	uint64_t insns = running->run->insns;

	replay->difference.insns =
	    replay->event.insns +
	    (running->done < insns ? running->done : insns);
}

static void
tls_load(struct vextframe *vf, const uint64_t tls[2])
{
	memset(vf, 0, sizeof(*vf));
	for (int i = 0; i < 2; i++)
		vf->vx_tls.info[i].base = (void *)(uintptr_t)tls[i];
}

static enum replay_result
run_load(struct replay *replay, struct running *running)
{
	const struct trace_run *run = running->run;
	struct replay_lwp *lwp = replay_lwp(replay, run->lwp);
	uint64_t most;

	if (lwp == NULL) {
		replay_unusable(replay, "there is no lwp %" PRIu32, run->lwp);
		return REPLAY_UNUSABLE;
	}
	running->lwp = lwp;
	if (run->resumed != lwp->paused)
		return replay_unusable(replay, "lwp %" PRIu32 " %s", run->lwp,
		    run->resumed ? "goes on with a run that was not paused"
				 : "begins a run in the middle of another");
	if (!run->resumed) {
		lwp->tf = run->frame_in;
		lwp->xflags = run->frame_in.tf_xflags;
		lwp->addr = run->frame_in.tf_addr;
		memcpy(lwp->tls, run->tls_in, sizeof(lwp->tls));
		lwp->id = run->id;
	} else if (run->id != lwp->id) {
		return replay_unusable(replay, "a run changes its vmspace");
	}
	running->tf = lwp->tf;
	running->xflags = lwp->xflags;
	running->addr = lwp->addr;
	tls_load(&running->vf, lwp->tls);
	running->limit_insns = run->insns;
	if (run_traps(run))
		running->limit_insns = add_wraps(run->insns, SLACK_INSNS, &most)
					   ? UINT64_MAX
					   : most;
	return REPLAY_DONE;
}

static bool
run_traps(const struct trace_run *run)
{
	return run->how == VMS_RUN_TRAP;
}

/* A guest that steps itself is left alone, as its runs are that short. */
static bool
is_looked_into(
    const struct replay *replay, const struct running *running, uint64_t end)
{
	return replay->insn_fn != NULL &&
	       replay->event.insns < replay->insn_to &&
	       end >= replay->insn_from && !(running->tf.tf_rflags & PSL_T);
}

/* Where a tool looks into the run, instruction for instruction. */
static void
run_execute(struct replay *replay, struct running *running)
{
	uint64_t start = replay->event.insns, at, end;
	bool more = true;

	if (add_wraps(start, running->run->insns, &end))
		end = UINT64_MAX;
	replay->extra_digests = running->run->how == VMS_RUN_PAUSED;
	if (!is_looked_into(replay, running, end)) {
		run_part(replay, running, running->limit_insns);
		return;
	}
	while (more && (at = start + running->done) < replay->insn_to &&
	       running->done < running->limit_insns)
		more = at < replay->insn_from
			   ? run_skipped(replay, running, at)
			   : run_stepped(replay, running, at);
	if (more && running->done < running->limit_insns)
		run_part(replay, running, running->limit_insns - running->done);
}

/* Up to where the tool looks; false: the run has ended. */
static bool
run_skipped(struct replay *replay, struct running *running, uint64_t at)
{
	uint64_t left = running->limit_insns - running->done;
	uint64_t skip = replay->insn_from - at;

	run_part(replay, running, skip < left ? skip : left);
	return running->error == 0 && replay->part.end.how == VMS_RUN_LIMIT &&
	       replay->difference.field[0] == '\0';
}

/* The tool may look elsewhere from then on.  false: the run has ended. */
static bool
run_stepped(struct replay *replay, struct running *running, uint64_t at)
{
	replay->insn_fn(replay->insn_arg, &replay->event, &running->tf,
	    running->lwp->tls, at);
	run_part(replay, running, 1);
	return running->error == 0 && replay->part.end.how == VMS_RUN_LIMIT &&
	       replay->difference.field[0] == '\0';
}

/* A part that is not the first goes on with the frame of the one before, but
 * FP is off or on as it was, and addr, which a system call leaves alone, too.
 */
static void
run_part(struct replay *replay, struct running *running, uint64_t insns)
{
	struct replay_part *part = &replay->part;

	if (running->done > 0 || running->run->resumed) {
		running->tf.tf_xflags = running->xflags;
		running->tf.tf_addr = running->addr;
	}
	*part = (struct replay_part){ .active = true, .limit_insns = insns };
	replay->insns = replay->event.insns + running->done;
	running->error = vms_ctl(running->lwp->lwp, replay_id(running->lwp->id),
	    VMS_CTL_RUN, &running->tf, &running->vf);
	part->active = false;
	running->done += part->end.insns;
}

int
replay_run_started(
    void *arg, const struct vms_run_start *start, uint64_t *limit_insns)
{
	struct replay *replay = arg;

	(void)start;
	replay->part.entered = true;
	if (replay->part.limit_insns < *limit_insns)
		*limit_insns = replay->part.limit_insns;
	return 0;
}

void
replay_run_ended(void *arg, const struct vms_run_end *end)
{
	struct replay *replay = arg;

	replay->part.ended = true;
	replay->part.end = *end;
}

static enum replay_result
error_compare(struct replay *replay, const struct running *running)
{
	int32_t error = errno_to_dragonfly(running->error);
	char a[32], b[32];

	if (error == running->run->error || host_failed(running->run))
		return REPLAY_DONE;
	snprintf(a, sizeof(a), "%" PRId32, running->run->error);
	snprintf(b, sizeof(b), "%" PRId32, error);
	return replay_different(replay, "error", a, b);
}

static void
end_text(char *text, size_t room, bool traps, uint64_t insns, int64_t trapno)
{
	if (traps)
		snprintf(text, room,
		    "trap 0x%" PRIx64 " after %" PRIu64 " instructions",
		    (uint64_t)trapno, insns);
	else
		snprintf(text, room, "stopped after %" PRIu64 " instructions",
		    insns);
}

/* Did it come to an end in the same place for the same reason? */
static enum replay_result
end_compare(struct replay *replay, const struct running *running)
{
	const struct trace_run *run = running->run;
	bool trapped = replay->part.end.how == VMS_RUN_TRAP;
	bool traps = run_traps(run);
	char a[80], b[80];

	if (trapped == traps && running->done == run->insns)
		return REPLAY_DONE;
	end_text(a, sizeof(a), traps, run->insns, run->frame_out.tf_trapno);
	end_text(b, sizeof(b), trapped, running->done, running->tf.tf_trapno);
	replay_different(replay, "end of the run", a, b);
	if (traps && !trapped)
		replay_explain(replay,
		    "The guest went on past instruction %" PRIu64 ".\n",
		    replay->event.insns + run->insns);
	return REPLAY_DIFFERENT;
}

/* What a stop leaves in the frame says nothing when no instruction ran, nor
 * when the host failed. */
static enum replay_result
run_compare(struct replay *replay, const struct running *running)
{
	const struct trace_run *run = running->run;
	enum replay_result result = error_compare(replay, running);
	bool all;

	if (result != REPLAY_DONE)
		return result;
	if (!host_failed(run) &&
	    (result = end_compare(replay, running)) != REPLAY_DONE)
		return result;
	if (!run->has_frame_out)
		return REPLAY_DONE;
	all = !host_failed(run) && (run->insns != 0 || run_traps(run));
	return replay_frame_compare(replay, &run->frame_out, &running->tf, all);
}

static void
run_keep(const struct trace_run *run, struct running *running)
{
	struct replay_lwp *lwp = running->lwp;

	lwp->paused = run->how == VMS_RUN_PAUSED;
	lwp->tf = running->tf;
}

void
replay_set_insn(struct replay *replay, uint64_t from, uint64_t to,
    replay_insn_fn *fn, void *arg)
{
	replay->insn_from = from;
	replay->insn_to = to;
	replay->insn_fn = fn;
	replay->insn_arg = arg;
}

void
replay_set_store(struct replay *replay, uint32_t id, vms_va_t start,
    vms_va_t end, replay_store_fn *fn, void *arg)
{
	replay->watch = (struct replay_watch){
		.fn = fn, .arg = arg, .id = id, .start = start, .end = end
	};
	for (uint32_t i = 1; i < replay->proc_count; i++)
		replay_watch_apply(replay, i);
}

/* ENOENT: it will be applied when the vmspace is made. */
void
replay_watch_apply(struct replay *replay, uint32_t proc)
{
	const struct replay_watch *watch = &replay->watch;
	struct vms_proc *of = replay_proc(replay, proc);

	if (of != NULL && watch->fn != NULL)
		(void)vms_watch_stores(
		    of, replay_id(watch->id), watch->start, watch->end);
}

void
replay_stored(void *arg, const struct vms_store *store)
{
	struct replay *replay = arg;

	if (replay->watch.fn != NULL)
		replay->watch.fn(
		    replay->watch.arg, replay->insns + store->insns, store);
}
