// SPDX-License-Identifier: BSD-2-Clause
// Copy on write through many generations; each page keeps what its process
// wrote.

#include "tests/guest-programs/prog/say.h"

#include <sys/mman.h>

enum { PAGES = 64, PAGE = 4096 };

static char *area;

static int
check(int generation)
{
	int wrong = 0;

	for (int i = 0; i < PAGES; i++) {
		int wanted = i % 8 < generation ? i % 8 + 1 : 0;
		wrong += area[i * PAGE + 7] != wanted;
	}
	return wrong;
}

static int
next(int generation)
{
	int status, wrong = check(generation);

	if (generation == 8)
		return wrong;
	pid_t child = fork();
	if (child == 0) {
		for (int i = generation; i < PAGES; i += 8)
			area[i * PAGE + 7] = (char)(generation + 1);
		_exit(next(generation + 1));
	}
	waitpid(child, &status, 0);
	return wrong + check(generation) + WEXITSTATUS(status);
}

int
main(void)
{
	area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	SHOW(next(0));
	mprotect(area, PAGES * PAGE, PROT_READ);
	IN_CHILD("read only", area[3] = 1);
	mprotect(area, PAGES * PAGE, PROT_READ | PROT_WRITE);
	for (int i = 0; i < 20; i++)
		IN_CHILD("again", {
			area[i] = (char)(i + 30);
			_exit(area[i] + area[i + 1]);
		});
	SHOW(area[0]);
	return 0;
}
