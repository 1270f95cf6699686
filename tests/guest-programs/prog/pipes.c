// SPDX-License-Identifier: BSD-2-Clause
// Pipes and FIFOs: ends, sizes, atomic writes of many, opening that waits.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static void
limits(void)
{
	static char block[70000];
	int ends[2], pending;

	SHOW(pipe2(ends, O_NONBLOCK | O_CLOEXEC));
	// The size that Linux gives depends on how many the user has.
	SHOW(fcntl(ends[0], F_SETPIPE_SZ, 4096));
	SHOW(read(ends[0], block, 1));
	SHOW(write(ends[1], block, 70000));
	SHOW(write(ends[1], block, 1));
	SHOW(ioctl(ends[0], FIONREAD, &pending));
	SHOW(pending);
	SHOW(read(ends[0], block, 4096));
	SHOW(write(ends[1], block, 5000));
	SHOW(fcntl(ends[0], F_GETPIPE_SZ));
	while (read(ends[0], block, sizeof(block)) > 0)
		;
	SHOW(fcntl(ends[0], F_SETPIPE_SZ, 4096));
	SHOW(write(ends[1], block, 70000));
	close(ends[1]);
	SHOW(read(ends[0], block, 70000));
	SHOW(read(ends[0], block, 1));
	SHOW(pipe2(ends, 0x1234));
	SHOW(pipe((int *)16));
}

// Lines of several writers must not mix.
static void
writers(void)
{
	char line[200], text[64];
	int ends[2], counts[5] = { 0 }, mixed = 0;

	pipe(ends);
	for (int i = 0; i < 5; i++)
		if (fork() == 0) {
			memset(line, 'a' + i, 199);
			line[199] = '\n';
			for (int j = 0; j < 100; j++)
				write(ends[1], line, 200);
			_exit(0);
		}
	close(ends[1]);
	FILE *file = fdopen(ends[0], "r");
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '\n')
			continue;
		for (int i = 1; i < 199; i++)
			mixed += line[i] != line[0];
		counts[line[0] - 'a']++;
	}
	while (wait(NULL) > 0)
		;
	SHOW(mixed);
	for (int i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "writer %d", i);
		show(text, counts[i]);
	}
}

static void
fifos(void)
{
	char text[50];
	int status;

	SHOW(mkfifo("fifo", 0600));
	SHOW(mkfifo("fifo", 0600));
	SHOW(open("fifo", O_WRONLY | O_NONBLOCK));
	int reader = open("fifo", O_RDONLY | O_NONBLOCK);
	SHOW(reader >= 0);
	SHOW(read(reader, text, 1));
	int writer = open("fifo", O_WRONLY | O_NONBLOCK);
	SHOW(read(reader, text, 1));
	SHOW(write(writer, "direct", 6));
	SHOW(read(reader, text, 50));
	close(reader);
	close(writer);

	pid_t child = fork();
	if (child == 0) {
		usleep(10000);
		int fd = open("fifo", O_WRONLY);
		for (int i = 0; i < 3; i++) {
			write(fd, "part", 4);
			usleep(3000);
		}
		_exit(12);
	}
	reader = open("fifo", O_RDONLY);
	long total = 0;
	ssize_t got;
	while ((got = read(reader, text, sizeof(text))) > 0)
		total += got;
	SHOW(total);
	waitpid(child, &status, 0);
	show_status("writer", status);
	close(reader);
	int both = open("fifo", O_RDWR);
	SHOW(write(both, "self", 4));
	SHOW(read(both, text, 50));
	struct stat stat;
	SHOW(fstat(both, &stat));
	SHOW(S_ISFIFO(stat.st_mode));
}

// More bytes than the pipe has room for, both ways.
static void
large(void)
{
	enum { SIZE = 1 << 20 };
	int there[2], back[2];
	char *data = malloc(SIZE);
	long sum = 0, total = 0;

	pipe(there);
	pipe(back);
	if (fork() == 0) {
		close(there[1]);
		ssize_t got;
		while ((got = read(there[0], data, 5000)) > 0) {
			for (ssize_t i = 0; i < got; i++)
				data[i]++;
			write(back[1], data, (size_t)got);
		}
		_exit(0);
	}
	if (fork() == 0) {
		close(back[0]);
		memset(data, 3, SIZE);
		close(there[0]);
		_exit(write(there[1], data, SIZE) == SIZE ? 0 : 1);
	}
	close(there[1]);
	close(back[1]);
	ssize_t got;
	while ((got = read(back[0], data, SIZE)) > 0) {
		total += got;
		for (ssize_t i = 0; i < got; i++)
			sum += data[i];
	}
	SHOW(total);
	SHOW(sum);
	int status, bad = 0;
	while (wait(&status) > 0)
		bad += status != 0;
	SHOW(bad);
}

int
main(void)
{
	limits();
	writers();
	fifos();
	large();
	return 0;
}
