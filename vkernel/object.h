/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an area shows: the pages of a host file (the page cache), or shared
 * anonymous memory.  An object holds one count of each of its frames, so a
 * private mapping always finds them shared and copies before it writes.
 *
 * There is one object for each file, found by (device, inode), so that a
 * program's text is read once; idle ones stay until memory is short.  A file
 * that has another time or size than when it was looked at last is read again.
 */
#ifndef VMS_VKERNEL_OBJECT_H
#define VMS_VKERNEL_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/image.h"

#define CACHE_BUCKETS 128

struct vk_object {
	struct vk_object *next, *previous; /* of the cache, latest use first */
	struct vk_object *same;            /* in its bucket */
	struct vk_cache *cache;
	uint64_t id;   /* never used again */
	unsigned refs; /* areas and calls; 0: idle in the cache */
	bool shared;   /* is or was mapped shared and writable */
	int fd;        /* -1: anonymous memory */
	bool writable; /* fd may be written */
	bool program;  /* has been mapped to be executed */
	uint64_t dev, ino;
	int64_t mtime_sec, mtime_nsec;
	uint64_t size;     /* when it was last looked at */
	char *path;        /* guest path, for display; NULL: none known */
	uint32_t **chunks; /* frame numbers, 512 to a chunk */
	size_t chunk_count;
};

struct vk_cache {
	struct vk_image *image;
	struct vk_object *first, *last;
	struct vk_object *buckets[CACHE_BUCKETS];
	uint64_t last_id;
	size_t idle;
	size_t shared_writable; /* objects with shared set */
};

void cache_init(struct vk_image *image, struct vk_cache *cache);
void cache_finish(struct vk_cache *cache);

/* The object of the regular file fd, with a reference; LX_ errors.  shared: a
 * shared mapping that may write, which fd allows. */
int object_of_file(
    struct vk_cache *cache, int fd, bool shared, struct vk_object **out);
/* The object of the file, as it was looked at last, borrowed; NULL: none. */
struct vk_object *object_lookup(struct vk_cache *cache, int fd);
/* The guest path of its file, absolute, if it has none yet; without the
 * " (deleted)" of /proc. */
void object_set_path(struct vk_object *object, const char *path);
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
/* The file's bytes [off, off + len) were changed by write(2); the object may
 * be gone afterwards. */
void object_refresh(struct vk_object *object, uint64_t off, uint64_t len);

/* Pages wholly beyond size are gone; the rest of the last one is zero.  The
 * object may be gone afterwards. */
void object_truncated(struct vk_object *object, uint64_t size);

/* The whole pages [off, off + len), which nothing maps, become zero.  LX_
 * errors of fallocate(). */
int object_punch(struct vk_object *object, uint64_t off, uint64_t len);

/* For the files of objects only. */
void object_free_pages(struct vk_object *object);
/* The pages of [off, off + len) that are there, as the file is now. */
void object_reread(struct vk_object *object, uint64_t off, uint64_t len);
/* Pages that nothing maps and that the file has too; false: none. */
bool object_shed(struct vk_object *object);
/* Pages wholly beyond size, and the end of the last one. */
void object_cut(struct vk_object *object, uint64_t size);

/* Frees the frames of an idle object; false: there was none. */
bool cache_reclaim(struct vk_cache *cache);
/* Frees what nobody maps of files in use; false: nothing. */
bool cache_shed(struct vk_cache *cache);

#endif
