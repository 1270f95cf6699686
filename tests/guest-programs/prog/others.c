// SPDX-License-Identifier: BSD-2-Clause
// Memory of other processes, what processes have in common, and what they stop
// sharing.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

static char own[64], *pages;
static int file;

static long
kcmp(pid_t a, pid_t b, int type, long x, long y)
{
	long result = syscall(SYS_kcmp, a, b, type, x, y);

	return result > 0 ? 1 : result;
}

static void
memory(pid_t child)
{
	char a[4] = "", b[8] = "";
	struct iovec local[] = { { a, 3 }, { b, 7 } },
		     remote[] = { { own, 2 }, { own + 4, 8 } },
		     hole[] = { { pages + 4090, 20 } }, bad = { (void *)8, 4 };

	SHOW(process_vm_readv(child, local, 2, remote, 2, 0));
	printf("%s %s\n", a, b);
	strcpy(b, "written");
	SHOW(process_vm_writev(child, local + 1, 1, remote + 1, 1, 0));
	SHOW(process_vm_readv(child, local, 2, hole, 1, 0));
	SHOW(process_vm_readv(child, local, 2, &bad, 1, 0));
	SHOW(process_vm_readv(child, &bad, 1, remote, 1, 0));
	SHOW(process_vm_readv(child, local, 2, remote, 2, 1));
	SHOW(process_vm_readv(child, local, 2000, remote, 2, 0));
	SHOW(process_vm_readv(child, local, 0, remote, 2, 0));
	SHOW(process_vm_readv(child, (void *)8, 1, remote, 2, 0));
	SHOW(process_vm_readv(999999, local, 2, remote, 2, 0));
}

static int
unsharing(void *unused)
{
	(void)unused;
	SHOW(unshare(0x1));
	SHOW(unshare(CLONE_VM));
	SHOW(unshare(CLONE_FILES));
	close(file);
	SHOW(unshare(CLONE_FS));
	chdir("/");
	umask(0);
	return 3;
}

int
main(void)
{
	char where[4096], stack[16384], *after;
	int ends[2], status;

	pages = mmap(NULL, 8192, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	munmap(pages + 4096, 4096);
	strcpy(own, "of the child");
	pipe(ends);
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		read(ends[0], stack, 1);
		_exit(strcmp(own, "of twritten") != 0);
	}
	strcpy(own, "");
	memory(child);
	SHOW(kcmp(getpid(), child, 0, ends[0], ends[0]));
	SHOW(kcmp(getpid(), child, 0, ends[0], 0));
	SHOW(kcmp(getpid(), child, 0, 99, 0));
	for (int type = 1; type < 7; type++) {
		SHOW(kcmp(getpid(), child, type, 0, 0));
		SHOW(kcmp(child, child, type, 0, 0));
	}
	SHOW(kcmp(getpid(), child, 9, 0, 0));
	SHOW(kcmp(getpid(), 999999, 1, 0, 0));
	close(ends[1]);
	waitpid(child, &status, 0);
	show_status("child", status);

	// An int is counted, whatever its register has above.
	IN_CHILD("groups", {
		SHOW(syscall(SYS_setgroups, (3L << 40) | 1, where));
		SHOW(syscall(SYS_setgroups, (3L << 40) | 65537, where));
	});

	file = dup(0);
	getcwd(where, sizeof(where));
	after = malloc(sizeof(where));
	child = clone(unsharing, stack + sizeof(stack),
	    CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, NULL);
	waitpid(child, &status, 0);
	show_status("unshared", status);
	SHOW(close(file));
	SHOW(strcmp(where, getcwd(after, sizeof(where))));
	SHOW(umask(0) != 0);
	return 0;
}
