/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/listing.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/names.h"

#define POSITION_END INT64_MAX

static void
listing_clear(struct vk_listing *listing)
{
	size_t i;

	for (i = 0; i < listing->count; i++)
		free(listing->rows[i].name);
	free(listing->rows);
	listing->rows = NULL;
	listing->count = listing->next = 0;
	listing->read = listing->failed = false;
}

void
listing_drop(struct vk_listing *listing)
{
	if (listing == NULL)
		return;
	listing_clear(listing);
	free(listing);
}

bool
listing_is_of(const struct vk_open *open)
{
	return open->listing != NULL ||
	       (open->node.depth != 0 && vnode_is(&open->node, LX_S_IFDIR));
}

int64_t
listing_seek(struct vk_open *open, int64_t off, int whence)
{
	struct vk_listing *listing;

	listing = open->listing;
	if (listing == NULL)
		return off == 0 && whence != SEEK_END ? 0 : -LX_EINVAL;
	if (whence == SEEK_CUR && off == 0)
		return (int64_t)listing->next;
	if (whence == SEEK_END && off == 0) {
		listing->next = listing->count;
		return POSITION_END;
	}
	if (whence != SEEK_SET || off < 0)
		return -LX_EINVAL;
	if (off == 0)
		listing_clear(listing);
	else
		listing->next = (uint64_t)off > listing->count ? listing->count
							       : (size_t)off;
	return off;
}

static void
listing_add(
    struct vk_listing *listing, const char *name, uint64_t ino, uint8_t type)
{
	struct listing_row *rows;
	size_t count;

	count = listing->count;
	if ((count & (count - 1)) == 0) {
		rows = realloc(listing->rows,
		    (count == 0 ? 1 : 2 * count) * sizeof(*rows));
		if (rows == NULL) {
			listing->failed = true;
			return;
		}
		listing->rows = rows;
	}
	listing->rows[count].ino = ino;
	listing->rows[count].type = type;
	listing->rows[count].name = strdup(name);
	if (listing->rows[count].name == NULL)
		listing->failed = true;
	else
		listing->count++;
}

static uint8_t
dent_type(const struct dirent *entry)
{
	switch (entry->d_type) {
	case DT_FIFO:
		return 1;
	case DT_CHR:
		return 2;
	case DT_DIR:
		return 4;
	case DT_BLK:
		return 6;
	case DT_REG:
		return 8;
	case DT_LNK:
		return 10;
	case DT_SOCK:
		return 12;
	default:
		return 0;
	}
}

static int
read_host(struct vk_open *open)
{
	struct dirent *entry;
	DIR *dir;
	int copy, error;

	copy = os_dup(open->fd);
	if (copy < 0)
		return errno_to_linux(errno);
	dir = fdopendir(copy);
	if (dir == NULL) {
		error = errno_to_linux(errno);
		close(copy);
		return error;
	}
	rewinddir(dir);
	errno = 0;
	while ((entry = readdir(dir)) != NULL)
		listing_add(open->listing, entry->d_name,
		    (uint64_t)entry->d_ino, dent_type(entry));
	error = errno_to_linux(errno);
	closedir(dir);
	return error;
}

static void
add_node(void *arg, const char *name, const struct vk_vnode *node)
{
	struct lx_stat st;

	vnode_stat(NULL, node, &st);
	listing_add(arg, name, st.st_ino, (uint8_t)(st.st_mode >> 12));
}

static int
read_node(struct vk_thread *thread, struct vk_open *open)
{
	struct vk_vnode up;

	up = open->node;
	add_node(open->listing, ".", &up);
	if (up.depth > 1)
		up.depth--;
	add_node(open->listing, "..", &up);
	vnode_list(thread, &open->node, add_node, open->listing);
	return 0;
}

static bool
listing_has(const struct vk_listing *listing, const char *name)
{
	size_t i;

	for (i = 0; i < listing->count; i++)
		if (strcmp(listing->rows[i].name, name) == 0)
			return true;
	return false;
}

/* Mounts on names that the directory itself lacks. */
static void
add_mounts(struct vk_kernel *kernel, struct vk_open *open)
{
	const struct vk_mount *mount;
	struct vk_place place = { open->fd, open->mount, open->node };

	if (!kernel->names->confined || open->mount == NULL)
		return;
	for (mount = kernel->names->mounts; mount != NULL; mount = mount->next)
		if (mount->parent == open->mount &&
		    names_mount_at(kernel->names, &place, mount->name) ==
			mount &&
		    !listing_has(open->listing, mount->name))
			listing_add(open->listing, mount->name,
			    (uint64_t)mount->ino + 1,
			    mount->file == NULL ? 4 : 8);
}

static int
rank(const char *name)
{
	if (strcmp(name, ".") == 0)
		return 0;
	return strcmp(name, "..") == 0 ? 1 : 2;
}

static int
compare(const void *left, const void *right)
{
	const struct listing_row *a, *b;

	a = left;
	b = right;
	if (rank(a->name) != rank(b->name))
		return rank(a->name) - rank(b->name);
	return strcmp(a->name, b->name);
}

/* The same order and numbers in every run. */
static void
listing_settle(struct vk_kernel *kernel, struct vk_open *open)
{
	struct vk_listing *listing;
	struct stat st;
	size_t i;

	listing = open->listing;
	qsort(listing->rows, listing->count, sizeof(*listing->rows), compare);
	if (open->fd < 0 || fstat(open->fd, &st) != 0)
		return;
	for (i = 0; i < listing->count; i++)
		listing->rows[i].ino = stat_number(&kernel->strangers,
		    os_linux_dev(st.st_dev), listing->rows[i].ino);
}

int
listing_read(struct vk_thread *thread, struct vk_open *open)
{
	struct vk_kernel *kernel;
	int error;

	kernel = thread->process->kernel;
	if (open->listing == NULL)
		open->listing = calloc(1, sizeof(*open->listing));
	if (open->listing == NULL)
		return LX_ENOMEM;
	if (open->listing->read)
		return 0;
	if (open->node.depth != 0)
		error = read_node(thread, open);
	else
		error = read_host(open);
	if (error == 0)
		add_mounts(kernel, open);
	if (error == 0 && open->listing->failed)
		error = LX_ENOMEM;
	if (error != 0) {
		listing_clear(open->listing);
		return error;
	}
	if (clock_is_virtual(kernel))
		listing_settle(kernel, open);
	open->listing->read = true;
	return 0;
}
