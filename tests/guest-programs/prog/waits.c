// SPDX-License-Identifier: BSD-2-Clause
// wait4, waitid and waitpid: what they find, keep and refuse; orphans.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static pid_t
ender(int status)
{
	pid_t child = fork();

	if (child == 0)
		_exit(status);
	return child;
}

static void
ids(void)
{
	siginfo_t info;
	struct rusage usage;
	int status;
	pid_t child = ender(17);

	SHOW(waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT));
	SHOW(info.si_code == CLD_EXITED && info.si_pid == child);
	SHOW(info.si_status);
	SHOW(info.si_signo == SIGCHLD);
	SHOW(waitid(P_ALL, 0, &info, WEXITED));
	SHOW(waitid(P_ALL, 0, &info, WEXITED));
	SHOW(waitid(P_PID, 1, &info, WEXITED));
	SHOW(waitid(P_PID, (id_t)child, &info, 0));
	SHOW(waitid(99, 0, &info, WEXITED));
	SHOW(waitpid(-1, &status, 0x1000));

	child = fork();
	if (child == 0)
		for (;;)
			pause();
	info.si_pid = 99;
	SHOW(waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
	SHOW(info.si_pid);
	SHOW(waitpid(child, &status, WNOHANG));
	kill(child, SIGQUIT);
	SHOW(wait4(child, &status, 0, &usage) == child);
	show_status("killed", status);
	SHOW(usage.ru_utime.tv_sec);
	SHOW(wait4(child, &status, 0, NULL));
}

static void
groups(void)
{
	int status;
	pid_t leader = fork();

	if (leader == 0) {
		setpgid(0, 0);
		_exit(1);
	}
	setpgid(leader, leader);
	pid_t other = ender(2);
	SHOW(waitpid(-leader, &status, 0) == leader);
	SHOW(waitpid(-leader, &status, 0));
	SHOW(waitpid(0, &status, 0) == other);
	SHOW(WEXITSTATUS(status));
}

static void
orphan(void)
{
	int ends[2];
	char byte = 0;

	pipe(ends);
	IN_CHILD("parent", {
		pid_t parent = getpid();
		if (fork() == 0) {
			close(ends[0]);
			while (getppid() == parent)
				usleep(1000);
			write(ends[1], "o", 1);
			_exit(0);
		}
	});
	close(ends[1]);
	SHOW(read(ends[0], &byte, 1));
	SHOW(wait(NULL));

	SHOW(prctl(PR_SET_CHILD_SUBREAPER, 1));
	IN_CHILD("parent", {
		if (fork() == 0) {
			usleep(5000);
			_exit(44);
		}
	});
	int status;
	SHOW(wait(&status) > 0);
	show_status("adopted", status);
	SHOW(wait(&status));
}

static void
descriptors(void)
{
	siginfo_t info;
	pid_t child = ender(6);
	int fd = (int)syscall(SYS_pidfd_open, child, 0);

	SHOW(fd >= 0);
	SHOW(waitid((idtype_t)3, (id_t)fd, &info, WEXITED));
	SHOW(info.si_status);
	SHOW(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
	SHOW(syscall(SYS_pidfd_open, child, 0));
	SHOW(syscall(SYS_pidfd_open, -1, 0));
}

int
main(void)
{
	ids();
	groups();
	orphan();
	descriptors();
	SHOW(waitid((idtype_t)3, (id_t)-3, &(siginfo_t){ 0 }, WEXITED));
	return 0;
}
