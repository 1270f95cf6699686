/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/fd and fdinfo: descriptors of a process, as links and as texts. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/names.h"
#include "vkernel/proc.h"
#include "vkernel/sys_path.h"

static struct vk_open *
open_of(struct vk_thread *thread, const struct vk_vnode *node, int fd)
{
	const struct vk_process *process;

	process = vnode_process(thread, node);
	if (process == NULL || process->fds == NULL)
		return NULL;
	return fds_lookup_any(process->fds, fd);
}

/* "pipe:[7]", as the number would be that fstat tells. */
static int
name_kind(struct vk_thread *thread, struct vk_open *open, const char *kind,
    char text[LX_PATH_MAX])
{
	struct vk_kernel *kernel;
	struct lx_stat lx;
	struct stat st;

	kernel = thread->process->kernel;
	memset(&lx, 0, sizeof(lx));
	if (open_stat(thread, open, &lx) != 0 && open->fd >= 0 &&
	    fstat(open->fd, &st) == 0) {
		lx.st_dev = os_linux_dev(st.st_dev);
		lx.st_ino = (uint64_t)st.st_ino;
		lx.st_mode = (uint32_t)st.st_mode;
		if (clock_is_virtual(kernel))
			stat_settle(&kernel->strangers, &lx);
	}
	if (lx.st_ino == 0)
		snprintf(text, LX_PATH_MAX, "anon_inode:[%s]", kind);
	else
		snprintf(
		    text, LX_PATH_MAX, "%s:[%" PRIu64 "]", kind, lx.st_ino);
	return 0;
}

static bool
is_pipe_or_socket(const char *name)
{
	return strcmp(name, "pipe") == 0 || strcmp(name, "socket") == 0;
}

static int
name_host(
    struct vk_thread *thread, struct vk_open *open, char text[LX_PATH_MAX])
{
	struct vk_kernel *kernel;
	struct stat st;

	kernel = thread->process->kernel;
	if (fstat(open->fd, &st) != 0)
		return errno_to_linux(errno);
	if (S_ISSOCK(st.st_mode))
		return name_kind(thread, open, "socket", text);
	if (S_ISCHR(st.st_mode) && isatty(open->fd) &&
	    clock_is_virtual(kernel)) {
		memcpy(text, "/dev/pts/0", sizeof("/dev/pts/0"));
		return 0;
	}
	if (S_ISCHR(st.st_mode) && open->foreign)
		return errno_to_linux(os_fd_path(open->fd, text, LX_PATH_MAX));
	if (S_ISFIFO(st.st_mode) &&
	    os_fd_path(open->fd, text, LX_PATH_MAX) == 0 && text[0] != '/')
		return name_kind(thread, open, "pipe", text);
	return names_fd_path(kernel->names, open->fd, text, LX_PATH_MAX);
}

static int
link_fd(struct vk_thread *thread, const struct vk_vnode *node,
    char text[LX_PATH_MAX])
{
	struct vk_open *open;
	struct vk_place place;

	open = open_of(thread, node, node->fd);
	if (open == NULL)
		return LX_ENOENT;
	if (open->node.depth != 0) {
		place = (struct vk_place){ -1, open->mount, open->node };
		return place_path(
		    thread->process->kernel->names, &place, text, LX_PATH_MAX);
	}
	if (open->ops != NULL && open->ops->name != NULL) {
		if (is_pipe_or_socket(open->ops->name))
			return name_kind(thread, open, open->ops->name, text);
		snprintf(text, LX_PATH_MAX, "anon_inode:[%s]", open->ops->name);
		return 0;
	}
	return open->fd < 0 ? LX_ENOENT : name_host(thread, open, text);
}

static int
jump_fd(
    struct vk_thread *thread, const struct vk_vnode *node, struct vk_path *path)
{
	char name[OS_FD_NAME_ROOM];
	struct vk_open *open;
	struct stat st;

	open = open_of(thread, node, node->fd);
	if (open == NULL)
		return LX_ENOENT;
	path->mount = open->mount;
	path->node = open->node;
	path->dir = open->fd;
	if (open->node.depth == 0 && open->fd >= 0 &&
	    fstat(open->fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		memcpy(path->text, ".", 2);
		return 0;
	}
	path->open = open;
	path->dir = AT_FDCWD;
	path->follow = true;
	os_fd_name(open->fd, name);
	memcpy(path->text, name, sizeof(name));
	return 0;
}

static bool
find_fd(struct vk_thread *thread, int number, struct vk_vnode *node)
{
	node->fd = number;
	return open_of(thread, node, number) != NULL;
}

static void
list_fds(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg)
{
	const struct vk_process *process;
	struct vk_vnode node;
	int fd;

	process = vnode_process(thread, dir);
	if (process == NULL || process->fds == NULL)
		return;
	for (fd = 0; fd < process->fds->count; fd++)
		if (process->fds->rows[fd].open != NULL)
			proc_list_number(
			    dir, vnode_row(dir)->number, fd, fn, arg, &node);
}

static int
fill_fdinfo(struct vk_thread *thread, const struct vk_vnode *node, FILE *out)
{
	const struct vk_process *process;
	struct vk_open *open;
	off_t pos;
	int flags;

	process = vnode_process(thread, node);
	open = open_of(thread, node, node->fd);
	if (process == NULL || open == NULL)
		return LX_ENOENT;
	pos = open->fd < 0 ? 0 : lseek(open->fd, 0, SEEK_CUR);
	flags = open_flags(open) | LX_O_LARGEFILE;
	if (process->fds->rows[node->fd].cloexec)
		flags |= LX_O_CLOEXEC;
	fprintf(out, "pos:\t%lld\nflags:\t0%o\nmnt_id:\t1\nino:\t%d\n",
	    pos < 0 ? 0LL : (long long)pos, (unsigned)flags, node->fd + 1);
	return 0;
}

const struct vnode_row proc_fd_number = {
	.mode = LX_S_IFLNK | 0700, .link = link_fd, .jump = jump_fd
};

const struct vnode_row proc_fdinfo_number = { .mode = LX_S_IFREG | 0400,
	.fill = fill_fdinfo };

bool
proc_find_fd(struct vk_thread *thread, int number, struct vk_vnode *node)
{
	return find_fd(thread, number, node);
}

void
proc_list_fds(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg)
{
	list_fds(thread, dir, fn, arg);
}
