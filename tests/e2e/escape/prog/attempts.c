/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tries to leave a root directory in every way that is known.  Prints one line
 * for each attempt: what it got, which escape.sh compares with what
 * a chroot would give.  Files outside hold the word "outside".
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define OUT "../secret/secret.txt"

static const char *outside; /* the host's path of the directory secret */

static void
result(const char *name, long value)
{
	if (value < 0)
		printf("%s: %s\n", name, strerrorname_np(errno));
	else
		printf("%s: ok\n", name);
}

static void
content(const char *name, int fd)
{
	char text[64];
	ssize_t len;

	if (fd < 0) {
		result(name, fd);
		return;
	}
	len = read(fd, text, sizeof(text) - 1);
	if (len < 0) {
		result(name, len);
	} else {
		text[len] = '\0';
		text[strcspn(text, "\n")] = '\0';
		printf("%s: '%s'\n", name, text);
	}
	close(fd);
}

/* Paths that are simply opened. */
static const char *const paths[] = { "/in.txt", OUT, "/" OUT,
	"../../../../../../../../etc/hostname", "/etc/hostname",
	"dir/../../secret/secret.txt", "dir/deep/../../../secret/secret.txt",
	"././dir/.././../secret/secret.txt", "//..//secret/secret.txt", "abs",
	"abs/", "rel", "rooted", "updir/secret/secret.txt", "updir/in.txt",
	"slash/secret/secret.txt", "slash/slash/in.txt", "chain", "loop",
	"absdir/secret.txt", "/proc/self/root/" OUT, "/proc/self/cwd/" OUT,
	"/proc/self/root/in.txt", "/proc/self/cwd/in.txt",
	"/proc/self/task/../../../../secret/secret.txt",
	"/proc/thread-self/root/" OUT, "/proc/1/root/etc/hostname",
	"/proc/2/cwd/secret.txt", "/proc/self/exe/../in.txt",
	"/proc/self/fd/9/secret.txt", "/proc/self/fd/9", "/dev/fd/9/secret.txt",
	"/dev/../../secret/secret.txt", "/dev/shm/../../in.txt",
	"/dev/shm/../../" OUT, "/mnt/shared/s.txt",
	"/mnt/shared/../../secret/secret.txt", "/mnt/shared/../../in.txt",
	"/mnt/shared/../secret/secret.txt", "/mnt/shared/rel",
	"/mnt/shared/abs", "/mnt/shared/sub/../../" OUT, "/one.txt",
	"/one.txt/../in.txt", "/mnt/ro/r.txt", "/mnt/ro/../../in.txt",
	"/sys/kernel/hostname", "/proc/sys/../../../secret/secret.txt" };

static void
try_paths(void)
{
	size_t i;

	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		content(paths[i], open(paths[i], O_RDONLY));
}

static void
try_descriptors(void)
{
	char path[64];
	int fd;

	content("inherited directory", openat(9, "secret.txt", O_RDONLY));
	fd = open("dir/deep", O_RDONLY | O_DIRECTORY);
	content("up from a directory",
	    openat(fd, "../../../secret/secret.txt", O_RDONLY));
	content("up to the root", openat(fd, "../../in.txt", O_RDONLY));
	result("fchdir", fchdir(fd));
	content("up from there", open("../../../secret/secret.txt", O_RDONLY));
	result("back", chdir("/"));
	result("move it up", rename("dir/deep", "deep"));
	content("up from what moved",
	    openat(fd, "../../secret/secret.txt", O_RDONLY));
	content("and its neighbour", openat(fd, "../in.txt", O_RDONLY));
	result("move it into a mount", rename("deep", "/mnt/shared/deep"));
	result("move it back", rename("deep", "dir/deep"));
	close(fd);
	fd = open("dir", O_PATH);
	content("up from O_PATH", openat(fd, "../" OUT, O_RDONLY));
	snprintf(path, sizeof(path), "/proc/self/fd/%d/../" OUT, fd);
	content("up from its magic link", open(path, O_RDONLY));
	close(fd);
	fd = open("abs", O_PATH | O_NOFOLLOW);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	content("a link by its descriptor", open(path, O_RDONLY));
	content("a link by AT_EMPTY_PATH", openat(fd, "", O_RDONLY));
	close(fd);
	fd = open("/mnt/shared", O_RDONLY);
	content("up from a mount", openat(fd, "../" OUT, O_RDONLY));
	content("up and in again", openat(fd, "../../in.txt", O_RDONLY));
	close(fd);
}

static void
openat2_content(const char *name, const char *path, unsigned long resolve)
{
	struct open_how how = { .flags = O_RDONLY, .resolve = resolve };
	int fd;

	fd = open("dir", O_PATH);
	content(name, (int)syscall(SYS_openat2, fd, path, &how, sizeof(how)));
	close(fd);
}

static void
try_openat2(void)
{
	openat2_content("openat2 plain", "../" OUT, 0);
	openat2_content("openat2 in root", "../../in.txt", RESOLVE_IN_ROOT);
	openat2_content("openat2 root is dir", "/d.txt", RESOLVE_IN_ROOT);
	openat2_content("openat2 beneath", "../in.txt", RESOLVE_BENEATH);
	openat2_content(
	    "openat2 magic", "/proc/self/root/in.txt", RESOLVE_NO_MAGICLINKS);
}

static void
try_directories(void)
{
	char cwd[256];

	result("chdir up", chdir("../../.."));
	printf("getcwd: %s\n", getcwd(cwd, sizeof(cwd)));
	result("chdir out", chdir(outside));
	result("chdir by link", chdir("absdir"));
	result("mkdir", mkdir("gone", 0700));
	result("chdir in", chdir("gone"));
	result("rmdir", rmdir("/gone"));
	content("up from nowhere", open("../in.txt", O_RDONLY));
	content("further", open("../" OUT, O_RDONLY));
	result("chdir /", chdir("/"));
	result("chroot", chroot("dir"));
	result("mount", mount("/dev/root", "/dir", "ext4", 0, NULL));
	result("rmdir of a mount", rmdir("/mnt/shared"));
	result("rename of a mount", rename("/mnt/shared", "/mnt/other"));
}

static void
make(const char *name, const char *path)
{
	int fd;

	fd = open(path, O_CREAT | O_WRONLY, 0600);
	result(name, fd);
	if (fd >= 0)
		close(fd);
}

/* What is made must be inside; escape.sh looks. */
static void
try_making(void)
{
	char path[512];

	make("create up", "../created");
	make("create by a link to nowhere", "dangling");
	make("create by a link out", "outlink");
	result("mkdir up", mkdir("../made", 0700));
	result("symlink up", symlink("in.txt", "../linked"));
	result("mknod up", mknod("../fifo", S_IFIFO | 0600, 0));
	result("link in", link("in.txt", "../hard"));
	result("link of a link",
	    linkat(AT_FDCWD, "abs", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
	result("link into a mount", link("in.txt", "/mnt/shared/hard"));
	make("create in a mount", "/mnt/shared/new");
	result("mkdir in a mount", mkdir("/mnt/shared/newdir", 0700));
	result("rename in a mount",
	    rename("/mnt/shared/new", "/mnt/shared/newdir/new"));
	result("unlink in a mount", unlink("/mnt/shared/newdir/new"));
	result("rmdir in a mount", rmdir("/mnt/shared/newdir"));
	result("rename up", rename("hard", "../moved"));
	snprintf(path, sizeof(path), "%s/secret.txt", outside);
	result("unlink out", unlink(path));
	result("rename out", rename(path, "mine"));
	result("rename over", rename("moved", path));
	result("unlink up", unlink(OUT));
}

static void
try_changing(void)
{
	struct stat st;

	result("stat", stat("abs", &st));
	result("lstat of a directory link", lstat("absdir/", &st));
	result("chmod", chmod("abs", 0777));
	result("chown", chown("rel", 1, 1));
	result("truncate", truncate("abs", 0));
	result("utimensat", utimensat(AT_FDCWD, "rel", NULL, 0));
	result("access", access("abs", R_OK));
	result("statx",
	    statx(AT_FDCWD, "rel", 0, STATX_BASIC_STATS, &(struct statx){ 0 }));
	result("getxattr", syscall(SYS_getxattr, "abs", "user.x", NULL, 0));
	result("execve", execl("abs-program", "x", (char *)NULL));
	result("script", execl("script", "x", (char *)NULL));
	result("name_to_handle_at",
	    syscall(SYS_name_to_handle_at, AT_FDCWD, "in.txt", NULL, NULL, 0));
	result("open_by_handle_at",
	    syscall(SYS_open_by_handle_at, AT_FDCWD, NULL, 0));
}

static void
try_sockets(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd;

	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "sock-link");
	result("connect by link", connect(fd, (void *)&addr, sizeof(addr)));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "../secret/sock");
	result("connect up", connect(fd, (void *)&addr, sizeof(addr)));
	snprintf(addr.sun_path, sizeof(addr.sun_path), "../socket");
	result("bind up", bind(fd, (void *)&addr, sizeof(addr)));
	close(fd);
}

static void
try_read_only(void)
{
	char path[64];
	int fd;

	make("write", "/mnt/ro/r.txt");
	make("create", "/mnt/ro/new");
	result("mkdir", mkdir("/mnt/ro/new", 0700));
	result("unlink", unlink("/mnt/ro/r.txt"));
	result("rename", rename("/mnt/ro/r.txt", "/mnt/ro/q.txt"));
	result("chmod", chmod("/mnt/ro/r.txt", 0777));
	result("truncate", truncate("/mnt/ro/r.txt", 0));
	result("link", link("/mnt/ro/r.txt", "/mnt/ro/q.txt"));
	result("access", access("/mnt/ro/r.txt", W_OK));
	fd = open("/mnt/ro/r.txt", O_RDONLY);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	make("by its descriptor", path);
	result("fchmod", fchmod(fd, 0777));
	result("fchown", fchown(fd, 1, 1));
	result("futimens", futimens(fd, NULL));
	fd = open("/mnt/ro", O_RDONLY);
	result("by its directory", openat(fd, "r.txt", O_RDWR));
	result("tmpfile", open("/mnt/ro", O_TMPFILE | O_RDWR, 0600));
}

int
main(int argc, char **argv)
{
	outside = argc > 1 ? argv[1] : "/";
	setvbuf(stdout, NULL, _IOLBF, 0);
	try_paths();
	try_descriptors();
	try_openat2();
	try_directories();
	try_making();
	try_changing();
	try_sockets();
	try_read_only();
	return 0;
}
