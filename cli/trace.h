/* SPDX-License-Identifier: BSD-2-Clause */
/* What the commands share that read a trace: vmspace trace, bisect, golden
 * and pack. */
#ifndef VMS_CLI_TRACE_H
#define VMS_CLI_TRACE_H

#include "cli/trace_args.h"
#include "traces/replay.h"

/* Their exit statuses besides CLI_OK, CLI_USAGE and CLI_FAILED. */
#define TRACE_DIFFERENT 1
#define TRACE_UNUSABLE  2

/* The commands of vmspace trace: the exit status. */
int trace_info(const struct trace_args *args);
int trace_events(const struct trace_args *args);
int trace_pages(const struct trace_args *args);
int trace_calls(const struct trace_args *args);
int trace_insns(const struct trace_args *args);
int trace_blocks(const struct trace_args *args);
int trace_mem(const struct trace_args *args);
int trace_diff(const struct trace_args *args);

/* Opens path; else says why not and returns TRACE_UNUSABLE. */
int trace_open(const char *path, struct trace_reader **out);

/* The next event.  0; ENOENT: the end; else EBADMSG, and why is on stderr. */
int trace_read(
    struct trace_reader *reader, const char *path, struct trace_event *event);

/* What does trace_read() end with: CLI_OK or TRACE_UNUSABLE. */
int trace_read_status(int error);

/* Of a range in which there was nothing to print: says on stderr what path
 * holds.  CLI_OK. */
int trace_say_nothing(const char *path);

/* Does event, as far as one end is concerned, belong to the range?  An event
 * belongs to the instructions that retired during it, or, when none did, to
 * the next one. */
bool range_reached(
    const struct trace_range *range, const struct trace_event *event);
bool range_passed(
    const struct trace_range *range, const struct trace_event *event);

/* "call", "run" ... */
const char *trace_kind_name(enum trace_kind number);

#endif
