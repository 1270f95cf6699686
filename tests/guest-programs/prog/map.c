// SPDX-License-Identifier: BSD-2-Clause
// mmap, munmap, mprotect and mremap; memory across fork.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sys/mman.h>

enum { PAGE = 4096 };

static char *
anonymous(size_t pages, int flags)
{
	return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
	    MAP_ANONYMOUS | flags, -1, 0);
}

static void
across_fork(void)
{
	char *mine = anonymous(3, MAP_PRIVATE),
	     *ours = anonymous(3, MAP_SHARED);

	mine[0] = ours[0] = 1;
	IN_CHILD("child", {
		mine[0]++;
		ours[0]++;
		ours[2 * PAGE] = 9;
		mine[PAGE] = 3;
		IN_CHILD("grandchild", _exit(++mine[0] * 10 + ++ours[0]));
		_exit(mine[0] * 10 + ours[0]);
	});
	SHOW(mine[0]);
	SHOW(mine[PAGE]);
	SHOW(ours[0]);
	SHOW(ours[2 * PAGE]);
	madvise(mine, PAGE, MADV_DONTFORK);
	IN_CHILD("not inherited", mine[0] = 1);
	madvise(ours, PAGE, MADV_DONTNEED);
	SHOW(ours[0]);
	madvise(mine, PAGE, MADV_DONTNEED);
	SHOW(mine[0]);
	SHOW(madvise(mine, PAGE, 1234));
	SHOW(madvise(mine + 1, PAGE, MADV_DONTNEED));
}

static void
remaps(void)
{
	char *map = anonymous(4, MAP_PRIVATE);

	for (int i = 0; i < 4; i++)
		map[i * PAGE] = (char)(i + 1);
	SHOW(mremap(map, 4 * PAGE, 2 * PAGE, 0) == map);
	IN_CHILD("cut off", SHOW(map[2 * PAGE]));
	char *block = anonymous(1, MAP_PRIVATE);
	munmap(block, PAGE);
	char *moved = mremap(map, 2 * PAGE, 600 * PAGE, MREMAP_MAYMOVE);
	SHOW(moved != MAP_FAILED);
	SHOW(moved[PAGE]);
	SHOW(moved[599 * PAGE]);
	char *target = anonymous(4, MAP_PRIVATE);
	SHOW(mremap(moved, 2 * PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED,
		 target + PAGE) == target + PAGE);
	SHOW(target[2 * PAGE]);
	IN_CHILD("moved away", SHOW(moved[0]));
	SHOW(mremap(target, PAGE, 0, 0) == MAP_FAILED);
	SHOW(errno == EINVAL);
	SHOW(mremap(target + 1, PAGE, PAGE, 0) == MAP_FAILED);
	SHOW(errno == EINVAL);
	munmap(target + PAGE, PAGE);
	SHOW(mremap(target, 2 * PAGE, 8 * PAGE, MREMAP_MAYMOVE) == MAP_FAILED);
	SHOW(errno == EFAULT);
	SHOW(mremap(target, PAGE, 2 * PAGE, MREMAP_FIXED) == MAP_FAILED);
	SHOW(errno == EINVAL);
	SHOW(mremap((void *)0x10000, PAGE, 2 * PAGE, MREMAP_MAYMOVE) ==
	     MAP_FAILED);
	SHOW(errno == EFAULT);
	char *shared = anonymous(1, MAP_SHARED);
	shared[5] = 55;
	char *twice = mremap(shared, 0, PAGE, MREMAP_MAYMOVE);
	SHOW(twice != MAP_FAILED);
	SHOW(twice[5]);
}

// A hint counts with MAP_32BIT too, below 2 GiB; and so does one too low.
static void
hints(void)
{
	static const unsigned long hint[] = { 0x50000000, 0x50000000,
		0x20000000, 0x7ffff000, 0x90000000, 0x50010234, 0x1000 };
	unsigned long at;

	for (size_t i = 0; i < sizeof(hint) / sizeof(hint[0]); i++) {
		at = (unsigned long)mmap((void *)hint[i], 2 * PAGE, PROT_READ,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
		printf("hint %lx: ", hint[i]);
		if (at == (hint[i] & ~0xffful) || at == 0x10000)
			printf("%lx\n", at);
		else
			printf("%s\n", at < 0x80000000 ? "low" : "high");
	}
	at = (unsigned long)mmap((void *)0x2000, PAGE, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW(at == 0x12000 || at > 0x10000);
}

static void
errors(void)
{
	int file = open("short", O_RDONLY);
	char *map = anonymous(3, MAP_PRIVATE);

	SHOW(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	     MAP_FAILED);
	SHOW(errno == EINVAL);
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_ANONYMOUS, -1, 0) == MAP_FAILED);
	SHOW(errno == EINVAL);
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, 99, 0) == MAP_FAILED);
	SHOW(errno == EBADF);
	SHOW(mmap(NULL, PAGE, PROT_WRITE, MAP_SHARED, file, 0) == MAP_FAILED);
	SHOW(errno == EACCES);
	SHOW(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, file, 1) == MAP_FAILED);
	SHOW(errno == EINVAL);
	SHOW(mmap(NULL, (size_t)1 << 60, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
		 -1, 0) == MAP_FAILED);
	SHOW(errno == ENOMEM);
	SHOW(mmap(map, PAGE, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) == MAP_FAILED);
	SHOW(errno == EEXIST);
	SHOW(mmap(map + 1, PAGE, PROT_READ,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED);
	SHOW(munmap(map + 1, PAGE));
	SHOW(munmap(map, 0));
	SHOW(munmap(map + PAGE, PAGE));
	SHOW(munmap(map + PAGE, PAGE));
	SHOW(mprotect(map, 3 * PAGE, PROT_READ));
	SHOW(mprotect(map, PAGE, 0x100));
	SHOW(mprotect(map + 1, PAGE, PROT_READ));
	SHOW(msync(map, 3 * PAGE, MS_SYNC));
	SHOW(msync(map, PAGE, MS_SYNC | MS_ASYNC));
	unsigned char core[3];
	SHOW(mincore(map, PAGE, core));
	SHOW(mincore(map, 3 * PAGE, core));
	SHOW(mlock(map, PAGE));
	SHOW(munlock(map, PAGE));
	SHOW(mlock(map + PAGE, PAGE));
}

static void
files(void)
{
	int file = open("short", O_RDWR | O_CREAT, 0600);

	write(file, "0123456789", 10);
	char *ours =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	char *mine =
	    mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
	close(file);
	ours[0] = 'A';
	SHOW(mine[0]);
	mine[1] = 'B';
	ours[1] = 'C';
	SHOW(mine[1]);
	IN_CHILD("child", {
		ours[2] = 'D';
		mine[3] = 'E';
		SHOW(msync(ours, PAGE, MS_SYNC));
	});
	ours[11] = 'X';
	file = open("short", O_RDWR);
	pwrite(file, "w", 1, 5);
	SHOW(ours[5]);
	char text[12];
	SHOW(pread(file, text, 12, 0));
	printf("%.10s %.10s\n", text, mine);
	SHOW(munmap(ours, PAGE));
}

int
main(void)
{
	across_fork();
	hints();
	remaps();
	files();
	errors();
	return 0;
}
