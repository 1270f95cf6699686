/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One program and its arguments, to be run under `vmspace run`, on bare
 * Unicorn, under QEMU's user mode or natively.
 */
#ifndef VMS_BENCH_COMMAND_H
#define VMS_BENCH_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "bench/bench.h"
#include "bench/spawn.h"

/* How it is run: what a contender has as number. */
enum kind { VMSPACE, BARE, QEMU, NATIVE };

#define COMMAND_ARGS_MAX 20

struct command {
	char program[512];
	char *argv[COMMAND_ARGS_MAX + 1];
};

/* A program of this name, x86-64 and not a script, in PATH. */
bool program_find(const char *name, char *path, size_t size);

/* Fills in command->program, which is one of ours or else one of the
 * system's, and the words before it; the caller's args follow as they are and
 * stay theirs.  false after filling in out->why. */
bool command_init(struct command *command, enum kind kind,
    const struct bench_env *env, const char *program, char *const args[],
    struct figure *out);

/* Runs it; ends with other than 0 are failures. */
bool command_run(
    const struct command *command, struct spawned *result, struct figure *out);

#endif
