// SPDX-License-Identifier: BSD-2-Clause
// What programs look up in /proc and /dev.

#include "tests/guest-programs/prog/say.h"

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

// The first line of the file that begins with the word.
static void
line_of(const char *path, const char *word, int with_value)
{
	char line[1000];
	FILE *file = fopen(path, "r");

	if (file == NULL) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	while (fgets(line, sizeof(line), file))
		if (strncmp(line, word, strlen(word)) == 0) {
			line[strcspn(line, "\n")] = 0;
			printf("%s: %s\n", path, with_value ? line : word);
			fclose(file);
			return;
		}
	printf("%s: no %s\n", path, word);
	fclose(file);
}

static void
links(void)
{
	char here[PATH_MAX], text[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", text, sizeof(text));

	text[length > 0 ? length : 0] = 0;
	puts(strrchr(text, '/') ? strrchr(text, '/') : "no exe");
	length = readlink("/proc/self/cwd", text, sizeof(text));
	text[length > 0 ? length : 0] = 0;
	SHOW(strcmp(text, getcwd(here, sizeof(here))));
	length = readlink("/proc/self/root", text, sizeof(text));
	SHOW(length);
	length = readlink("/proc/self", text, sizeof(text));
	text[length > 0 ? length : 0] = 0;
	SHOW(atoi(text) == getpid());
	int fd = open("text.txt", O_RDONLY);
	snprintf(here, sizeof(here), "/proc/self/fd/%d", fd);
	length = readlink(here, text, sizeof(text));
	text[length > 0 ? length : 0] = 0;
	puts(strrchr(text, '/'));
	lseek(fd, 100, SEEK_SET);
	int again = open(here, O_RDONLY);
	SHOW(lseek(again, 0, SEEK_CUR));
	int ends[2];
	pipe(ends);
	snprintf(here, sizeof(here), "/proc/self/fd/%d", ends[0]);
	length = readlink(here, text, sizeof(text));
	SHOW(strncmp(text, "pipe:[", 6));
	snprintf(here, sizeof(here), "/proc/self/fdinfo/%d", fd);
	line_of(here, "pos:", 1);
	SHOW(readlink("/proc/self/fd/77", text, sizeof(text)));
}

static void
maps(void)
{
	char line[PATH_MAX + 100], name[PATH_MAX];
	static int data;
	int stack = 0, exe = 0, heap = 0, in_data = 0;
	unsigned long start, end;
	char flags[5];
	FILE *file = fopen("/proc/self/maps", "r");

	free(malloc(100));
	while (file != NULL && fgets(line, sizeof(line), file)) {
		name[0] = 0;
		sscanf(line, "%lx-%lx %4s %*x %*s %*u %s", &start, &end, flags,
		    name);
		stack += strcmp(name, "[stack]") == 0 &&
			 (unsigned long)&stack >= start &&
			 (unsigned long)&stack < end;
		heap += strcmp(name, "[heap]") == 0;
		in_data += (unsigned long)&data >= start &&
			   (unsigned long)&data < end && flags[1] == 'w';
		exe += strstr(name, "proc_self") != NULL && flags[2] == 'x';
	}
	SHOW(stack);
	SHOW(heap > 0);
	SHOW(in_data);
	SHOW(exe > 0);
}

static void
devices(void)
{
	char bytes[16] = { 1 };
	struct stat stat;

	SHOW(read(open("/dev/zero", O_RDONLY), bytes, 16));
	SHOW(bytes[0]);
	int null = open("/dev/null", O_RDWR);
	SHOW(read(null, bytes, 16));
	SHOW(write(null, bytes, 16));
	SHOW(fstat(null, &stat));
	SHOW(S_ISCHR(stat.st_mode));
	SHOW(read(open("/dev/urandom", O_RDONLY), bytes, 16));
	SHOW(write(open("/dev/full", O_WRONLY), bytes, 1));
	SHOW(access("/dev/shm", W_OK));
	SHOW(access("/dev/stdin", F_OK));
	int out = open("/dev/fd/1", O_WRONLY);
	SHOW(out >= 0 || errno == ENXIO);
}

int
main(int argc, char **argv)
{
	char text[1000];

	(void)argc;
	(void)argv;
	links();
	int fd = open("/proc/self/cmdline", O_RDONLY);
	ssize_t length = read(fd, text, sizeof(text));
	for (ssize_t i = 0; i < length; i++)
		putchar(text[i] ? text[i] : '|');
	putchar('\n');
	line_of("/proc/self/comm", "proc_self", 1);
	line_of("/proc/self/status", "Name:", 1);
	line_of("/proc/self/status", "Threads:", 1);
	line_of("/proc/self/status", "VmRSS:", 0);
	line_of("/proc/self/status", "SigIgn:", 0);
	line_of("/proc/cpuinfo", "processor", 0);
	line_of("/proc/cpuinfo", "flags", 0);
	line_of("/proc/meminfo", "MemTotal:", 0);
	line_of("/proc/meminfo", "MemAvailable:", 0);
	line_of("/proc/stat", "cpu ", 0);
	line_of("/proc/version", "Linux version", 0);
	line_of("/proc/filesystems", "nodev\tproc", 0);
	line_of("/proc/self/limits", "Max open files", 0);
	SHOW(access("/proc/self/mounts", R_OK));
	SHOW(access("/proc/mounts", R_OK));
	SHOW(access("/proc/uptime", R_OK));
	SHOW(access("/proc/loadavg", R_OK));
	SHOW(access("/proc/self/auxv", R_OK));
	SHOW(access("/proc/sys/kernel/pid_max", R_OK));
	FILE *file = fopen("/proc/self/stat", "r");
	int pid = 0, parent = 0;
	char name[64] = "", state = 0;
	if (file != NULL)
		fscanf(file, "%d (%63[^)]) %c %d", &pid, name, &state, &parent);
	SHOW(pid == getpid());
	SHOW(parent == getppid());
	printf("%s %c\n", name, state);
	length = read(open("/proc/self/environ", O_RDONLY), text, 5);
	SHOW(length);
	pid_t child = fork();
	if (child == 0) {
		snprintf(text, sizeof(text), "/proc/%ld/comm", (long)getppid());
		SHOW(access(text, R_OK));
		exit(0);
	}
	waitpid(child, NULL, 0);
	maps();
	devices();
	return 0;
}
