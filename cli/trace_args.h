/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of the commands that read traces. */
#ifndef VMS_CLI_TRACE_ARGS_H
#define VMS_CLI_TRACE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define TRACE_WORDS 2

/* One end of a range: the number of an event or of an instruction. */
struct trace_place {
	bool is_event;
	uint64_t number;
};

/* Both ends belong to it. */
struct trace_range {
	struct trace_place from, to;
};

struct trace_args {
	const char *words[TRACE_WORDS]; /* FILE and what else has no option */
	size_t word_count;
	bool json, count;
	uint32_t id;
	const char *out; /* NULL: none was named */
	struct trace_range range;
};

/* What a command takes. */
#define TRACE_OPT_JSON  0x01u
#define TRACE_OPT_RANGE 0x02u
#define TRACE_OPT_COUNT 0x04u
#define TRACE_OPT_ID    0x08u
#define TRACE_OPT_OUT   0x10u

/* Options may stand before and after the words.  command is its name for
 * messages ("trace info"); help is what "vmspace help" is asked for.  0, or
 * CLI_USAGE when a sentence is on stderr. */
struct trace_shape {
	const char *command, *help;
	unsigned options;  /* TRACE_OPT_* */
	const char *words; /* as in the usage: "FILE ADDR[,LEN]" */
	size_t word_count;
};
int trace_args_parse(const struct trace_shape *shape, int argc, char **argv,
    struct trace_args *args);

/* The lines of help for these options. */
void trace_args_help(FILE *out, unsigned options);

#endif
