/* SPDX-License-Identifier: BSD-2-Clause */
/* The table that vmspace run --stats prints. */
#ifndef VMS_CLI_STATS_H
#define VMS_CLI_STATS_H

#include <stdint.h>
#include <stdio.h>

struct vms_stats;
struct vk_result;
struct vms_record_result;

void stats_print(FILE *out, const struct vms_stats *stats,
    const struct vk_result *result, uint64_t wall_ns);

/* The lines that vmspace record --stats adds. */
void stats_print_record(FILE *out, const struct vms_record_result *result);

#endif
