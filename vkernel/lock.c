/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/lock.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_io.h"
#include "vkernel/fdtable.h"
#include "vkernel/file.h"

static void
file_key(const struct vk_open *open, uint64_t *dev, uint64_t *ino)
{
	struct stat st;

	*dev = UINT64_MAX;
	*ino = (uint64_t)(uintptr_t)open->data;
	if (open->fd < 0 || fstat(open->fd, &st) != 0)
		return;
	*dev = (uint64_t)st.st_dev;
	*ino = (uint64_t)st.st_ino;
}

static struct vk_lock_file *
file_lookup(const struct vk_locks *locks, const struct vk_open *open)
{
	struct vk_lock_file *file;
	uint64_t dev, ino;

	file_key(open, &dev, &ino);
	for (file = locks->files; file != NULL; file = file->next)
		if (file->dev == dev && file->ino == ino)
			break;
	return file;
}

struct vk_lock_file *
lock_file_find(struct vk_locks *locks, const struct vk_open *open)
{
	struct vk_lock_file *file;

	file = file_lookup(locks, open);
	if (file == NULL) {
		file = calloc(1, sizeof(*file));
		if (file == NULL)
			return NULL;
		file_key(open, &file->dev, &file->ino);
		file->host_fd = -1;
		file->next = locks->files;
		locks->files = file;
	}
	file->users++;
	return file;
}

void
lock_file_drop(struct vk_locks *locks, struct vk_lock_file *file)
{
	struct vk_lock_file **at;

	file->users--;
	if (file->users != 0 || file->locks != NULL)
		return;
	for (at = &locks->files; *at != file; at = &(*at)->next)
		continue;
	*at = file->next;
	queue_wake(&file->queue);
	if (file->host_fd >= 0)
		close(file->host_fd);
	free(file);
}

const struct vk_lock *
lock_conflict(const struct vk_lock_file *file, const struct vk_lock *want)
{
	const struct vk_lock *lock;

	if (want->type == VK_LOCK_NONE)
		return NULL;
	for (lock = file->locks; lock != NULL; lock = lock->next)
		if (lock->owner != want->owner && lock->whole == want->whole &&
		    lock->start < want->end && want->start < lock->end &&
		    (lock->type == VK_LOCK_WRITE ||
			want->type == VK_LOCK_WRITE))
			break;
	return lock;
}

/* In the order of their starts, so that all look the same. */
static void
lock_insert(struct vk_lock_file *file, struct vk_lock *lock)
{
	struct vk_lock **at;

	at = &file->locks;
	while (*at != NULL && (*at)->start < lock->start)
		at = &(*at)->next;
	lock->next = *at;
	*at = lock;
}

static bool
is_of(const struct vk_lock *lock, const struct vk_lock *want)
{
	return lock->owner == want->owner && lock->whole == want->whole;
}

/* What its owner had in want's range goes; one lock may become two. */
static void
cut(struct vk_lock_file *file, const struct vk_lock *want,
    struct vk_lock **spare)
{
	struct vk_lock **at, *lock;

	for (at = &file->locks; (lock = *at) != NULL;) {
		if (!is_of(lock, want) || lock->start >= want->end ||
		    want->start >= lock->end) {
			at = &lock->next;
			continue;
		}
		if (lock->start < want->start && lock->end > want->end) {
			**spare = *lock;
			(*spare)->start = want->end;
			lock->end = want->start;
			lock_insert(file, *spare);
			*spare = NULL;
			return;
		}
		if (lock->start < want->start) {
			lock->end = want->start;
			at = &lock->next;
		} else if (lock->end > want->end) {
			lock->start = want->end;
			at = &lock->next;
		} else {
			*at = lock->next;
			free(lock);
		}
	}
}

/* Neighbours of one type are one. */
static void
join(struct vk_lock_file *file, struct vk_lock *made)
{
	struct vk_lock **at, *lock;

	for (at = &file->locks; (lock = *at) != NULL;) {
		if (lock == made || !is_of(lock, made) ||
		    lock->type != made->type ||
		    (lock->end != made->start && lock->start != made->end)) {
			at = &lock->next;
			continue;
		}
		if (lock->start < made->start)
			made->start = lock->start;
		if (lock->end > made->end)
			made->end = lock->end;
		*at = lock->next;
		free(lock);
	}
}

int
lock_set(struct vk_lock_file *file, const struct vk_lock *want)
{
	struct vk_lock *made, *spare;

	made = calloc(1, sizeof(*made));
	spare = calloc(1, sizeof(*spare));
	if (made == NULL || spare == NULL) {
		free(made);
		free(spare);
		return LX_ENOMEM;
	}
	cut(file, want, &spare);
	free(spare);
	if (want->type == VK_LOCK_NONE) {
		free(made);
	} else {
		*made = *want;
		join(file, made);
		lock_insert(file, made);
	}
	queue_wake(&file->queue);
	return 0;
}

/* The strongest lock that covers at, and how far nothing changes. */
static int
covering(const struct vk_lock_file *file, int64_t at, int64_t *end)
{
	const struct vk_lock *lock;
	int type;

	type = VK_LOCK_NONE;
	for (lock = file->locks; lock != NULL; lock = lock->next) {
		if (lock->whole)
			continue;
		if (lock->start > at && lock->start < *end)
			*end = lock->start;
		if (lock->start > at || lock->end <= at)
			continue;
		if (lock->end < *end)
			*end = lock->end;
		if (type != VK_LOCK_WRITE)
			type = lock->type;
	}
	return type;
}

void
lock_host_settle(struct vk_lock_file *file, int64_t start, int64_t end)
{
	int64_t at, next;
	int type;

	if (file->host_fd < 0)
		return;
	for (at = start; at < end; at = next) {
		next = end;
		type = covering(file, at, &next);
		os_lock(file->host_fd, type, at, next, false);
	}
}

/* Whole files: only flock()'s, which has one owner per description. */
void
lock_flock_settle(struct vk_lock_file *file)
{
	const struct vk_lock *lock;

	if (file->host_fd < 0)
		return;
	for (lock = file->locks; lock != NULL; lock = lock->next)
		if (lock->whole)
			return;
	os_flock(file->host_fd, VK_LOCK_NONE, false);
}

static void
drop_owner(struct vk_lock_file *file, const void *owner)
{
	struct vk_lock **at, *lock;
	bool any;

	any = false;
	for (at = &file->locks; (lock = *at) != NULL;) {
		if (lock->owner != owner) {
			at = &lock->next;
			continue;
		}
		*at = lock->next;
		free(lock);
		any = true;
	}
	if (!any)
		return;
	lock_host_settle(file, 0, INT64_MAX);
	lock_flock_settle(file);
	queue_wake(&file->queue);
}

static void
drop_everywhere(struct vk_locks *locks, const void *owner)
{
	struct vk_lock_file *file, *next;

	for (file = locks->files; file != NULL; file = next) {
		file->users++;
		drop_owner(file, owner);
		next = file->next;
		lock_file_drop(locks, file);
	}
}

void
locks_drop_open(struct vk_open *open)
{
	if (open->locks != NULL)
		drop_everywhere(open->locks, open);
}

void
locks_drop_table(struct vk_fds *fds)
{
	if (fds->locks != NULL)
		drop_everywhere(fds->locks, fds);
}

void
locks_closed(struct vk_fds *fds, const struct vk_open *open)
{
	struct vk_lock_file *file;

	if (fds->locks == NULL || open == NULL)
		return;
	file = file_lookup(fds->locks, open);
	if (file == NULL)
		return;
	file->users++;
	drop_owner(file, fds);
	lock_file_drop(fds->locks, file);
}
