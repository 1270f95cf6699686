/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and directories through system calls and stdio, with their errors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

/* Prints a call's result, and the error when it failed. */
#define TRY(call)                                                              \
	do {                                                                   \
		long got;                                                      \
		errno = 0;                                                     \
		got = (long)(call);                                            \
		printf("%s = %ld %s\n", #call, got,                            \
		    got == -1 ? strerror(errno) : "");                         \
	} while (0)

static char buffer[8192];

static void
reading_and_writing(void)
{
	struct iovec out[3] = { { "one", 3 }, { "", 0 }, { "-two", 4 } };
	struct iovec in[2] = { { buffer, 2 }, { buffer + 100, 10 } };
	int fd = open("data", O_RDWR | O_CREAT | O_EXCL, 0640);

	printf("open %d\n", fd);
	TRY(open("data", O_RDWR | O_CREAT | O_EXCL, 0640));
	TRY(write(fd, "hello, file", 11));
	TRY(lseek(fd, 0, SEEK_CUR));
	TRY(lseek(fd, -4, SEEK_END));
	TRY(read(fd, buffer, 100));
	TRY(writev(fd, out, 3));
	TRY(pread(fd, buffer, 5, 3));
	printf("%.5s\n", buffer);
	TRY(pwrite(fd, "XX", 2, 8192));
	TRY(lseek(fd, 0, SEEK_SET));
	TRY(readv(fd, in, 2));
	printf("%.2s %.10s\n", buffer, buffer + 100);
	TRY(lseek(fd, -1, SEEK_SET));
	TRY(lseek(fd, 0, 99));
	TRY(ftruncate(fd, 5));
	TRY(lseek(fd, 0, SEEK_END));
	TRY(write(99, "x", 1));
	TRY(read(fd, buffer, 0));
	TRY(fsync(fd));
	TRY(dup2(fd, 20));
	TRY(write(20, "dup", 3));
	TRY(fcntl(20, F_GETFD));
	TRY(fcntl(20, F_SETFD, FD_CLOEXEC));
	TRY(fcntl(20, F_GETFD));
	TRY(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
	TRY(fcntl(fd, F_SETFL, O_APPEND));
	TRY(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
	TRY(close(20));
	TRY(close(20));
	TRY(close(fd));
	TRY(open("data", O_RDONLY | O_DIRECTORY));
	TRY(open("/dev/null", O_WRONLY));
}

static void
show(const char *path)
{
	struct stat st;

	if (lstat(path, &st) != 0) {
		printf("%s: %s\n", path, strerror(errno));
		return;
	}
	printf("%s: mode %o links %lu size %ld uid %d\n", path,
	    (unsigned)st.st_mode, (unsigned long)st.st_nlink,
	    S_ISDIR(st.st_mode) ? 0L : (long)st.st_size, st.st_uid == getuid());
}

static void
names(void)
{
	struct timespec times[2] = { { 1000000000, 5 }, { 1100000000, 7 } };
	struct stat st;
	ssize_t len;

	TRY(mkdir("dir", 0755));
	TRY(mkdir("dir", 0755));
	TRY(symlink("data", "dir/soft"));
	TRY(link("data", "dir/hard"));
	len = readlink("dir/soft", buffer, sizeof(buffer));
	printf("%.*s\n", (int)len, buffer);
	TRY(rename("dir/hard", "dir/moved"));
	TRY(rename("missing", "other"));
	TRY(chmod("dir/moved", 0600));
	TRY(umask(077));
	TRY(close(creat("masked", 0666)));
	TRY(umask(022));
	TRY(truncate("masked", 100000));
	TRY(utimensat(AT_FDCWD, "masked", times, 0));
	TRY(stat("masked", &st));
	printf("%ld %ld %ld\n", (long)st.st_atim.tv_sec,
	    (long)st.st_mtim.tv_sec, (long)st.st_mtim.tv_nsec);
	TRY(lstat("/dev/stdin", &st));
	printf("%d\n", S_ISLNK(st.st_mode));
	TRY(lstat("/proc/self/exe", &st));
	printf("%d %ld\n", S_ISLNK(st.st_mode), (long)st.st_size);
	show("data");
	show("dir");
	show("dir/soft");
	show("dir/moved");
	show("masked");
	show("missing");
	show("data/below");
	TRY(access("data", R_OK));
	TRY(access("data", X_OK));
	TRY(faccessat(AT_FDCWD, "missing", F_OK, 0));
	TRY(unlink("dir"));
	TRY(rmdir("dir"));
	TRY(unlink("dir/soft"));
	TRY(unlink("dir/soft"));
	TRY(chdir("missing"));
	TRY(chdir("dir"));
	printf("%s\n", strrchr(getcwd(buffer, sizeof(buffer)), '/'));
	TRY(stat("../data", &st));
	TRY(chdir(".."));
	TRY(getcwd(buffer, 2) == NULL ? -1 : 0);
	TRY(pathconf(".", _PC_NAME_MAX));
}

static int
by_name(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static void
directories(void)
{
	struct dirent **entries;
	char name[32];
	int count, fd;
	DIR *dir;

	TRY(mkdir("many", 0755));
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "many/file-number-%03d", i);
		fd = open(name, O_CREAT | O_WRONLY, 0644);
		close(fd);
	}
	count = scandir("many", &entries, NULL, by_name);
	printf("%d %s %s %d\n", count, entries[2]->d_name,
	    entries[count - 1]->d_name, entries[2]->d_type);
	dir = opendir("many");
	count = 0;
	while (readdir(dir) != NULL)
		count++;
	rewinddir(dir);
	while (readdir(dir) != NULL)
		count++;
	printf("%d\n", count);
	closedir(dir);
	fd = open("many", O_RDONLY | O_DIRECTORY);
	TRY(openat(fd, "file-number-007", O_RDONLY) > fd);
	TRY(unlinkat(fd, "file-number-008", 0));
	TRY(mkdirat(fd, "below", 0700));
	TRY(read(fd, buffer, 10));
	TRY(close(fd));
	printf("%d\n", opendir("missing") == NULL && errno == ENOENT);
}

static void
streams(void)
{
	FILE *file = fopen("stream", "w+");
	char line[64];
	long total = 0;

	for (int i = 0; i < 50000; i++)
		fprintf(file, "line %d\n", i);
	printf("%ld\n", ftell(file));
	rewind(file);
	while (fgets(line, sizeof(line), file) != NULL)
		total += strtol(line + 5, NULL, 10);
	printf("%ld %d\n", total, feof(file));
	fseek(file, -6, SEEK_END);
	printf("%d ", fgetc(file));
	printf("%d\n", ungetc('u', file));
	printf("%s", fgets(line, sizeof(line), file));
	fclose(file);
	file = fopen("stream", "a");
	setvbuf(file, NULL, _IONBF, 0);
	fputs("appended\n", file);
	printf("%ld\n", ftell(file));
	fclose(file);
	file = fopen("no/such", "r");
	printf("%d %s\n", file == NULL, strerror(errno));
	file = tmpfile();
	printf("%zu\n", fwrite(buffer, 1, 4096, file));
	fclose(file);
	fprintf(stderr, "to stderr\n");
	while (fgets(line, sizeof(line), stdin) != NULL)
		printf("stdin: %s\n", line);
}

static void
mapped_files(void)
{
	int fd = open("stream", O_RDWR);
	char *shared =
	    mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	char *private =
	    mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 4096);

	printf("%d %.9s %.9s\n", shared != MAP_FAILED && private != MAP_FAILED,
	    shared, private);
	memcpy(private, "PRIVATE", 7);
	memcpy(shared + 5, "SHARED", 6);
	TRY(msync(shared, 8192, MS_SYNC));
	TRY(pread(fd, buffer, 4200, 0));
	printf("%.12s %.8s\n", buffer, buffer + 4096);
	TRY(pwrite(fd, "written", 7, 100));
	printf("%.7s\n", shared + 100);
	munmap(shared, 8192);
	munmap(private, 8192);
	close(fd);
}

int
main(void)
{
	reading_and_writing();
	names();
	directories();
	streams();
	mapped_files();
	return 0;
}
