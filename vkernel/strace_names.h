/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of numbers: constants and flags, as strace(1) prints them. */
#ifndef VMS_VKERNEL_STRACE_NAMES_H
#define VMS_VKERNEL_STRACE_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vkernel/strace_text.h"

struct name_row {
	uint64_t value;
	const char *name;
};

/* The names of one kind of number. */
struct name_table {
	const char *kind; /* "prot" */
	const char *none; /* flags: what 0 is called; NULL: one value */
	const char *what; /* of a number without a name: "PROT_???" */
	const struct name_row *rows;
	size_t count;
};

/* Rows of tables: the kind's rows are KIND_rows. */
#define NAMES_VALUE(kind, what)                                                \
	{                                                                      \
#kind, NULL, what, kind##_rows,                                \
		    sizeof(kind##_rows) / sizeof(kind##_rows[0])               \
	}
#define NAMES_FLAGS(kind, none, what)                                          \
	{                                                                      \
#kind, none, what, kind##_rows,                                \
		    sizeof(kind##_rows) / sizeof(kind##_rows[0])               \
	}

/* Ends with a row of NULL. */
extern const struct name_table strace_net_names[];

/* NULL: no such kind. */
const struct name_table *names_lookup(const char *kind, size_t len);
void names_format(
    struct text *text, const struct name_table *table, uint64_t value);
/* The two in one; kind must exist. */
void text_name(struct text *text, const char *kind, uint64_t value);
/* A value that has a name. */
const char *name_of(const char *kind, uint64_t value);

#endif
