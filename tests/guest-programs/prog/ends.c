// SPDX-License-Identifier: BSD-2-Clause
// The status of processes that end in every way; SIGPIPE; limits of time.

#include "tests/guest-programs/prog/say.h"

#include <signal.h>
#include <sys/resource.h>

static void
write_to_nobody(int handled)
{
	int ends[2];

	pipe(ends);
	close(ends[0]);
	if (handled) {
		signal(SIGPIPE, SIG_IGN);
		_exit(write(ends[1], "x", 1) == -1 && errno == EPIPE ? 3 : 4);
	}
	write(ends[1], "x", 1);
}

static void
too_large(void)
{
	struct rlimit limit = { 10, 10 };
	FILE *file = tmpfile();

	setrlimit(RLIMIT_FSIZE, &limit);
	char text[20] = { 0 };
	_exit(write(fileno(file), text, 20) == 10
		  ? write(fileno(file), text, 1) == 1
		  : 9);
}

static void
forever(void)
{
	struct rlimit limit = { 1, 2 };

	setrlimit(RLIMIT_CPU, &limit);
	for (;;)
		;
}

int
main(int argc, char **argv)
{
	static const int signals[] = { SIGHUP, SIGINT, SIGQUIT, SIGILL, SIGTRAP,
		SIGABRT, SIGBUS, SIGFPE, SIGKILL, SIGUSR1, SIGSEGV, SIGUSR2,
		SIGPIPE, SIGALRM, SIGTERM, SIGSTKFLT, SIGXCPU, SIGXFSZ,
		SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS };

	if (argc > 1) {
		int number = atoi(argv[1]);
		if (number < 0)
			abort();
		return raise(number);
	}
	for (size_t i = 0; i < sizeof(signals) / sizeof(*signals); i++)
		IN_CHILD("raise", raise(signals[i]));
	IN_CHILD("SIGCHLD is ignored", raise(SIGCHLD));
	IN_CHILD("SIGWINCH is ignored", raise(SIGWINCH));
	IN_CHILD("SIGURG is ignored", raise(SIGURG));
	IN_CHILD("SIGCONT is ignored", raise(SIGCONT));
	IN_CHILD("real-time", raise(SIGRTMIN + 4));
	IN_CHILD("abort", abort());
	IN_CHILD("abort that is ignored", {
		signal(SIGABRT, SIG_IGN);
		abort();
	});
	IN_CHILD("exit 256", exit(256));
	IN_CHILD("exit -1", exit(-1));
	IN_CHILD("pipe", write_to_nobody(0));
	IN_CHILD("pipe, ignored", write_to_nobody(1));
	IN_CHILD("file size", too_large());
	IN_CHILD("processor time", forever());
	SHOW(kill(getpid(), 0));
	SHOW(kill(getpid(), 65));
	SHOW(kill(0x3fffffff, SIGTERM));
	return 0;
}
