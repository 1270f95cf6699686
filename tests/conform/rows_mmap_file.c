/* SPDX-License-Identifier: BSD-2-Clause */
/* C123-C127, C135-C139: files and anonymous memory (vm_mmap.c). */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/conform/conform.h"
#include "tests/conform/guest.h"

static int
try(struct guest *g, int prot, int flags, int fd)
{
	uint64_t out;

	return F->mmap(g->id, 0, PAGE, prot, flags, fd, 0, &out);
}

static void
c123_bad_descriptors(void)
{
	struct guest g;
	int pipes[2], pair[2], dir = open(".", O_RDONLY);

	guest_open(&g, id_of(1));
	EXPECT(pipe(pipes) == 0);
	EXPECT(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);
	EXPECT_EQ(try(&g, RW, VMS_MAP_SHARED, -1), EBADF);
	EXPECT_EQ(try(&g, RW, VMS_MAP_PRIVATE, -1), EBADF);
	EXPECT_EQ(try(&g, RW, VMS_MAP_SHARED, 1000), EBADF);
	EXPECT_EQ(try(&g, VMS_PROT_READ, VMS_MAP_SHARED, pipes[0]), EINVAL);
	EXPECT_EQ(try(&g, RW, VMS_MAP_SHARED, pair[0]), EINVAL);
	EXPECT_EQ(try(&g, VMS_PROT_READ, VMS_MAP_SHARED, dir), EINVAL);
	EXPECT_EQ(try(&g, VMS_PROT_READ, VMS_MAP_PRIVATE, dir), EINVAL);
}

/* A temporary file, opened once more in another way; unlinked. */
static int
file_open_as(int mode, int *rw)
{
	char path[] = "/tmp/conform.XXXXXX";
	int fd;

	*rw = mkstemp(path);
	EXPECT(*rw >= 0);
	EXPECT(ftruncate(*rw, (off_t)PAGE) == 0);
	fd = open(path, mode);
	EXPECT(fd >= 0);
	unlink(path);
	return fd;
}

static void
c124_not_readable(void)
{
	struct guest g;
	int rw, wo = file_open_as(O_WRONLY, &rw);

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, VMS_PROT_READ, VMS_MAP_SHARED, wo), EACCES);
	EXPECT_EQ(try(&g, RW, VMS_MAP_SHARED, wo), EACCES);
	EXPECT_EQ(try(&g, VMS_PROT_READ, VMS_MAP_PRIVATE, wo), EACCES);
}

static void
c125_not_writable(void)
{
	struct guest g;
	int rw, ro = file_open_as(O_RDONLY, &rw);
	uint64_t va;

	guest_open(&g, id_of(1));
	EXPECT_EQ(try(&g, RW, VMS_MAP_SHARED, ro), EACCES);
	EXPECT_EQ(try(&g, VMS_PROT_WRITE, VMS_MAP_SHARED, ro), EACCES);
	va = map_at(&g, 0, PAGE, VMS_PROT_READ, VMS_MAP_SHARED, ro, 0);
	EXPECT_EQ(peek_ok(&g, va), 0);
	va = map_at(&g, 0, PAGE, RW, VMS_MAP_PRIVATE, ro, 0);
	EXPECT_EQ(poke(&g, va, 5), 0);
	EXPECT_EQ(peek_ok(&g, va), 5);
	/* The same file, first mapped through a read-only descriptor. */
	va = map_at(&g, 0, PAGE, RW, VMS_MAP_SHARED, rw, 0);
	EXPECT_EQ(peek_ok(&g, va), 0);
	EXPECT_EQ(poke(&g, va, 6), 0);
	EXPECT_EQ(pread(ro, &va, 8, 0), 8);
	EXPECT_EQ(va, 6);
}

static void
c126_neither(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	*frame_word(&g, 0) = 7;
	va = map_at(&g, 0, PAGE, RW, 0, g.fd, (int64_t)FRAME(0));
	EXPECT_EQ(peek_ok(&g, va), 7);
	EXPECT_EQ(poke(&g, va, 8), 0);
	EXPECT_EQ(peek_ok(&g, va), 8);
	EXPECT_EQ(*frame_word(&g, 0), 7);
}

static void
c127_both(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	va = map_at(&g, 0, PAGE, RW, VMS_MAP_SHARED | VMS_MAP_PRIVATE, g.fd,
	    (int64_t)FRAME(0));
	EXPECT_EQ(poke(&g, va, 8), 0);
	EXPECT_EQ(*frame_word(&g, 0), 8);
}

static void
c135_anonymous_is_zero(void)
{
	struct guest g;
	uint64_t va;

	guest_open(&g, id_of(1));
	/* Memory that was used and given back must come back clean. */
	for (int round = 0; round < 3; round++) {
		va = map_at(&g, 0, 16 * PAGE, RW,
		    VMS_MAP_ANON | VMS_MAP_PRIVATE, -1, 0);
		for (uint64_t off = 0; off < 16 * PAGE; off += PAGE / 2) {
			EXPECT_EQ(peek_ok(&g, va + off), 0);
			EXPECT_EQ(poke(&g, va + off, UINT64_MAX), 0);
		}
		EXPECT_EQ(F->munmap(g.id, va, 16 * PAGE), 0);
	}
}

/* 5.2: the zero device is anonymous memory. */
static void
c135_zero_device(void)
{
	struct guest g;
	int fd = open("/dev/zero", O_RDWR);
	uint64_t va;

	guest_open(&g, id_of(1));
	EXPECT(fd >= 0);
	va = map_at(&g, 0, PAGE, RW, VMS_MAP_PRIVATE, fd, 0);
	EXPECT_EQ(peek_ok(&g, va), 0);
	EXPECT_EQ(poke(&g, va, 1), 0);
	EXPECT_EQ(peek_ok(&g, va), 1);
}

static void
c136_coherent(void)
{
	struct guest a, b;
	uint64_t va, vb, word;

	guest_open(&a, id_of(1));
	guest_open_over(&b, id_of(2), &a);
	va = map_at(&a, 0, PAGE, RW, VMS_MAP_SHARED, a.fd, (int64_t)FRAME(0));
	vb = map_at(&b, HOLE, PAGE, RW, VMS_MAP_SHARED | VMS_MAP_FIXED, a.fd,
	    (int64_t)FRAME(0));
	for (uint64_t i = 1; i < 20; i += 4) {
		EXPECT_EQ(poke(&a, va, i), 0);
		EXPECT_EQ(peek_ok(&b, vb), i);
		EXPECT_EQ(*frame_word(&a, 0), i);
		EXPECT_EQ(poke(&b, vb, i + 1), 0);
		EXPECT_EQ(peek_ok(&a, va), i + 1);
		*frame_word(&a, 0) = i + 2;
		EXPECT_EQ(peek_ok(&a, va), i + 2);
		EXPECT_EQ(peek_ok(&b, vb), i + 2);
		word = i + 3;
		EXPECT_EQ(pwrite(a.fd, &word, 8, (off_t)FRAME(0)), 8);
		EXPECT_EQ(peek_ok(&a, va), i + 3);
		EXPECT_EQ(pread(a.fd, &word, 8, (off_t)FRAME(0)), 8);
		EXPECT_EQ(word, i + 3);
	}
}

static void
c137_closed_descriptor(void)
{
	struct guest g;
	uint64_t va;
	int fd;

	guest_open(&g, id_of(1));
	fd = dup(g.fd);
	va = map_at(&g, 0, 4 * PAGE, RW, VMS_MAP_SHARED, fd, (int64_t)FRAME(0));
	EXPECT_EQ(poke(&g, va, 1), 0);
	close(fd);
	EXPECT_EQ(poke(&g, va, 2), 0);
	EXPECT_EQ(poke(&g, va + PAGE, 3), 0);
	EXPECT_EQ(*frame_word(&g, 1), 3);
	/* The number may name something else by then. */
	EXPECT_EQ(open("/dev/null", O_RDONLY), fd);
	EXPECT_EQ(poke(&g, va + 2 * PAGE, 4), 0);
	EXPECT_EQ(*frame_word(&g, 2), 4);
}

/* Bytes of address space that this process uses; 0: not to be told. */
static uint64_t
address_space(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void
c139_address_space_limit(void)
{
	struct guest g;
	struct rlimit limit;
	uint64_t used, va, len = UINT64_C(1) << 40;

	guest_open(&g, id_of(1));
	EXPECT_EQ(poke(&g, DATA, 1), 0);
	used = address_space();
	if (used == 0)
		note("the host does not tell its address space: no limit set");
	else {
		limit.rlim_cur = limit.rlim_max = used + (32 << 20);
		EXPECT(setrlimit(RLIMIT_AS, &limit) == 0);
		EXPECT(mmap(NULL, 256 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANON,
			   -1, 0) == MAP_FAILED);
	}
	va = map_at(&g, 0, len, RW, VMS_MAP_ANON | VMS_MAP_PRIVATE, -1, 0);
	for (uint64_t off = 0; off < len; off += len / 64)
		EXPECT_EQ(poke(&g, va + off, off), 0);
	for (uint64_t off = 0; off < len; off += len / 64)
		EXPECT_EQ(peek_ok(&g, va + off), off);
}

static const struct row rows[] = {
	{ "C123", "descriptors that cannot be mapped", c123_bad_descriptors,
	    0 },
	{ "C124", "not open for reading: EACCES", c124_not_readable, 0 },
	{ "C125", "shared write without write access: EACCES",
	    c125_not_writable, 0 },
	{ "C126", "neither SHARED nor PRIVATE is private", c126_neither, 0 },
	{ "C127", "SHARED|PRIVATE is shared", c127_both, 0 },
	{ "C135", "anonymous memory reads zero", c135_anonymous_is_zero, 0 },
	{ "C135", "the zero device is anonymous memory", c135_zero_device, 0 },
	{ "C136", "shared mappings are coherent", c136_coherent, 0 },
	{ "C137", "the descriptor may be closed", c137_closed_descriptor, 0 },
	{ "C139", "the process's limits do not matter",
	    c139_address_space_limit, 0 },
};
ROW_GROUP(mmap_file, rows);
