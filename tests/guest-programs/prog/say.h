// SPDX-License-Identifier: BSD-2-Clause
//
// What the programs of this directory print with.

#ifndef SAY_H
#define SAY_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

// An expression and its value; of -1 also what errno says.
#define SHOW(expression) show(#expression, (long)(expression))

static inline void
show(const char *what, long value)
{
	int error = errno;

	if (value == -1)
		printf("%s = -1: %s\n", what, strerror(error));
	else
		printf("%s = %ld\n", what, value);
	fflush(stdout);
}

// How a process ended; also usable for one that stopped.
static inline void
show_status(const char *what, int status)
{
	if (WIFEXITED(status))
		printf("%s: exit %d\n", what, WEXITSTATUS(status));
	else if (WIFSIGNALED(status))
		printf("%s: signal %d, core %d\n", what, WTERMSIG(status),
		    WCOREDUMP(status) != 0);
	else if (WIFSTOPPED(status))
		printf("%s: stopped by %d\n", what, WSTOPSIG(status));
	else if (WIFCONTINUED(status))
		printf("%s: continued\n", what);
	else
		printf("%s: status %#x\n", what, (unsigned)status);
	fflush(stdout);
}

// The statements in a child, which exits.  Here: waits and shows how it ended.
#define IN_CHILD(name, ...)                                                    \
	do {                                                                   \
		int status_;                                                   \
		pid_t pid_ = fork();                                           \
		if (pid_ == 0) {                                               \
			__VA_ARGS__;                                           \
			_exit(0);                                              \
		}                                                              \
		if (waitpid(pid_, &status_, 0) == pid_)                        \
			show_status(name, status_);                            \
		else                                                           \
			SHOW(pid_);                                            \
	} while (0)

#endif
