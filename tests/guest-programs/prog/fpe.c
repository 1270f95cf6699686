// SPDX-License-Identifier: BSD-2-Clause
// SIGFPE, SIGILL and SIGTRAP; a handler that steps over the instruction.

#include "tests/guest-programs/prog/say.h"

#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <ucontext.h>

static sigjmp_buf back;
static volatile int skip;

static void
handler(int number, siginfo_t *info, void *context)
{
	ucontext_t *registers = context;

	printf("signal %d, code %d\n", number, info->si_code);
	fflush(stdout);
	if (skip > 0) {
		registers->uc_mcontext.gregs[REG_RIP] += skip;
		registers->uc_mcontext.gregs[REG_RAX] = 1234;
		return;
	}
	siglongjmp(back, 1);
}

#define FAULT(name, access)                                                    \
	do {                                                                   \
		puts(name);                                                    \
		if (sigsetjmp(back, 1) == 0) {                                 \
			access;                                                \
		}                                                              \
	} while (0)

int
main(void)
{
	static const int signals[] = { SIGFPE, SIGILL, SIGTRAP, SIGSEGV };
	struct sigaction action = { .sa_sigaction = handler,
		.sa_flags = SA_SIGINFO };
	volatile int zero = 0, least = INT_MIN, minus = -1;
	long rax = 0;

	for (int i = 0; i < 4; i++)
		sigaction(signals[i], &action, NULL);
	FAULT("divide by zero", SHOW(1 / zero));
	FAULT("overflow", SHOW(least / minus));
	FAULT("ud2", __asm__ volatile("ud2"));
	FAULT("int3", __asm__ volatile("int3"); puts("after int3"));
	FAULT("hlt", __asm__ volatile("hlt"));
	FAULT("in", __asm__ volatile("inb $0x80, %%al" ::: "rax"));
	skip = 2;
	__asm__ volatile("ud2" : "=a"(rax));
	SHOW(rax);
	IN_CHILD("divided", {
		signal(SIGFPE, SIG_DFL);
		_exit(1 / zero);
	});
	IN_CHILD("illegal", {
		signal(SIGILL, SIG_DFL);
		__asm__ volatile("ud2");
	});
	IN_CHILD("trapped", {
		signal(SIGTRAP, SIG_DFL);
		__asm__ volatile("int3");
	});
	return 0;
}
