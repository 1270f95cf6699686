// SPDX-License-Identifier: BSD-2-Clause
// The smallest program, its arguments and its environment.

#include "tests/guest-programs/prog/say.h"

extern char **environ;

int
main(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		printf("%d: %s\n", i, argv[i]);
	while (environ[count] != NULL)
		count++;
	SHOW(count);
	puts(getenv("LC_ALL"));
	int c, sum = 0;
	while ((c = getchar()) != EOF)
		sum += c;
	SHOW(sum);
	return argc;
}
