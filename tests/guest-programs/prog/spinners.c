// SPDX-License-Identifier: BSD-2-Clause
// Threads and processes that wait for each other without any system call.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>

static atomic_int turn;

static void *
spin(void *number)
{
	int me = (int)(long)number;

	for (int i = 0; i < 5; i++) {
		while (atomic_load(&turn) % 3 != me)
			;
		atomic_fetch_add(&turn, 1);
	}
	return NULL;
}

int
main(void)
{
	pthread_t threads[2];
	atomic_int *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	for (long i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, spin, (void *)(i + 1));
	spin(NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	SHOW(atomic_load(&turn));

	pid_t child = fork();
	if (child == 0) {
		while (atomic_load(shared) == 0)
			;
		atomic_store(shared, 2);
		_exit(3);
	}
	atomic_store(shared, 1);
	while (atomic_load(shared) != 2)
		;
	int status;
	waitpid(child, &status, 0);
	show_status("child", status);
	return 0;
}
