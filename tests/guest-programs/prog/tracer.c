// SPDX-License-Identifier: BSD-2-Clause
// Processes and threads that another process traces: stops, waits, registers,
// memory, and who may not.

#include "tests/guest-programs/prog/say.h"

#include <elf.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>

static volatile long word = 0x1234;
static const long constant = 77;
static int to_child[2], from_child[2];
static volatile sig_atomic_t handled;

// The system call itself: glibc's ptrace() returns what PEEK reads.
static long
trace(long request, pid_t pid, void *addr, void *data)
{
	return syscall(SYS_ptrace, request, (long)pid, addr, data);
}

#define TRACE(request, pid, addr, data)                                        \
	show(#request, trace((long)(request), pid, (void *)(uintptr_t)(addr),  \
			   (void *)(uintptr_t)(data)))

static void
hear(pid_t pid, int options)
{
	int status = 0;
	pid_t got = waitpid(pid, &status, options);

	if (got != pid)
		printf("waited for %s\n", got == -1  ? strerror(errno)
					  : got == 0 ? "nobody"
						     : "?");
	else
		show_status("tracee", status);
	if (got == pid && WIFSTOPPED(status) && status >> 16 != 0)
		printf("event %d\n", status >> 16);
}

static char
state_of(pid_t pid, int *tracer)
{
	char line[200], path[64], state = '?';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	file = fopen(path, "r");
	while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
		sscanf(line, "State: %c", &state);
		sscanf(line, "TracerPid: %d", tracer);
	}
	if (file != NULL)
		fclose(file);
	return state;
}

// A child that reads its orders in a system call that stops interrupt.
static pid_t
reader(void)
{
	char c;
	pid_t pid = fork();

	if (pid != 0)
		return pid;
	close(to_child[1]);
	write(from_child[1], "r", 1);
	while (read(to_child[0], &c, 1) == 1)
		if (c == 'w')
			printf("child: word %#lx constant %ld\n", word,
			    *(volatile const long *)&constant);
	fflush(stdout);
	_exit(4);
}

static void
show_regs(pid_t pid)
{
	struct user_regs_struct regs, again;
	struct iovec iov = { &again, sizeof(again) };

	SHOW(trace(PTRACE_GETREGS, pid, NULL, &regs));
	printf("call %lld result %lld cs %#llx ss %#llx fd %d\n", regs.orig_rax,
	    regs.rax, regs.cs, regs.ss, regs.rdi == (unsigned)to_child[0]);
	SHOW(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov));
	printf("%zu bytes, the same: %d\n", iov.iov_len,
	    memcmp(&regs, &again, sizeof(regs)) == 0);
	iov.iov_len = 16;
	SHOW(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov));
	iov.iov_len = 17;
	SHOW(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &iov));
	SHOW(trace(PTRACE_GETREGSET, pid, (void *)0x999, &iov));
	SHOW(trace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, NULL));
	SHOW(trace(PTRACE_SETREGS, pid, NULL, &regs));
	SHOW(trace(PTRACE_SETREGS, pid, NULL, NULL));
}

static void
show_fp(pid_t pid)
{
	struct user_fpregs_struct fp, again;
	struct iovec iov = { &again, sizeof(again) };

	SHOW(trace(PTRACE_GETFPREGS, pid, NULL, &fp));
	printf("mxcsr %#x cwd %#x\n", fp.mxcsr, fp.cwd);
	SHOW(trace(PTRACE_GETREGSET, pid, (void *)NT_FPREGSET, &iov));
	printf("%zu bytes, the same: %d\n", iov.iov_len,
	    memcmp(fp.xmm_space, again.xmm_space, sizeof(fp.xmm_space)) == 0);
	SHOW(trace(PTRACE_SETFPREGS, pid, NULL, &fp));
}

static void
show_memory(pid_t pid)
{
	long value = 0;

	SHOW(trace(PTRACE_PEEKDATA, pid, (void *)&word, &value));
	printf("%#lx\n", value);
	TRACE(PTRACE_POKEDATA, pid, &word, 0x4321);
	TRACE(PTRACE_POKETEXT, pid, &constant, 78);
	SHOW(trace(PTRACE_PEEKDATA, pid, (void *)8, &value));
	TRACE(PTRACE_POKEDATA, pid, 8, 1);
	SHOW(trace(PTRACE_PEEKDATA, pid, (void *)&word, (void *)8));
	SHOW(trace(PTRACE_PEEKUSER, pid,
	    (void *)offsetof(struct user_regs_struct, orig_rax), &value));
	printf("call %ld\n", value);
	SHOW(trace(PTRACE_PEEKUSER, pid, (void *)3, &value));
	SHOW(trace(PTRACE_PEEKUSER, pid, (void *)100000, &value));
}

static void
attaching(void)
{
	int status, tracer = 0;
	char c;
	pid_t pid = reader();

	close(to_child[0]);
	read(from_child[0], &c, 1);
	while (state_of(pid, &tracer) != 'S')
		sched_yield();
	TRACE(PTRACE_GETREGS, pid, 0, &status);
	TRACE(PTRACE_ATTACH, pid, 0, 0);
	hear(pid, __WALL);
	hear(pid, __WALL | WNOHANG);
	printf("state %c", state_of(pid, &tracer));
	printf(", tracer is me %d\n", tracer == getpid());
	TRACE(PTRACE_ATTACH, pid, 0, 0);
	show_regs(pid);
	show_fp(pid);
	show_memory(pid);
	TRACE(0x7777, pid, 0, 0);
	TRACE(PTRACE_CONT, pid, 0, 65);
	TRACE(PTRACE_DETACH, pid, 0, 100);
	TRACE(PTRACE_DETACH, pid, 0, 0);
	TRACE(PTRACE_DETACH, pid, 0, 0);
	state_of(pid, &tracer);
	SHOW(tracer);
	write(to_child[1], "w", 1);
	close(to_child[1]);
	hear(pid, 0);
}

static void
errors(void)
{
	TRACE(PTRACE_ATTACH, 999999, 0, 0);
	TRACE(PTRACE_CONT, 999999, 0, 0);
	TRACE(PTRACE_ATTACH, getpid(), 0, 0);
	TRACE(PTRACE_CONT, getppid(), 0, 0);
	TRACE(PTRACE_SEIZE, getpid(), 8, 0);
}

static void
handler(int signal)
{
	handled += signal;
}

static void
traced_me(void)
{
	signal(SIGUSR1, handler);
	SHOW(trace(PTRACE_TRACEME, 0, NULL, NULL));
	SHOW(trace(PTRACE_TRACEME, 0, NULL, NULL));
	raise(SIGSTOP);
	raise(SIGUSR1);
	printf("handled %d\n", (int)handled);
	raise(SIGUSR1);
	printf("handled %d\n", (int)handled);
	raise(SIGUSR2);
	printf("handled %d\n", (int)handled);
	raise(SIGCHLD);
	fflush(stdout);
	execl("/bin/sh", "sh", "-c", "exit 7", (char *)NULL);
	_exit(1);
}

static void
tracing_me(void)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		traced_me();
	hear(pid, 0);
	SHOW(trace(PTRACE_SETOPTIONS, pid, NULL, (void *)PTRACE_O_EXITKILL));
	SHOW(trace(PTRACE_SETOPTIONS, pid, NULL, (void *)0x80000000));
	TRACE(PTRACE_CONT, pid, 0, 0);
	hear(pid, 0);
	SHOW(trace(PTRACE_GETSIGINFO, pid, NULL, &info));
	printf("%d %d %d\n", info.si_signo, info.si_code, info.si_pid == pid);
	TRACE(PTRACE_CONT, pid, 0, SIGUSR1);
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, 0);
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, SIGUSR1);
	hear(pid, 0);
	/* It prints before it stops: no line of ours in between. */
	long went = trace(PTRACE_CONT, pid, NULL, NULL);
	hear(pid, 0);
	SHOW(went);
	TRACE(PTRACE_CONT, pid, 0, 0);
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, 0);
}

static void
seizing(void)
{
	siginfo_t info;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	TRACE(PTRACE_SEIZE, pid, 0, 0);
	TRACE(PTRACE_INTERRUPT, pid, 0, 0);
	hear(pid, 0);
	SHOW(trace(PTRACE_CONT, pid, NULL, NULL));
	SHOW(kill(pid, SIGSTOP));
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, SIGSTOP);
	hear(pid, 0);
	SHOW(trace(PTRACE_GETSIGINFO, pid, NULL, &info) >= -1);
	TRACE(PTRACE_KILL, pid, 0, 0);
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, 0);
}

// Threads of another process, one in a call and one that computes.
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static volatile int ready, spin = 1;
static pid_t tids[3];

static void *
waits(void *unused)
{
	tids[1] = gettid();
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&mutex);
	pthread_mutex_unlock(&mutex);
	return unused;
}

static void *
computes(void *unused)
{
	tids[2] = gettid();
	__atomic_add_fetch(&ready, 1, __ATOMIC_SEQ_CST);
	while (spin)
		continue;
	return unused;
}

// As a leak detector: it shares the memory, and is no thread of the process.
static int
stops_all(void *unused)
{
	struct user_regs_struct regs;
	int i, status, good = 0;

	(void)unused;
	for (i = 0; i < 3; i++) {
		if (ptrace(PTRACE_ATTACH, tids[i], NULL, NULL) != 0 ||
		    waitpid(tids[i], &status, __WALL) != tids[i])
			return 1;
		good += WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP;
	}
	for (i = 0; i < 3; i++)
		good += ptrace(PTRACE_GETREGS, tids[i], NULL, &regs) == 0 &&
			regs.rsp != 0;
	errno = 0;
	good += waitpid(-1, &status, __WALL | WNOHANG) == 0;
	for (i = 0; i < 3; i++)
		good += ptrace(PTRACE_DETACH, tids[i], NULL, NULL) == 0;
	errno = 0;
	good += waitpid(-1, &status, __WALL) == -1 && errno == ECHILD;
	return good;
}

static void
threads(void)
{
	static char stack[65536];
	pthread_t one, two;
	int status;
	pid_t pid;

	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	tids[0] = getpid();
	pthread_mutex_lock(&mutex);
	pthread_create(&one, NULL, waits, NULL);
	pthread_create(&two, NULL, computes, NULL);
	while (ready < 2)
		sched_yield();
	pid = clone(stops_all, stack + sizeof(stack),
	    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_UNTRACED, NULL);
	while (waitpid(pid, &status, __WALL) == -1 && errno == EINTR)
		continue;
	show_status("stopped all", status);
	spin = 0;
	pthread_mutex_unlock(&mutex);
	pthread_join(one, NULL);
	pthread_join(two, NULL);
	printf("joined\n");
}

// A process that has stopped before, and one that is let stop.
static void
stopping(void)
{
	int tracer;
	pid_t pid = fork();

	if (pid == 0)
		for (;;)
			pause();
	SHOW(kill(pid, SIGSTOP));
	hear(pid, WUNTRACED);
	TRACE(PTRACE_ATTACH, pid, 0, 0);
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, 0);
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, 0);
	SHOW(kill(pid, SIGTSTP));
	hear(pid, 0);
	TRACE(PTRACE_CONT, pid, 0, SIGSTOP);
	hear(pid, 0);
	printf("state %c\n", state_of(pid, &tracer));
	TRACE(PTRACE_DETACH, pid, 0, 0);
	while (state_of(pid, &tracer) != 'T')
		sched_yield();
	printf("state %c\n", state_of(pid, &tracer));
	SHOW(kill(pid, SIGTERM));
	SHOW(kill(pid, SIGCONT));
	hear(pid, 0);
}

// One thread is traced and ends, and then the process.
static void *
ends_soon(void *unused)
{
	pid_t tid = gettid();

	(void)unused;
	write(from_child[1], &tid, sizeof(tid));
	while (ready == 0)
		sched_yield();
	syscall(SYS_exit, 9);
	return unused;
}

static void
thread_of_child(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, ends_soon, NULL);
	for (;;)
		pause();
}

static void
thread_ends(void)
{
	pid_t pid = fork(), tid;

	if (pid == 0)
		thread_of_child();
	read(from_child[0], &tid, sizeof(tid));
	TRACE(PTRACE_ATTACH, tid, 0, 0);
	hear(tid, __WALL);
	TRACE(PTRACE_POKEDATA, tid, &ready, 1);
	TRACE(PTRACE_CONT, tid, 0, 0);
	hear(tid, __WALL);
	hear(tid, __WALL);
	TRACE(PTRACE_ATTACH, pid, 0, 0);
	hear(pid, 0);
	SHOW(kill(pid, SIGKILL));
	hear(pid, 0);
	hear(pid, 0);
}

// The tracer's end lets tracees go on, or ends them.
static void
ends(long options)
{
	pid_t pid = fork(), tracer;

	if (pid == 0) {
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
		for (;;)
			pause();
	}
	tracer = fork();
	if (tracer == 0) {
		trace(PTRACE_SEIZE, pid, NULL, (void *)options);
		trace(PTRACE_INTERRUPT, pid, NULL, NULL);
		waitpid(pid, NULL, __WALL);
		_exit(0);
	}
	hear(tracer, 0);
	SHOW(kill(pid, SIGTERM));
	hear(pid, 0);
}

// A tracee that is not the tracer's child: its end is heard twice.
static void
stranger(void)
{
	pid_t pid = fork(), tracer;

	if (pid == 0)
		for (;;)
			pause();
	tracer = fork();
	if (tracer == 0) {
		TRACE(PTRACE_ATTACH, pid, 0, 0);
		hear(pid, 0);
		SHOW(kill(pid, SIGKILL));
		hear(pid, 0);
		hear(pid, 0);
		_exit(0);
	}
	hear(tracer, 0);
	hear(pid, 0);
}

int
main(void)
{
	pipe(to_child);
	pipe(from_child);
	errors();
	attaching();
	tracing_me();
	seizing();
	stopping();
	thread_ends();
	threads();
	ends(0);
	ends(PTRACE_O_EXITKILL);
	stranger();
	return 0;
}
