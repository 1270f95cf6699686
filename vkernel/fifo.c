/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/fifo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "base/os_io.h"
#include "vkernel/errno_map.h"
#include "vkernel/syscall.h"
#include "vkernel/work.h"

struct ends {
	struct vk_fifo *fifo;
	struct vk_kernel *kernel;
};

bool
fifo_may_wait(int dir, const char *name, int flags)
{
	struct stat st;

	if ((flags & LX_O_PATH) != 0 ||
	    (flags & (LX_O_CREAT | LX_O_EXCL)) == (LX_O_CREAT | LX_O_EXCL))
		return false;
	return fstatat(dir, name, &st,
		   (flags & LX_O_NOFOLLOW) != 0 ? AT_SYMLINK_NOFOLLOW : 0) ==
		   0 &&
	       S_ISFIFO(st.st_mode);
}

static struct vk_fifo *
fifo_find(struct vk_kernel *kernel, const struct stat *st)
{
	struct vk_fifo *fifo;

	for (fifo = kernel->fifos; fifo != NULL; fifo = fifo->next)
		if (fifo->dev == (uint64_t)st->st_dev &&
		    fifo->ino == (uint64_t)st->st_ino)
			return fifo;
	fifo = calloc(1, sizeof(*fifo));
	if (fifo == NULL)
		return NULL;
	fifo->dev = (uint64_t)st->st_dev;
	fifo->ino = (uint64_t)st->st_ino;
	fifo->both = -1;
	fifo->next = kernel->fifos;
	kernel->fifos = fifo;
	return fifo;
}

static bool
reads(int flags)
{
	return (flags & LX_O_ACCMODE) != LX_O_WRONLY;
}

static bool
writes(int flags)
{
	return (flags & LX_O_ACCMODE) != 0;
}

static void
fifo_join(struct vk_fifo *fifo, int flags)
{
	fifo->readers += reads(flags);
	fifo->writers += writes(flags);
	fifo->read_opens += reads(flags);
	fifo->write_opens += writes(flags);
	queue_wake(&fifo->queue);
}

static void
fifo_leave(struct vk_kernel *kernel, struct vk_fifo *fifo, int flags)
{
	struct vk_fifo **at;

	fifo->readers -= reads(flags);
	fifo->writers -= writes(flags);
	if (fifo->readers != 0 || fifo->writers != 0)
		return;
	for (at = &kernel->fifos; *at != fifo; at = &(*at)->next)
		continue;
	*at = fifo->next;
	queue_wake(&fifo->queue);
	free(fifo);
}

static void
file_close(struct vk_open *open)
{
	struct ends *ends;

	ends = open->data;
	fifo_leave(ends->kernel, ends->fifo, open->flags);
	free(ends);
}

static const struct vk_file_ops fifo_ops = {
	.name = "fifo",
	.close = file_close,
};

/* fd and what flags count for are the file's from now on. */
static int64_t
fifo_wrap(struct vk_kernel *kernel, struct vk_fifo *fifo, int fd, int flags,
    struct vk_open **out)
{
	const int kept = LX_O_ACCMODE | LX_O_NONBLOCK | LX_O_APPEND;
	struct ends *ends;
	int error;

	ends = malloc(sizeof(*ends));
	error = LX_ENOMEM;
	if (ends != NULL)
		error = open_create(fd, out);
	else
		close(fd);
	if (error != 0) {
		free(ends);
		fifo_leave(kernel, fifo, flags);
		return -error;
	}
	*ends = (struct ends){ fifo, kernel };
	(*out)->ops = &fifo_ops;
	(*out)->data = ends;
	(*out)->flags = (flags & kept) | LX_O_LARGEFILE;
	return 0;
}

/* Those who wait for an end that came need it until they have theirs. */
static void
fifo_hold(struct vk_fifo *fifo, int fd)
{
	if (fifo->waiting != 0 && fifo->both < 0)
		fifo->both = os_reopen_stream(fd, O_RDWR);
}

/* Once the last of those who met has opened its end, the other ends are all
 * that keeps the FIFO open. */
static void
fifo_waited(struct vk_fifo *fifo)
{
	fifo->waiting--;
	if (fifo->waiting != 0 || fifo->both < 0)
		return;
	close(fifo->both);
	fifo->both = -1;
}

/* By another host thread: until a host process has the other end. */
static int
task_open(struct vk_task *task)
{
	task->out = os_reopen_wait(task->fd, task->number[0]);
	return task->out < 0 ? errno : 0;
}

static void
task_undo(struct vk_task *task)
{
	close(task->out);
}

static void
task_abandoned(struct vk_task *task)
{
	close(task->fd);
	fifo_waited(task->holds[1]);
	fifo_leave(task->holds[0], task->holds[1], task->number[1]);
}

static void
task_init(struct vk_task *task, struct vk_kernel *kernel, struct vk_fifo *fifo,
    int fd, int flags)
{
	memset(task, 0, sizeof(*task));
	task->run = task_open;
	task->undo = task_undo;
	task->abandoned = task_abandoned;
	task->holds[0] = kernel;
	task->holds[1] = fifo;
	task->fd = fd;
	task->number[0] = reads(flags) ? O_RDONLY : O_WRONLY;
	task->number[1] = flags;
}

/* A guest has come to the other end. */
static bool
guest_came(
    const struct vk_thread *thread, const struct vk_fifo *fifo, int flags)
{
	uint64_t opens;

	opens = reads(flags) ? fifo->write_opens : fifo->read_opens;
	return opens != thread->wait.state[0] ||
	       (reads(flags) ? fifo->writers : fifo->readers) != 0;
}

static int64_t
fifo_met(struct vk_thread *thread, const struct vk_task *task, int host,
    struct vk_open **out)
{
	struct vk_kernel *kernel;

	kernel = thread->process->kernel;
	close(task->fd);
	fifo_waited(task->holds[1]);
	if (host == 0)
		return fifo_wrap(
		    kernel, task->holds[1], task->out, task->number[1], out);
	fifo_leave(kernel, task->holds[1], task->number[1]);
	return -errno_to_linux(host);
}

/* fd is what the file was found by: the reading end itself, or a name. */
static int64_t
fifo_meet(struct vk_thread *thread, struct vk_task *task, struct vk_open **out)
{
	struct vk_fifo *fifo;
	int error, flags, host;

	fifo = task->holds[1];
	flags = task->number[1];
	host = 0;
	if (work_is_going_on(thread) && guest_came(thread, fifo, flags)) {
		/* With both ends there, the work is done at once. */
		fifo_hold(fifo, task->fd);
		work_finish(thread, task, &host);
		return fifo_met(thread, task, host, out);
	}
	wait_queue(thread, &fifo->queue);
	error = work_wait(thread, task, &host);
	if (error == LX_ENOMEM && !work_is_going_on(thread))
		task_abandoned(task);
	if (error != 0)
		return error == LX_EINTR ? -LX_ERESTART : -error;
	return fifo_met(thread, task, host, out);
}

static int64_t
fifo_first(struct vk_thread *thread, int dir, const char *name, int flags,
    struct vk_open **out)
{
	struct vk_kernel *kernel;
	struct vk_fifo *fifo;
	struct vk_task task;
	struct stat st;
	int error, fd;

	kernel = thread->process->kernel;
	fd = openat(dir, name,
	    (os_open_flags(flags) & ~(O_CREAT | O_TRUNC)) | O_NONBLOCK |
		O_CLOEXEC);
	error = fd < 0 ? errno : 0;
	if (fd < 0 && (error != ENXIO || (flags & LX_O_NONBLOCK) != 0))
		return -errno_to_linux(error);
	if (fd < 0)
		fd = os_open_node(dir, name, (flags & LX_O_NOFOLLOW) == 0);
	if (fd < 0 || fstat(fd, &st) != 0)
		return host_error();
	if (!S_ISFIFO(st.st_mode)) { /* it was one a moment ago */
		close(fd);
		return -LX_ELOOP;
	}
	fifo = fifo_find(kernel, &st);
	if (fifo == NULL) {
		close(fd);
		return -LX_ENOMEM;
	}
	fifo_join(fifo, flags);
	if ((reads(flags) && fifo->writers != 0) ||
	    (writes(flags) && fifo->readers != 0))
		fifo_hold(fifo, fd);
	if ((flags & LX_O_NONBLOCK) != 0 || (reads(flags) && writes(flags)) ||
	    (writes(flags) && error != ENXIO) ||
	    (reads(flags) && fifo->writers != 0))
		return fifo_wrap(kernel, fifo, fd, flags, out);
	thread->wait.state[0] =
	    reads(flags) ? fifo->write_opens : fifo->read_opens;
	task_init(&task, kernel, fifo, fd, flags);
	fifo->waiting++;
	return fifo_meet(thread, &task, out);
}

int64_t
fifo_open(struct vk_thread *thread, int dir, const char *name, int flags,
    struct vk_open **out)
{
	struct vk_task task;

	if (!work_is_going_on(thread))
		return fifo_first(thread, dir, name, flags, out);
	task = *work_task(thread);
	return fifo_meet(thread, &task, out);
}
