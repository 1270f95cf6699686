/* SPDX-License-Identifier: BSD-2-Clause */
/* getppid COUNT: that many of the cheapest system call with an answer. */
#include "start.h"

int
guest_main(int argc, char **argv)
{
	uint64_t count = argc > 1 ? number_parse(argv[1]) : 1;
	long parent = 0;

	for (uint64_t i = 0; i < count; i++)
		parent = system_call(110, 0, 0, 0);
	number_print(count);
	return parent < 0;
}
