/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmspace/lint.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/page.h"
#include "vmspace/frame_regs.h"
#include "vmspace/registry.h"
#include "vmspace/space.h"
#include "vmspace/vm_fault.h"
#include "vmspace/vms.h"

#define LINT_SENTENCE_BYTES 320

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(struct vms *vms, const char *format, ...);
static void lint_frame(
    struct vms *vms, struct vmspace_entry *ve, const struct trapframe *tf);
static void lint_tables(struct vms *vms, struct vmspace_entry *ve);
static struct lint_memory *memory_of(struct vmspace_entry *ve);

/* How a translation differs from what the page tables say now. */
enum verdict { AGREES, GONE, READ_ONLY, ELSEWHERE };

struct stale {
	vms_va_t va;
	uint64_t pa; /* translated to */
	bool writable;
	uint64_t new_pa; /* ELSEWHERE: what the tables give */
	enum verdict verdict;
};

/* What has been told about one space, so that it is not told again. */
struct lint_memory {
	int64_t bad_flags;   /* of the last frame */
	uint64_t bad_rip;    /* non-canonical, of the last frame, or 0 */
	struct stale *stale; /* ascending */
	size_t stale_count;
};

/* One comparison of all translations with the tables. */
struct scan {
	struct vms *vms;
	struct vmspace_entry *ve;
	struct stale *pages; /* every translation, then the stale ones */
	size_t count, capacity;
	size_t told; /* of the memory's, those below the current va */
};

void
lint_create(struct vms *vms, void *id, int type, const void *data)
{
	if (vms->lint == NULL)
		return;
	if (id == NULL)
		say(vms, "vmspace_create: the id is NULL, which its "
			 "documentation forbids");
	if (type != 0)
		say(vms, "vmspace_create: id %p: type is %#x and must be 0", id,
		    (unsigned)type);
	if (data != NULL)
		say(vms, "vmspace_create: id %p: data is %p and must be NULL",
		    id, data);
}

void
lint_destroy_busy(struct vms *vms, const struct vmspace_entry *ve)
{
	if (vms->lint == NULL)
		return;
	say(vms,
	    "vmspace_destroy: id %p still has %#x references, so a "
	    "guest of it is running",
	    ve->id, ve->refs);
}

void
lint_setmap(struct space *space, vms_va_t addr, uint64_t len)
{
	struct vms *vms = space->vms;
	vms_va_t start = page_trunc(addr), end = page_round(addr + len);
	bool told = false;

	if (vms->lint == NULL)
		return;
	for (size_t i = 0; i < space->map.count; i++) {
		const struct vm_entry *entry = &space->map.entries[i];
		if (!entry->vpagetable || entry->end <= start ||
		    entry->start >= end)
			continue;
		if (entry->start >= start && entry->end <= end)
			continue;
		say(vms,
		    "vmspace_mcontrol: SETMAP of [%#" PRIx64 ", %#" PRIx64
		    ") covers only part of the mapping [%#" PRIx64 ", %#" PRIx64
		    ") but governs all of it",
		    start, end, entry->start, entry->end);
		told = true;
	}
	if (!told && vm_map_setmap_is_partial(&space->map, start, end))
		say(vms,
		    "vmspace_mcontrol: SETMAP of [%#" PRIx64 ", %#" PRIx64
		    ") also governs a mapping that continues it in address and "
		    "file offset",
		    start, end);
}

void
lint_run(struct vms *vms, struct vmspace_entry *ve, const struct trapframe *tf)
{
	if (vms->lint == NULL || memory_of(ve) == NULL)
		return;
	lint_frame(vms, ve, tf);
	lint_tables(vms, ve);
}

void
lint_ran(struct vms *vms, struct vmspace_entry *ve)
{
	if (vms->lint != NULL && memory_of(ve) != NULL)
		lint_tables(vms, ve);
}

void
lint_forget(struct lint_memory *memory)
{
	if (memory != NULL)
		free(memory->stale);
	free(memory);
}

static bool
canonical(uint64_t va)
{
	return va < VMS_VA_END || va >= ~(VMS_VA_END - 1);
}

static void
lint_frame(
    struct vms *vms, struct vmspace_entry *ve, const struct trapframe *tf)
{
	struct lint_memory *memory = ve->lint;
	int64_t bad_flags = frame_bad_flags(tf);
	uint64_t rip = (uint64_t)tf->tf_rip;
	uint64_t bad_rip = canonical(rip) ? 0 : rip;

	if (bad_flags != 0 && bad_flags != memory->bad_flags)
		say(vms,
		    "vmspace_ctl: id %p: tf_rflags %#" PRIx64
		    " has bits %#" PRIx64 " that no guest can have",
		    ve->id, (uint64_t)tf->tf_rflags, (uint64_t)bad_flags);
	if (bad_rip != 0 && bad_rip != memory->bad_rip)
		say(vms,
		    "vmspace_ctl: id %p: tf_rip %#" PRIx64 " is not canonical",
		    ve->id, rip);
	memory->bad_flags = bad_flags;
	memory->bad_rip = bad_rip;
}

/* Fewer rights or another page; more rights need no INVAL (9.6). */
static enum verdict
judge(struct space *space, struct stale *page)
{
	bool ignored;

	if (page->writable && vm_fault_peek(space, page->va, CPU_WRITE,
				  &page->new_pa, &ignored) == 0)
		return page->new_pa == page->pa ? AGREES : ELSEWHERE;
	if (vm_fault_peek(space, page->va, CPU_READ, &page->new_pa, &ignored) !=
	    0)
		return GONE;
	if (page->new_pa != page->pa)
		return ELSEWHERE;
	return page->writable ? READ_ONLY : AGREES;
}

static void
say_stale(struct vms *vms, struct vmspace_entry *ve, const struct stale *stale)
{
	char now[64];

	switch (stale->verdict) {
	case READ_ONLY:
		snprintf(now, sizeof(now), "make it read-only");
		break;
	case ELSEWHERE:
		if (stale->new_pa == VM_FAULT_NEW_PAGE) {
			snprintf(now, sizeof(now), "give a new page");
			break;
		}
		snprintf(now, sizeof(now), "give memory page %#" PRIx64,
		    stale->new_pa);
		break;
	default:
		snprintf(now, sizeof(now), "no longer give it");
	}
	say(vms,
	    "vmspace_ctl: id %p: page %#" PRIx64
	    " is still translated to memory page %#" PRIx64
	    " but the page tables %s: MADV_INVAL is missing",
	    ve->id, stale->va, stale->pa, now);
}

static bool
scan_was_told(struct scan *scan, const struct stale *stale)
{
	const struct lint_memory *memory = scan->ve->lint;
	const struct stale *old;

	while (scan->told < memory->stale_count &&
	       memory->stale[scan->told].va < stale->va)
		scan->told++;
	if (scan->told == memory->stale_count)
		return false;
	old = &memory->stale[scan->told];
	return old->va == stale->va && old->pa == stale->pa &&
	       old->verdict == stale->verdict &&
	       (old->verdict != ELSEWHERE || old->new_pa == stale->new_pa);
}

static void
scan_collect(void *arg, vms_va_t va, uint64_t pa, bool writable)
{
	struct scan *scan = arg;

	if (scan->count == scan->capacity) {
		size_t capacity = scan->capacity ? scan->capacity * 2 : 64;
		struct stale *grown =
		    realloc(scan->pages, capacity * sizeof(*grown));
		if (grown == NULL)
			return;
		scan->pages = grown;
		scan->capacity = capacity;
	}
	scan->pages[scan->count++] =
	    (struct stale){ .va = va, .pa = pa, .writable = writable };
}

/* A look at the tables may itself drop translations, of a file that became
 * shorter: so all are collected first. */
static void
lint_tables(struct vms *vms, struct vmspace_entry *ve)
{
	struct scan scan = { .vms = vms, .ve = ve };
	size_t kept = 0;

	pmap_each(&ve->space->pmap, scan_collect, &scan);
	for (size_t i = 0; i < scan.count; i++) {
		struct stale page = scan.pages[i];
		if ((page.verdict = judge(ve->space, &page)) == AGREES)
			continue;
		if (!scan_was_told(&scan, &page))
			say_stale(vms, ve, &page);
		scan.pages[kept++] = page;
	}
	free(ve->lint->stale);
	ve->lint->stale = scan.pages;
	ve->lint->stale_count = kept;
}

/* The memory of ve, made at its first use; NULL without host memory. */
static struct lint_memory *
memory_of(struct vmspace_entry *ve)
{
	if (ve->lint == NULL)
		ve->lint = calloc(1, sizeof(*ve->lint));
	return ve->lint;
}

static void
say(struct vms *vms, const char *format, ...)
{
	char sentence[LINT_SENTENCE_BYTES];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	vms->lint(vms->lint_arg, sentence);
}
