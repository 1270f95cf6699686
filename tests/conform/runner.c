/* SPDX-License-Identifier: BSD-2-Clause */
/* Guests on threads of their own. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

struct runner {
	struct guest *g;
	pthread_t thread;
	int result;
	atomic_bool done;
};

static void
nothing(int sig)
{
	(void)sig;
}

static void *
runner_main(void *arg)
{
	struct runner *r = arg;

	F->thread_begin();
	r->result = F->ctl(r->g->id, VMS_CTL_RUN, &r->g->tf, &r->g->vf);
	F->thread_end();
	atomic_store(&r->done, true);
	return NULL;
}

struct runner *
runner_start(struct guest *g)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->g = g;
	F->on_signal(SIGUSR2, nothing, false);
	EXPECT(pthread_create(&r->thread, NULL, runner_main, r) == 0);
	return r;
}

static void
nap(void)
{
	struct timespec ms = { 0, 1000000 };

	nanosleep(&ms, NULL);
}

int
runner_kick(struct runner *r)
{
	/* Again and again: one that comes before ctl is only a handler call. */
	while (!atomic_load(&r->done)) {
		pthread_kill(r->thread, SIGUSR2);
		nap();
	}
	return runner_join(r);
}

int
runner_join(struct runner *r)
{
	int result;

	EXPECT(pthread_join(r->thread, NULL) == 0);
	result = r->result;
	free(r);
	return result;
}

bool
runner_done(const struct runner *r)
{
	return atomic_load(&r->done);
}

/* Each nap is at least a millisecond: about a minute. */
enum { PATIENCE = 50000 };

bool
runner_progress(
    struct runner *r, struct guest *g, uint64_t file_off, uint64_t n)
{
	uint64_t start = word_load(g, file_off);

	for (int i = 0; i < PATIENCE; i++) {
		if (word_load(g, file_off) - start >= n)
			return true;
		if (runner_done(r))
			return false;
		nap();
	}
	return false;
}

bool
wait_word(struct guest *g, uint64_t file_off, uint64_t at_least)
{
	for (int i = 0; i < PATIENCE; i++) {
		if (word_load(g, file_off) >= at_least)
			return true;
		nap();
	}
	return false;
}
