/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory files of a replay: one for each file object of the recording,
 * and the recorded inputs, which are stored into them.
 *
 * Invariant: the file of an object has the size that the trace named last, and
 * all of its pages are mapped at object->map.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/os.h"
#include "base/page.h"
#include "traces/replay_impl.h"

static int object_add(struct replay *replay);
static int object_resize(struct replay_object *object, uint64_t bytes);
static void object_finish(struct replay_object *object);
static struct replay_object *place(
    struct replay *replay, const struct trace_bytes *bytes);
static bool is_zero(const uint8_t *bytes, uint32_t len);
static enum replay_result written_compare(
    struct replay *replay, const struct trace_bytes *written);

/* Object 0 stands for files that were not mapped in the end. */
int
replay_memory_open(struct replay *replay)
{
	int error;

	replay->objects = calloc(1, sizeof(*replay->objects));
	if (replay->objects == NULL)
		return ENOMEM;
	if ((error = object_add(replay)) != 0)
		return error;
	return object_resize(&replay->objects[0], PAGE_BYTES);
}

void
replay_memory_close(struct replay *replay)
{
	for (size_t i = 0; i < replay->object_count; i++)
		object_finish(&replay->objects[i]);
	free(replay->objects);
}

static int
object_add(struct replay *replay)
{
	struct replay_object *objects, *object;
	int error;

	if (replay->object_count > 0) {
		objects = replay_grow(
		    replay->objects, replay->object_count, sizeof(*objects));
		if (objects == NULL)
			return ENOSPC;
		replay->objects = objects;
	}
	object = &replay->objects[replay->object_count];
	*object = (struct replay_object){ .exists = true };
	if ((error = os_memfile_modes("replayed", object->fds)) == 0)
		replay->object_count++;
	return error;
}

static void
object_finish(struct replay_object *object)
{
	if (object->map != NULL)
		munmap(object->map, (size_t)object->map_bytes);
	for (int mode = 0; mode < 3; mode++)
		close(object->fds[mode]);
	u64map_finish(&object->given);
}

static int
object_resize(struct replay_object *object, uint64_t bytes)
{
	uint64_t map_bytes = page_round(bytes);
	void *map = NULL;

	if (bytes > INT64_MAX - PAGE_BYTES || map_bytes > SIZE_MAX)
		return EFBIG;
	if (ftruncate(object->fds[O_RDWR], (off_t)bytes) != 0)
		return errno;
	if (map_bytes != 0)
		map = mmap(NULL, (size_t)map_bytes, PROT_READ | PROT_WRITE,
		    MAP_SHARED, object->fds[O_RDWR], 0);
	if (map == MAP_FAILED)
		return errno;
	if (object->map != NULL)
		munmap(object->map, (size_t)object->map_bytes);
	object->map = map;
	object->map_bytes = map_bytes;
	object->bytes = bytes;
	return 0;
}

int
replay_objects_skip(struct replay *replay, uint32_t last)
{
	struct replay_object *objects;

	while (replay->object_count <= last) {
		objects = replay_grow(
		    replay->objects, replay->object_count, sizeof(*objects));
		if (objects == NULL)
			return ENOSPC;
		replay->objects = objects;
		objects[replay->object_count++] =
		    (struct replay_object){ .fds = { -1, -1, -1 } };
	}
	return 0;
}

int
replay_object_restore(
    struct replay *replay, uint32_t number, uint64_t bytes, bool fixed_end)
{
	struct replay_object *object;
	int error;

	if (number >= replay->object_count)
		return ENOSPC;
	object = &replay->objects[number];
	if (object->exists)
		return EBADMSG;
	if ((error = os_memfile_modes("replayed", object->fds)) != 0)
		return error;
	object->exists = true;
	if ((error = object_resize(object, bytes)) != 0)
		return error;
	if (fixed_end)
		(void)os_seal_shrink(object->fds[O_RDWR]);
	object->fixed_end = fixed_end;
	return 0;
}

int
replay_object_put(struct replay *replay, uint32_t number, uint64_t index,
    const uint8_t *bytes)
{
	const struct replay_object *object = &replay->objects[number];

	if (index >= object->map_bytes >> PAGE_SHIFT)
		return EBADMSG;
	if (!is_zero(bytes, PAGE_BYTES))
		memcpy(object->map + (index << PAGE_SHIFT), bytes, PAGE_BYTES);
	return 0;
}

enum replay_result
replay_object(struct replay *replay)
{
	const struct trace_object *event = &replay->event.u.object;
	struct replay_object *object;
	int error = 0;

	if (event->number == 0 || event->number > replay->object_count)
		return replay_unusable(replay,
		    "object %" PRIu32 " comes before object %zu", event->number,
		    replay->object_count);
	if (event->number == replay->object_count)
		error = object_add(replay);
	if (error != 0)
		return replay_unusable(replay,
		    "no memory file for object %" PRIu32 ": %s", event->number,
		    strerror(error));
	object = &replay->objects[event->number];
	if ((error = object_resize(object, event->bytes)) != 0)
		return replay_unusable(replay,
		    "object %" PRIu32 " cannot have %" PRIu64 " bytes: %s",
		    event->number, event->bytes, strerror(error));
	if (event->fixed_end && !object->fixed_end)
		(void)os_seal_shrink(object->fds[O_RDWR]);
	object->fixed_end = event->fixed_end;
	return REPLAY_DONE;
}

int
replay_object_fd(struct replay *replay, uint32_t number, unsigned mode)
{
	if (number >= replay->object_count || mode > O_RDWR)
		return -1;
	return replay->objects[number].fds[mode];
}

/* The memory file in which bytes of the trace lie; NULL: there is no such
 * place.
 */
static struct replay_object *
place(struct replay *replay, const struct trace_bytes *bytes)
{
	struct replay_object *object;
	uint64_t end;

	if (bytes->object == 0 || bytes->object >= replay->object_count) {
		replay_unusable(
		    replay, "there is no object %" PRIu32, bytes->object);
		return NULL;
	}
	object = &replay->objects[bytes->object];
	if (bytes->len > 0 && !add_wraps(bytes->off, bytes->len, &end) &&
	    end <= object->map_bytes)
		return object;
	replay_unusable(replay,
	    "offset 0x%" PRIx64 " is not in object %" PRIu32, bytes->off,
	    bytes->object);
	return NULL;
}

/* A page of zeros needs no host memory, as in the recorded file. */
static bool
is_zero(const uint8_t *bytes, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if (bytes[i] != 0)
			return false;
	return true;
}

/* A page of which nothing was known cannot have been executed, and the
 * recorder did not hear of it by vms_note_write(). */
enum replay_result
replay_input(struct replay *replay)
{
	const struct trace_bytes *input = &replay->event.u.input;
	struct replay_object *object = place(replay, input);

	if (object == NULL)
		return REPLAY_UNUSABLE;
	if (!input->first || !is_zero(input->bytes, input->len) ||
	    !is_zero(object->map + input->off, input->len))
		memcpy(object->map + input->off, input->bytes, input->len);
	if (input->first) {
		if (u64map_put(&object->given, input->off >> PAGE_SHIFT, 1) !=
		    0)
			return replay_unusable(replay, "out of memory");
		return REPLAY_DONE;
	}
	if (vms_note_write(replay->vms, object->fds[O_RDWR],
		(int64_t)input->off, input->len) != 0)
		return replay_unusable(replay, "a store cannot be declared");
	return REPLAY_DONE;
}

/* A run or call uses a page: the trace must have given what is in it. */
void
replay_input_used(void *arg, const struct vms_input *input)
{
	struct replay *replay = arg;
	char page[64];

	if (!input->first ||
	    (input->object < replay->object_count &&
		u64map_remove(&replay->objects[input->object].given,
		    input->off >> PAGE_SHIFT, NULL)))
		return;
	snprintf(page, sizeof(page), "offset 0x%" PRIx64 " of object %" PRIu32,
	    input->off, input->object);
	replay_different(replay, "page", "not used", page);
	replay_explain(replay,
	    "The guest touched a page that the recording does not have.\n");
}

void
replay_object_told(void *arg, const struct vms_object_info *info)
{
	struct replay *replay = arg;

	if (info->number >= replay->object_count)
		replay_differs_hex(replay, "number of objects",
		    replay->object_count - 1, info->number);
	else if (info->bytes != replay->objects[info->number].bytes)
		replay_differs_hex(replay, "size of the object",
		    replay->objects[info->number].bytes, info->bytes);
}

enum replay_result
replay_written(struct replay *replay)
{
	return written_compare(replay, &replay->event.u.written);
}

static enum replay_result
written_compare(struct replay *replay, const struct trace_bytes *written)
{
	const struct replay_object *object = place(replay, written);
	const uint8_t *now;
	uint32_t at = 0;

	if (object == NULL)
		return REPLAY_UNUSABLE;
	now = object->map + written->off;
	while (at < written->len && now[at] == written->bytes[at])
		at++;
	if (at == written->len)
		return REPLAY_DONE;
	replay_differs_hex(replay, "byte written", written->bytes[at], now[at]);
	replay_explain(replay,
	    "The byte at offset 0x%" PRIx64 " of object %" PRIu32
	    " is 0x%02x, and was 0x%02x.\n",
	    written->off + at, written->object, now[at], written->bytes[at]);
	return REPLAY_DIFFERENT;
}

void
replay_written_explain(struct replay *replay)
{
	struct trace_problem problem;
	struct trace_event event;

	while (trace_next(replay->reader, &event, &problem) == 0 &&
	       (event.kind == TRACE_WRITTEN || event.kind == TRACE_FP))
		if (event.kind == TRACE_WRITTEN &&
		    written_compare(replay, &event.u.written) != REPLAY_DONE)
			return;
}
