/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening and closing a replay, and one step of it.
 *
 * Invariant: after a step that was not REPLAY_DONE nothing is executed any
 * more; every further step answers the same.
 */
#include "traces/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "traces/block.h"
#include "traces/replay_impl.h"

#define CPU_MODEL "Nehalem"
#define OBSERVE_FLAGS                                                          \
	(VMS_OBSERVE_DECLARED | VMS_OBSERVE_CHECK | VMS_OBSERVE_DIGEST_RUN)

static int header_check(
    const struct trace_header *header, struct trace_problem *problem);
static int vms_start(struct replay *replay, const struct trace_header *header,
    struct trace_problem *problem);
static int observe_start(
    struct replay *replay, const struct trace_header *header);
static int refuse(struct trace_problem *problem, const char *format, ...)
    VMS_PRINTF(2, 3);
static int refuse_header(struct trace_problem *problem, const char *format, ...)
    VMS_PRINTF(2, 3);
static enum replay_result begin(struct replay *replay);
static enum replay_result step(struct replay *replay);
static enum replay_result fp_compare(struct replay *replay);

int
replay_open(struct trace_reader *reader, struct replay **out,
    struct trace_problem *problem)
{
	const struct trace_header *header = trace_reader_header(reader);
	struct replay *replay;
	int error;

	if ((error = header_check(header, problem)) != 0)
		return error;
	if ((replay = calloc(1, sizeof(*replay))) == NULL)
		return ENOMEM;
	replay->reader = reader;
	replay->proc_count = replay->lwp_count = 1;
	replay->procs = calloc(1, sizeof(*replay->procs));
	replay->lwps = calloc(1, sizeof(*replay->lwps));
	if (replay->procs == NULL || replay->lwps == NULL)
		error = ENOMEM;
	else if ((error = replay_memory_open(replay)) != 0)
		error = refuse(
		    problem, "no memory file can be made: %s", strerror(error));
	else
		error = vms_start(replay, header, problem);
	if (error == 0)
		*out = replay;
	else
		replay_close(replay);
	return error;
}

int
replay_open_at(struct trace_reader *reader, uint64_t insns, struct replay **out,
    struct trace_problem *problem)
{
	int error = trace_reader_seek_checkpoint(reader, insns, problem);

	if (error != 0 && error != ENOENT)
		return error;
	return replay_open(reader, out, problem);
}

static int
header_check(const struct trace_header *header, struct trace_problem *problem)
{
	if (header->page_bytes != PAGE_BYTES)
		return refuse_header(problem,
		    "it has pages of %" PRIu32 " bytes", header->page_bytes);
	if (strcmp(header->cpu_model, CPU_MODEL) != 0)
		return refuse_header(problem,
		    "it was recorded on a CPU '%.31s'", header->cpu_model);
	return 0;
}

static int
vms_start(struct replay *replay, const struct trace_header *header,
    struct trace_problem *problem)
{
	const struct vms_config config = { .size = sizeof(config),
		.flags = header->config_flags,
		.era = header->era,
		.arena_bytes = header->arena_bytes,
		.max_map_entries = header->max_map_entries };
	struct vms_doctor doctor = { .size = sizeof(doctor) };
	int error = vms_open(&config, &replay->vms);

	if (error == ENOTSUP && vms_doctor(&doctor) == 0)
		return refuse(problem, "guests cannot be run: %s",
		    doctor.unicorn_problem);
	if (error == EINVAL)
		return refuse_header(problem,
		    "its configuration is not known: flags 0x%" PRIx32
		    ", era %" PRIu32,
		    config.flags, config.era);
	if (error != 0)
		return refuse(
		    problem, "guests cannot be run: %s", strerror(error));
	if (observe_start(replay, header) != 0)
		return refuse_header(problem,
		    "it was recorded in an unknown way: 0x%" PRIx32,
		    header->observe_flags);
	return 0;
}

static int
observe_start(struct replay *replay, const struct trace_header *header)
{
	const struct vms_observer observer = {
		.size = sizeof(observer),
		.flags = header->observe_flags & ~(uint32_t)VMS_OBSERVE_WRITTEN,
		.digest_insns = header->digest_insns,
		.object = replay_object_told,
		.run_start = replay_run_started,
		.run_end = replay_run_ended,
		.input = replay_input_used,
		.digest = replay_digest_taken,
		.store = replay_stored,
	};

	if (observer.flags & ~(uint32_t)OBSERVE_FLAGS)
		return EINVAL;
	return vms_observe(replay->vms, &observer, replay);
}

static int
refuse(struct trace_problem *problem, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(problem->text, sizeof(problem->text), format, args);
	va_end(args);
	problem->offset = 0;
	return EBADMSG;
}

static int
refuse_header(struct trace_problem *problem, const char *format, ...)
{
	char text[120];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(problem->text, sizeof(problem->text), "at byte %d: %s",
	    PREAMBLE_BYTES, text);
	problem->offset = PREAMBLE_BYTES;
	return EBADMSG;
}

void
replay_close(struct replay *replay)
{
	if (replay == NULL)
		return;
	if (replay->vms != NULL)
		vms_observe(replay->vms, NULL, NULL);
	for (size_t i = 1; i < replay->proc_count; i++)
		vms_proc_exit(replay->procs[i].proc);
	vms_close(replay->vms);
	replay_memory_close(replay);
	replay_digests_finish(replay);
	free(replay->checkpoint);
	free(replay->procs);
	free(replay->lwps);
	free(replay);
}

enum replay_result
replay_step(struct replay *replay, const struct trace_event **event)
{
	int error;

	if (replay->ended != REPLAY_DONE)
		return replay->ended;
	error = trace_next(replay->reader, &replay->event, &replay->problem);
	if (error == 0)
		replay->ended = replay->begun ? step(replay) : begin(replay);
	else if (error != ENOENT)
		replay->ended = REPLAY_UNUSABLE;
	else if (trace_reader_end(replay->reader)->how != TRACE_END_COMPLETE ||
		 (replay->ended = replay_digests_asked(replay)) == REPLAY_DONE)
		replay->ended = REPLAY_END;
	*event = &replay->event;
	return replay->ended;
}

/* The first event: a checkpoint, or that of a whole trace. */
static enum replay_result
begin(struct replay *replay)
{
	replay->begun = true;
	if (replay->event.kind == TRACE_CHECKPOINT)
		return replay_checkpoint(replay);
	if (replay->event.number != 0)
		return replay_unusable(
		    replay, "the trace starts here, and not at a checkpoint");
	return step(replay);
}

static enum replay_result
step(struct replay *replay)
{
	switch (replay->event.kind) {
	case TRACE_CALL:
		return replay_call(replay);
	case TRACE_OBJECT:
		return replay_object(replay);
	case TRACE_INPUT:
		return replay_input(replay);
	case TRACE_RUN:
		return replay_run(replay);
	case TRACE_DIGEST:
		return replay_digest(replay);
	case TRACE_WRITTEN:
		return replay_written(replay);
	case TRACE_FP:
		return fp_compare(replay);
	case TRACE_CHECKPOINT:
		return replay_digests_asked(replay);
	case TRACE_CONCURRENT:
		replay->concurrent = true;
		return REPLAY_DONE;
	default:
		return REPLAY_DONE;
	}
}

static enum replay_result
fp_compare(struct replay *replay)
{
	const struct trace_fp *fp = &replay->event.u.fp;
	struct replay_lwp *lwp = replay_lwp(replay, fp->lwp);
	uint8_t fxsave[512];
	char field[32];

	if (lwp == NULL)
		return replay_unusable(
		    replay, "there is no lwp %" PRIu32, fp->lwp);
	if (vms_lwp_getfp(lwp->lwp, fxsave) != 0)
		return replay_unusable(
		    replay, "FP registers are not to be had");
	for (unsigned i = 0; i < sizeof(fxsave); i++) {
		if (fxsave[i] == fp->fxsave[i])
			continue;
		snprintf(field, sizeof(field), "fxsave[%u]", i);
		return replay_differs_hex(
		    replay, field, fp->fxsave[i], fxsave[i]);
	}
	return REPLAY_DONE;
}

const struct replay_difference *
replay_difference(const struct replay *replay)
{
	return &replay->difference;
}

const struct trace_problem *
replay_problem(const struct replay *replay)
{
	return &replay->problem;
}

enum replay_result
replay_unusable(struct replay *replay, const char *format, ...)
{
	char text[160];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	snprintf(replay->problem.text, sizeof(replay->problem.text),
	    "at event %" PRIu64 ": %s", replay->event.number, text);
	return REPLAY_UNUSABLE;
}

enum replay_result
replay_different(struct replay *replay, const char *field, const char *recorded,
    const char *replayed)
{
	struct replay_difference *d = &replay->difference;

	if (d->field[0] != '\0')
		return REPLAY_DIFFERENT;
	d->event = replay->event.number;
	d->insns = replay->event.insns;
	snprintf(d->field, sizeof(d->field), "%s", field);
	snprintf(d->recorded, sizeof(d->recorded), "%s", recorded);
	snprintf(d->replayed, sizeof(d->replayed), "%s", replayed);
	return REPLAY_DIFFERENT;
}

enum replay_result
replay_differs_hex(struct replay *replay, const char *field, uint64_t recorded,
    uint64_t replayed)
{
	char a[24], b[24];

	snprintf(a, sizeof(a), "0x%" PRIx64, recorded);
	snprintf(b, sizeof(b), "0x%" PRIx64, replayed);
	return replay_different(replay, field, a, b);
}

void
replay_explain(struct replay *replay, const char *format, ...)
{
	struct replay_difference *d = &replay->difference;
	size_t at = strlen(d->text);
	va_list args;

	va_start(args, format);
	vsnprintf(d->text + at, sizeof(d->text) - at, format, args);
	va_end(args);
}

void
replay_concurrent_explain(struct replay *replay)
{
	replay_explain(replay,
	    replay->concurrent
		? "The recording saw the vkernel store to memory while a guest "
		  "ran, without declaring it:\nan undeclared concurrent "
		  "write.\n"
		: "A vkernel that stores to memory while a guest runs, and does "
		  "not declare it (an undeclared\nconcurrent write), makes such "
		  "a difference.\n");
}

void *
replay_grow(void *array, size_t count, size_t size)
{
	if (count >= REPLAY_NUMBERS_MAX)
		return NULL;
	return (count & (count - 1)) != 0 ? array
					  : realloc(array, count * 2 * size);
}

struct vms_proc *
replay_proc(struct replay *replay, uint32_t number)
{
	return number < replay->proc_count ? replay->procs[number].proc : NULL;
}

struct replay_lwp *
replay_lwp(struct replay *replay, uint32_t number)
{
	if (number >= replay->lwp_count || replay->lwps[number].lwp == NULL)
		return NULL;
	return &replay->lwps[number];
}

bool
replay_pauses(const struct replay *replay, uint32_t id)
{
	for (size_t i = 1; i < replay->lwp_count; i++)
		if (replay->lwps[i].paused && replay->lwps[i].id == id)
			return true;
	return false;
}

void
replay_set_tick(struct replay *replay, replay_tick_fn *fn, void *arg)
{
	replay->tick_fn = fn;
	replay->tick_arg = arg;
}

size_t
replay_peek(struct replay *replay, uint32_t proc, uint32_t id, vms_va_t va,
    void *buf, size_t len)
{
	struct vms_proc *of = replay_proc(replay, proc);
	size_t done = 0;

	if (of == NULL)
		return 0;
	(void)vms_mem_peek(of, replay_id(id), va, buf, len, &done);
	return done;
}

int
replay_getfp(struct replay *replay, uint32_t lwp, void *fxsave)
{
	struct replay_lwp *of = replay_lwp(replay, lwp);

	return of == NULL ? ENOENT : vms_lwp_getfp(of->lwp, fxsave);
}
