/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/fdtable.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/linux_abi.h"
#include "vkernel/lock.h"

#define FDS_LIMIT     1024
#define FDS_INHERITED 256

struct vk_fds *
fds_create(void)
{
	struct vk_fds *fds;

	fds = calloc(1, sizeof(*fds));
	if (fds == NULL)
		return NULL;
	fds->refs = 1;
	fds->limit = FDS_LIMIT;
	return fds;
}

struct vk_fds *
fds_ref(struct vk_fds *fds)
{
	fds->refs++;
	return fds;
}

void
fds_drop(struct vk_fds *fds)
{
	int fd;

	if (fds == NULL || --fds->refs != 0)
		return;
	locks_drop_table(fds);
	for (fd = 0; fd < fds->count; fd++)
		open_drop(fds->rows[fd].open);
	free(fds->rows);
	free(fds);
}

struct vk_fds *
fds_copy(const struct vk_fds *fds)
{
	struct vk_fds *copy;
	int fd;

	copy = fds_create();
	if (copy == NULL)
		return NULL;
	copy->limit = fds->limit;
	if (fds->count == 0)
		return copy;
	copy->rows = malloc((size_t)fds->count * sizeof(*copy->rows));
	if (copy->rows == NULL) {
		free(copy);
		return NULL;
	}
	copy->count = fds->count;
	memcpy(copy->rows, fds->rows, (size_t)fds->count * sizeof(*copy->rows));
	for (fd = 0; fd < copy->count; fd++)
		if (copy->rows[fd].open != NULL)
			open_ref(copy->rows[fd].open);
	return copy;
}

void
fds_close_on_exec(struct vk_fds *fds)
{
	int fd;

	for (fd = 0; fd < fds->count; fd++)
		if (fds->rows[fd].open != NULL && fds->rows[fd].cloexec)
			fds_close(fds, fd);
}

static bool
listed(const int *list, int count, int fd)
{
	int i;

	for (i = 0; i < count; i++)
		if (list[i] == fd)
			return true;
	return false;
}

static int
inherit_one(struct vk_fds *fds, int fd)
{
	struct vk_open *open;
	int copy, error, flags;

	flags = fcntl(fd, F_GETFD);
	if (flags < 0 || (flags & FD_CLOEXEC) != 0)
		return 0;
	copy = os_dup(fd);
	if (copy < 0)
		return errno_to_linux(errno);
	error = open_create_foreign(copy, &open);
	if (error != 0)
		return error;
	error = fds_put(fds, open, fd, false);
	if (error != 0)
		open_drop(open);
	return error;
}

int
fds_inherit(struct vk_fds *fds, const int *except, int except_count)
{
	int error, fd;

	error = 0;
	for (fd = 0; fd < FDS_INHERITED && error == 0; fd++)
		if (fd <= STDERR_FILENO || !listed(except, except_count, fd))
			error = inherit_one(fds, fd);
	return error;
}

struct vk_open *
fds_lookup_any(const struct vk_fds *fds, int fd)
{
	return fd < 0 || fd >= fds->count ? NULL : fds->rows[fd].open;
}

struct vk_open *
fds_lookup(const struct vk_fds *fds, int fd)
{
	struct vk_open *open;

	open = fds_lookup_any(fds, fd);
	return open == NULL || open->search ? NULL : open;
}

static int
fds_make_room(struct vk_fds *fds, int fd)
{
	struct vk_fd *rows;
	int count;

	if (fd < fds->count)
		return 0;
	/* As Linux, where select looks at no more than there are. */
	for (count = 64; count <= fd; count *= 2)
		;
	rows = realloc(fds->rows, (size_t)count * sizeof(*rows));
	if (rows == NULL)
		return LX_ENOMEM;
	memset(
	    rows + fds->count, 0, (size_t)(count - fds->count) * sizeof(*rows));
	fds->rows = rows;
	fds->count = count;
	return 0;
}

int
fds_put(struct vk_fds *fds, struct vk_open *open, int fd, bool cloexec)
{
	int error;

	if (fd < 0 || fd >= fds->limit)
		return LX_EBADF;
	error = fds_make_room(fds, fd);
	if (error != 0)
		return error;
	locks_closed(fds, fds->rows[fd].open);
	open_drop(fds->rows[fd].open);
	fds->rows[fd].open = open;
	fds->rows[fd].cloexec = cloexec;
	return 0;
}

int
fds_add(
    struct vk_fds *fds, struct vk_open *open, int low, bool cloexec, int *fd)
{
	int error, i;

	if (low < 0 || low >= fds->limit)
		return LX_EINVAL;
	for (i = low; i < fds->count && fds->rows[i].open != NULL; i++)
		continue;
	if (i >= fds->limit)
		return LX_EMFILE;
	error = fds_put(fds, open, i, cloexec);
	if (error == 0)
		*fd = i;
	return error;
}

int
fds_close(struct vk_fds *fds, int fd)
{
	if (fds_lookup_any(fds, fd) == NULL)
		return LX_EBADF;
	locks_closed(fds, fds->rows[fd].open);
	open_drop(fds->rows[fd].open);
	fds->rows[fd].open = NULL;
	fds->rows[fd].cloexec = false;
	return 0;
}
