/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory calls by a table of cases over one layout: which errno, and what
 * memory is like afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096L
#define BASE 0x200000000000L
#define ROOM 48L
#define TOP  0x7ffffffff000L
#define R    PROT_READ
#define W    PROT_WRITE
#define X    PROT_EXEC
#define P    MAP_PRIVATE
#define S    MAP_SHARED
#define V    3 /* MAP_SHARED_VALIDATE */
#define A    MAP_ANONYMOUS
#define FX   MAP_FIXED
#define KEEP 0x100000  /* MAP_FIXED_NOREPLACE */
#define SYNC 0x80000   /* MAP_SYNC */
#define DOWN 0x1000000 /* PROT_GROWSDOWN */
#define UP   0x2000000 /* PROT_GROWSUP */

/* Descriptors of the rows. */
enum { NO_FILE = -1, BAD = 99, RDWR = 50, RDONLY, WRONLY, PIPE, DIRECTORY };

/* In args: an address in the layout. */
#define AT(page) (BASE + (page)*PAGE)

/*
 * The layout:  8..11 private, "abcd"    16..19 shared file of 2 1/2 pages,
 * 24..27 shared, "ijkl"   32..35 private view of the file   40..41 no access
 * 44..45 private, may grow down
 */
static const struct {
	const char *name;
	long nr;
	long args[6];
} rows[] = {
	{ "mmap nothing", SYS_mmap, { AT(0), 0, R, P | A, -1, 0 } },
	{ "mmap wraps", SYS_mmap, { AT(0), -1, R, P | A, -1, 0 } },
	{ "mmap all", SYS_mmap, { AT(0), TOP + PAGE, R, P | A, -1, 0 } },
	{ "mmap no type", SYS_mmap, { AT(0), PAGE, R, A, -1, 0 } },
	{ "mmap type 3", SYS_mmap, { AT(0), PAGE, R, V | A, -1, 0 } },
	{ "mmap type 4", SYS_mmap, { AT(0), PAGE, R, 4 | A, -1, 0 } },
	{ "mmap odd offset", SYS_mmap, { AT(0), PAGE, R, P | A, -1, 1 } },
	{ "mmap odd offset, bad fd", SYS_mmap, { AT(0), PAGE, R, P, BAD, 1 } },
	{ "mmap nothing, bad fd", SYS_mmap, { AT(0), 0, R, P, BAD, 0 } },
	{ "mmap offset ignored", SYS_mmap,
	    { AT(0), PAGE, R | W, P | A | FX, -1, 1 << 20 } },
	{ "mmap hint", SYS_mmap, { AT(0) + 5, PAGE, R, P | A, -1, 0 } },
	{ "mmap taken hint", SYS_mmap, { AT(8), PAGE, R, P | A, -1, 0 } },
	{ "mmap fixed", SYS_mmap, { AT(9), PAGE, R, P | A | FX, -1, 0 } },
	{ "mmap fixed, odd", SYS_mmap,
	    { AT(0) + 5, PAGE, R, P | A | FX, -1, 0 } },
	{ "mmap fixed, beyond", SYS_mmap, { TOP, PAGE, R, P | A | FX, -1, 0 } },
	{ "mmap fixed, beyond, odd", SYS_mmap,
	    { TOP + 1, PAGE, R, P | A | FX, -1, 0 } },
	{ "mmap keep, free", SYS_mmap,
	    { AT(2), PAGE, R, P | A | KEEP, -1, 0 } },
	{ "mmap keep, taken", SYS_mmap,
	    { AT(8), PAGE, R, P | A | KEEP, -1, 0 } },
	{ "mmap keep, end taken", SYS_mmap,
	    { AT(6), 3 * PAGE, R, P | A | KEEP, -1, 0 } },
	{ "mmap keep, odd", SYS_mmap,
	    { AT(2) + 1, PAGE, R, P | A | KEEP, -1, 0 } },
	{ "mmap keep, beyond", SYS_mmap,
	    { TOP, PAGE, R, P | A | KEEP, -1, 0 } },
	{ "mmap keep, taken, no type", SYS_mmap,
	    { AT(8), PAGE, R, A | KEEP, -1, 0 } },
	{ "mmap keep, taken, wrong fd", SYS_mmap,
	    { AT(8), PAGE, R, P | KEEP, PIPE, 0 } },
	{ "mmap populate", SYS_mmap,
	    { AT(0), 3 * PAGE, R | W, P | A | MAP_POPULATE | FX, -1, 0 } },
	{ "mmap noreserve stack", SYS_mmap,
	    { AT(0), PAGE, R | W, P | A | MAP_NORESERVE | MAP_STACK, -1, 0 } },
	{ "mmap grows down, shared", SYS_mmap,
	    { AT(0), PAGE, R, S | A | MAP_GROWSDOWN, -1, 0 } },
	{ "mmap grows down, file", SYS_mmap,
	    { AT(0), PAGE, R, P | MAP_GROWSDOWN, RDWR, 0 } },
	{ "mmap huge pages of a file", SYS_mmap,
	    { AT(0), PAGE, R, P | MAP_HUGETLB, RDWR, 0 } },
	{ "mmap huge pages of odd size", SYS_mmap,
	    { AT(0), PAGE, R, P | A | MAP_HUGETLB | 5 << 26, -1, 0 } },
	{ "mmap low", SYS_mmap, { 0, PAGE, R, P | A | MAP_32BIT, -1, 0 } },
	{ "mmap low, too much", SYS_mmap,
	    { 0, 0x50000000, R, P | A | MAP_32BIT | MAP_NORESERVE, -1, 0 } },
	{ "mmap bad fd", SYS_mmap, { AT(0), PAGE, R, P, BAD, 0 } },
	{ "mmap no fd", SYS_mmap, { AT(0), PAGE, R, P, -1, 0 } },
	{ "mmap fd ignored", SYS_mmap, { AT(0), PAGE, R, P | A, BAD, 0 } },
	{ "mmap pipe", SYS_mmap, { AT(0), PAGE, R, P, PIPE, 0 } },
	{ "mmap directory", SYS_mmap, { AT(0), PAGE, R, P, DIRECTORY, 0 } },
	{ "mmap file", SYS_mmap, { AT(0), 3 * PAGE, R, P, RDONLY, 0 } },
	{ "mmap file, offset", SYS_mmap, { AT(0), PAGE, R, P, RDONLY, PAGE } },
	{ "mmap file, no type", SYS_mmap, { AT(0), PAGE, R, 0, RDONLY, 0 } },
	{ "mmap read-only file, private", SYS_mmap,
	    { AT(0), PAGE, R | W, P, RDONLY, 0 } },
	{ "mmap read-only file, shared", SYS_mmap,
	    { AT(0), PAGE, R | W, S, RDONLY, 0 } },
	{ "mmap read-only file, to read", SYS_mmap,
	    { AT(0), PAGE, R, S, RDONLY, 0 } },
	{ "mmap write-only file", SYS_mmap, { AT(0), PAGE, R, P, WRONLY, 0 } },
	{ "mmap write-only file to write", SYS_mmap,
	    { AT(0), PAGE, W, S, WRONLY, 0 } },
	{ "mmap validated", SYS_mmap, { AT(0), PAGE, R, V, RDWR, 0 } },
	{ "mmap validated, unknown", SYS_mmap,
	    { AT(0), PAGE, R, V | 0x10000000, RDWR, 0 } },
	{ "mmap validated, sync", SYS_mmap,
	    { AT(0), PAGE, R, V | SYNC, RDWR, 0 } },
	{ "mmap unknown flag", SYS_mmap,
	    { AT(0), PAGE, R, S | 0x10000000, RDWR, 0 } },
	{ "mmap far offset", SYS_mmap,
	    { AT(0), PAGE, R, P, RDWR, 0x7ffffffffffff000 } },
	{ "mmap wrapping offset", SYS_mmap,
	    { AT(0), 2 * PAGE, R, P, RDWR, (long)0xfffffffffffff000 } },
	{ "mmap beyond the end", SYS_mmap,
	    { AT(0), PAGE, R, P, RDWR, 64 * PAGE } },
	{ "munmap", SYS_munmap, { AT(9), PAGE } },
	{ "munmap a hole", SYS_munmap, { AT(0), 48 * PAGE } },
	{ "munmap nothing", SYS_munmap, { AT(8), 0 } },
	{ "munmap odd", SYS_munmap, { AT(8) + 1, PAGE } },
	{ "munmap odd length", SYS_munmap, { AT(8), PAGE + 1 } },
	{ "munmap beyond", SYS_munmap, { TOP, PAGE } },
	{ "munmap wraps", SYS_munmap, { AT(8), -1 } },
	{ "mprotect none", SYS_mprotect, { AT(8), PAGE, 0 } },
	{ "mprotect read", SYS_mprotect, { AT(8), 2 * PAGE, R } },
	{ "mprotect hole", SYS_mprotect, { AT(10), 4 * PAGE, 0 } },
	{ "mprotect hole first", SYS_mprotect, { AT(6), 4 * PAGE, 0 } },
	{ "mprotect nothing", SYS_mprotect, { AT(0), 0, R } },
	{ "mprotect nothing, badly", SYS_mprotect, { AT(0), 0, 0x100 } },
	{ "mprotect odd", SYS_mprotect, { AT(8) + 1, 0, R } },
	{ "mprotect unknown", SYS_mprotect, { AT(8), PAGE, 0x100 } },
	{ "mprotect sem", SYS_mprotect, { AT(8), PAGE, R | 8 } },
	{ "mprotect wraps", SYS_mprotect, { AT(8), -1, R } },
	{ "mprotect wraps, unknown", SYS_mprotect, { AT(8), -PAGE, 0x100 } },
	{ "mprotect down", SYS_mprotect, { AT(9), PAGE, R | DOWN } },
	{ "mprotect down, stack", SYS_mprotect, { AT(45), PAGE, R | DOWN } },
	{ "mprotect up", SYS_mprotect, { AT(9), PAGE, R | UP } },
	{ "mprotect both", SYS_mprotect, { AT(9), PAGE, R | UP | DOWN } },
	{ "mprotect file view", SYS_mprotect, { AT(32), PAGE, R | W } },
	{ "madvise unknown", SYS_madvise, { AT(8), PAGE, 77 } },
	{ "madvise 5", SYS_madvise, { AT(8), PAGE, 5 } },
	{ "madvise unknown nothing", SYS_madvise, { AT(8), 0, 77 } },
	{ "madvise odd", SYS_madvise, { AT(8) + 1, PAGE, 0 } },
	{ "madvise wraps", SYS_madvise, { AT(8), -1, 0 } },
	{ "madvise normal", SYS_madvise, { AT(8), PAGE, MADV_NORMAL } },
	{ "madvise normal hole", SYS_madvise, { AT(10), 4 * PAGE, 0 } },
	{ "madvise random", SYS_madvise, { AT(8), PAGE, MADV_RANDOM } },
	{ "madvise willneed", SYS_madvise, { AT(16), PAGE, MADV_WILLNEED } },
	{ "madvise dontneed", SYS_madvise, { AT(8), 2 * PAGE, MADV_DONTNEED } },
	{ "madvise dontneed hole", SYS_madvise,
	    { AT(6), 3 * PAGE, MADV_DONTNEED } },
	{ "madvise dontneed shared", SYS_madvise,
	    { AT(24), PAGE, MADV_DONTNEED } },
	{ "madvise dontneed view", SYS_madvise,
	    { AT(32), PAGE, MADV_DONTNEED } },
	{ "madvise free", SYS_madvise, { AT(8), PAGE, MADV_FREE } },
	{ "madvise free file", SYS_madvise, { AT(32), PAGE, MADV_FREE } },
	{ "madvise free shared", SYS_madvise, { AT(24), PAGE, MADV_FREE } },
	{ "madvise remove", SYS_madvise, { AT(25), 2 * PAGE, MADV_REMOVE } },
	{ "madvise remove file", SYS_madvise, { AT(17), PAGE, MADV_REMOVE } },
	{ "madvise remove private", SYS_madvise, { AT(8), PAGE, MADV_REMOVE } },
	{ "madvise remove view", SYS_madvise, { AT(32), PAGE, MADV_REMOVE } },
	{ "madvise dontfork", SYS_madvise, { AT(8), PAGE, MADV_DONTFORK } },
	{ "madvise dofork", SYS_madvise, { AT(8), PAGE, MADV_DOFORK } },
	{ "madvise wipe", SYS_madvise, { AT(8), PAGE, 18 } },
	{ "madvise wipe shared", SYS_madvise, { AT(24), PAGE, 18 } },
	{ "madvise wipe view", SYS_madvise, { AT(32), PAGE, 18 } },
	{ "madvise keep", SYS_madvise, { AT(8), PAGE, 19 } },
	{ "madvise cold", SYS_madvise, { AT(8), PAGE, 20 } },
	{ "madvise pageout", SYS_madvise, { AT(8), PAGE, 21 } },
	{ "madvise dump", SYS_madvise, { AT(8), PAGE, MADV_DONTDUMP } },
	{ "madvise populate", SYS_madvise, { AT(8), PAGE, 22 } },
	{ "madvise populate to write", SYS_madvise, { AT(8), PAGE, 23 } },
	{ "madvise populate hole", SYS_madvise, { AT(10), 4 * PAGE, 22 } },
	{ "madvise populate none", SYS_madvise, { AT(40), PAGE, 22 } },
	{ "madvise populate none to write", SYS_madvise, { AT(40), PAGE, 23 } },
	{ "madvise populate beyond", SYS_madvise, { AT(16), 4 * PAGE, 22 } },
	{ "mincore", SYS_mincore, { AT(8), PAGE, AT(9) } },
	{ "mincore odd", SYS_mincore, { AT(8) + 1, PAGE, AT(9) } },
	{ "mincore hole", SYS_mincore, { AT(11), 2 * PAGE, AT(9) } },
	{ "mincore nothing", SYS_mincore, { AT(8), 0, AT(9) } },
	{ "mincore beyond", SYS_mincore, { AT(8), TOP, AT(9) } },
	{ "mincore to nowhere", SYS_mincore, { AT(8), PAGE, AT(0) } },
	{ "msync", SYS_msync, { AT(16), PAGE, MS_SYNC } },
	{ "msync nothing", SYS_msync, { AT(0), 0, MS_SYNC } },
	{ "msync hole", SYS_msync, { AT(14), 4 * PAGE, MS_SYNC } },
	{ "msync hole later", SYS_msync, { AT(14), 4 * PAGE, MS_ASYNC } },
	{ "msync odd", SYS_msync, { AT(16) + 1, PAGE, MS_SYNC } },
	{ "msync both", SYS_msync, { AT(16), PAGE, MS_SYNC | MS_ASYNC } },
	{ "msync unknown", SYS_msync, { AT(16), PAGE, 8 } },
	{ "msync no flag", SYS_msync, { AT(16), PAGE, 0 } },
	{ "msync wraps", SYS_msync, { AT(16), -1, MS_SYNC } },
	{ "msync wraps far", SYS_msync, { AT(16), -PAGE, MS_SYNC } },
	{ "msync private", SYS_msync, { AT(8), PAGE, MS_SYNC } },
	{ "mlock", SYS_mlock, { AT(8), PAGE } },
	{ "mlock odd", SYS_mlock, { AT(8) + 5, PAGE } },
	{ "mlock hole", SYS_mlock, { AT(10), 4 * PAGE } },
	{ "mlock nothing", SYS_mlock, { AT(0), 0 } },
	{ "mlock wraps", SYS_mlock, { AT(8), -8192 } },
	{ "mlock2 unknown", SYS_mlock2, { AT(8), PAGE, 2 } },
	{ "mlock2 on fault", SYS_mlock2, { AT(8), PAGE, 1 } },
	{ "munlock", SYS_munlock, { AT(8), PAGE } },
	{ "munlock hole", SYS_munlock, { AT(10), 4 * PAGE } },
	{ "mlockall nothing", SYS_mlockall, { 0 } },
	{ "mlockall unknown", SYS_mlockall, { 8 } },
	{ "mlockall on fault", SYS_mlockall, { 4 } },
	{ "munlockall", SYS_munlockall, { 0 } },
};

static const char *
errno_name(void)
{
	static const struct {
		int number;
		const char *name;
	} names[] = { { EINVAL, "EINVAL" }, { ENOMEM, "ENOMEM" },
		{ EFAULT, "EFAULT" }, { EAGAIN, "EAGAIN" }, { EPERM, "EPERM" },
		{ EACCES, "EACCES" }, { EBADF, "EBADF" }, { ENODEV, "ENODEV" },
		{ EEXIST, "EEXIST" }, { EOVERFLOW, "EOVERFLOW" },
		{ EOPNOTSUPP, "EOPNOTSUPP" }, { EBUSY, "EBUSY" },
		{ ENOSYS, "ENOSYS" } };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].number == errno)
			return names[i].name;
	return strerror(errno);
}

static void
map(long page, long pages, int prot, int flags, int fd, char mark)
{
	char *at = mmap((char *)AT(page), (size_t)(pages * PAGE), prot,
	    flags | MAP_FIXED, fd, 0);

	if (at == MAP_FAILED) {
		printf("cannot map: %s\n", strerror(errno));
		exit(1);
	}
	for (long i = 0; i < pages && mark != 0; i++)
		at[i * PAGE] = (char)(mark + i);
}

static void
lay_out(void)
{
	if (pwrite(RDWR, "e", 1, 0) != 1 || pwrite(RDWR, "f", 1, PAGE) != 1 ||
	    pwrite(RDWR, "g", 1, 2 * PAGE) != 1)
		exit(1);
	map(8, 4, R | W, P | A, -1, 'a');
	map(16, 4, R | W, S, RDWR, 0);
	map(24, 4, R | W, S | A, -1, 'i');
	map(32, 4, R, P, RDONLY, 0);
	map(40, 2, 0, P | A, -1, 0);
	map(44, 2, R | W, P | A | MAP_GROWSDOWN, -1, 's');
}

/* '.': not readable, '0': zero, else the byte. */
static char
look(const char *page)
{
	char c = '?';
	int fds[2];

	if (pipe(fds) != 0)
		exit(1);
	if (write(fds[1], page, 1) != 1)
		c = '.';
	else if (read(fds[0], &c, 1) == 1 && (c < ' ' || c > '~'))
		c = c == 0 ? '0' : '#';
	close(fds[0]);
	close(fds[1]);
	return c;
}

/* True when a byte can be stored there, which does not change it. */
static int
can_store(char *page)
{
	char c = look(page);
	int fds[2], yes;

	if (c == '.' || pipe(fds) != 0)
		return 0;
	c = *page;
	yes = write(fds[1], &c, 1) == 1 && read(fds[0], page, 1) == 1;
	close(fds[0]);
	close(fds[1]);
	return yes;
}

static void
try(size_t i)
{
	const long *a = rows[i].args;
	long result;

	lay_out();
	errno = 0;
	result = syscall(rows[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	printf("%-30s ", rows[i].name);
	if (result == -1)
		printf("%-10s ", errno_name());
	else if (result >= BASE && result < AT(ROOM))
		printf("page %-5ld ", (result - BASE) / PAGE);
	else if (result != 0 && result < 0x80000000)
		printf("%-10s ", "low");
	else
		printf("%-10s ", result == 0 ? "0" : "elsewhere");
	for (long page = 0; page < ROOM; page++)
		putchar(look((char *)AT(page)));
	putchar(' ');
	for (long page = 8; page < ROOM; page++)
		if (page % 8 < 4)
			putchar(can_store((char *)AT(page)) ? 'w' : '-');
	putchar('\n');
	munmap((char *)BASE, ROOM * PAGE);
	munlockall();
	if (rows[i].nr == SYS_mmap && result != -1 &&
	    (result < BASE || result >= AT(ROOM)))
		munmap((char *)result, (size_t)a[1]);
}

static void
place(int fd, int at)
{
	if (fd < 0 || dup2(fd, at) != at)
		exit(1);
	close(fd);
}

int
main(void)
{
	int fds[2];

	place(open("mapped", O_RDWR | O_CREAT, 0600), RDWR);
	place(open("mapped", O_RDONLY), RDONLY);
	place(open("mapped", O_WRONLY), WRONLY);
	place(open(".", O_RDONLY), DIRECTORY);
	if (pipe(fds) != 0 || ftruncate(RDWR, 2 * PAGE + PAGE / 2) != 0)
		return 1;
	place(fds[0], PIPE);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		try(i);
	return 0;
}
