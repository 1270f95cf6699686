/* SPDX-License-Identifier: BSD-2-Clause */
/* main() of a fuzzer that is built as a plain test: runs the files it is
 * given, once each. */
#include <stdio.h>

#include "tests/fuzz/fuzz.h"

static int
file_run(const char *path)
{
	static uint8_t bytes[1 << 20];
	FILE *file = fopen(path, "rb");
	size_t len;

	if (file == NULL) {
		perror(path);
		return 1;
	}
	len = fread(bytes, 1, sizeof(bytes), file);
	fclose(file);
	return LLVMFuzzerTestOneInput(bytes, len);
}

int
main(int argc, char **argv)
{
	int failed = argc < 2;

	for (int i = 1; i < argc; i++)
		failed |= file_run(argv[i]);
	printf("%d files\n", argc - 1);
	return failed;
}
