/* SPDX-License-Identifier: BSD-2-Clause */
/* The pages of an object: found, read, written back, forgotten. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/assert.h"
#include "base/os_guest.h"
#include "base/page.h"
#include "vkernel/errno_map.h"
#include "vkernel/linux_abi.h"
#include "vkernel/object.h"

#define CHUNK_PAGES 512
#define PUNCH_HOLE  3 /* Linux: PUNCH_HOLE | KEEP_SIZE */
/* Pages read at once when a page of a file is missing. */
#define READ_PAGES 16

void
object_free_pages(struct vk_object *object)
{
	size_t c, i;

	for (c = 0; c < object->chunk_count; c++) {
		if (object->chunks[c] == NULL)
			continue;
		for (i = 0; i < CHUNK_PAGES; i++)
			if (object->chunks[c][i] != 0)
				image_drop(object->cache->image,
				    (uint64_t)object->chunks[c][i]
					<< PAGE_SHIFT);
		free(object->chunks[c]);
	}
	free(object->chunks);
	object->chunks = NULL;
	object->chunk_count = 0;
}

uint64_t
object_peek(const struct vk_object *object, uint64_t index)
{
	uint64_t chunk;

	chunk = index / CHUNK_PAGES;
	if (chunk >= object->chunk_count || object->chunks[chunk] == NULL)
		return 0;
	return (uint64_t)object->chunks[chunk][index % CHUNK_PAGES]
	       << PAGE_SHIFT;
}

static int
chunks_grow(struct vk_object *object, size_t count)
{
	uint32_t **chunks;

	chunks = realloc(object->chunks, count * sizeof(*chunks));
	if (chunks == NULL)
		return LX_ENOMEM;
	memset(chunks + object->chunk_count, 0,
	    (count - object->chunk_count) * sizeof(*chunks));
	object->chunks = chunks;
	object->chunk_count = count;
	return 0;
}

/* Where the frame number of page index is kept. */
static uint32_t *
object_slot(struct vk_object *object, uint64_t index)
{
	uint64_t chunk;

	chunk = index / CHUNK_PAGES;
	if (chunk >= object->chunk_count &&
	    chunks_grow(object, (size_t)chunk + 1) != 0)
		return NULL;
	if (object->chunks[chunk] == NULL)
		object->chunks[chunk] =
		    calloc(CHUNK_PAGES, sizeof(**object->chunks));
	if (object->chunks[chunk] == NULL)
		return NULL;
	return &object->chunks[chunk][index % CHUNK_PAGES];
}

static int
object_frame(struct vk_object *object, uint64_t index, uint64_t *frame)
{
	uint32_t *slot;
	int error;

	slot = object_slot(object, index);
	if (slot == NULL)
		return LX_ENOMEM;
	error = image_alloc(object->cache->image, frame);
	if (error == 0)
		*slot = (uint32_t)(*frame >> PAGE_SHIFT);
	return error;
}

static void
object_forget(struct vk_object *object, uint64_t index)
{
	uint32_t *slot;

	slot = object_slot(object, index);
	VMS_ASSERT("object-page", slot != NULL && *slot != 0);
	image_drop(object->cache->image, (uint64_t)*slot << PAGE_SHIFT);
	*slot = 0;
}

/* Missing pages from index on, as far as the file and READ_PAGES go. */
static size_t
object_run(
    struct vk_object *object, uint64_t index, uint64_t pages, struct iovec *iov)
{
	uint64_t frame;
	size_t n;

	for (n = 0; n < READ_PAGES && index + n < pages; n++) {
		if (object_peek(object, index + n) != 0 ||
		    object_frame(object, index + n, &frame) != 0)
			break;
		iov[n].iov_base = image_at(object->cache->image, frame);
		iov[n].iov_len = PAGE_BYTES;
	}
	return n;
}

/* What the file did not fill reads as zero. */
static void
pages_filled(struct vk_image *image, const struct iovec *iov, size_t count,
    size_t filled)
{
	uint8_t *page;
	size_t i, skip;

	for (i = 0; i < count; i++) {
		skip = filled < PAGE_BYTES ? filled : PAGE_BYTES;
		page = iov[i].iov_base;
		memset(page + skip, 0, PAGE_BYTES - skip);
		image_note_at(image, page, PAGE_BYTES);
		filled -= skip;
	}
}

static int
object_read(struct vk_object *object, uint64_t index, uint64_t pages)
{
	struct iovec iov[READ_PAGES];
	ssize_t got;
	size_t i, n;

	n = object_run(object, index, pages, iov);
	if (n == 0)
		return LX_ENOMEM;
	got = preadv(object->fd, iov, (int)n, (off_t)(index << PAGE_SHIFT));
	if (got >= 0) {
		pages_filled(object->cache->image, iov, n, (size_t)got);
		return 0;
	}
	for (i = 0; i < n; i++)
		object_forget(object, index + i);
	return LX_EIO;
}

static int
object_page_file(struct vk_object *object, uint64_t index)
{
	struct stat st;
	uint64_t pages;

	if (fstat(object->fd, &st) != 0)
		return LX_EIO;
	pages = page_round((uint64_t)st.st_size) >> PAGE_SHIFT;
	if (index >= pages)
		return LX_ENXIO;
	return object_read(object, index, pages);
}

static int
object_page_zero(struct vk_object *object, uint64_t index)
{
	uint64_t frame;
	int error;

	error = object_frame(object, index, &frame);
	if (error != 0)
		return error;
	memset(image_at(object->cache->image, frame), 0, PAGE_BYTES);
	image_note(object->cache->image, frame, PAGE_BYTES);
	return 0;
}

int
object_page(struct vk_object *object, uint64_t index, uint64_t *frame)
{
	int error;

	*frame = object_peek(object, index);
	if (*frame != 0)
		return 0;
	if (object->fd >= 0)
		error = object_page_file(object, index);
	else
		error = object_page_zero(object, index);
	if (error == 0)
		*frame = object_peek(object, index);
	return error;
}

/* Never makes the file longer, as a mapping cannot. */
int
object_write_back(struct vk_object *object, uint64_t index)
{
	struct stat st;
	uint64_t frame, off;
	size_t len;

	frame = object_peek(object, index);
	if (object->fd < 0 || frame == 0)
		return 0;
	if (fstat(object->fd, &st) != 0)
		return LX_EIO;
	off = index << PAGE_SHIFT;
	if (off >= (uint64_t)st.st_size)
		return 0;
	len = (size_t)PAGE_BYTES;
	if ((uint64_t)st.st_size - off < len)
		len = (size_t)((uint64_t)st.st_size - off);
	if (pwrite(object->fd, image_at(object->cache->image, frame), len,
		(off_t)off) != (ssize_t)len)
		return LX_EIO;
	return 0;
}

static void
page_reread(struct vk_object *object, uint64_t index, uint64_t frame)
{
	struct vk_image *image;
	struct iovec iov;
	ssize_t got;

	image = object->cache->image;
	if (image_refs(image, frame) == 1) {
		object_forget(object, index);
		return;
	}
	iov.iov_base = image_at(image, frame);
	iov.iov_len = PAGE_BYTES;
	got = pread(object->fd, iov.iov_base, iov.iov_len,
	    (off_t)(index << PAGE_SHIFT));
	if (got >= 0)
		pages_filled(image, &iov, 1, (size_t)got);
	image_note_write(image, frame);
}

/* What is mapped changes in place; the rest is read when it is wanted. */
void
object_reread(struct vk_object *object, uint64_t off, uint64_t len)
{
	uint64_t end, frame, index, last;

	last = (uint64_t)object->chunk_count * CHUNK_PAGES;
	end = len > UINT64_MAX - off - PAGE_BYTES
		  ? last
		  : page_round(off + len) >> PAGE_SHIFT;
	if (end > last)
		end = last;
	for (index = off >> PAGE_SHIFT; index < end; index++) {
		frame = object_peek(object, index);
		if (frame != 0)
			page_reread(object, index, frame);
	}
}

bool
object_shed(struct vk_object *object)
{
	uint64_t end, frame, index;
	bool any;

	any = false;
	if (object->fd < 0)
		return false;
	end = (uint64_t)object->chunk_count * CHUNK_PAGES;
	for (index = 0; index < end; index++) {
		frame = object_peek(object, index);
		if (frame == 0 || image_refs(object->cache->image, frame) != 1)
			continue;
		object_forget(object, index);
		any = true;
	}
	return any;
}

static void
page_cut(struct vk_object *object, uint64_t size)
{
	struct vk_image *image;
	uint64_t frame, in_page;

	image = object->cache->image;
	in_page = size & PAGE_MASK;
	frame = object_peek(object, size >> PAGE_SHIFT);
	if (frame == 0)
		return;
	memset(image_at(image, frame) + in_page, 0,
	    (size_t)(PAGE_BYTES - in_page));
	image_note(image, frame + in_page, PAGE_BYTES - in_page);
}

void
object_cut(struct vk_object *object, uint64_t size)
{
	uint64_t end, index;

	if (!page_aligned(size))
		page_cut(object, size);
	end = (uint64_t)object->chunk_count * CHUNK_PAGES;
	for (index = page_round(size) >> PAGE_SHIFT; index < end; index++)
		if (object_peek(object, index) != 0)
			object_forget(object, index);
}

int
object_punch(struct vk_object *object, uint64_t off, uint64_t len)
{
	uint64_t index;
	int error;

	error = 0;
	if (object->fd >= 0)
		error = os_fallocate(
		    object->fd, PUNCH_HOLE, (off_t)off, (off_t)len);
	for (index = off >> PAGE_SHIFT;
	     error == 0 && index << PAGE_SHIFT < off + len; index++)
		if (object_peek(object, index) != 0)
			object_forget(object, index);
	return errno_to_linux(error);
}
