/* SPDX-License-Identifier: BSD-2-Clause */
/* pingpong COUNT: a byte goes to another process and comes back, COUNT times,
 * through two pipes. */
#include "start.h"

enum { READ = 0, WRITE = 1, CLOSE = 3, PIPE = 22, FORK = 57, EXIT = 60 };

static int
bounce(int from, int to)
{
	char byte;

	while (system_call(READ, from, (long)&byte, 1) == 1)
		if (system_call(WRITE, to, (long)&byte, 1) != 1)
			return 1;
	return 0;
}

int
guest_main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? number_parse(argv[1]) : 1, done = 0;
	int there[2], back[2];
	char byte = 'x';

	if (system_call(PIPE, (long)there, 0, 0) != 0 ||
	    system_call(PIPE, (long)back, 0, 0) != 0)
		return 1;
	if (system_call(FORK, 0, 0, 0) == 0) {
		system_call(CLOSE, there[1], 0, 0);
		system_call(EXIT, bounce(there[0], back[1]), 0, 0);
	}
	system_call(CLOSE, back[1], 0, 0);
	while (done < count &&
	       system_call(WRITE, there[1], (long)&byte, 1) == 1 &&
	       system_call(READ, back[0], (long)&byte, 1) == 1)
		done++;
	system_call(CLOSE, there[1], 0, 0);
	system_call(READ, back[0], (long)&byte, 1); /* until it has ended */
	number_print(done);
	return 0;
}
