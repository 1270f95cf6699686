// SPDX-License-Identifier: BSD-2-Clause
// execve in all its ways, and what a new program inherits.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void
make(const char *name, const char *text, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0700);

	write(fd, text, strlen(text));
	close(fd);
	chmod(name, mode);
}

static void
errors(void)
{
	char *const args[] = { "x", NULL };
	char *huge = malloc(200000), **many = calloc(40, sizeof(*many));

	make("plain", "no program\n", 0755);
	make("noexec", "#!/bin/sh\n", 0644);
	make("nointerp", "#!/no/such/interpreter\n", 0755);
	make("empty", "", 0755);
	make("elf", "\177ELF and no more", 0755);
	mkdir("dir", 0755);
	symlink("loop", "loop");
	SHOW(execv("missing", args));
	SHOW(execv("plain", args));
	SHOW(execv("noexec", args));
	SHOW(execv("nointerp", args));
	SHOW(execv("empty", args));
	SHOW(execv("elf", args));
	SHOW(execv("dir", args));
	SHOW(execv("loop", args));
	SHOW(execv("plain/x", args));
	SHOW(execv("", args));
	SHOW(syscall(SYS_execve, 16L, args, NULL));
	SHOW(syscall(SYS_execve, "/bin/true", 16L, NULL));
	memset(huge, 'x', 199999);
	huge[199999] = 0;
	for (int i = 0; i < 2; i++)
		many[i] = huge;
	SHOW(execv("/bin/true", many));
	free(huge);
	free(many);
	IN_CHILD("execvp of no program", {
		char *const shell[] = { "plain2", NULL };
		make("plain2", "echo by the shell\nexit 8\n", 0755);
		execvp("./plain2", shell);
	});
}

static void
many_arguments(char *self)
{
	char **args = calloc(3004, sizeof(*args));

	args[0] = self;
	args[1] = "count";
	for (int i = 2; i < 3000; i++)
		args[i] = "an argument of some bytes";
	IN_CHILD("many", execv(self, args));
	free(args);
}

static void
inherit(char *self)
{
	struct sigaction action;
	struct rlimit limit;
	sigset_t set;

	(void)self;
	SHOW(fcntl(20, F_GETFD));
	SHOW(fcntl(21, F_GETFD));
	sigaction(SIGUSR1, NULL, &action);
	SHOW(action.sa_handler == SIG_DFL);
	sigaction(SIGUSR2, NULL, &action);
	SHOW(action.sa_handler == SIG_IGN);
	sigprocmask(SIG_BLOCK, NULL, &set);
	SHOW(sigismember(&set, SIGHUP));
	SHOW(umask(0));
	getrlimit(RLIMIT_NOFILE, &limit);
	SHOW(limit.rlim_cur);
	SHOW(getenv("PATH") == NULL);
	puts(getenv("MARK"));
	SHOW(getauxval(AT_PAGESZ));
	SHOW(getauxval(AT_SECURE));
	SHOW(getauxval(AT_UID) == getuid());
	SHOW(getauxval(AT_PHENT));
	SHOW(getauxval(AT_ENTRY) != 0);
	SHOW(getauxval(AT_RANDOM) != 0);
	SHOW(getauxval(AT_CLKTCK));
	puts((char *)getauxval(AT_PLATFORM));
	SHOW(strrchr((char *)getauxval(AT_EXECFN), '/') != NULL);
}

int
main(int argc, char **argv)
{
	char *const args[] = { argv[0], "inherit", NULL };
	char *const env[] = { "MARK=kept", NULL };
	struct rlimit limit = { 99, 100 };

	if (argc > 1 && strcmp(argv[1], "count") == 0) {
		SHOW(argc);
		return strlen(argv[argc - 1]) == 25 ? 3 : 4;
	}
	if (argc > 1) {
		inherit(argv[0]);
		return 0;
	}
	errors();
	many_arguments(argv[0]);
	dup2(1, 20);
	dup3(1, 21, O_CLOEXEC);
	signal(SIGUSR1, (void (*)(int))main);
	signal(SIGUSR2, SIG_IGN);
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	umask(027);
	setrlimit(RLIMIT_NOFILE, &limit);
	IN_CHILD("execve", execve("/proc/self/exe", args, env));
	IN_CHILD("fexecve", fexecve(open(argv[0], O_RDONLY), args, env));
	IN_CHILD("execveat", {
		syscall(SYS_execveat, open(argv[0], O_PATH), "", args, env,
		    AT_EMPTY_PATH);
	});
	return 0;
}
