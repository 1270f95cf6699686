/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stopping a run from anywhere.
 *
 * The request is the flag cu->stop.  A counting engine sees it before the
 * next block, because the fence is down (count).  A plain engine has to be told
 * with uc_emu_stop(), which is lost when it comes just before the engine
 * starts; so a helper thread, asleep on a pipe otherwise, repeats it until the
 * run has ended or has seen the flag.
 *
 * uc_emu_stop() is never called while a counting engine runs: where such a
 * stop had left the engine could not be told from the count.
 */
#include "emu/cpu_unicorn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#define REPEAT_NS 20000

static bool
must_tell(struct cpu_unicorn *cu)
{
	return atomic_load(&cu->stop) && atomic_load(&cu->running) &&
	       atomic_load(&cu->plain);
}

static void *
helper_main(void *arg)
{
	const struct timespec pause = { 0, REPEAT_NS };
	struct cpu_unicorn *cu = arg;
	unsigned long poked;
	char byte;

	for (;;) {
		if (read(cu->pipe[0], &byte, 1) < 0 && errno != EINTR)
			return NULL;
		if (atomic_load(&cu->quit))
			return NULL;
		poked = atomic_load(&cu->poked);
		while (must_tell(cu)) {
			uc_emu_stop(cu->uc);
			nanosleep(&pause, NULL);
		}
		atomic_store(&cu->poke_seen, poked);
	}
}

static void
helper_poke(struct cpu_unicorn *cu)
{
	int saved = errno;
	ssize_t written;

	/* A full pipe wakes the helper just as well. */
	written = write(cu->pipe[1], "", 1);
	(void)written;
	errno = saved;
}

static int
pipe_open(int *fds)
{
	if (pipe(fds) != 0)
		return errno;
	for (int i = 0; i < 2; i++)
		if (fcntl(fds[i], F_SETFD, FD_CLOEXEC) != 0)
			return errno;
	return fcntl(fds[1], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

/* The helper takes no signals, so that handlers run on the caller's own. */
int
unicorn_stop_init(struct cpu_unicorn *cu)
{
	sigset_t all, old;
	int error;

	atomic_store(&cu->plain, cu->precise);
	if ((error = pipe_open(cu->pipe)) != 0)
		return error;
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&cu->helper, NULL, helper_main, cu);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	cu->helper_up = error == 0;
	return error;
}

void
unicorn_stop_finish(struct cpu_unicorn *cu)
{
	if (cu->helper_up) {
		atomic_store(&cu->quit, true);
		helper_poke(cu);
		pthread_join(cu->helper, NULL);
	}
	for (int i = 0; i < 2; i++)
		if (cu->pipe[i] >= 0)
			close(cu->pipe[i]);
}

/* The flag first, then the look at running and the fence; unicorn_run_begin()
 * and fence_raise() have them the other way round, so that one of the two sees
 * the other. */
void
unicorn_stop(struct cpu *cpu)
{
	struct cpu_unicorn *cu = cpu_unicorn(cpu);

	atomic_fetch_add(&cu->stoppers, 1);
	atomic_store(&cu->stop, true);
	atomic_store(&cu->fence, 0);
	if (must_tell(cu)) {
		uc_emu_stop(cu->uc);
		atomic_fetch_add(&cu->poked, 1);
		helper_poke(cu);
	}
	atomic_fetch_sub(&cu->stoppers, 1);
}

void
unicorn_run_begin(struct cpu_unicorn *cu)
{
	atomic_store(&cu->running, true);
}

void
unicorn_run_end(struct cpu_unicorn *cu)
{
	atomic_store_explicit(&cu->running, false, memory_order_release);
}

bool
unicorn_stop_taken(struct cpu_unicorn *cu)
{
	return atomic_load(&cu->stop) && atomic_exchange(&cu->stop, false);
}

/* Nobody tells the engine any more: cu->plain is false for new stoppers. */
void
unicorn_stop_drain(struct cpu_unicorn *cu)
{
	while (atomic_load(&cu->stoppers) != 0 ||
	       atomic_load(&cu->poked) != atomic_load(&cu->poke_seen))
		sched_yield();
}
