/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An instruction is known whole only when the next one begins, or the run
 * ends: until then it is pending.  The window asked of the replay is therefore
 * one instruction longer than the range.
 */
#include "cli/trace_exec.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/trap_name.h"

struct exec {
	const struct trace_args *args;
	unsigned flags;
	exec_fn *fn;
	void *arg;
	struct replay *replay;
	struct decoder *decoder;
	struct trace_symbols *symbols;
	struct exec_span span;
	bool pending;
	struct exec_insn insn;
};

const char *
exec_trap_name(const struct trace_run *run)
{
	const char *name;

	if (run->how == VMS_RUN_PAUSED)
		return "paused";
	if (run->how != VMS_RUN_TRAP || !run->has_frame_out)
		return "stopped";
	name = trap_name(run->frame_out.tf_trapno);
	return name == NULL ? "trap" : name;
}

static void
access_peek(
    struct exec *exec, vms_va_t va, size_t len, uint8_t *bytes, size_t *got)
{
	*got = replay_peek(
	    exec->replay, exec->insn.proc, exec->insn.id, va, bytes, len);
}

static void
details_before(struct exec *exec)
{
	struct exec_insn *insn = &exec->insn;

	for (size_t i = 0; i < insn->decoded.access_count; i++) {
		struct exec_access *access = &insn->accesses[i];

		access->at = insn->decoded.accesses[i];
		access_peek(exec, access->at.va, access->at.len, access->before,
		    &access->before_len);
	}
	insn->has_fp =
	    insn->decoded.uses_fp &&
	    replay_getfp(exec->replay, insn->lwp, insn->fp_before) == 0;
}

static void
details_after(struct exec *exec)
{
	struct exec_insn *insn = &exec->insn;

	for (size_t i = 0; i < insn->decoded.access_count; i++) {
		struct exec_access *access = &insn->accesses[i];

		access_peek(exec, access->at.va, access->at.len, access->after,
		    &access->after_len);
	}
	if (insn->has_fp &&
	    replay_getfp(exec->replay, insn->lwp, insn->fp_after) != 0)
		insn->has_fp = false;
}

static void
pending_finish(struct exec *exec, const struct trapframe *tf, uint64_t insns,
    const char *end)
{
	struct exec_insn *insn = &exec->insn;

	if (!exec->pending)
		return;
	exec->pending = false;
	insn->has_after = tf != NULL;
	if (tf != NULL)
		insn->after = *tf;
	insn->retired = insns > insn->number;
	insn->end = end;
	if (exec->flags & EXEC_DETAILS)
		details_after(exec);
	exec->fn(exec->arg, insn);
}

static bool
insn_wanted(
    const struct exec *exec, const struct trace_event *run, uint64_t insns)
{
	const struct trace_range *range = &exec->args->range;

	if (insns < exec->span.from || insns > exec->span.to)
		return false;
	if (range->from.is_event && run->number < range->from.number)
		return false;
	return !range->to.is_event || run->number <= range->to.number;
}

static void
insn_begin(void *arg, const struct trace_event *run, const struct trapframe *tf,
    const uint64_t tls[2], uint64_t insns)
{
	struct exec *exec = arg;
	struct exec_insn *insn = &exec->insn;
	uint8_t bytes[INSN_BYTES];
	size_t len;

	pending_finish(exec, tf, insns, NULL);
	if (!insn_wanted(exec, run, insns))
		return;
	insn->number = insns;
	insn->event = run->number;
	insn->proc = run->u.run.proc;
	insn->lwp = run->u.run.lwp;
	insn->id = run->u.run.id;
	insn->rip = (uint64_t)tf->tf_rip;
	insn->before = *tf;
	len = replay_peek(exec->replay, insn->proc, insn->id, insn->rip, bytes,
	    sizeof(bytes));
	decode(exec->decoder, tf, tls, bytes, len, &insn->decoded);
	(void)trace_symbols_text(
	    exec->symbols, insn->rip, insn->symbol, sizeof(insn->symbol));
	if (exec->flags & EXEC_DETAILS)
		details_before(exec);
	exec->pending = true;
}

static void
run_ended(struct exec *exec, const struct trace_event *event)
{
	const struct trace_run *run = &event->u.run;

	pending_finish(exec, run->has_frame_out ? &run->frame_out : NULL,
	    event->insns + run->insns, exec_trap_name(run));
}

int
exec_failed(struct replay *replay, const char *path, enum replay_result result)
{
	const struct replay_difference *d;

	if (result == REPLAY_END || result == REPLAY_DONE)
		return CLI_OK;
	if (result == REPLAY_UNUSABLE)
		return cli_fail(TRACE_UNUSABLE, "%s: %s", path,
		    replay_problem(replay)->text);
	d = replay_difference(replay);
	return cli_fail(TRACE_DIFFERENT,
	    "%s: the replay is not like the recording: event @%llu, %s: "
	    "recorded %s, replayed %s",
	    path, (unsigned long long)d->event, d->field, d->recorded,
	    d->replayed);
}

static int
exec_steps(struct exec *exec)
{
	const struct trace_event *event;
	enum replay_result result;

	while ((result = replay_step(exec->replay, &event)) == REPLAY_DONE) {
		if (event->kind == TRACE_RUN)
			run_ended(exec, event);
		if (range_passed(&exec->args->range, event))
			break;
	}
	exec->pending = false;
	return exec_failed(exec->replay, exec->args->words[0], result);
}

int
exec_span_find(struct trace_reader *reader, const char *path,
    const struct trace_range *range, struct exec_span *span)
{
	struct trace_problem problem;
	struct trace_event event;
	int error;

	*span = (struct exec_span){ .from = UINT64_MAX, .to = 0 };
	while ((error = trace_read(reader, path, &event)) == 0) {
		if (event.kind == TRACE_RUN && span->start == 0)
			span->start = (uint64_t)event.u.run.frame_in.tf_rip;
		if (range_passed(range, &event))
			break;
		if (event.kind != TRACE_RUN || !range_reached(range, &event))
			continue;
		if (span->from == UINT64_MAX)
			span->from = event.insns;
		span->to = event.insns + event.u.run.insns;
	}
	if (!range->from.is_event && range->from.number > span->from)
		span->from = range->from.number;
	if (!range->to.is_event && range->to.number < span->to)
		span->to = range->to.number;
	if (error != EBADMSG && trace_reader_seek(reader, 0, &problem) != 0)
		return cli_fail(TRACE_UNUSABLE, "%s: %s", path, problem.text);
	return trace_read_status(error);
}

static int
exec_open(struct exec *exec, struct trace_reader *reader)
{
	const char *path = exec->args->words[0];
	struct trace_problem problem = { .text = "out of memory" };
	int status;

	status = exec_span_find(reader, path, &exec->args->range, &exec->span);
	if (status != CLI_OK)
		return status;
	exec->symbols = trace_symbols_open(reader, exec->span.start);
	exec->decoder = decoder_create();
	if (exec->decoder == NULL)
		return cli_fail(CLI_FAILED, "Capstone cannot be opened");
	if (replay_open_at(reader, exec->span.from, &exec->replay, &problem) !=
	    0)
		return cli_fail(TRACE_UNUSABLE, "%s: %s", path, problem.text);
	if (exec->span.from <= exec->span.to)
		replay_set_insn(exec->replay, exec->span.from,
		    exec->span.to > UINT64_MAX - 2 ? UINT64_MAX
						   : exec->span.to + 2,
		    insn_begin, exec);
	return CLI_OK;
}

int
exec_each(const struct trace_args *args, unsigned flags, exec_fn *fn, void *arg)
{
	struct exec *exec = calloc(1, sizeof(*exec));
	struct trace_reader *reader;
	int status;

	if (exec == NULL)
		return cli_fail(CLI_FAILED, "out of memory");
	exec->args = args;
	exec->flags = flags;
	exec->fn = fn;
	exec->arg = arg;
	status = trace_open(args->words[0], &reader);
	if (status == CLI_OK) {
		status = exec_open(exec, reader);
		if (status == CLI_OK)
			status = exec_steps(exec);
		replay_close(exec->replay);
		decoder_destroy(exec->decoder);
		trace_symbols_close(exec->symbols);
		trace_reader_close(reader);
	}
	free(exec);
	return status;
}
