/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every name of a table is given to every call that takes a name, in a tree
 * that sandbox.sh makes; OUT stands for what the host calls the directory
 * outside.  One line for a name: what each call said.  Lines that begin with
 * "~" are not as in a chroot.
 *
 * usage: names OUT
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define ROOM     8192
#define DIR_FD   50 /* a/b */
#define FILE_FD  51 /* etc/inside */
#define LINK_FD  52 /* the link abs itself */
#define MOUNT_FD 53 /* mnt/share/sub */
#define ROOT_FD  54

static const char *const names[] = { "/etc/inside", "abs", "absdir",
	"absdir/secret", "rel", "chain1", "loop", "loopa", "up/etc/inside",
	"up20/etc/inside", "a/upup", "/../../../..OUT/secret", "..OUT/secret",
	"a/b/c/../../../../../..OUT/secret", "OUT/secret", "root/etc/inside",
	"root/..OUT/secret", "//etc//inside", "/", "//", ".", "..", "../..",
	"/etc/inside/", "/etc/inside/.", "/etc/inside/..", "abs/", "absdir/",
	"absdir/..", "a", "a/", "a/.", "a/b/..", "nothing", "nothing/",
	"nothing/..", "nothing/x", "", "new\nline", "dangling", "dangling/",
	"hard", "/proc/self/root", "/proc/self/root/",
	"/proc/self/rootOUT/secret", "/proc/self/root/etc/inside",
	"/proc/self/root/../etc/inside", "/proc/self/root/..", "/proc/self/cwd",
	"/proc/self/cwd/..", "/proc/self/cwd/../etc/inside",
	"/proc/self/cwd/../../..OUT/secret", "/proc/self/exe",
	"/proc/self/exe/", "/proc/self/exe/..", "/proc/self/fd/50",
	"/proc/self/fd/50/", "/proc/self/fd/50/..", "/proc/self/fd/50/../..",
	"/proc/self/fd/50/../../../..OUT/secret",
	"/proc/self/fd/50/../../etc/inside", "/proc/self/fd/51",
	"/proc/self/fd/51/", "/proc/self/fd/51/..", "/proc/self/fd/52",
	"/proc/self/fd/52/", "/proc/self/fd/52/secret",
	"/proc/self/fd/53/../..", "/proc/self/fd/53/../../../etc/inside",
	"~/proc/self/fd/99", "/dev/fd/51", "/dev/fd/50/../..OUT/secret",
	"/proc/thread-self/root/etc/inside", "viaroot", "viacwd", "viafd",
	"/mnt/share", "/mnt/share/", "/mnt/share/..",
	"/mnt/share/../../etc/inside", "/mnt/share/../..OUT/secret",
	"/mnt/share/link", "/mnt/share/abs", "/mnt/share/up/share/file",
	"/mnt/share/file", "/mnt/share/sub/../../../etc/inside",
	"/mnt/share/../../../..OUT/secret", "/mnt/ro", "/mnt/ro/file",
	"/mnt/ro/nothing", "/mnt/ro/link", "/mnt/one", "~/mnt/one/",
	"/mnt/one/..", "lnk/share/file", "lnk/share/../../etc/inside",
	"/dev/null/", "/dev/../etc/inside", "/proc/..", "/proc/../etc/inside",
	"/proc/self/../../etc/inside", "/proc/self/fd/../../../etc/inside",
	"/proc/self/task/../../../etc/inside", "~/proc/1/root",
	"~/proc/1/cwd/..", "~/proc/2/fd/0", "~/proc/1/rootOUT/secret" };

static const char *out;
static char path[ROOM];

static const char *
name_of(int error)
{
	static char text[16];

	if (error == ENODATA) /* no file has attributes */
		return "EOPNOTSUPP";
	if (strerrorname_np(error) != NULL)
		return strerrorname_np(error);
	snprintf(text, sizeof(text), "%d", error);
	return text;
}

static void
say(long result)
{
	printf(" %s", result < 0 ? name_of(errno) : "ok");
}

static void
say_stat(int result, const struct stat *st)
{
	static const char *const types[16] = { [1] = "fifo",
		[2] = "chr",
		[4] = "dir",
		[8] = "reg",
		[10] = "lnk",
		[12] = "sock" };

	if (result < 0)
		say(result);
	else
		printf(" %s", types[st->st_mode >> 12 & 15]);
}

static void
say_fd(int fd)
{
	char text[32] = "";
	struct stat st;
	ssize_t len;

	if (fd < 0 || fstat(fd, &st) != 0) {
		say(-1);
		return;
	}
	len = S_ISREG(st.st_mode) ? read(fd, text, 6) : -1;
	if (len > 0 && text[0] != '\177')
		printf(" '%s'", text);
	else
		say_stat(0, &st);
	close(fd);
}

/* What is of OUT in a text differs from run to run. */
static void
say_text(const char *text)
{
	const char *at;

	at = strstr(text, out);
	if (at == NULL)
		printf(" \"%s\"", text);
	else
		printf(
		    " \"%.*sOUT%s\"", (int)(at - text), text, at + strlen(out));
}

static void
try_open(void)
{
	static const int flags[] = { O_RDONLY, O_PATH, O_NOFOLLOW,
		O_PATH | O_NOFOLLOW, O_DIRECTORY };
	size_t i;

	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		say_fd(open(path, flags[i] | O_NONBLOCK));
}

static void
try_openat2(void)
{
	static const uint64_t resolve[] = { RESOLVE_NO_XDEV,
		RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH,
		RESOLVE_IN_ROOT };
	struct open_how how = { .flags = O_RDONLY | O_NONBLOCK };
	size_t i;

	printf(" |");
	for (i = 0; i < sizeof(resolve) / sizeof(resolve[0]); i++) {
		how.resolve = resolve[i];
		say_fd((int)syscall(
		    SYS_openat2, AT_FDCWD, path, &how, sizeof(how)));
		say_fd(
		    (int)syscall(SYS_openat2, DIR_FD, path, &how, sizeof(how)));
	}
}

static void
try_looks(void)
{
	struct statfs fs;
	struct stat st;
	char text[ROOM];
	ssize_t len;

	printf(" |");
	say_stat(stat(path, &st), &st);
	say_stat(lstat(path, &st), &st);
	say_stat(fstatat(DIR_FD, path, &st, 0), &st);
	say(access(path, R_OK));
	say(statfs(path, &fs));
	say(getxattr(path, "user.none", text, 1));
	len = readlink(path, text, sizeof(text) - 1);
	if (len < 0) {
		say(len);
	} else {
		text[len] = '\0';
		say_text(text);
	}
	if (chdir(path) != 0) {
		say(-1);
		printf(" -");
		return;
	}
	say_text(getcwd(text, sizeof(text)) == NULL ? name_of(errno) : text);
	say_fd(open("../../../../etc/inside", O_RDONLY));
	fchdir(ROOT_FD);
}

/* What succeeds is undone, or does nothing. */
static void
try_changes(void)
{
	const struct timeval times[2] = { { 1, 0 }, { 1, 0 } };
	struct stat st;

	printf(" |");
	if (strstr(path, "exe") != NULL) /* it runs */
		return;
	say(truncate(path, 7));
	say(utimes(path, times));
	say(chown(path, (uid_t)-1, (gid_t)-1));
	if (strstr(path, "/proc/") == NULL && strstr(path, "/dev/") == NULL)
		say(lchown(path, (uid_t)-1, (gid_t)-1));
	say(stat(path, &st) == 0 ? chmod(path, st.st_mode & 07777)
				 : chmod(path, 0700));
	say_fd(open(path, O_RDWR | O_NONBLOCK));
}

static void
say_undo(long result, int (*undo)(const char *))
{
	say(result);
	if (result >= 0)
		undo(path);
}

static void
try_makes(void)
{
	int fd;

	printf(" |");
	say_undo(mkdir(path, 0700), rmdir);
	say_undo(symlink("x", path), unlink);
	say_undo(mknod(path, S_IFIFO | 0600, 0), unlink);
	say_undo(mknod(path, S_IFREG | 0600, 0), unlink);
	say_undo(link("/etc/inside", path), unlink);
	fd = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	say_undo(fd, unlink);
	if (fd >= 0)
		close(fd);
	fd = open(path, O_TMPFILE | O_WRONLY, 0600);
	say(fd);
	if (fd >= 0)
		close(fd);
	say(link(path, "/tmp/made"));
	unlink("/tmp/made");
	unlink("/tmp/followed");
	say(linkat(
	    AT_FDCWD, path, AT_FDCWD, "/tmp/followed", AT_SYMLINK_FOLLOW));
	say(rename(path, "/tmp/taken"));
	rename("/tmp/taken", path);
}

static void
try_sockets(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	printf(" |");
	if (strlen(path) >= sizeof(addr.sun_path) || path[0] == '\0')
		return;
	strcpy(addr.sun_path, path);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	say(sendto(fd, "x", 1, 0, (struct sockaddr *)&addr, sizeof(addr)));
	say(connect(fd, (struct sockaddr *)&addr, sizeof(addr)));
	say_undo(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), unlink);
	close(fd);
}

static void
try_exec(void)
{
	char *const argv[] = { path, "child", NULL };
	pid_t pid;
	int status;

	printf(" |");
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		execv(path, argv);
		_exit(errno);
	}
	waitpid(pid, &status, 0);
	if (WEXITSTATUS(status) == 200)
		printf(" ran");
	else
		printf(" %s", name_of(WEXITSTATUS(status)));
}

static void
try_name(const char *name)
{
	const char *at;

	printf("%s:", strchr(name, '\n') != NULL ? "newline" : name);
	name += name[0] == '~';
	at = strstr(name, "OUT");
	if (at == NULL)
		snprintf(path, sizeof(path), "%s", name);
	else
		snprintf(path, sizeof(path), "%.*s%s%s", (int)(at - name), name,
		    out, at + 3);
	try_open();
	try_openat2();
	try_looks();
	try_changes();
	try_makes();
	try_sockets();
	try_exec();
	putchar('\n');
}

static void
try_long(const char *label, char c, size_t len)
{
	memset(path, c, len);
	path[len] = '\0';
	printf("%s:", label);
	try_open();
	try_openat2();
	try_looks();
	try_exec();
	putchar('\n');
}

static void
hold(int number, const char *name, int flags)
{
	int fd;

	fd = open(name, flags);
	if (fd < 0 || dup2(fd, number) < 0)
		printf("no %s\n", name);
	close(fd);
}

int
main(int argc, char **argv)
{
	size_t i;

	if (argc == 2 && strcmp(argv[1], "child") == 0)
		return 200;
	if (argc != 2)
		return 2;
	out = argv[1];
	hold(DIR_FD, "/a/b", O_PATH | O_DIRECTORY);
	hold(FILE_FD, "/etc/inside", O_RDONLY);
	hold(LINK_FD, "/abs", O_PATH | O_NOFOLLOW);
	hold(MOUNT_FD, "/mnt/share/sub", O_RDONLY | O_DIRECTORY);
	hold(ROOT_FD, "/", O_RDONLY | O_DIRECTORY);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		try_name(names[i]);
	try_long("255 letters", 'x', 255);
	try_long("256 letters", 'x', 256);
	try_long("4000 slashes", '/', 4000);
	try_long("4095 slashes", '/', 4095);
	try_long("4096 slashes", '/', 4096);
	try_long("4095 letters", 'x', 4095);
	return 0;
}
