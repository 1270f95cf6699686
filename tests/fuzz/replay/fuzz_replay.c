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
#include "tests/fuzz/replay/scene.h"
#include "traces/codec.h"
#include "traces/kinds.h"
#include "traces/replay.h"
#include "traces/replay_file.h"

#define EVENTS_MAX  400u
#define CHANGES_MAX 16u
#define INSNS_MAX   UINT64_C(0xffff)
#define RECORDINGS  4u

struct recording {
	struct trace_header header;
	struct trace_event events[EVENTS_MAX];
	size_t count;
};

struct input {
	const uint8_t *bytes;
	size_t left;
};

static struct recording originals[RECORDINGS], changed;
static uint8_t *made[CHANGES_MAX]; /* content of changed events */
static size_t made_count;
static char path[] = "/tmp/fuzz_replay.XXXXXX";

static void
promise(bool kept, const char *what, const char *text)
{
	if (kept)
		return;
	fprintf(stderr, "fuzz_replay: broken: %s: %s\n", what, text);
	abort();
}

static unsigned
byte_next(struct input *in)
{
	if (in->left == 0)
		return 0;
	in->left--;
	return *in->bytes++;
}

static uint64_t
bytes_next(struct input *in, unsigned count)
{
	uint64_t value = 0;

	while (count-- > 0)
		value = value << 8 | byte_next(in);
	return value;
}

/* Edges, differences from what is there, or any. */
static uint64_t
value_next(struct input *in, uint64_t old)
{
	static const uint64_t edges[] = { 0, 1, 2, 3, 0x7f, 0x1000, 0xfff,
		65535, 65536, INT32_MAX, UINT32_MAX, UINT64_C(1) << 46,
		INT64_MAX, INT64_MAX - 4095, UINT64_MAX, UINT64_MAX - 4095,
		SCENE_CODE, SCENE_ANON, UINT64_C(0x800000000000) };
	unsigned byte = byte_next(in);

	if (byte < 64)
		return edges[byte % (sizeof(edges) / sizeof(edges[0]))];
	if (byte < 128)
		return old + byte - 95;
	if (byte < 192)
		return old ^ UINT64_C(1) << (byte & 63);
	return bytes_next(in, byte % 8 + 1);
}

/* --- The recordings --- */

static const uint8_t *
content_copy(const uint8_t *bytes, size_t len)
{
	uint8_t *copy = malloc(len + 1);

	promise(copy != NULL, "memory", "");
	if (len > 0)
		memcpy(copy, bytes, len);
	return copy;
}

static void
content_set(struct trace_event *event, const uint8_t *bytes)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	const struct field *last = &kind->fields[kind->count - 1];

	if (last->type == FIELD_BYTES)
		memcpy((uint8_t *)event + last->offset, &bytes, sizeof(bytes));
}

/* NULL: it has no content, or none now. */
static const uint8_t *
content_of(const struct trace_event *event, size_t *len)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	const struct field *last = &kind->fields[kind->count - 1];

	*len = 0;
	return last->type == FIELD_BYTES ? field_bytes(last, event, len) : NULL;
}

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
		to->events[to->count++] = event;
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

/* --- Changes --- */

static struct trace_event *
event_next(struct input *in)
{
	return &changed.events[bytes_next(in, 2) % changed.count];
}

static void
register_change(struct input *in, struct trapframe *tf)
{
	unsigned at = byte_next(in) % TRACE_FRAME_REGS;
	uint64_t regs[TRACE_FRAME_REGS];

	memcpy(regs, tf, sizeof(regs));
	regs[at] = value_next(in, regs[at]);
	memcpy(tf, regs, sizeof(regs));
}

/* Content becomes ours, of the length len, with a few bytes changed. */
static void
content_change(struct input *in, struct trace_event *event, size_t len)
{
	size_t old_len;
	const uint8_t *old = content_of(event, &old_len);
	uint8_t *bytes = calloc(1, len + 1);

	promise(bytes != NULL, "memory", "");
	if (old != NULL)
		memcpy(bytes, old, old_len < len ? old_len : len);
	made[made_count++] = bytes;
	for (unsigned i = byte_next(in) % 5; i > 0 && len > 0; i--) {
		size_t at = bytes_next(in, 2) % len;
		bytes[at] = (uint8_t)value_next(in, bytes[at]);
	}
	content_set(event, bytes);
}

static void
content_resize(
    struct input *in, struct trace_event *event, const struct field *field)
{
	uint32_t len;
	size_t old_len;

	(void)content_of(event, &old_len);
	len = field->max;
	if (field->len_offset != 0) {
		len = (uint32_t)value_next(in, old_len) & 0x1fff;
		len = len > field->max ? field->max : len;
	}
	content_change(in, event, len);
	if (field->len_offset != 0)
		memcpy((uint8_t *)event + field->len_offset, &len, sizeof(len));
}

static void
number_change(
    struct input *in, struct trace_event *event, const struct field *field)
{
	uint8_t *at = (uint8_t *)event + field->offset;
	uint64_t value = value_next(in, field_load(field, event));
	uint32_t value32 = (uint32_t)value;

	switch (field->type) {
	case FIELD_BOOL:
		*(bool *)at = value & 1;
		break;
	case FIELD_U8:
		*at = (uint8_t)value;
		break;
	case FIELD_OP:
	case FIELD_U32:
	case FIELD_I32:
		memcpy(at, &value32, sizeof(value32));
		break;
	default:
		memcpy(at, &value, sizeof(value));
	}
}

static void
change_field(struct input *in, struct trace_event *event)
{
	const struct kind *kind = kind_find((unsigned)event->kind);
	const struct field *field = &kind->fields[byte_next(in) % kind->count];

	if (field->type == FIELD_FRAME_IN)
		register_change(in, &event->u.run.frame_in);
	else if (field->type == FIELD_FRAME_OUT)
		register_change(in, &event->u.run.frame_out);
	else if (field->type == FIELD_BYTES)
		content_resize(in, event, field);
	else
		number_change(in, event, field);
}

static void
change_content(struct input *in, struct trace_event *event)
{
	size_t len;

	if (content_of(event, &len) != NULL)
		content_change(in, event, len);
}

static void
change_remove(struct input *in, struct trace_event *event)
{
	size_t at = (size_t)(event - changed.events);

	(void)in;
	if (changed.count == 1)
		return;
	changed.count--;
	memmove(event, event + 1, (changed.count - at) * sizeof(*event));
}

/* Again, somewhere else. */
static void
change_insert(struct input *in, struct trace_event *event)
{
	struct trace_event copy = *event, *to = event_next(in);
	size_t after = changed.count - (size_t)(to - changed.events);

	if (changed.count == EVENTS_MAX)
		return;
	memmove(to + 1, to, after * sizeof(*to));
	*to = copy;
	changed.count++;
}

static void
change_swap(struct input *in, struct trace_event *event)
{
	struct trace_event *other = event_next(in), copy = *event;

	*event = *other;
	*other = copy;
}

/* One with nothing but zeroes, of any kind. */
static void
change_blank(struct input *in, struct trace_event *event)
{
	unsigned kind = byte_next(in) % TRACE_KIND_COUNT;

	if (kind_find(kind) == NULL)
		return;
	*event = (struct trace_event){ .kind = (enum trace_kind)kind };
	if (kind == TRACE_CALL)
		event->u.call.op = VMS_OP_PROC_OPEN;
	if (kind == TRACE_FP || kind == TRACE_PAGE)
		content_change(in, event, kind == TRACE_FP ? 512 : PAGE_BYTES);
}

static void
change_cut(struct input *in, struct trace_event *event)
{
	(void)in;
	changed.count = (size_t)(event - changed.events) + 1;
}

static void
change_header(struct input *in, struct trace_event *event)
{
	struct trace_header *header = &changed.header;
	unsigned which = byte_next(in) % 8;
	uint64_t value = value_next(in, which);

	(void)event;
	switch (which) {
	case 0:
		header->config_flags ^= (uint32_t)value;
		break;
	case 1:
		header->era = (uint32_t)value;
		break;
	case 2:
		header->arena_bytes = value;
		break;
	case 3:
		header->max_map_entries = value;
		break;
	case 4:
		header->observe_flags ^= (uint32_t)value;
		break;
	case 5:
		header->digest_insns = value;
		break;
	case 6:
		header->compat ^= value & 7;
		break;
	default:
		header->page_bytes ^= (uint32_t)value;
	}
}

static unsigned
changes_make(struct input *in)
{
	static void (*const changes[])(struct input *,
	    struct trace_event *) = { change_field, change_field, change_field,
		change_content, change_remove, change_insert, change_swap,
		change_blank, change_cut, change_header };
	const size_t count = sizeof(changes) / sizeof(changes[0]);
	unsigned done = 0;

	for (; in->left > 0 && done < CHANGES_MAX; done++) {
		unsigned op = byte_next(in);
		changes[op % count](in, event_next(in));
	}
	return done;
}

static void
counts_cap(void)
{
	for (size_t i = 0; i < changed.count; i++) {
		struct trace_event *event = &changed.events[i];
		if (event->kind == TRACE_RUN)
			event->u.run.insns &= INSNS_MAX;
	}
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
	bool unchanged;

	recordings_make();
	which = byte_next(&in) % RECORDINGS;
	changed = originals[which];
	unchanged = changes_make(&in) == 0;
	counts_cap();
	file_write();
	replay_whole(unchanged);
	replay_part(unchanged);
	play(unchanged && which >= 2);
	unlink(path);
	while (made_count > 0)
		free(made[--made_count]);
	return 0;
}
