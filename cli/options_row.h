/* SPDX-License-Identifier: BSD-2-Clause */
/* Options as rows of a table: what each is called and what it sets. */
#ifndef VMS_CLI_OPTIONS_ROW_H
#define VMS_CLI_OPTIONS_ROW_H

#include <stddef.h>

#include "cli/options.h"

enum option_kind {
	OPTION_FLAG,      /* a bool becomes true */
	OPTION_TEXT,      /* const char * */
	OPTION_COUNT,     /* uint64_t above 0 */
	OPTION_SIZE,      /* uint64_t of bytes, above 0 */
	OPTION_SET,       /* set(), without a value */
	OPTION_SET_VALUE, /* with one */
	OPTION_SET_MAYBE,
};

struct option_row {
	const char *name;  /* NULL: the end of the table */
	const char *shape; /* of the value, for help */
	const char *help;
	enum option_kind kind;
	size_t field; /* of struct run_options */
	/* value is NULL when there is none; 0 or the exit status. */
	int (*set)(struct run_options *options, const char *value);
	char letter; /* 0, or the short form */
};

#define OPTION_FIELD(name) .field = offsetof(struct run_options, name)

/* options_run.c: of both; options_record.c: of record alone. */
extern const struct option_row run_rows[];
extern const struct option_row record_rows[];

#endif
