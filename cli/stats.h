/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that vmspace run --stats prints. */
#ifndef VMS_CLI_STATS_H
#define VMS_CLI_STATS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct vms_stats;
struct vk_result;
struct vms_record_result;

struct vk_call_count;

void stats_print(FILE *out, const struct vms_stats *stats,
    const struct vk_result *result, uint64_t wall_ns);

/* A line for each system call that was made, as strace -c: sorted by time, or,
 * without times, by number of calls.  counts: VK_CALLS of them. */
void stats_print_calls(
    FILE *out, const struct vk_call_count *counts, bool times);

/* The lines that vmspace record --stats adds. */
void stats_print_record(FILE *out, const struct vms_record_result *result);

#endif
