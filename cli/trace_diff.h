/* SPDX-License-Identifier: BSD-2-Clause */
/* Where two traces part: for vmspace trace diff and vmspace bisect. */
#ifndef VMS_CLI_TRACE_DIFF_H
#define VMS_CLI_TRACE_DIFF_H

#include "cli/trace.h"
#include "cli/trace_fields.h"

enum diff_how {
	DIFF_NONE,   /* the events are the same */
	DIFF_FIELD,  /* of two events of one kind */
	DIFF_KIND,   /* the events are of two kinds */
	DIFF_A_ENDS, /* and B goes on */
	DIFF_B_ENDS
};

#define DIFF_TEXT 600

struct diff {
	enum diff_how how;
	uint64_t event, insns; /* where both still agreed */
	uint64_t last_run;     /* number of the last RUN that is the same */
	uint64_t compared;     /* events that are the same */
	char field[32];        /* of DIFF_FIELD */
	char values[2][64];
	char lines[2][DIFF_TEXT]; /* both events; "" where one has ended */
};

/* Reads both from where they are.  CLI_OK, or TRACE_UNUSABLE and why is on
 * stderr. */
int diff_events(struct trace_reader *const readers[2],
    const char *const paths[2], struct diff *diff);

#endif
