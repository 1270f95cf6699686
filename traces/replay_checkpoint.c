/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting in the middle of a trace: procs, lwps and memory files are those of
 * a checkpoint. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <vmspace/snapshot.h>

#include "base/page.h"
#include "traces/replay_impl.h"

static void *
source_id(void *arg, uint64_t id)
{
	(void)arg;
	return replay_id((uint32_t)id);
}

/* What is gone by now has a number too. */
static int
array_resize(void **array, size_t *count, uint32_t last, size_t size)
{
	size_t wanted = (size_t)last + 1, room = 1;
	uint8_t *grown;

	if (wanted > REPLAY_NUMBERS_MAX)
		return ENOSPC;
	while (room < wanted)
		room *= 2;
	if ((grown = realloc(*array, room * size)) == NULL)
		return ENOMEM;
	memset(grown + *count * size, 0, (room - *count) * size);
	*array = grown;
	*count = wanted;
	return 0;
}

static int
source_numbers(void *arg, uint32_t procs, uint32_t lwps, uint32_t files)
{
	struct replay *replay = arg;
	void *array = replay->procs;
	int error = array_resize(
	    &array, &replay->proc_count, procs, sizeof(*replay->procs));

	replay->procs = array;
	if (error != 0)
		return error;
	array = replay->lwps;
	error = array_resize(
	    &array, &replay->lwp_count, lwps, sizeof(*replay->lwps));
	replay->lwps = array;
	return error != 0 ? error : replay_objects_skip(replay, files);
}

static int
source_file(void *arg, const struct vms_snapshot_file *file, int *fd)
{
	struct replay *replay = arg;
	int error = replay_object_restore(
	    replay, file->number, file->bytes, file->fixed_end);

	if (error == 0)
		*fd = replay_object_fd(
		    replay, file->number, (unsigned)file->mode);
	return error;
}

/* The event after those that were taken must be this page. */
static int
source_page(void *arg, const struct vms_snapshot_page *page, void *bytes)
{
	struct replay *replay = arg;
	struct trace_event event;
	const struct trace_page *found = &event.u.page;
	int error = trace_next(replay->reader, &event, &replay->problem);

	if (error != 0)
		return error;
	if (event.kind != TRACE_PAGE || found->file != page->file ||
	    found->object != page->object || found->index != page->index)
		return EBADMSG;
	memcpy(bytes, found->bytes, PAGE_BYTES);
	if (!page->file)
		return 0;
	return replay_object_put(
	    replay, page->object, page->index, found->bytes);
}

static void
source_proc(void *arg, uint32_t number, struct vms_proc *proc)
{
	struct replay *replay = arg;

	replay->procs[number].proc = proc;
}

static void
source_lwp(void *arg, uint32_t number, uint32_t proc, struct vms_lwp *lwp)
{
	struct replay *replay = arg;

	replay->lwps[number].lwp = lwp;
	replay->lwps[number].proc = proc;
}

/* The pages that follow are read here, which ends the life of the event's
 * bytes: the copy takes their place. */
enum replay_result
replay_checkpoint(struct replay *replay)
{
	static const struct vms_snapshot_source source = { sizeof(source),
		source_id, source_numbers, source_file, source_page,
		source_proc, source_lwp };
	struct trace_blob *blob = &replay->event.u.checkpoint;
	int error;

	replay->problem.text[0] = '\0';
	replay->checkpoint = malloc((size_t)blob->len + 1);
	if (replay->checkpoint == NULL)
		return replay_unusable(replay, "out of memory");
	if (blob->len > 0)
		memcpy(replay->checkpoint, blob->bytes, blob->len);
	blob->bytes = replay->checkpoint;
	error = vms_snapshot_load(
	    replay->vms, blob->bytes, blob->len, &source, replay);
	if (error == 0)
		return REPLAY_DONE;
	if (replay->problem.text[0] != '\0')
		return REPLAY_UNUSABLE;
	return replay_unusable(replay, "the checkpoint cannot be used: %s",
	    error == ENOENT    ? "the trace ends in its pages"
	    : error == EBADMSG ? "it contradicts itself"
			       : strerror(error));
}
