/* SPDX-License-Identifier: BSD-2-Clause */
/* The one sentence that a refused program leaves with its caller. */
#ifndef VMS_LOADER_MESSAGE_H
#define VMS_LOADER_MESSAGE_H

#include <stddef.h>

#include "base/format.h"

struct message {
	const char *name; /* of the file; every sentence begins with it */
	char *text;       /* the caller's buffer */
	size_t bytes;     /* of it; a longer sentence is cut */
};

/* Bytes that a terminal could act upon become '?'. */
void message_clean(char *text);

/* Writes "name: " and the formatted sentence; returns error.  The
 * whole is clean. */
int message_fail(const struct message *message, int error, const char *format,
    ...) VMS_PRINTF(3, 4);

#endif
