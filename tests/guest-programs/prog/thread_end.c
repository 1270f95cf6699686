// SPDX-License-Identifier: BSD-2-Clause
// Ends of threads and processes, by name of the argument.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <time.h>

static void *
print_later(void *unused)
{
	nanosleep(&(struct timespec){ 0, 30000000 }, NULL);
	printf("the thread is still there\n");
	return unused;
}

static void *
exit_now(void *unused)
{
	printf("exit from a thread\n");
	exit(9);
	return unused;
}

static void *
become(void *unused)
{
	printf("exec from a thread\n");
	fflush(stdout);
	execl(
	    "/bin/sh", "sh", "-c", "echo other program; exit 4", (char *)NULL);
	return unused;
}

static void *
sleep_long(void *unused)
{
	nanosleep(&(struct timespec){ 1000, 0 }, NULL);
	return unused;
}

static void *
crash(void *unused)
{
	*(volatile int *)8 = 1;
	return unused;
}

static void
last_words(void)
{
	printf("atexit\n");
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void *(*body)(void *);
	} rows[] = {
		{ "later", print_later },
		{ "exit", exit_now },
		{ "exec", become },
		{ "return", sleep_long },
		{ "crash", crash },
	};
	pthread_t thread, idle;

	atexit(last_words);
	pthread_create(&idle, NULL, sleep_long, NULL);
	pthread_detach(idle);
	for (int i = 0; i < 5; i++) {
		if (argc < 2 || strcmp(argv[1], rows[i].name) != 0)
			continue;
		pthread_create(&thread, NULL, rows[i].body, NULL);
		if (i == 0) {
			pthread_cancel(idle);
			pthread_exit(NULL);
		}
		if (i == 3)
			return 11;
		pthread_join(thread, NULL);
	}
	return 0;
}
