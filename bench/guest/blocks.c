/* SPDX-License-Identifier: BSD-2-Clause */
/* blocks COUNT: 16 MiB in blocks of 256 KiB are allocated, each page is
 * touched once, and all is freed, COUNT times. */
#include <stdio.h>
#include <stdlib.h>

#define BLOCKS 64
#define BYTES  ((size_t)256 << 10)
#define PAGE   4096

static long
touch(char *block)
{
	long sum = 0;

	for (size_t at = 0; at < BYTES; at += PAGE) {
		block[at] = 1;
		sum += block[at];
	}
	return sum;
}

int
main(int argc, char *argv[])
{
	long count = argc > 1 ? atol(argv[1]) : 1, sum = 0;
	char *blocks[BLOCKS];

	for (long n = 0; n < count; n++) {
		for (int i = 0; i < BLOCKS; i++) {
			if ((blocks[i] = malloc(BYTES)) == NULL)
				return 1;
			sum += touch(blocks[i]);
		}
		for (int i = 0; i < BLOCKS; i++)
			free(blocks[i]);
	}
	printf("%ld\n", sum);
	return 0;
}
