/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames, register for register. */
#ifndef VMS_TRACES_REPLAY_FRAME_H
#define VMS_TRACES_REPLAY_FRAME_H

#include "traces/replay.h"

/* all: also what the trap says, xflags, addr and err.  The difference names
 * the first register, its text the others. */
enum replay_result replay_frame_compare(struct replay *replay,
    const struct trapframe *recorded, const struct trapframe *replayed,
    bool all);

#endif
