// SPDX-License-Identifier: BSD-2-Clause
// dup and its kin, shared offsets, close-on-exec, temporary files, stdio.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

static void
duplicates(void)
{
	int fd = open("file", O_RDWR | O_CREAT | O_CLOEXEC, 0600),
	    copy = dup(fd);

	SHOW(fcntl(fd, F_GETFD));
	SHOW(fcntl(copy, F_GETFD));
	write(fd, "abc", 3);
	SHOW(lseek(copy, 0, SEEK_CUR));
	IN_CHILD("shares the offset", write(copy, "de", 2));
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(dup2(fd, 50));
	SHOW(dup2(fd, fd) == fd);
	SHOW(dup2(99, 50));
	SHOW(dup2(fd, -1));
	SHOW(dup3(fd, fd, 0));
	SHOW(dup3(fd, 51, O_CLOEXEC));
	SHOW(dup3(fd, 51, 1));
	SHOW(fcntl(fd, F_DUPFD, 60));
	SHOW(fcntl(fd, F_DUPFD_CLOEXEC, 60));
	SHOW(fcntl(61, F_GETFD));
	SHOW(fcntl(61, F_SETFD, 0));
	SHOW(syscall(SYS_close_range, 55, 70, 0));
	SHOW(fcntl(60, F_GETFD));
	SHOW(syscall(SYS_close_range, 50, 51, 4));
	SHOW(fcntl(50, F_GETFD));
	SHOW(syscall(SYS_close_range, 9, 3, 0));
	int again = open("file", O_RDONLY);
	SHOW(lseek(again, 0, SEEK_CUR));
	SHOW(syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 0) <= 0);
	SHOW(fcntl(0, 9999));
}

static void
temporary(void)
{
	char name[] = "tempXXXXXX", text[20] = "";
	int fd = mkstemp(name);
	struct stat stat;

	SHOW(fd >= 0);
	SHOW(unlink(name));
	write(fd, "still there", 11);
	SHOW(pread(fd, text, 20, 0));
	puts(text);
	SHOW(fstat(fd, &stat));
	SHOW(stat.st_nlink);
	char dir[] = "dirXXXXXX";
	SHOW(mkdtemp(dir) == dir);
	SHOW(rmdir(dir));
	FILE *file = tmpfile();
	SHOW(file != NULL);
	fd = open(".", O_TMPFILE | O_RDWR, 0600);
	SHOW(fd >= 0 || errno == EOPNOTSUPP);
	if (fd >= 0) {
		char path[64];
		write(fd, "linked\n", 7);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		SHOW(linkat(
		    AT_FDCWD, path, AT_FDCWD, "given-name", AT_SYMLINK_FOLLOW));
	}
}

static void
streams(void)
{
	char *text, line[100];
	size_t size;
	FILE *file = fopen("stream", "w+");

	fprintf(file, "line %d\nand %s", 1, "two");
	SHOW(fseek(file, 2, SEEK_SET));
	SHOW(fgetc(file));
	SHOW(ungetc('!', file));
	fgets(line, sizeof(line), file);
	fputs(line, stdout);
	SHOW(ftell(file));
	SHOW(fseek(file, 0, SEEK_END));
	fputs(" more", file);
	rewind(file);
	while (fgets(line, sizeof(line), file))
		printf("[%s]", line);
	SHOW(feof(file));
	fclose(file);
	file = fopen("stream", "a");
	SHOW(ftell(file) >= 0);
	fputs("appended\n", file);
	fclose(file);
	SHOW(fopen("stream", "wx") == NULL);
	file = open_memstream(&text, &size);
	for (int i = 0; i < 1000; i++)
		fprintf(file, "%d,", i);
	fclose(file);
	SHOW(size);
	SHOW(strlen(text));
	file = fmemopen(text, 10, "r");
	SHOW(fread(line, 1, 100, file));
	file = fdopen(open("stream", O_RDONLY), "r");
	setvbuf(file, NULL, _IONBF, 0);
	int a;
	SHOW(fscanf(file, "line %d", &a));
	SHOW(a);
	char *whole = NULL;
	size_t room = 0;
	SHOW(getdelim(&whole, &room, 'w', file));
	SHOW(freopen("other", "w", stdout) != NULL);
	printf("to the file\n");
	fflush(stdout);
	dprintf(2, "to stderr\n");
}

int
main(void)
{
	duplicates();
	temporary();
	streams();
	return 0;
}
