/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers on the command line. */
#ifndef VMS_CLI_NUMBER_H
#define VMS_CLI_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Decimal, or hexadecimal with 0x; nothing before or after.  False, and
 * *number untouched, when text is none or does not fit. */
bool number_parse(const char *text, uint64_t *number);

/* A decimal number of bytes that K, M or G may follow (powers of 1024). */
bool size_parse(const char *text, uint64_t *bytes);

/* "10" or "0.25" seconds, below 10^9, as nanoseconds. */
bool seconds_parse(const char *text, uint64_t *ns);

#endif
