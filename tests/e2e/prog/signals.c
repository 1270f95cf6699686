/* SPDX-License-Identifier: BSD-2-Clause */
/* setjmp and longjmp, and signals that a process sends to itself. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static jmp_buf jump;
static sigjmp_buf sigjump;
static volatile sig_atomic_t caught, last_code;
static void *volatile last_address;

static int
deep(int depth)
{
	volatile char frame[100];

	frame[depth % 100] = 1;
	if (depth == 0)
		longjmp(jump, 7);
	return deep(depth - 1) + frame[0];
}

static void
jumps(void)
{
	volatile int rounds = 0;
	int value = setjmp(jump);

	if (value == 0)
		deep(1000);
	printf("longjmp %d\n", value);
	value = setjmp(jump);
	if (rounds++ < 3)
		longjmp(jump, 0);
	printf("rounds %d value %d\n", rounds, value);
}

static void
handler(int number)
{
	caught += number;
}

static void
info_handler(int number, siginfo_t *info, void *context)
{
	(void)context;
	caught += number;
	last_code = info->si_code;
	last_address = info->si_addr;
	siglongjmp(sigjump, number);
}

/* Prints what a call gave and, when it failed, why. */
static void
result_print(const char *name, int result)
{
	printf("%s %d %s; caught %d\n", name, result,
	    result == -1 ? strerror(errno) : "", (int)caught);
}

static void
sending(void)
{
	struct sigaction action = { .sa_handler = handler };

	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	result_print("raise", raise(SIGUSR1));
	result_print("kill", kill(getpid(), SIGUSR2));
	result_print("kill 0", kill(getpid(), 0));
	result_print("kill bad", kill(getpid(), 1000));
	caught = 0;
	signal(SIGUSR1, SIG_IGN);
	result_print("ignored", raise(SIGUSR1));
	sigaction(SIGUSR1, NULL, &action);
	printf("is ignored %d\n", action.sa_handler == SIG_IGN);
	signal(SIGUSR1, handler);
}

static void
blocking(void)
{
	sigset_t set, old, pending;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	result_print("block", sigprocmask(SIG_BLOCK, &set, &old));
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR2);
	result_print("sigpending", sigpending(&pending));
	printf("pending %d %d %d\n", sigismember(&pending, SIGUSR1),
	    sigismember(&pending, SIGUSR2), sigismember(&pending, SIGHUP));
	sigemptyset(&pending);
	sigaddset(&pending, SIGUSR2);
	result_print("sigsuspend", sigsuspend(&pending));
	result_print("unblock", sigprocmask(SIG_SETMASK, &old, NULL));
}

static void
faults(void)
{
	struct sigaction action = { .sa_sigaction = info_handler,
		.sa_flags = SA_SIGINFO };
	volatile char *page =
	    mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	volatile int zero = 0;
	int number;

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGFPE, &action, NULL);
	sigaction(SIGILL, &action, NULL);
	sigaction(SIGTRAP, &action, NULL);
	number = sigsetjmp(sigjump, 1);
	if (number == 0)
		page[100] = 1;
	printf("protected %d %d %d\n", number, (int)last_code,
	    last_address == (void *)(uintptr_t)(page + 100));
	number = sigsetjmp(sigjump, 1);
	if (number == 0)
		*(volatile int *)(uintptr_t)0x123000 = 1;
	printf("unmapped %d %d %p\n", number, (int)last_code, last_address);
	number = sigsetjmp(sigjump, 1);
	if (number == 0)
		zero = 77 / zero;
	printf("division %d %d\n", number, (int)last_code);
	number = sigsetjmp(sigjump, 1);
	if (number == 0)
		__asm__ volatile("ud2");
	printf("undefined %d %d\n", number, (int)last_code);
	number = sigsetjmp(sigjump, 1);
	if (number == 0)
		__asm__ volatile("int3");
	printf("breakpoint %d %d\n", number, (int)last_code);
}

static void
stack_handler(int number)
{
	char here;

	caught = number;
	last_address = (void *)&here;
	siglongjmp(sigjump, 1);
}

static int
endless(volatile int depth)
{
	volatile char frame[1000];

	frame[depth % 1000] = (char)depth;
	return endless(depth + 1) + frame[depth % 1000];
}

static void
other_stack(void)
{
	struct sigaction action = { .sa_handler = stack_handler,
		.sa_flags = SA_ONSTACK };
	static char memory[65536];
	stack_t stack = { .ss_sp = memory, .ss_size = sizeof(memory) };

	printf("sigaltstack %d\n", sigaltstack(&stack, NULL));
	sigaction(SIGSEGV, &action, NULL);
	if (sigsetjmp(sigjump, 1) == 0)
		endless(0);
	printf("overflow %d %d\n", (int)caught,
	    (char *)last_address > memory &&
		(char *)last_address < memory + sizeof(memory));
}

static void
nested(int number)
{
	caught = caught * 10 + number % 10;
	if (number == SIGUSR1)
		raise(SIGUSR2);
	caught = caught * 10 + number % 10;
}

static void
nesting(void)
{
	struct sigaction action = { .sa_handler = nested };

	caught = 0;
	sigaction(SIGUSR1, &action, NULL);
	sigaction(SIGUSR2, &action, NULL);
	raise(SIGUSR1);
	printf("nested %d\n", (int)caught);
	caught = 0;
	sigaddset(&action.sa_mask, SIGUSR2);
	action.sa_flags = SA_RESETHAND;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &action);
	printf(
	    "masked %d reset %d\n", (int)caught, action.sa_handler == SIG_DFL);
}

static void
timers(void)
{
	struct sigaction action = { .sa_handler = handler };
	struct itimerval timer = { { 0, 0 }, { 0, 30000 } };

	caught = 0;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	result_print("pause", pause());
	setitimer(ITIMER_REAL, &timer, NULL);
	while (caught == SIGALRM)
		;
	printf("spun %d\n", (int)caught);
}

int
main(void)
{
	jumps();
	sending();
	blocking();
	faults();
	other_stack();
	nesting();
	timers();
	return 0;
}
