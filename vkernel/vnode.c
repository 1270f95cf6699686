/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/vnode.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/os.h"
#include "base/os_guest.h"
#include "vkernel/clock.h"
#include "vkernel/errno_map.h"
#include "vkernel/kernel.h"
#include "vkernel/usercopy.h"

#define STORE_MAX 4096

struct vk_vnode
vnode_root(const struct vnode_row *row)
{
	struct vk_vnode node;

	memset(&node, 0, sizeof(node));
	node.rows[0] = row;
	node.depth = 1;
	return node;
}

bool
vnode_is(const struct vk_vnode *node, uint32_t type)
{
	return (vnode_row(node)->mode & LX_S_IFMT) == type;
}

static void
vnode_enter(struct vk_vnode *node, const struct vnode_row *row)
{
	node->rows[node->depth++] = row;
}

/* -1: not written as the kernel writes numbers. */
static int
number_of(const char *name)
{
	size_t len;

	len = strlen(name);
	if (len == 0 || len > 8 || strspn(name, "0123456789") != len ||
	    (name[0] == '0' && len > 1))
		return -1;
	return atoi(name);
}

bool
vnode_lookup(struct vk_thread *thread, const struct vk_vnode *dir,
    const char *name, struct vk_vnode *out)
{
	const struct vnode_row *row;
	int number;

	*out = *dir;
	for (row = vnode_row(dir)->rows; row != NULL && row->name != NULL;
	     row++)
		if (strcmp(row->name, name) == 0) {
			vnode_enter(out, row);
			return true;
		}
	row = vnode_row(dir);
	number = number_of(name);
	if (row->number == NULL || number < 0 || thread == NULL)
		return false;
	vnode_enter(out, row->number);
	return row->find(thread, number, out);
}

void
vnode_list(struct vk_thread *thread, const struct vk_vnode *dir,
    vnode_name_fn *fn, void *arg)
{
	const struct vnode_row *row;
	struct vk_vnode node;

	for (row = vnode_row(dir)->rows; row != NULL && row->name != NULL;
	     row++) {
		node = *dir;
		vnode_enter(&node, row);
		fn(arg, row->name, &node);
	}
	if (vnode_row(dir)->list != NULL)
		vnode_row(dir)->list(thread, dir, fn, arg);
}

/* Rows without a name stand, from the root, for a process, then a thread or a
 * descriptor. */
static int
number_at(const struct vk_vnode *node, unsigned depth)
{
	unsigned i, numbers;

	numbers = 0;
	for (i = 1; i < depth; i++)
		numbers += node->rows[i]->name == NULL;
	if (numbers == 0)
		return node->pid;
	return numbers == 1 && node->tid != 0 ? node->tid : node->fd;
}

void
vnode_path(const struct vk_vnode *node, char *text, size_t room)
{
	unsigned i;
	size_t len;

	text[0] = '\0';
	for (i = 1; i < node->depth; i++) {
		len = strlen(text);
		if (node->rows[i]->name != NULL)
			snprintf(
			    text + len, room - len, "/%s", node->rows[i]->name);
		else
			snprintf(
			    text + len, room - len, "/%d", number_at(node, i));
	}
}

struct vk_thread *
vnode_thread(struct vk_thread *thread, const struct vk_vnode *node)
{
	struct vk_process *process;

	if (node->tid != 0)
		return thread_lookup(thread->process->kernel, node->tid);
	process = vnode_process(thread, node);
	return process == NULL ? NULL : process->thread;
}

struct vk_process *
vnode_process(struct vk_thread *thread, const struct vk_vnode *node)
{
	return process_lookup(thread->process->kernel, node->pid);
}

/* Numbers that only depend on the name. */
static uint64_t
vnode_ino(const struct vk_vnode *node)
{
	char path[LX_PATH_MAX];
	const char *at;
	uint64_t hash;

	vnode_path(node, path, sizeof(path));
	hash = UINT64_C(0xcbf29ce484222325);
	for (at = path; *at != '\0'; at++)
		hash = (hash ^ (uint8_t)*at) * UINT64_C(0x100000001b3);
	return (hash & 0x7fffffff) | 0x80000000;
}

static void
vnode_owner(
    struct vk_thread *thread, const struct vk_vnode *node, struct lx_stat *st)
{
	const struct vk_process *process;

	if (node->pid == 0)
		return;
	process = vnode_process(thread, node);
	if (process == NULL)
		return;
	st->st_uid = process->cred.user.effective;
	st->st_gid = process->cred.group.effective;
}

void
vnode_stat(
    struct vk_thread *thread, const struct vk_vnode *node, struct lx_stat *st)
{
	const struct vnode_row *row;

	row = vnode_row(node);
	memset(st, 0, sizeof(*st));
	st->st_dev = node->rows[0] == &proc_tree ? 22 : 6;
	st->st_ino = node->depth == 1 ? 1 : vnode_ino(node);
	st->st_mode = row->mode;
	st->st_rdev = row->rdev;
	st->st_nlink = vnode_is(node, LX_S_IFDIR) ? 2 : 1;
	st->st_blksize = node->rows[0] == &proc_tree ? 1024 : 4096;
	if (vnode_is(node, LX_S_IFLNK) && row->name == NULL)
		st->st_size = 64;
	if (thread == NULL)
		return;
	vnode_owner(thread, node, st);
	st->st_atim = timespec_of_ns(clock_is_virtual(thread->process->kernel)
					 ? CLOCK_EPOCH_NS
					 : clock_realtime_ns(thread));
	st->st_mtim = st->st_ctim = st->st_atim;
}

static int64_t
node_stat(struct vk_thread *thread, struct vk_open *open, struct lx_stat *st)
{
	vnode_stat(thread, &open->node, st);
	return 0;
}

static int64_t
node_write(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	char text[STORE_MAX];
	int64_t result;
	size_t len;

	(void)off;
	len = iov_bytes(iov, count);
	if (len > sizeof(text))
		return -LX_EINVAL;
	len = iov_get(iov, count, 0, text, len);
	result = vnode_row(&open->node)->store(thread, &open->node, text, len);
	return result < 0 ? result : (int64_t)len;
}

static int64_t
dir_read(struct vk_thread *thread, struct vk_open *open,
    const struct iovec *iov, int count, int64_t off)
{
	(void)thread;
	(void)open;
	(void)iov;
	(void)count;
	(void)off;
	return -LX_EISDIR;
}

static const struct vk_file_ops text_ops = { .stat = node_stat };
static const struct vk_file_ops store_ops = { .stat = node_stat,
	.write = node_write };
static const struct vk_file_ops dir_ops = { .read = dir_read,
	.stat = node_stat };

static int
host_write_all(int fd, const char *text, size_t len)
{
	ssize_t got;

	for (; len != 0; len -= (size_t)got, text += got) {
		got = write(fd, text, len);
		if (got <= 0)
			return LX_ENOMEM;
	}
	return 0;
}

/* The text lies in a memory file, so that all calls on files work. */
static int
text_file(const char *text, size_t len, bool writable, int *out)
{
	int error, fd;

	error = os_memfile("proc", &fd);
	if (error != 0)
		return errno_to_linux(error);
	error = host_write_all(fd, text, len);
	if (error == 0 && lseek(fd, 0, SEEK_SET) != 0)
		error = LX_EIO;
	if (error == 0 && !writable) {
		*out = os_reopen(fd, false);
		if (*out < 0)
			error = errno_to_linux(errno);
	}
	if (error == 0 && writable)
		*out = fd;
	else
		close(fd);
	return error;
}

static int
text_make(struct vk_thread *thread, const struct vk_vnode *node, bool writable,
    int *fd)
{
	char *text;
	size_t len;
	FILE *out;
	int error;

	text = NULL;
	out = open_memstream(&text, &len);
	if (out == NULL)
		return LX_ENOMEM;
	error = 0;
	if (vnode_row(node)->fill != NULL)
		error = vnode_row(node)->fill(thread, node, out);
	if (fclose(out) != 0 && error == 0)
		error = LX_ENOMEM;
	if (error == 0)
		error = text_file(text, len, writable, fd);
	free(text);
	return error;
}

static int
open_text_node(struct vk_thread *thread, const struct vk_vnode *node, int flags,
    struct vk_open **out)
{
	bool writes;
	int error, fd;

	writes = (flags & LX_O_ACCMODE) != 0;
	if (writes && vnode_row(node)->store == NULL)
		return LX_EACCES;
	fd = -1;
	error = text_make(thread, node, writes, &fd);
	if (error == 0)
		error = open_create(fd, out);
	if (error == 0)
		(*out)->ops = writes ? &store_ops : &text_ops;
	return error;
}

int
vnode_open(struct vk_thread *thread, const struct vk_vnode *node, int flags,
    struct vk_open **out)
{
	int error;

	if ((flags & LX_O_CREAT) != 0 && (flags & LX_O_EXCL) != 0)
		return LX_EEXIST;
	if (vnode_is(node, LX_S_IFLNK) && (flags & LX_O_PATH) == 0)
		return LX_ELOOP;
	if ((flags & LX_O_DIRECTORY) != 0 && !vnode_is(node, LX_S_IFDIR))
		return LX_ENOTDIR;
	if (vnode_is(node, LX_S_IFDIR) &&
	    ((flags & LX_O_ACCMODE) != 0 || (flags & LX_O_CREAT) != 0))
		return LX_EISDIR;
	if ((flags & LX_O_PATH) != 0 || vnode_is(node, LX_S_IFDIR))
		error = open_create_ops(&dir_ops, NULL, flags, out);
	else if (vnode_row(node)->ops != NULL)
		error = open_create_ops(vnode_row(node)->ops, NULL, flags, out);
	else
		error = open_text_node(thread, node, flags, out);
	if (error == 0) {
		(*out)->node = *node;
		(*out)->may_block = false;
	}
	return error;
}
