/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What we have stored to the memory image since the guest ran last, as far as
 * a recording wants to know it: exact ranges, since their bytes go into the
 * trace.  They are handed on before the guest runs again, or earlier when
 * there are too many; a range may be noted before its bytes are stored.
 */
#ifndef VMS_VKERNEL_NOTES_H
#define VMS_VKERNEL_NOTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <vmspace/vmspace.h>

#define NOTES_ROWS 64

typedef void notes_sink(
    void *arg, const struct vms_range *ranges, size_t count);

struct vk_notes {
	uint32_t *whole; /* by page: the round in which all of it was noted;
			    NULL: nobody wants to know */
	uint64_t pages;
	uint32_t round;
	size_t count;
	struct vms_range rows[NOTES_ROWS];
	notes_sink *sink;
	void *arg;
};

/* From now on sink is told.  0 or ENOMEM. */
int notes_open(
    struct vk_notes *notes, uint64_t pages, notes_sink *sink, void *arg);
void notes_close(struct vk_notes *notes);

static inline bool
notes_wanted(const struct vk_notes *notes)
{
	return notes->whole != NULL;
}

/* For notes that are wanted only; [off, off + len) is in the image. */
void notes_add(struct vk_notes *notes, uint64_t off, uint64_t len);
void notes_flush(struct vk_notes *notes);

#endif
