// SPDX-License-Identifier: BSD-2-Clause
// Processes that append to one file, and one that follows what they write.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sys/stat.h>

int
main(void)
{
	char line[64];
	struct stat stat;
	int seen[4] = { 0 }, ordered = 1;

	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			int fd =
			    open("log", O_WRONLY | O_CREAT | O_APPEND, 0644);
			for (int j = 0; j < 50; j++) {
				int length = snprintf(
				    line, sizeof(line), "%d %d\n", i, j);
				write(fd, line, (size_t)length);
			}
			_exit(0);
		}
	while (wait(NULL) > 0)
		;
	SHOW(lstat("log", &stat));
	SHOW(stat.st_size);
	FILE *file = fopen("log", "r");
	int who, what;
	while (fscanf(file, "%d %d", &who, &what) == 2)
		ordered &= what == seen[who]++;
	for (int i = 0; i < 4; i++)
		SHOW(seen[i]);
	SHOW(ordered);
	fclose(file);
	return unlink("log");
}
