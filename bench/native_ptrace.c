/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/native.h"

#if defined(__linux__) && defined(__x86_64__)

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define ROUND_TRIPS 100

struct tracee {
	pid_t pid;
	bool move_registers;
};

static void
tracee_loop(void)
{
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	for (;;)
		syscall(SYS_getppid);
}

/* Tracer and tracee take turns; on one processor they do so faster. */
static void
stay_here(void)
{
	int here = sched_getcpu();
	cpu_set_t set;

	CPU_ZERO(&set);
	if (here < 0)
		return;
	CPU_SET((size_t)here, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* The child must end with its tracer: a killed tracer leaves it running. */
static bool
tracee_begin(struct tracee *tracee)
{
	int status;

	return waitpid(tracee->pid, &status, 0) == tracee->pid &&
	       WIFSTOPPED(status) &&
	       ptrace(PTRACE_SETOPTIONS, tracee->pid, NULL,
		   PTRACE_O_EXITKILL) == 0;
}

void *
native_sysemu_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	struct tracee *tracee = calloc(1, sizeof(*tracee));

	(void)env;
	if (tracee == NULL)
		abort();
	tracee->move_registers = self->number != 0;
	stay_here();
	tracee->pid = fork();
	if (tracee->pid == 0)
		tracee_loop();
	if (tracee->pid < 0 || !tracee_begin(tracee))
		figure_fail(out, "ptrace: %s", strerror(errno));
	return tracee;
}

static bool
tracee_next(const struct tracee *tracee)
{
	struct user_regs_struct regs;
	int status;

	if (ptrace(PTRACE_SYSEMU, tracee->pid, NULL, NULL) != 0 ||
	    waitpid(tracee->pid, &status, 0) != tracee->pid ||
	    !WIFSTOPPED(status))
		return false;
	if (!tracee->move_registers)
		return true;
	if (ptrace(PTRACE_GETREGS, tracee->pid, NULL, &regs) != 0)
		return false;
	regs.rax = 1;
	return ptrace(PTRACE_SETREGS, tracee->pid, NULL, &regs) == 0;
}

static bool
round_trip(void *state, struct figure *out)
{
	if (tracee_next(state))
		return true;
	figure_fail(out, "ptrace: %s", strerror(errno));
	return false;
}

void
native_sysemu_sample(void *state, struct figure *out)
{
	figure_time(out, round_trip, state, ROUND_TRIPS);
}

#else

void *
native_sysemu_open(const struct contender *self, const struct bench_env *env,
    struct figure *out)
{
	(void)self;
	(void)env;
	figure_absent(out, "this host has no PTRACE_SYSEMU");
	return NULL;
}

void
native_sysemu_sample(void *state, struct figure *out)
{
	(void)state;
	(void)out;
}

#endif
