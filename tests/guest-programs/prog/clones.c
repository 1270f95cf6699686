// SPDX-License-Identifier: BSD-2-Clause
// clone and clone3 with the flags that are not those of fork or pthreads.

#include "tests/guest-programs/prog/say.h"

#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/syscall.h>

static volatile int shared;
static int file;

static int
body(void *argument)
{
	shared = (int)(long)argument;
	close(file);
	chdir("/");
	return 21;
}

static void
with(const char *name, int flags)
{
	char here[4096], *stack = malloc(65536);
	int status;

	shared = 0;
	file = dup(0);
	getcwd(here, sizeof(here));
	pid_t child = clone(body, stack + 65536, flags | SIGCHLD, (void *)5L);
	if (child < 0) {
		SHOW(child);
		return;
	}
	waitpid(child, &status, 0);
	show_status(name, status);
	SHOW(shared);
	SHOW(close(file));
	char there[4096];
	SHOW(strcmp(here, getcwd(there, sizeof(there))) == 0);
	chdir(here);
	free(stack);
}

static int
silent(void *unused)
{
	(void)unused;
	return 3;
}

int
main(void)
{
	char *stack = malloc(65536);
	int status;
	pid_t tid = 0;

	with("nothing shared", 0);
	with("memory", CLONE_VM);
	with("memory, parent waits", CLONE_VM | CLONE_VFORK);
	with("files", CLONE_FILES);
	with("directory", CLONE_FS);
	with("all", CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND);

	pid_t child = clone(silent, stack + 65536, CLONE_VM, NULL);
	SHOW(waitpid(child, &status, 0));
	SHOW(waitpid(child, &status, __WALL) == child);
	signal(SIGUSR1, SIG_IGN);
	child = clone(silent, stack + 65536,
	    CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | SIGUSR1, NULL, &tid,
	    NULL, &tid);
	SHOW(child == tid);
	SHOW(waitpid(child, &status, __WCLONE) == child);

	struct clone_args args = { .exit_signal = SIGCHLD,
		.flags = CLONE_PARENT_SETTID,
		.parent_tid = (uint64_t)&tid };
	child = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (child == 0)
		_exit(9);
	SHOW(child == tid);
	waitpid(child, &status, 0);
	show_status("clone3", status);
	SHOW(syscall(SYS_clone3, &args, 8));
	// One that fails at the last moment, while another child could run.
	child = fork();
	if (child == 0)
		_exit(4);
	struct clone_args bad = {
		.exit_signal = SIGCHLD, .flags = CLONE_PIDFD, .pidfd = 8
	};
	SHOW(syscall(SYS_clone3, &bad, sizeof(bad)));
	SHOW(waitpid(child, &status, 0) == child);
	show_status("the other", status);
	SHOW(syscall(SYS_clone, CLONE_THREAD, 0, 0, 0, 0));
	SHOW(syscall(SYS_clone, CLONE_SIGHAND, 0, 0, 0, 0));
	return 0;
}
