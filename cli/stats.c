/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts are decimal with their unit in the name, one a line: easy to read
 * and to cut apart. */
#include "cli/stats.h"

#include <inttypes.h>

#include <vmspace/trace.h>
#include <vmspace/vmspace.h>

#include "cli/trap_name.h"
#include "vkernel/vkernel.h"

static void
line_print(FILE *out, const char *name, uint64_t count)
{
	fprintf(out, "  %-34s %16" PRIu64 "\n", name, count);
}

static void
trap_print(FILE *out, unsigned trapno, uint64_t count)
{
	char line[48];
	const char *name = trap_name(trapno);

	(void)snprintf(line, sizeof(line), "trap 0x%02x, %s", trapno,
	    name == NULL ? "other" : name);
	line_print(out, line, count);
}

static void
ratio_print(FILE *out, const char *name, uint64_t ns, uint64_t count)
{
	if (count != 0)
		fprintf(
		    out, "  %-34s %16.1f\n", name, (double)ns / (double)count);
}

void
stats_print(FILE *out, const struct vms_stats *stats,
    const struct vk_result *result, uint64_t wall_ns)
{
	fprintf(out, "vmspace: statistics\n");
	line_print(out, "instructions", result->insns);
	line_print(out, "system calls", result->syscalls);
	line_print(out, "runs", stats->runs);
	for (unsigned i = 0; i < 256; i++)
		if (stats->traps[i] != 0)
			trap_print(out, i, stats->traps[i]);
	line_print(out, "page faults resolved", stats->faults_resolved);
	line_print(out, "page faults reflected", stats->faults_reflected);
	line_print(out, "translation repairs", stats->repairs);
	line_print(out, "code flips", stats->code_flips);
	line_print(out, "code drops", stats->code_drops);
	fprintf(
	    out, "  %-34s %16.3f\n", "wall time, ms", (double)wall_ns / 1e6);
	ratio_print(out, "ns per instruction", wall_ns, result->insns);
	ratio_print(out, "ns per run", wall_ns, stats->runs);
}

void
stats_print_record(FILE *out, const struct vms_record_result *result)
{
	fprintf(out, "vmspace: recording\n");
	line_print(out, "bytes of the file", result->bytes);
	line_print(out, "events", result->events);
	line_print(out, "instructions recorded", result->insns);
	fprintf(out, "  digest %016" PRIx64 "%016" PRIx64 "\n",
	    result->stream_digest[0], result->stream_digest[1]);
	if (result->capped)
		fprintf(out, "  ended at the size of --max-size\n");
}
