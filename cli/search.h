/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds PROGRAM and makes its environment, as env(1) does. */
#ifndef VMS_CLI_SEARCH_H
#define VMS_CLI_SEARCH_H

#include <stddef.h>

/*
 * The variables of base (NULL-terminated; NULL: none) but those that ask the
 * library to record or to play (VMSPACE_RECORD, VMSPACE_REPLAY_), then the
 * count of set, each NAME=VALUE; a later one replaces an earlier of the same
 * name.  NULL when there is no memory.  free() the list; the strings are the
 * arguments'.
 */
const char **env_make(char **base, const char *const *set, size_t count);

/*
 * name with a slash is the path; else the directories of PATH in env are
 * searched.  With a root the vkernel does that inside, and *path is name.  0
 * and *path, to be freed, or a positive errno value: ENOENT, or EACCES when
 * what was found may not be executed or is no regular file.
 */
int program_search(
    const char *name, const char *root, const char *const *env, char **path);

#endif
