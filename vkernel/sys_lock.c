/* SPDX-License-Identifier: BSD-2-Clause */
/* fcntl's lock commands and flock. */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/errno_map.h"
#include "vkernel/lock.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"
#include "vkernel/work.h"

#define LX_LOCK_SH 1u
#define LX_LOCK_EX 2u
#define LX_LOCK_NB 4u
#define LX_LOCK_UN 8u

static bool
is_ofd(int command)
{
	return command >= LX_F_OFD_GETLK;
}

static bool
is_wait(int command)
{
	return command == LX_F_SETLKW || command == LX_F_OFD_SETLKW;
}

static int
range_start(
    const struct vk_open *open, const struct lx_flock *lock, int64_t *base)
{
	struct stat st;

	*base = 0;
	switch (lock->l_whence) {
	case 0:
		return 0;
	case 1:
		*base = open->fd < 0 ? 0 : lseek(open->fd, 0, SEEK_CUR);
		if (*base < 0)
			*base = 0;
		return 0;
	case 2:
		if (open->fd >= 0 && fstat(open->fd, &st) == 0)
			*base = st.st_size;
		return 0;
	default:
		return LX_EINVAL;
	}
}

/* As flock64_to_posix_lock() of Linux. */
static int
range_get(const struct vk_open *open, const struct lx_flock *lock,
    struct vk_lock *want)
{
	int64_t base;
	int error;

	error = range_start(open, lock, &base);
	if (error != 0)
		return error;
	if (lock->l_start > INT64_MAX - base)
		return LX_EOVERFLOW;
	want->start = base + lock->l_start;
	if (want->start < 0)
		return LX_EINVAL;
	want->end = INT64_MAX;
	if (lock->l_len > 0) {
		if (lock->l_len - 1 > INT64_MAX - want->start)
			return LX_EOVERFLOW;
		if (lock->l_len < INT64_MAX - want->start)
			want->end = want->start + lock->l_len;
	} else if (lock->l_len < 0) {
		if (want->start + lock->l_len < 0)
			return LX_EINVAL;
		want->end = want->start;
		want->start += lock->l_len;
	}
	return 0;
}

static int
want_get(const struct vk_thread *thread, struct vk_open *open, int command,
    const struct lx_flock *lock, struct vk_lock *want)
{
	memset(want, 0, sizeof(*want));
	if (lock->l_type < 0 || lock->l_type > VK_LOCK_NONE)
		return LX_EINVAL;
	if (is_ofd(command) && lock->l_pid != 0)
		return LX_EINVAL;
	want->type = lock->l_type;
	want->owner = is_ofd(command) ? (const void *)open
				      : (const void *)thread->process->fds;
	want->pid = is_ofd(command) ? -1 : thread->process->pid;
	return range_get(open, lock, want);
}

/* The host's locks are those of one description of the file. */
static int
host_prepare(struct vk_lock_file *file, const struct vk_open *open, bool writes)
{
	int fd;

	if (open->fd < 0 || open->may_block)
		return 0;
	if (file->host_fd >= 0 && (file->host_writes || !writes))
		return 0;
	writes = open_can_write(open);
	fd = os_reopen(open->fd, writes);
	if (fd < 0)
		return errno_to_linux(errno);
	if (file->host_fd >= 0)
		close(file->host_fd);
	file->host_fd = fd;
	file->host_writes = writes;
	lock_host_settle(file, 0, INT64_MAX);
	return 0;
}

static int
task_lock(struct vk_task *task)
{
	if (task->number[1] != 0)
		return os_flock(task->fd, task->number[0], true);
	return os_lock(
	    task->fd, task->number[0], task->range[0], task->range[1], true);
}

/* The file, and the host's description of it, stay while the work goes on. */
static void
task_abandoned(struct vk_task *task)
{
	struct vk_lock_file *file;

	file = task->holds[1];
	lock_host_settle(file, task->range[0], task->range[1]);
	lock_flock_settle(file);
	lock_file_drop(task->holds[0], file);
}

/* Waits for a host process, by another host thread. */
static int64_t
host_wait(struct vk_thread *thread, struct vk_lock_file *file,
    const struct vk_lock *want)
{
	struct vk_task task;
	int error, host;
	bool first;

	memset(&task, 0, sizeof(task));
	task.run = task_lock;
	task.abandoned = task_abandoned;
	task.holds[0] = &thread->process->kernel->locks;
	task.holds[1] = file;
	task.fd = file->host_fd;
	task.number[0] = want->type;
	task.number[1] = want->whole;
	task.range[0] = want->start;
	task.range[1] = want->end;
	first = !work_is_going_on(thread);
	error = work_wait(thread, &task, &host);
	if (first && work_is_going_on(thread))
		file->users++;
	if (error == LX_EINTR)
		return -LX_ERESTART;
	if (error != 0)
		return -error;
	file->users--;
	return -errno_to_linux(host);
}

static int64_t
host_lock(struct vk_thread *thread, struct vk_lock_file *file,
    const struct vk_lock *want, bool wait)
{
	int64_t result;
	int error;

	if (file->host_fd < 0 || want->type == VK_LOCK_NONE)
		return 0;
	if (work_is_going_on(thread)) {
		result = host_wait(thread, file, want);
		if (result != 0)
			return result;
	}
	if (want->whole)
		error = os_flock(file->host_fd, want->type, false);
	else
		error = os_lock(
		    file->host_fd, want->type, want->start, want->end, false);
	if (error == 0)
		return 0;
	if (error != EAGAIN && error != EACCES && error != EWOULDBLOCK)
		return -errno_to_linux(error);
	return wait ? host_wait(thread, file, want) : -LX_EAGAIN;
}

/* Threads that wait say in state[] for what: file, start, end, type. */
static bool
waits_for(const struct vk_thread *thread, const struct vk_lock **conflict)
{
	const struct vk_lock_file *file;
	struct vk_lock want;

	if (thread->state != THREAD_WAITING || thread->nr != 72 ||
	    thread->args[1] != LX_F_SETLKW || thread->wait.state[0] == 0)
		return false;
	file = (const struct vk_lock_file *)(uintptr_t)thread->wait.state[0];
	memset(&want, 0, sizeof(want));
	want.start = (int64_t)thread->wait.state[1];
	want.end = (int64_t)thread->wait.state[2];
	want.type = (int)thread->wait.state[3];
	want.owner = thread->process->fds;
	*conflict = lock_conflict(file, &want);
	return *conflict != NULL;
}

#define CHAIN_MOST 10

/* Whom the owner waits for; NULL: nobody. */
static const void *
blocked_by(const struct vk_kernel *kernel, const void *owner)
{
	const struct vk_process *process;
	const struct vk_thread *thread;
	const struct vk_lock *conflict;

	for (process = kernel->first; process != NULL; process = process->next)
		for (thread = process->threads;
		     process->fds == owner && thread != NULL;
		     thread = thread->sibling)
			if (waits_for(thread, &conflict))
				return conflict->owner;
	return NULL;
}

static bool
is_deadlock(const struct vk_kernel *kernel, const struct vk_lock *want,
    const struct vk_lock *conflict)
{
	const void *owner;
	int i;

	owner = conflict->owner;
	for (i = 0; i < CHAIN_MOST && owner != NULL; i++) {
		if (owner == want->owner)
			return true;
		owner = blocked_by(kernel, owner);
	}
	return false;
}

static int64_t
guest_wait(struct vk_thread *thread, struct vk_lock_file *file,
    const struct vk_lock *want, const struct vk_lock *conflict)
{
	uint64_t *state;
	int error;

	if (!want->whole && want->pid != -1 &&
	    is_deadlock(thread->process->kernel, want, conflict))
		return -LX_EDEADLK;
	state = thread->wait.state;
	state[0] = (uint64_t)(uintptr_t)file;
	state[1] = (uint64_t)want->start;
	state[2] = (uint64_t)want->end;
	state[3] = (uint64_t)want->type;
	wait_queue(thread, &file->queue);
	error = wait_park(thread);
	return error == LX_EINTR ? -LX_ERESTART : -error;
}

static int64_t
lock_take(struct vk_thread *thread, struct vk_lock_file *file,
    const struct vk_lock *want, bool wait)
{
	const struct vk_lock *conflict;
	int64_t result;

	conflict = lock_conflict(file, want);
	if (conflict != NULL)
		return wait ? guest_wait(thread, file, want, conflict)
			    : -LX_EAGAIN;
	result = host_lock(thread, file, want, wait);
	if (result != 0)
		return result;
	result = -lock_set(file, want);
	if (!want->whole)
		lock_host_settle(file, want->start, want->end);
	return result;
}

static int64_t
do_set(struct vk_thread *thread, struct vk_open *open,
    const struct vk_lock *want, bool wait)
{
	struct vk_lock_file *file;
	struct vk_locks *locks;
	int64_t result;

	locks = &thread->process->kernel->locks;
	file = lock_file_find(locks, open);
	if (file == NULL)
		return -LX_ENOMEM;
	if (want->owner == open)
		open->locks = locks;
	else
		thread->process->fds->locks = locks;
	result = -host_prepare(file, open, want->type == VK_LOCK_WRITE);
	if (result == 0)
		result = lock_take(thread, file, want, wait);
	lock_file_drop(locks, file);
	return result;
}

static void
tell_lock(struct lx_flock *lock, int type, int64_t start, int64_t end, int pid)
{
	lock->l_type = (int16_t)type;
	lock->l_whence = 0;
	lock->l_start = start;
	lock->l_len = end == INT64_MAX ? 0 : end - start;
	lock->l_pid = pid;
}

static void
test_host(const struct vk_lock_file *file, const struct vk_open *open,
    const struct vk_lock *want, struct lx_flock *lock)
{
	int64_t end, pid, start;
	int fd, type;

	fd = file->host_fd >= 0 ? file->host_fd : open->fd;
	type = want->type;
	start = want->start;
	end = want->end;
	pid = 0;
	if (fd < 0 || os_lock_test(fd, &type, &start, &end, &pid) != 0 ||
	    type == VK_LOCK_NONE)
		lock->l_type = VK_LOCK_NONE;
	else
		tell_lock(lock, type, start, end, (int)pid);
}

static int64_t
do_test(struct vk_thread *thread, struct vk_open *open,
    const struct vk_lock *want, struct lx_flock *lock)
{
	const struct vk_lock *conflict;
	struct vk_lock_file *file;
	struct vk_locks *locks;

	if (want->type == VK_LOCK_NONE)
		return -LX_EINVAL;
	locks = &thread->process->kernel->locks;
	file = lock_file_find(locks, open);
	if (file == NULL)
		return -LX_ENOMEM;
	conflict = lock_conflict(file, want);
	if (conflict != NULL)
		tell_lock(lock, conflict->type, conflict->start, conflict->end,
		    conflict->pid);
	else
		test_host(file, open, want, lock);
	lock_file_drop(locks, file);
	return 0;
}

int64_t
lock_fcntl(
    struct vk_thread *thread, struct vk_open *open, int command, uint64_t va)
{
	struct vk_lock want;
	struct lx_flock lock;
	int64_t result;
	int error;

	if (copyin(thread->process->mm, &lock, va, sizeof(lock)) != 0)
		return -LX_EFAULT;
	error = want_get(thread, open, command, &lock, &want);
	if (error != 0)
		return -error;
	if (command == LX_F_GETLK || command == LX_F_OFD_GETLK) {
		result = do_test(thread, open, &want, &lock);
		return result != 0 ? result
				   : -copyout(thread->process->mm, va, &lock,
					 sizeof(lock));
	}
	if ((want.type == VK_LOCK_READ && !open_can_read(open)) ||
	    (want.type == VK_LOCK_WRITE && !open_can_write(open)))
		return -LX_EBADF;
	return do_set(thread, open, &want, is_wait(command));
}

/* A lock that the description has goes first, also when the new one cannot be
 * had. */
static int64_t
flock_change(struct vk_thread *thread, struct vk_open *open,
    struct vk_lock *want, bool wait)
{
	struct vk_lock none;

	if (!thread->wait.again && open->locks != NULL) {
		none = *want;
		none.type = VK_LOCK_NONE;
		do_set(thread, open, &none, false);
	}
	return want->type == VK_LOCK_NONE ? 0
					  : do_set(thread, open, want, wait);
}

int64_t
sys_flock(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_lock want = { .end = INT64_MAX, .whole = true, .pid = -1 };
	struct vk_lock_file *file;
	struct vk_open *open;

	switch ((unsigned)args[1] & ~LX_LOCK_NB) {
	case LX_LOCK_SH:
		want.type = VK_LOCK_READ;
		break;
	case LX_LOCK_EX:
		want.type = VK_LOCK_WRITE;
		break;
	case LX_LOCK_UN:
		want.type = VK_LOCK_NONE;
		break;
	default:
		return -LX_EINVAL;
	}
	open = fds_lookup(thread->process->fds, (int)args[0]);
	if (open == NULL)
		return -LX_EBADF;
	want.owner = open;
	if (want.type == VK_LOCK_NONE && open->locks != NULL) {
		flock_change(thread, open, &want, false);
		file = lock_file_find(open->locks, open);
		if (file != NULL) {
			lock_flock_settle(file);
			lock_file_drop(open->locks, file);
		}
		return 0;
	}
	return flock_change(thread, open, &want, (args[1] & LX_LOCK_NB) == 0);
}
