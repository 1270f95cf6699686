/* SPDX-License-Identifier: BSD-2-Clause */
/* A guest that is up to no good, by name of the argument; hostile_guests.sh
 * knows how each has to end. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define USER_END UINT64_C(0x7ffffffff000)

static char *self;

/* Every process forks as often as it may, then they go one by one. */
static void
bomb(void)
{
	struct rlimit limit = { 60, 60 };
	int denied = 0;

	setrlimit(RLIMIT_NPROC, &limit);
	for (int i = 0; i < 200; i++) {
		pid_t child = fork();
		if (child < 0 && errno != EAGAIN)
			_exit(9);
		if (child < 0)
			denied++;
	}
	while (wait(NULL) > 0)
		continue;
	_exit(denied == 0);
}

/* Whoever wants too much is killed; the parent lives. */
static void
memory(void)
{
	int status;

	for (int i = 0; i < 8; i++)
		if (fork() == 0)
			for (;;) {
				char *at =
				    mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE,
					MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
				if (at == MAP_FAILED)
					_exit(1);
				memset(at, 1, 1 << 20);
			}
	for (int i = 0; i < 8; i++) {
		wait(&status);
		if (!WIFSIGNALED(status) && WEXITSTATUS(status) != 1)
			_exit(2);
	}
	_exit(0);
}

static void
descriptors(void)
{
	struct rlimit limit;
	int count = 0, ends[2], status;

	while (dup(0) >= 0)
		count++;
	getrlimit(RLIMIT_NOFILE, &limit);
	if (errno != EMFILE || count < (int)limit.rlim_cur - 20 ||
	    pipe(ends) == 0)
		_exit(1);
	if (fork() == 0) {
		execl(self, self, "nothing", (char *)NULL);
		_exit(7);
	}
	wait(&status);
	_exit(WEXITSTATUS(status));
}

static void
closes(void)
{
	int status;

	for (int fd = 0; fd < 100000; fd++)
		close(fd);
	if (write(1, "x", 1) >= 0 || fork() == 0)
		_exit(4);
	wait(&status);
	_exit(WEXITSTATUS(status) == 4 ? 3 : 9);
}

static void
unmap_stack(void)
{
	register uintptr_t sp __asm__("rsp");

	syscall(SYS_munmap, sp & ~UINT64_C(0xfffff),
	    USER_END - (sp & ~UINT64_C(0xfffff)));
	for (volatile int n = 0;; n++)
		continue;
}

static void
unmap_text(void)
{
	munmap((void *)((uintptr_t)unmap_text & ~UINT64_C(0xffff)), 0x20000);
}

static void
unmap_all(void)
{
	munmap(NULL, USER_END);
}

static void
bad_stack(void)
{
	syscall(SYS_clone,
	    CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD,
	    (void *)16, NULL, NULL, NULL);
	for (;;)
		pause();
}

static void
return_nowhere(void)
{
	__asm__ volatile("movq $-4096, %rsp\n"
			 "movl $15, %eax\n"
			 "syscall\n");
}

/* A frame of ones: segments, flags and addresses that nobody can have. */
static void
return_ones(void)
{
	static char frame[4096] __attribute__((aligned(64)));

	memset(frame, 0xff, sizeof(frame));
	__asm__ volatile("movq %0, %%rsp\n"
			 "movl $15, %%eax\n"
			 "syscall\n"
			 :
			 : "r"(frame + 64));
}

static void
signals(void)
{
	int status;

	for (int signal = 1; signal < 65; signal++) {
		pid_t child = fork();
		if (child == 0) {
			setpgid(0, 0);
			kill(0, signal);
			_exit(0);
		}
		waitpid(child, &status, WUNTRACED);
		if (WIFSTOPPED(status)) {
			kill(child, SIGKILL);
			waitpid(child, &status, 0);
		}
		printf("%d: %x\n", signal, (unsigned)status);
	}
	fflush(stdout);
	setpgid(0, 0);
	if (fork() == 0)
		for (;;)
			pause();
	kill(0, SIGKILL);
}

static void *
sleep_long(void *unused)
{
	pause();
	return unused;
}

static void
threads(void)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 32768);
	for (int i = 0; i < 1000; i++)
		if (pthread_create(&thread, &small, sleep_long, NULL) != 0)
			_exit(1);
	exit(0);
}

static int
deep(int depth)
{
	int status;
	pid_t child = depth == 0 ? 0 : fork();

	if (depth == 0 || child < 0)
		return depth;
	if (child == 0)
		_exit(deep(depth - 1) != 0);
	waitpid(child, &status, 0);
	return WEXITSTATUS(status);
}

static void *
end_soon(void *unused)
{
	for (int i = 0; i < 100; i++)
		sched_yield();
	return unused;
}

static void *
become(void *unused)
{
	sched_yield();
	execl(self, self, "nothing", (char *)NULL);
	return unused;
}

/* Threads that end, threads that exec and one that exits, at once. */
static void
race(void)
{
	int status;

	for (int i = 0; i < 40; i++) {
		if (fork() != 0) {
			wait(&status);
			if (status != 0)
				_exit(1);
			continue;
		}
		pthread_t thread;
		for (int j = 0; j < 8; j++)
			pthread_create(&thread, NULL,
			    j % 3 == i % 3 ? become : end_soon, NULL);
		if (i % 2 == 0)
			pthread_exit(NULL);
		sched_yield();
		_exit(0);
	}
	_exit(0);
}

/* Lists of locks without an end, and nowhere. */
static void
robust(void)
{
	static uintptr_t ring[3];
	int status;

	for (int i = 0; i < 3; i++) {
		if (fork() == 0) {
			ring[0] = i == 0 ? (uintptr_t)&ring[1] : 8;
			ring[1] = (uintptr_t)&ring[1];
			ring[2] = 4;
			syscall(SYS_set_robust_list,
			    i == 2 ? (void *)-64L : (void *)ring, 24);
			syscall(SYS_set_tid_address, i == 1 ? 8L : -8L);
			_exit(5);
		}
		wait(&status);
		if (WEXITSTATUS(status) != 5)
			_exit(1);
	}
	_exit(0);
}

/* Children that nothing can wake, and one that has work to do. */
static void
leaves(void)
{
	if (fork() == 0)
		for (;;)
			pause();
	if (fork() == 0) {
		usleep(100000);
		printf("late\n");
		exit(0);
	}
	_exit(6);
}

static uint64_t state = 88172645463325252u;

static uint64_t
random_next(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state;
}

static long
random_argument(char *buffer)
{
	uint64_t random = random_next();

	switch (random % 9) {
	case 0:
		return 0;
	case 1:
		return -1;
	case 2:
		return (long)(random >> 8 & 15);
	case 3:
		return (long)(buffer + (random >> 8) % 8192);
	case 4:
		return (long)(UINT64_C(1) << (random >> 8 & 63));
	case 5:
		return (long)(USER_END - 8);
	case 6:
		return (long)(random >> 8 & 0xffff);
	case 7: /* an int whose upper half is not looked at */
		return (long)(random & ~UINT64_C(0xffffffe0));
	default:
		return (long)random;
	}
}

/* Not kill and its like: of all processes; and what waits without an end. */
static int
may_call(int nr)
{
	static const int not [] = { SYS_kill, SYS_tkill, SYS_tgkill,
		SYS_exit_group, SYS_exit, SYS_vfork, SYS_clone, SYS_clone3,
		SYS_fork, SYS_rt_sigreturn, SYS_alarm, SYS_setitimer,
		SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_rt_sigqueueinfo,
		SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal, SYS_munmap,
		SYS_mprotect, SYS_mremap, SYS_brk, SYS_mmap, SYS_setrlimit,
		SYS_prlimit64, SYS_shmat, SYS_unlink, SYS_rmdir, SYS_truncate,
		SYS_rename, SYS_vhangup, SYS_arch_prctl };

	for (size_t i = 0; i < sizeof(not ) / sizeof(not [0]); i++)
		if (not [i] == nr)
			return 0;
	return 1;
}

static void
fuzz_calls(void)
{
	static char buffer[16384];

	for (size_t i = 0; i < sizeof(buffer) / 2; i++)
		buffer[i] = (char)random_next();
	for (int i = 0; i < 60; i++) {
		int nr = (int)(random_next() % 470);
		long args[6];
		for (int j = 0; j < 6; j++)
			args[j] = random_argument(buffer);
		if (may_call(nr))
			syscall(nr, args[0], args[1], args[2], args[3], args[4],
			    args[5]);
	}
}

static void
fuzz(int rounds)
{
	for (int i = 0; i < rounds; i++) {
		pid_t child = fork();
		state += 0x9e3779b97f4a7c15u;
		if (child == 0) {
			alarm(1);
			fuzz_calls();
			_exit(0);
		}
		for (int n = 0; waitpid(child, NULL, WNOHANG) == 0; n++) {
			usleep(50000);
			if (n == 40) /* its alarm is blocked, or gone */
				kill(child, SIGKILL);
		}
	}
	_exit(0);
}

static void
churn(char **argv, int left, int execs)
{
	char number[16];
	int status;

	if (!execs) {
		for (; left > 0; left--) {
			pid_t child = fork();
			if (child == 0)
				_exit(0);
			waitpid(child, &status, 0);
		}
		_exit(0);
	}
	if (left == 0)
		_exit(0);
	snprintf(number, sizeof(number), "%d", left - 1);
	execl(self, self, argv[1], number, (char *)NULL);
	_exit(1);
}

int
main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*body)(void);
	} rows[] = {
		{ "bomb", bomb },
		{ "memory", memory },
		{ "descriptors", descriptors },
		{ "closes", closes },
		{ "unmap_stack", unmap_stack },
		{ "unmap_text", unmap_text },
		{ "unmap_all", unmap_all },
		{ "bad_stack", bad_stack },
		{ "return_nowhere", return_nowhere },
		{ "return_ones", return_ones },
		{ "signals", signals },
		{ "threads", threads },
		{ "leaves", leaves },
		{ "race", race },
		{ "robust", robust },
	};
	const char *what = argc > 1 ? argv[1] : "";
	int number = argc > 2 ? atoi(argv[2]) : 0;

	self = argv[0];
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(what, rows[i].name) == 0)
			rows[i].body();
	if (strcmp(what, "deep") == 0)
		return deep(number);
	if (strcmp(what, "fuzz") == 0)
		fuzz(number);
	if (strcmp(what, "execs") == 0 || strcmp(what, "forks") == 0)
		churn(argv, number, what[0] == 'e');
	return 0;
}
