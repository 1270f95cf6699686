/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Frames come off a stack of returned ones, else from the untouched end of
 * the file, whose bytes are zero by themselves.
 */
#include "vkernel/image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <vmspace/vmspace.h>

#include "base/assert.h"
#include "base/os.h"
#include "base/page.h"
#include "vkernel/linux_abi.h"

#define IMAGE_ALIGN (UINT64_C(2) << 20)
#define IMAGE_MAX   (UINT64_C(1) << 43) /* frame numbers fit 32 bits */

static int image_open(struct vk_image *image);
static int image_map(struct vk_image *image);
static notes_sink image_tell;

int
image_create(struct vms *vms, uint64_t bytes, struct vk_image *image)
{
	int error;

	memset(image, 0, sizeof(*image));
	image->vms = vms;
	image->fd = -1;
	if (bytes == 0 || bytes > IMAGE_MAX)
		return EINVAL;
	image->bytes = (bytes + IMAGE_ALIGN - 1) & ~(IMAGE_ALIGN - 1);
	image->count = (uint32_t)(image->bytes >> PAGE_SHIFT);
	image->fresh = 1;
	error = image_open(image);
	if (error == 0)
		error = image_map(image);
	if (error == 0 && vms != NULL && vms_wants_notes(vms))
		error =
		    notes_open(&image->notes, image->count, image_tell, image);
	if (error != 0)
		image_finish(image);
	return error;
}

static void
image_tell(void *arg, const struct vms_range *ranges, size_t count)
{
	struct vk_image *image;

	image = arg;
	vms_note_writes(image->vms, image->fd, ranges, count);
}

void
image_flush(struct vk_image *image)
{
	if (notes_wanted(&image->notes))
		notes_flush(&image->notes);
}

/* Sealed where the host can: then no run has to look at the file's size. */
static int
image_open(struct vk_image *image)
{
	int error;

	error = os_memfile("guest-memory", &image->fd);
	if (error != 0)
		return error;
	if (ftruncate(image->fd, (off_t)image->bytes) != 0)
		return errno;
	error = os_seal_shrink(image->fd);
	return error == ENOTSUP ? 0 : error;
}

static int
image_map(struct vk_image *image)
{
	void *base;

	base = mmap(NULL, (size_t)image->bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED, image->fd, 0);
	if (base == MAP_FAILED)
		return errno;
	image->base = base;
	image->stack = calloc(image->count, sizeof(*image->stack));
	image->refs = calloc(image->count, sizeof(*image->refs));
	image->code = calloc(image->count, sizeof(*image->code));
	if (image->stack == NULL || image->refs == NULL || image->code == NULL)
		return ENOMEM;
	return 0;
}

void
image_finish(struct vk_image *image)
{
	if (image->base != NULL)
		munmap(image->base, (size_t)image->bytes);
	if (image->fd >= 0)
		close(image->fd);
	free(image->stack);
	free(image->refs);
	free(image->code);
	notes_close(&image->notes);
	memset(image, 0, sizeof(*image));
	image->fd = -1;
}

static int
frame_take(struct vk_image *image, uint64_t *frame, bool *zero)
{
	uint32_t number;

	*zero = image->returned == 0;
	if (image->returned != 0)
		number = image->stack[--image->returned];
	else if (image->fresh < image->count)
		number = image->fresh++;
	else
		return LX_ENOMEM;
	image->refs[number] = 1;
	*frame = (uint64_t)number << PAGE_SHIFT;
	if (image->code[number] != 0)
		image_note_write(image, *frame);
	image->code[number] = 0;
	return 0;
}

int
image_alloc(struct vk_image *image, uint64_t *frame)
{
	bool zero;

	return frame_take(image, frame, &zero);
}

int
image_alloc_zero(struct vk_image *image, uint64_t *frame)
{
	bool zero;
	int error;

	error = frame_take(image, frame, &zero);
	if (error == 0 && !zero) {
		memset(image_at(image, *frame), 0, PAGE_BYTES);
		image_note(image, *frame, PAGE_BYTES);
	}
	return error;
}

static uint32_t *
frame_refs(const struct vk_image *image, uint64_t frame)
{
	uint64_t number;

	number = frame >> PAGE_SHIFT;
	VMS_ASSERT("frame-in-use",
	    number != 0 && number < image->count && image->refs[number] != 0);
	return &image->refs[number];
}

void
image_ref(struct vk_image *image, uint64_t frame)
{
	++*frame_refs(image, frame);
}

void
image_drop(struct vk_image *image, uint64_t frame)
{
	if (--*frame_refs(image, frame) == 0)
		image->stack[image->returned++] =
		    (uint32_t)(frame >> PAGE_SHIFT);
}

uint32_t
image_refs(const struct vk_image *image, uint64_t frame)
{
	return image->refs[frame >> PAGE_SHIFT];
}

void
image_mark_code(struct vk_image *image, uint64_t frame)
{
	image->code[frame >> PAGE_SHIFT] = 1;
}

void
image_note_write(struct vk_image *image, uint64_t frame)
{
	if (image->vms != NULL && !notes_wanted(&image->notes))
		vms_note_write(
		    image->vms, image->fd, (int64_t)frame, PAGE_BYTES);
}

uint64_t
image_peak(const struct vk_image *image)
{
	return (uint64_t)(image->fresh - 1) << PAGE_SHIFT;
}

uint32_t
image_free_count(const struct vk_image *image)
{
	return image->returned + (image->count - image->fresh);
}
