/* SPDX-License-Identifier: BSD-2-Clause */
#include "traces/record_checkpoint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <vmspace/snapshot.h>

#include "traces/record.h"

/* A ring has so many checkpoints, if they are small. */
#define RING_PARTS 4

void
record_checkpoint_init(struct record_checkpoint *checkpoint,
    const struct vms_record_options *options)
{
	*checkpoint =
	    (struct record_checkpoint){ .each_insns = options->checkpoint_insns,
		    .each_bytes = options->ring_bytes / RING_PARTS };
	if (options->ring_bytes != 0 && checkpoint->each_bytes == 0)
		checkpoint->each_bytes = 1;
}

static uint64_t
sink_id(void *arg, const void *id)
{
	return record_id_number(arg, id);
}

/* An event that cannot be written ends the recording, not the snapshot. */
static int
sink_write(struct vms_record *record, struct trace_event *event)
{
	record_write(record, event);
	return record->error != 0 || record->capped ? ECANCELED : 0;
}

static int
sink_structure(void *arg, const void *bytes, size_t len)
{
	struct trace_event event = { .kind = TRACE_CHECKPOINT,
		.u.checkpoint = { bytes, (uint32_t)len } };

	return len > TRACE_DATA_MAX ? EFBIG : sink_write(arg, &event);
}

static int
sink_page(void *arg, const struct vms_snapshot_page *page, const void *bytes)
{
	struct trace_event event = { .kind = TRACE_PAGE,
		.u.page = { page->file, page->object, page->index, bytes } };

	return sink_write(arg, &event);
}

/* One that is large comes less often, so that it does not fill the ring. */
static bool
is_due(const struct vms_record *record)
{
	const struct record_checkpoint *last = &record->checkpoint;
	uint64_t now = trace_writer_bytes(record->writer);
	uint64_t bytes =
	    last->size > last->each_bytes ? last->size : last->each_bytes;

	if (last->each_insns != 0 &&
	    record->insns - last->insns >= last->each_insns)
		return true;
	return last->each_bytes != 0 && now > last->bytes &&
	       now - last->bytes >= bytes;
}

static void
refused_tell(struct vms_record *record, int error)
{
	char sentence[160];

	if (record->checkpoint.refused)
		return;
	record->checkpoint.refused = true;
	snprintf(sentence, sizeof(sentence), "a checkpoint cannot be made: %s",
	    error == ENOTSUP ? "a guest has loaded segment selectors"
			     : strerror(error));
	record_report(record, sentence);
}

/* EBUSY: another run is paused; the next end of a run may do. */
void
record_checkpoint_look(struct vms_record *record)
{
	static const struct vms_snapshot_sink sink = { sizeof(sink), sink_id,
		sink_structure, sink_page };
	struct record_checkpoint *checkpoint = &record->checkpoint;
	uint64_t before;
	int error;

	if (record->writer == NULL || record->error != 0 || record->capped ||
	    !is_due(record))
		return;
	before = trace_writer_bytes(record->writer);
	error = vms_snapshot_save(record->vms, &sink, record);
	if (error == EBUSY || error == ECANCELED)
		return;
	if (error != 0)
		refused_tell(record, error);
	checkpoint->insns = record->insns;
	checkpoint->bytes = trace_writer_bytes(record->writer);
	checkpoint->size = checkpoint->bytes > before
			       ? checkpoint->bytes - before
			       : checkpoint->bytes;
}
