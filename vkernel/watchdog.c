/* SPDX-License-Identifier: BSD-2-Clause */
#include "vkernel/watchdog.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <vmspace/vmspace.h>

#include "base/os.h"
#include "vkernel/clock.h"
#include "vkernel/kernel.h"

#define FIRST_NS UINT64_C(2000000000) /* of the line */
#define NEXT_NS  UINT64_C(500000000)
#define ERASE    "\r\033[K"

struct vk_watchdog {
	struct vms_lwp *lwp;
	FILE *out;                 /* of the line; NULL: none */
	uint64_t start_ns, end_ns; /* end: UINT64_MAX for no limit */
	uint64_t line_ns;          /* when the line is due */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	atomic_bool barks;
	_Atomic uint64_t insns, syscalls, guest_ns;
	atomic_uint processes;
	bool closing, shown;
};

/* The condition's clock may jump: then all is a little earlier or later. */
static void
sleep_until(struct vk_watchdog *dog, uint64_t until_ns)
{
	struct timespec until;
	uint64_t now, ns;

	if (until_ns == UINT64_MAX) {
		pthread_cond_wait(&dog->changed, &dog->lock);
		return;
	}
	now = os_monotonic_ns();
	if (until_ns <= now)
		return;
	clock_gettime(CLOCK_REALTIME, &until);
	ns = until_ns - now + (uint64_t)until.tv_nsec;
	until.tv_sec += (time_t)(ns / NS_PER_SEC);
	until.tv_nsec = (long)(ns % NS_PER_SEC);
	pthread_cond_timedwait(&dog->changed, &dog->lock, &until);
}

static void
line_show(struct vk_watchdog *dog, uint64_t now)
{
	uint64_t guest_ns, insns;
	unsigned processes;

	insns = atomic_load_explicit(&dog->insns, memory_order_relaxed);
	guest_ns = atomic_load_explicit(&dog->guest_ns, memory_order_relaxed);
	fprintf(dog->out, ERASE "vmspace: %" PRIu64 " s",
	    (now - dog->start_ns) / NS_PER_SEC);
	if (guest_ns != 0)
		fprintf(dog->out, ", the guest's time %.3f s",
		    (double)guest_ns / 1e9);
	if (insns != 0)
		fprintf(dog->out, ", %" PRIu64 " million instructions",
		    insns / 1000000);
	processes = atomic_load_explicit(&dog->processes, memory_order_relaxed);
	fprintf(dog->out, ", %" PRIu64 " system calls, %u process%s",
	    (uint64_t)atomic_load_explicit(
		&dog->syscalls, memory_order_relaxed),
	    processes, processes == 1 ? "" : "es");
	fflush(dog->out);
	dog->shown = true;
	dog->line_ns = now + NEXT_NS;
}

static void
bark(struct vk_watchdog *dog)
{
	dog->end_ns = UINT64_MAX;
	dog->line_ns = UINT64_MAX;
	atomic_store(&dog->barks, true);
	vms_lwp_interrupt(dog->lwp);
}

static void *
watchdog_main(void *arg)
{
	struct vk_watchdog *dog;
	uint64_t now;

	dog = arg;
	pthread_mutex_lock(&dog->lock);
	while (!dog->closing) {
		now = os_monotonic_ns();
		if (now >= dog->end_ns)
			bark(dog);
		else if (now >= dog->line_ns)
			line_show(dog, now);
		else
			sleep_until(dog, dog->end_ns < dog->line_ns
					     ? dog->end_ns
					     : dog->line_ns);
	}
	pthread_mutex_unlock(&dog->lock);
	return NULL;
}

/* Signals are for the thread that runs guests. */
static int
watchdog_start(struct vk_watchdog *dog)
{
	sigset_t all, old;
	int error;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&dog->thread, NULL, watchdog_main, dog);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return error;
}

static void
watchdog_free(struct vk_watchdog *dog)
{
	pthread_cond_destroy(&dog->changed);
	pthread_mutex_destroy(&dog->lock);
	free(dog);
}

int
watchdog_open(struct vk_kernel *kernel)
{
	const struct vk_options *options;
	struct vk_watchdog *dog;
	int error;

	options = kernel->options;
	if (options->timeout_ns == 0 && options->progress == NULL)
		return 0;
	dog = calloc(1, sizeof(*dog));
	if (dog == NULL)
		return ENOMEM;
	dog->lwp = kernel->lwp;
	dog->out = options->progress;
	dog->start_ns = os_monotonic_ns();
	dog->end_ns = UINT64_MAX;
	if (options->timeout_ns != 0)
		dog->end_ns = dog->start_ns + options->timeout_ns;
	dog->line_ns = dog->out == NULL ? UINT64_MAX : dog->start_ns + FIRST_NS;
	pthread_mutex_init(&dog->lock, NULL);
	pthread_cond_init(&dog->changed, NULL);
	error = watchdog_start(dog);
	if (error != 0)
		watchdog_free(dog);
	else
		kernel->watchdog = dog;
	return error;
}

void
watchdog_close(struct vk_kernel *kernel)
{
	struct vk_watchdog *dog;

	dog = kernel->watchdog;
	if (dog == NULL)
		return;
	pthread_mutex_lock(&dog->lock);
	dog->closing = true;
	pthread_cond_signal(&dog->changed);
	pthread_mutex_unlock(&dog->lock);
	pthread_join(dog->thread, NULL);
	if (dog->shown) {
		fputs(ERASE, dog->out);
		fflush(dog->out);
	}
	watchdog_free(dog);
	kernel->watchdog = NULL;
}

bool
watchdog_barks(const struct vk_kernel *kernel)
{
	return kernel->watchdog != NULL &&
	       atomic_load_explicit(
		   &kernel->watchdog->barks, memory_order_relaxed);
}

uint64_t
watchdog_cap(const struct vk_kernel *kernel, uint64_t ns)
{
	uint64_t end, now;

	if (kernel->watchdog == NULL || kernel->options->timeout_ns == 0)
		return ns;
	now = os_monotonic_ns();
	end = kernel->watchdog->start_ns + kernel->options->timeout_ns;
	/* The thread is a little later than the wait: look again. */
	end = end > now ? end - now : NS_PER_SEC / 1000;
	return end < ns ? end : ns;
}

void
watchdog_note(struct vk_kernel *kernel)
{
	struct vk_watchdog *dog;

	dog = kernel->watchdog;
	if (dog == NULL || dog->out == NULL)
		return;
	atomic_store_explicit(
	    &dog->syscalls, kernel->result->syscalls, memory_order_relaxed);
	atomic_store_explicit(
	    &dog->insns, vms_lwp_retired(kernel->lwp), memory_order_relaxed);
	atomic_store_explicit(
	    &dog->processes, kernel->process_count, memory_order_relaxed);
	if (clock_is_virtual(kernel))
		atomic_store_explicit(
		    &dog->guest_ns, clock_now(kernel), memory_order_relaxed);
}
