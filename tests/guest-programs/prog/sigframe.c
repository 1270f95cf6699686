// SPDX-License-Identifier: BSD-2-Clause
// Registers across handlers: floating point, flags, and contexts by hand.

#include "tests/guest-programs/prog/say.h"

#include <fenv.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>
#include <ucontext.h>

static volatile sig_atomic_t hits;
static volatile double sink;

static void
disturb(int number)
{
	(void)number;
	volatile double x = 3.25;

	for (int i = 0; i < 20; i++)
		x = sqrt(x) * 1.7 + sin(x);
	sink = x;
	fesetround(FE_UPWARD);
	__asm__ volatile("fldz; fld1; pxor %%xmm0, %%xmm0; pxor %%xmm7, %%xmm7;"
			 "pxor %%xmm15, %%xmm15; std; cld" ::
			     : "xmm0", "xmm7", "xmm15");
	hits++;
}

static double
series(void)
{
	double sum = 0;
	long double wide = 0;

	for (int i = 1; i < 4000; i++) {
		sum += 1.0 / i;
		wide += 1.0L / i;
	}
	return sum + (double)wide;
}

static ucontext_t first, second, back;

static void
coroutine(int a, int b)
{
	printf("coroutine %d %d\n", a, b);
	swapcontext(&second, &first);
	printf("coroutine again\n");
}

static jmp_buf place;

static void
leave(int value)
{
	longjmp(place, value);
}

int
main(void)
{
	struct itimerval often = { { 0, 500 }, { 0, 500 } };
	static char stack[65536];
	double wanted, got;

	signal(SIGALRM, disturb);
	wanted = series();
	setitimer(ITIMER_REAL, &often, NULL);
	long wrong = 0;
	while (hits < 20) {
		got = series();
		wrong += got != wanted;
		wrong += fegetround() != FE_TONEAREST;
	}
	setitimer(ITIMER_REAL, &(struct itimerval){ 0 }, NULL);
	SHOW(wrong);
	printf("%.17g\n", wanted);

	getcontext(&second);
	second.uc_stack.ss_sp = stack;
	second.uc_stack.ss_size = sizeof(stack);
	second.uc_link = &back;
	makecontext(&second, (void (*)(void))coroutine, 2, 11, 22);
	SHOW(swapcontext(&first, &second));
	volatile int once = 0;
	getcontext(&back);
	if (once++ == 0)
		setcontext(&second);
	printf("back\n");

	int value = setjmp(place);
	SHOW(value);
	if (value < 3)
		leave(value + 1);
	return 0;
}
