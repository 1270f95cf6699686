/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The memory image: the guest's physical memory, one file, mapped linearly in
 * this process.  A frame is named by its byte offset in the file, as in a
 * page-table entry.  Frame 0 is never handed out and means "none".
 *
 * Each frame in use has a count of who holds it; a frame with more than one
 * holder is never written through a private mapping (copy-on-write).
 *
 * Whoever stores to it calls image_note(); nothing else finds the store while
 * a recording relies on us.
 */
#ifndef VMS_VKERNEL_IMAGE_H
#define VMS_VKERNEL_IMAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "vkernel/notes.h"

struct vms;

struct vk_image {
	struct vms *vms; /* is told of changed code; NULL in unit tests */
	int fd;
	uint8_t *base;
	uint64_t bytes;
	uint32_t count;    /* frames, frame 0 included */
	uint32_t fresh;    /* first frame that was never handed out */
	uint32_t returned; /* frames on the stack */
	uint32_t *stack;   /* frame numbers that came back */
	uint32_t *refs;    /* by frame number */
	uint8_t *code;     /* by frame number: may have been executed */
	struct vk_notes notes;
};

/* bytes is rounded up to 2 MiB.  0, or a host errno value. */
int image_create(struct vms *vms, uint64_t bytes, struct vk_image *image);
void image_finish(struct vk_image *image);

/* A frame with one holder; LX_ENOMEM.  image_alloc_zero: its bytes are 0. */
int image_alloc(struct vk_image *image, uint64_t *frame);
int image_alloc_zero(struct vk_image *image, uint64_t *frame);
void image_ref(struct vk_image *image, uint64_t frame);
void image_drop(struct vk_image *image, uint64_t frame);
uint32_t image_refs(const struct vk_image *image, uint64_t frame);

/* A leaf of frame permits execution from now on. */
void image_mark_code(struct vk_image *image, uint64_t frame);
/* Frame may hold code and was stored to by us: no stale translation runs.
 * A code frame that is handed out again is declared by itself.  While notes
 * are wanted, those of the stores do it. */
void image_note_write(struct vk_image *image, uint64_t frame);

/* The library hears of all notes: before each run, and after the last. */
void image_flush(struct vk_image *image);

/* Bytes of the frames that were in use at one time, at most. */
uint64_t image_peak(const struct vk_image *image);
/* Frames that nobody holds. */
uint32_t image_free_count(const struct vk_image *image);

static inline uint8_t *
image_at(const struct vk_image *image, uint64_t off)
{
	return image->base + off;
}

/* Bytes [off, off + len) are ours: stored just now, or before the next run. */
static inline void
image_note(struct vk_image *image, uint64_t off, uint64_t len)
{
	if (notes_wanted(&image->notes))
		notes_add(&image->notes, off, len);
}

/* The same by their address in the mapping. */
static inline void
image_note_at(struct vk_image *image, const void *host, uint64_t len)
{
	image_note(image, (uint64_t)((const uint8_t *)host - image->base), len);
}

#endif
