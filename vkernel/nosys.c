/* SPDX-License-Identifier: BSD-2-Clause */
/* By number; tests/personality.sh finds rows of calls that are provided. */
#include "vkernel/nosys.h"

#include <stddef.h>

struct nosys_row {
	uint16_t first, last;
	bool quiet;
	const char *reason;
};

static const struct nosys_row rows[] = {
	{ 134, 134, false, "removed from Linux" },
	{ 136, 136, false, "obsolete" },
	{ 139, 139, false, "obsolete" },
	{ 154, 154, false, "guests have no segments of their own" },
	{ 156, 156, false, "removed from Linux" },
	{ 159, 159, false, "the clock is not the guests' to set" },
	{ 174, 174, false, "removed from Linux" },
	{ 177, 178, false, "removed from Linux" },
	{ 180, 185, false, "never part of Linux" },
	{ 205, 205, false, "for 32-bit programs" },
	{ 211, 211, false, "for 32-bit programs" },
	{ 206, 210, false, "asynchronous I/O" },
	{ 212, 212, false, "removed from Linux" },
	{ 214, 215, false, "never part of Linux" },
	{ 216, 216, false, "deprecated: mmap does it" },
	{ 236, 236, false, "never part of Linux" },
	{ 237, 239, true, "there is one memory node" },
	{ 246, 246, false, "guests have no kernel to replace" },
	{ 248, 250, false, "kernel keyrings" },
	{ 253, 255, true, "the host's file events are not passed on" },
	{ 256, 256, true, "there is one memory node" },
	{ 279, 279, true, "there is one memory node" },
	{ 294, 294, true, "the host's file events are not passed on" },
	{ 298, 298, true, "guests have no performance counters" },
	{ 300, 301, false, "the host's file events are not passed on" },
	{ 303, 304, false, "file handles" },
	{ 305, 305, false, "the clock is not the guests' to set" },
	{ 308, 308, false, "namespaces" },
	{ 313, 313, false, "guests have no kernel modules" },
	{ 317, 317, true, "guests cannot filter system calls" },
	{ 320, 320, false, "guests have no kernel to replace" },
	{ 321, 321, true, "guests have no BPF" },
	{ 323, 323, true, "page faults are not handed to guests" },
	{ 333, 333, false, "asynchronous I/O" },
	{ 335, 335, false, "guests have no probes" },
	{ 425, 427, true, "io_uring" },
	{ 428, 433, false, "guests cannot mount" },
	{ 440, 440, true, "memory of other processes" },
	{ 442, 442, false, "guests cannot mount" },
	{ 443, 443, false, "quotas" },
	{ 444, 446, true, "guests cannot restrict themselves" },
	{ 447, 447, true, "optional in Linux" },
	{ 448, 448, false, "memory of other processes" },
	{ 449, 449, true, "callers use futex" },
	{ 450, 450, true, "there is one memory node" },
	{ 451, 451, true, "newer than the Linux that guests see" },
	{ 453, 453, true, "the processor has no shadow stacks" },
	{ 454, 462, true, "newer than the Linux that guests see" },
};

static const struct nosys_row *
row_lookup(uint64_t nr)
{
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].first <= nr && nr <= rows[i].last)
			return &rows[i];
	return NULL;
}

const char *
nosys_reason(uint64_t nr)
{
	const struct nosys_row *row;

	row = row_lookup(nr);
	return row == NULL ? NULL : row->reason;
}

bool
nosys_is_quiet(uint64_t nr)
{
	const struct nosys_row *row;

	row = row_lookup(nr);
	return row != NULL && row->quiet;
}
