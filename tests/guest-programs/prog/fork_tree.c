// SPDX-License-Identifier: BSD-2-Clause
// A tree of processes: each adds up what its children return; memory of each
// is its own.

#include "tests/guest-programs/prog/say.h"

static int value = 1;

static int
grow(int depth, int width)
{
	int sum = value, status;

	if (depth == 0)
		return sum;
	for (int i = 0; i < width; i++) {
		pid_t child = fork();
		if (child == 0) {
			value += i;
			_exit(grow(depth - 1, width));
		}
		if (i % 2 == 0) {
			waitpid(child, &status, 0);
			sum += WEXITSTATUS(status);
		}
	}
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	return sum % 256;
}

int
main(int argc, char **argv)
{
	int depth = argc > 1 ? atoi(argv[1]) : 3;

	printf("not flushed ");
	fflush(stdout);
	SHOW(grow(depth, 3));
	SHOW(value);
	for (int i = 0; i < 30; i++)
		if (fork() == 0)
			_exit(i);
	int sum = 0, status;
	while (wait(&status) > 0)
		sum += WEXITSTATUS(status);
	SHOW(sum);
	SHOW(wait(NULL));
	printf("twice, as fork copies what is buffered\n");
	fflush(NULL);
	printf("buffered ");
	if (fork() == 0)
		exit(0);
	wait(NULL);
	printf("end\n");
	return 0;
}
