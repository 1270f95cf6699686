/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * File objects: windows of 2 MiB onto a host file, shown in the arena at the
 * first touch and kept until the object dies.
 *
 * Invariant: object->pages is never more than the file had when it was last
 * asked, and no page beyond it has a translation.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/page.h"
#include "emu/arena.h"
#include "vmspace/observe.h"
#include "vmspace/vm_object_impl.h"
#include "vmspace/vms.h"

#define WINDOW_PAGES (ARENA_SLOT_BYTES / PAGE_BYTES)

static int file_upgrade(
    struct vm_object *file, int fd, enum file_access access);

static struct vm_object *
file_lookup(struct vms *vms, const struct stat *st)
{
	struct vm_object *file = vms->objects.files;

	while (file != NULL &&
	       (file->dev != st->st_dev || file->ino != st->st_ino))
		file = file->next;
	return file;
}

struct vm_object *
vm_object_lookup(struct vms *vms, int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 ? file_lookup(vms, &st) : NULL;
}

/* What windows shown through fd could be used for. */
static enum file_access
fd_access(int fd, bool writable)
{
	int mode = fcntl(fd, F_GETFL) & O_ACCMODE;

	if (mode == O_WRONLY)
		return FILE_NONE;
	return mode == O_RDWR && writable ? FILE_WRITE : FILE_READ;
}

static int
fd_duplicate(int fd, int *copy)
{
	int error;

	if ((*copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)) >= 0)
		return 0;
	error = errno;
	/* EINVAL: the limit on descriptors is not above 3. */
	return error == EMFILE || error == EINVAL ? ENOMEM : error;
}

static uint64_t
size_pages(const struct stat *st)
{
	return st->st_size <= 0
		   ? 0
		   : page_round((uint64_t)st->st_size) >> PAGE_SHIFT;
}

static int
file_create(struct vms *vms, const struct stat *st, struct vm_object **out)
{
	struct vm_object *file;
	int error = object_create(vms, VM_OBJECT_FILE, size_pages(st), &file);

	if (error != 0)
		return error;
	file->bytes = (uint64_t)st->st_size;
	file->dev = st->st_dev;
	file->ino = st->st_ino;
	file->next = vms->objects.files;
	vms->objects.files = file;
	*out = file;
	return 0;
}

int
vm_object_file(struct vms *vms, int fd, bool writable, struct vm_object **out)
{
	enum file_access access = fd_access(fd, writable);
	struct vm_object *file;
	struct stat st;
	int error;

	if (fstat(fd, &st) != 0)
		return errno;
	if ((file = file_lookup(vms, &st)) != NULL)
		vm_object_ref(file);
	else if ((error = file_create(vms, &st, &file)) != 0)
		return error;
	if ((file->fd == -1 || access > file->access) &&
	    (error = file_upgrade(file, fd, access)) != 0) {
		vm_object_drop(file);
		return error;
	}
	*out = file;
	return 0;
}

struct upgrade {
	const struct vm_object *file;
	int fd;
	enum file_access access;
	int error;
};

static void
window_upgrade(void *arg, uint64_t window, uint64_t pa)
{
	struct upgrade *up = arg;

	if (up->error == 0)
		up->error = arena_file_remap(up->file->vms->arena, pa, up->fd,
		    window * ARENA_SLOT_BYTES, up->access == FILE_WRITE);
}

/* When a window cannot be shown again, the earlier ones permit more than they
 * need to, which the object's own access still forbids. */
static int
file_upgrade(struct vm_object *file, int fd, enum file_access access)
{
	struct upgrade up = { .file = file, .access = access };

	if ((up.error = fd_duplicate(fd, &up.fd)) != 0)
		return up.error;
	u64map_each(&file->shown, window_upgrade, &up);
	if (up.error != 0) {
		close(up.fd);
		return up.error;
	}
	if (file->fd == -1)
		file->fixed_end = os_cannot_shrink(fd);
	else
		close(file->fd);
	file->fd = up.fd;
	file->access = access;
	return 0;
}

static void
window_close(void *arg, uint64_t window, uint64_t pa)
{
	struct vms *vms = arg;

	(void)window;
	pv_remove_slot(vms, pa);
	arena_file_unmap(vms->arena, pa);
}

void
file_finish(struct vm_object *file)
{
	struct vm_object **link = &file->vms->objects.files;

	u64map_drain(&file->shown, 0, UINT64_MAX, window_close, file->vms);
	while (*link != file)
		link = &(*link)->next;
	*link = file->next;
	if (file->fd != -1)
		close(file->fd);
}

struct shrink {
	struct vms *vms;
	uint64_t pages, bytes; /* that are left */
};

static void
window_shrink(void *arg, uint64_t window, uint64_t pa)
{
	const struct shrink *shrink = arg;
	uint64_t first = window * WINDOW_PAGES;

	for (uint64_t i = 0; i < WINDOW_PAGES; i++)
		if (first + i >= shrink->pages)
			pv_remove_page(shrink->vms, pa + i * PAGE_BYTES);
}

uint64_t
file_pages(struct vm_object *file)
{
	struct shrink shrink = { .vms = file->vms };
	struct stat st;

	/* fstat of a descriptor of ours fails only when the host has lost the
	 * file; nothing of it can be shown then. */
	if (fstat(file->fd, &st) == 0) {
		shrink.pages = size_pages(&st);
		shrink.bytes = (uint64_t)st.st_size;
	}
	if (shrink.pages < file->pages)
		u64map_each(&file->shown, window_shrink, &shrink);
	if (shrink.pages != file->pages) {
		file->pages = shrink.pages;
		file->bytes = shrink.bytes;
		observe_object(file);
	}
	file->asked = file->vms->objects.ask;
	return file->pages;
}

void
vm_object_sizes_hold(struct vms *vms)
{
	vms->objects.ask++;
	vms->objects.held = true;
}

void
vm_object_sizes_release(struct vms *vms)
{
	vms->objects.held = false;
}

/* Is page index inside the file?  Asks as rarely as it may. */
static bool
file_reaches(struct vm_object *file, uint64_t index)
{
	const struct vm_object_table *table = &file->vms->objects;

	if (file->fixed_end && index < file->pages)
		return true;
	if (table->held && file->asked == table->ask)
		return index < file->pages;
	return index < file_pages(file);
}

bool
vm_object_check_size(struct vm_object *object)
{
	if (object->kind != VM_OBJECT_FILE || object->fixed_end)
		return false;
	file_pages(object);
	return true;
}

static int
window_open(struct vm_object *file, uint64_t window, uint64_t *pa)
{
	struct arena *arena = file->vms->arena;
	int error = arena_file_map(arena, file->fd, window * ARENA_SLOT_BYTES,
	    file->access == FILE_WRITE, pa);

	if (error != 0)
		return error == ENOMEM ? ENOMEM : EFAULT;
	if ((error = u64map_put(&file->shown, window, *pa)) != 0)
		arena_file_unmap(arena, *pa);
	return error;
}

int
file_page(struct vm_object *file, uint64_t index, uint64_t *pa, bool *writable)
{
	uint64_t window = index / WINDOW_PAGES;
	uint64_t slot;
	int error;

	if (!file_reaches(file, index))
		return EFAULT;
	if (!u64map_get(&file->shown, window, &slot) &&
	    (error = window_open(file, window, &slot)) != 0)
		return error;
	*pa = slot + index % WINDOW_PAGES * PAGE_BYTES;
	*writable = file->access == FILE_WRITE;
	return 0;
}

bool
vm_object_stores(const struct vm_object *object)
{
	return object->kind == VM_OBJECT_FILE && object->access == FILE_WRITE;
}

struct vm_object *
vm_object_numbered(struct vms *vms, uint32_t number)
{
	struct vm_object *file = vms->objects.files;

	while (file != NULL && file->number != number)
		file = file->next;
	return file;
}

uint32_t
vm_object_number(struct vm_object *file)
{
	if (file->number == 0) {
		file->number = ++file->vms->objects.file_numbers;
		observe_object(file);
	}
	return file->number;
}

bool
vm_object_resident(struct vm_object *object, uint64_t index, uint64_t *pa)
{
	uint64_t slot;

	if (object->kind != VM_OBJECT_FILE ||
	    !u64map_get(&object->shown, index / WINDOW_PAGES, &slot))
		return false;
	*pa = slot + index % WINDOW_PAGES * PAGE_BYTES;
	return true;
}

struct find_slot {
	uint64_t pa, window;
	bool found;
};

static void
window_match(void *arg, uint64_t window, uint64_t pa)
{
	struct find_slot *find = arg;

	if (pa != find->pa)
		return;
	find->window = window;
	find->found = true;
}

void
vm_object_broken_slot(struct vms *vms, uint64_t slot_pa)
{
	for (struct vm_object *file = vms->objects.files; file != NULL;
	     file = file->next) {
		struct find_slot find = { .pa = slot_pa };
		u64map_each(&file->shown, window_match, &find);
		if (!find.found)
			continue;
		u64map_remove(&file->shown, find.window, NULL);
		window_close(vms, find.window, slot_pa);
		return;
	}
}
