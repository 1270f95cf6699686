/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Fresh pages are touched while a timer interrupts all the time: a run is
 * stopped anywhere, between a page fault and its instruction too.  What is
 * printed does not depend on how often.
 */
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/time.h>

#define PAGE   4096
#define PAGES  64
#define ROUNDS 40
#define READS  20000

static unsigned char touched[PAGES * PAGE];
static volatile unsigned ticks;

static void
tick(int sig)
{
	(void)sig;
	touched[ticks++ % PAGES * PAGE]++;
}

static unsigned long
round_sum(unsigned long sum)
{
	unsigned char *area = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		return 0;
	for (int i = 0; i < PAGES; i++)
		sum += area[i * PAGE];
	for (int i = 0; i < PAGES; i++)
		area[i * PAGE + i] = (unsigned char)i;
	for (int i = 0; i < READS; i++)
		sum = sum * 31 + area[i * (PAGE + 1) % (PAGES * PAGE)];
	munmap(area, PAGES * PAGE);
	return sum;
}

int
main(void)
{
	const struct itimerval often = { { 0, 300 }, { 0, 300 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	struct sigaction action = { .sa_handler = tick };
	unsigned long sum = 1;

	if (sigaction(SIGALRM, &action, NULL) != 0 ||
	    setitimer(ITIMER_REAL, &often, NULL) != 0)
		return 1;
	for (int i = 0; i < ROUNDS; i++)
		sum = round_sum(sum);
	setitimer(ITIMER_REAL, &never, NULL);
	printf("%lu\n", sum);
	return 0;
}
