/* SPDX-License-Identifier: BSD-2-Clause */
/* vmspace replay --against: a virtual kernel is tested with a trace. */
#ifndef VMS_CLI_AGAINST_H
#define VMS_CLI_AGAINST_H

#include <stdio.h>

struct against {
	const char
	    *program;      /* and its arguments, as words that may be quoted */
	const char *rules; /* NULL: none */
	const char *trace;
};

/* Runs the program, whose guests are played, and prints what differs; the exit
 * status: 0 same, 1 different, 2 unusable. */
int against_run(const struct against *against);

void against_help(FILE *out);

#endif
