/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a program and waits for it. */
#ifndef VMS_BENCH_SPAWN_H
#define VMS_BENCH_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct figure;

struct spawned {
	double ns;         /* from the start to the end */
	int status;        /* exit status, or 128 + signal */
	char output[4096]; /* the beginning of its standard output */
	uint64_t digest;   /* of all of it */
};

/* argv[0] is looked for in PATH.  Its standard input and standard error are
 * the null device.  false after filling in out->why. */
bool spawn_wait(char *const argv[], struct spawned *result, struct figure *out);

/* One that is looked at while it runs: its standard input is a pipe that
 * nothing is written to, output the other end of its standard output. */
struct running {
	pid_t pid;
	int input;
	int output;
};

/* Starts it in a process group of its own. */
bool spawn_start(
    char *const argv[], struct running *running, struct figure *out);
/* Closes the pipes and waits: its status, as in struct spawned. */
int spawn_end(struct running *running);
/* Ends all of its process group first. */
void spawn_kill(struct running *running);

#endif
