/* SPDX-License-Identifier: BSD-2-Clause */
/* Arguments, environment, sorting, pipes to itself, limits, identity. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

extern char **environ;

static void
arguments(int argc, char **argv)
{
	int count = 0;

	for (int i = 1; i < argc; i++)
		printf("%d '%s'\n", i, argv[i]);
	printf("%s %d\n", strrchr(argv[0], '/'), argv[argc] == NULL);
	printf("%s\n", getenv("WORD"));
	setenv("NEW", "value", 1);
	unsetenv("WORD");
	printf("%s %d\n", getenv("NEW"), getenv("WORD") == NULL);
	while (environ[count] != NULL)
		count++;
	printf("%d\n", count > 1);
	printf("%lu %d\n", getauxval(AT_PAGESZ), getauxval(AT_RANDOM) != 0);
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return (x > y) - (x < y);
}

static void
sorting(void)
{
	static uint32_t numbers[300000];
	uint32_t x = 1, key;
	uint64_t sum = 0;

	for (size_t i = 0; i < 300000; i++)
		numbers[i] = x = x * 1664525 + 1013904223;
	key = numbers[777];
	qsort(numbers, 300000, sizeof(numbers[0]), by_value);
	for (size_t i = 0; i < 300000; i++)
		sum = sum * 3 + numbers[i];
	printf("%llu %d\n", (unsigned long long)sum,
	    bsearch(&key, numbers, 300000, sizeof(key), by_value) != NULL);
	srand(42);
	printf("%d\n", rand());
}

static void
pipes(void)
{
	int ends[2];
	char buffer[70000] = "";
	struct pollfd poll_fd;
	ssize_t got;
	fd_set set;
	struct timeval none = { 0, 0 };

	printf("%d\n", pipe(ends));
	/* Linux gives less than usual to users who have many. */
	fcntl(ends[1], F_SETPIPE_SZ, 4096);
	poll_fd = (struct pollfd){ .fd = ends[0], .events = POLLIN };
	printf("%d\n", poll(&poll_fd, 1, 0));
	printf("%d\n", (int)write(ends[1], "through", 7));
	got = poll(&poll_fd, 1, -1);
	printf("%d %d\n", (int)got, poll_fd.revents == POLLIN);
	FD_ZERO(&set);
	FD_SET(ends[0], &set);
	printf("%d\n", select(ends[0] + 1, &set, NULL, NULL, &none));
	got = read(ends[0], buffer, sizeof(buffer));
	printf("%d %.7s\n", (int)got, buffer);
	fcntl(ends[1], F_SETFL, O_NONBLOCK);
	got = write(ends[1], buffer, sizeof(buffer));
	printf("%d\n", (int)got);
	got = write(ends[1], buffer, sizeof(buffer));
	printf("%d %s\n", (int)got, strerror(errno));
	got = read(ends[0], buffer, sizeof(buffer));
	printf("%d\n", (int)got);
	close(ends[1]);
	printf("%d\n", (int)read(ends[0], buffer, 1));
	got = lseek(ends[0], 0, SEEK_SET);
	printf("%d %s\n", (int)got, strerror(errno));
	close(ends[0]);
}

static void
identity(void)
{
	struct utsname uts;
	struct rlimit limit;
	struct winsize size;
	struct termios term;
	int result;

	printf("%d %d\n", getpid() > 0, getppid() >= 0);
	printf("%d %d\n", getuid() == geteuid(), getgid() == getegid());
	result = uname(&uts);
	printf("%d %s %s\n", result, uts.sysname, uts.machine);
	result = getrlimit(RLIMIT_STACK, &limit);
	printf("%d %d\n", result, limit.rlim_cur > 0);
	result = ioctl(0, TIOCGWINSZ, &size);
	printf("%d %s\n", result, strerror(errno));
	result = tcgetattr(0, &term);
	printf("%d %s %d\n", result, strerror(errno), isatty(0));
	printf("%ld %d\n", sysconf(_SC_PAGESIZE), sysconf(_SC_OPEN_MAX) > 10);
	printf("%d\n", (int)sysconf(_SC_NPROCESSORS_ONLN) > 0);
}

static void
randomness(void)
{
	uint64_t a = 0, b = 0;
	int failed = getentropy(&a, 8) + getentropy(&b, 8);

	printf("%d %d\n", failed, a != b);
}

static void
goodbye(void)
{
	printf("atexit\n");
}

int
main(int argc, char **argv)
{
	atexit(goodbye);
	arguments(argc, argv);
	sorting();
	pipes();
	identity();
	randomness();
	return 0;
}
