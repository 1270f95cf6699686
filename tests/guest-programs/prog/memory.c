// SPDX-License-Identifier: BSD-2-Clause
// Much memory: malloc and its kin, brk, memfd, stacks, code that is made.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <malloc.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>

static void
allocations(void)
{
	enum { COUNT = 2000 };
	static char *block[COUNT];
	unsigned random = 1, wrong = 0;

	for (int round = 0; round < 20000; round++) {
		random = random * 1103515245 + 12345;
		unsigned i = random / 65536 % COUNT;
		size_t size = random / 256 % 30000 + 1;
		if (block[i] != NULL)
			wrong += block[i][0] != (char)i;
		block[i] = realloc(block[i], size);
		block[i][0] = (char)i;
		block[i][size - 1] = (char)i;
	}
	SHOW(wrong);
	for (int i = 0; i < COUNT; i++)
		free(block[i]);
	char *large = malloc(300 << 20);
	for (size_t i = 0; i < 300; i++)
		large[i << 20] = (char)i;
	large = realloc(large, 400 << 20);
	long sum = 0;
	for (size_t i = 0; i < 400; i++)
		sum += large[i << 20];
	SHOW(sum);
	free(large);
	char *zero = calloc(1 << 20, 8);
	for (size_t i = 0; i < 8 << 20; i += 4096)
		sum += zero[i];
	SHOW(sum);
	free(zero);
	void *aligned;
	SHOW(posix_memalign(&aligned, 65536, 100));
	SHOW((long)aligned % 65536);
	volatile size_t absurd = (size_t)1 << 60;
	SHOW(malloc(absurd) == NULL);
	char *reserved = mmap(NULL, (size_t)1 << 40, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	SHOW(reserved != MAP_FAILED);
	SHOW(mprotect(reserved + (1L << 39), 8192, PROT_READ | PROT_WRITE));
	reserved[(1L << 39) + 5000] = 7;
	SHOW(reserved[(1L << 39) + 5000]);
	SHOW(munmap(reserved, (size_t)1 << 40));
}

static void
break_moves(void)
{
	char *start = sbrk(0);

	SHOW(sbrk(100000) == start);
	start[99999] = 1;
	SHOW((char *)sbrk(0) - start);
	SHOW(brk(start));
	SHOW(sbrk(8192) == start);
	SHOW(start[0]);
}

static int
deep(int depth)
{
	volatile char room[4000];

	room[0] = (char)depth;
	room[3999] = 1;
	return depth == 0 ? 0 : deep(depth - 1) + room[3999];
}

static void
made_code(void)
{
	static const unsigned char code[] = { 0x8d, 0x47, 0x05, 0xc3 };
	int memory = memfd_create("code", 0);

	ftruncate(memory, 4096);
	unsigned char *write_here =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	void *run_here =
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_SHARED, memory, 0);
	int (*function)(int);
	memcpy(&function, &run_here, sizeof(function));
	memcpy(write_here, code, sizeof(code));
	SHOW(function(10));
	for (unsigned char i = 0; i < 50; i++) {
		write_here[2] = i;
		if (function(1) != i + 1)
			printf("stale code\n");
	}
	unsigned char *both =
	    mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
		MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	memcpy(both, code, sizeof(code));
	memcpy(&function, &both, sizeof(function));
	SHOW(function(20));
	both[2] = 9;
	SHOW(function(20));
	IN_CHILD("in a child", {
		both[2] = 11;
		_exit(function(1));
	});
	SHOW(function(20));
	SHOW(mprotect(both, 4096, PROT_READ));
	IN_CHILD("not executable", function(1));
}

static void
memory_file(void)
{
	int fd = memfd_create("name", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	struct stat stat;

	SHOW(ftruncate(fd, 10000));
	SHOW(fstat(fd, &stat));
	SHOW(stat.st_size);
	SHOW(S_ISREG(stat.st_mode));
	char *map =
	    mmap(NULL, 10000, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	IN_CHILD("writes", map[9999] = 3);
	char byte;
	SHOW(pread(fd, &byte, 1, 9999));
	SHOW(byte);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	munmap(map, 10000);
	SHOW(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK));
	SHOW(write(fd, "x", 1));
	SHOW(ftruncate(fd, 1));
	SHOW(fcntl(fd, F_GET_SEALS));
	SHOW(memfd_create("x", 0x80000));
}

int
main(void)
{
	allocations();
	break_moves();
	SHOW(deep(1500));
	made_code();
	memory_file();
	IN_CHILD("stack limit", {
		struct rlimit limit = { 1 << 20, 1 << 20 };
		setrlimit(RLIMIT_STACK, &limit);
		_exit(deep(1000) == 1000);
	});
	return 0;
}
