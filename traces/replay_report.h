/* SPDX-License-Identifier: BSD-2-Clause */
/* A difference for people. */
#ifndef VMS_TRACES_REPLAY_REPORT_H
#define VMS_TRACES_REPLAY_REPORT_H

#include <stdio.h>

#include "traces/replay.h"

/*
 * Prints the difference that replaying path has found after executing event
 * stopped.  Replays the file a second time to print the last instructions
 * before it and who stored to the memory that differs.
 */
void replay_report(FILE *out, const char *path,
    const struct replay_difference *difference, uint64_t stopped);

#endif
