/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Preloaded by the bench: how much of a program's time is spent inside
 * uc_emu_start().  At the end writes to the file BENCH_ENGINE_TIME the
 * nanoseconds since libraries were loaded, those inside, and the calls.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <unicorn/unicorn.h>

typedef uc_err start_fn(
    uc_engine *uc, uint64_t begin, uint64_t until, uint64_t us, size_t count);

static start_fn *real_start;
static double loaded, inside;
static unsigned long calls;

static double
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

__attribute__((constructor)) static void
engine_time_begin(void)
{
	void *symbol = dlsym(RTLD_NEXT, "uc_emu_start");

	memcpy(&real_start, &symbol, sizeof(real_start));
	unsetenv("LD_PRELOAD"); /* not for the guest */
	loaded = now();
}

__attribute__((destructor)) static void
engine_time_end(void)
{
	const char *path = getenv("BENCH_ENGINE_TIME");
	FILE *file = path == NULL || calls == 0 ? NULL : fopen(path, "w");

	if (file == NULL)
		return;
	fprintf(file, "%.0f %.0f %lu\n", now() - loaded, inside, calls);
	fclose(file);
}

/* In place of the engine's. */
uc_err
uc_emu_start(
    uc_engine *uc, uint64_t begin, uint64_t until, uint64_t us, size_t count)
{
	double start = now();
	uc_err error = real_start(uc, begin, until, us, count);

	inside += now() - start;
	calls++;
	return error;
}
