/* SPDX-License-Identifier: BSD-2-Clause */
/* An object keeps its own descriptor, so its inode number cannot be reused. */
#include "vkernel/object.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/linux_abi.h"

#define OBJECTS_IDLE 64
#define DELETED      " (deleted)"

void
cache_init(struct vk_image *image, struct vk_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
	cache->image = image;
}

static struct vk_object **
cache_bucket(struct vk_cache *cache, uint64_t dev, uint64_t ino)
{
	return &cache->buckets[(ino ^ dev) % CACHE_BUCKETS];
}

static void
object_link(struct vk_object *object)
{
	struct vk_cache *cache;

	cache = object->cache;
	object->previous = NULL;
	object->next = cache->first;
	if (cache->first != NULL)
		cache->first->previous = object;
	else
		cache->last = object;
	cache->first = object;
}

static void
object_unlink(struct vk_object *object)
{
	struct vk_cache *cache;

	cache = object->cache;
	if (object->previous != NULL)
		object->previous->next = object->next;
	else
		cache->first = object->next;
	if (object->next != NULL)
		object->next->previous = object->previous;
	else
		cache->last = object->previous;
}

static void
object_hash(struct vk_object *object)
{
	struct vk_object **bucket;

	bucket = cache_bucket(object->cache, object->dev, object->ino);
	object->same = *bucket;
	*bucket = object;
}

/* Anonymous ones are in no bucket. */
static void
object_unhash(struct vk_object *object)
{
	struct vk_object **link;

	link = cache_bucket(object->cache, object->dev, object->ino);
	for (; *link != NULL; link = &(*link)->same)
		if (*link == object) {
			*link = object->same;
			return;
		}
}

static void
object_unshare(struct vk_object *object)
{
	if (object->shared)
		object->cache->shared_writable--;
	object->shared = false;
}

static void
object_destroy(struct vk_object *object)
{
	if (object->refs == 0)
		object->cache->idle--;
	object_unlink(object);
	object_unhash(object);
	object_free_pages(object);
	object_unshare(object);
	if (object->fd >= 0)
		close(object->fd);
	free(object->path);
	free(object);
}

void
cache_finish(struct vk_cache *cache)
{
	struct vk_object *next, *object;

	for (object = cache->first; object != NULL; object = next) {
		next = object->next;
		object_destroy(object);
	}
}

static int
object_create(struct vk_cache *cache, struct vk_object **out)
{
	struct vk_object *object;

	object = calloc(1, sizeof(*object));
	if (object == NULL)
		return LX_ENOMEM;
	object->cache = cache;
	object->id = ++cache->last_id;
	object->refs = 1;
	object->fd = -1;
	object_link(object);
	*out = object;
	return 0;
}

int
object_anonymous(struct vk_cache *cache, struct vk_object **out)
{
	return object_create(cache, out);
}

struct vk_object *
object_ref(struct vk_object *object)
{
	if (object != NULL && object->refs++ == 0)
		object->cache->idle--;
	return object;
}

static bool
object_trim(struct vk_cache *cache)
{
	struct vk_object *object;

	object = cache->last;
	while (object != NULL && object->refs != 0)
		object = object->previous;
	if (object == NULL)
		return false;
	object_destroy(object);
	return true;
}

/* What others did to a file while guests wrote to it is not known: the pages
 * of one that was mapped so are forgotten with the last area. */
void
object_drop(struct vk_object *object)
{
	struct vk_cache *cache;

	if (object == NULL || --object->refs != 0)
		return;
	cache = object->cache;
	cache->idle++;
	if (object->fd < 0 || object->shared)
		object_destroy(object);
	else if (cache->idle > OBJECTS_IDLE)
		object_trim(cache);
}

bool
cache_reclaim(struct vk_cache *cache)
{
	return object_trim(cache);
}

bool
cache_shed(struct vk_cache *cache)
{
	struct vk_object *object;
	bool any;

	any = false;
	for (object = cache->first; object != NULL; object = object->next)
		if (object_shed(object))
			any = true;
	return any;
}

static void
object_stamp(struct vk_object *object, const struct stat *st)
{
	struct timespec times[3];

	os_stat_times(st, times);
	object->mtime_sec = times[1].tv_sec;
	object->mtime_nsec = times[1].tv_nsec;
	object->size = (uint64_t)st->st_size;
}

static bool
object_is_current(const struct vk_object *object, const struct stat *st)
{
	struct timespec times[3];

	if (object->shared)
		return true;
	os_stat_times(st, times);
	return object->mtime_sec == times[1].tv_sec &&
	       object->mtime_nsec == times[1].tv_nsec &&
	       object->size == (uint64_t)st->st_size;
}

static struct vk_object *
object_match(struct vk_cache *cache, const struct stat *st)
{
	struct vk_object *object;

	object =
	    *cache_bucket(cache, (uint64_t)st->st_dev, (uint64_t)st->st_ino);
	while (object != NULL && (object->dev != (uint64_t)st->st_dev ||
				     object->ino != (uint64_t)st->st_ino))
		object = object->same;
	return object;
}

struct vk_object *
object_lookup(struct vk_cache *cache, int fd)
{
	struct stat st;

	if (cache->first == NULL || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return object_match(cache, &st);
}

/* One that nobody maps is read again when it is wanted. */
void
object_refresh(struct vk_object *object, uint64_t off, uint64_t len)
{
	struct stat st;

	if (object->refs == 0) {
		object_destroy(object);
		return;
	}
	object_reread(object, off, len);
	if (fstat(object->fd, &st) == 0)
		object_stamp(object, &st);
}

void
object_truncated(struct vk_object *object, uint64_t size)
{
	struct stat st;

	if (object->refs == 0) {
		object_destroy(object);
		return;
	}
	object_cut(object, size);
	if (fstat(object->fd, &st) == 0)
		object_stamp(object, &st);
}

void
object_set_path(struct vk_object *object, const char *path)
{
	size_t len;

	len = strlen(path);
	if (len > strlen(DELETED) &&
	    strcmp(path + len - strlen(DELETED), DELETED) == 0)
		len -= strlen(DELETED);
	if (object->path == NULL && path[0] == '/')
		object->path = strndup(path, len);
}

/* A description of our own, where the host can: locks of the guest's must not
 * live on in it. */
static int
object_set_fd(struct vk_object *object, int fd, bool writable)
{
	int copy;

	copy = os_reopen(fd, writable);
	if (copy < 0)
		return errno_to_linux(errno);
	if (object->fd >= 0)
		close(object->fd);
	object->fd = copy;
	object->writable = writable;
	return 0;
}

static int
object_open(struct vk_cache *cache, int fd, const struct stat *st,
    struct vk_object **out)
{
	struct vk_object *object;
	int error;

	error = object_create(cache, &object);
	if (error != 0)
		return error;
	error = object_set_fd(object, fd, false);
	if (error != 0) {
		object_destroy(object);
		return error;
	}
	object->dev = (uint64_t)st->st_dev;
	object->ino = (uint64_t)st->st_ino;
	object_hash(object);
	object_stamp(object, st);
	*out = object;
	return 0;
}

/* With a reference, latest in use, and as the file is now. */
static void
object_take(struct vk_object *object, const struct stat *st)
{
	object_ref(object);
	object_unlink(object);
	object_link(object);
	if (object_is_current(object, st))
		return;
	object_reread(object, 0, UINT64_MAX);
	object_stamp(object, st);
}

static int
object_make_shared(struct vk_object *object, int fd)
{
	int error;

	error = object->writable ? 0 : object_set_fd(object, fd, true);
	if (error == 0 && !object->shared) {
		object->shared = true;
		object->cache->shared_writable++;
	}
	return error;
}

int
object_of_file(
    struct vk_cache *cache, int fd, bool shared, struct vk_object **out)
{
	struct vk_object *object;
	struct stat st;
	int error;

	if (fstat(fd, &st) != 0)
		return errno_to_linux(errno);
	if (!S_ISREG(st.st_mode))
		return LX_ENODEV;
	object = object_match(cache, &st);
	error = 0;
	if (object != NULL)
		object_take(object, &st);
	else
		error = object_open(cache, fd, &st, &object);
	if (error == 0 && shared) {
		error = object_make_shared(object, fd);
		if (error != 0)
			object_drop(object);
	}
	if (error == 0)
		*out = object;
	return error;
}
