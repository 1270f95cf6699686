// SPDX-License-Identifier: BSD-2-Clause
// Directories, links and renames.

#include "tests/guest-programs/prog/say.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <sys/stat.h>

static int visits;

static int
visit(const char *path, const struct stat *stat, int type, struct FTW *where)
{
	(void)path;
	(void)stat;
	visits += type + where->level * 10;
	return 0;
}

static void
list(const char *path)
{
	struct dirent **entries;
	int count = scandir(path, &entries, NULL, alphasort);

	printf("%s:", path);
	for (int i = 0; i < count; i++)
		printf(" %s/%d", entries[i]->d_name, entries[i]->d_type);
	putchar('\n');
	fflush(stdout);
}

static void
many_entries(void)
{
	char name[300];
	int count = 0;

	SHOW(mkdir("many", 0755));
	int dir = open("many", O_RDONLY | O_DIRECTORY);
	for (int i = 0; i < 700; i++) {
		snprintf(name, sizeof(name), "%0100d", i);
		close(openat(dir, name, O_CREAT | O_WRONLY, 0600));
	}
	DIR *stream = fdopendir(dir);
	struct dirent *entry;
	while ((entry = readdir(stream)) != NULL)
		count++;
	SHOW(count);
	rewinddir(stream);
	for (int i = 0; i < 300; i++)
		readdir(stream);
	long place = telldir(stream);
	char next[300];
	strcpy(next, readdir(stream)->d_name);
	readdir(stream);
	seekdir(stream, place);
	SHOW(strcmp(next, readdir(stream)->d_name));
	rewinddir(stream);
	while ((entry = readdir(stream)) != NULL)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(stream), entry->d_name, 0);
	SHOW(closedir(stream));
	SHOW(rmdir("many"));
}

static void
links(void)
{
	char text[100];
	struct stat stat;

	close(open("file", O_CREAT | O_WRONLY, 0640));
	SHOW(symlink("file", "soft"));
	SHOW(symlink("file", "soft"));
	SHOW(symlink("", "none"));
	SHOW(readlink("soft", text, 2));
	SHOW(readlink("file", text, sizeof(text)));
	SHOW(link("soft", "hard"));
	SHOW(lstat("hard", &stat));
	SHOW(S_ISLNK(stat.st_mode));
	SHOW(linkat(AT_FDCWD, "soft", AT_FDCWD, "hard2", AT_SYMLINK_FOLLOW));
	SHOW(stat.st_nlink);
	SHOW(lstat("hard2", &stat));
	SHOW(stat.st_nlink);
	SHOW(symlink("b", "a"));
	SHOW(symlink("a", "b"));
	SHOW(open("a", O_RDONLY));
	SHOW(open("soft", O_RDONLY | O_NOFOLLOW));
	SHOW(open("soft/", O_RDONLY));
	SHOW(symlink("made-by-link", "future"));
	SHOW(open("future", O_WRONLY | O_CREAT | O_EXCL, 0600));
	int fd = open("future", O_WRONLY | O_CREAT, 0600);
	SHOW(fd >= 0);
	SHOW(access("made-by-link", F_OK));
	SHOW(unlink("future"));
	char path[PATH_MAX];
	SHOW(strcmp(strrchr(realpath("soft", path), '/'), "/file"));
	SHOW(link("missing", "x"));
	SHOW(unlink("missing"));
	SHOW(unlink("."));
}

static void
renames(void)
{
	SHOW(mkdir("d1", 0755));
	SHOW(mkdir("d1", 0755));
	SHOW(mkdir("d2", 0711));
	SHOW(mkdir("x/y", 0755));
	SHOW(mkdir("file/y", 0755));
	SHOW(mkdir("d1/sub", 0755));
	SHOW(rename("d2", "d1"));
	SHOW(rename("d1", "d1/sub/below"));
	SHOW(rename("file", "d1"));
	SHOW(rename("d1", "file"));
	SHOW(rename("d1/sub", "d2"));
	SHOW(rename("file", "file"));
	SHOW(rename("soft", "d1/moved"));
	SHOW(rename("missing", "y"));
	SHOW(renameat2(AT_FDCWD, "hard2", AT_FDCWD, "file", RENAME_NOREPLACE));
	SHOW(renameat2(AT_FDCWD, "d2", AT_FDCWD, "hard2", RENAME_EXCHANGE));
	SHOW(renameat2(
	    AT_FDCWD, "d1", AT_FDCWD, "z", RENAME_EXCHANGE | RENAME_NOREPLACE));
	SHOW(rmdir("d1"));
	SHOW(rmdir("file"));
	SHOW(rmdir("hard2"));
	SHOW(rmdir("."));
	SHOW(unlink("d1"));
	SHOW(rmdir("missing"));
}

int
main(void)
{
	glob_t paths;
	char where[PATH_MAX];

	links();
	renames();
	list(".");
	list("d1");
	many_entries();
	SHOW(nftw("tree", visit, 10, FTW_PHYS));
	SHOW(visits);
	SHOW(glob("tree/d*/f[12].txt", 0, NULL, &paths));
	for (size_t i = 0; i < paths.gl_pathc; i++)
		puts(paths.gl_pathv[i]);
	SHOW(chdir("d1"));
	SHOW(strcmp(strrchr(getcwd(where, sizeof(where)), '/'), "/d1"));
	SHOW(getcwd(where, 2) == NULL);
	SHOW(rmdir("../d1/../d1"));
	SHOW(unlink("moved"));
	SHOW(rmdir("../d1"));
	SHOW(getcwd(where, sizeof(where)) == NULL);
	SHOW(errno == ENOENT);
	SHOW(open("new", O_CREAT | O_WRONLY, 0600));
	SHOW(chdir("missing"));
	SHOW(chdir(""));
	int up = open("/", O_RDONLY | O_DIRECTORY);
	SHOW(fchdir(up));
	SHOW(strcmp(getcwd(where, sizeof(where)), "/"));
	SHOW(opendir("/no/such") == NULL);
	return 0;
}
