// SPDX-License-Identifier: BSD-2-Clause
// A critical section that is preempted, by other threads and by signals,
// loses no update: a counter of the processor, without atomic instructions.

#include "tests/guest-programs/prog/say.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/rseq.h>
#include <sys/time.h>

#define THREADS 4
#define ROUNDS  30000

static long counters[1024];
static volatile long aborts, ticks;

static struct rseq *
area(void)
{
	return (
	    struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
}

// 0, or 1 when it has to be done again.  The loop makes it likely to lose the
// processor between the load and the store.
static int
add_one(long *counter, unsigned processor)
{
	struct rseq *rseq = area();

	__asm__ goto(".pushsection __rseq_cs, \"aw\"\n"
		     ".balign 32\n"
		     "3: .long 0, 0\n"
		     ".quad 1f, 2f - 1f, 4f\n"
		     ".popsection\n"
		     "leaq 3b(%%rip), %%rax\n"
		     "movq %%rax, 8(%[rseq])\n"
		     "1: cmpl %[processor], 4(%[rseq])\n"
		     "jnz 4f\n"
		     "movq (%[counter]), %%rcx\n"
		     "movl $40, %%edx\n"
		     "5: decl %%edx\n"
		     "jnz 5b\n"
		     "incq %%rcx\n"
		     "movq %%rcx, (%[counter])\n"
		     "2:\n"
		     ".pushsection __rseq_failure, \"ax\"\n"
		     ".byte 0x0f, 0xb9, 0x3d\n"
		     ".long 0x53053053\n"
		     "4: jmp %l[again]\n"
		     ".popsection\n"
		     :
		     : [rseq] "r"(rseq), [processor] "r"(processor),
		     [counter] "r"(counter)
		     : "rax", "rcx", "rdx", "memory", "cc"
		     : again);
	return 0;
again:
	return 1;
}

static void *
count(void *unused)
{
	for (int i = 0; i < ROUNDS; i++) {
		unsigned processor;
		do
			processor = area()->cpu_id_start;
		while (
		    add_one(&counters[processor], processor) != 0 && ++aborts);
	}
	return unused;
}

static void
tick(int signal)
{
	(void)signal;
	ticks++;
}

int
main(void)
{
	struct itimerval often = { { 0, 2000 }, { 0, 2000 } };
	pthread_t threads[THREADS];
	long sum = 0;

	if (__rseq_size == 0) {
		printf("no rseq\n");
		return 77;
	}
	signal(SIGALRM, tick);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&threads[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < 1024; i++)
		sum += counters[i];
	SHOW(sum);
	if (getenv("VERBOSE"))
		fprintf(stderr, "%ld aborts, %ld ticks\n", aborts, ticks);
	return 0;
}
