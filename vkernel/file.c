/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

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

int
open_create_ops(
    const struct vk_file_ops *ops, void *data, int flags, struct vk_open **out)
{
	struct vk_open *open;

	open = calloc(1, sizeof(*open));
	if (open == NULL)
		return LX_ENOMEM;
	open->refs = 1;
	open->fd = -1;
	open->ops = ops;
	open->data = data;
	open->flags = flags;
	open->may_block = true;
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
	if (open->ops != NULL && open->ops->close != NULL)
		open->ops->close(open);
	if (open->dir != NULL)
		closedir(open->dir);
	if (open->fd >= 0)
		close(open->fd);
	free(open->path);
	free(open);
}

bool
open_is_nonblocking(const struct vk_open *open)
{
	if (open->fd < 0)
		return (open->flags & LX_O_NONBLOCK) != 0;
	return (fcntl(open->fd, F_GETFL) & O_NONBLOCK) != 0;
}
