// SPDX-License-Identifier: BSD-2-Clause
// Flags of clone that are refused, orphans and who takes them, groups,
// sessions and limits of others, ends that nobody waits for.

#include "tests/guest-programs/prog/say.h"

#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#define FLAG_PARENT 0x8000

static volatile int *shared;

static long
raw_clone(unsigned long flags)
{
	long pid = syscall(SYS_clone, flags, 0L, NULL, NULL, 0L);

	if (pid == 0)
		_exit(7);
	return pid;
}

static void
flags(void)
{
	static const unsigned long rows[] = { CLONE_THREAD,
		CLONE_THREAD | CLONE_SIGHAND, CLONE_SIGHAND,
		CLONE_NEWNS | CLONE_FS, CLONE_NEWUSER | CLONE_FS,
		CLONE_THREAD | CLONE_VM, CLONE_SIGHAND | CLONE_THREAD,
		CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_NEWPID,
		CLONE_PIDFD | CLONE_PARENT_SETTID,
		CLONE_PIDFD | CLONE_DETACHED };
	int status;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		SHOW(raw_clone(rows[i]));

	struct clone_args args = { .flags = CLONE_VM };
	SHOW(syscall(SYS_clone3, &args, 8));
	SHOW(syscall(SYS_clone3, &args, 5000));
	SHOW(syscall(SYS_clone3, NULL, sizeof(args)));
	args.flags = SIGCHLD;
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args.flags = CLONE_DETACHED;
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args = (struct clone_args){ .exit_signal = 65 };
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args = (struct clone_args){ .flags = CLONE_PARENT, .exit_signal = 17 };
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args = (struct clone_args){ .stack = 4096 };
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args = (struct clone_args){ .stack_size = 4096 };
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));
	args =
	    (struct clone_args){ .flags = CLONE_SIGHAND | CLONE_CLEAR_SIGHAND };
	SHOW(syscall(SYS_clone3, &args, sizeof(args)));

	// Signals that there are not, and none.
	for (unsigned long signal = 0; signal < 200; signal += 100) {
		long pid = raw_clone(signal);
		SHOW(waitpid((pid_t)pid, &status, 0));
		SHOW(waitpid((pid_t)pid, &status, __WCLONE) == pid);
		show_status("clone", status);
	}
	long pid = raw_clone(SIGUSR2 * 0);
	SHOW(waitpid((pid_t)pid, &status, __WALL) == pid);
	IN_CHILD("parent of siblings", {
		long sibling = raw_clone(FLAG_PARENT);
		SHOW(sibling > 0);
		SHOW(waitpid((pid_t)sibling, &status, 0));
	});
	SHOW(waitpid(-1, &status, 0) > 0);
	show_status("sibling", status);
	SHOW(waitpid(-1, &status, 0));
}

static void
count_child(int signal)
{
	(void)signal;
	shared[0]++;
}

static void
orphans(void)
{
	int ends[2], status;

	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
	SHOW(prctl(PR_GET_CHILD_SUBREAPER, &status));
	SHOW(status);
	signal(SIGCHLD, count_child);
	pipe(ends);
	pid_t parent = fork();
	if (parent == 0) {
		pid_t zombie = fork();
		if (zombie == 0)
			_exit(3);
		siginfo_t info;
		waitid(P_PID, (id_t)zombie, &info, WEXITED | WNOWAIT);
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGUSR1);
			if (getppid() == 1)
				_exit(1);
			write(ends[1], "x", 1);
			for (;;)
				pause();
		}
		char byte;
		read(ends[0], &byte, 1);
		_exit(4);
	}
	for (int i = 0; i < 3; i++) {
		pid_t child = wait(&status);
		if (child < 0 && errno == EINTR) {
			i--;
			continue;
		}
		shared[1 +
		       (WIFSIGNALED(status) ? 2 : WEXITSTATUS(status) - 3)] =
		    status;
	}
	show_status("zombie", shared[1]);
	show_status("parent", shared[2]);
	show_status("by death signal", shared[3]);
	SHOW(wait(&status));
	SHOW(shared[0] > 0);
	signal(SIGCHLD, SIG_DFL);
	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 0));
}

static void
ignored(void)
{
	struct sigaction action = { .sa_flags = SA_NOCLDWAIT };
	int status;

	action.sa_handler = count_child;
	shared[0] = 0;
	sigaction(SIGCHLD, &action, NULL);
	if (fork() == 0)
		_exit(1);
	while (waitpid(-1, &status, 0) == -1 && errno == EINTR)
		continue;
	SHOW(errno == ECHILD);
	SHOW(shared[0]);
	action.sa_handler = SIG_DFL;
	action.sa_flags = 0;
	sigaction(SIGCHLD, &action, NULL);
	signal(SIGCHLD, SIG_IGN);
	for (int i = 0; i < 3; i++)
		if (fork() == 0) {
			usleep(1000 * (unsigned)i);
			_exit(1);
		}
	SHOW(wait(&status));
	signal(SIGCHLD, SIG_DFL);
}

static void
groups(void)
{
	int ends[2], back[2];
	char byte;

	pipe(ends);
	pipe(back);
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		SHOW(setsid() == getpid());
		SHOW(setsid());
		SHOW(setpgid(0, 0));
		write(back[1], "x", 1);
		read(ends[0], &byte, 1);
		_exit(0);
	}
	read(back[0], &byte, 1);
	SHOW(setpgid(child, child));
	SHOW(setpgid(child, getpgrp()));
	SHOW(setpgid(0, child));
	SHOW(setpgid(0, -1));
	SHOW(setpgid(-1, 0));
	SHOW(setpgid(999999, 0));
	SHOW(setpgid(getppid(), 0));
	SHOW(getpgid(child) == child);
	SHOW(getsid(child) == child);
	SHOW(getpgid(-1));
	SHOW(getsid(999999));
	close(ends[1]);
	IN_CHILD("member", { SHOW(setpgid(0, child)); });
	wait(NULL);
	SHOW(getpgid(child));

	child = fork();
	if (child == 0) {
		close(back[0]);
		execl("/bin/sleep", "sleep", "1000", (char *)NULL);
		_exit(1);
	}
	while (setpgid(child, child) == 0)
		usleep(1000);
	SHOW(setpgid(child, child));
	kill(child, SIGKILL);
	wait(NULL);
}

static void
limits(void)
{
	struct rlimit limit = { 17, 18 }, old;
	int ends[2];
	char byte;

	pipe(ends);
	pid_t child = fork();
	if (child == 0) {
		read(ends[0], &byte, 1);
		getrlimit(RLIMIT_NOFILE, &old);
		_exit((int)old.rlim_cur);
	}
	SHOW(prlimit(child, RLIMIT_NOFILE, &limit, &old));
	SHOW(prlimit(child, RLIMIT_NOFILE, NULL, &old));
	SHOW(old.rlim_cur);
	SHOW(old.rlim_max);
	limit.rlim_cur = 19;
	SHOW(prlimit(child, RLIMIT_NOFILE, &limit, NULL));
	SHOW(prlimit(child, 99, NULL, &old));
	SHOW(prlimit(999999, 99, NULL, &old));
	SHOW(prlimit(999999, 99, (void *)8, &old));
	SHOW(syscall(SYS_getrlimit, 99, NULL));
	SHOW(syscall(SYS_setrlimit, 99, NULL));
	SHOW(syscall(SYS_getrlimit, 1, NULL));
	limit = (struct rlimit){ 1, 1ul << 40 };
	SHOW(setrlimit(RLIMIT_NOFILE, &limit));
	write(ends[1], "x", 1);
	int status;
	wait(&status);
	show_status("limited", status);
	getrlimit(RLIMIT_AS, &old);
	limit = (struct rlimit){ 300 << 20, old.rlim_max };
	SHOW(setrlimit(RLIMIT_AS, &limit));
	SHOW(mmap(NULL, 400 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		 0) == MAP_FAILED);
	SHOW(setrlimit(RLIMIT_AS, &old));
}

int
main(void)
{
	shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	flags();
	orphans();
	ignored();
	groups();
	limits();
	return 0;
}
