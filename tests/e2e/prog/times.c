/* SPDX-License-Identifier: BSD-2-Clause */
/* Times: what does not depend on now, and what must hold of now. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static void
calendar(void)
{
	static const time_t times[] = { 0, 1, -1, 951782400, 1234567890,
		2147483647, 4102444800, 253402300799 };
	char text[128];
	struct tm tm;

	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		gmtime_r(&times[i], &tm);
		strftime(text, sizeof(text),
		    "%Y-%m-%d %H:%M:%S %a %A %b %B %j %U %w %y %Z %c %x %X %p %I",
		    &tm);
		printf("%s %ld %s", text, (long)mktime(&tm), asctime(&tm));
	}
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		localtime_r(&times[i], &tm);
		strftime(text, sizeof(text), "%F %T %Z %z", &tm);
		printf("%s %d\n", text, tm.tm_isdst);
	}
	memset(&tm, 0, sizeof(tm));
	printf("%d\n",
	    strptime("2011-02-03 04:05:06", "%Y-%m-%d %H:%M:%S", &tm) != NULL);
	tm.tm_mon += 14;
	printf("%ld %d-%d-%d\n", (long)mktime(&tm), tm.tm_year, tm.tm_mon,
	    tm.tm_mday);
}

static double
seconds(const struct timespec *a, const struct timespec *b)
{
	return (double)(b->tv_sec - a->tv_sec) +
	       (double)(b->tv_nsec - a->tv_nsec) / 1e9;
}

static void
clocks(void)
{
	struct timespec before, after, real, pause = { 0, 20000000 };
	struct timeval tv;
	int backwards = 0;

	clock_gettime(CLOCK_MONOTONIC, &before);
	for (int i = 0; i < 1000; i++) {
		clock_gettime(CLOCK_MONOTONIC, &after);
		backwards += seconds(&before, &after) < 0;
	}
	printf("backwards %d\n", backwards);
	clock_gettime(CLOCK_MONOTONIC, &before);
	printf("nanosleep %d\n", nanosleep(&pause, NULL));
	clock_gettime(CLOCK_MONOTONIC, &after);
	printf("slept %d\n", seconds(&before, &after) >= 0.02);
	gettimeofday(&tv, NULL);
	clock_gettime(CLOCK_REALTIME, &real);
	printf("same %d %d\n", real.tv_sec - tv.tv_sec <= 1,
	    time(NULL) - real.tv_sec <= 1);
	printf("getres %d %d\n", clock_getres(CLOCK_REALTIME, &real),
	    clock_gettime((clockid_t)99, &real) == -1 && errno == EINVAL);
	printf("now %d\n", time(NULL) > 1300000000);
	pause.tv_nsec = 1000000000;
	printf("bad %d\n", nanosleep(&pause, NULL) == -1 && errno == EINVAL);
}

static void
usage(void)
{
	struct rusage ru;
	struct tms tms;
	volatile unsigned x = 1;
	clock_t start = clock();

	for (int i = 0; i < 3000000; i++)
		x = x * 17 + 3;
	printf("%d %d %d %d\n", clock() >= start, getrusage(RUSAGE_SELF, &ru),
	    times(&tms) != (clock_t)-1, sysconf(_SC_CLK_TCK) == 100);
}

int
main(void)
{
	calendar();
	clocks();
	usage();
	return 0;
}
