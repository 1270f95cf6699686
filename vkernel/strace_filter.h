/* SPDX-License-Identifier: BSD-2-Clause */
/* Which calls --strace shows: the SET of strace -e trace=SET. */
#ifndef VMS_VKERNEL_STRACE_FILTER_H
#define VMS_VKERNEL_STRACE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define STRACE_FILTER_CALLS 512

struct strace_filter {
	bool calls[STRACE_FILTER_CALLS];
	bool others; /* numbers beyond */
};

/*
 * set: names and %classes with commas between, "all" or "none", "!" before all
 * of it to negate; "?name" may be unknown.  False: unknown, with the length
 * of the part that is at *bad.
 */
bool strace_filter_parse(const char *set, struct strace_filter *filter,
    const char **bad, size_t *bad_len);
/* NULL shows all. */
bool strace_wants(const struct strace_filter *filter, uint64_t nr);

#endif
