/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on descriptors that move no bytes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os.h"
#include "base/os_guest.h"
#include "vkernel/errno_map.h"
#include "vkernel/listing.h"
#include "vkernel/pipe.h"
#include "vkernel/process.h"
#include "vkernel/seals.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define LX_SEEK_DATA     3
#define LX_SEEK_HOLE     4
#define LX_RANGE_UNSHARE 2u
#define LX_RANGE_CLOEXEC 4u
#define LX_F_SETSIG      10
#define LX_F_GETSIG      11
#define LX_F_SETOWN_EX   15
#define LX_F_GETOWN_EX   16
#define LX_F_GETLEASE    1025
#define LX_F_UNLCK       2

enum { OWNER_THREAD, OWNER_PROCESS, OWNER_GROUP };

static struct vk_open *
open_of(struct vk_thread *thread, uint64_t fd)
{
	return fds_lookup(thread->process->fds, (int)fd);
}

int64_t
sys_close(struct vk_thread *thread, const uint64_t *args)
{
	return -fds_close(thread->process->fds, (int)args[0]);
}

int64_t
sys_close_range(struct vk_thread *thread, const uint64_t *args)
{
	const uint32_t first = (uint32_t)args[0], last = (uint32_t)args[1];
	struct vk_fds *fds;
	uint32_t fd;

	if (first > last ||
	    ((uint32_t)args[2] & ~(LX_RANGE_CLOEXEC | LX_RANGE_UNSHARE)) != 0)
		return -LX_EINVAL;
	if ((args[2] & LX_RANGE_UNSHARE) != 0 &&
	    process_unshare_fds(thread->process) != 0)
		return -LX_ENOMEM;
	fds = thread->process->fds;
	for (fd = first; fd <= last && fd < (uint32_t)fds->count; fd++)
		if ((args[2] & LX_RANGE_CLOEXEC) != 0)
			fds->rows[fd].cloexec = true;
		else
			fds_close(fds, (int)fd);
	return 0;
}

static int
host_whence(uint64_t whence)
{
	switch (whence) {
	case 0:
		return SEEK_SET;
	case 1:
		return SEEK_CUR;
	case 2:
		return SEEK_END;
#ifdef SEEK_DATA
	case LX_SEEK_DATA:
		return SEEK_DATA;
	case LX_SEEK_HOLE:
		return SEEK_HOLE;
#endif
	default:
		return -1;
	}
}

int64_t
sys_lseek(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;
	int whence;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	whence = host_whence(args[2]);
	if (whence < 0)
		return -LX_EINVAL;
	if (listing_is_of(open))
		return listing_seek(open, (int64_t)args[1], whence);
	if (open_is_own(open)) /* anonymous inodes have a position, 0 */
		return strncmp(open->ops->name, "anon_inode:", 11) == 0
			   ? 0
			   : -LX_ESPIPE;
	return host_result(lseek(open->fd, (off_t)args[1], whence));
}

static int64_t
do_dup(struct vk_thread *thread, uint64_t fd, int low, bool cloexec)
{
	struct vk_open *open;
	int error, got;

	open = fds_lookup_any(thread->process->fds, (int)fd);
	if (open == NULL)
		return -LX_EBADF;
	error =
	    fds_add(thread->process->fds, open_ref(open), low, cloexec, &got);
	if (error == 0)
		return got;
	open_drop(open);
	return -error;
}

int64_t
sys_dup(struct vk_thread *thread, const uint64_t *args)
{
	return do_dup(thread, args[0], 0, false);
}

static int64_t
dup_to(
    struct vk_thread *thread, struct vk_open *open, uint64_t fd, bool cloexec)
{
	int error;

	error = fds_put(thread->process->fds, open_ref(open), (int)fd, cloexec);
	if (error == 0)
		return (int)fd;
	open_drop(open);
	return -error;
}

int64_t
sys_dup2(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if ((int)args[0] == (int)args[1])
		return (int)args[1];
	return dup_to(thread, open, args[1], false);
}

int64_t
sys_dup3(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;

	if ((args[2] & ~(uint64_t)LX_O_CLOEXEC) != 0 ||
	    (int)args[0] == (int)args[1])
		return -LX_EINVAL;
	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	return dup_to(thread, open, args[1], args[2] != 0);
}

/* host_fd is closed when this fails. */
static int
fd_enter(struct vk_thread *thread, int host_fd, bool cloexec, int *fd)
{
	struct vk_open *open;
	int error;

	error = open_create(host_fd, &open);
	if (error != 0)
		return error;
	error = fds_add(thread->process->fds, open, 0, cloexec, fd);
	if (error != 0)
		open_drop(open);
	return error;
}

#define PIPE_MOST (UINT64_C(1) << 20) /* for who is not root */

static int64_t
pipe_set_size(
    const struct vk_thread *thread, const struct vk_open *open, uint64_t bytes)
{
	struct vk_pipe *pipe;
	int error;

	pipe = pipe_of(open);
	if (pipe == NULL)
		return -LX_EBADF;
	if ((uint32_t)bytes > (UINT32_C(1) << 31))
		return -LX_EINVAL;
	if ((uint32_t)bytes > PIPE_MOST &&
	    thread->process->cred.user.effective != 0)
		return -LX_EPERM;
	error = pipe_resize(pipe, (uint32_t)bytes);
	if (error != 0)
		return -error;
	return (int64_t)pipe->room * PIPE_SLOT_BYTES;
}

static int64_t
pipe_size(const struct vk_open *open)
{
	const struct vk_pipe *pipe;

	pipe = pipe_of(open);
	if (pipe != NULL)
		return (int64_t)pipe->room * PIPE_SLOT_BYTES;
	return open->may_block && open->ops == NULL
		   ? (int64_t)PIPE_SLOTS * PIPE_SLOT_BYTES
		   : -LX_EBADF;
}

/* Which is what C libraries ask for F_GETOWN. */
static int64_t
owner_out(struct vk_thread *thread, const struct vk_open *open, uint64_t va)
{
	int32_t words[2];

	words[1] = open->owner < 0 ? -open->owner : open->owner;
	words[0] = OWNER_THREAD;
	if (words[1] != 0)
		words[0] = open->owner < 0 ? OWNER_GROUP : OWNER_PROCESS;
	return -copyout(thread->process->mm, va, words, sizeof(words));
}

static int64_t
owner_in(struct vk_thread *thread, struct vk_open *open, uint64_t va)
{
	int32_t words[2];

	if (copyin(thread->process->mm, words, va, sizeof(words)) != 0)
		return -LX_EFAULT;
	if (words[0] < OWNER_THREAD || words[0] > OWNER_GROUP)
		return -LX_EINVAL;
	open->owner = words[0] == OWNER_GROUP ? -words[1] : words[1];
	return 0;
}

int64_t
sys_fcntl(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_open *open;
	struct vk_fd *row;

	open = fds_lookup_any(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	row = &thread->process->fds->rows[args[0] & INT32_MAX];
	switch (args[1]) {
	case LX_F_DUPFD:
		return do_dup(thread, args[0], (int)args[2], false);
	case LX_F_DUPFD_CLOEXEC:
		return do_dup(thread, args[0], (int)args[2], true);
	case LX_F_GETFD:
		return row->cloexec ? LX_FD_CLOEXEC : 0;
	case LX_F_SETFD:
		row->cloexec = (args[2] & LX_FD_CLOEXEC) != 0;
		return 0;
	case LX_F_GETFL:
		return open_flags(open) | (open->search ? LX_O_PATH : 0) |
		       (open->may_block || open->search ? 0 : LX_O_LARGEFILE);
	case LX_F_SETFL:
		return open->search ? -LX_EBADF
				    : -open_set_flags(open, (int)args[2]);
	case LX_F_GETLK:
	case LX_F_OFD_GETLK:
	case LX_F_SETLK:
	case LX_F_OFD_SETLK:
	case LX_F_SETLKW:
	case LX_F_OFD_SETLKW:
		return open->search
			   ? -LX_EBADF
			   : lock_fcntl(thread, open, (int)args[1], args[2]);
	case LX_F_GETPIPE_SZ:
		return pipe_size(open);
	case LX_F_SETPIPE_SZ:
		return pipe_set_size(thread, open, args[2]);
	case LX_F_SETOWN:
		open->owner = (int)args[2];
		return 0;
	case LX_F_GETOWN:
		return open->owner;
	case LX_F_SETOWN_EX:
		return owner_in(thread, open, args[2]);
	case LX_F_GETOWN_EX:
		return owner_out(thread, open, args[2]);
	case LX_F_GETLEASE: /* nobody can have one */
		return LX_F_UNLCK;
	case LX_F_SETSIG:
		if (args[2] > LX_NSIG)
			return -LX_EINVAL;
		open->owner_signal = (int)args[2];
		return 0;
	case LX_F_GETSIG:
		return open->owner_signal;
	case LX_F_GET_SEALS:
		return seals_get(open);
	case LX_F_ADD_SEALS:
		return seals_add(thread, open, args[2]);
	default:
		return -LX_EINVAL;
	}
}

int64_t
sys_fsync(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	return open->fd < 0 ? -LX_EINVAL : host_result(fsync(open->fd));
}

int64_t
sys_fdatasync(struct vk_thread *thread, const uint64_t *args)
{
	return sys_fsync(thread, args);
}

int64_t
sys_syncfs(struct vk_thread *thread, const uint64_t *args)
{
	if (open_of(thread, args[0]) == NULL)
		return -LX_EBADF;
	sync();
	return 0;
}

int64_t
sys_sync(struct vk_thread *thread, const uint64_t *args)
{
	(void)thread;
	(void)args;
	sync();
	return 0;
}

int64_t
sys_ftruncate(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if (open->fd < 0)
		return -LX_EINVAL;
	if (ftruncate(open->fd, (off_t)args[1]) != 0)
		return host_error();
	mm_truncated(thread->process->mm, open->fd, args[1]);
	return 0;
}

int64_t
sys_fallocate(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;
	struct vk_memory *memory;
	int error;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	memory = &thread->process->kernel->memory;
	memory_before_io(memory, open->fd);
	error = os_fallocate(
	    open->fd, (int)args[1], (off_t)args[2], (off_t)args[3]);
	if (error == 0 && args[1] != 0) /* bytes may have moved */
		memory_written(memory, open->fd, 0, UINT64_MAX);
	return error == 0 ? 0 : -errno_to_linux(error);
}

/* Advice is heard and not followed. */
int64_t
sys_fadvise64(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	if (open->may_block && lseek(open->fd, 0, SEEK_CUR) < 0)
		return -LX_ESPIPE;
	return args[3] > 5 ? -LX_EINVAL : 0;
}

int64_t
sys_fchmod(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;
	int error;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	error = path_open_may_change(thread, open);
	if (error != 0)
		return -error;
	return host_result(fchmod(open->fd, (mode_t)(args[1] & 07777)));
}

int64_t
sys_fchown(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_open *open;
	int error;

	open = open_of(thread, args[0]);
	if (open == NULL)
		return -LX_EBADF;
	error = path_open_may_change(thread, open);
	if (error != 0)
		return -error;
	return host_result(fchown(open->fd, (uid_t)args[1], (gid_t)args[2]));
}

int64_t
sys_memfd_create(struct vk_thread *thread, const uint64_t *args)
{
	char name[256];
	int error, fd, host;

	error = seals_check_flags(args[1]);
	if (error != 0)
		return -error;
	error = copyin_string(thread->process->mm, name, args[0], 250);
	if (error != 0)
		return error == LX_EFAULT ? -error : -LX_EINVAL;
	error = os_memfile(name, &host);
	if (error != 0)
		return -errno_to_linux(error);
	seals_start(host, args[1]);
	error = fd_enter(thread, host, (args[1] & LX_MFD_CLOEXEC) != 0, &fd);
	return error != 0 ? -error : fd;
}
