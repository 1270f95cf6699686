/* SPDX-License-Identifier: BSD-2-Clause */
/* mremap by a table of cases: which errno, where to, what is left behind. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef MREMAP_DONTUNMAP
#define MREMAP_DONTUNMAP 4
#endif

#define PAGE  4096L
#define BASE  0x200000000000L
#define ROOM  64L /* pages, all free but for what a case maps */
#define M     MREMAP_MAYMOVE
#define F     MREMAP_FIXED
#define D     MREMAP_DONTUNMAP
#define PRIV  (MAP_PRIVATE | MAP_ANONYMOUS)
#define SHAR  (MAP_SHARED | MAP_ANONYMOUS)
#define FILEP MAP_PRIVATE
#define FILES MAP_SHARED
#define HUGE  0x7ffffffff000L

/* Pages 8.. of the room are one mapping of so many pages and kind; another may
 * follow it.  All numbers are pages, *_bytes are added. */
static const struct {
	const char *name;
	long pages, kind;
	long next, next_at; /* a second mapping: pages, where */
	long at, at_bytes, old, new, new_bytes;
	int flags;
	long to, to_bytes;
} rows[] = {
	{ "same size", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, 0, 0, 0 },
	{ "smaller", 4, PRIV, 0, 0, 8, 0, 4, 2, 0, 0, 0, 0 },
	{ "smaller, odd", 4, PRIV, 0, 0, 8, 0, 4, 1, 1, 0, 0, 0 },
	{ "grows in place", 4, PRIV, 0, 0, 8, 0, 4, 6, 0, 0, 0, 0 },
	{ "grows in place, may move", 4, PRIV, 0, 0, 8, 0, 4, 6, 0, M, 0, 0 },
	{ "no room", 4, PRIV, 1, 12, 8, 0, 4, 6, 0, 0, 0, 0 },
	{ "no room, may move", 4, PRIV, 1, 13, 8, 0, 4, 6, 0, M, 0, 0 },
	{ "a part, no room", 4, PRIV, 0, 0, 8, 0, 2, 6, 0, 0, 0, 0 },
	{ "a part moves", 4, PRIV, 0, 0, 8, 0, 2, 6, 0, M, 0, 0 },
	{ "the end grows", 4, PRIV, 0, 0, 10, 0, 2, 6, 0, 0, 0, 0 },
	{ "unaligned", 4, PRIV, 0, 0, 8, 1, 4, 6, 0, M, 0, 0 },
	{ "to nothing", 4, PRIV, 0, 0, 8, 0, 4, 0, 0, M, 0, 0 },
	{ "to nothing, unmapped", 4, PRIV, 0, 0, 1, 0, 4, 0, 0, M, 0, 0 },
	{ "unmapped", 4, PRIV, 0, 0, 1, 0, 4, 6, 0, M, 0, 0 },
	{ "unmapped, same", 4, PRIV, 0, 0, 1, 0, 4, 4, 0, M, 0, 0 },
	{ "unmapped, smaller", 4, PRIV, 0, 0, 1, 0, 4, 2, 0, M, 0, 0 },
	{ "beyond the mapping", 4, PRIV, 0, 0, 8, 0, 9, 12, 0, M, 0, 0 },
	{ "beyond, smaller", 4, PRIV, 0, 0, 8, 0, 9, 2, 0, M, 0, 0 },
	{ "beyond, smaller, more than is", 4, PRIV, 0, 0, 8, 0, 9, 6, 0, M, 0,
	    0 },
	{ "unknown flag", 4, PRIV, 0, 0, 8, 0, 4, 6, 0, 8, 0, 0 },
	{ "fixed without may move", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, F, 32, 0 },
	{ "fixed", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F, 32, 0 },
	{ "fixed and grows", 4, PRIV, 0, 0, 8, 0, 4, 8, 0, M | F, 32, 0 },
	{ "fixed and shrinks", 4, PRIV, 0, 0, 8, 0, 4, 2, 0, M | F, 32, 0 },
	{ "fixed, a part", 4, PRIV, 0, 0, 9, 0, 2, 2, 0, M | F, 32, 0 },
	{ "fixed over another", 4, PRIV, 6, 30, 8, 0, 4, 4, 0, M | F, 32, 0 },
	{ "fixed, unaligned", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F, 32, 8 },
	{ "fixed, overlaps", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F, 10, 0 },
	{ "fixed, overlaps below", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F, 5, 0 },
	{ "fixed, new overlaps", 4, PRIV, 0, 0, 8, 0, 4, 8, 0, M | F, 4, 0 },
	{ "fixed, adjacent", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F, 12, 0 },
	{ "fixed to itself", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F, 8, 0 },
	{ "fixed beyond user space", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | F,
	    0x7fffffff0, 0 },
	{ "fixed, unmapped", 4, PRIV, 6, 30, 1, 0, 4, 4, 0, M | F, 32, 0 },
	{ "fixed, unmapped, grows", 4, PRIV, 6, 30, 1, 0, 4, 6, 0, M | F, 32,
	    0 },
	{ "fixed, to nothing", 4, PRIV, 0, 0, 8, 0, 4, 0, 0, M | F, 32, 0 },
	{ "fixed, beyond, grows", 4, PRIV, 0, 0, 8, 0, 9, 12, 0, M | F, 32, 0 },
	{ "fixed, beyond, shrinks", 4, PRIV, 0, 0, 8, 0, 9, 2, 0, M | F, 32,
	    0 },
	{ "old 0, private", 4, PRIV, 0, 0, 8, 0, 0, 4, 0, M, 0, 0 },
	{ "old 0, private, stays", 4, PRIV, 0, 0, 8, 0, 0, 4, 0, 0, 0, 0 },
	{ "old 0, private file", 4, FILEP, 0, 0, 8, 0, 0, 4, 0, M, 0, 0 },
	{ "old 0, shared", 4, SHAR, 0, 0, 8, 0, 0, 4, 0, M, 0, 0 },
	{ "old 0, shared, fixed", 4, SHAR, 0, 0, 8, 0, 0, 4, 0, M | F, 32, 0 },
	{ "old 0, shared, stays", 4, SHAR, 0, 0, 8, 0, 0, 4, 0, 0, 0, 0 },
	{ "old 0, shared file", 4, FILES, 0, 0, 8, 0, 0, 2, 0, M, 0, 0 },
	{ "old 0, shared file, its end", 4, FILES, 0, 0, 10, 0, 0, 2, 0, M, 0,
	    0 },
	{ "old 0, to nothing", 4, SHAR, 0, 0, 8, 0, 0, 0, 0, M, 0, 0 },
	{ "keep", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | D, 0, 0 },
	{ "keep, fixed", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | D | F, 32, 0 },
	{ "keep a part, fixed", 4, PRIV, 0, 0, 9, 0, 2, 2, 0, M | D | F, 32,
	    0 },
	{ "keep, may not move", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, D, 0, 0 },
	{ "keep, grows", 4, PRIV, 0, 0, 8, 0, 4, 6, 0, M | D, 0, 0 },
	{ "keep, shrinks", 4, PRIV, 0, 0, 8, 0, 4, 2, 0, M | D, 0, 0 },
	{ "keep, shared", 4, SHAR, 0, 0, 8, 0, 4, 4, 0, M | D | F, 32, 0 },
	{ "keep, private file", 4, FILEP, 0, 0, 8, 0, 4, 4, 0, M | D | F, 32,
	    0 },
	{ "keep, shared file", 4, FILES, 0, 0, 8, 0, 4, 4, 0, M | D | F, 32,
	    0 },
	{ "keep, overlaps", 4, PRIV, 0, 0, 8, 0, 4, 4, 0, M | D | F, 10, 0 },
	{ "keep, unmapped", 4, PRIV, 0, 0, 1, 0, 4, 4, 0, M | D | F, 32, 0 },
	{ "file grows", 4, FILES, 0, 0, 8, 0, 4, 6, 0, M, 0, 0 },
	{ "file moves", 4, FILEP, 0, 0, 8, 0, 4, 6, 0, M | F, 32, 0 },
	{ "huge", 4, PRIV, 0, 0, 8, 0, 4, HUGE / PAGE, 0, M, 0, 0 },
	{ "beyond user space", 4, PRIV, 0, 0, 8, 0, 4, HUGE / PAGE + 1, 0, M, 0,
	    0 },
	{ "wraps", 4, PRIV, 0, 0, 8, 0, 4, -1, 0, M, 0, 0 },
	{ "wraps to nothing", 4, PRIV, 0, 0, 8, 0, 4, -1, PAGE - 1, M, 0, 0 },
	{ "old wraps", 4, PRIV, 0, 0, 8, 0, -1, 6, 0, M, 0, 0 },
	{ "old is huge", 4, PRIV, 0, 0, 8, 0, HUGE / PAGE, 6, 0, M, 0, 0 },
	{ "old is huge, fixed", 4, PRIV, 0, 0, 8, 0, HUGE / PAGE, 6, 0, M | F,
	    32, 0 },
};

static int file = -1;

static const char *
errno_name(void)
{
	switch (errno) {
	case 0:
		return "0";
	case EINVAL:
		return "EINVAL";
	case ENOMEM:
		return "ENOMEM";
	case EFAULT:
		return "EFAULT";
	case EAGAIN:
		return "EAGAIN";
	case EPERM:
		return "EPERM";
	default:
		return strerror(errno);
	}
}

static char *
map(long page, long pages, long kind, char mark)
{
	int fd = kind & MAP_ANONYMOUS ? -1 : file;
	char *at = mmap((char *)BASE + page * PAGE, (size_t)(pages * PAGE),
	    PROT_READ | PROT_WRITE, (int)kind | MAP_FIXED, fd, 0);

	if (at == MAP_FAILED) {
		printf("cannot map: %s\n", strerror(errno));
		exit(1);
	}
	for (long i = 0; i < pages && i < 4; i++)
		at[i * PAGE] = (char)(mark + i);
	return at;
}

/* '.': not mapped, '0': zero, else the byte. */
static char
look(const char *page)
{
	char c = '?';
	int fds[2];

	if (pipe(fds) != 0)
		exit(1);
	if (write(fds[1], page, 1) != 1)
		c = '.';
	else if (read(fds[0], &c, 1) == 1 && c == 0)
		c = '0';
	close(fds[0]);
	close(fds[1]);
	return c;
}

static void
show(const char *from, long pages)
{
	for (long i = 0; i < pages; i++)
		putchar(look(from + i * PAGE));
}

static void
try(size_t i)
{
	char *base = (char *)BASE;
	long result;

	if (ftruncate(file, 0) != 0 || ftruncate(file, 4 * PAGE) != 0)
		exit(1);
	map(8, rows[i].pages, rows[i].kind, 'a');
	if (rows[i].next != 0)
		map(rows[i].next_at, rows[i].next, PRIV, 'n');
	result =
	    syscall(SYS_mremap, base + rows[i].at * PAGE + rows[i].at_bytes,
		rows[i].old * PAGE, rows[i].new *PAGE + rows[i].new_bytes,
		rows[i].flags, base + rows[i].to * PAGE + rows[i].to_bytes);
	printf("%-32s ", rows[i].name);
	if (result == -1)
		printf("%-16s ", errno_name());
	else if (result >= BASE && result < BASE + ROOM * PAGE)
		printf("page %-11ld ", (result - BASE) / PAGE);
	else
		printf("%-16s ", "elsewhere");
	show(base, ROOM);
	if (result != -1 && (result < BASE || result >= BASE + ROOM * PAGE)) {
		putchar(' ');
		show((char *)result, rows[i].new < 8 ? rows[i].new : 8);
		munmap((char *)result, (size_t)(rows[i].new *PAGE));
	}
	putchar('\n');
	munmap(base, ROOM * PAGE);
}

/* Limits of address space and of locked memory. */
static void
limited(void)
{
	struct rlimit limit = { 1 << 20, 1 << 20 };
	char *at = map(8, 4, PRIV, 'a');

	if (setrlimit(RLIMIT_AS, &limit) != 0)
		exit(1);
	errno = 0;
	mremap(at, 4 * PAGE, 4000 * PAGE, M);
	printf("beyond RLIMIT_AS: %s\n", errno_name());
	errno = 0;
	mremap(at, 4 * PAGE, 2 * PAGE, 0);
	printf("smaller beyond RLIMIT_AS: %d\n", errno);
}

int
main(void)
{
	file = open("mapped", O_RDWR | O_CREAT, 0600);
	if (file < 0)
		return 1;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try(i);
	limited();
	return 0;
}
