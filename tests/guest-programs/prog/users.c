/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose rights count for files, and whom new ones belong to.  Root only. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define NOBODY 65534

static void
tell(const char *what, int result)
{
	printf("%s: %s\n", what, result < 0 ? strerror(errno) : "yes");
}

static void
owner(const char *name)
{
	struct stat st;

	if (lstat(name, &st) == 0)
		printf("%s: user %d, group %d, mode %o\n", name, (int)st.st_uid,
		    (int)st.st_gid, (unsigned)st.st_mode);
	else
		tell(name, -1);
}

static void
look(const char *who)
{
	printf("%s\n", who);
	tell("read", open("secret", O_RDONLY));
	tell("make", open("open/file", O_WRONLY | O_CREAT | O_EXCL, 0666));
	tell("link", symlink("file", "open/link"));
	tell("directory", mkdir("open/directory", 0777));
	tell("fifo", mkfifo("open/fifo", 0666));
	tell("make beside", open("beside", O_WRONLY | O_CREAT, 0666));
	tell("chmod", chmod("shared", 0700));
	tell("access", access("secret", R_OK));
	tell("eaccess", faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS));
	tell("group's", open("group", O_RDONLY));
	tell("search", chdir("closed"));
	tell("remove", unlink("secret"));
	owner("open/file");
	owner("open/link");
	owner("open/directory");
	owner("open/fifo");
	unlink("open/file");
	unlink("open/link");
	rmdir("open/directory");
	unlink("open/fifo");
	fflush(stdout);
}

static void
prepare(void)
{
	umask(0);
	chmod(".", 0755);
	mkdir("open", 0777);
	mkdir("closed", 0700);
	close(open("secret", O_WRONLY | O_CREAT, 0600));
	close(open("shared", O_WRONLY | O_CREAT, 0666));
	close(open("group", O_WRONLY | O_CREAT, 0640));
	tell("chown", chown("group", 0, 7));
	umask(027);
}

int
main(void)
{
	const gid_t groups[2] = { 7, 9 };

	if (getuid() != 0) {
		puts("not root");
		return 0;
	}
	prepare();
	fflush(stdout);
	if (fork() == 0) {
		tell("groups", setgroups(2, groups));
		tell("group", setgid(NOBODY));
		tell("user", setuid(NOBODY));
		look("nobody");
		_exit(0);
	}
	wait(NULL);
	tell("effective", seteuid(NOBODY));
	look("nobody for now");
	tell("effective", seteuid(0));
	tell("real", setreuid(NOBODY, (uid_t)-1));
	tell("access", access("secret", R_OK));
	tell("eaccess", faccessat(AT_FDCWD, "secret", R_OK, AT_EACCESS));
	setfsuid(NOBODY);
	tell("fsuid", open("secret", O_RDONLY));
	setfsuid(0);
	tell("fsuid", open("secret", O_RDONLY));
	return 0;
}
