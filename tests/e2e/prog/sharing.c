/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory of several processes: what fork shares and copies, mapped files and
 * calls on them, faults with their addresses. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE  4096
#define PAGES 300

static int to_child[2], to_parent[2];

static void
tell(const int *way)
{
	if (write(way[1], "x", 1) != 1)
		_exit(99);
}

static void
hear(const int *way)
{
	char c;

	if (read(way[0], &c, 1) != 1)
		_exit(98);
}

static pid_t
start(void)
{
	pid_t pid;

	fflush(stdout);
	if (pipe(to_child) != 0 || pipe(to_parent) != 0)
		exit(1);
	pid = fork();
	if (pid < 0)
		exit(1);
	return pid;
}

static void
finish(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		exit(1);
	printf("  child: %s %d\n", WIFEXITED(status) ? "exit" : "signal",
	    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
	for (int i = 0; i < 2; i++) {
		close(to_child[i]);
		close(to_parent[i]);
	}
}

static unsigned char data[PAGES * PAGE];

static unsigned
sum(const unsigned char *at)
{
	unsigned total = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		total = total * 31 + at[i];
	return total;
}

/* Each of three generations changes other pages. */
static void
copies(int depth)
{
	pid_t pid;

	for (size_t i = (size_t)depth * PAGE; i < sizeof(data); i += 3 * PAGE)
		data[i] = (unsigned char)(depth + 1);
	if (depth == 3)
		return;
	pid = start();
	if (pid == 0) {
		copies(depth + 1);
		printf("copies %d: %u\n", depth + 1, sum(data));
		exit(depth);
	}
	for (size_t i = 7; i < sizeof(data); i += 2 * PAGE)
		data[i] = (unsigned char)(depth + 100);
	finish(pid);
	printf("copies %d after: %u\n", depth, sum(data));
}

static void
shared_memory(void)
{
	volatile int *word = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	word[0] = 1;
	pid = start();
	if (pid == 0) {
		word[0]++;
		word[PAGE / 4] = 5; /* a page that nobody had touched */
		tell(to_parent);
		hear(to_child);
		_exit(word[1]);
	}
	hear(to_parent);
	printf("shared: %d %d\n", word[0], word[PAGE / 4]);
	word[1] = 33;
	tell(to_child);
	finish(pid);
}

static char
file_byte(int fd, off_t off)
{
	char c = '?';

	if (pread(fd, &c, 1, off) != 1)
		return '!';
	return c;
}

static void
file_by_two(void)
{
	int fd = open("shared", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *mine, *view;
	pid_t pid;

	if (ftruncate(fd, 3 * PAGE) != 0)
		exit(1);
	mine = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	view = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	printf("view %d\n", view[0]);
	mine[0] = 'p';
	pid = start();
	if (pid == 0) {
		char *other = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED, open("shared", O_RDWR), 0);
		other[1] = 'c';
		mine[PAGE] = 'm';
		tell(to_parent);
		hear(to_child);
		printf("child sees %c%c%c, view %c\n", other[2], mine[3],
		    file_byte(fd, 4), view[2]);
		other[2 * PAGE] = 'e';
		exit(0);
	}
	hear(to_parent);
	printf("file %c%c%c map %c%c%c view %c%c%c\n", file_byte(fd, 0),
	    file_byte(fd, 1), file_byte(fd, PAGE), mine[0], mine[1], mine[PAGE],
	    view[0], view[1], view[PAGE]);
	view[PAGE] = 'v';
	if (pwrite(fd, "wxy", 3, 2) != 3 || pwrite(fd, "z", 1, PAGE) != 1)
		exit(1);
	printf("written %c%c view %c%c\n", mine[2], mine[PAGE], view[2],
	    view[PAGE]);
	tell(to_child);
	finish(pid);
	printf("after exit %c %c\n", file_byte(fd, 2 * PAGE), mine[2 * PAGE]);
	mine[5] = 'q';
	munmap(mine, 3 * PAGE);
	printf("after munmap %c %c\n", file_byte(fd, 5), view[5]);
	close(fd);
}

/* Calls that move bytes without the program seeing them. */
static void
moved(void)
{
	int from = open("from", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int to = open("to", O_RDWR | O_CREAT | O_TRUNC, 0600);
	off_t at = 10, in = 0, out = 20;
	char *source, *target, *view;

	if (ftruncate(from, PAGE) != 0 || ftruncate(to, 2 * PAGE) != 0)
		exit(1);
	source = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, from, 0);
	target =
	    mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, to, 0);
	view = mmap(NULL, 2 * PAGE, PROT_READ, MAP_PRIVATE, to, 0);
	memcpy(source, "0123456789abcdef", 16);
	target[0] = 't';
	target[30] = 'u';
	printf("view %d\n", view[5]);
	printf("sendfile %d\n", (int)sendfile(to, from, &at, 4));
	printf("copied %d\n", (int)copy_file_range(from, &in, to, &out, 6, 0));
	printf("target %.4s %.6s %c view %.4s %.6s %c\n", target, target + 20,
	    target[30], view, view + 20, view[30]);
	target[PAGE] = 'w';
	if (fallocate(
		to, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE) == 0)
		printf("punched %d %c %d\n", target[0], target[PAGE], view[0]);
	munmap(source, PAGE);
	munmap(target, 2 * PAGE);
}

static sigjmp_buf back;
static volatile int got_signal, got_code;
static void *volatile got_addr;

static void
caught(int signal, siginfo_t *info, void *context)
{
	(void)context;
	got_signal = signal;
	got_code = info->si_code;
	got_addr = info->si_addr;
	siglongjmp(back, 1);
}

static void
catch_faults(void)
{
	struct sigaction action = { .sa_sigaction = caught,
		.sa_flags = SA_SIGINFO | SA_ONSTACK };

	sigaction(SIGSEGV, &action, NULL);
	sigaction(SIGBUS, &action, NULL);
}

static void
advised(void)
{
	char *at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t pid;

	memset(at, 'a', 4 * PAGE);
	printf("advice %d\n", madvise(at, PAGE, 18 /* WIPEONFORK */));
	pid = start();
	if (pid == 0)
		_exit(at[0] == 0 && at[PAGE] == 'a' ? 0 : 1);
	finish(pid);
	printf("advice %d\n", madvise(at, PAGE, 19 /* KEEPONFORK */));
	printf("advice %d\n", madvise(at + PAGE, PAGE, MADV_DONTFORK));
	pid = start();
	if (pid == 0) {
		if (sigsetjmp(back, 1) == 0)
			_exit(at[0] == 'a' ? at[PAGE] : 1);
		_exit(got_code);
	}
	finish(pid);
}

static void
touch(const char *what, volatile char *at, int store)
{
	if (sigsetjmp(back, 1) == 0) {
		if (store)
			*at = 'x';
		else
			(void)*at;
		printf("%s: fine\n", what);
		return;
	}
	printf("%s: signal %d code %d at %ld\n", what, got_signal, got_code,
	    (long)((char *)got_addr - at));
}

static void
faults(void)
{
	int fd = open("short", O_RDWR | O_CREAT | O_TRUNC, 0600);
	char *at;

	if (ftruncate(fd, PAGE + 10) != 0)
		exit(1);
	at = mmap(NULL, 4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	touch("last page of a file", at + PAGE + 100, 1);
	touch("beyond a file", at + 2 * PAGE + 100, 0);
	touch("store beyond a file", at + 2 * PAGE + 100, 1);
	if (ftruncate(fd, 100) != 0)
		exit(1);
	touch("truncated", at + PAGE, 0);
	if (ftruncate(fd, 3 * PAGE) != 0)
		exit(1);
	touch("longer again", at + PAGE, 0);
	printf("it is %d\n", at[PAGE + 100]);
	mprotect(at, PAGE, PROT_READ);
	touch("store to read-only", at + 5, 1);
	mprotect(at, PAGE, PROT_NONE);
	touch("read of nothing", at + 5, 0);
	munmap(at, PAGE);
	touch("unmapped", at + 5, 0);
	touch("null", NULL, 1);
	touch("not canonical", (char *)UINT64_C(0x8000000000000000), 0);
	if (read(fd, at + 5, 1) != -1 || errno != EFAULT)
		printf("read there works\n");
	munmap(at + PAGE, 3 * PAGE);
}

static volatile char *deepest;

static int
deep(int n)
{
	volatile char room[2000];

	room[0] = (char)n;
	deepest = room;
	return (n == 0 ? 0 : deep(n - 1)) + (room[0] == (char)n);
}

static void
stacks(void)
{
	static char other[65536];
	stack_t alternate = { .ss_sp = other, .ss_size = sizeof(other) };
	struct rlimit limit = { 1 << 20, RLIM_INFINITY };
	pid_t pid;

	printf("deep %d\n", deep(2000));
	sigaltstack(&alternate, NULL);
	pid = start();
	if (pid == 0) {
		setrlimit(RLIMIT_STACK, &limit);
		if (sigsetjmp(back, 1) == 0)
			_exit(deep(10000) & 1);
		_exit(got_signal == SIGSEGV ? 7 : 8);
	}
	finish(pid);
}

static void
memory_files(void)
{
	int fd = (int)syscall(SYS_memfd_create, "box", 3u);
	char *at;
	pid_t pid;

	if (fd < 0 || ftruncate(fd, 2 * PAGE) != 0)
		exit(1);
	at = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	pid = start();
	if (pid == 0) {
		at[0] = 'k';
		_exit(pwrite(fd, "l", 1, PAGE) == 1 ? 0 : 1);
	}
	finish(pid);
	printf("memfd %c %c %c\n", at[0], at[PAGE], file_byte(fd, 0));
	printf("seals %d", fcntl(fd, F_GET_SEALS));
	printf(" %d", fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
	printf(" %d", fcntl(fd, F_GET_SEALS));
	printf(" %d %s\n", ftruncate(fd, PAGE),
	    errno == EPERM ? "EPERM" : "other");
	munmap(at, 2 * PAGE);
	printf("seal write %d", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	printf(" map %s", at == MAP_FAILED && errno == EPERM ? "EPERM" : "-");
	at = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0);
	printf(" view %c\n", at == MAP_FAILED ? '!' : at[0]);
	close(fd);
}

static void
too_much(void)
{
	void *at = mmap(NULL, (size_t)1 << 45, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	printf("too much: %s\n",
	    at == MAP_FAILED && errno == ENOMEM ? "ENOMEM" : "mapped");
	at = mmap(NULL, (size_t)1 << 40, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	printf("not reserved: %s\n", at == MAP_FAILED ? "no" : "mapped");
}

int
main(void)
{
	catch_faults();
	copies(0);
	shared_memory();
	file_by_two();
	moved();
	advised();
	faults();
	stacks();
	memory_files();
	too_much();
	return 0;
}
