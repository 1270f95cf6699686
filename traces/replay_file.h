/* SPDX-License-Identifier: BSD-2-Clause */
/* Replaying a whole file, and saying what came of it. */
#ifndef VMS_TRACES_REPLAY_FILE_H
#define VMS_TRACES_REPLAY_FILE_H

#include <vmspace/trace.h>

#include "traces/file.h"

struct replay_summary {
	/* Numbers of the first event, not 0 in a ring, and after the last that
	 * was the same. */
	uint64_t first_event, first_insn;
	uint64_t events, insns;
	enum trace_end_how how;       /* how the file ends; when SAME */
	struct trace_problem problem; /* when UNUSABLE */
};

/* Answers VMS_REPLAY_*.  A difference is explained on options->report. */
int replay_file(const char *path, const struct vms_replay_options *options,
    struct replay_summary *summary);

#endif
