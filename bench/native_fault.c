/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/native.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "bench/image.h"

#define PAGES 256
#define PAGE  ((size_t)4096)

struct native {
	volatile uint8_t *base;
	bool anonymous;
	int fd;
};

/* Huge pages would make one fault of 512. */
static void
small_pages(void *base, size_t bytes)
{
#ifdef MADV_NOHUGEPAGE
	madvise(base, bytes, MADV_NOHUGEPAGE);
#else
	(void)base;
	(void)bytes;
#endif
}

static void
touch(volatile uint8_t *base)
{
	for (size_t i = 0; i < PAGES; i++)
		base[i * PAGE] = 1;
}

static void
on_segv(int signo, siginfo_t *info, void *context)
{
	uintptr_t page = (uintptr_t)info->si_addr & ~(uintptr_t)(PAGE - 1);

	(void)signo;
	(void)context;
	if (mprotect((void *)page, PAGE, PROT_READ | PROT_WRITE) != 0)
		_exit(1);
}

static struct native *
native_new(int fd, int flags, struct figure *out)
{
	struct native *native = calloc(1, sizeof(*native));
	void *base =
	    mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (native == NULL || base == MAP_FAILED) {
		figure_fail(out, "mmap: %s", strerror(errno));
		free(native);
		return NULL;
	}
	small_pages(base, PAGES * PAGE);
	native->base = base;
	native->fd = fd;
	return native;
}

void *
native_segv_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct native *native = native_new(-1, MAP_PRIVATE | MAP_ANON, out);
	struct sigaction action;

	(void)self;
	(void)env;
	if (native == NULL)
		return NULL;
	touch(native->base);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = on_segv;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGSEGV, &action, NULL);
#ifdef __APPLE__
	sigaction(SIGBUS, &action, NULL);
#endif
	return native;
}

void
native_segv_sample(void *state, struct figure *out)
{
	struct native *native = state;
	uintptr_t base = (uintptr_t)native->base;
	double start;

	mprotect((void *)base, PAGES * PAGE, PROT_NONE);
	start = clock_ns();
	touch(native->base);
	out->value = (clock_ns() - start) / PAGES;
}

void *
native_minor_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct native *native;
	struct image image;

	(void)env;
	if (self->number == 1) {
		native = native_new(-1, MAP_PRIVATE | MAP_ANON, out);
	} else {
		if (!image_open(&image, PAGES * PAGE, out))
			return NULL;
		touch(image.base);
		native = native_new(image.fd, MAP_SHARED, out);
	}
	if (native != NULL)
		native->anonymous = self->number == 1;
	return native;
}

void
native_minor_sample(void *state, struct figure *out)
{
	struct native *native = state;
	uintptr_t base = (uintptr_t)native->base;
	int flags = native->anonymous ? MAP_PRIVATE | MAP_ANON : MAP_SHARED;
	double start;

	if (mmap((void *)base, PAGES * PAGE, PROT_READ | PROT_WRITE,
		flags | MAP_FIXED, native->fd, 0) == MAP_FAILED) {
		figure_fail(out, "mmap: %s", strerror(errno));
		return;
	}
	small_pages((void *)base, PAGES * PAGE);
	start = clock_ns();
	touch(native->base);
	out->value = (clock_ns() - start) / PAGES;
}
