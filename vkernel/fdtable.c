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

#define FDS_LIMIT     1024
#define FDS_INHERITED 256

static bool
fd_may_block(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return false;
	return S_ISFIFO(st.st_mode) || S_ISSOCK(st.st_mode) ||
	       (S_ISCHR(st.st_mode) && isatty(fd));
}

int
open_create(int host_fd, struct vk_open **out)
{
	struct vk_open *open;

	open = calloc(1, sizeof(*open));
	if (open == NULL) {
		close(host_fd);
		return LX_ENOMEM;
	}
	open->refs = 1;
	open->fd = host_fd;
	open->may_block = fd_may_block(host_fd);
	*out = open;
	return 0;
}

struct vk_open *
open_ref(struct vk_open *open)
{
	open->refs++;
	return open;
}

void
open_drop(struct vk_open *open)
{
	if (open == NULL || --open->refs != 0)
		return;
	if (open->dir != NULL)
		closedir(open->dir);
	close(open->fd);
	free(open);
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
fds_inherit(struct vk_fds *fds, int fd)
{
	struct vk_open *open;
	int copy, error, flags;

	flags = fcntl(fd, F_GETFD);
	if (flags < 0 || (flags & FD_CLOEXEC) != 0)
		return 0;
	copy = os_dup(fd);
	if (copy < 0)
		return errno_to_linux(errno);
	error = open_create(copy, &open);
	if (error != 0)
		return error;
	error = fds_put(fds, open, fd, false);
	if (error != 0)
		open_drop(open);
	return error;
}

int
fds_init(struct vk_fds *fds, const int *except, int except_count)
{
	int error, fd;

	memset(fds, 0, sizeof(*fds));
	fds->limit = FDS_LIMIT;
	error = 0;
	for (fd = 0; fd < FDS_INHERITED && error == 0; fd++)
		if (fd <= STDERR_FILENO || !listed(except, except_count, fd))
			error = fds_inherit(fds, fd);
	return error;
}

void
fds_finish(struct vk_fds *fds)
{
	int fd;

	for (fd = 0; fd < fds->count; fd++)
		open_drop(fds->rows[fd].open);
	free(fds->rows);
	memset(fds, 0, sizeof(*fds));
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
	count = fd + 64;
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
	open_drop(fds->rows[fd].open);
	fds->rows[fd].open = NULL;
	fds->rows[fd].cloexec = false;
	return 0;
}
