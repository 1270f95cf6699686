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

void
cache_init(struct vk_image *image, struct vk_cache *cache)
{
	memset(cache, 0, sizeof(*cache));
	cache->image = image;
}

static void
object_destroy(struct vk_object *object)
{
	struct vk_object **link;

	for (link = &object->cache->first; *link != NULL; link = &(*link)->next)
		if (*link == object) {
			*link = object->next;
			break;
		}
	object_free_pages(object);
	if (object->shared)
		object->cache->shared_writable--;
	if (object->fd >= 0)
		close(object->fd);
	free(object);
}

void
cache_finish(struct vk_cache *cache)
{
	while (cache->first != NULL)
		object_destroy(cache->first);
}

static int
object_create(struct vk_cache *cache, struct vk_object **out)
{
	struct vk_object *object;

	object = calloc(1, sizeof(*object));
	if (object == NULL)
		return LX_ENOMEM;
	object->cache = cache;
	object->refs = 1;
	object->fd = -1;
	object->next = cache->first;
	cache->first = object;
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
	struct vk_object *object, *oldest;

	oldest = NULL;
	for (object = cache->first; object != NULL; object = object->next)
		if (object->refs == 0)
			oldest = object;
	if (oldest == NULL)
		return false;
	cache->idle--;
	object_destroy(oldest);
	return true;
}

void
object_drop(struct vk_object *object)
{
	if (object == NULL || --object->refs != 0)
		return;
	if (object->fd < 0) {
		object_destroy(object);
		return;
	}
	if (++object->cache->idle > OBJECTS_IDLE)
		object_trim(object->cache);
}

bool
cache_reclaim(struct vk_cache *cache)
{
	return object_trim(cache);
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

	for (object = cache->first; object != NULL; object = object->next)
		if (object->fd >= 0 && object->dev == (uint64_t)st->st_dev &&
		    object->ino == (uint64_t)st->st_ino &&
		    object_is_current(object, st))
			return object;
	return NULL;
}

struct vk_object *
object_lookup(struct vk_cache *cache, int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return NULL;
	return object_match(cache, &st);
}

struct vk_object *
object_next(struct vk_cache *cache, int fd, struct vk_object *object)
{
	struct stat st;

	if (cache->first == NULL || fstat(fd, &st) != 0)
		return NULL;
	object = object == NULL ? cache->first : object->next;
	while (object != NULL &&
	       (object->fd < 0 || object->dev != (uint64_t)st.st_dev ||
		   object->ino != (uint64_t)st.st_ino))
		object = object->next;
	return object;
}

static int
object_set_fd(struct vk_object *object, int fd, bool writable)
{
	int copy;

	copy = os_dup(fd);
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
	object_stamp(object, st);
	*out = object;
	return 0;
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
		object_ref(object);
	else
		error = object_open(cache, fd, &st, &object);
	if (error == 0 && shared && !object->writable) {
		error = object_set_fd(object, fd, true);
		if (error != 0)
			object_drop(object);
	}
	if (error == 0 && shared && !object->shared) {
		object->shared = true;
		cache->shared_writable++;
	}
	if (error == 0)
		*out = object;
	return error;
}
