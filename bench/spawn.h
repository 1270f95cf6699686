/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a program and waits for it. */
#ifndef VMS_BENCH_SPAWN_H
#define VMS_BENCH_SPAWN_H

#include <stdbool.h>
#include <stdint.h>

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

#endif
