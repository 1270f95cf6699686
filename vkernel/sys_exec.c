/* SPDX-License-Identifier: BSD-2-Clause */
/* execve and execveat: the guest's words become host copies, then exec.c. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vkernel/errno_map.h"
#include "vkernel/sys_path.h"
#include "vkernel/syscall.h"
#include "vkernel/usercopy.h"

#define STRING_MAX (UINT64_C(128) << 10) /* MAX_ARG_STRLEN */

/* Strings of a guest's vector, NULL-terminated. */
struct words {
	char **rows;
	size_t count;
};

static void
words_free(struct words *words)
{
	size_t i;

	for (i = 0; i < words->count; i++)
		free(words->rows[i]);
	free(words->rows);
}

static int
words_push(struct words *words, char *word)
{
	char **rows;

	if ((words->count & (words->count + 1)) == 0) {
		rows = realloc(
		    words->rows, (2 * words->count + 2) * sizeof(*rows));
		if (rows == NULL)
			return LX_ENOMEM;
		words->rows = rows;
	}
	words->rows[words->count] = word;
	if (word != NULL)
		words->count++;
	return 0;
}

static int
words_push_or_free(struct words *words, char *word)
{
	int error;

	if (word == NULL)
		return LX_ENOMEM;
	error = words_push(words, word);
	if (error != 0)
		free(word);
	return error;
}

static int
word_in(struct vk_mm *mm, uint64_t va, char *buf, uint64_t *left, char **out)
{
	size_t len;
	int error;

	error = copyin_string(mm, buf, va, STRING_MAX);
	if (error != 0)
		return error == LX_ENAMETOOLONG ? LX_E2BIG : error;
	len = strlen(buf) + 1;
	if (len + 8 > *left)
		return LX_E2BIG;
	*left -= len + 8;
	*out = malloc(len);
	if (*out == NULL)
		return LX_ENOMEM;
	memcpy(*out, buf, len);
	return 0;
}

/* A missing vector is an empty one. */
static int
words_in(struct vk_mm *mm, uint64_t va, char *buf, uint64_t *left,
    struct words *words)
{
	uint64_t at;
	char *word;
	int error;

	for (; va != 0; va += sizeof(at)) {
		error = copyin(mm, &at, va, sizeof(at));
		if (error != 0)
			return error;
		if (at == 0)
			break;
		error = word_in(mm, at, buf, left, &word);
		if (error == 0)
			error = words_push_or_free(words, word);
		if (error != 0)
			return error;
	}
	return words_push(words, NULL);
}

/* As much as a quarter of the stack, but not more than 6 MiB. */
static uint64_t
words_room(const struct vk_process *process)
{
	uint64_t room;

	room = process->limits[LX_RLIMIT_STACK].rlim_cur / 4;
	if (room > UINT64_C(6) << 20)
		room = UINT64_C(6) << 20;
	return room < STRING_MAX ? STRING_MAX : room;
}

static int
exec_words(struct vk_thread *thread, const uint64_t *vectors,
    struct words *argv, struct words *envp)
{
	uint64_t left;
	char *buf;
	int error;

	buf = malloc(STRING_MAX);
	if (buf == NULL)
		return LX_ENOMEM;
	left = words_room(thread->process);
	error = words_in(thread->process->mm, vectors[0], buf, &left, argv);
	if (error == 0)
		error =
		    words_in(thread->process->mm, vectors[1], buf, &left, envp);
	free(buf);
	if (error == 0 && argv->count == 0) { /* as Linux since 5.18 */
		error = words_push_or_free(argv, calloc(1, 1));
		if (error == 0)
			error = words_push(argv, NULL);
	}
	return error;
}

static int
exec_path(struct vk_thread *thread, const char *name,
    const struct vk_path *path, const struct words *argv,
    const struct words *envp)
{
	struct exec_args args;
	char message[512];
	int error;

	args.path = name;
	args.argv = (const char *const *)argv->rows;
	args.envp = (const char *const *)envp->rows;
	error = path_open_exec(path, &args.fd);
	if (error != 0)
		return error;
	error = exec_load(thread, &args, message, sizeof(message));
	close(args.fd);
	return error;
}

/* What the program is told it was started as. */
static int
exec_name(uint64_t dirfd, const char *text, char name[LX_PATH_MAX])
{
	int len;

	if (text[0] == '/' || (int)dirfd == LX_AT_FDCWD)
		len = snprintf(name, LX_PATH_MAX, "%s", text);
	else
		len = snprintf(name, LX_PATH_MAX, "/dev/fd/%d%s%s", (int)dirfd,
		    text[0] == '\0' ? "" : "/", text);
	return len < LX_PATH_MAX ? 0 : LX_ENAMETOOLONG;
}

static int64_t
do_exec(struct vk_thread *thread, uint64_t dirfd, uint64_t va,
    const uint64_t *vectors, unsigned flags)
{
	struct words argv = { NULL, 0 }, envp = { NULL, 0 };
	char name[LX_PATH_MAX], text[LX_PATH_MAX];
	struct vk_path path;
	int error;

	error = copyin_string(thread->process->mm, text, va, sizeof(text));
	if (error == 0)
		error = exec_name(dirfd, text, name);
	if (error == 0)
		error = path_get_text(thread, dirfd, text, flags, &path);
	if (error != 0)
		return -error;
	error = exec_words(thread, vectors, &argv, &envp);
	if (error == 0)
		error = exec_path(thread, name, &path, &argv, &envp);
	path_put(&path);
	words_free(&argv);
	words_free(&envp);
	if (error == 0)
		ptrace_exec(thread);
	return -error;
}

int64_t
sys_execve(struct vk_thread *thread, const uint64_t *args)
{
	return do_exec(
	    thread, (uint64_t)LX_AT_FDCWD, args[0], args + 1, PATH_FOLLOW);
}

int64_t
sys_execveat(struct vk_thread *thread, const uint64_t *args)
{
	if ((args[4] &
		~(uint64_t)(LX_AT_EMPTY_PATH | LX_AT_SYMLINK_NOFOLLOW)) != 0)
		return -LX_EINVAL;
	return do_exec(
	    thread, args[0], args[1], args + 2, path_get_flags(args[4]));
}
