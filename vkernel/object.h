/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an area shows: the pages of a host file (the page cache), or shared
 * anonymous memory.  An object holds one count of each of its frames, so a
 * private mapping always finds them shared and copies before it writes.
 *
 * File objects are found again by (device, inode, mtime, size), so that a
 * program's text is read once; idle ones stay until memory is short.
 */
#ifndef VMS_VKERNEL_OBJECT_H
#define VMS_VKERNEL_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/image.h"

struct vk_object {
	struct vk_object *next; /* of the cache */
	struct vk_cache *cache;
	unsigned refs; /* areas and calls; 0: idle in the cache */
	bool shared;   /* has been mapped shared and writable */
	int fd;        /* -1: anonymous memory */
	bool writable; /* fd may be written */
	uint64_t dev, ino;
	int64_t mtime_sec, mtime_nsec;
	uint64_t size;     /* when it was last looked at */
	uint32_t **chunks; /* frame numbers, 512 to a chunk */
	size_t chunk_count;
};

struct vk_cache {
	struct vk_image *image;
	struct vk_object *first;
	size_t idle;
	size_t shared_writable; /* objects with shared set */
};

void cache_init(struct vk_image *image, struct vk_cache *cache);
void cache_finish(struct vk_cache *cache);

/* The object of the regular file fd, with a reference; LX_ errors.  shared: a
 * shared mapping that may write, which fd allows. */
int object_of_file(
    struct vk_cache *cache, int fd, bool shared, struct vk_object **out);
/* The object that shows the same file, borrowed; NULL. */
struct vk_object *object_lookup(struct vk_cache *cache, int fd);
/* The next object of the same file after object (NULL: the first), current or
 * not; NULL: there is none. */
struct vk_object *object_next(
    struct vk_cache *cache, int fd, struct vk_object *object);
int object_anonymous(struct vk_cache *cache, struct vk_object **out);
struct vk_object *object_ref(struct vk_object *object);
void object_drop(struct vk_object *object);

/* The frame of page index, borrowed, read or made if need be.  LX_ENXIO:
 * beyond the end of the file; LX_ENOMEM; LX_EIO. */
int object_page(struct vk_object *object, uint64_t index, uint64_t *frame);
/* The same if the page is there already; 0: it is not. */
uint64_t object_peek(const struct vk_object *object, uint64_t index);

/* Page index, which the guest has changed, goes to the file. */
int object_write_back(struct vk_object *object, uint64_t index);
/* The file's bytes [off, off + len) were changed by write(2). */
void object_refresh(struct vk_object *object, uint64_t off, uint64_t len);

/* Pages wholly beyond size are gone; the rest of the last one is zero. */
void object_truncated(struct vk_object *object, uint64_t size);

/* For the files of objects only: all of them. */
void object_free_pages(struct vk_object *object);

/* Frees the frames of idle objects; false: there were none. */
bool cache_reclaim(struct vk_cache *cache);

#endif
