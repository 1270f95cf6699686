/* SPDX-License-Identifier: BSD-2-Clause */
/* What POSIX offers on every host. */
#include "base/os.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/assert.h"

#ifndef MAP_NORESERVE
#define MAP_NORESERVE 0
#endif

uint64_t
os_page_bytes(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

static int
map_anonymous(void *addr, uint64_t len, int flags, void **out)
{
	void *got;

	if (len > SIZE_MAX)
		return ENOMEM;
	got = mmap(addr, (size_t)len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANON | MAP_NORESERVE | flags, -1, 0);
	if (got == MAP_FAILED)
		return errno;
	*out = got;
	return 0;
}

/*
 * Hosts put one mapping below the other.  A reservation of many GiB would lie
 * between the libraries and what is mapped after it, and code that the engine
 * makes there can reach the engine's own by long calls only, which cost 4 % of
 * a guest's time.  So it is asked for where hosts have nothing; what it is
 * given elsewhere, because that place is taken or does not exist, is as good
 * but for that.
 */
#define RESERVE_AT    UINT64_C(0x200000000000)
#define RESERVE_EACH  UINT64_C(0x10000000000)
#define RESERVE_SLOTS 16

int
os_reserve(uint64_t len, void **out)
{
	static atomic_uint count;
	uint64_t slot = atomic_fetch_add(&count, 1) % RESERVE_SLOTS;
	uint64_t at = RESERVE_AT + slot * RESERVE_EACH;

	if (at > UINTPTR_MAX)
		at = 0;
	return map_anonymous((void *)(uintptr_t)at, len, 0, out);
}

void
os_release(void *addr, uint64_t len)
{
	int error = munmap(addr, (size_t)len);

	VMS_ASSERT("os-release", error == 0);
}

int
os_remap_zero(void *addr, uint64_t len)
{
	int saved = errno;
	int error = map_anonymous(addr, len, MAP_FIXED, &addr);

	errno = saved;
	return error;
}

uintptr_t
os_thread_id(void)
{
	return (uintptr_t)pthread_self();
}

uint64_t
os_monotonic_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* A fork happens to the whole process, so the counter is the process's too. */
static atomic_int fork_generation;
static pthread_once_t fork_once = PTHREAD_ONCE_INIT;

static void
fork_child(void)
{
	atomic_fetch_add(&fork_generation, 1);
}

static void
fork_watch(void)
{
	int error = pthread_atfork(NULL, NULL, fork_child);

	VMS_ASSERT("os-atfork", error == 0);
}

int
os_fork_generation(void)
{
	pthread_once(&fork_once, fork_watch);
	return atomic_load(&fork_generation);
}
