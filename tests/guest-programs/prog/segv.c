// SPDX-License-Identifier: BSD-2-Clause
// SIGSEGV and SIGBUS: where, why, on which stack, and ways to go on.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>

static sigjmp_buf back;
static siginfo_t last;
static char *fixed;
static char alternate[65536];
static volatile int on_alternate;

static void
jump(int number, siginfo_t *info, void *unused)
{
	char here;

	(void)number;
	(void)unused;
	last = *info;
	on_alternate =
	    &here >= alternate && &here < alternate + sizeof(alternate);
	siglongjmp(back, 1);
}

static void
repair(int number, siginfo_t *info, void *unused)
{
	(void)number;
	(void)unused;
	last = *info;
	mprotect(fixed, 4096, PROT_READ | PROT_WRITE);
}

static void
handle(int number, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction action = { .sa_sigaction = handler,
		.sa_flags = SA_SIGINFO | flags };

	sigaction(number, &action, NULL);
}

static void
tell(const char *what, const char *base)
{
	printf("%s: signal %d, code %d, offset %ld\n", what, last.si_signo,
	    last.si_code, (long)((char *)last.si_addr - base));
	fflush(stdout);
}

#define FAULT(what, base, access)                                              \
	do {                                                                   \
		if (sigsetjmp(back, 1) == 0) {                                 \
			access;                                                \
			printf("%s: no fault\n", what);                        \
		} else                                                         \
			tell(what, base);                                      \
	} while (0)

static int
endless(volatile int depth)
{
	volatile char room[1000];

	room[0] = (char)depth;
	return endless(depth + 1) + room[0];
}

static void
file_faults(void)
{
	int file = open("short", O_RDWR | O_CREAT | O_TRUNC, 0600);
	SHOW(write(file, "text", 4));
	char *map =
	    mmap(NULL, 12288, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	SHOW(map[3]);
	SHOW(map[4]);
	FAULT("after the file", map, map[5000] = 1);
	SHOW(ftruncate(file, 9000));
	FAULT("in the longer file", map, map[5000] = 1);
	SHOW(ftruncate(file, 0));
	FAULT("in the empty file", map, map[0] = 1);
}

int
main(void)
{
	char *page =
	    mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	handle(SIGSEGV, jump, 0);
	handle(SIGBUS, jump, 0);
	munmap(page + 4096, 4096);
	FAULT("null", NULL, *(volatile int *)24 = 1);
	FAULT("write to read-only", page, page[17] = 1);
	FAULT("read of nothing", page, SHOW(page[4100]));
	FAULT("across", page, SHOW(*(volatile long *)(page + 4093)));
	FAULT("not executable", page, ((void (*)(void))page)());
	FAULT("non-canonical", NULL, *(volatile int *)0x8000000000000000 = 1);
	SHOW(mprotect(page, 4096, PROT_NONE));
	FAULT("no access", page, SHOW(page[5]));
	file_faults();

	fixed = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	handle(SIGSEGV, repair, 0);
	fixed[99] = 5;
	tell("repaired", fixed);
	SHOW(fixed[99]);

	stack_t stack = { .ss_sp = alternate, .ss_size = sizeof(alternate) },
		old;
	SHOW(sigaltstack(&stack, &old));
	SHOW(old.ss_flags == SS_DISABLE);
	handle(SIGSEGV, jump, SA_ONSTACK);
	if (sigsetjmp(back, 1) == 0)
		endless(0);
	SHOW(on_alternate);
	SHOW(last.si_signo);

	IN_CHILD("no handler", {
		signal(SIGSEGV, SIG_DFL);
		*(volatile int *)8 = 1;
	});
	IN_CHILD("ignored", {
		signal(SIGSEGV, SIG_IGN);
		*(volatile int *)8 = 1;
	});
	IN_CHILD("no stack left", {
		handle(SIGSEGV, jump, 0);
		endless(0);
	});
	return 0;
}
