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
#include "vmspace/vms.h"

#define LINT_SENTENCE_BYTES 320

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void say(struct vms *vms, const char *format, ...);
static void lint_frame(struct vms *vms, struct vmspace_entry *ve,
    const struct trapframe *tf);
static struct lint_memory *memory_of(struct vmspace_entry *ve);

/* What has been told about one space, so that it is not told again. */
struct lint_memory {
	int64_t bad_flags; /* of the last frame */
	uint64_t bad_rip;  /* non-canonical, of the last frame, or 0 */
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
	say(vms, "vmspace_destroy: id %p still has %#x references, so a "
		 "guest of it is running", ve->id, ve->refs);
}

void
lint_setmap(struct space *space, vms_va_t addr, uint64_t len)
{
	struct vms *vms = space->vms;
	vms_va_t start = page_trunc(addr), end = page_round(addr + len);

	if (vms->lint == NULL)
		return;
	for (size_t i = 0; i < space->map.count; i++) {
		const struct vm_entry *entry = &space->map.entries[i];
		if (!entry->vpagetable || entry->end <= start ||
		    entry->start >= end)
			continue;
		if (entry->start >= start && entry->end <= end)
			continue;
		say(vms, "vmspace_mcontrol: SETMAP of [%#" PRIx64 ", %#" PRIx64
			 ") covers only part of the mapping [%#" PRIx64
			 ", %#" PRIx64 ") but governs all of it",
		    start, end, entry->start, entry->end);
	}
}

void
lint_run(struct vms *vms, struct vmspace_entry *ve, const struct trapframe *tf)
{
	if (vms->lint == NULL || memory_of(ve) == NULL)
		return;
	lint_frame(vms, ve, tf);
}

void
lint_ran(struct vms *vms, struct vmspace_entry *ve)
{
	if (vms->lint == NULL || memory_of(ve) == NULL)
		return;
}

void
lint_forget(struct lint_memory *memory)
{
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
		say(vms, "vmspace_ctl: id %p: tf_rflags %#" PRIx64
			 " has bits %#" PRIx64 " that no guest can have",
		    ve->id, (uint64_t)tf->tf_rflags, (uint64_t)bad_flags);
	if (bad_rip != 0 && bad_rip != memory->bad_rip)
		say(vms, "vmspace_ctl: id %p: tf_rip %#" PRIx64
			 " is not canonical", ve->id, rip);
	memory->bad_flags = bad_flags;
	memory->bad_rip = bad_rip;
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
