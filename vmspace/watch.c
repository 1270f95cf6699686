/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Invariant: page->at[] says in which lists a page is, and it is taken out of
 * all of them before it is freed.
 */
#include "vmspace/watch.h"

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/page.h"
#include "emu/arena.h"
#include "vmspace/observe.h"
#include "vmspace/pv.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"
#include "vmspace/watch_impl.h"

/* After so many runs the pages in use are asked for again. */
#define LIVE_AGE 64
/* More pages than these are not compared before each run. */
#define LIVE_MAX 128

static void page_told(struct vms *vms, struct watch_page *page, uint64_t off,
    size_t len, bool first, bool undeclared);

static struct watch *
watch_of(struct vms *vms)
{
	return &vms->observe->watch;
}

static const uint8_t *
page_bytes(const struct vms *vms, const struct watch_page *page)
{
	return arena_host(vms->arena, page->pa);
}

void
watch_init(struct vms *vms)
{
	struct watch *watch = watch_of(vms);
	uint32_t flags = vms->observe->to.flags;

	watch->searches =
	    !(flags & VMS_OBSERVE_DECLARED) || (flags & VMS_OBSERVE_CHECK);
	watch->copies = watch->searches || (flags & VMS_OBSERVE_WRITTEN);
}

static void
page_free(void *arg, struct pv_page *page)
{
	(void)arg;
	if (page->watch == NULL)
		return;
	free(page->watch->copy);
	free(page->watch);
	page->watch = NULL;
}

void
watch_finish(struct vms *vms)
{
	struct watch *watch = watch_of(vms);

	pv_each(vms, page_free, NULL);
	for (int i = 0; i < WATCH_LISTS; i++)
		free(watch->lists[i].pages);
	free(watch->ranges);
}

void
watch_list_add(
    struct watch *watch, enum watch_what what, struct watch_page *page)
{
	struct watch_list *list = &watch->lists[what];
	size_t capacity = list->capacity ? list->capacity * 2 : 64;
	struct watch_page **pages;

	if (page->at[what] != 0)
		return;
	if (list->count == list->capacity) {
		pages = realloc(list->pages, capacity * sizeof(*pages));
		if (pages == NULL) {
			watch->failed = true;
			return;
		}
		list->pages = pages;
		list->capacity = capacity;
	}
	list->pages[list->count++] = page;
	page->at[what] = list->count;
}

/* The last one takes its place. */
void
watch_list_remove(
    struct watch *watch, enum watch_what what, struct watch_page *page)
{
	struct watch_list *list = &watch->lists[what];
	size_t at = page->at[what];

	if (at == 0)
		return;
	list->pages[at - 1] = list->pages[--list->count];
	list->pages[at - 1]->at[what] = at;
	page->at[what] = 0;
}

static void
list_clear(struct watch *watch, enum watch_what what)
{
	struct watch_list *list = &watch->lists[what];

	for (size_t i = 0; i < list->count; i++)
		list->pages[i]->at[what] = 0;
	list->count = 0;
}

static void
page_live(struct watch *watch, struct watch_page *page)
{
	if (watch->searches && page->file)
		watch_list_add(watch, WATCH_LIVE, page);
}

void
watch_copy_set(struct vms *vms, struct watch_page *page)
{
	if (!watch_of(vms)->copies || !page->file)
		return;
	if (page->copy == NULL)
		page->copy = malloc(PAGE_BYTES);
	if (page->copy != NULL)
		memcpy(page->copy, page_bytes(vms, page), PAGE_BYTES);
	else
		watch_of(vms)->failed = true;
}

/* --- Inputs -------------------------------------------------------------- */

/* The first and last byte that differ from the copy are told, with all that
 * lies between, but a long stretch that is the same is left out. */
#define SAME_MAX 16

static void
difference_tell(struct vms *vms, struct watch_page *page)
{
	const uint8_t *now = page_bytes(vms, page);
	size_t at = 0, end, same;

	while (at < PAGE_BYTES) {
		while (at < PAGE_BYTES && now[at] == page->copy[at])
			at++;
		if (at == PAGE_BYTES)
			return;
		for (end = at + 1, same = 0;
		     end < PAGE_BYTES && same < SAME_MAX; end++)
			same = now[end] == page->copy[end] ? same + 1 : 0;
		end -= same;
		page_told(vms, page, at, end - at, false,
		    (vms->observe->to.flags & VMS_OBSERVE_CHECK) != 0);
		at = end;
	}
}

/* Compares a page with what is known of it. */
static void
page_compare(struct vms *vms, struct watch_page *page)
{
	if (page->copy == NULL ||
	    memcmp(page->copy, page_bytes(vms, page), PAGE_BYTES) == 0)
		return;
	difference_tell(vms, page);
	watch_copy_set(vms, page);
	watch_list_add(watch_of(vms), WATCH_DIRTY, page);
	pv_note_write(vms, page->pa);
}

static void
page_told(struct vms *vms, struct watch_page *page, uint64_t off, size_t len,
    bool first, bool undeclared)
{
	const struct observation *observe = vms->observe;
	const struct vms_input input = {
		.object = page->object,
		.off = page->index * PAGE_BYTES + off,
		.bytes = page_bytes(vms, page) + off,
		.len = len,
		.first = first,
		.undeclared = undeclared,
	};

	if (observe->to.input != NULL)
		observe->to.input(observe->arg, &input);
}

struct watch_page *
watch_page_create(
    struct vms *vms, uint32_t object, bool file, uint64_t index, uint64_t pa)
{
	struct pv_page *pv = pv_page_get(vms, pa);
	struct watch_page *page = calloc(1, sizeof(*page));

	if (pv == NULL || page == NULL) {
		watch_of(vms)->failed = true;
		free(page);
		return NULL;
	}
	*page = (struct watch_page){
		.pa = pa, .index = index, .object = object, .file = file
	};
	pv->watch = page;
	return page;
}

void
watch_use_file(
    struct vms *vms, struct vm_object *file, uint64_t index, uint64_t pa)
{
	struct pv_page *pv = pv_page_find(vms, pa);
	struct watch_page *page;

	if (vms->observe == NULL || observe_plays(vms))
		return;
	if (pv != NULL && pv->watch != NULL) {
		watch_use(vms, pv);
		return;
	}
	page = watch_page_create(vms, file->number, true, index, pa);
	if (page == NULL)
		return;
	page_told(vms, page, 0, PAGE_BYTES, true, false);
	watch_copy_set(vms, page);
	watch_list_add(watch_of(vms), WATCH_DIRTY, page);
	page_live(watch_of(vms), page);
}

void
watch_use(struct vms *vms, struct pv_page *pv)
{
	struct watch *watch;

	if (vms->observe == NULL || pv == NULL || pv->watch == NULL)
		return;
	watch = watch_of(vms);
	if (!watch->searches || pv->watch->at[WATCH_LIVE] != 0 ||
	    !pv->watch->file)
		return;
	page_compare(vms, pv->watch);
	page_live(watch, pv->watch);
}

void
watch_made(struct vms *vms, uint64_t object, uint64_t index, uint64_t pa)
{
	struct watch_page *page;

	if (vms->observe == NULL || observe_plays(vms))
		return;
	page = watch_page_create(vms, (uint32_t)object, false, index, pa);
	if (page != NULL)
		watch_list_add(watch_of(vms), WATCH_DIRTY, page);
}

void
watch_stored(struct vms *vms, struct pv_page *pv)
{
	struct watch *watch;
	struct watch_page *page;

	if (vms->observe == NULL || pv == NULL || pv->watch == NULL)
		return;
	watch = watch_of(vms);
	page = pv->watch;
	watch_list_add(watch, WATCH_DIRTY, page);
	if (watch->copies && page->file)
		watch_list_add(watch, WATCH_STORING, page);
}

void
watch_gone(struct vms *vms, struct pv_page *pv)
{
	struct watch *watch;
	struct watch_page *page = pv->watch;

	if (vms->observe == NULL || page == NULL)
		return;
	watch = watch_of(vms);
	watch->sum -= page->part;
	for (int i = 0; i < WATCH_LISTS; i++)
		watch_list_remove(watch, (enum watch_what)i, page);
	page_free(NULL, pv);
}

/* --- Declared stores ----------------------------------------------------- */

static bool
range_merge(struct watch *watch, const struct watch_range *range)
{
	struct watch_range *last;

	if (watch->range_count == 0)
		return false;
	last = &watch->ranges[watch->range_count - 1];
	if (last->object != range->object || range->off > last->end ||
	    range->end < last->off)
		return false;
	if (range->off < last->off)
		last->off = range->off;
	if (range->end > last->end)
		last->end = range->end;
	return true;
}

void
watch_declared(
    struct vms *vms, const struct vm_object *file, uint64_t off, uint64_t end)
{
	const struct watch_range range = { file->number, off, end };
	struct watch_range *ranges;
	struct watch *watch;
	size_t capacity;

	if (vms->observe == NULL || file->number == 0)
		return;
	watch = watch_of(vms);
	if (range_merge(watch, &range))
		return;
	if (watch->range_count == watch->range_capacity) {
		capacity =
		    watch->range_capacity ? watch->range_capacity * 2 : 64;
		ranges = realloc(watch->ranges, capacity * sizeof(*ranges));
		if (ranges == NULL) {
			watch->failed = true;
			return;
		}
		watch->ranges = ranges;
		watch->range_capacity = capacity;
	}
	watch->ranges[watch->range_count++] = range;
}

/* Bytes [off, end) of a page are as the host has left them. */
static void
declared_part(
    struct vms *vms, struct watch_page *page, uint64_t off, uint64_t end)
{
	page_told(vms, page, off, (size_t)(end - off), false, false);
	if (page->copy != NULL)
		memcpy(page->copy + off, page_bytes(vms, page) + off,
		    (size_t)(end - off));
	watch_list_add(watch_of(vms), WATCH_DIRTY, page);
}

static void
declared_tell(struct vms *vms, const struct watch_range *range)
{
	struct vm_object *file = vm_object_numbered(vms, range->object);
	uint64_t at = range->off, end, pa;
	const struct pv_page *pv;

	for (; file != NULL && at < range->end; at = end) {
		end = page_trunc(at) + PAGE_BYTES;
		if (end > range->end)
			end = range->end;
		if (!vm_object_resident(file, at >> PAGE_SHIFT, &pa))
			continue;
		pv = pv_page_find(vms, pa);
		if (pv != NULL && pv->watch != NULL)
			declared_part(vms, pv->watch, at & PAGE_MASK,
			    (end - 1) % PAGE_BYTES + 1);
	}
}

void
watch_ranges_tell(struct vms *vms)
{
	struct watch *watch = watch_of(vms);

	if (vms->observe->to.flags & VMS_OBSERVE_DECLARED)
		for (size_t i = 0; i < watch->range_count; i++)
			declared_tell(vms, &watch->ranges[i]);
	watch->range_count = 0;
}

/* --- Runs ---------------------------------------------------------------- */

static void
live_release(struct vms *vms)
{
	struct watch *watch = watch_of(vms);

	for (size_t i = 0; i < watch->lists[WATCH_LIVE].count; i++)
		pv_hide(vms, watch->lists[WATCH_LIVE].pages[i]->pa);
	list_clear(watch, WATCH_LIVE);
	watch->age = 0;
}

void
watch_begin(struct vms *vms)
{
	const struct watch_list *live;
	struct watch *watch;

	if (vms->observe == NULL || observe_plays(vms))
		return;
	watch = watch_of(vms);
	watch->inside = true;
	watch_ranges_tell(vms);
	if (!watch->searches)
		return;
	live = &watch->lists[WATCH_LIVE];
	if (++watch->age >= LIVE_AGE || live->count > LIVE_MAX)
		live_release(vms);
	for (size_t i = 0; i < live->count; i++)
		page_compare(vms, live->pages[i]);
}

/* Runs of bytes that the guest has changed. */
static void
written_tell(struct vms *vms, const struct watch_page *page)
{
	const struct observation *observe = vms->observe;
	const uint8_t *now = page_bytes(vms, page), *was = page->copy;
	size_t at = 0, end;

	if (observe->to.written == NULL || was == NULL)
		return;
	while (at < PAGE_BYTES) {
		while (at < PAGE_BYTES && now[at] == was[at])
			at++;
		for (end = at; end < PAGE_BYTES && now[end] != was[end]; end++)
			continue;
		if (at < end)
			observe->to.written(observe->arg, page->object,
			    page->index * PAGE_BYTES + at, now + at, end - at);
		at = end;
	}
}

void
watch_tell_concurrent(struct vms *vms)
{
	const struct observation *observe = vms->observe;
	const struct watch_list *live = &observe->watch.lists[WATCH_LIVE];

	if (observe->to.concurrent == NULL || observe_plays(vms) ||
	    !observe->watch.searches)
		return;
	for (size_t i = 0; i < live->count; i++) {
		const struct watch_page *page = live->pages[i];
		if (page->at[WATCH_STORING] == 0 && page->copy != NULL &&
		    memcmp(page->copy, page_bytes(vms, page), PAGE_BYTES) != 0)
			observe->to.concurrent(observe->arg, page->object,
			    page->index * PAGE_BYTES);
	}
}

/* Do the bytes of page stem from guests alone?  Those of a page that is
 * searched, but that no guest has used in this run, may be the host's. */
static bool
page_is_guests(const struct watch *watch, const struct watch_page *page)
{
	return !watch->searches || !page->file || page->at[WATCH_LIVE] != 0;
}

static void
storing_release(struct vms *vms)
{
	struct watch *watch = watch_of(vms);
	const struct watch_list *storing = &watch->lists[WATCH_STORING];

	for (size_t i = 0; i < storing->count; i++)
		pv_protect(vms, storing->pages[i]->pa);
	list_clear(watch, WATCH_STORING);
}

void
watch_tell_written(struct vms *vms)
{
	const struct watch *watch = watch_of(vms);
	const struct watch_list *storing = &watch->lists[WATCH_STORING];

	if (!(vms->observe->to.flags & VMS_OBSERVE_WRITTEN) ||
	    observe_plays(vms))
		return;
	for (size_t i = 0; i < storing->count; i++)
		if (page_is_guests(watch, storing->pages[i]))
			written_tell(vms, storing->pages[i]);
}

void
watch_end(struct vms *vms)
{
	const struct watch_list *storing;
	struct watch *watch;

	if (vms->observe == NULL || observe_plays(vms))
		return;
	watch = watch_of(vms);
	watch->inside = false;
	if (!watch->copies)
		return;
	storing = &watch->lists[WATCH_STORING];
	for (size_t i = 0; i < storing->count; i++)
		if (page_is_guests(watch, storing->pages[i]))
			watch_copy_set(vms, storing->pages[i]);
	if (storing->count > LIVE_MAX || watch->age == 0 || !watch->searches)
		storing_release(vms);
}

/* --- Digests ------------------------------------------------------------- */

static uint64_t
mix(uint64_t x)
{
	x ^= x >> 32;
	x *= UINT64_C(0x9E3779B97F4A7C15);
	x ^= x >> 29;
	x *= UINT64_C(0xBF58476D1CE4E5B9);
	return x ^ x >> 32;
}

/* Of a page that is searched, only its copy is sure to be the guests' while
 * the host may store to it. */
const uint8_t *
watch_known_bytes(const struct vms *vms, const struct watch_page *page)
{
	const struct watch *watch = &vms->observe->watch;

	if (!watch->searches || !page->file || page->copy == NULL ||
	    (watch->inside && page->at[WATCH_LIVE] != 0))
		return page_bytes(vms, page);
	return page->copy;
}

uint64_t
watch_page_part(const struct vms *vms, const struct watch_page *page)
{
	static const uint8_t zero[PAGE_BYTES];
	const uint8_t *bytes = watch_known_bytes(vms, page);
	uint64_t who = (uint64_t)page->object << 1 | page->file;

	if (bytes[0] == 0 && memcmp(bytes, zero, PAGE_BYTES) == 0)
		return 0;
	return mix(
	    XXH3_64bits(bytes, PAGE_BYTES) ^ mix(mix(who) ^ page->index));
}

/* A page that has changed will change again: hashing it once too often costs
 * less than learning of its next store by a fault. */
uint64_t
watch_digest(struct vms *vms)
{
	struct watch *watch = watch_of(vms);
	const struct watch_list *dirty = &watch->lists[WATCH_DIRTY];

	for (size_t i = dirty->count; i-- > 0;) {
		struct watch_page *page = dirty->pages[i];
		uint64_t part = watch_page_part(vms, page);
		if (part == page->part) {
			pv_protect(vms, page->pa);
			watch_list_remove(watch, WATCH_DIRTY, page);
		}
		watch->sum += part - page->part;
		page->part = part;
	}
	return watch->sum;
}
