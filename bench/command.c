/* SPDX-License-Identifier: BSD-2-Clause */
#include "bench/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool
is_x86_64_elf(const char *path)
{
	unsigned char head[20] = { 0 };
	FILE *file = fopen(path, "rb");
	size_t len = file == NULL ? 0 : fread(head, 1, sizeof(head), file);

	if (file != NULL)
		fclose(file);
	return len == sizeof(head) && memcmp(head, "\177ELF\2\1", 6) == 0 &&
	       head[18] == 62;
}

static bool
find_in_path(
    const char *name, char *path, size_t size, bool (*usable)(const char *path))
{
	const char *dir = getenv("PATH");

	while (dir != NULL && *dir != '\0') {
		int len = (int)strcspn(dir, ":");

		snprintf(path, size, "%.*s/%s", len, dir, name);
		if (access(path, X_OK) == 0 && usable(path))
			return true;
		dir += len + (dir[len] == ':');
	}
	return false;
}

bool
program_find(const char *name, char *path, size_t size)
{
	return find_in_path(name, path, size, is_x86_64_elf);
}

static bool
guest_find(
    const struct bench_env *env, const char *name, char *path, size_t size)
{
	snprintf(path, size, "%s/%s", env->guests, name);
	return access(path, X_OK) == 0 || program_find(name, path, size);
}

static bool
any(const char *path)
{
	(void)path;
	return true;
}

static bool
kind_usable(enum kind kind, const struct bench_env *env, struct figure *out)
{
	char path[512];

	if (kind == VMSPACE && access(env->cli, X_OK) != 0)
		figure_fail(out, "vmspace is not built");
	else if (kind == QEMU &&
		 !find_in_path("qemu-x86_64", path, sizeof(path), any))
		figure_absent(out, "qemu-x86_64 is not installed");
#if !defined(__linux__) || !defined(__x86_64__)
	else if (kind == NATIVE)
		figure_absent(out, "this host is not x86-64 Linux");
#endif
	return out->why[0] == '\0';
}

static unsigned
prefix_add(enum kind kind, const struct bench_env *env, char **argv)
{
	static char run[] = "run", bare[] = "--bare", qemu[] = "qemu-x86_64";

	switch (kind) {
	case VMSPACE:
		argv[0] = (char *)(uintptr_t)env->cli;
		argv[1] = run;
		return 2;
	case BARE:
		argv[0] = (char *)(uintptr_t)env->self;
		argv[1] = bare;
		return 2;
	case QEMU:
		argv[0] = qemu;
		return 1;
	case NATIVE:
		break;
	}
	return 0;
}

bool
command_init(struct command *command, enum kind kind,
    const struct bench_env *env, const char *program, char *const args[],
    struct figure *out)
{
	unsigned argc;

	memset(command, 0, sizeof(*command));
	if (!kind_usable(kind, env, out))
		return false;
	if (!guest_find(
		env, program, command->program, sizeof(command->program))) {
		figure_fail(out, "no x86-64 Linux program %s here", program);
		out->absent = true;
		return false;
	}
	argc = prefix_add(kind, env, command->argv);
	command->argv[argc++] = command->program;
	while (*args != NULL && argc < COMMAND_ARGS_MAX)
		command->argv[argc++] = *args++;
	return true;
}

bool
command_run(
    const struct command *command, struct spawned *result, struct figure *out)
{
	*result = (struct spawned){ 0 };
	if (!spawn_wait(command->argv, result, out))
		return false;
	if (result->status != 0)
		figure_fail(
		    out, "%s: status %d", command->program, result->status);
	return out->why[0] == '\0';
}
