/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that name files, with each of their flags: results and errors. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

/* glibc and musl hide some flags of some calls. */
#define CALL(...) say(#__VA_ARGS__, syscall(__VA_ARGS__))

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#define RENAME_EXCHANGE  2
#endif
#define EMPTY      AT_EMPTY_PATH
#define NOFOLLOW   AT_SYMLINK_NOFOLLOW
#define FCHMODAT2  452
#define FACCESSAT2 439
#define OPENAT2    437
#define TMPFILE    020200000

static long
say(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerror(errno));
	else
		printf("%s: ok\n", what);
	return result;
}

static void
make(const char *path)
{
	int fd;

	fd = open(path, O_CREAT | O_WRONLY, 0644);
	if (fd < 0 || write(fd, "text\n", 5) != 5 || close(fd) != 0)
		printf("%s: %s\n", path, strerror(errno));
}

static void
opened(const char *what, long fd)
{
	if (say(what, fd) >= 0)
		close((int)fd);
}

#define OPEN(path, flags)                                                      \
	opened("open " path " " #flags, open(path, flags, 0600))

static void
opening(void)
{
	OPEN("f", O_RDONLY);
	OPEN("f/", O_RDONLY);
	OPEN("f/x", O_RDONLY);
	OPEN("f", O_RDONLY | O_DIRECTORY);
	OPEN("d", O_RDONLY | O_DIRECTORY);
	OPEN("d", O_RDWR);
	OPEN("d", O_CREAT | O_RDONLY);
	OPEN("d/", O_RDONLY);
	OPEN("new/", O_CREAT | O_WRONLY);
	OPEN("l", O_RDONLY);
	OPEN("l", O_RDONLY | O_NOFOLLOW);
	OPEN("l", O_PATH | O_NOFOLLOW);
	OPEN("l", O_CREAT | O_EXCL | O_WRONLY);
	OPEN("l/", O_RDONLY);
	OPEN("ld/", O_RDONLY);
	OPEN("ld/g", O_RDONLY);
	OPEN("ld", O_RDONLY | O_NOFOLLOW);
	OPEN("ld", O_RDONLY | O_NOFOLLOW | O_DIRECTORY);
	OPEN("ld/", O_RDONLY | O_NOFOLLOW);
	OPEN("loop", O_RDONLY);
	OPEN("loop", O_PATH | O_NOFOLLOW);
	OPEN("dangling", O_RDONLY);
	OPEN("dangling", O_CREAT | O_EXCL | O_WRONLY);
	OPEN("dangling", O_CREAT | O_WRONLY);
	OPEN("target", O_RDONLY);
	OPEN("", O_RDONLY);
	OPEN("missing", O_RDONLY);
	OPEN("missing/x", O_CREAT | O_WRONLY);
	OPEN("f", O_CREAT | O_EXCL | O_RDONLY);
	OPEN("d", TMPFILE | O_RDWR);
	OPEN("d", TMPFILE | O_RDONLY);
	OPEN("f", TMPFILE | O_RDWR);
	OPEN(".", O_RDONLY);
	OPEN("..", O_RDONLY);
	OPEN("d/.", O_CREAT | O_WRONLY);
	OPEN("d/..", O_RDWR);
	OPEN("/", O_RDONLY);
	OPEN("//", O_RDONLY);
	OPEN("/dev/null/", O_RDONLY);
}

static void
path_descriptors(void)
{
	struct stat st;
	char byte;
	int dir, file;

	file = open("f", O_PATH);
	dir = open("d", O_PATH);
	say("read", read(file, &byte, 1));
	say("fchmod", fchmod(file, 0600));
	say("fchdir to a file", fchdir(file));
	say("ftruncate", ftruncate(file, 0));
	say("fstat", fstat(file, &st));
	say("getdents", syscall(SYS_getdents64, dir, &st, sizeof(st)));
	say("fcntl F_GETFL is O_PATH", fcntl(file, F_GETFL) & O_PATH ? 0 : -1);
	CALL(SYS_openat, dir, "g", O_RDONLY);
	CALL(SYS_openat, file, "g", O_RDONLY);
	CALL(SYS_openat, -1, "g", O_RDONLY);
	CALL(SYS_openat, -1, "/", O_RDONLY);
	CALL(SYS_newfstatat, file, "", &st, EMPTY);
	CALL(SYS_newfstatat, file, "", &st, 0);
	CALL(SYS_newfstatat, AT_FDCWD, "", &st, EMPTY);
	CALL(SYS_newfstatat, -1, "", &st, EMPTY);
	CALL(SYS_newfstatat, AT_FDCWD, "f", &st, 0x40);
	CALL(SYS_fchmodat, dir, "g", 0640);
	close(file);
	close(dir);
}

static void
access_and_modes(void)
{
	CALL(SYS_faccessat, AT_FDCWD, "f", R_OK);
	CALL(SYS_faccessat, AT_FDCWD, "f", 8);
	CALL(FACCESSAT2, AT_FDCWD, "dl", F_OK, NOFOLLOW);
	CALL(FACCESSAT2, AT_FDCWD, "dl", F_OK, 0);
	CALL(FACCESSAT2, AT_FDCWD, "f", F_OK, 1);
	CALL(FACCESSAT2, AT_FDCWD, "", F_OK, EMPTY);
	CALL(FCHMODAT2, AT_FDCWD, "f", 0604, 0);
	CALL(FCHMODAT2, AT_FDCWD, "l", 0604, NOFOLLOW);
	CALL(FCHMODAT2, AT_FDCWD, "f", 0640, NOFOLLOW);
	CALL(FCHMODAT2, AT_FDCWD, "f", 0604, 1);
	CALL(SYS_chmod, "dl", 0600);
	CALL(SYS_chmod, "missing", 0600);
	CALL(SYS_fchownat, AT_FDCWD, "dl", -1, -1, NOFOLLOW);
	CALL(SYS_fchownat, AT_FDCWD, "dl", -1, -1, 0);
	CALL(SYS_fchownat, AT_FDCWD, "f", -1, -1, 0x8000);
	CALL(SYS_truncate, "f", 3L);
	CALL(SYS_truncate, "f", -1L);
	CALL(SYS_truncate, "d", 3L);
	CALL(SYS_truncate, "missing", 3L);
	CALL(SYS_truncate, "fifo", 3L);
}

static void
linking(void)
{
	CALL(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "hard", 0);
	CALL(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "hard", 0);
	CALL(SYS_linkat, AT_FDCWD, "d", AT_FDCWD, "hard2", 0);
	CALL(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "hard3", 0x8000);
	CALL(SYS_linkat, AT_FDCWD, "l", AT_FDCWD, "soft", 0);
	CALL(SYS_linkat, AT_FDCWD, "l", AT_FDCWD, "hard4", AT_SYMLINK_FOLLOW);
	CALL(SYS_linkat, AT_FDCWD, "missing", AT_FDCWD, "hard5", 0);
	CALL(SYS_linkat, AT_FDCWD, "f", AT_FDCWD, "hard5/", 0);
	CALL(SYS_symlinkat, "x", AT_FDCWD, "f");
	CALL(SYS_symlinkat, "", AT_FDCWD, "empty");
	CALL(SYS_symlinkat, "x", AT_FDCWD, "slash/");
	CALL(SYS_symlinkat, "x", -1, "bad");
	CALL(SYS_unlinkat, AT_FDCWD, "d", 0);
	CALL(SYS_unlinkat, AT_FDCWD, "f", AT_REMOVEDIR);
	CALL(SYS_unlinkat, AT_FDCWD, "d", AT_REMOVEDIR);
	CALL(SYS_unlinkat, AT_FDCWD, "f", 1);
	CALL(SYS_unlinkat, AT_FDCWD, "hard/", 0);
	CALL(SYS_unlinkat, AT_FDCWD, ".", AT_REMOVEDIR);
	CALL(SYS_unlinkat, AT_FDCWD, "d/..", AT_REMOVEDIR);
	CALL(SYS_unlinkat, AT_FDCWD, "ld/", AT_REMOVEDIR);
	CALL(SYS_unlinkat, AT_FDCWD, "soft", 0);
	CALL(SYS_mkdir, "d", 0700);
	CALL(SYS_mkdir, "d/.", 0700);
	CALL(SYS_mkdir, "made/", 0700);
	CALL(SYS_mkdir, "f/x", 0700);
	CALL(SYS_mkdir, "dangle2", 0700);
	CALL(SYS_rmdir, "made/");
	CALL(SYS_rmdir, "missing");
	CALL(SYS_mknod, "node", S_IFREG | 0600, 0L);
	CALL(SYS_mknod, "node", S_IFREG | 0600, 0L);
	CALL(SYS_mknod, "node2", S_IFDIR | 0600, 0L);
	CALL(SYS_mknod, "node3", 0130000 | 0600, 0L);
	CALL(SYS_mknod, "socket", S_IFSOCK | 0600, 0L);
	CALL(SYS_mknod, "socket", S_IFSOCK | 0600, 0L);
	CALL(SYS_unlink, "socket");
	CALL(SYS_readlink, "f", "", 0L);
}

static void
renaming(void)
{
	make("one");
	make("two");
	mkdir("dir1", 0700);
	mkdir("dir2", 0700);
	make("dir2/x");
	CALL(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", RENAME_NOREPLACE);
	CALL(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", RENAME_EXCHANGE);
	CALL(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "no", RENAME_EXCHANGE);
	CALL(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 3);
	CALL(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 64);
	CALL(SYS_rename, "one", "dir1");
	CALL(SYS_rename, "dir1", "one");
	CALL(SYS_rename, "dir1", "dir2");
	CALL(SYS_rename, "dir1", "dir1/sub");
	CALL(SYS_rename, "dir1/", "dir3/");
	CALL(SYS_rename, "one/", "three");
	CALL(SYS_rename, "one", "three/");
	CALL(SYS_rename, "dir3", ".");
	CALL(SYS_rename, "dir3/..", "x");
	CALL(SYS_rename, "missing", "x");
	CALL(SYS_rename, "one", "");
	CALL(SYS_rename, "one", "one");
}

#define BASIC 0x7ffu

/* struct statx, which not every libc has. */
static void
statx_of(const char *path, int flags, unsigned mask)
{
	unsigned char stx[256];
	uint32_t got, nlink;
	uint64_t size;
	uint16_t mode;

	if (say(path, syscall(SYS_statx, AT_FDCWD, path, flags, mask, stx)) < 0)
		return;
	memcpy(&got, stx, sizeof(got));
	memcpy(&nlink, stx + 16, sizeof(nlink));
	memcpy(&mode, stx + 28, sizeof(mode));
	memcpy(&size, stx + 40, sizeof(size));
	printf("mode %o size %d nlink %u basic %d\n", mode,
	    S_ISDIR(mode) ? 0 : (int)size, S_ISDIR(mode) ? 0 : nlink,
	    (got & mask) == mask);
}

static void
statting(void)
{
	struct statfs fs;

	statx_of("f", 0, BASIC);
	statx_of("l", NOFOLLOW, BASIC);
	statx_of("d", 0, 0);
	statx_of("f", 0x6000, BASIC);
	statx_of("f", 0, 0x80000000u);
	statx_of("", 0, BASIC);
	statx_of("f", 0x10000, BASIC);
	say("statfs", statfs("f", &fs));
	say("statfs of nothing", statfs("missing", &fs));
	CALL(SYS_getxattr, "missing", "user.none", NULL, 0L);
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
listing(void)
{
	char *names[64];
	struct dirent *entry;
	long places[64];
	int count, fd, i, same;
	char small[16];
	DIR *dir;

	dir = opendir("many");
	for (count = 0; (entry = readdir(dir)) != NULL && count < 64; count++) {
		names[count] = strdup(entry->d_name);
		places[count] = telldir(dir);
	}
	same = 0;
	for (i = 0; i + 1 < count; i++) {
		seekdir(dir, places[i]);
		entry = readdir(dir);
		same +=
		    entry != NULL && strcmp(entry->d_name, names[i + 1]) == 0;
	}
	printf("%d names, %d found again\n", count, same);
	rewinddir(dir);
	entry = readdir(dir);
	printf("first again: %d\n", strcmp(entry->d_name, names[0]) == 0);
	make("many/late");
	rewinddir(dir);
	for (i = 0; readdir(dir) != NULL;)
		i++;
	printf("%d after one more\n", i);
	closedir(dir);
	qsort(names, (size_t)count, sizeof(names[0]), compare);
	for (i = 0; i < count; i++)
		printf("%s ", names[i]);
	printf("\n");
	fd = open("many", O_RDONLY);
	say("too small", syscall(SYS_getdents64, fd, small, sizeof(small)));
	say("lseek of a directory", lseek(fd, 0, SEEK_SET));
	close(fd);
	fd = open("f", O_RDONLY);
	say("of a file", syscall(SYS_getdents64, fd, small, sizeof(small)));
	say("of nothing", syscall(SYS_getdents64, 99, small, sizeof(small)));
	close(fd);
}

static void
openat2_of(const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	uint64_t how[3] = { flags, mode, resolve };
	char name[128];

	snprintf(name, sizeof(name), "openat2 %s %jo %jo %jx", path,
	    (uintmax_t)flags, (uintmax_t)mode, (uintmax_t)resolve);
	opened(name, syscall(OPENAT2, AT_FDCWD, path, how, sizeof(how)));
}

static void
openat2s(void)
{
	uint64_t how[4] = { 0, 0, 0, 1 };

	openat2_of("f", O_RDONLY, 0, 0);
	openat2_of("f", O_RDONLY, 0600, 0);
	openat2_of("f", UINT64_C(1) << 40, 0, 0);
	openat2_of("f", O_RDONLY, 0, 64);
	openat2_of("f", O_PATH | O_RDWR, 0, 0);
	openat2_of("f", O_RDONLY, 0, 0x18);
	openat2_of("l", O_RDONLY, 0, 4);
	openat2_of("ld/g", O_RDONLY, 0, 4);
	openat2_of("ld/g", O_RDONLY, 0, 8);
	openat2_of("d/../f", O_RDONLY, 0, 8);
	openat2_of("../f", O_RDONLY, 0, 8);
	openat2_of("/f", O_RDONLY, 0, 8);
	openat2_of("absolute", O_RDONLY, 0, 8);
	openat2_of("absolute", O_RDONLY, 0, 16);
	openat2_of("../../f", O_RDONLY, 0, 16);
	openat2_of("/f", O_RDONLY, 0, 16);
	openat2_of("/proc/self/fd/0", O_RDONLY, 0, 2);
	openat2_of("made by openat2", O_CREAT | O_WRONLY, 0600, 8);
	CALL(OPENAT2, AT_FDCWD, "f", how, 16L);
	CALL(OPENAT2, AT_FDCWD, "f", how, 32L);
	CALL(OPENAT2, AT_FDCWD, "f", how, 5000L);
}

static void
prepare(void)
{
	char name[32];
	int i;

	make("f");
	mkdir("d", 0755);
	make("d/g");
	mkfifo("fifo", 0600);
	if (symlink("f", "l") != 0 || symlink("d", "ld") != 0 ||
	    symlink("loop", "loop") != 0 ||
	    symlink("target", "dangling") != 0 ||
	    symlink("nowhere", "dl") != 0 || symlink("no", "dangle2") != 0 ||
	    symlink("/f", "absolute") != 0)
		exit(1);
	mkdir("many", 0755);
	for (i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "many/n%d", i * 7);
		make(name);
	}
}

int
main(void)
{
	umask(022);
	prepare();
	opening();
	path_descriptors();
	access_and_modes();
	linking();
	renaming();
	statting();
	openat2s();
	listing();
	unlink("fifo");
	return 0;
}
