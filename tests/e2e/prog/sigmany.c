/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals between processes and threads: each case runs in a child of its own,
 * and says what it saw. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

static volatile sig_atomic_t seen[65], order[100], orders;
static volatile int last_code, last_value, last_status, last_tid;
static volatile pid_t last_pid;

static void
note(int signal, siginfo_t *info, void *context)
{
	(void)context;
	seen[signal]++;
	if (orders < 100)
		order[orders++] = signal;
	last_code = info->si_code;
	last_pid = info->si_pid;
	last_value = info->si_value.sival_int;
	last_status = info->si_status;
	last_tid = (int)syscall(SYS_gettid);
}

static void
handle_with(int signal, int flags)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = note;
	action.sa_flags = SA_SIGINFO | flags;
	sigaction(signal, &action, NULL);
}

static void
mask(int how, int signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, signal);
	pthread_sigmask(how, &set, NULL);
}

static void
ms(int count)
{
	struct timespec ts = { count / 1000, count % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		continue;
}

static long
elapsed_ms(const struct timespec *since)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - since->tv_sec) * 1000 +
	       (now.tv_nsec - since->tv_nsec) / 1000000;
}

static void
show_status(const char *what, int status)
{
	if (WIFEXITED(status))
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("%s: signal %d core %d\n", what, WTERMSIG(status),
		    WCOREDUMP(status) != 0);
	else if (WIFSTOPPED(status))
		printf("%s: stopped %d\n", what, WSTOPSIG(status));
	else if (WIFCONTINUED(status))
		printf("%s: continued\n", what);
	fflush(stdout);
}

static void
show(const char *what, long result)
{
	printf(
	    "%s %ld %s\n", what, result, result < 0 ? strerror(errno) : "ok");
	fflush(stdout);
}

static void
queued(void)
{
	union sigval value = { 0 };

	for (int i = SIGRTMIN; i < SIGRTMIN + 3; i++) {
		mask(SIG_BLOCK, i);
		handle_with(i, 0);
	}
	mask(SIG_BLOCK, SIGUSR1);
	handle_with(SIGUSR1, 0);
	for (int i = 2; i >= 0; i--)
		for (int n = 0; n < 3; n++) {
			value.sival_int = i * 10 + n;
			sigqueue(getpid(), SIGRTMIN + i, value);
		}
	for (int i = 0; i < 3; i++)
		kill(getpid(), SIGUSR1);
	sigset_t set;
	siginfo_t info;
	struct timespec zero = { 0, 0 };

	sigpending(&set);
	printf("pending %d %d\n", sigismember(&set, SIGUSR1),
	    sigismember(&set, SIGRTMIN + 1));
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 1);
	for (int i = 0; i < 4; i++) {
		int got = sigtimedwait(&set, &info, &zero);

		if (got < 0)
			printf("then %s\n", strerror(errno));
		else
			printf("took +%d value %d code %d\n", got - SIGRTMIN,
			    info.si_value.sival_int, info.si_code);
	}
	sigfillset(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	printf("usr1 %d rt %d %d %d\n", (int)seen[SIGUSR1], (int)seen[SIGRTMIN],
	    (int)seen[SIGRTMIN + 1], (int)seen[SIGRTMIN + 2]);
}

static void
limited(void)
{
	struct rlimit limit = { 5, 5 };
	union sigval value = { 0 };
	int sent = 0;

	setrlimit(RLIMIT_SIGPENDING, &limit);
	mask(SIG_BLOCK, SIGRTMIN);
	mask(SIG_BLOCK, SIGUSR1);
	while (sent < 20 && sigqueue(getpid(), SIGRTMIN, value) == 0)
		sent++;
	printf("limit reached %d: %s\n", sent <= 5, strerror(errno));
	printf("kill beyond it %d\n", kill(getpid(), SIGRTMIN));
	printf("standard %d\n", sigqueue(getpid(), SIGUSR1, value));
}

static volatile int thread_go, thread_tid;

static void *
thread_main(void *arg)
{
	if (arg != NULL)
		mask(SIG_UNBLOCK, *(int *)arg);
	thread_tid = (int)syscall(SYS_gettid);
	while (thread_go == 0)
		ms(1);
	return NULL;
}

static const char *
who(int tid)
{
	return tid == getpid() ? "main" : tid == thread_tid ? "thread" : "?";
}

static void
threads(void)
{
	int usr2 = SIGUSR2;
	pthread_t thread;

	handle_with(SIGUSR1, 0);
	handle_with(SIGUSR2, 0);
	mask(SIG_BLOCK, SIGUSR2);
	pthread_create(&thread, NULL, thread_main, &usr2);
	while (thread_tid == 0)
		ms(1);
	kill(getpid(), SIGUSR1);
	printf("usr1 by %s\n", who(last_tid));
	kill(getpid(), SIGUSR2);
	while (seen[SIGUSR2] == 0)
		ms(1);
	printf("usr2 by %s\n", who(last_tid));
	syscall(SYS_tgkill, getpid(), thread_tid, SIGUSR1);
	while (seen[SIGUSR1] == 1)
		ms(1);
	printf("tgkill by %s code %d from self %d\n", who(last_tid), last_code,
	    last_pid == getpid());
	syscall(SYS_tgkill, getpid(), getpid(), SIGUSR2);
	printf("blocked %d\n", (int)seen[SIGUSR2]);
	kill(thread_tid, SIGUSR1);
	printf("kill of a thread's number: by %s\n", who(last_tid));
	thread_go = 1;
	pthread_join(thread, NULL);
	mask(SIG_UNBLOCK, SIGUSR2);
	printf("unblocked %d\n", (int)seen[SIGUSR2]);
}

static void
fatal_in_thread(void)
{
	pthread_t thread;

	pthread_create(&thread, NULL, thread_main, NULL);
	while (thread_tid == 0)
		ms(1);
	syscall(SYS_tgkill, getpid(), thread_tid, SIGABRT);
	for (;;)
		pause();
}

static pid_t
child_that(void (*function)(void))
{
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		function();
		fflush(stdout);
		_exit(0);
	}
	return pid;
}

static void
sleeper(void)
{
	for (;;)
		pause();
}

static void
stops(void)
{
	siginfo_t info;
	int status;
	pid_t pid;

	handle_with(SIGCHLD, SA_RESTART);
	pid = child_that(sleeper);
	setpgid(pid, pid); /* SIGTSTP does nothing in an orphaned group */
	for (int i = 0; i < 3; i++) {
		kill(pid, i == 1 ? SIGTSTP : SIGSTOP);
		waitpid(pid, &status, WUNTRACED);
		show_status("stop", status);
		ms(10);
		printf("info %d %d child %d\n", last_code, last_status,
		    last_pid == pid);
		if (i == 2) {
			kill(pid, SIGUSR1);
			printf("still %d\n",
			    waitpid(pid, &status, WUNTRACED | WNOHANG));
			break;
		}
		kill(pid, SIGCONT);
		waitpid(pid, &status, WCONTINUED);
		show_status("cont", status);
		ms(10);
		printf("info %d %d\n", last_code, last_status);
	}
	kill(pid, SIGKILL);
	memset(&info, 0, sizeof(info));
	waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT);
	printf(
	    "waitid %d %d %d\n", info.si_signo, info.si_code, info.si_status);
	waitpid(pid, &status, 0);
	show_status("end", status);
	ms(10);
	printf("chld %d code %d status %d\n", (int)seen[SIGCHLD], last_code,
	    last_status);
}

static void
no_cldstop(void)
{
	int status;
	pid_t pid;

	handle_with(SIGCHLD, SA_RESTART | SA_NOCLDSTOP);
	pid = child_that(sleeper);
	kill(pid, SIGSTOP);
	waitpid(pid, &status, WUNTRACED);
	kill(pid, SIGCONT);
	waitpid(pid, &status, WCONTINUED);
	printf("chld %d\n", (int)seen[SIGCHLD]);
	kill(pid, SIGTERM);
	waitpid(pid, &status, 0);
	show_status("end", status);
	ms(10);
	printf("chld %d\n", (int)seen[SIGCHLD]);
}

static void
annul(void)
{
	sigset_t set;

	mask(SIG_BLOCK, SIGTSTP);
	mask(SIG_BLOCK, SIGCONT);
	kill(getpid(), SIGTSTP);
	sigpending(&set);
	printf("tstp %d\n", sigismember(&set, SIGTSTP));
	kill(getpid(), SIGCONT);
	sigpending(&set);
	printf("tstp %d cont %d\n", sigismember(&set, SIGTSTP),
	    sigismember(&set, SIGCONT));
	kill(getpid(), SIGTSTP);
	sigpending(&set);
	printf("tstp %d cont %d\n", sigismember(&set, SIGTSTP),
	    sigismember(&set, SIGCONT));
	signal(SIGTSTP, SIG_IGN);
	sigpending(&set);
	printf("tstp %d\n", sigismember(&set, SIGTSTP));
}

static void
blocked_cont(void)
{
	mask(SIG_BLOCK, SIGCONT);
	signal(SIGCONT, SIG_IGN);
	raise(SIGSTOP);
	_exit(7);
}

static void
continues(void)
{
	int status;
	pid_t pid;

	pid = child_that(blocked_cont);
	waitpid(pid, &status, WUNTRACED);
	show_status("stop", status);
	kill(pid, SIGCONT);
	waitpid(pid, &status, 0);
	show_status("end", status);
}

static void
group_kill(void)
{
	pid_t first, second, status_pid;
	int status;

	first = child_that(sleeper);
	setpgid(first, first);
	second = child_that(sleeper);
	setpgid(second, first);
	printf("probe %d\n", kill(-first, 0));
	kill(-first, SIGTERM);
	status_pid = waitpid(-first, &status, 0);
	show_status("one", status);
	waitpid(status_pid == first ? second : first, &status, 0);
	show_status("other", status);
	show("gone", kill(-first, 0));
}

static int pipe_fds[2];

static void
orphan_member(void)
{
	handle_with(SIGHUP, 0);
	handle_with(SIGCONT, 0);
	setpgid(0, 0);
	raise(SIGSTOP);
	printf(
	    "orphan: hup %d cont %d\n", (int)seen[SIGHUP], (int)seen[SIGCONT]);
	fflush(stdout);
	raise(SIGTSTP); /* is not done to an orphaned group */
	printf("orphan goes on\n");
}

static void
orphan_parent(void)
{
	int status;
	pid_t pid;

	pid = child_that(orphan_member);
	waitpid(pid, &status, WUNTRACED);
	show_status("member", status);
}

static void
orphans(void)
{
	char byte;
	int status;

	pipe(pipe_fds);
	pid_t pid = child_that(orphan_parent);

	close(pipe_fds[1]);
	waitpid(pid, &status, 0);
	while (read(pipe_fds[0], &byte, 1) > 0)
		continue;
	close(pipe_fds[0]);
}

static void
poke(pid_t pid, int delay, int signal)
{
	fflush(stdout);
	if (fork() != 0)
		return;
	ms(delay);
	kill(pid, signal);
	if (signal == SIGSTOP) {
		ms(delay);
		kill(pid, SIGCONT);
	}
	_exit(0);
}

static void
interrupted_calls(void)
{
	struct timespec start, ts = { 5, 0 }, rem = { 0, 0 };
	struct pollfd fds = { -1, 0, 0 };
	char byte;
	int status;

	pipe(pipe_fds);
	handle_with(SIGUSR1, 0);
	handle_with(SIGUSR2, SA_RESTART);
	poke(getpid(), 30, SIGUSR1);
	status = nanosleep(&ts, &rem);
	printf("nanosleep %d %s left %d\n", status, strerror(errno),
	    rem.tv_sec == 4);
	wait(NULL);
	poke(getpid(), 30, SIGUSR2);
	status = nanosleep(&ts, &rem);
	printf("nanosleep %d %s\n", status, strerror(errno));
	wait(NULL);
	poke(getpid(), 30, SIGUSR1);
	show("read", read(pipe_fds[0], &byte, 1));
	wait(NULL);
	poke(getpid(), 30, SIGUSR2);
	if (fork() == 0) {
		ms(100);
		write(pipe_fds[1], "x", 1);
		_exit(0);
	}
	printf("read %d", (int)read(pipe_fds[0], &byte, 1));
	printf(" %c\n", byte);
	wait(NULL);
	wait(NULL);
	poke(getpid(), 30, SIGUSR2);
	show("poll", poll(&fds, 1, 5000));
	wait(NULL);
	poke(getpid(), 400, SIGSTOP);
	ts = (struct timespec){ 1, 0 };
	clock_gettime(CLOCK_MONOTONIC, &start);
	status = nanosleep(&ts, &rem);
	long took = elapsed_ms(&start);

	printf("stopped nanosleep %d in time %d\n", status,
	    took >= 1000 && took < 1700);
	wait(NULL);
	poke(getpid(), 400, SIGSTOP);
	clock_gettime(CLOCK_MONOTONIC, &start);
	status = poll(&fds, 1, 1000);
	took = elapsed_ms(&start);
	printf("stopped poll %d in time %d\n", status,
	    took >= 1000 && took < 1700);
	wait(NULL);
	poke(getpid(), 30, SIGUSR1);
	show("pause", pause());
	wait(NULL);
}

static void
waiting(void)
{
	struct timespec ts = { 5, 0 };
	siginfo_t info;
	sigset_t set;
	pid_t pid;

	mask(SIG_BLOCK, SIGCHLD);
	pid = fork();
	if (pid == 0)
		_exit(3);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	printf("sigtimedwait %d", sigtimedwait(&set, &info, &ts) == SIGCHLD);
	printf(" code %d status %d child %d\n", info.si_code, info.si_status,
	    info.si_pid == pid);
	wait(NULL);
	handle_with(SIGUSR1, SA_RESTART);
	mask(SIG_BLOCK, SIGUSR1);
	poke(getpid(), 30, SIGUSR1);
	sigemptyset(&set);
	show("sigsuspend", sigsuspend(&set));
	printf("seen %d\n", (int)seen[SIGUSR1]);
	sigprocmask(SIG_SETMASK, NULL, &set);
	printf("mask %d %d\n", sigismember(&set, SIGUSR1),
	    sigismember(&set, SIGUSR2));
	ts = (struct timespec){ 0, 1000000 };
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	show("sigtimedwait", sigtimedwait(&set, NULL, &ts));
	mask(SIG_UNBLOCK, SIGUSR1);
	ts.tv_sec = 5;
	poke(getpid(), 30, SIGUSR1);
	show("sigtimedwait", sigtimedwait(&set, NULL, &ts));
	wait(NULL);
	struct pollfd fds = { -1, 0, 0 };

	mask(SIG_BLOCK, SIGUSR1);
	kill(getpid(), SIGUSR1);
	sigemptyset(&set);
	ts = (struct timespec){ 5, 0 };
	show("ppoll", ppoll(&fds, 1, &ts, &set));
	printf("seen %d\n", (int)seen[SIGUSR1]);
}

static volatile int depth, depth_most, raises;

static void
nested(int signal)
{
	depth++;
	if (depth > depth_most)
		depth_most = depth;
	if (depth < 3 && raises++ < 2)
		raise(signal);
	depth--;
}

static void
flags(void)
{
	struct sigaction action, old;

	memset(&action, 0, sizeof(action));
	action.sa_handler = nested;
	action.sa_flags = SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	printf("nodefer %d\n", depth_most);
	depth_most = raises = 0;
	action.sa_flags = 0;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	printf("deferred %d\n", depth_most);
	action.sa_flags = (int)SA_RESETHAND;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGURG);
	sigaction(SIGUSR1, NULL, &old);
	printf("before %d\n", old.sa_handler == nested);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &old);
	printf("after %d\n", old.sa_handler == SIG_DFL);
	for (int i = SIGRTMIN; i < SIGRTMIN + 2; i++) {
		memset(&action, 0, sizeof(action));
		action.sa_sigaction = note;
		action.sa_flags = SA_SIGINFO;
		sigaddset(&action.sa_mask, SIGUSR2);
		sigaction(i, &action, NULL);
		mask(SIG_BLOCK, i);
		raise(i);
	}
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	printf("order %d\n", order[0] > order[1]);
}

static char *stack_base;
static volatile int on_stack[3], nest_stack;

static void
stack_handler(int signal)
{
	char here;
	stack_t old;

	sigaltstack(NULL, &old);
	on_stack[nest_stack] =
	    (&here >= stack_base && &here < stack_base + 65536) * 10 +
	    (old.ss_flags & 3);
	if (nest_stack++ == 0)
		raise(signal);
}

static void
stack_case(const char *name, int stack_flags)
{
	stack_t stack = {
		.ss_sp = stack_base, .ss_size = 65536, .ss_flags = stack_flags
	};
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_handler = stack_handler;
	action.sa_flags = SA_ONSTACK | SA_NODEFER;
	sigaction(SIGUSR1, &action, NULL);
	printf("%s: set %d", name, sigaltstack(&stack, NULL));
	nest_stack = 0;
	raise(SIGUSR1);
	sigaltstack(NULL, &stack);
	printf(" first %d second %d flags %x\n", on_stack[0], on_stack[1],
	    (unsigned)stack.ss_flags);
}

static void
stacks(void)
{
	stack_t stack;

	stack_base = malloc(65536);
	stack_case("plain", 0);
	stack_case("onstack", SS_ONSTACK);
	stack_case("autodisarm", (int)(1U << 31));
	stack_case("disabled", SS_DISABLE);
	stack = (stack_t){ .ss_sp = stack_base, .ss_size = 100 };
	show("small", sigaltstack(&stack, NULL));
	stack =
	    (stack_t){ .ss_sp = stack_base, .ss_size = 65536, .ss_flags = 64 };
	show("flags", sigaltstack(&stack, NULL));
}

static void
overflow_handler(int signal, siginfo_t *info, void *context)
{
	(void)signal;
	(void)info;
	(void)context;
	write(1, "overflow handled\n", 17);
	_exit(5);
}

static int
overflow(volatile char *above, int depth)
{
	volatile char here[4096];

	here[0] = *above;
	return depth > 1 << 30 ? 0 : overflow(here, depth + 1) + here[0];
}

static void
overflow_on_altstack(void)
{
	struct sigaction action;
	stack_t stack = { .ss_sp = malloc(65536), .ss_size = 65536 };

	sigaltstack(&stack, NULL);
	memset(&action, 0, sizeof(action));
	action.sa_sigaction = overflow_handler;
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaction(SIGSEGV, &action, NULL);
	overflow((volatile char[1]){ 0 }, 0);
}

static void
overflow_without(void)
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = overflow_handler;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGSEGV, &action, NULL);
	overflow((volatile char[1]){ 0 }, 0);
}

static void
bad_frame_handler(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	uc->uc_mcontext.fpregs = (void *)16;
}

static void
bad_rip_handler(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)UINT64_C(0x8000000000000000);
}

static void
bad_mxcsr_handler(int signal, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;

	(void)signal;
	(void)info;
	((uint32_t *)(void *)uc->uc_mcontext.fpregs)[6] = 0xffffffff;
}

static void
bad_frame_with(void (*handler)(int, siginfo_t *, void *))
{
	struct sigaction action;

	memset(&action, 0, sizeof(action));
	action.sa_sigaction = handler;
	action.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
}

static void
bad_frame(void)
{
	bad_frame_with(bad_frame_handler);
}

static void
bad_rip(void)
{
	bad_frame_with(bad_rip_handler);
}

static void
bad_mxcsr(void)
{
	bad_frame_with(bad_mxcsr_handler);
}

static void
bad_sp(void)
{
	signal(SIGUSR1, nested);
	__asm__ volatile("mov $39, %%eax\n\t"
			 "syscall\n\t"
			 "mov %%eax, %%edi\n\t"
			 "mov $10, %%esi\n\t"
			 "mov $62, %%eax\n\t"
			 "xor %%esp, %%esp\n\t"
			 "syscall\n\t"
			 "hlt"
			 :
			 :
			 : "rax", "rcx", "r11", "rdi", "rsi", "memory");
}

static volatile int *volatile nowhere = (volatile int *)8;

static void
ignored_fault(void)
{
	signal(SIGSEGV, SIG_IGN);
	*nowhere = 1;
}

static void
blocked_fault(void)
{
	handle_with(SIGSEGV, 0);
	mask(SIG_BLOCK, SIGSEGV);
	*nowhere = 1;
}

static void
errors(void)
{
	siginfo_t info;
	pid_t self = getpid(), none = 4194000;

	memset(&info, 0, sizeof(info));
#define SHOW(call)                                                             \
	do {                                                                   \
		errno = 0;                                                     \
		long result_ = (long)(call);                                   \
		printf("%s = %ld %s\n", #call, result_, strerror(errno));      \
	} while (0)
	SHOW(kill(self, 65));
	SHOW(kill(self, -1));
	SHOW(kill(none, 0));
	SHOW(kill(none, 65));
	SHOW(kill(INT32_MIN, 0));
	SHOW(kill(-none, 0));
	SHOW(syscall(SYS_tkill, 0, 0));
	SHOW(syscall(SYS_tkill, self, 0));
	SHOW(syscall(SYS_tkill, self, 65));
	SHOW(syscall(SYS_tkill, none, 65));
	SHOW(syscall(SYS_tgkill, self, self, 0));
	SHOW(syscall(SYS_tgkill, self, none, 0));
	SHOW(syscall(SYS_tgkill, 1, self, 0));
	SHOW(syscall(SYS_tgkill, self, 0, 0));
	SHOW(syscall(SYS_tgkill, -1, self, 0));
	SHOW(syscall(SYS_rt_sigqueueinfo, self, 0, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, self, 0, NULL));
	SHOW(syscall(SYS_rt_sigqueueinfo, self, 65, &info));
	SHOW(syscall(SYS_rt_sigqueueinfo, none, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, self, self, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, self, 0, 0, &info));
	SHOW(syscall(SYS_rt_tgsigqueueinfo, self, none, 0, &info));
	info.si_code = SI_QUEUE;
	SHOW(syscall(SYS_rt_sigqueueinfo, none, 0, &info));
	SHOW(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigaction, SIGUSR1, NULL, NULL, 4));
	SHOW(syscall(SYS_rt_sigaction, SIGKILL, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigprocmask, 7, NULL, NULL, 8));
	SHOW(syscall(SYS_rt_sigprocmask, 7, &info, NULL, 8));
	SHOW(syscall(SYS_rt_sigprocmask, 0, 8, NULL, 8));
	SHOW(syscall(SYS_rt_sigpending, &info, 9));
	SHOW(syscall(SYS_rt_sigsuspend, &info, 4));
	SHOW(syscall(SYS_rt_sigtimedwait, &info, NULL, NULL, 4));
	SHOW(syscall(SYS_restart_syscall));
}

static const struct {
	const char *name;
	void (*run)(void);
} cases[] = { { "queued", queued }, { "limited", limited },
	{ "threads", threads }, { "fatal_in_thread", fatal_in_thread },
	{ "stops", stops }, { "no_cldstop", no_cldstop }, { "annul", annul },
	{ "continues", continues }, { "group_kill", group_kill },
	{ "orphans", orphans }, { "interrupted_calls", interrupted_calls },
	{ "waiting", waiting }, { "flags", flags }, { "stacks", stacks },
	{ "overflow_on_altstack", overflow_on_altstack },
	{ "overflow_without", overflow_without }, { "bad_frame", bad_frame },
	{ "bad_rip", bad_rip }, { "bad_mxcsr", bad_mxcsr },
	{ "bad_sp", bad_sp }, { "ignored_fault", ignored_fault },
	{ "blocked_fault", blocked_fault }, { "errors", errors } };

int
main(void)
{
	struct rlimit none = { 0, 0 };
	int status;
	pid_t pid;

	setrlimit(RLIMIT_CORE, &none);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		printf("-- %s\n", cases[i].name);
		pid = child_that(cases[i].run);
		waitpid(pid, &status, 0);
		show_status(cases[i].name, status);
	}
	return 0;
}
