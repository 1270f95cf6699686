/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/work.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/os_guest.h"
#include "vkernel/kernel.h"

struct vk_work {
	pthread_t host;
	struct vk_task task; /* as it was given; nobody writes to it */
	struct vk_task result;
	int error;
	atomic_bool done;
	int fds[2]; /* readable when it is done */
};

static void *
work_main(void *arg)
{
	struct vk_work *work;

	work = arg;
	work->error = work->result.run(&work->result);
	atomic_store(&work->done, true);
	if (write(work->fds[1], "", 1) < 0)
		work->error = EIO; /* cannot be: the pipe is empty */
	return NULL;
}

/* This host process has no children: nobody else sends it. */
#define WORK_SIGNAL SIGCHLD

/* Other signals are the other thread's business. */
static int
work_begin(struct vk_work *work)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	sigdelset(&all, WORK_SIGNAL);
	pthread_sigmask(SIG_BLOCK, &all, &old);
	error = pthread_create(&work->host, NULL, work_main, work);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

static struct vk_work *
work_create(const struct vk_task *task)
{
	struct vk_work *work;

	work = calloc(1, sizeof(*work));
	if (work == NULL)
		return NULL;
	work->task = work->result = *task;
	if (os_pipe(work->fds, 0) != 0) {
		free(work);
		return NULL;
	}
	if (work_begin(work) == 0)
		return work;
	close(work->fds[0]);
	close(work->fds[1]);
	free(work);
	return NULL;
}

static void
work_join(struct vk_work *work)
{
	pthread_join(work->host, NULL);
	close(work->fds[0]);
	close(work->fds[1]);
}

static void
work_signal(int signal)
{
	(void)signal;
}

/* A signal that comes before the call does not end it: so again. */
static void
work_interrupt(struct vk_work *work)
{
	const struct timespec pause = { 0, 200000 };
	struct sigaction action, old;

	sigemptyset(&action.sa_mask);
	action.sa_flags = 0;
	action.sa_handler = work_signal;
	sigaction(WORK_SIGNAL, &action, &old);
	while (!atomic_load(&work->done)) {
		pthread_kill(work->host, WORK_SIGNAL);
		nanosleep(&pause, NULL);
	}
	work_join(work);
	sigaction(WORK_SIGNAL, &old, NULL);
}

void
work_cancel(struct vk_work *work)
{
	if (work == NULL)
		return;
	work_interrupt(work);
	if (work->error == 0 && work->task.undo != NULL)
		work->task.undo(&work->result);
	if (work->task.abandoned != NULL)
		work->task.abandoned(&work->result);
	free(work);
}

const struct vk_task *
work_task(const struct vk_thread *thread)
{
	return &thread->wait.work->task;
}

bool
work_is_going_on(const struct vk_thread *thread)
{
	return thread->wait.work != NULL;
}

void
work_finish(struct vk_thread *thread, struct vk_task *task, int *error)
{
	struct vk_work *work;

	work = thread->wait.work;
	thread->wait.work = NULL;
	work_join(work);
	*error = work->error;
	*task = work->result;
	free(work);
}

int
work_wait(struct vk_thread *thread, struct vk_task *task, int *error)
{
	struct vk_work *work;

	if (thread->wait.work == NULL)
		thread->wait.work = work_create(task);
	work = thread->wait.work;
	if (work == NULL)
		return LX_ENOMEM;
	if (!atomic_load(&work->done)) {
		wait_fd(thread, work->fds[0], POLLIN);
		return wait_park(thread);
	}
	work_finish(thread, task, error);
	return 0;
}
