/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as changes of a recording: fields of events get other values,
 * events go, come twice, change places or are made up, the header says
 * something else.  The file is well-formed and its content hostile.  It is
 * replayed from its start and from its last checkpoint, and played to the
 * vkernel that was recorded: each gives SAME, DIFFERENT or UNUSABLE and one
 * line; an unchanged recording gives SAME.
 *
 * Counts of instructions are kept small, as a guest may run for as long as the
 * trace says.
 *
 * byte 0: which recording.  Then changes, each an operation and its arguments.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <vmspace/trace.h>

#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/replay/change.h"
#include "tests/fuzz/replay/scene.h"
#include "traces/codec.h"
#include "traces/kinds.h"
#include "traces/replay.h"
#include "traces/replay_file.h"

#define RECORDINGS 4u

static struct recording originals[RECORDINGS];
static char path[] = "/tmp/fuzz_replay.XXXXXX";

/* --- The recordings --- */

static void
recording_load(struct recording *to)
{
	struct trace_reader *reader;
	struct trace_problem problem = { .text = "" };
	struct trace_event event;
	const uint8_t *content;
	size_t len;

	promise(trace_reader_open(path, &reader, &problem) == 0, "a recording",
	    problem.text);
	to->header = *trace_reader_header(reader);
	to->header.notes = NULL;
	while (trace_next(reader, &event, &problem) == 0) {
		promise(to->count < EVENTS_MAX, "room for events", "");
		content = content_of(&event, &len);
		if (content != NULL)
			content_set(&event, content_copy(content, len));
		/* The events own their contents until the process ends. */
		to->events[to->count++] =
		    event; /* NOLINT(clang-analyzer-unix.Malloc) */
	}
	trace_reader_close(reader);
}

static void
recording_make(struct recording *to, unsigned which)
{
	static const uint32_t flags[RECORDINGS] = { VMS_RECORD_DECLARED, 0,
		VMS_RECORD_DECLARED | VMS_RECORD_WRITTEN,
		VMS_RECORD_WRITTEN | VMS_RECORD_VERIFY_FULL };
	const struct vms_record_options options = { .size = sizeof(options),
		.flags = flags[which],
		.digest_insns = 10,
		.checkpoint_insns = which & 1 ? 20 : 0 };
	const struct vms_config config = { .size = sizeof(config),
		.arena_bytes = UINT64_C(64) << 20 };
	struct vms_record *record;
	struct scene scene;
	struct vms *vms;

	promise(vms_open(&config, &vms) == 0, "vms_open", "");
	promise(scene_open(&scene, vms), "a scene", "");
	promise(vms_record_start(vms, path, &options, &record) == 0,
	    "vms_record_start", path);
	scene_play(&scene);
	promise(vms_record_stop(record, NULL) == 0, "vms_record_stop", "");
	scene_close(&scene);
	promise(vms_close(vms) == 0, "vms_close", "");
	recording_load(to);
}

static void
recordings_make(void)
{
	int fd;

	if (originals[0].count != 0)
		return;
	fd = mkstemp(path);
	promise(fd >= 0, "a temporary file", path);
	close(fd);
	for (unsigned i = 0; i < RECORDINGS; i++)
		recording_make(&originals[i], i);
}

/* What the encoder does not take cannot be in a file. */
static bool
can_be_written(const struct trace_event *event)
{
	struct bytes bytes = { 0 };
	const uint8_t *tail;
	size_t len;
	int error = codec_canonical(event, &bytes, &tail, &len);

	bytes_finish(&bytes);
	return error == 0;
}

static void
file_write(void)
{
	struct trace_writer *writer;

	promise(trace_writer_create(path, &changed.header, NULL, &writer) == 0,
	    "trace_writer_create", path);
	for (size_t i = 0; i < changed.count; i++)
		if (can_be_written(&changed.events[i]))
			promise(trace_write(writer, &changed.events[i]) == 0,
			    "trace_write", "");
	promise(trace_writer_finish(writer, NULL, NULL) == 0,
	    "trace_writer_finish", "");
}

/* --- What is promised --- */

static void
problem_check(const struct trace_problem *problem)
{
	promise(problem->text[0] != '\0' && strchr(problem->text, '\n') == NULL,
	    "one line", problem->text);
}

static void
replay_whole(bool unchanged)
{
	FILE *null = fopen("/dev/null", "w");
	const struct vms_replay_options options = { .size = sizeof(options),
		.report = null };
	struct replay_summary summary;
	int result;

	promise(null != NULL, "/dev/null", "");
	result = replay_file(path, &options, &summary);
	promise(result == VMS_REPLAY_SAME || !unchanged,
	    "what is unchanged is the same", summary.problem.text);
	if (result == VMS_REPLAY_UNUSABLE)
		problem_check(&summary.problem);
	fclose(null);
}

/* From the last checkpoint, if there is one. */
static void
replay_part(bool unchanged)
{
	enum replay_result result = REPLAY_UNUSABLE;
	struct trace_problem problem = { .text = "" };
	const struct trace_event *event;
	struct replay *replay = NULL;
	struct trace_reader *reader;

	promise(trace_reader_open(path, &reader, &problem) == 0,
	    "the file can be read", problem.text);
	if (replay_open_at(reader, UINT64_MAX, &replay, &problem) == 0) {
		while ((result = replay_step(replay, &event)) == REPLAY_DONE)
			;
		if (result == REPLAY_UNUSABLE)
			problem_check(replay_problem(replay));
		if (result == REPLAY_DIFFERENT)
			promise(replay_difference(replay)->field[0] != '\0',
			    "a difference has a name", "");
	} else {
		problem_check(&problem);
	}
	promise(
	    result == REPLAY_END || !unchanged, "the end is the same", path);
	replay_close(replay);
	trace_reader_close(reader);
}

static void
play(bool unchanged)
{
	FILE *null = fopen("/dev/null", "w");
	struct scene scene;
	struct vms *vms;
	int result;

	promise(null != NULL, "/dev/null", "");
	if (vms_replay_guest(path, NULL, null, &vms) == 0) {
		promise(scene_open(&scene, vms), "a scene", "");
		scene_play(&scene);
		scene_close(&scene);
		result = vms_replay_guest_end(vms);
		promise(result == VMS_REPLAY_SAME || !unchanged,
		    "the vkernel is the same", path);
		vms_close(vms);
	}
	fclose(null);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	struct input in = { bytes, len };
	unsigned which;
	unsigned changes;
	bool unchanged;

	recordings_make();
	which = byte_next(&in) % RECORDINGS;
	changed = originals[which];
	changes = changes_make(&in);
	unchanged = changes == 0;
	counts_cap(changes == 1);
	file_write();
	replay_whole(unchanged);
	replay_part(unchanged);
	play(unchanged && which >= 2);
	unlink(path);
	while (made_count > 0)
		free(made[--made_count]);
	return 0;
}
