/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/ticker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include <vmspace/vmspace.h>

#include "base/os.h"

struct vk_ticker {
	struct vms_lwp *lwp;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	_Atomic uint64_t deadline_ns; /* UINT64_MAX: none */
	atomic_bool ticked;
	bool started; /* the thread is made when it is first needed */
	bool closing;
};

/* The condition's clock is the real one, which may jump: then a slice is a
 * little longer or shorter. */
static void
ticker_sleep(struct vk_ticker *ticker, uint64_t ns)
{
	struct timespec until;

	clock_gettime(CLOCK_REALTIME, &until);
	ns += (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(ns / 1000000000);
	until.tv_nsec = (long)(ns % 1000000000);
	pthread_cond_timedwait(&ticker->changed, &ticker->lock, &until);
}

static void
ticker_tick(struct vk_ticker *ticker)
{
	atomic_store(&ticker->deadline_ns, UINT64_MAX);
	atomic_store(&ticker->ticked, true);
	vms_lwp_interrupt(ticker->lwp);
}

static void *
ticker_main(void *arg)
{
	struct vk_ticker *ticker;
	uint64_t deadline, now;

	ticker = arg;
	pthread_mutex_lock(&ticker->lock);
	while (!ticker->closing) {
		deadline = atomic_load(&ticker->deadline_ns);
		now = os_monotonic_ns();
		if (deadline == UINT64_MAX)
			pthread_cond_wait(&ticker->changed, &ticker->lock);
		else if (now < deadline)
			ticker_sleep(ticker, deadline - now);
		else
			ticker_tick(ticker);
	}
	pthread_mutex_unlock(&ticker->lock);
	return NULL;
}

/* Signals are for the thread that runs guests. */
static int
ticker_start(struct vk_ticker *ticker)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&ticker->thread, NULL, ticker_main, ticker);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

int
ticker_open(struct vms_lwp *lwp, struct vk_ticker **out)
{
	struct vk_ticker *ticker;

	ticker = calloc(1, sizeof(*ticker));
	if (ticker == NULL)
		return ENOMEM;
	ticker->lwp = lwp;
	atomic_init(&ticker->deadline_ns, UINT64_MAX);
	pthread_mutex_init(&ticker->lock, NULL);
	pthread_cond_init(&ticker->changed, NULL);
	*out = ticker;
	return 0;
}

void
ticker_close(struct vk_ticker *ticker)
{
	if (ticker == NULL)
		return;
	if (ticker->started) {
		pthread_mutex_lock(&ticker->lock);
		ticker->closing = true;
		pthread_cond_signal(&ticker->changed);
		pthread_mutex_unlock(&ticker->lock);
		pthread_join(ticker->thread, NULL);
	}
	pthread_cond_destroy(&ticker->changed);
	pthread_mutex_destroy(&ticker->lock);
	free(ticker);
}

void
ticker_arm(struct vk_ticker *ticker, uint64_t deadline_ns)
{
	if (atomic_load(&ticker->deadline_ns) <= deadline_ns)
		return;
	pthread_mutex_lock(&ticker->lock);
	atomic_store(&ticker->deadline_ns, deadline_ns);
	if (!ticker->started)
		ticker->started = ticker_start(ticker) == 0;
	else
		pthread_cond_signal(&ticker->changed);
	pthread_mutex_unlock(&ticker->lock);
}

bool
ticker_take(struct vk_ticker *ticker)
{
	if (!atomic_load_explicit(&ticker->ticked, memory_order_relaxed))
		return false;
	atomic_store(&ticker->ticked, false);
	return true;
}
