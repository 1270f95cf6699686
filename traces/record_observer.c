/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is observed becomes events.  A RUN is written at its end, so what
 * belongs to its start is kept in struct record_lwp.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "traces/errno_map.h"
#include "traces/record.h"

#define DIGEST_INSNS_DEFAULT (UINT64_C(1) << 20)
#define CONCURRENT_MARK      (UINT64_C(1) << 63)

void
record_report(const struct vms_record *record, const char *sentence)
{
	if (record->report != NULL)
		record->report(record->arg, sentence);
}

static bool
is_optional(const struct vms_record *record)
{
	return (record->flags & VMS_RECORD_OPTIONAL) != 0;
}

/* Without OPTIONAL the next run_start() and vms_record_stop() say it. */
static void
fail(struct vms_record *record, int error)
{
	char sentence[160];

	if (record->error != 0)
		return;
	record->error = error;
	if (!is_optional(record))
		return;
	snprintf(sentence, sizeof(sentence), "the rest is not recorded: %s",
	    strerror(error));
	record_report(record, sentence);
}

/* Is it of no use to make another event? */
static bool
is_over(struct vms_record *record)
{
	if (record->writer == NULL)
		record->early = true;
	return record->writer == NULL || record->capped || record->error != 0;
}

void
record_write(struct vms_record *record, struct trace_event *event)
{
	int error;

	if (is_over(record))
		return;
	error = trace_write(record->writer, event);
	if (error == ENOBUFS)
		record->capped = true;
	else if (error != 0)
		fail(record, error);
}

uint32_t
record_id_number(struct vms_record *record, const void *id)
{
	uint64_t number, key = (uint64_t)(uintptr_t)id - 1;
	int error;

	if (id == NULL)
		return 0;
	if (u64map_get(&record->ids, key, &number))
		return (uint32_t)number;
	number = record->ids.count + 1;
	if ((error = u64map_put(&record->ids, key, number)) != 0)
		fail(record, error);
	return (uint32_t)number;
}

static struct record_lwp *
lwp_lookup(const struct vms_record *record, uint32_t number)
{
	uint64_t at;

	if (!u64map_get(&record->lwps, number, &at))
		return NULL;
	return (struct record_lwp *)(uintptr_t)at;
}

/* NULL: there was no memory. */
static struct record_lwp *
lwp_get(struct vms_record *record, uint32_t proc, uint32_t number)
{
	struct record_lwp *lwp = lwp_lookup(record, number);

	if (lwp != NULL || (lwp = calloc(1, sizeof(*lwp))) == NULL)
		return lwp;
	if (u64map_put(&record->lwps, number, (uintptr_t)lwp) != 0) {
		free(lwp);
		return NULL;
	}
	lwp->proc = proc;
	lwp->number = number;
	lwp->next = record->lwp_list;
	record->lwp_list = lwp;
	return lwp;
}

/* Forgets one lwp, or with number 0 all of proc. */
static void
lwps_forget(struct vms_record *record, uint32_t proc, uint32_t number)
{
	struct record_lwp **link = &record->lwp_list;

	while (*link != NULL) {
		struct record_lwp *lwp = *link;

		if (number == 0 ? lwp->proc != proc : lwp->number != number) {
			link = &lwp->next;
			continue;
		}
		*link = lwp->next;
		u64map_remove(&record->lwps, lwp->number, NULL);
		free(lwp);
	}
}

void
record_observer_finish(struct vms_record *record)
{
	while (record->lwp_list != NULL)
		lwps_forget(record, record->lwp_list->proc, 0);
	u64map_finish(&record->lwps);
	u64map_finish(&record->ids);
	u64map_finish(&record->reported);
}

static void
fp_keep(struct record_lwp *lwp, const uint8_t *fxsave)
{
	lwp->fp_known = true;
	memcpy(lwp->fp, fxsave, sizeof(lwp->fp));
}

/* What a call that has succeeded changes of what is known about lwps. */
static void
call_apply(struct vms_record *record, const struct vms_call *call)
{
	struct record_lwp *lwp;

	switch (call->op) {
	case VMS_OP_LWP_EXIT:
		lwps_forget(record, call->proc, call->lwp);
		break;
	case VMS_OP_PROC_EXIT:
		lwps_forget(record, call->proc, 0);
		break;
	case VMS_OP_LWP_SETFP:
		lwp = lwp_lookup(record, call->lwp);
		if (lwp != NULL && call->data_bytes == sizeof(lwp->fp))
			fp_keep(lwp, call->data);
		break;
	default:
		break;
	}
}

static void
observe_call(void *arg, const struct vms_call *call)
{
	struct vms_record *record = arg;
	struct trace_event event = { .kind = TRACE_CALL };
	struct trace_call *to = &event.u.call;

	if (is_over(record))
		return;
	if (call->data_bytes > UINT32_MAX) {
		fail(record, EFBIG);
		return;
	}
	to->op = call->op;
	to->proc = call->proc;
	to->lwp = call->lwp;
	to->id = record_id_number(record, call->id);
	memcpy(to->args, call->args, sizeof(to->args));
	to->error = errno_to_dragonfly(call->error);
	to->result = call->result;
	to->data = call->data;
	to->data_bytes = (uint32_t)call->data_bytes;
	to->vkernel_enable = call->vkernel_enable != 0;
	to->fd_kind = (uint8_t)call->fd_kind;
	to->fd_mode = (uint8_t)call->fd_mode;
	to->object = call->object;
	record_write(record, &event);
	if (call->error == 0)
		call_apply(record, call);
}

static void
observe_object(void *arg, const struct vms_object_info *object)
{
	struct trace_event event = { .kind = TRACE_OBJECT,
		.u.object = { .number = object->number,
		    .bytes = object->bytes,
		    .fixed_end = object->fixed_end } };

	record_write(arg, &event);
}

static int
observe_run_start(
    void *arg, const struct vms_run_start *start, uint64_t *limit_insns)
{
	struct vms_record *record = arg;
	struct record_lwp *lwp = NULL;

	(void)limit_insns;
	if (!is_over(record)) {
		lwp = lwp_get(record, start->proc, start->lwp);
		if (lwp == NULL)
			fail(record, ENOMEM);
	}
	record->running = lwp;
	if (record->error != 0 && !is_optional(record))
		return record->error;
	if (lwp != NULL && start->tf != NULL) {
		const struct tls_info *tls = start->vf->vx_tls.info;

		lwp->run.u.run.frame_in = *start->tf;
		lwp->run.u.run.tls_in[0] = (uintptr_t)tls[0].base;
		lwp->run.u.run.tls_in[1] = (uintptr_t)tls[1].base;
	}
	record->resumed = start->resumed;
	return 0;
}

/* FP registers that are as they were need no event. */
static void
fp_write(
    struct vms_record *record, struct record_lwp *lwp, const uint8_t *fxsave)
{
	struct trace_event event = { .kind = TRACE_FP,
		.u.fp = { .lwp = lwp->number, .fxsave = fxsave } };

	if (lwp->fp_known && memcmp(lwp->fp, fxsave, sizeof(lwp->fp)) == 0)
		return;
	fp_keep(lwp, fxsave);
	record_write(record, &event);
}

static void
observe_run_end(void *arg, const struct vms_run_end *end)
{
	struct vms_record *record = arg;
	struct record_lwp *lwp = record->running;
	struct trace_run *run;

	record->running = NULL;
	if (lwp == NULL || is_over(record))
		return;
	lwp->run.kind = TRACE_RUN;
	run = &lwp->run.u.run;
	run->proc = end->proc;
	run->lwp = end->lwp;
	run->id = record_id_number(record, end->id);
	run->resumed = record->resumed;
	run->how = (uint8_t)end->how;
	run->started = end->started;
	run->error = errno_to_dragonfly(end->error);
	run->insns = end->insns;
	run->has_frame_out = end->tf != NULL;
	if (end->tf != NULL)
		run->frame_out = *end->tf;
	record_write(record, &lwp->run);
	record->insns += end->insns;
	if (end->fxsave != NULL)
		fp_write(record, lwp, end->fxsave);
}

static void
observe_after_run(void *arg)
{
	record_checkpoint_look(arg);
}

/* Once a page: the next stores there would say nothing new.  Pages are told
 * apart up to 2^40 of them; beyond, one may go unreported. */
static void
report_page(struct vms_record *record, uint64_t mark, const char *what,
    uint32_t object, uint64_t off)
{
	uint64_t key = mark | (uint64_t)(object & 0x3fffff) << 40 |
		       (off >> PAGE_SHIFT & ((UINT64_C(1) << 40) - 1));
	char sentence[120];

	if (u64map_get(&record->reported, key, NULL))
		return;
	(void)u64map_put(&record->reported, key, 1);
	snprintf(sentence, sizeof(sentence),
	    "%s: file object %" PRIu32 ", offset 0x%" PRIx64, what, object,
	    off);
	record_report(record, sentence);
}

static void
observe_input(void *arg, const struct vms_input *input)
{
	struct vms_record *record = arg;
	struct trace_event event = { .kind = TRACE_INPUT,
		.u.input = { .object = input->object,
		    .off = input->off,
		    .len = (uint32_t)input->len,
		    .bytes = input->bytes,
		    .first = input->first,
		    .undeclared = input->undeclared } };

	if (input->undeclared) {
		record->missed++;
		report_page(record, 0, "a store was not declared",
		    input->object, input->off);
	}
	record_write(record, &event);
}

static void
observe_digest(void *arg, const struct vms_digest *digest)
{
	struct trace_event event = { .kind = TRACE_DIGEST,
		.u.digest = { .lwp = digest->lwp,
		    .insns = digest->insns,
		    .memory = digest->memory,
		    .registers = digest->registers } };

	record_write(arg, &event);
}

static void
observe_written(
    void *arg, uint32_t object, uint64_t off, const void *bytes, size_t len)
{
	struct trace_event event = { .kind = TRACE_WRITTEN,
		.u.written = { .object = object,
		    .off = off,
		    .len = (uint32_t)len,
		    .bytes = bytes } };

	record_write(arg, &event);
}

static void
observe_concurrent(void *arg, uint32_t object, uint64_t off)
{
	struct trace_event event = { .kind = TRACE_CONCURRENT,
		.u.concurrent = { .object = object, .off = off } };

	report_page(
	    arg, CONCURRENT_MARK, "undeclared concurrent write", object, off);
	record_write(arg, &event);
}

static const struct {
	uint32_t record, observe;
} flag_rows[] = {
	{ VMS_RECORD_DECLARED, VMS_OBSERVE_DECLARED },
	{ VMS_RECORD_CHECK, VMS_OBSERVE_CHECK },
	{ VMS_RECORD_WRITTEN, VMS_OBSERVE_WRITTEN },
	{ VMS_RECORD_VERIFY_FULL, VMS_OBSERVE_DIGEST_RUN },
};

void
record_observer_init(
    struct vms_observer *observer, const struct vms_record_options *options)
{
	*observer = (struct vms_observer){ .size = sizeof(*observer),
		.digest_insns = options->digest_insns != 0
				    ? options->digest_insns
				    : DIGEST_INSNS_DEFAULT,
		.call = observe_call,
		.object = observe_object,
		.run_start = observe_run_start,
		.run_end = observe_run_end,
		.input = observe_input,
		.digest = observe_digest,
		.concurrent = observe_concurrent,
		.after_run = observe_after_run };
	for (size_t i = 0; i < sizeof(flag_rows) / sizeof(flag_rows[0]); i++)
		if ((options->flags & flag_rows[i].record) != 0)
			observer->flags |= flag_rows[i].observe;
	if ((options->flags & VMS_RECORD_WRITTEN) != 0)
		observer->written = observe_written;
}
