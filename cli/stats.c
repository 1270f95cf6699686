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
	line_print(out, "processes", result->processes);
	line_print(out, "threads", result->threads);
	line_print(out, "page faults of guests", result->faults);
	line_print(out, "peak guest memory, KiB", result->memory_peak / 1024);
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

/* The row that is to stand before all others that are left; VK_CALLS: none. */
static unsigned
calls_next(const struct vk_call_count *counts, const bool *done, bool times)
{
	unsigned best = VK_CALLS;
	uint64_t most = 0;

	for (unsigned i = 0; i < VK_CALLS; i++) {
		uint64_t weight = times ? counts[i].ns : counts[i].calls;

		if (done[i] || counts[i].calls == 0)
			continue;
		if (best == VK_CALLS || weight > most) {
			best = i;
			most = weight;
		}
	}
	return best;
}

static void
call_print(FILE *out, const struct vk_call_count *count, const char *name,
    uint64_t all_ns)
{
	if (all_ns != 0)
		fprintf(out, "%6.2f %11.6f %11.3f ",
		    100 * (double)count->ns / (double)all_ns,
		    (double)count->ns / 1e9,
		    (double)count->ns / 1e3 / (double)count->calls);
	fprintf(out, "%9" PRIu64, count->calls);
	if (count->errors == 0)
		fprintf(out, " %9s %s\n", "", name);
	else
		fprintf(out, " %9" PRIu64 " %s\n", count->errors, name);
}

static void
rule_print(FILE *out, bool times)
{
	if (times)
		fprintf(out, "------ ----------- ----------- ");
	fprintf(out, "--------- --------- ----------------\n");
}

static struct vk_call_count
calls_total(const struct vk_call_count *counts)
{
	struct vk_call_count total = { .calls = 0 };

	for (unsigned i = 0; i < VK_CALLS; i++) {
		total.calls += counts[i].calls;
		total.errors += counts[i].errors;
		total.ns += counts[i].ns;
	}
	return total;
}

void
stats_print_calls(FILE *out, const struct vk_call_count *counts, bool times)
{
	struct vk_call_count total = calls_total(counts);
	bool done[VK_CALLS] = { false };
	char number[24];
	unsigned nr;

	if (total.calls == 0)
		return;
	if (!times)
		total.ns = 0;
	if (times)
		fprintf(out, "%% time     seconds  usecs/call ");
	fprintf(out, "    calls    errors syscall\n");
	rule_print(out, times);
	while ((nr = calls_next(counts, done, times)) < VK_CALLS) {
		const char *name = vk_call_name(nr);

		(void)snprintf(number, sizeof(number), "syscall_%#x", nr);
		call_print(
		    out, &counts[nr], name == NULL ? number : name, total.ns);
		done[nr] = true;
	}
	rule_print(out, times);
	call_print(out, &total, "total", total.ns);
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
