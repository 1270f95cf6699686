/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of POSIX message queues, in the order of ipc/mqueue.c. */
#include <stdlib.h>
#include <string.h>

#include "vkernel/clock.h"
#include "vkernel/mq.h"
#include "vkernel/signal.h"
#include "vkernel/socket.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define DEFAULT_COUNT 10
#define DEFAULT_SIZE  8192
#define HARD_COUNT    65536
#define HARD_SIZE     (16 << 20)
#define MOST_QUEUES   256
#define PRIORITIES    32768
#define MESSAGE_COST  96 /* what Linux counts for each beside its bytes */

#define RLIMIT_MSGQUEUE 12
#define LX_SI_MESGQ     (-3)

static int
name_in(struct vk_thread *thread, uint64_t va, char name[MQ_NAME_ROOM])
{
	char path[LX_PATH_MAX];
	int error;

	error = copyin_string(thread->process->mm, path, va, sizeof(path));
	if (error != 0)
		return error;
	if (path[0] == '\0')
		return LX_ENOENT;
	if (strchr(path, '/') != NULL || strcmp(path, ".") == 0 ||
	    strcmp(path, "..") == 0)
		return LX_EACCES;
	if (strlen(path) >= MQ_NAME_ROOM)
		return LX_ENAMETOOLONG;
	memcpy(name, path, strlen(path) + 1);
	return 0;
}

static struct vk_mq *
mq_lookup(const struct vk_kernel *kernel, const char *name)
{
	struct vk_mq *mq;

	for (mq = kernel->mqs; mq != NULL; mq = mq->next)
		if (strcmp(mq->name, name) == 0)
			return mq;
	return NULL;
}

static bool
in_group(const struct vk_cred *cred, uint32_t gid)
{
	int i;

	for (i = 0; i < cred->group_count; i++)
		if (cred->groups[i] == gid)
			return true;
	return cred->group.files == gid;
}

static int
may_open(const struct vk_mq *mq, const struct vk_cred *cred, int flags)
{
	static const uint32_t wanted[] = { 4, 2, 6 };
	uint32_t bits;

	if ((flags & LX_O_ACCMODE) == LX_O_ACCMODE)
		return LX_EINVAL;
	if (cred->user.files == 0)
		return 0;
	bits = mq->mode;
	if (cred->user.files == mq->uid)
		bits >>= 6;
	else if (in_group(cred, mq->gid))
		bits >>= 3;
	return (wanted[flags & LX_O_ACCMODE] & ~bits) == 0 ? 0 : LX_EACCES;
}

static uint64_t
cost(const struct vk_mq *mq)
{
	return (uint64_t)mq->max_count *
	       ((uint64_t)mq->max_size + MESSAGE_COST);
}

/* LX_EMFILE: the user's queues would be larger than is allowed. */
static int
may_make(const struct vk_thread *thread, const struct vk_mq *wanted)
{
	const struct vk_process *process;
	const struct vk_mq *mq;
	uint64_t sum, queues;

	process = thread->process;
	sum = cost(wanted);
	queues = 0;
	for (mq = process->kernel->mqs; mq != NULL; mq = mq->next) {
		queues++;
		if (mq->uid == wanted->uid)
			sum += cost(mq);
	}
	if (queues >= MOST_QUEUES && process->cred.user.effective != 0)
		return LX_ENOSPC;
	return sum > process->limits[RLIMIT_MSGQUEUE].rlim_cur ? LX_EMFILE : 0;
}

static bool
is_sensible(const struct lx_mq_attr *attr, bool privileged)
{
	return attr->max_count > 0 && attr->max_size > 0 &&
	       attr->max_count <= (privileged ? HARD_COUNT : DEFAULT_COUNT) &&
	       attr->max_size <= (privileged ? HARD_SIZE : DEFAULT_SIZE);
}

static int
mq_make(struct vk_thread *thread, const char *name, uint64_t mode,
    const struct lx_mq_attr *attr, struct vk_mq **out)
{
	struct vk_process *process;
	struct vk_mq *mq;
	int error;

	process = thread->process;
	if (!is_sensible(attr, process->cred.user.effective == 0))
		return LX_EINVAL;
	mq = calloc(1, sizeof(*mq));
	if (mq == NULL)
		return LX_ENOMEM;
	memcpy(mq->name, name, strlen(name) + 1);
	mq->mode = (uint32_t)mode & 07777 & ~(uint32_t)process->fs->umask;
	mq->uid = process->cred.user.files;
	mq->gid = process->cred.group.files;
	mq->max_count = attr->max_count;
	mq->max_size = attr->max_size;
	error = may_make(thread, mq);
	if (error != 0) {
		free(mq);
		return error;
	}
	mq->named = true;
	mq->next = process->kernel->mqs;
	process->kernel->mqs = mq;
	*out = mq;
	return 0;
}

static int
mq_find(struct vk_thread *thread, const char *name, const uint64_t *args,
    const struct lx_mq_attr *attr, struct vk_mq **out)
{
	const int flags = (int)args[1];

	*out = mq_lookup(thread->process->kernel, name);
	if (*out == NULL)
		return (flags & LX_O_CREAT) == 0
			   ? LX_ENOENT
			   : mq_make(thread, name, args[2], attr, out);
	if ((flags & LX_O_CREAT) != 0 && (flags & LX_O_EXCL) != 0)
		return LX_EEXIST;
	return may_open(*out, &thread->process->cred, flags);
}

int64_t
sys_mq_open(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_mq_attr attr = { .max_count = DEFAULT_COUNT,
		.max_size = DEFAULT_SIZE };
	char name[MQ_NAME_ROOM];
	struct vk_open *open;
	struct vk_mq *mq;
	int error;

	if (args[3] != 0 &&
	    copyin(thread->process->mm, &attr, args[3], sizeof(attr)) != 0)
		return -LX_EFAULT;
	error = name_in(thread, args[0], name);
	if (error == 0)
		error = mq_find(thread, name, args, &attr, &mq);
	if (error == 0)
		error = mq_open_create(
		    mq, (int)args[1] & (LX_O_ACCMODE | LX_O_NONBLOCK), &open);
	return error != 0 ? -error : open_install(thread, open, LX_O_CLOEXEC);
}

int64_t
sys_mq_unlink(struct vk_thread *thread, const uint64_t *args)
{
	const struct vk_cred *cred;
	char name[MQ_NAME_ROOM];
	struct vk_mq *mq;
	int error;

	error = name_in(thread, args[0], name);
	if (error != 0)
		return -error;
	mq = mq_lookup(thread->process->kernel, name);
	if (mq == NULL)
		return -LX_ENOENT;
	cred = &thread->process->cred;
	if (cred->user.files != 0 && cred->user.files != mq->uid)
		return -LX_EPERM;
	mq_unname(thread->process->kernel, mq);
	return 0;
}

/* The time that ends a wait; va 0: none. */
static int
deadline_in(struct vk_thread *thread, uint64_t va, uint64_t *ns)
{
	struct lx_timespec ts;

	if (va == 0)
		return 0;
	if (copyin(thread->process->mm, &ts, va, sizeof(ts)) != 0)
		return LX_EFAULT;
	return timespec_to_ns(&ts, ns);
}

static int64_t
mq_wait(struct vk_thread *thread, const struct vk_open *open,
    struct vk_queue *queue, bool timed, uint64_t ns)
{
	int error;

	if (open_is_nonblocking(open))
		return -LX_EAGAIN;
	wait_queue(thread, queue);
	if (timed)
		wait_until(thread,
		    clock_deadline(thread, LX_CLOCK_REALTIME, ns, true));
	error = wait_park(thread);
	return error == LX_EINTR ? -LX_ERESTART : -error;
}

/* A message came to an empty queue that nobody waits for. */
static void
notify(struct vk_thread *thread, struct vk_mq *mq)
{
	const struct mq_notice notice = mq->notice;
	struct vk_process *process;
	struct lx_siginfo info;

	mq->notice.pid = 0;
	process = mq_notice_process(thread->process->kernel, &notice);
	if (process == NULL || notice.signal == 0)
		return;
	memset(&info, 0, sizeof(info));
	info.si_signo = notice.signal;
	info.si_code = LX_SI_MESGQ;
	info.u.rt.pid = thread->process->pid;
	info.u.rt.uid = thread->process->cred.user.real;
	info.u.rt.value = notice.value;
	signal_send(process, &info);
}

static int
message_in(
    struct vk_thread *thread, const uint64_t *args, struct mq_message **out)
{
	struct mq_message *message;

	message = malloc(sizeof(*message) + (size_t)args[2]);
	if (message == NULL)
		return LX_ENOMEM;
	if (copyin(thread->process->mm, message->bytes, args[1],
		(size_t)args[2]) != 0) {
		free(message);
		return LX_EFAULT;
	}
	message->size = (uint32_t)args[2];
	message->priority = (uint32_t)args[3];
	*out = message;
	return 0;
}

int64_t
sys_mq_timedsend(struct vk_thread *thread, const uint64_t *args)
{
	struct mq_message *message;
	struct vk_open *open;
	struct vk_mq *mq;
	uint64_t ns;
	bool awaited;
	int error;

	ns = 0;
	error = deadline_in(thread, args[4], &ns);
	if (error != 0)
		return -error;
	if ((uint32_t)args[3] >= PRIORITIES)
		return -LX_EINVAL;
	open = fds_lookup(thread->process->fds, (int)args[0]);
	mq = mq_of(open);
	if (mq == NULL || !open_can_write(open))
		return -LX_EBADF;
	if (args[2] > (uint64_t)mq->max_size)
		return -LX_EMSGSIZE;
	error = message_in(thread, args, &message);
	if (error != 0)
		return -error;
	if (mq->count >= mq->max_count) {
		free(message);
		return mq_wait(thread, open, &mq->senders, args[4] != 0, ns);
	}
	awaited = !queue_is_empty(&mq->receivers);
	mq_put(mq, message);
	if (mq->count == 1 && !awaited && mq->notice.pid != 0)
		notify(thread, mq);
	return 0;
}

int64_t
sys_mq_timedreceive(struct vk_thread *thread, const uint64_t *args)
{
	struct mq_message *message;
	struct vk_open *open;
	struct vk_mq *mq;
	int64_t result;
	uint64_t ns;
	int error;

	ns = 0;
	error = deadline_in(thread, args[4], &ns);
	if (error != 0)
		return -error;
	open = fds_lookup(thread->process->fds, (int)args[0]);
	mq = mq_of(open);
	if (mq == NULL || !open_can_read(open))
		return -LX_EBADF;
	if (args[2] < (uint64_t)mq->max_size)
		return -LX_EMSGSIZE;
	if (mq->count == 0)
		return mq_wait(thread, open, &mq->receivers, args[4] != 0, ns);
	message = mq_take(mq);
	result = message->size;
	if ((args[3] != 0 && copyout(thread->process->mm, args[3],
				 &message->priority, 4) != 0) ||
	    copyout(thread->process->mm, args[1], message->bytes,
		message->size) != 0)
		result = -LX_EFAULT;
	free(message);
	return result;
}

/* Threads are told through a netlink socket, which does not exist. */
static int
event_check(const struct lx_sigevent *event)
{
	if (event->notify != LX_SIGEV_SIGNAL && event->notify != LX_SIGEV_NONE)
		return LX_EINVAL;
	return event->notify == LX_SIGEV_SIGNAL &&
		       (event->signal < 0 || event->signal > LX_NSIG)
		   ? LX_EINVAL
		   : 0;
}

int64_t
sys_mq_notify(struct vk_thread *thread, const uint64_t *args)
{
	struct vk_process *process;
	struct lx_sigevent event;
	struct vk_mq *mq;

	process = thread->process;
	if (args[1] != 0) {
		if (copyin(process->mm, &event, args[1], sizeof(event)) != 0)
			return -LX_EFAULT;
		if (event_check(&event) != 0)
			return -LX_EINVAL;
	}
	mq = mq_of(fds_lookup(process->fds, (int)args[0]));
	if (mq == NULL)
		return -LX_EBADF;
	if (args[1] == 0) {
		if (mq_notice_process(process->kernel, &mq->notice) == process)
			mq->notice.pid = 0;
		return 0;
	}
	if (mq_notice_process(process->kernel, &mq->notice) != NULL)
		return -LX_EBUSY;
	mq->notice.pid = process->pid;
	mq->notice.start_ns = process->start_ns;
	mq->notice.signal = event.notify == LX_SIGEV_SIGNAL ? event.signal : 0;
	mq->notice.value = event.value;
	return 0;
}

int64_t
sys_mq_getsetattr(struct vk_thread *thread, const uint64_t *args)
{
	struct lx_mq_attr attr, old;
	struct vk_open *open;
	const struct vk_mq *mq;

	memset(&attr, 0, sizeof(attr));
	if (args[1] != 0) {
		if (copyin(thread->process->mm, &attr, args[1], sizeof(attr)) !=
		    0)
			return -LX_EFAULT;
		if ((attr.flags & ~(int64_t)LX_O_NONBLOCK) != 0)
			return -LX_EINVAL;
	}
	open = fds_lookup(thread->process->fds, (int)args[0]);
	mq = mq_of(open);
	if (mq == NULL)
		return -LX_EBADF;
	memset(&old, 0, sizeof(old));
	old.flags = open_is_nonblocking(open) ? LX_O_NONBLOCK : 0;
	old.max_count = mq->max_count;
	old.max_size = mq->max_size;
	old.count = mq->count;
	if (args[1] != 0)
		open_set_flags(open,
		    (open_flags(open) & ~LX_O_NONBLOCK) | (int)attr.flags);
	return args[2] == 0
		   ? 0
		   : -copyout(thread->process->mm, args[2], &old, sizeof(old));
}
