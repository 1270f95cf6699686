// SPDX-License-Identifier: BSD-2-Clause
// Opening, reading and writing, holes, times, modes, and facts of files.

#include "tests/guest-programs/prog/say.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>

static void
opening(void)
{
	SHOW(open("missing", O_RDONLY));
	SHOW(open("tree", O_WRONLY));
	SHOW(open("text.txt", O_RDONLY | O_DIRECTORY));
	SHOW(open("text.txt/x", O_RDONLY));
	SHOW(open("text.txt", O_CREAT | O_EXCL | O_RDWR, 0600));
	SHOW(open("missing/x", O_CREAT | O_RDWR, 0600));
	SHOW(open("", O_RDONLY));
	SHOW(open((char *)16, O_RDONLY));
	char name[300];
	memset(name, 'n', 299);
	name[299] = 0;
	SHOW(open(name, O_RDONLY));
	int fd = open("new", O_CREAT | O_RDWR | O_TRUNC, 0666);
	SHOW(write(fd, "0123456789", 10));
	SHOW(fcntl(fd, F_GETFL) & (O_ACCMODE | O_APPEND));
	SHOW(fcntl(fd, F_SETFL, O_APPEND));
	SHOW(lseek(fd, 3, SEEK_SET));
	SHOW(write(fd, "end", 3));
	SHOW(lseek(fd, 0, SEEK_CUR));
	int reader = open("new", O_RDONLY);
	SHOW(write(reader, "x", 1));
	SHOW(ftruncate(reader, 1));
	SHOW(lseek(reader, -1, SEEK_SET));
	SHOW(lseek(reader, -3, SEEK_END));
	SHOW(lseek(reader, 0, 77));
	SHOW(lseek(reader, 1000, SEEK_SET));
	SHOW(read(reader, name, 5));
	SHOW(read(reader, (void *)16, 5));
	SHOW(lseek(reader, 0, SEEK_SET));
	SHOW(read(reader, (void *)16, 5));
	SHOW(read(fd, NULL, 0));
	SHOW(close(reader));
	SHOW(close(reader));
	SHOW(read(reader, name, 1));
	int path = open("new", O_PATH);
	SHOW(read(path, name, 1));
	struct stat stat;
	SHOW(fstat(path, &stat));
	SHOW(stat.st_size);
	SHOW(openat(path, "x", O_RDONLY));
	SHOW(openat(99, "x", O_RDONLY));
	SHOW(read(open("tree", O_RDONLY), name, 1));
}

static void
vectors(void)
{
	char a[5] = "", b[5] = "";
	struct iovec in[2] = { { a, 4 }, { b, 4 } };
	struct iovec out[3] = { { "aa", 2 }, { "bbb", 3 }, { "c", 1 } };
	int fd = open("vector", O_CREAT | O_RDWR, 0600);

	SHOW(writev(fd, out, 3));
	SHOW(pwritev(fd, out, 2, 10));
	SHOW(preadv(fd, in, 2, 1));
	printf("%s|%s\n", a, b);
	SHOW(pwrite(fd, "zz", 2, 0));
	SHOW(pread(fd, a, 4, 0));
	puts(a);
	SHOW(lseek(fd, 0, SEEK_CUR));
	SHOW(preadv2(fd, in, 2, -1, 0));
	SHOW(writev(fd, out, -1));
	SHOW(readv(fd, in, 0));
	SHOW(pread(fd, a, 1, -1));
	int ends[2];
	pipe(ends);
	SHOW(pread(ends[0], a, 1, 0));
	SHOW(lseek(ends[0], 0, SEEK_CUR));
	SHOW(write(ends[0], a, 1));
}

static void
holes(void)
{
	int fd = open("holes", O_CREAT | O_RDWR, 0600);
	struct stat stat;
	char text[8] = "";

	SHOW(lseek(fd, 1 << 20, SEEK_SET));
	SHOW(write(fd, "island", 6));
	SHOW(ftruncate(fd, 3 << 20));
	SHOW(fstat(fd, &stat));
	SHOW(stat.st_size);
	SHOW(stat.st_blocks < 1000);
	SHOW(lseek(fd, 0, SEEK_DATA));
	SHOW(lseek(fd, 0, SEEK_HOLE));
	SHOW(lseek(fd, 2 << 20, SEEK_DATA));
	SHOW(lseek(fd, 4 << 20, SEEK_HOLE));
	SHOW(pread(fd, text, 6, 1 << 20));
	puts(text);
	SHOW(pread(fd, text, 6, 500));
	SHOW(text[0]);
	SHOW(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 8192));
	SHOW(posix_fallocate(fd, 3 << 20, 4096));
	SHOW(fstat(fd, &stat));
	SHOW(stat.st_size);
	SHOW(truncate("holes", 5000));
	SHOW(truncate("missing", 5));
	SHOW(ftruncate(fd, -1));
	SHOW(fsync(fd));
	SHOW(fdatasync(fd));
	SHOW(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
}

static void
facts(void)
{
	struct timespec times[2] = { { 1000000000, 5 }, { 0, UTIME_OMIT } };
	struct stat stat;
	struct statx more;
	struct statvfs system;

	SHOW(chmod("new", 0751));
	SHOW(lstat("new", &stat));
	SHOW(stat.st_mode);
	times[1] = (struct timespec){ 1234567890, 123456789 };
	SHOW(utimensat(AT_FDCWD, "new", times, 0));
	SHOW(lstat("new", &stat));
	SHOW(stat.st_atim.tv_sec);
	SHOW(stat.st_mtim.tv_nsec);
	SHOW(utimensat(AT_FDCWD, "missing", times, 0));
	SHOW(utimensat(AT_FDCWD, "tree/link", times, AT_SYMLINK_NOFOLLOW));
	times[0].tv_nsec = 2000000000;
	SHOW(utimensat(AT_FDCWD, "new", times, 0));
	SHOW(statx(AT_FDCWD, "new", 0, STATX_BASIC_STATS, &more));
	SHOW(more.stx_mode);
	SHOW(more.stx_size);
	SHOW(more.stx_mtime.tv_sec);
	SHOW((more.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
	SHOW(statx(0, "", AT_EMPTY_PATH, STATX_MODE, &more));
	SHOW(S_ISCHR(more.stx_mode));
	SHOW(fstatat(AT_FDCWD, "tree/link", &stat, AT_SYMLINK_NOFOLLOW));
	SHOW(stat.st_size);
	SHOW(fstatat(AT_FDCWD, "tree/dangling", &stat, 0));
	SHOW(fstatat(AT_FDCWD, "new", &stat, 0x10));
	SHOW(access("new", R_OK | W_OK | X_OK));
	SHOW(access("missing", F_OK));
	SHOW(access("new", 0x80));
	SHOW(faccessat(AT_FDCWD, "text.txt", F_OK, AT_EACCESS));
	SHOW(statvfs(".", &system));
	SHOW(system.f_namemax);
	umask(0);
	SHOW(mkdir("sticky", 01777));
	SHOW(stat.st_nlink > 0);
	SHOW(lstat("sticky", &stat));
	SHOW(stat.st_mode);
	SHOW(fchmodat(AT_FDCWD, "sticky", 0700, 0));
	SHOW(chown("sticky", (uid_t)-1, (gid_t)-1));
	SHOW(stat.st_uid == getuid());
	SHOW(mknod("node", S_IFREG | 0600, 0));
	int fd = open("text.txt", O_RDONLY), pending;
	SHOW(ioctl(fd, FIONREAD, &pending));
	SHOW(pending);
	SHOW(ioctl(fd, 0x1234, &pending));
	SHOW(ioctl(fd, FIOCLEX));
	SHOW(fcntl(fd, F_GETFD));
}

static void
less_asked(void)
{
	int fd = open("text.txt", O_RDONLY), pipes[2], size = 0;
	struct statfs fs;

	SHOW(fcntl(fd, F_GETOWN));
	SHOW(fcntl(fd, F_SETOWN, -getpgrp()));
	SHOW(fcntl(fd, F_GETOWN) == -getpgrp());
	SHOW(fcntl(fd, F_SETOWN, getpid()));
	SHOW(fcntl(fd, F_GETOWN) == getpid());
	SHOW(fcntl(fd, F_GETLEASE));
	SHOW(ioctl(fd, 2, &size)); // FIGETBSZ
	SHOW(size);
	SHOW(ioctl(fd, 0x80086601, &size)); // FS_IOC_GETFLAGS
	SHOW(size);
	pipe(pipes);
	SHOW(ftruncate(pipes[1], 0));
	SHOW(fstatfs(pipes[1], &fs));
	SHOW(fs.f_type);
}

// Names for what has none, by its descriptor.
static void
without_name(void)
{
	struct stat st;
	int fd = open(".", O_TMPFILE | O_RDWR, 0600);
	int path = open("text.txt", O_PATH);

	SHOW(linkat(fd, "", AT_FDCWD, "named", AT_EMPTY_PATH));
	SHOW(fstat(fd, &st));
	SHOW(st.st_nlink);
	SHOW(unlink("named"));
	SHOW(fchownat(path, "", (uid_t)-1, (gid_t)-1, AT_EMPTY_PATH));
	SHOW(fchown(path, (uid_t)-1, (gid_t)-1));
	close(path);
	close(fd);
}

int
main(void)
{
	opening();
	vectors();
	holes();
	facts();
	without_name();
	less_asked();
	return 0;
}
