/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory of the vkernel under test: what it must hold when a guest uses
 * it, and what guests leave in it. */
#include "traces/guest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES  4096
#define LINES_MAX   8
#define SHOWN_BYTES 8
#define OBJECTS_MAX 65536
#define PAGES_MAX   16384

/* --- Sizes of objects ---------------------------------------------------- */

static struct guest_object *
object_get(struct guest *guest, uint32_t number)
{
	struct guest_object *objects;

	for (size_t i = guest->object_count; i-- > 0;)
		if (guest->objects[i].recorded.number == number ||
		    guest->objects[i].actual.number == number)
			return &guest->objects[i];
	if (guest->object_count == OBJECTS_MAX) {
		guest_unusable(guest, "there are too many objects");
		return NULL;
	}
	objects = realloc(
	    guest->objects, (guest->object_count + 1) * sizeof(*objects));
	if (objects == NULL) {
		guest_unusable(guest, "out of memory");
		return NULL;
	}
	guest->objects = objects;
	objects[guest->object_count] =
	    (struct guest_object){ .recorded = { .number = 0 } };
	return &objects[guest->object_count++];
}

void
guest_object_told(void *arg, const struct vms_object_info *info)
{
	struct guest *guest = arg;
	struct guest_object *object;

	if (guest->state != GUEST_SAME ||
	    (object = object_get(guest, info->number)) == NULL)
		return;
	object->actual = (struct trace_object){ .number = info->number,
		.bytes = info->bytes,
		.fixed_end = info->fixed_end };
	guest->objects_changed = true;
}

void
guest_object(struct guest *guest, const struct trace_object *recorded)
{
	struct guest_object *object = object_get(guest, recorded->number);

	if (object == NULL)
		return;
	object->recorded = *recorded;
	guest->objects_changed = true;
}

static void
object_compare(struct guest *guest, const struct guest_object *object)
{
	const struct trace_object *recorded = &object->recorded;
	const struct trace_object *actual = &object->actual;

	if (recorded->number == 0)
		guest_say(guest,
		    "  object %" PRIu32 ": the kernel maps it, not recorded",
		    actual->number);
	else if (actual->number == 0)
		guest_say(guest,
		    "  object %" PRIu32 ": recorded, the kernel has none",
		    recorded->number);
	else if (recorded->bytes != actual->bytes)
		guest_say(guest,
		    "  object %" PRIu32 ": recorded 0x%" PRIx64
		    " bytes, the kernel's has 0x%" PRIx64,
		    actual->number, recorded->bytes, actual->bytes);
	else if (recorded->fixed_end != actual->fixed_end)
		guest_say(guest, "  object %" PRIu32 ": %s sealed",
		    actual->number,
		    recorded->fixed_end ? "recorded as, the kernel's is not"
					: "the kernel's is, recorded as not");
}

void
guest_objects_compare(struct guest *guest)
{
	if (!guest->objects_changed)
		return;
	guest->objects_changed = false;
	for (size_t i = 0; i < guest->object_count; i++)
		object_compare(guest, &guest->objects[i]);
}

/* --- Inputs -------------------------------------------------------------- */

/* "68 69 (hi)": in base 16 and, where they are text, as text. */
static void
bytes_text(char *out, const uint8_t *bytes, size_t len)
{
	bool text = true;

	for (size_t i = 0; i < len; i++) {
		out += sprintf(out, "%s%02x", i > 0 ? " " : "", bytes[i]);
		text = text && bytes[i] >= ' ' && bytes[i] <= '~';
	}
	if (text)
		sprintf(out, " (%.*s)", (int)len, (const char *)bytes);
}

static void
difference_say(struct guest *guest, uint32_t object, uint64_t off,
    const uint8_t *recorded, const uint8_t *actual, size_t len)
{
	char is[SHOWN_BYTES * 4 + 8], was[SHOWN_BYTES * 4 + 8];
	size_t shown = len < SHOWN_BYTES ? len : SHOWN_BYTES;

	if (++guest->memory_lines > LINES_MAX)
		return;
	if (guest->memory_lines == 1) {
		guest->first_object = object;
		guest->first_off = off;
	}
	bytes_text(was, recorded, shown);
	bytes_text(is, actual, shown);
	guest_say(guest,
	    "  memory: object %" PRIu32 ", offset 0x%" PRIx64
	    ": recorded %s, the kernel has %s",
	    object, off, was, is);
	if (guest->memory_lines == LINES_MAX)
		guest_say(guest, "  memory: perhaps more");
}

static bool
byte_differs(const struct guest *guest, const struct guest_page *want,
    const uint8_t *now, unsigned at)
{
	return want->bytes[at] != now[at] &&
	       (want->known[at / 8] & 1u << at % 8) &&
	       !rules_ignore_byte(&guest->rules, want->object, want->off + at);
}

/* One line for each stretch that begins with a byte that differs. */
static void
page_compare(struct guest *guest, const struct guest_page *want)
{
	uint8_t now[PAGE_BYTES];
	int error = vms_play_load(
	    guest->vms, want->object, want->off, now, sizeof(now));
	unsigned at = 0, end;

	if (error != 0) {
		guest->memory_lines++;
		guest_say(guest,
		    "  memory: object %" PRIu32 ", offset 0x%" PRIx64
		    ": recorded, the kernel has no such page (%s)",
		    want->object, want->off, strerror(error));
		return;
	}
	for (; at < PAGE_BYTES; at = end) {
		end = at + 1;
		if (!byte_differs(guest, want, now, at))
			continue;
		end = at + SHOWN_BYTES < PAGE_BYTES ? at + SHOWN_BYTES
						    : PAGE_BYTES;
		while (end > at + 1 && !byte_differs(guest, want, now, end - 1))
			end--;
		difference_say(guest, want->object, want->off + at,
		    want->bytes + at, now + at, end - at);
	}
}

static void
page_fill(struct guest_page *page, const struct trace_bytes *input)
{
	unsigned at = (unsigned)(input->off % PAGE_BYTES);

	for (uint32_t i = 0; i < input->len && at < PAGE_BYTES; i++, at++) {
		page->bytes[at] = input->bytes[i];
		page->known[at / 8] |= (uint8_t)(1u << at % 8);
	}
}

static struct guest_page *
page_find(struct guest *guest, const struct trace_bytes *input)
{
	for (size_t i = 0; i < guest->page_count; i++)
		if (guest->pages[i]->object == input->object &&
		    guest->pages[i]->off ==
			input->off / PAGE_BYTES * PAGE_BYTES)
			return guest->pages[i];
	return NULL;
}

static struct guest_page *
page_add(struct guest *guest, const struct trace_bytes *input)
{
	struct guest_page **pages, *page;

	if (guest->page_count == PAGES_MAX ||
	    (page = calloc(1, sizeof(*page))) == NULL)
		return NULL;
	pages = realloc(guest->pages, (guest->page_count + 1) * sizeof(*pages));
	if (pages == NULL) {
		free(page);
		return NULL;
	}
	guest->pages = pages;
	pages[guest->page_count++] = page;
	page->object = input->object;
	page->off = input->off / PAGE_BYTES * PAGE_BYTES;
	return page;
}

/* An input that is too early: a later one takes its place where they meet. */
static void
input_keep(struct guest *guest, const struct trace_bytes *input)
{
	struct guest_page *page = page_find(guest, input);

	if (page == NULL && (page = page_add(guest, input)) == NULL)
		guest_unusable(
		    guest, "too much memory is known between two runs");
	else
		page_fill(page, input);
}

void
guest_input(struct guest *guest, const struct trace_bytes *input, bool now)
{
	struct guest_page page = { .object = input->object,
		.off = input->off / PAGE_BYTES * PAGE_BYTES };

	if (!now || (guest->page_count > 0 && page_find(guest, input))) {
		input_keep(guest, input);
		return;
	}
	page_fill(&page, input);
	page_compare(guest, &page);
}

void
guest_inputs_compare(struct guest *guest)
{
	for (size_t i = 0; i < guest->page_count; i++) {
		page_compare(guest, guest->pages[i]);
		free(guest->pages[i]);
	}
	guest->page_count = 0;
}

/* --- What guests wrote --------------------------------------------------- */

void
guest_written(struct guest *guest, const struct trace_bytes *written)
{
	int error = vms_play_store(guest->vms, written->object, written->off,
	    written->bytes, written->len);

	if (error != 0)
		guest_differ(guest,
		    "different at event %" PRIu64
		    ": the guest has written to object %" PRIu32
		    ", offset 0x%" PRIx64
		    ", which the kernel does not let it (%s)",
		    guest->next.number, written->object, written->off,
		    strerror(error));
}

void
guest_memory_finish(struct guest *guest)
{
	for (size_t i = 0; i < guest->page_count; i++)
		free(guest->pages[i]);
	free(guest->pages);
	free(guest->objects);
	free(guest->views);
}
