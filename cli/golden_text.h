/* SPDX-License-Identifier: BSD-2-Clause */
/* A trace as the text that NAME.golden has, and how two such texts differ. */
#ifndef VMS_CLI_GOLDEN_TEXT_H
#define VMS_CLI_GOLDEN_TEXT_H

#include <stddef.h>

struct golden_row;

/* Writes the text of the trace at path.  status is the exit status with which
 * the program ended.  CLI_OK and *text, to be freed; else TRACE_UNUSABLE or
 * CLI_FAILED, and a sentence is on stderr. */
int golden_text_make(
    const char *path, const struct golden_row *row, int status, char **text);

/* The text of a file, to be freed.  CLI_OK, or as golden_text_make(). */
int golden_text_read(const char *path, char **text);

/* CLI_OK: they are the same.  TRACE_DIFFERENT: the first line that differs is
 * on stdout, with those before it. */
int golden_text_compare(const char *name, const char *golden, const char *now);

#endif
