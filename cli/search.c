/* SPDX-License-Identifier: BSD-2-Clause */
/* The search follows execvp(): a file that may not be executed does not end
 * it, but is what the error is about. */
#include "cli/search.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char default_path[] = "/bin:/usr/bin";

/* Compares up to and with the '='. */
static int
same_name(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return strncmp(a, b, len) == 0 && b[len] == '=';
}

static void
env_put(const char **env, size_t *count, const char *variable)
{
	for (size_t i = 0; i < *count; i++)
		if (same_name(variable, env[i])) {
			env[i] = variable;
			return;
		}
	env[(*count)++] = variable;
}

/* What asks the library to record or to play is not for the guest, whose
 * memory must be the same both times. */
static bool
is_ours(const char *variable)
{
	static const char *const prefixes[] = { "VMSPACE_RECORD",
		"VMSPACE_REPLAY_" };

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (strncmp(variable, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

const char **
env_make(char **base, const char *const *set, size_t count)
{
	size_t all = 0, used = 0;
	const char **env;

	while (base != NULL && base[all] != NULL)
		all++;
	env = calloc(all + count + 1, sizeof(*env));
	if (env == NULL)
		return NULL;
	for (size_t i = 0; i < all; i++)
		if (!is_ours(base[i]))
			env[used++] = base[i];
	for (size_t i = 0; i < count; i++)
		env_put(env, &used, set[i]);
	return env;
}

static int
program_check(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return errno == ENOTDIR ? ENOENT : errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode) || access(path, X_OK) != 0)
		return EACCES;
	return 0;
}

static const char *
path_variable(const char *const *env)
{
	for (; *env != NULL; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			return *env + 5;
	return default_path;
}

/* An empty directory is the current one. */
static char *
path_join(const char *dir, size_t dir_len, const char *name)
{
	size_t name_bytes = strlen(name) + 1;
	char *path = malloc(dir_len + 2 + name_bytes);

	if (path == NULL)
		return NULL;
	if (dir_len == 0)
		path[dir_len++] = '.';
	else
		memcpy(path, dir, dir_len);
	path[dir_len] = '/';
	memcpy(path + dir_len + 1, name, name_bytes);
	return path;
}

static int
directories_search(const char *name, const char *dirs, char **path)
{
	int result = ENOENT;

	for (;;) {
		size_t len = strcspn(dirs, ":");
		char *candidate = path_join(dirs, len, name);
		int error;

		if (candidate == NULL)
			return ENOMEM;
		error = program_check(candidate);
		if (error == 0) {
			*path = candidate;
			return 0;
		}
		free(candidate);
		if (error == EACCES || error == EISDIR)
			result = EACCES;
		if (dirs[len] == '\0')
			return result;
		dirs += len + 1;
	}
}

int
program_search(
    const char *name, const char *root, const char *const *env, char **path)
{
	int error;

	if (*name == '\0')
		return ENOENT;
	if (root != NULL)
		return (*path = strdup(name)) == NULL ? ENOMEM : 0;
	if (strchr(name, '/') == NULL)
		return directories_search(name, path_variable(env), path);
	error = program_check(name);
	if (error != 0)
		return error;
	*path = strdup(name);
	return *path == NULL ? ENOMEM : 0;
}
