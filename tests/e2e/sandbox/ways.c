/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ways out of a root directory that need more than a name.  One line for each:
 * what came of it.  Lines that begin with "~" are not as in a chroot.
 *
 * usage: ways out OUT | sockets OUT | changes DIR | rights | network | held |
 * up | child
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

static const char *out;

static void
say(const char *what, long result)
{
	if (result < 0)
		printf("%s: %s\n", what, strerrorname_np(errno));
	else
		printf("%s: ok\n", what);
}

/* Files have no attributes in a vmspace. */
static void
say_read_only(const char *what, long result)
{
	printf("%s: %s\n", what,
	    result < 0 && errno == EROFS ? "EROFS" : "possible");
}

static void
say_fd(const char *what, int fd)
{
	char text[7] = "";
	struct stat st;

	if (fd < 0) {
		say(what, fd);
		return;
	}
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && read(fd, text, 6) > 0)
		printf("%s: '%s'\n", what, text);
	else
		printf("%s: mode %o\n", what, st.st_mode & S_IFMT);
	close(fd);
}

static const char *
below(const char *dir, const char *name)
{
	static char texts[8][4096];
	static int next;

	next = (next + 1) % 8;
	snprintf(texts[next], sizeof(texts[next]), "%s/%s", dir, name);
	return texts[next];
}

static void
moved_places(void)
{
	char text[256];
	int fd;

	mkdir("/a/b/moved", 0755);
	fd = open("/a/b/moved", O_PATH | O_DIRECTORY);
	chdir("/a/b/moved");
	rename("/a/b/moved", "/tmp/moved");
	say_fd("moved cwd", open("../../etc/inside", O_RDONLY));
	say_fd("moved cwd, up", open("../../../../etc/inside", O_RDONLY));
	say_fd("moved dirfd", openat(fd, "../../etc/inside", O_RDONLY));
	say_fd("moved dirfd, up", openat(fd, "../../../../..", O_RDONLY));
	printf("moved getcwd: %s\n", getcwd(text, sizeof(text)));
	rmdir("/tmp/moved");
	say("removed getcwd", getcwd(text, sizeof(text)) == NULL ? -1 : 0);
	say_fd("removed cwd", open(".", O_RDONLY));
	say_fd("removed cwd, up", open("../../etc/inside", O_RDONLY));
	say_fd("removed dirfd", openat(fd, "../../../etc/inside", O_RDONLY));
	say("removed create", open("x", O_CREAT | O_WRONLY, 0600));
	say("removed mkdir", mkdir("x", 0700));
	say("removed fchdir", fchdir(fd));
	chdir("/");
	close(fd);
}

static void
descriptors(void)
{
	char text[256];
	ssize_t len;
	int dir, file, link, mem;
	struct stat st;

	dir = open("/a/b", O_PATH | O_DIRECTORY);
	file = open("/etc/inside", O_RDONLY);
	link = open("/abs", O_PATH | O_NOFOLLOW);
	mem = memfd_create("mem", 0);
	say_fd("path fd, up", openat(dir, "../../../..", O_RDONLY));
	say_fd("path fd, abs", openat(dir, "../../abs", O_RDONLY));
	say_fd("path fd, out", openat(dir, below("../../..", out), O_RDONLY));
	say_fd("file fd", openat(file, "..", O_RDONLY));
	say_fd("file fd, empty", openat(file, "", O_RDONLY));
	say_fd("link fd", openat(link, "secret", O_RDONLY));
	say_fd("memory", open(below("/proc/self/fd", "7/.."), O_RDONLY));
	say_fd("bad fd, absolute", openat(-1, "/etc/inside", O_RDONLY));
	say_fd("bad fd", openat(-1, "etc/inside", O_RDONLY));
	say("link fstatat", fstatat(link, "", &st, AT_EMPTY_PATH));
	printf("link is: %o\n", st.st_mode & S_IFMT);
	len = readlinkat(link, "", text, sizeof(text));
	printf("link is OUT/secret: %d\n",
	    len > 7 && memcmp(text + len - 7, "/secret", 7) == 0);
	say("link linkat", linkat(link, "", AT_FDCWD, "/tmp/l", AT_EMPTY_PATH));
	say_fd("link linked", open("/tmp/l", O_RDONLY));
	unlink("/tmp/l");
	say("file linkat", linkat(file, "", AT_FDCWD, "/tmp/f", AT_EMPTY_PATH));
	unlink("/tmp/f");
	say("memory linkat",
	    linkat(mem, "", AT_FDCWD, "/tmp/m", AT_EMPTY_PATH));
	fchdir(dir);
	say_fd("fchdir, up", open("../../../../etc/inside", O_RDONLY));
	say_fd("fchdir, out", open(below("../..", out), O_RDONLY));
	chdir("/");
	close(dir);
	close(file);
	close(link);
	close(mem);
}

static void
creations(void)
{
	char text[4096];

	say("create dangling", open("/dangling", O_CREAT | O_RDWR, 0600));
	symlink("/tmp/target", "/tmp/new");
	say("create by link", open("/tmp/new", O_CREAT | O_RDWR, 0600));
	say("created inside", access("/tmp/target", F_OK));
	say("create by link, once",
	    open("/tmp/new", O_CREAT | O_EXCL | O_RDWR, 0600));
	unlink("/tmp/new");
	unlink("/tmp/target");
	snprintf(text, sizeof(text), "%s/made", out);
	say("create outside", open(text, O_CREAT | O_RDWR, 0600));
	say("mkdir outside", mkdir(text, 0700));
	say("mkdir by link", mkdir("/absdir/made", 0700));
	say("rename out", rename("/etc/inside", "/absdir/made"));
	say("rename to bind", rename("/etc/inside", "/mnt/share/made"));
	say("rename from bind", rename("/mnt/share/file", "/tmp/made"));
	say("rename bind to bind", rename("/mnt/share/file", "/mnt/ro/made"));
	say("rename over a mount", rename("/a", "/mnt/share"));
	say("rename a file mount", rename("/mnt/one", "/mnt/two"));
	say("unlink a file mount", unlink("/mnt/one"));
	say("rmdir a mount", rmdir("/mnt/share"));
	say("rmdir above a mount", rmdir("/mnt"));
	say("rename above mounts", rename("/mnt", "/moved"));
	say_fd("mount, moved", open("/moved/share/sub/../file", O_RDONLY));
	say_fd("mount, moved, up", open("/moved/share/../../etc/inside", 0));
	rename("/moved", "/mnt");
	say("link to bind", link("/etc/inside", "/mnt/share/made"));
	say("exchange", syscall(SYS_renameat2, AT_FDCWD, "/abs", AT_FDCWD,
			    "/etc/inside", 2));
	say_fd("exchanged", open("/etc/inside", O_RDONLY));
	say("exchange", syscall(SYS_renameat2, AT_FDCWD, "/abs", AT_FDCWD,
			    "/etc/inside", 2));
	say("exchange across", syscall(SYS_renameat2, AT_FDCWD, "/abs",
				   AT_FDCWD, "/mnt/share/file", 2));
	say("rename ..", rename("..", "/tmp/up"));
	say("unlink ..", unlink("/a/.."));
	say("rmdir /a/b/..", rmdir("/a/b/.."));
	say("rmdir .", rmdir("."));
	say("rmdir /", rmdir("/"));
}

static void
run(const char *what, const char *path, int fd, int flags)
{
	char *const argv[] = { (char *)(uintptr_t)path, "child", NULL };
	char *const envp[] = { NULL };
	int status;

	fflush(stdout);
	if (fork() == 0) {
		syscall(SYS_execveat, fd, path, argv, envp, flags);
		_exit(errno);
	}
	wait(&status);
	if (WIFSIGNALED(status))
		printf("%s: killed\n", what);
	else if (WEXITSTATUS(status) == 200)
		printf("%s: ran\n", what);
	else
		printf("%s: %s\n", what, strerrorname_np(WEXITSTATUS(status)));
}

static void
script(const char *what, const char *first, const char *interpreter)
{
	FILE *file;

	file = fopen("/tmp/script", "w");
	fprintf(file, "%s%s\n", first, interpreter);
	fclose(file);
	chmod("/tmp/script", 0755);
	run(what, "/tmp/script", AT_FDCWD, 0);
	unlink("/tmp/script");
}

/* A program whose interpreter is wanted. */
static void
program(const char *what, const char *interpreter)
{
	struct {
		Elf64_Ehdr head;
		Elf64_Phdr parts[2];
		char interpreter[256];
	} elf;
	int fd;

	memset(&elf, 0, sizeof(elf));
	memcpy(elf.head.e_ident, ELFMAG "\2\1\1", 7);
	elf.head.e_type = ET_EXEC;
	elf.head.e_machine = EM_X86_64;
	elf.head.e_version = 1;
	elf.head.e_entry = 0x400000;
	elf.head.e_phoff = sizeof(elf.head);
	elf.head.e_ehsize = sizeof(elf.head);
	elf.head.e_phentsize = sizeof(elf.parts[0]);
	elf.head.e_phnum = 2;
	elf.parts[0].p_type = PT_INTERP;
	elf.parts[0].p_offset = sizeof(elf.head) + sizeof(elf.parts);
	elf.parts[0].p_filesz = strlen(interpreter) + 1;
	elf.parts[1].p_type = PT_LOAD;
	elf.parts[1].p_flags = PF_R | PF_X;
	elf.parts[1].p_vaddr = 0x400000;
	elf.parts[1].p_filesz = elf.parts[1].p_memsz = sizeof(elf);
	elf.parts[1].p_align = 4096;
	snprintf(elf.interpreter, sizeof(elf.interpreter), "%s", interpreter);
	fd = open("/tmp/elf", O_CREAT | O_WRONLY, 0755);
	write(fd, &elf, sizeof(elf));
	close(fd);
	run(what, "/tmp/elf", AT_FDCWD, 0);
	unlink("/tmp/elf");
}

static void
executions(void)
{
	int dir, link, self;

	dir = open("/a/b", O_PATH);
	link = open("/abs", O_PATH | O_NOFOLLOW);
	self = open("/proc/self/exe", O_PATH);
	run("run outside", below(out, "secret"), AT_FDCWD, 0);
	run("run by link", "/abs", AT_FDCWD, 0);
	run("run by path fd", "../../abs", dir, 0);
	run("run link fd", "", link, AT_EMPTY_PATH);
	run("run link, not followed", "/abs", AT_FDCWD, AT_SYMLINK_NOFOLLOW);
	run("run self fd", "", self, AT_EMPTY_PATH);
	run("run self by proc", "/proc/self/exe", AT_FDCWD, 0);
	run("run self by root", "/proc/self/root/bin/ways", AT_FDCWD, 0);
	run("run self by up", "../../../bin/ways", AT_FDCWD, 0);
	script("script by link", "#!", "/abs");
	script("script outside", "#!", below(out, "secret"));
	script("script up", "#!", below("../../../..", out));
	script("script by proc", "#!/proc/self/cwd/../..", out);
	script("script inside", "#!", "/up/bin/../bin/ways child");
	program("interpreter by link", "/abs");
	program("interpreter outside", below(out, "secret"));
	program("interpreter by proc", "/proc/self/root/abs");
	program("interpreter is none", "/etc/inside");
	close(dir);
	close(link);
	close(self);
}

/* Rights that no guest has; a chroot's root may have them. */
static void
rights(void)
{
	struct {
		struct file_handle head;
		char bytes[128];
	} handle = { .head = { .handle_bytes = 128 } };
	struct iovec iov = { &handle, 8 };
	int id;

	say("~chroot", chroot("/a"));
	say("~pivot_root", syscall(SYS_pivot_root, "/", "/tmp"));
	say("~unshare mounts", unshare(CLONE_NEWNS));
	say("~unshare users", unshare(CLONE_NEWUSER));
	say("~mount", mount("/", "/tmp", NULL, MS_BIND, NULL));
	say("~umount", umount2("/mnt/share", MNT_DETACH));
	say("~open_tree", syscall(SYS_open_tree, AT_FDCWD, "/", 1));
	say("~setns", setns(0, 0));
	say("~handle", name_to_handle_at(AT_FDCWD, "/", &handle.head, &id, 0));
	say("~by handle", open_by_handle_at(AT_FDCWD, &handle.head, O_RDONLY));
	say("~ptrace", ptrace(PTRACE_ATTACH, getppid(), 0, 0));
	say("~memory of init", process_vm_readv(1, &iov, 1, &iov, 1, 0));
	say("~kill init", kill(1, 0));
	say("~mknod", mknod("/tmp/disk", S_IFBLK | 0600, 0x800));
	say("~inotify", inotify_init1(0));
	say("~memory of the host", open("/dev/mem", O_RDONLY));
	say("~kernel's memory", open("/proc/kcore", O_RDONLY));
	say("~disk", open("/dev/vda", O_RDONLY));
}

static void
leak_in(const char *name)
{
	static char text[1 << 20];
	char where[4096];
	ssize_t len;
	size_t all;
	int fd;

	snprintf(
	    where, sizeof(where), "%.*s", (int)(strrchr(out, '/') - out), out);
	len = readlink(name, text, sizeof(text) - 1);
	all = len > 0 ? (size_t)len : 0;
	fd = len < 0 ? open(name, O_RDONLY | O_NONBLOCK) : -1;
	while (fd >= 0 && all < sizeof(text) - 1 &&
	       (len = read(fd, text + all, sizeof(text) - 1 - all)) > 0)
		all += (size_t)len;
	if (memmem(text, all, where, strlen(where)) != NULL)
		printf("~%s tells the host's name of the tree\n", name);
	close(fd);
}

static void
leaks(void)
{
	static const char *const names[] = { "maps", "smaps", "mountinfo",
		"mounts", "mountstats", "status", "stat", "exe", "cwd", "root",
		"fd/0", "fd/1", "fd/2", "fdinfo/1", "comm", "auxv" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		leak_in(below("/proc/self", names[i]));
}

static socklen_t
address(struct sockaddr_un *addr, const char *name)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	strncpy(addr->sun_path, name, sizeof(addr->sun_path) - 1);
	return sizeof(*addr);
}

/* host.c listens at share/dgram, share/stream, OUT/dgram and the abstract
 * name @sandbox.  */
static void
sockets(void)
{
	char control[256], byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct sockaddr_un addr;
	struct sockaddr *at = (struct sockaddr *)&addr;
	socklen_t len;
	int fd;

	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	len = address(&addr, "/mnt/share/dgram");
	say("~socket in a bind", connect(fd, at, len));
	len = address(&addr, below(out, "dgram"));
	say("~then send outside", sendto(fd, "x", 1, 0, at, len));
	say("~then connect outside", connect(fd, at, len));
	len = address(&addr, "/absdir/dgram");
	say("~then send by link", sendto(fd, "x", 1, 0, at, len));
	len = address(&addr, below(out, "bound"));
	say("~then bind outside", bind(fd, at, len));
	address(&addr, "@sandbox");
	addr.sun_path[0] = '\0';
	say("~then send to abstract", sendto(fd, "x", 1, 0, at, 2 + 8));
	say("~then connect to abstract", connect(fd, at, 2 + 8));
	close(fd);
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	say("~abstract", connect(fd, at, 2 + 8));
	len = address(&addr, below(out, "dgram"));
	say("~socket outside", connect(fd, at, len));
	len = address(&addr, "/absdir/dgram");
	say("~socket by link", connect(fd, at, len));
	close(fd);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	len = address(&addr, "/mnt/share/stream");
	say("~stream in a bind", connect(fd, at, len));
	say("~descriptor comes", recvmsg(fd, &msg, 0));
	printf("~control bytes: %d\n", (int)msg.msg_controllen);
	close(fd);
}

/* Descriptors that the host left open. */
static void
held(void)
{
	int fd;

	for (fd = 0; fd < 64; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			continue;
		printf("~descriptor %d\n", fd);
		say_fd("~by name", openat(fd, "secret", O_RDONLY));
		say_fd("~up", openat(fd, "../outside/secret", O_RDONLY));
		say("~fchdir", fchdir(fd));
	}
}

static void
changes_by_name(const char *dir)
{
	const struct timeval times[2] = { { 1, 0 }, { 1, 0 } };
	const char *file = below(dir, "file"), *new = below(dir, "new");
	const char *sub = below(dir, "sub");
	struct sockaddr_un addr;
	socklen_t len;

	say("O_WRONLY", open(file, O_WRONLY));
	say("O_RDWR", open(file, O_RDWR));
	say("O_APPEND", open(file, O_WRONLY | O_APPEND));
	say("O_TRUNC", open(file, O_RDONLY | O_TRUNC));
	say("O_CREAT", open(new, O_CREAT | O_RDONLY, 0600));
	say("O_CREAT there", open(file, O_CREAT | O_RDONLY, 0600));
	say("O_EXCL there", open(file, O_CREAT | O_EXCL, 0600));
	say("O_TMPFILE", open(dir, O_TMPFILE | O_RDWR, 0600));
	say("O_DIRECTORY", open(dir, O_DIRECTORY | O_RDONLY));
	say("directory O_RDWR", open(dir, O_RDWR));
	say("mkdir", mkdir(new, 0700));
	say("mkdir there", mkdir(sub, 0700));
	say("rmdir", rmdir(sub));
	say("rmdir nothing", rmdir(new));
	say("mknod", mknod(new, S_IFREG | 0600, 0));
	say("mkfifo", mkfifo(new, 0600));
	say("unlink", unlink(file));
	say("unlink nothing", unlink(new));
	say("rename", rename(file, new));
	say("rename nothing", rename(new, file));
	say("link", link(file, new));
	say("symlink", symlink("file", new));
	say("symlink there", symlink("file", file));
	say("chmod", chmod(file, 0600));
	say("chown", chown(file, getuid(), getgid()));
	say("lchown", lchown(below(dir, "link"), getuid(), getgid()));
	say("utimes", utimes(file, times));
	say("utimes now", utimes(file, NULL));
	say("truncate", truncate(file, 0));
	say("truncate by link", truncate(below(dir, "link"), 0));
	say_read_only("setxattr", setxattr(file, "user.x", "y", 1, 0));
	say_read_only("removexattr", removexattr(file, "user.x"));
	say("access W_OK", access(file, W_OK));
	say("access R_OK", access(file, R_OK));
	say("access directory", access(dir, W_OK));
	len = address(&addr, new);
	say("bind", bind(socket(AF_UNIX, SOCK_STREAM, 0),
			(struct sockaddr *)&addr, len));
}

static void
changes_by_fd(const char *dir)
{
	const struct timeval times[2] = { { 1, 0 }, { 1, 0 } };
	char name[32];
	void *at;
	int fd;

	fd = open(below(dir, "file"), O_RDONLY);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	say("fchmod", fchmod(fd, 0600));
	say("fchown", fchown(fd, getuid(), getgid()));
	say("futimes", futimes(fd, times));
	say("futimens", futimens(fd, NULL));
	say("ftruncate", ftruncate(fd, 0));
	say("fallocate", fallocate(fd, 0, 0, 4096));
	say_read_only("fsetxattr", fsetxattr(fd, "user.x", "y", 1, 0));
	say_read_only("fremovexattr", fremovexattr(fd, "user.x"));
	say("write", write(fd, "x", 1));
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	say("mmap shared", at == MAP_FAILED ? -1 : 0);
	at = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	say("mprotect", mprotect(at, 4096, PROT_READ | PROT_WRITE));
	at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	say("mmap private", at == MAP_FAILED ? -1 : 0);
	say("reopen", open(name, O_RDWR));
	say("reopen to truncate", open(name, O_RDONLY | O_TRUNC));
	say("chmod by link", chmod(name, 0600));
	say("truncate by fd", truncate(name, 0));
	say("utimes by fd", utimes(name, times));
	say("linkat", linkat(AT_FDCWD, name, AT_FDCWD, below(dir, "new"),
			  AT_SYMLINK_FOLLOW));
	say("utimensat", utimensat(fd, "", NULL, AT_EMPTY_PATH));
	say("fchownat", fchownat(fd, "", getuid(), getgid(), AT_EMPTY_PATH));
	close(fd);
}

static void
network(void)
{
	static const struct {
		const char *name;
		int domain, type;
	} rows[] = { { "inet stream", AF_INET, SOCK_STREAM },
		{ "inet dgram", AF_INET, SOCK_DGRAM },
		{ "inet6 stream", AF_INET6, SOCK_STREAM },
		{ "inet6 dgram", AF_INET6, SOCK_DGRAM },
		{ "inet raw", AF_INET, SOCK_RAW },
		{ "netlink", AF_NETLINK, SOCK_RAW },
		{ "packet", AF_PACKET, SOCK_RAW }, { "vsock", 40, SOCK_STREAM },
		{ "alg", 38, SOCK_SEQPACKET }, { "bluetooth", 31, SOCK_RAW },
		{ "unix stream", AF_UNIX, SOCK_STREAM },
		{ "unix dgram", AF_UNIX, SOCK_DGRAM } };
	int pair[2];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		say(rows[i].name, socket(rows[i].domain, rows[i].type, 0));
	say("inet pair", socketpair(AF_INET, SOCK_STREAM, 0, pair));
	say("unix pair", socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	say("unix write", write(pair[0], "x", 1));
}

int
main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	for (int fd = 3; fd < 100; fd++) /* numbers as anywhere */
		close(fd);
	if (strcmp(what, "child") == 0 ||
	    (argc > 2 && strcmp(argv[2], "child") == 0))
		return 200;
	umask(022);
	if (strcmp(what, "held") == 0)
		held();
	if (strcmp(what, "network") == 0)
		network();
	if (argc == 3 && strcmp(what, "changes") == 0) {
		changes_by_name(argv[2]);
		changes_by_fd(argv[2]);
	}
	if (argc == 3 && strcmp(what, "sockets") == 0) {
		out = argv[2];
		sockets();
	}
	if (strcmp(what, "up") == 0)
		return access("/proc/self/fd/0/..", F_OK) != 0;
	if (strcmp(what, "rights") == 0)
		rights();
	if (argc == 3 && strcmp(what, "out") == 0) {
		out = argv[2];
		moved_places();
		descriptors();
		creations();
		executions();
		leaks();
	}
	return 0;
}
