/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * vmspace-bench: prints the table of docs/bench.md.
 *
 *   vmspace-bench [--csv] [--only NAME] [--list]
 *                 [--cli VMSPACE] [--guests DIRECTORY]
 *   vmspace-bench --bare PROGRAM ARGUMENTS...
 *
 * The vmspace program and the guests are by default those of the build that
 * this program lies in.
 */
#include "bench/bench.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bare.h"

static const struct group *const groups[] = { &group_syscall, &group_reflected,
	&group_resolved, &group_zerofill, &group_create, &group_memory,
	&group_switch, &group_compute, &group_phases, &group_getppid,
	&group_startup, &group_trace, &group_trace_size, &group_sha256sum,
	&group_gzip, &group_xz, &group_sort, &group_gawk, &group_sqlite3,
	&group_python, &group_starts, &group_pingpong, &group_threads,
	&group_blocks, &group_sleepers };

#define GROUPS (sizeof(groups) / sizeof(groups[0]))

static int
usage(void)
{
	fputs("usage: vmspace-bench [--csv] [--only NAME] [--list] "
	      "[--cli VMSPACE] [--guests DIRECTORY]\n"
	      "       vmspace-bench --bare PROGRAM ARGUMENTS...\n",
	    stderr);
	return 2;
}

static int
list(void)
{
	for (size_t i = 0; i < GROUPS; i++)
		puts(groups[i]->name);
	return 0;
}

/* Beside the directory of this program. */
static void
sibling(char *path, size_t size, const char *self, const char *name)
{
	const char *slash = strrchr(self, '/');
	int len = slash == NULL ? 1 : (int)(slash - self);

	snprintf(path, size, "%.*s/%s", len, slash == NULL ? "." : self, name);
}

/* Of files only. */
static void
directory_remove(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL)
		unlinkat(dirfd(dir), entry->d_name, 0);
	if (dir != NULL)
		closedir(dir);
	rmdir(path);
}

static int
measure(const struct bench_env *env, bool csv, const char *only)
{
	struct table table = { .out = stdout, .csv = csv };
	unsigned run = 0;

	machine_print(csv ? stderr : stdout, "");
	table_begin(&table);
	for (size_t i = 0; i < GROUPS; i++) {
		if (only != NULL && strcmp(groups[i]->name, only) != 0)
			continue;
		group_run(groups[i], env, &table);
		run++;
	}
	table_end(&table);
	if (run == 0)
		return usage();
	return table.failed == 0 ? 0 : 1;
}

int
main(int argc, char *argv[])
{
	char cli[512], guests[512];
	char data[] = "/tmp/vmspace-bench.XXXXXX";
	struct bench_env env = { argv[0], cli, guests, data };
	const char *only = NULL;
	bool csv = false;
	int status;

	if (argc > 2 && strcmp(argv[1], "--bare") == 0)
		return bare_exec(argv[2], argv + 2) & 0xff;
	sibling(cli, sizeof(cli), argv[0], "../vmspace");
	sibling(guests, sizeof(guests), argv[0], "guest");
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "--csv") == 0)
			csv = true;
		else if (strcmp(argv[i], "--list") == 0)
			return list();
		else if (strcmp(argv[i], "--only") == 0 && more)
			only = argv[++i];
		else if (strcmp(argv[i], "--cli") == 0 && more)
			env.cli = argv[++i];
		else if (strcmp(argv[i], "--guests") == 0 && more)
			env.guests = argv[++i];
		else
			return usage();
	}
	if (mkdtemp(data) == NULL) {
		perror(data);
		return 1;
	}
	status = measure(&env, csv, only);
	directory_remove(data);
	return status;
}
