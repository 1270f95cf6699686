/* SPDX-License-Identifier: BSD-2-Clause */
/* Directories: reading them, changing them, standing in them. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define NAME_ROOM  256
#define LX_S_IFIFO 0010000
#define LX_S_IFMT  0170000
#define LX_S_IFREG 0100000

/* As the kernel's: ino, off, reclen, then type and name in either order. */
struct dent_head {
	uint64_t ino;
	int64_t off;
	uint16_t reclen;
};

#define DENT_NAME   18 /* getdents */
#define DENT64_NAME 19 /* getdents64: after the type */

struct dent_record {
	uint8_t bytes[32 + NAME_ROOM];
	size_t len;
};

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

static void
dent_fill(struct dent_record *record, const struct dirent *entry, int64_t off,
    bool old)
{
	struct dent_head head;
	size_t name_len;

	memset(record, 0, sizeof(*record));
	name_len = strlen(entry->d_name);
	if (name_len >= NAME_ROOM)
		name_len = NAME_ROOM - 1;
	/* The old form has the type in its last byte. */
	record->len = (DENT64_NAME + name_len + 1 + 7) & ~(size_t)7;
	if (old)
		record->len = (DENT_NAME + name_len + 2 + 7) & ~(size_t)7;
	head.ino = (uint64_t)entry->d_ino;
	head.off = off;
	head.reclen = (uint16_t)record->len;
	memcpy(record->bytes, &head, DENT_NAME);
	memcpy(record->bytes + (old ? DENT_NAME : DENT64_NAME), entry->d_name,
	    name_len);
	record->bytes[old ? record->len - 1 : DENT_NAME] = dent_type(entry);
}

static int
dir_open(struct vk_open *open)
{
	int copy, error;

	if (open->dir != NULL)
		return 0;
	copy = os_dup(open->fd);
	if (copy < 0)
		return errno_to_linux(errno);
	open->dir = fdopendir(copy);
	if (open->dir != NULL)
		return 0;
	error = errno_to_linux(errno);
	close(copy);
	return error;
}

/* The entry that did not fit last time comes first. */
static struct dirent *
dir_next(struct vk_open *open)
{
	struct dirent *entry;

	entry = open->held;
	open->held = NULL;
	return entry != NULL ? entry : readdir(open->dir);
}

static int64_t
do_getdents(struct vk_thread *thread, const uint64_t *args, bool old)
{
	struct dent_record record;
	struct dirent *entry;
	struct vk_open *open;
	uint64_t done;
	int error;

	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	error = dir_open(open);
	if (error != 0)
		return -error;
	for (done = 0; (entry = dir_next(open)) != NULL; done += record.len) {
		dent_fill(&record, entry, telldir(open->dir), old);
		if (record.len > (uint32_t)args[2] - done) {
			open->held = entry;
			return done == 0 ? -LX_EINVAL : (int64_t)done;
		}
		error = copyout(thread->process->mm, args[1] + done,
		    record.bytes, record.len);
		if (error != 0) {
			open->held = entry;
			return done == 0 ? -error : (int64_t)done;
		}
	}
	return (int64_t)done;
}

int64_t
sys_getdents(struct vk_thread *thread, const uint64_t *args)
{
	return do_getdents(thread, args, true);
}

int64_t
sys_getdents64(struct vk_thread *thread, const uint64_t *args)
{
	return do_getdents(thread, args, false);
}

int64_t
sys_getcwd(struct vk_thread *thread, const uint64_t *args)
{
	char path[LX_PATH_MAX];
	size_t len;
	int error;

	error = os_fd_path(thread->process->fs->cwd_fd, path, sizeof(path));
	if (error != 0)
		return -errno_to_linux(error);
	len = strlen(path) + 1;
	if (len > args[1])
		return -LX_ERANGE;
	error = copyout(thread->process->mm, args[0], path, len);
	return error != 0 ? -error : (int64_t)len;
}

static void
set_cwd(struct vk_process *process, int fd)
{
	close(process->fs->cwd_fd);
	process->fs->cwd_fd = fd;
}

int64_t
sys_chdir(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_path path;
	int error, fd;

	error = path_get(thread, (uint64_t)LX_AT_FDCWD, args[0], &path);
	if (error != 0)
		return -error;
	fd = os_open_search(path.dir, path.text);
	if (fd < 0)
		return host_error();
	if (faccessat(fd, ".", X_OK, AT_EACCESS) != 0) {
		close(fd);
		return -LX_EACCES;
	}
	set_cwd(thread->process, fd);
	return 0;
}

int64_t
sys_fchdir(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;
	int fd;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	fd = os_open_search(open->fd, ".");
	if (fd < 0)
		return host_error();
	set_cwd(thread->process, fd);
	return 0;
}

static int64_t
do_mkdir(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode)
{
	struct vk_path path;
	int error;

	error = path_get(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	return host_result(
	    mkdirat(path.dir, path.text, path_mode(thread, mode & 01777)));
}

int64_t
sys_mkdir(struct vk_thread *thread, const uint64_t *args)
{
	return do_mkdir(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1]);
}

int64_t
sys_mkdirat(struct vk_thread *thread, const uint64_t *args)
{
	return do_mkdir(thread, args[0], args[1], args[2]);
}

static int64_t
do_unlink(struct vk_thread *thread, uint64_t dirfd, uint64_t va, bool dir)
{
	struct vk_path path;
	int error;

	error = path_get(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	return host_result(
	    unlinkat(path.dir, path.text, dir ? AT_REMOVEDIR : 0));
}

int64_t
sys_unlink(struct vk_thread *thread, const uint64_t *args)
{
	return do_unlink(thread, (uint64_t)LX_AT_FDCWD, args[0], false);
}

int64_t
sys_rmdir(struct vk_thread *thread, const uint64_t *args)
{
	return do_unlink(thread, (uint64_t)LX_AT_FDCWD, args[0], true);
}

int64_t
sys_unlinkat(struct vk_thread *thread, const uint64_t *args)
{
	if ((args[2] & ~(uint64_t)LX_AT_REMOVEDIR) != 0)
		return -LX_EINVAL;
	return do_unlink(thread, args[0], args[1], args[2] != 0);
}

static int64_t
do_rename(struct vk_thread *thread, uint64_t from_dir, uint64_t from_va,
    uint64_t to_dir, uint64_t to_va, unsigned flags)
{
	struct vk_path from, to;
	int error;

	error = path_get(thread, from_dir, from_va, &from);
	if (error == 0)
		error = path_get(thread, to_dir, to_va, &to);
	if (error != 0)
		return -error;
	error = os_rename(from.dir, from.text, to.dir, to.text, flags);
	return error != 0 ? -errno_to_linux(error) : 0;
}

int64_t
sys_rename(struct vk_thread *thread, const uint64_t *args)
{
	return do_rename(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    (uint64_t)LX_AT_FDCWD, args[1], 0);
}

int64_t
sys_renameat(struct vk_thread *thread, const uint64_t *args)
{
	return do_rename(thread, args[0], args[1], args[2], args[3], 0);
}

int64_t
sys_renameat2(struct vk_thread *thread, const uint64_t *args)
{
	return do_rename(
	    thread, args[0], args[1], args[2], args[3], (unsigned)args[4]);
}

static int64_t
do_link(struct vk_thread *thread, uint64_t from_dir, uint64_t from_va,
    uint64_t to_dir, uint64_t to_va, uint64_t flags)
{
	struct vk_path from, to;
	int error;

	error = path_get_open(thread, from_dir, from_va, &from);
	if (error == 0)
		error = path_get(thread, to_dir, to_va, &to);
	if (error != 0)
		return -error;
	return host_result(
	    linkat(from.dir, from.text, to.dir, to.text, path_at_flags(flags)));
}

int64_t
sys_link(struct vk_thread *thread, const uint64_t *args)
{
	return do_link(thread, (uint64_t)LX_AT_FDCWD, args[0],
	    (uint64_t)LX_AT_FDCWD, args[1], 0);
}

int64_t
sys_linkat(struct vk_thread *thread, const uint64_t *args)
{
	return do_link(thread, args[0], args[1], args[2], args[3], args[4]);
}

static int64_t
do_symlink(
    struct vk_thread *thread, uint64_t target_va, uint64_t dirfd, uint64_t va)
{
	struct vk_path path;
	char target[LX_PATH_MAX];
	int error;

	error = copyin_string(
	    thread->process->mm, target, target_va, sizeof(target));
	if (error == 0)
		error = path_get(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	return host_result(symlinkat(target, path.dir, path.text));
}

int64_t
sys_symlink(struct vk_thread *thread, const uint64_t *args)
{
	return do_symlink(thread, args[0], (uint64_t)LX_AT_FDCWD, args[1]);
}

int64_t
sys_symlinkat(struct vk_thread *thread, const uint64_t *args)
{
	return do_symlink(thread, args[0], args[1], args[2]);
}

static int64_t
make_file(const struct vk_path *path, mode_t mode)
{
	int fd;

	fd = openat(path->dir, path->text,
	    O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
	if (fd < 0)
		return host_error();
	close(fd);
	return 0;
}

/* Devices need rights that a guest is not given. */
static int64_t
do_mknod(struct vk_thread *thread, uint64_t dirfd, uint64_t va, uint64_t mode)
{
	struct vk_path path;
	int error;

	error = path_get(thread, dirfd, va, &path);
	if (error != 0)
		return -error;
	switch (mode & LX_S_IFMT) {
	case 0:
	case LX_S_IFREG:
		return make_file(&path, path_mode(thread, mode));
	case LX_S_IFIFO:
		error = os_mkfifo(path.dir, path.text, path_mode(thread, mode));
		return error != 0 ? -errno_to_linux(error) : 0;
	default:
		return -LX_EPERM;
	}
}

int64_t
sys_mknod(struct vk_thread *thread, const uint64_t *args)
{
	return do_mknod(thread, (uint64_t)LX_AT_FDCWD, args[0], args[1]);
}

int64_t
sys_mknodat(struct vk_thread *thread, const uint64_t *args)
{
	return do_mknod(thread, args[0], args[1], args[2]);
}

int64_t
sys_umask(struct vk_thread *thread, const uint64_t *args)
{
	int old;

	old = thread->process->fs->umask;
	thread->process->fs->umask = (int)(args[0] & 0777);
	return old;
}
